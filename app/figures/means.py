"""Means over seeds: a metric against size as points with intervals, curves as lines with bands."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from app.figures.beside import drawn_beside, marks_of, side_by_side
from app.figures.lines import lines_figure
from app.figures.look import UPRIGHT, Figure, Trace, axis, category, figure, numbers, plain, worth_a_log
from app.figures.scale import Array, scale_of
from app.numbers.lines.averaging import Line, Sample
from app.numbers.series import Series
from app.text.wording import value_text
from storage.wording import number, with_interval


def size_figure(series: Sequence[Series], x_label: str, y_label: str, *, x_log: bool, y_log: bool) -> Figure:
    """Mean and 95 % interval over seeds at each size; a size with one seed has no interval."""
    names, legend = _legend(series)
    marks = [marks_of(line.x, line.mean, line.low, line.high) for line in series]
    at = side_by_side(
        marks,
        scale_of([x for each in marks for x in each.x], log=x_log),
        scale_of([y for each in marks for ends in (each.low, each.high) for y in ends], log=y_log),
    )
    return figure(
        [_points(line, names[position], position, at[position], y_log) for position, line in enumerate(series)],
        xaxis=axis(x_label, (x for line in series for x in line.x), log=x_log),
        yaxis=axis(y_label, (y for line in series for y in line.mean), log=y_log, letters=UPRIGHT),
        showlegend=len(series) > 1,
        legend=legend,
        meta={"beside": drawn_beside(at, [line.x for line in series])},
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


def _points(line: Series, name: str, position: int, x: Array, y_log: bool) -> Trace:
    color, symbol = category(position)
    half = line.high - line.mean
    down = np.nan_to_num(half)
    if y_log:  # an interval that reaches below zero is drawn down to the foot of a log axis
        with np.errstate(divide="ignore", invalid="ignore"):
            down = np.where(line.mean - down <= 0, line.mean * (1 - 1e-9), down)
    return {
        "type": "scatter",
        "mode": "markers",
        "name": plain(name),
        "x": numbers(x),
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
        "marker": {"color": color, "size": 6, "symbol": symbol},
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
    lines = [_as_line(line) for line in series]
    return lines_figure(lines, x_label, y_label, x_log=x_log, y_log=y_log, sizes={} if size is None else {"": size})


def _as_line(series: Series) -> Line:
    """The series without its runs."""
    none = np.zeros(0, dtype=np.int64)
    runs = Sample(x=series.x, run=none, place=none, value=np.zeros(0), measured=none > 0, ids=none, seeds=none, cells=0)
    return Line(
        experiment="",
        curve="" if series.params else series.name,
        params=series.params,
        x=series.x,
        value=series.mean,
        low=series.low,
        high=series.high,
        n=series.n,
        sample=runs,
    )
