"""Ceilings that noise puts on the score of any predictor."""

from __future__ import annotations

import math


def sine_variance(low: float, high: float) -> float:
    """The variance of sin(x) for x uniform on [low, high]: E sin² − (E sin)², both integrals elementary."""
    length = high - low
    mean = (math.cos(low) - math.cos(high)) / length
    mean_square = 0.5 - (math.sin(2 * high) - math.sin(2 * low)) / (4 * length)
    return mean_square - mean**2


def score_ceiling(signal_variance: float, noise: float) -> float:
    """The greatest R² that a predictor can have on y = f(x) + e, where Var f(x) = signal_variance and Var e = noise.

    R² = 1 − E (y − g(x))² / Var y, and E (y − g(x))² = noise + E (f(x) − g(x))² is at least `noise` for every g.
    """
    return 1 - noise / (signal_variance + noise)
