"""Points of several series that would cover one another, side by side: drawn a few pixels beside their x, while what
the pointer says of them, the numbers and the exports keep it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from app.figures.look import Figure
from app.figures.scale import Array, Scale

SAID = "Points that would cover one another stand side by side around their x."
STEP = 0.012
"""From one point to the next, as a share of the axis."""
TALL = 0.03
"""A marker's height, as a share of the axis."""
ROOM = 0.7
"""What points side by side take at most of the way to the next x."""


@dataclass(frozen=True, kw_only=True)
class Marks:
    """The points of a series: x, and the least and greatest y that each covers (its interval's ends, or its value)."""

    x: Array
    low: Array
    high: Array


def side_by_side(series: Sequence[Marks], x: Scale, y: Scale) -> list[Array]:
    """The x at which to draw the points of each series: their own, except where points of several would cover one
    another; these stand beside one another in the order of the series."""
    drawn = [marks.x.copy() for marks in series]
    owner = np.repeat(np.arange(len(series)), [len(marks.x) for marks in series])
    place = np.concatenate([np.arange(len(marks.x)) for marks in series]) if series else np.zeros(0, dtype=np.int64)
    if len(set(owner.tolist())) < 2:
        return drawn
    at, foot, head = (
        _share(scale, np.concatenate([getattr(marks, name) for marks in series]))
        for scale, name in ((x, "x"), (y, "low"), (y, "high"))
    )
    shown = np.flatnonzero(np.isfinite(at) & ~np.isnan(foot) & ~np.isnan(head))
    owner, place, at = owner[shown], place[shown], at[shown]
    foot, head = foot[shown].clip(-1.0, 2.0) - TALL / 2, head[shown].clip(-1.0, 2.0) + TALL / 2
    columns = _runs(at, at, STEP)
    ends = [(float(at[column].min()), float(at[column].max())) for column in columns]
    gaps = [math.inf, *(right[0] - left[1] for left, right in pairwise(ends)), math.inf]
    for column, gap in zip(columns, map(min, pairwise(gaps)), strict=True):
        for part in _runs(foot[column], head[column], 0.0):
            group = column[part]
            if len(set(owner[group].tolist())) < 2:
                continue
            step = min(STEP, ROOM * gap / len(group))
            for position, point in enumerate(group[np.lexsort((owner[group], at[group]))]):
                aside = (position - (len(group) - 1) / 2) * step
                if aside:
                    drawn[owner[point]][place[point]] = _value(x, at[point] + aside)
    return drawn


def marks_of(x: Array, value: Array, low: Array, high: Array) -> Marks:
    """Of points with intervals; where low or high is nan, a point has none."""
    return Marks(x=x, low=np.where(np.isnan(low), value, low), high=np.where(np.isnan(high), value, high))


def drawn_beside(drawn: Sequence[Array], series: Sequence[Sequence[float] | Array]) -> bool:
    """Whether any point stands beside its x."""
    return any(not np.array_equal(at, x) for at, x in zip(drawn, series, strict=True))


def with_caption(figure: Figure, caption: str) -> str:
    """The caption, and where points stand beside their x (the figure's `meta` tells) that they do."""
    return f"{caption} {SAID}" if figure["layout"].get("meta", {}).get("beside") else caption


def _share(scale: Scale, values: Array) -> Array:
    """As `Scale.share`; what a logarithmic axis cannot show is infinitely far below it."""
    with np.errstate(divide="ignore"):
        return scale.share(np.where(values <= 0, 0.0, values) if scale.log else values)


def _value(scale: Scale, share: float) -> float:
    value = scale.low + share * (scale.high - scale.low)
    return float(10**value if scale.log else value)


def _runs(low: Array, high: Array, apart: float) -> list[np.ndarray[tuple[int, ...], np.dtype[np.intp]]]:
    """The intervals, by their places, in groups between which more than `apart` is free, ascending."""
    order = np.argsort(low, kind="stable")
    reach = np.maximum.accumulate(high[order])
    cuts = np.flatnonzero(low[order][1:] > reach[:-1] + apart) + 1
    return [order[first:last] for first, last in pairwise([0, *cuts.tolist(), len(order)])]
