"""How numbers are written in a verdict's sentence: with as many digits as their interval earns."""

from __future__ import annotations

import math


def number(value: float, half: float = 0.0) -> str:
    """The value with digits down to the second of `half`, half the width of its interval; six digits where it is 0."""
    if not math.isfinite(value):
        return str(value).replace("inf", "∞").replace("-", "−")
    if not 0 < half < math.inf:
        return f"{value:.6g}".replace("-", "−")
    last = max(math.floor(math.log10(half)) - 1, -15)
    largest = max(abs(value), half)
    if 1e-4 <= largest < 1e6:
        return f"{value:.{max(-last, 0)}f}".replace("-", "−")
    return f"{value:.{min(max(math.floor(math.log10(largest)) - last, 0), 15)}e}".replace("-", "−")


def measured(estimate: float, low: float, high: float) -> str:
    """As in `−1.0012 [−1.0210, −0.9810]`."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return f"{number(estimate)} (no interval)"
    half = (high - low) / 2
    return f"{number(estimate, half)} [{number(low, half)}, {number(high, half)}]"


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
