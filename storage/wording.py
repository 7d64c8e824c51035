"""How numbers are written wherever people read them: in the terminal, on pages and in reports."""

from __future__ import annotations

import math

MINUS = "−"


def number(value: float, digits: int = 4) -> str:
    """A number with so many significant digits, a true minus sign, and no exponent where people would use none."""
    if not math.isfinite(value):
        return f"{MINUS if value < 0 else ''}∞" if math.isinf(value) else "not a number"
    text = f"{value:.{digits}g}"
    if "e" in text:
        mantissa, exponent = text.split("e")
        text = f"{mantissa}e{int(exponent)}"
        if -4 <= int(exponent) < 7:
            text = f"{value:.{max(0, digits - 1 - int(exponent))}f}"
    return text.replace("-", MINUS)


def with_interval(estimate: float | None, low: float | None, high: float | None) -> str:
    """−1.001 [−1.020, −0.980]: as many decimals as show the interval's width by two digits; "" without an estimate."""
    if estimate is None:
        return ""
    if low is None or high is None:
        return number(estimate)
    width = high - low
    if not (math.isfinite(width) and width > 0):
        return number(estimate) if low == high == estimate else f"{number(estimate)} {interval(low, high)}"
    decimals = 1 - math.floor(math.log10(width))
    largest = max(abs(estimate), abs(low), abs(high))
    if decimals > 6 or decimals < -2 or largest >= 1e7:
        digits = max(2, decimals + math.floor(math.log10(largest)) + 1)
        return f"{number(estimate, digits)} [{number(low, digits)}, {number(high, digits)}]"
    places = max(0, decimals)
    parts = [f"{value:.{places}f}".replace("-", MINUS) for value in (estimate, low, high)]
    return f"{parts[0]} [{parts[1]}, {parts[2]}]"


def interval(low: float | None, high: float | None) -> str:
    """What theory allows: [0.95, 1.05], ≤ 3, ≥ 0.5, or the one number where both ends are equal."""
    low = None if low is None or low == -math.inf else low
    high = None if high is None or high == math.inf else high
    if low is None and high is None:
        return ""
    if low is None:
        assert high is not None
        return f"≤ {number(high)}"
    if high is None:
        return f"≥ {number(low)}"
    return number(low) if low == high else f"[{number(low)}, {number(high)}]"


def duration(seconds: float) -> str:
    """3.2 s, 4 min 05 s, 2 h 10 min."""
    if seconds < 59.95:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min"
