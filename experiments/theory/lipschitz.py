r"""Reconstruction of an M-Lipschitz function from its values at n points, in any metric space.

Every M-Lipschitz function through the data lies between $f_{low}(x) = \max_i (y_i - M|x - x_i|)$ and
$f_{up}(x) = \min_i (y_i + M|x - x_i|)$, which are such functions themselves (E. J. McShane, "Extension of range of
functions", 1934). So no reconstruction has a smaller worst-case error than the *radius* sup (f_up − f_low)/2, and the
middle (f_up + f_low)/2 attains it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Envelope:
    """The lowest and highest value (m,) that an M-Lipschitz function through the data can have at m points."""

    low: Floats
    high: Floats

    @property
    def middle(self) -> Floats:
        return (self.low + self.high) / 2

    @property
    def uncertainty(self) -> Floats:
        """(f_up − f_low)/2 at each point: the best worst-case error there."""
        return (self.high - self.low) / 2


def envelope(points: Floats, values: Floats, constant: float, x: Floats) -> Envelope:
    """f_low and f_up at x (m, d), for data points (n, d) with values (n,) and M = constant, in the Euclidean norm."""
    reach = constant * np.linalg.norm(x[:, np.newaxis, :] - points, axis=2)
    return Envelope(low=(values - reach).max(axis=1), high=(values + reach).min(axis=1))


def radius_on_interval(points: Floats, values: Floats, constant: float) -> float:
    """sup over [0, 1] of (f_up − f_low)/2, exactly: (M·gap − |difference of values|)/2 between neighbours, M times the
    distance to the nearest point at the ends. `points` (n,) increasing in [0, 1]."""
    inner = (constant * np.diff(points) - np.abs(np.diff(values))) / 2
    ends = constant * np.array([points[0], 1 - points[-1]])
    return float(max(inner.max(initial=0.0), ends.max()))


def equispaced_radius(n: int, constant: float) -> float:
    """M/(2(n − 1)) for n equispaced points of [0, 1], ends included, all of one value: the largest radius that any
    values there can give, and the least that n points with both ends can guarantee."""
    return constant / (2 * (n - 1))
