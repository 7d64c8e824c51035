"""A verdict's evidence as a small picture: measured points with intervals over the line of theory, without axes.

It is SVG in the nodes of app.text.markup; each colour is the pair of both themes, so that one picture serves both.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

from app.figures.evidence import evidence_of
from app.figures.look import DARK, INK, SERIES
from app.text.markup import Node
from storage.records import EvidenceRecord

WIDTH, HEIGHT, MARGIN = 180, 84, 6
MOST_POINTS = 400
"""More marks than that are no small picture: intervals are left out."""

Rows = Sequence[EvidenceRecord]
Scale = Callable[[float], float]


def thumbnail(points: Rows, label: str) -> Node:
    """`points` in the order of series and step; `label` is what a screen reader says."""
    evidence = evidence_of(points)
    shown = [row for rows in evidence.measured.values() for row in rows]
    ends = [end for row in shown for end in (row.low, row.high) if end is not None]
    x = _scale([row.x for row in shown], (MARGIN, WIDTH - MARGIN), evidence.x_log)
    y = _scale([*(row.y for row in shown), *ends], (HEIGHT - MARGIN, MARGIN), evidence.y_log)
    curves = [["path", {"d": d}] for d in dict.fromkeys(_line(rows, x, y) for rows in evidence.theory.values()) if d]
    with_intervals = len(shown) <= MOST_POINTS
    return [
        "svg",
        {"className": "thumbnail", "viewBox": f"0 0 {WIDTH} {HEIGHT}", "role": "img", "aria-label": label},
        ["g", {"className": "of-theory", "style": {"color": _both(INK)}}, *curves],
        *(_measured(rows, k, x, y, with_intervals) for k, rows in enumerate(evidence.measured.values())),
    ]


def _both(color: str) -> str:
    return f"light-dark({color},{DARK[color]})"


def _scale(values: Iterable[float], ends: tuple[float, float], log: bool) -> Scale:
    """From the values' range onto the ends, in pixels; NaN for what a log axis does not hold."""
    at = _log if log else float
    held = [at(value) for value in values if math.isfinite(value)]
    low, high = min(held, default=0.0), max(held, default=0.0)
    if not high > low:
        return lambda value: sum(ends) / 2 if at(value) == low else math.nan
    return lambda value: ends[0] + (at(value) - low) / (high - low) * (ends[1] - ends[0])


def _log(value: float) -> float:
    return math.log10(value) if value > 0 else math.nan


def _line(rows: Rows, x: Scale, y: Scale) -> str:
    """A path through what lies within the picture or next to it."""
    at = [(x(row.x), y(row.y)) for row in rows]
    inside = [(left, down) for left, down in at if 0 <= left <= WIDTH and -HEIGHT <= down <= 2 * HEIGHT]
    return "M" + "L".join(f"{left:.1f} {down:.1f}" for left, down in inside) if len(inside) > 1 else ""


def _measured(rows: Rows, position: int, x: Scale, y: Scale, with_intervals: bool) -> Node:
    bars, dots = [], []
    for row in rows:
        left, down = x(row.x), y(row.y)
        if not (math.isfinite(left) and math.isfinite(down)):
            continue
        dots.append(f"M{left:.1f} {down:.1f}h0")
        if with_intervals and row.low is not None and row.high is not None:
            foot, head = y(row.low), y(row.high)
            if math.isfinite(foot) and math.isfinite(head) and abs(foot - head) > 1:
                bars.append(f"M{left:.1f} {foot:.1f}V{head:.1f}")
    paths = [["path", {"d": "".join(bars)}]] if bars else []
    return [
        "g",
        {"style": {"color": _both(SERIES[position % len(SERIES)])}},
        *paths,
        ["path", {"className": "dots", "d": "".join(dots)}],
    ]
