"""How numbers are written in a verdict's sentence: with as many digits as their interval earns."""

from __future__ import annotations

import math


def number(value: float, width: float = 0.0) -> str:
    """The value with digits down to the second of its interval's width; six digits where there is no width."""
    if not math.isfinite(value):
        return str(value).replace("inf", "∞").replace("-", "−")
    if not 0 < width < math.inf:
        text = f"{value:.6g}"
    else:
        last, largest = max(math.floor(math.log10(width)) - 1, -15), max(abs(value), width)
        if 1e-4 <= largest < 1e6:
            text = f"{value:.{max(-last, 0)}f}"
        else:
            text = f"{value:.{min(max(math.floor(math.log10(largest)) - last, 0), 15)}e}"
    mantissa, _, exponent = text.partition("e")
    return (f"{mantissa}e{int(exponent)}" if exponent else mantissa).replace("-", "−")


def measured(estimate: float, low: float, high: float) -> str:
    """As in `−1.001 [−1.021, −0.981]`."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return f"{number(estimate)} (no interval)"
    return " ".join([number(estimate, high - low), ends(low, high)])


def ends(low: float, high: float) -> str:
    """As in `[−1.021, −0.981]`."""
    return f"[{number(low, high - low)}, {number(high, high - low)}]"


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
