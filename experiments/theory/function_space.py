r"""Random ReLU networks as functions: their spectrum on the circle, and how well they approach a step.

The networks are $f(x)=n^{-1/2}\sum_i v_i\,\mathrm{relu}(w_i\cdot x)$ with all weights independent N(0, 1) and x on the
unit circle. Their covariance is the same at every width, the arc-cosine kernel
$K(t)=(\sin t+(\pi-t)\cos t)/2\pi$ of the angle t (Y. Cho and L. Saul, Kernel methods for deep learning, 2009)."""

from __future__ import annotations

import math


def circle_eigenvalue(mode: int) -> float:
    r"""The k-th eigenvalue of K on the circle, (1/2 pi) \int K(t) cos(kt) dt; two functions share it for k >= 1.

    2/pi² at k = 0, 1/8 at k = 1, 2/(pi² (k² − 1)²) at even k, 0 at odd k >= 3. Derivation: K(t) is the mean over a
    normal w of relu(w·x) relu(w·y); relu(cos) has the complex Fourier coefficients 1/pi, 1/4,
    (−1)^{k/2+1}/(pi (k² − 1)) and 0, and E |w|² = 2 times their squares are the eigenvalues (cf. F. Bach, Breaking the
    curse of dimensionality with convex neural networks, 2017).
    """
    if mode == 1:
        return 1 / 8
    if mode % 2:
        return 0.0
    return 2 / (math.pi * (mode**2 - 1)) ** 2


def mode_share(mode: int) -> float:
    """The share of the variance in mode k, both its functions together; all shares add up to 1, as K(0) = 1/2."""
    return (1 if mode == 0 else 2) * circle_eigenvalue(mode) / 0.5


def ramp_error(steepness: float) -> float:
    """The L2 distance from k (relu(x) − relu(x − 1/k)) to the unit step: the square root of the integral of (1 − kx)²
    over [0, 1/k], 1/sqrt(3k)."""
    return 1 / math.sqrt(3 * steepness)


def step_floor(height: float, lipschitz: float) -> float:
    r"""The least L2 distance of any function with this Lipschitz constant L to a step of height h: sqrt(h³/(12 L)).

    At a distance x on one side or the other of the step the function is at least h/2 − Lx off, after a shift that makes
    both sides equal; 2 \int_0^{h/2L} (h/2 − Lx)² dx = h³/(12 L).
    """
    return math.sqrt(height**3 / (12 * lipschitz))
