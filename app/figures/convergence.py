"""Power laws of size: measured points with intervals, fitted lines, theory, and the ratio of both under them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.figures.beside import Marks, drawn_beside, marks_of, side_by_side
from app.figures.look import (
    INK,
    UPRIGHT,
    Figure,
    Trace,
    axis,
    category,
    figure,
    numbers,
    plain,
    see_through,
    worth_a_log,
)
from app.figures.scale import Scale, scale_of
from app.numbers.rates import Array
from storage.wording import number, with_interval

GAP = 0.06
"""Between the two panels, as a share of the height."""
RATIO = 0.26
"""The height of the panel of ratios."""


@dataclass(frozen=True, kw_only=True)
class Plotted:
    """A line of a metric along a size: arrays of shape (sizes,), but theory (a dense curve) and fit (its two ends).

    Ratios are measured / theory, nan where theory has no level; `fit_x` is empty where there is no fit.
    """

    name: str
    x: Array
    y: Array
    low: Array
    high: Array
    n: Sequence[int]
    theory_x: Array
    theory_y: Array
    fit_x: Array
    fit_y: Array
    fit_text: str
    ratio: Array
    ratio_low: Array
    ratio_high: Array


@dataclass(frozen=True, kw_only=True)
class Slope:
    """A fitted slope with its interval (nan where there is none) and what theory allows (None: no such end)."""

    name: str
    slope: float
    low: float
    high: float
    allowed_low: float | None
    allowed_high: float | None
    theory: float
    text: str


def trends_figure(trends: Sequence[Plotted], x_label: str, y_label: str, *, x_log: bool, y_log: bool) -> Figure:
    """Two panels over one x where theory has a level for any of the lines, else one."""
    two = any(np.isfinite(trend.ratio).any() for trend in trends)
    traces: list[Trace] = []
    theory = _different(trend for trend in trends if len(trend.theory_x))
    traces += [_theory(trend, named=k == 0) for k, trend in enumerate(theory)]
    traces += [_fit(trend, k) for k, trend in enumerate(trends) if len(trend.fit_x)]
    x_scale = scale_of([x for trend in trends for x in trend.x], log=x_log)
    main = [marks_of(trend.x, trend.y, trend.low, trend.high) for trend in trends]
    at = side_by_side(main, x_scale, _reached(main, log=y_log))
    traces += [_points(trend, k, at[k], trend.y, trend.low, trend.high, log=y_log) for k, trend in enumerate(trends)]
    x_axis = axis(x_label, (x for trend in trends for x in trend.x), log=x_log)
    y_axis = axis(y_label, (y for trend in trends for y in trend.y), log=y_log, letters=UPRIGHT)
    layout: dict[str, Any] = {
        "showlegend": len(trends) > 1,
        "hovermode": "closest",
        "margin": {"l": 8, "r": 56 if theory else 12, "t": 12, "b": 8},
        "meta": {"beside": drawn_beside(at, [trend.x for trend in trends])},
    }
    if not two:
        return figure(traces, xaxis=x_axis, yaxis=y_axis, **layout)
    ratios = [value for trend in trends for value in trend.ratio if np.isfinite(value)]
    log = worth_a_log(ratios, 1.0)
    below = [marks_of(trend.x, trend.ratio, trend.ratio_low, trend.ratio_high) for trend in trends]
    at = side_by_side(below, x_scale, _reached(below, log=log))
    layout["meta"]["beside"] |= drawn_beside(at, [trend.x for trend in trends])
    for k, trend in enumerate(trends):
        if np.isfinite(trend.ratio).any():
            points = _points(trend, k, at[k], trend.ratio, trend.ratio_low, trend.ratio_high, log=log)
            traces.append({**points, "yaxis": "y2", "showlegend": False})
    return figure(
        traces,
        xaxis={**x_axis, "anchor": "y2"},
        yaxis={**y_axis, "domain": [RATIO + GAP, 1]},
        yaxis2={**axis("measured / theory", ratios, log=log, labels=5), "domain": [0, RATIO], "nticks": 5},
        shapes=[
            {
                "type": "line",
                "xref": "paper",
                "x0": 0,
                "x1": 1,
                "yref": "y2",
                "y0": 1,
                "y1": 1,
                "line": {"color": INK, "width": 1},
                "layer": "below",
            }
        ],
        **layout,
    )


def _reached(series: Sequence[Marks], *, log: bool) -> Scale:
    """The axis over all that the points cover."""
    ends = [float(y) for marks in series for part in (marks.low, marks.high) for y in part if np.isfinite(y)]
    return scale_of(ends, log=log)


def _different(trends: Iterable[Plotted]) -> list[Plotted]:
    """One trend for each different theory, the one that ends highest first."""
    found = {(trend.theory_x.tobytes(), trend.theory_y.tobytes()): trend for trend in trends}
    return sorted(found.values(), key=lambda trend: -float(trend.theory_y[-1]))


def _theory(trend: Plotted, *, named: bool) -> Trace:
    """A thin line in ink; the first one has its name where it ends."""
    return {
        "type": "scatter",
        "mode": "lines+text" if named else "lines",
        "x": numbers(trend.theory_x),
        "y": numbers(trend.theory_y),
        "line": {"color": INK, "width": 1},
        "text": [""] * (len(trend.theory_x) - 1) + ["\u2003theory"] if named else None,
        "textposition": "middle right",
        "textfont": {"color": INK, "size": 11},
        "cliponaxis": False,
        "hovertemplate": "%{x:.4g}: %{y:.5g}<extra>theory, " + plain(trend.name) + "</extra>",
        "showlegend": False,
    }


def _fit(trend: Plotted, position: int) -> Trace:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": numbers(trend.fit_x),
        "y": numbers(trend.fit_y),
        "line": {"color": category(position)[0], "width": 1.2, "dash": "dash"},
        "legendgroup": plain(trend.name),
        "hovertemplate": plain(trend.fit_text) + "<extra>" + plain(trend.name) + "</extra>",
        "showlegend": False,
    }


def _points(trend: Plotted, position: int, x: Array, y: Array, low: Array, high: Array, *, log: bool) -> Trace:
    color, symbol = category(position)
    up, down = np.nan_to_num(high - y), np.nan_to_num(y - low)
    if log:  # an interval that reaches below zero is drawn down to the foot of a log axis
        down = np.where((y - down <= 0) & (y > 0), y * (1 - 1e-9), down)
    told = [
        f"{number(size, 6)}: {with_interval(value, *_ends(ends))}, n = {n}"
        for size, value, ends, n in zip(
            trend.x.tolist(), y.tolist(), zip(low.tolist(), high.tolist(), strict=True), trend.n, strict=True
        )
    ]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": plain(trend.name),
        "legendgroup": plain(trend.name),
        "x": numbers(x),
        "y": numbers(y),
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": numbers(up),
            "arrayminus": numbers(down),
            "color": color,
            "thickness": 1.4,
            "width": 0,
        },
        "marker": {"color": color, "size": 6, "symbol": symbol},
        "text": told,
        "hovertemplate": "%{text}<extra>" + plain(trend.name) + "</extra>",
    }


def _ends(ends: tuple[float, float]) -> tuple[float | None, float | None]:
    low, high = ends
    return (low, high) if np.isfinite(low) and np.isfinite(high) else (None, None)


def slopes_figure(slopes: Sequence[Slope]) -> Figure:
    """Each slope with its interval on a row of its own, over what theory allows there; the first row on top."""
    rows = list(range(len(slopes)))[::-1]
    known = [(row, k, slope) for k, (row, slope) in enumerate(zip(rows, slopes, strict=True))]
    edges = [value for slope in slopes for value in _reach(slope)]
    low, high = (min(edges), max(edges)) if edges else (-1.0, 1.0)
    pad = 0.06 * (high - low or 1.0)
    traces = [_allowed(row, slope, low - pad, high + pad) for row, _, slope in known]
    traces += [_theory_tick(row, slope) for row, _, slope in known if np.isfinite(slope.theory)]
    traces += [_slope(row, k, slope) for row, k, slope in known if np.isfinite(slope.slope)]
    return figure(
        [trace for trace in traces if trace],
        xaxis={**axis("slope"), "range": [low - pad, high + pad]},
        yaxis={
            "tickvals": rows,
            "ticktext": [plain(_short(slope.name)) for slope in slopes],
            "range": [-0.6, len(rows) - 0.4],
            "showgrid": False,
        },
        showlegend=False,
    )


def _short(name: str) -> str:
    return name if len(name) <= 34 else name[:33] + "…"


def _reach(slope: Slope) -> list[float]:
    ends = (slope.slope, slope.low, slope.high, slope.theory, slope.allowed_low, slope.allowed_high)
    return [float(end) for end in ends if end is not None and np.isfinite(end)]


def _allowed(row: int, slope: Slope, left: float, right: float) -> Trace:
    """A broad pale bar, up to the edge of the picture where theory has no end there."""
    if slope.allowed_low is None and slope.allowed_high is None:
        return {}
    low = left if slope.allowed_low is None else slope.allowed_low
    high = right if slope.allowed_high is None else slope.allowed_high
    return {
        "type": "scatter",
        "mode": "lines",
        "x": numbers([low, high, high, low]),
        "y": numbers([row - 0.3, row - 0.3, row + 0.3, row + 0.3]),
        "fill": "toself",
        "fillcolor": see_through(INK, 0.1),
        "line": {"width": 0, "color": INK},
        "hoverinfo": "skip",
    }


def _theory_tick(row: int, slope: Slope) -> Trace:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": numbers([slope.theory] * 2),
        "y": numbers([row - 0.3, row + 0.3]),
        "line": {"color": INK, "width": 1},
        "hovertemplate": "theory: %{x:.5g}<extra>" + plain(slope.name) + "</extra>",
    }


def _slope(row: int, position: int, slope: Slope) -> Trace:
    color, symbol = category(position)
    return {
        "type": "scatter",
        "mode": "markers",
        "name": plain(slope.name),
        "x": numbers([slope.slope]),
        "y": numbers([row]),
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": numbers(np.nan_to_num([slope.high - slope.slope])),
            "arrayminus": numbers(np.nan_to_num([slope.slope - slope.low])),
            "color": color,
            "thickness": 1.6,
            "width": 0,
        },
        "marker": {"color": color, "size": 7, "symbol": symbol},
        "text": [plain(slope.text)],
        "hovertemplate": "%{text}<extra>" + plain(slope.name) + "</extra>",
    }
