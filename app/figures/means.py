"""Means over seeds: a metric against size as points with intervals, curves as lines with bands."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.figures.look import (
    DASHES,
    MARKERS,
    SERIES,
    Figure,
    Trace,
    axis,
    figure,
    numbers,
    plain,
    ramp,
    see_through,
    worth_a_log,
)
from app.series import Series
from app.wording import value_text
from storage.wording import number, with_interval


def size_figure(series: Sequence[Series], x_label: str, y_label: str, *, x_log: bool, y_log: bool) -> Figure:
    """Mean and 95 % interval over seeds at each size; a size with one seed has no interval."""
    names, legend = _legend(series)
    return figure(
        [_points(line, names[position], position, y_log) for position, line in enumerate(series)],
        xaxis=axis(x_label, (x for line in series for x in line.x), log=x_log),
        yaxis=axis(y_label, (y for line in series for y in line.mean), log=y_log),
        showlegend=len(series) > 1,
        legend=legend,
    )


def fits_a_log(series: Sequence[Series]) -> tuple[bool, bool]:
    """Whether x and y are each worth a logarithmic axis."""
    xs = [float(x) for line in series for x in line.x]
    ys = [float(y) for line in series for y in line.mean]
    lows = [float(low) for line in series for low in line.low if np.isfinite(low)]
    return worth_a_log(xs), worth_a_log(ys, 1.3) and all(low > 0 for low in lows)


def _legend(series: Sequence[Series]) -> tuple[list[str], dict[str, object]]:
    """The series' names; where one parameter alone tells them apart, its values, and the parameter over them."""
    params = {name for line in series for name in line.params}
    if len(params) != 1:
        return [line.name for line in series], {}
    (param,) = params
    return [value_text(line.params[param]) for line in series], {"title": {"text": plain(param), "side": "left"}}


def _points(line: Series, name: str, position: int, y_log: bool) -> Trace:
    color = SERIES[position % len(SERIES)]
    half = line.high - line.mean
    down = np.nan_to_num(half)
    if y_log:  # an interval that reaches below zero is drawn down to the foot of a log axis
        with np.errstate(divide="ignore", invalid="ignore"):
            down = np.where(line.mean - down <= 0, line.mean * (1 - 1e-9), down)
    return {
        "type": "scatter",
        "mode": "markers",
        "name": plain(name),
        "x": numbers(line.x),
        "y": numbers(line.mean),
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": numbers(np.nan_to_num(half)),
            "arrayminus": numbers(down),
            "color": color,
            "thickness": 1.4,
            "width": 0,
        },
        "marker": {"color": color, "size": 6, "symbol": MARKERS[position % len(MARKERS)]},
        "text": [f"{number(x, 6)}: {told}" for x, told in zip(line.x, _told(line), strict=True)],
        "hovertemplate": "%{text}<extra>" + plain(line.name) + "</extra>",
    }


def _told(line: Series) -> list[str]:
    return [
        f"{with_interval(mean, *((low, high) if np.isfinite(low) else (None, None)))}, n = {n}"
        for mean, low, high, n in zip(line.mean.tolist(), line.low.tolist(), line.high.tolist(), line.n, strict=True)
    ]


def curve_figure(
    series: Sequence[Series], x_label: str, y_label: str, *, x_log: bool, y_log: bool, size: str | None
) -> Figure:
    """Mean curves with the band of the 95 % interval; sizes run along the ramp, other differences are dashes."""
    colors, dashes = _pens(series, size)
    names, legend = _legend(series)
    traces: list[Trace] = []
    for line, color in zip(series, colors, strict=True):
        if np.isfinite(line.low).any():
            traces.append(_band(line, color, y_log))
    traces += [
        _line(line, name, color, dash) for line, name, color, dash in zip(series, names, colors, dashes, strict=True)
    ]
    x_all = np.concatenate([line.x for line in series]) if series else np.zeros(0)
    y_all = np.concatenate([line.mean for line in series]) if series else np.zeros(0)
    return figure(
        traces,
        xaxis=axis(x_label, x_all[x_all > 0], log=x_log),
        yaxis=axis(y_label, y_all[y_all > 0], log=y_log),
        showlegend=len(series) > 1,
        legend=legend,
    )


def _pens(series: Sequence[Series], size: str | None) -> tuple[list[str], list[str]]:
    """Colour and dash of each series: with a size, colours are its ramp and dashes the rest; without, colours alone."""
    if size is None or not all(size in line.params for line in series):
        return [SERIES[k % len(SERIES)] for k in range(len(series))], [
            DASHES[(k // len(SERIES)) % len(DASHES)] for k in range(len(series))
        ]
    sizes = sorted({line.params[size] for line in series})
    color = dict(zip(sizes, ramp(len(sizes)), strict=True))
    rests = list(dict.fromkeys(_rest(line, size) for line in series))
    return [color[line.params[size]] for line in series], [
        DASHES[rests.index(_rest(line, size)) % len(DASHES)] for line in series
    ]


def _rest(line: Series, size: str) -> tuple[tuple[str, object], ...]:
    return tuple((name, value) for name, value in line.params.items() if name != size)


def _line(line: Series, name: str, color: str, dash: str) -> Trace:
    lone = len(line.x) == 1
    trace: Trace = {
        "type": "scatter",
        "mode": "markers" if lone else "lines",
        "name": plain(name),
        "legendgroup": plain(line.name),
        "x": numbers(line.x),
        "y": numbers(line.mean),
        "customdata": numbers(np.stack([line.low, line.high, line.n.astype(np.float64)], axis=1)),
        "hovertemplate": "%{x:.5g}: %{y:.4g} [%{customdata[0]:.4g}, %{customdata[1]:.4g}], n = %{customdata[2]:d}"
        + "<extra>"
        + plain(line.name)
        + "</extra>",
    }
    return trace | (
        {"marker": {"color": color, "size": 6}} if lone else {"line": {"color": color, "width": 1.6, "dash": dash}}
    )


def _band(line: Series, color: str, y_log: bool) -> Trace:
    """A closed outline of low to high where both are known; on a log axis only where low is positive."""
    keep: NDArray[np.bool_] = np.isfinite(line.low) & ((line.low > 0) | (not y_log))
    x, low, high = line.x[keep], line.low[keep], line.high[keep]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": numbers(np.concatenate([x, x[::-1]])),
        "y": numbers(np.concatenate([high, low[::-1]])),
        "fill": "toself",
        "fillcolor": see_through(color, 0.15),
        "line": {"width": 0},
        "hoverinfo": "skip",
        "showlegend": False,
        "legendgroup": plain(line.name),
    }
