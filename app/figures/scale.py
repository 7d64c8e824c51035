"""An axis before it is drawn: how far it reaches, and where on it a value stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Scale:
    """An axis from low to high, in the axis's own coordinate: the logarithm (base 10) on a logarithmic one."""

    low: float
    high: float
    log: bool

    def share(self, values: Sequence[float] | Array) -> Array:
        """Where the values are along the axis: 0 at its low end, 1 at its high one."""
        array = np.asarray(values, dtype=np.float64)
        return ((np.log10(array) if self.log else array) - self.low) / (self.high - self.low)

    @property
    def end(self) -> float:
        """The value at the high end."""
        return float(10**self.high if self.log else self.high)


def scale_of(values: Sequence[float], *, log: bool, before: float = 0.06, after: float = 0.06) -> Scale:
    """The axis that shows all values with so much of their spread as room at either end."""
    array = np.asarray(values, dtype=np.float64)
    array = np.log10(array[array > 0]) if log else array
    low, high = (float(array.min()), float(array.max())) if array.size else (0.0, 1.0)
    spread = high - low if high > low else (0.5 if log else 0.1 * abs(high) or 1.0)
    if high == low:
        low, high = low - spread / 2, high + spread / 2
    return Scale(low=low - before * spread, high=high + after * spread, log=log)
