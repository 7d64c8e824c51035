r"""How large a signal is, layer by layer, in a random ReLU network.

Layers of n neurons, weights independent N(0, s/n) ("variance s/n"), h_l = relu(z_l), z_{l+1} = W h_l + b. Two measures:
q_l is the mean of z_l² over the neurons, and |h_l|² the squared length of the activations. Given layer l,
z_{l+1} has independent N(0, (s/n) |h_l|² + variance of b) entries.
"""

from __future__ import annotations

import functools
import math


def weight_factor(init: str, width: int) -> float:
    """s, n times the variance of a weight: `normal` (variance 1, the guide's) n; `he` 2; `glorot` and `lecun` 1.

    He, Zhang, Ren and Sun, Delving deep into rectifiers, 2015; Glorot and Bengio, Understanding the difficulty of
    training deep feedforward neural networks, 2010, 2/(fan in + fan out); LeCun, Bottou, Orr and Müller, Efficient
    BackProp, 1998, 1/fan in.
    """
    factors = {"normal": float(width), "he": 2.0, "glorot": 1.0, "lecun": 1.0}
    if init not in factors:
        raise ValueError(f"no initialisation called {init!r}: {', '.join(factors)}")
    return factors[init]


def growth(init: str, width: int) -> float:
    """E (q_{l+1} − v)/q_l = s/2, v the variance of the biases: relu keeps each sign of z_l with probability 1/2, so
    that E |h_l|² given the sizes |z_l,i| is n q_l/2 (He, Zhang, Ren and Sun, 2015)."""
    return weight_factor(init, width) / 2


def mean_square(init: str, width: int, layer: int, bias: float, signal: float) -> float:
    """E q_l at layer l = 1, 2, … for inputs of mean square `signal`, as many as neurons, and biases of variance
    `bias`: q_1 = s signal + bias, then E q_{l+1} = (s/2) E q_l + bias."""
    q = weight_factor(init, width) * signal + bias
    for _ in range(layer - 1):
        q = growth(init, width) * q + bias
    return q


def step_variance(width: int) -> float:
    """Var M = 5/n for the factor M = |h_{l+1}|²/|h_l|² of a He layer without biases; E M = 1, E M² = 1 + 5/n.

    M = (2/n) sum_i relu(g_i)² with n independent N(0, 1), whatever the layers below, so that the factors of a network
    are independent. E relu(g)² = 1/2 and E relu(g)⁴ = 3/2: Var M = (4/n) (3/2 − 1/4). n is the width of the layer
    above, the one that is drawn.
    """
    return 5 / width


def second_moment(width: int, layers: int) -> float:
    """E (|h_L|²/|h_0|²)² = (1 + 5/n)^L: a product of independent factors. Compare B. Hanin and D. Rolnick, How to start
    training, 2018, where exp(5 L/n) governs the fluctuations."""
    return float((1 + step_variance(width)) ** layers)


@functools.cache
def log_growth(width: int) -> float:
    """E log M given M > 0: sum over k >= 1 of P(k neurons are active | some are) (psi(k/2) + log(4/n)).

    With k active neurons M is (2/n) times a chi-square variable with k degrees of freedom, whose logarithm has the mean
    psi(k/2) + log 2. Times n it is −3.19, −2.82, −2.64, −2.57 at n = 8, 16, 32, 64 and −5/2 in the limit.
    """
    from scipy.special import digamma

    active: float = sum(math.comb(width, k) / 2**width * float(digamma(k / 2)) for k in range(1, width + 1))
    return active / (1 - 2.0**-width) + math.log(4 / width)


def log_typical_square(width: int, layer: int) -> float:
    """E log q_l of a He network that is alive, with inputs of mean square 1: q_l = 2 M_1 … M_{l-1} times a chi-square
    variable with n degrees of freedom over n."""
    from scipy.special import digamma

    return (layer - 1) * log_growth(width) + math.log(4 / width) + float(digamma(width / 2))


def dead_step(width: int) -> float:
    """The probability 2^−n that no neuron of a layer is active, so that the signal ends there."""
    return float(2.0**-width)
