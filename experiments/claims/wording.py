"""The words of a verdict's sentence."""

from __future__ import annotations

import math

from storage import wording
from storage.wording import ends, with_interval

__all__ = ["allowed", "counted", "ends", "measured", "number", "sentence"]

DIGITS = 6
"""Of a number that has no interval to say how many it earns."""


def number(value: float) -> str:
    return wording.number(value, DIGITS)


def measured(estimate: float, low: float, high: float) -> str:
    """As in `−1.001 [−1.021, −0.981]`."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return f"{number(estimate)} (no interval)"
    return with_interval(estimate, low, high)


def allowed(low: float, high: float) -> str:
    """What theory allows: `at most 1`, `at least 0`, `exactly 2` or `0.95 to 1.05`."""
    if low == high:
        return f"exactly {number(low)}"
    if math.isinf(low):
        return f"at most {number(high)}"
    if math.isinf(high):
        return f"at least {number(low)}"
    return f"{number(low)} to {number(high)}"


def counted(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
