"""How numbers, and what was meant by a wrong name, are written: in the terminal, on pages and in reports."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

MINUS = "−"
PARTED, WHOLE = 10_000, 1e12
"""From where to where a whole number is written out, as 10,368,000: it may be a count, whose every digit is known."""


def number(value: float, digits: int = 4) -> str:
    """A number with so many significant digits, a true minus sign, and no exponent where people would use none."""
    if not math.isfinite(value):
        return f"{MINUS if value < 0 else ''}∞" if math.isinf(value) else "not a number"
    if PARTED <= abs(value) < WHOLE and value == math.trunc(value):
        return f"{value:,.0f}".replace("-", MINUS)
    text = f"{value:.{digits}g}"
    if "e" not in text:
        return text.replace("-", MINUS)
    exponent = int(text.partition("e")[2])
    if -4 <= exponent < 7:
        return f"{value:.{max(0, digits - 1 - exponent)}f}".replace("-", MINUS)
    return _exponent(text)


def with_interval(estimate: float | None, low: float | None, high: float | None) -> str:
    """−1.001 [−1.020, −0.980]: as many decimals as show the interval's width by two digits; "" without an estimate."""
    if estimate is None:
        return ""
    if low is None or high is None:
        return number(estimate)
    if high - low <= 1e-12 * abs(estimate):  # the seeds agree but for rounding
        return number(estimate)
    return " ".join(earned((estimate,), low, high)) + " " + ends(low, high)


def ends(low: float, high: float) -> str:
    """[−1.020, −0.980]: an interval by itself."""
    return f"[{', '.join(earned((low, high), low, high))}]"


def earned(values: Sequence[float], low: float, high: float) -> list[str]:
    """The values with as many digits as the interval earns them: down to the second digit of its width."""
    width, largest = high - low, max(abs(low), abs(high), *map(abs, values))
    if not (math.isfinite(width) and width > 0):
        return [number(value) for value in values]
    places = 1 - math.floor(math.log10(width))
    if 1e-4 <= largest < 1e6:
        return [f"{value:.{max(0, min(15, places))}f}".replace("-", MINUS) for value in values]
    digits = max(0, min(15, places + math.floor(math.log10(largest))))
    return [_exponent(f"{value:.{digits}e}") if value else "0" for value in values]


def _exponent(text: str) -> str:
    mantissa, _, exponent = text.partition("e")
    return f"{mantissa}e{int(exponent)}".replace("-", MINUS)


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
    """4 ms, 3.2 s, 4 min 05 s, 2 h 10 min."""
    if 0 < seconds < 0.0995:
        return f"{1000 * seconds:.2g} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min"


def nearest(word: str, words: Iterable[str]) -> str:
    """What ends a sentence about a word that is none of these, "; did you mean quick"; "" where none is like it."""
    near = get_close_matches(word, list(words), n=1, cutoff=0.5)
    return f"; did you mean {near[0]}" if near else ""
