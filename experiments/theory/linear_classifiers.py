r"""How robust a linear classifier is, in closed form: sign(w·x + b) on points around two centres."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def robust_accuracy(margin: float, dual_norm: float, length: float, epsilon: float) -> float:
    """The share of points x = y·mu + N(0, I), y = ±1 with equal chances, that sign(w·x) classifies right and keeps so
    under every change of norm at most epsilon: Phi((w·mu − epsilon·|w|_dual)/|w|_2).

    `margin` is w·mu, `dual_norm` the dual of the norm of the change (|w|_1 for Linf, |w|_2 for L2), `length` |w|_2.
    Derivation: y w·x is normal with mean w·mu and variance |w|_2², and the worst change lowers it by
    epsilon·|w|_dual (Hölder's inequality, which is attained).
    """
    from scipy.special import ndtr

    return float(ndtr((margin - epsilon * dual_norm) / length))


def mean_radius_ratio(dimension: int) -> float:
    r"""E |w|_2/|w|_1 for w ~ N(0, I): the Linf distance to a random hyperplane over the L2 distance; exact.

    The direction of w and its length are independent, so the mean is E (1/|w|_1) / E (1/|w|_2). For the first,
    1/s = \int_0^\infty e^{-ts} dt and E e^{-t|g|} = e^{t²/2} erfc(t/\sqrt 2) = erfcx(t/\sqrt 2); the second is
    \Gamma((d-1)/2)/(\sqrt 2\,\Gamma(d/2)). Derived here; d of at least 2, as 1/|g| has no mean.
    """
    from scipy.integrate import quad
    from scipy.special import erfcx, gammaln

    if dimension < 2:
        raise ValueError(f"the ratio is 1 in one dimension; this formula needs two or more, not {dimension}")
    # With t = u/d the integrand falls like exp(-u sqrt(2/pi)) where d is large, like u^-d where it is small.
    scaled, _ = quad(lambda u: float(erfcx(u / dimension / math.sqrt(2))) ** dimension, 0, np.inf, epsrel=1e-10)
    inverse_length = math.exp(gammaln((dimension - 1) / 2) - gammaln(dimension / 2)) / math.sqrt(2)
    return scaled / dimension / inverse_length
