"""A gradient against three differences of the loss, each with its own known order of error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

STEPS = np.logspace(-1, -4, 7)
"""Steps from 0.1 to 0.0001. Below about 1e-5 the rounding of the loss, of order 2⁻⁵³/step, takes over and the error of
the central difference grows again, so that no order of convergence can be read off there."""

COMPLEX_STEP = 1e-30


class GradientErrors(NamedTuple):
    """Relative errors |difference − gradient| / |gradient| in the Euclidean norm: `forward` and `central` one for each
    of STEPS, `complex_step` a single number."""

    forward: Floats
    central: Floats
    complex_step: float


def gradient_errors(loss: Callable[[NDArray[Any]], NDArray[Any]], theta: Floats, gradient: Floats) -> GradientErrors:
    """Compare `gradient` (p,) at θ (p,) with differences of `loss`, which maps (..., p), real or complex, to (...).

    By Taylor's theorem the forward difference errs by O(step) and the central one by O(step²); the complex step
    Im loss(θ + i·step·e_k)/step errs by O(step²) and subtracts nothing, so at step 1e-30 rounding alone remains
    (Squire and Trapp, Using complex variables to estimate derivatives of real functions, 1998).
    """
    size = np.linalg.norm(gradient)
    unit = np.eye(theta.size)
    here = loss(theta)
    moved = STEPS[:, np.newaxis, np.newaxis] * unit
    above, below = loss(theta + moved), loss(theta - moved)
    width = STEPS[:, np.newaxis]
    forward = np.linalg.norm((above - here) / width - gradient, axis=1) / size
    central = np.linalg.norm((above - below) / (2 * width) - gradient, axis=1) / size
    imaginary = loss(theta + 1j * COMPLEX_STEP * unit).imag / COMPLEX_STEP
    return GradientErrors(forward, central, float(np.linalg.norm(imaginary - gradient) / size))


def order_of(errors: Floats) -> float:
    """The least-squares slope of log(error) against log(step) over STEPS."""
    return float(np.polyfit(np.log(STEPS), np.log(errors), 1)[0])
