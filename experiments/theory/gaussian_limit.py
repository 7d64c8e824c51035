"""The output of a random network of finite width, and how far its law is from a Gaussian.

Throughout: one fixed input, no biases, independent N(0, 1) preactivations in the first layer, weights scaled so that
the output has variance 1. The output is sqrt(q) g, where q, the *scale*, is a random function of the hidden layers with
mean 1, and g is N(0, 1) and independent of q if the readout is Gaussian: a Gaussian scale mixture.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

HOMOGENEOUS = ("relu", "linear")
"""Activations that only stretch with their input: the scale is then a product over the layers."""


@dataclass(frozen=True)
class Distances:
    """Kolmogorov-Smirnov (sup of the difference of the distribution functions) and Wasserstein-1 (its integral)."""

    ks: float
    w1: float


def gaussian_mean(function: Callable[[Array], Array]) -> float:
    """E function(g), g ~ N(0, 1), for a function that is analytic near the real line.

    The trapezoidal rule, whose error is of order exp(-2 pi d / step) for a function analytic within d of the line
    (Trefethen and Weideman, The exponentially convergent trapezoidal rule, 2014): below 1e-100 for tanh, d = pi/2.
    """
    step = 0.01
    x = np.arange(-12, 12 + step / 2, step)
    return float(np.sum(function(x) * np.exp(-(x**2) / 2)) * step / math.sqrt(2 * math.pi))


@functools.cache
def moments(activation: str) -> tuple[float, float]:
    """(E phi(g)^2, E phi(g)^4) for g ~ N(0, 1) and phi one of relu, linear, tanh, sigmoid."""
    match activation:
        case "relu":
            return 1 / 2, 3 / 2
        case "linear":
            return 1.0, 3.0
        case "tanh":
            return gaussian_mean(lambda x: np.tanh(x) ** 2), gaussian_mean(lambda x: np.tanh(x) ** 4)
        case "sigmoid":
            return gaussian_mean(lambda x: (1 + np.exp(-x)) ** -2.0), gaussian_mean(lambda x: (1 + np.exp(-x)) ** -4.0)
    raise ValueError(f"no activation called {activation!r}: relu, linear, tanh or sigmoid")


def excess_kurtosis(width: int, layers: int = 1, activation: str = "relu", readout: str = "gaussian") -> float:
    r"""Excess kurtosis of the output, E y^4 / (E y^2)^2 - 3, exact at every width.

    With r = E phi^4 / (E phi^2)^2 and n the width:

        Gaussian readout     3 (1 + (r - 1)/n)^L - 3
        Rademacher readout   3 (1 + (r - 1)/n)^L - 2 (r/n) (1 + (r - 1)/n)^(L-1) - 3

    Derivation. Given the layer below, of scale q, a positively homogeneous phi makes the next scale
    q' = q (1/n) sum_i phi(g_i)^2 / E phi^2, so E q'^2 = E q^2 (1 + (r - 1)/n), and E q_L^2 is the L-th power. Given the
    last layer h, a Gaussian readout has E y^4 = 3 q^2, signs have E y^4 = 3 q^2 - 2 sum_i h_i^4, and
    E sum_i h_i^4 = E q_{L-1}^2 r/n. For ReLU r = 6: 15/n and 3/n at L = 1; a linear layer has r = 3: 6/n and 0.
    Other activations are not homogeneous: L = 1 only. Leading order in 1/n: Yaida, Non-Gaussian processes and neural
    networks at finite widths, 2020; products of layers: Hanin and Nica, Products of many large random matrices and
    gradients in deep neural networks, 2019.
    """
    if layers > 1 and activation not in HOMOGENEOUS:
        raise ValueError(f"the kurtosis of {activation} is known for one hidden layer only, not {layers}")
    second, fourth = moments(activation)
    ratio = fourth / second**2
    growth = 1 + (ratio - 1) / width
    gaussian = 3 * growth**layers - 3
    if readout == "gaussian":
        return gaussian
    if readout == "rademacher":
        return gaussian - 2 * ratio / width * growth ** (layers - 1)
    raise ValueError(f"no readout called {readout!r}: gaussian or rademacher")


def dead_share(width: int, layers: int = 1) -> float:
    """Probability that some hidden layer of a bias-free ReLU network is off at the input, 1 - (1 - 2^-n)^L.

    The preactivations of a layer whose input is not 0 are independent and symmetric.
    """
    return float(1 - (1 - 2.0**-width) ** layers)


def scale_rmse(width: int, layers: int = 1, activation: str = "relu") -> float:
    """Root mean squared error of the scale q about its mean 1: sqrt(excess kurtosis / 3) with a Gaussian readout.

    sqrt(2/n) for a linear layer, sqrt(5/n) for one ReLU layer.
    """
    return math.sqrt(excess_kurtosis(width, layers, activation) / 3)


def variance_rmse(width: int, outputs: int, layers: int = 1, activation: str = "relu") -> float:
    """Root mean squared error about 1 of the sample variance of M outputs that share their hidden layers.

    Given q the sample variance is q chi2_{M-1} / (M - 1), so the error is E (q - 1)^2 + E q^2 2/(M - 1); for a linear
    layer 2/n + 2/(M - 1) (1 + 2/n).
    """
    spread = scale_rmse(width, layers, activation) ** 2
    return math.sqrt(spread + (1 + spread) * 2 / (outputs - 1))


def normal_sample_kurtosis(outputs: int) -> float:
    """Expectation of the excess kurtosis m4/m2^2 - 3 of a sample of M normal values: -6/(M + 1) (Fisher, The moments of
    the distribution for normal samples of measures of departure from normality, 1930)."""
    return -6 / (outputs + 1)


def density(x: Array) -> Array:
    """Density of N(0, 1)."""
    return np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)


def mixture_gap(q: Array, x: Array) -> Array:
    """F(x) - Phi(x) at x >= 0, from the right, for the mixture of N(0, q) over the networks; a dead one (q = 0) is an
    atom at 0."""
    from scipy.special import ndtr

    precision = 1 / np.sqrt(q[q > 0])
    dead = np.count_nonzero(q == 0)
    return np.array([(ndtr(point * precision).sum() + dead) / len(q) for point in x]) - np.asarray(ndtr(x))


def mixture_density(q: Array, x: Array) -> Array:
    """Density of the mixture of N(0, q) over the networks that are not dead; x symmetric about 0."""
    precision = 1 / np.sqrt(q[q > 0])
    right = [float((density(point * precision) * precision).sum()) / len(q) for point in x[len(x) // 2 :]]
    return np.array(right[:0:-1] + right)


def edgeworth_gap(x: Array, kurtosis: float) -> Array:
    """F(x) - Phi(x) to first order in the excess kurtosis of a symmetric law of variance 1.

    -(kurtosis/24) He3(x) phi(x), He3(x) = x^3 - 3x (Edgeworth, The law of error, 1905): without a third cumulant there
    is no term of order 1/sqrt(n).
    """
    return -kurtosis / 24 * (x**3 - 3 * x) * density(x)


def edgeworth_distances(kurtosis: float) -> Distances:
    """Distances to N(0, 1) to first order in the excess kurtosis: 0.34412/n and 0.94376/n where the kurtosis is 15/n.

    The derivative of He3 phi is -He4 phi, so the maximum of |He3| phi is at x^2 = 3 - sqrt(6); the integral of He3 phi
    is -He2 phi, so that of |He3| phi over the line is 2 (phi(0) + 4 phi(sqrt 3)).
    """
    top = np.array([math.sqrt(3 - math.sqrt(6))])
    phi = density(np.array([0.0, math.sqrt(3)]))
    return Distances(float(edgeworth_gap(top, kurtosis)[0]), float(kurtosis / 24 * 2 * (phi[0] + 4 * phi[1])))


def relu_gap(x: Array, width: int) -> Array:
    r"""F(x) - Phi(x) at x >= 0 (from the right) for one ReLU layer and a Gaussian readout; (k,) to (k,).

    The output's characteristic function is E exp(-t^2 q/2) = (1/2 + (1 + 2 t^2/n)^(-1/2)/2)^n, as each neuron is dead
    or half a chi-square. All are dead with probability 2^-n, an atom at 0, which is taken out; the rest is inverted by
    F(x) - Phi(x) = (1/pi) int_0^inf sin(tx)/t (difference of the characteristic functions) dt (Gil-Pelaez, Note on the
    inversion theorem, 1951) with the trapezoidal rule. Error below 3e-5 at n = 8 and 3e-7 at n = 16.
    """
    step, end = 0.1, 100.0
    t = np.arange(step, end, step)
    atom = 2.0**-width
    difference = (0.5 + 0.5 / np.sqrt(1 + 2 * t**2 / width)) ** width - atom - np.exp(-(t**2) / 2)
    at_zero = -atom * x  # the limit of sin(tx)/t times the difference as t goes to 0, weighed by half a step
    return (step / math.pi) * (np.sin(np.outer(x, t)) @ (difference / t) + at_zero / 2) + atom / 2


def distances(x: Array, gap: Array) -> Distances:
    """Distances of a symmetric law to N(0, 1) from F - Phi on an even grid from 0 into the tail; (k,), (k,).

    KS by the parabola through the greatest value and its neighbours, W1 by the trapezoidal rule: relative errors at
    most 2e-4 and 3e-3 at a step of 0.1 up to 8, for one ReLU layer of 8 neurons or more.
    """
    height = np.abs(gap)
    top = int(np.clip(np.argmax(height), 1, len(x) - 2))
    left, middle, right = height[top - 1 : top + 2]
    bend = left - 2 * middle + right
    ks = middle - (right - left) ** 2 / (8 * bend) if bend < 0 else height.max()
    return Distances(float(max(ks, height.max())), float(2 * np.trapezoid(height, x)))


@functools.cache
def relu_distances(width: int) -> Distances:
    """Distances of the output of one ReLU layer with a Gaussian readout to N(0, 1), within 1e-3 of
    themselves."""
    x = np.linspace(0, 10, 201)
    return distances(x, relu_gap(x, width))
