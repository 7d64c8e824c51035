"""Names of theory curves at the right edge of a figure, where none covers another and no point lies."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.figures.look import AXIS, INK, MUTED, Trace, numbers, plain
from app.figures.scale import Array, Scale

LETTERS = 18
"""Letters on one line of a label."""
LINE, ROOM = 14.5, 3.0
"""Pixels from one line of text to the next at the labels' size, and around a label."""
LETTER = 6.2
"""Pixels that a letter takes, at the labels' size."""
MOST = 9
"""So many labels fit beside one another; of more, the curves are named on hover."""
ONE_LINE = 0.006
"""Curves nearer than this share of the axis are seen as one line."""


@dataclass(frozen=True, kw_only=True)
class Curve:
    """A curve and what it is called; x ascends."""

    name: str
    x: Sequence[float]
    y: Sequence[float]


def seen_as_one(curves: Sequence[Curve], x: Scale, y: Scale) -> list[list[Curve]]:
    """The curves in groups whose members cover one another wherever two of them are drawn."""
    groups: list[list[Curve]] = []
    for curve in curves:
        group = next((group for group in groups if _covers(group[0], curve, x, y)), None)
        groups.append([curve]) if group is None else group.append(curve)
    return groups


def _covers(one: Curve, other: Curve, x: Scale, y: Scale) -> bool:
    ax, ay, bx, by = x.share(one.x), y.share(one.y), x.share(other.x), y.share(other.y)
    at = np.concatenate([ax, bx])
    both = at[(at >= max(ax[0], bx[0])) & (at <= min(ax[-1], bx[-1]))]
    if not both.size:  # apart along x: the same line only if both are level
        return bool(np.ptp(np.concatenate([ay, by])) < ONE_LINE)
    return bool(np.abs(np.interp(both, ax, ay) - np.interp(both, bx, by)).max() < ONE_LINE)


def spread_out(
    wanted: Sequence[float] | Array, heights: Sequence[float] | Array, low: float, high: float
) -> list[float]:
    """Centres of labels so high, in the order given (ascending), none over another and all from low to high if they
    fit: those nearest to the wanted ones in the sum of squares.

    Without the room that the labels below need, the centres need only ascend: a regression by monotone functions,
    solved by pooling adjacent violators (Ayer et al., An empirical distribution function for sampling with incomplete
    information, 1955).
    """
    half = np.asarray(heights, dtype=np.float64) / 2
    taken = np.concatenate([[0.0], np.cumsum(half[:-1] + half[1:])]) if len(half) else half
    pools: list[tuple[float, int]] = []
    for value in np.asarray(wanted, dtype=np.float64) - taken:
        mean, count = float(value), 1
        while pools and pools[-1][0] > mean:
            other, others = pools.pop()
            mean, count = (mean * count + other * others) / (count + others), count + others
        pools.append((mean, count))
    free = np.repeat([mean for mean, _ in pools], [count for _, count in pools])
    if len(half):
        free = np.clip(free, low + half[0], max(low + half[0], high - half[-1] - taken[-1]))
    return [float(value) for value in free + taken]


@dataclass(frozen=True, kw_only=True)
class Labels:
    """What names the curves: dotted lines from their ends to the edge, the texts, and the pixels that these take."""

    leaders: list[Trace]
    annotations: list[Trace]
    margin: float


def labels_at_the_edge(named: Sequence[tuple[str, Sequence[Curve]]], x: Scale, y: Scale, pixels: float) -> Labels:
    """A label for each named group of curves, at the height where the group ends; y is so many pixels high."""
    ends = []
    for name, curves in named[:MOST] if len(named) <= MOST else ():
        last = max(curves, key=lambda curve: curve.x[-1])
        ends.append((float(y.share(last.y[-1:])[0]) * pixels, textwrap.wrap(name, LETTERS) or [""], last))
    ends.sort(key=lambda end: end[0])
    heights = [LINE * len(lines) + ROOM for _, lines, _ in ends]
    centres = spread_out([at for at, _, _ in ends], heights, 0.0, pixels)
    leaders, annotations = [], []
    for (at, lines, curve), centre in zip(ends, centres, strict=True):
        leaders.append(_leader(curve.x[-1], x.end, curve.y[-1]))
        annotations.append(
            {
                "xref": "paper",
                "x": 1,
                "yref": "y",
                "y": float(np.log10(curve.y[-1])) if y.log else float(curve.y[-1]),
                "text": "<br>".join(plain(line) for line in lines),
                "align": "left",
                "xanchor": "left",
                "font": {"color": INK, "size": 11},
                "ax": 16,
                "ay": at - centre,
                "arrowhead": 0,
                "arrowwidth": 0.8,
                "arrowcolor": AXIS,
            }
        )
    longest = max((len(line) for _, lines, _ in ends for line in lines), default=0)
    return Labels(leaders=leaders, annotations=annotations, margin=22 + LETTER * longest if ends else 0.0)


def _leader(start: float, end: float, y: float) -> Trace:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": numbers([start, end]),
        "y": numbers([y, y]),
        "line": {"color": MUTED, "width": 0.8, "dash": "dot"},
        "hoverinfo": "skip",
        "showlegend": False,
    }
