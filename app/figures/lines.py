"""Lines with their bands, single runs under them, and beneath, on the same x, their n or what parts them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.figures.look import (
    DASHES,
    MARKERS,
    SERIES,
    UPRIGHT,
    Figure,
    Trace,
    axis,
    figure,
    numbers,
    plain,
    ramp,
    see_through,
)
from app.numbers.lines.averaging import Array, Line
from app.numbers.lines.comparing import Beside
from app.text.wording import params_text, value_text

MOST_AT_ONCE = 24
"""Lines that one hover tells; where there are more, it tells the nearest."""
UPPER, LOWER = [0.34, 1.0], [0.0, 0.24]


def lines_figure(
    lines: Sequence[Line],
    x_label: str,
    y_label: str,
    *,
    x_log: bool,
    y_log: bool,
    sizes: Mapping[str, str] | None = None,
    runs: bool = False,
    below: Sequence[Beside] = (),
    below_label: str = "",
    below_log: bool = False,
    below_zero: bool = False,
) -> Figure:
    """Sizes run along the ramp and other differences are dashes; `sizes` has the size parameter of experiments.

    With `runs`, each run is a thin line under its mean. `below` has an entry a line, drawn in a panel of its own,
    whose axis may be logarithmic or begin at zero.
    """
    pens = _pens(lines, sizes or {})
    names, legend = _legend(lines)
    floor = _floor(lines) if y_log else None
    traces: list[Trace] = []
    if runs:
        traces += [_runs(line, color) for line, (color, _) in zip(lines, pens, strict=True)]
    traces += [_band(line, line, color, floor) for line, (color, _) in zip(lines, pens, strict=True)]
    traces += [_faint(line, color) for line, (color, _) in zip(lines, pens, strict=True) if line.smoothed is not None]
    traces += [_line(line, name, pen) for line, name, pen in zip(lines, names, pens, strict=True)]
    at_once = len(lines) <= MOST_AT_ONCE
    layout: dict[str, Any] = {
        "xaxis": axis(x_label, _ends([line.x for line in lines]), log=x_log) | _header(x_label),
        "yaxis": axis(y_label, _ends([_shown(line) for line in lines]), log=y_log, letters=UPRIGHT),
        "showlegend": len(lines) > 1,
        "legend": legend,
        "hovermode": "x unified" if at_once else "closest",
        "hoverdistance": -1,  # the nearest x, however far: curves may have few
    }
    if floor is not None:
        layout["yaxis"]["autorangeoptions"] = {"clipmin": floor}
    if below:
        for line, other, name, (color, dash) in zip(lines, below, names, pens, strict=True):
            traces += [_band(line, other, color, None) | {"yaxis": "y2"}]
            traces += [_below(line, other, name, color, dash)]
        layout["yaxis"]["domain"] = UPPER
        layout["yaxis2"] = axis(below_label, _ends([other.value for other in below]), log=below_log) | {
            "domain": LOWER,
            "anchor": "x",
            "rangemode": "tozero" if below_zero else "normal",
        }
        layout["xaxis"]["anchor"] = "y2"
        layout["hoversubplots"] = "axis"
    return figure([trace for trace in traces if trace["x"] is not None], **layout)


def _header(x_label: str) -> dict[str, Any]:
    """What stands over the values at an x."""
    return {"unifiedhovertitle": {"text": f"{plain(x_label)} %{{x}}"}, "hoverformat": ".6~g"}


def _shown(line: Line) -> Array:
    return line.value if line.smoothed is None else line.smoothed


def _ends(parts: Sequence[Array]) -> list[float]:
    """The least and the greatest positive number, for the ticks of a log axis."""
    positive = [part[part > 0] for part in parts]
    ends = [(part.min(), part.max()) for part in positive if len(part)]
    return [float(min(low for low, _ in ends)), float(max(high for _, high in ends))] if ends else []


def _floor(lines: Sequence[Line]) -> float | None:
    """Where the foot of a log axis stands: a little under all that is positive; None where nothing is."""
    ends = _ends([part[np.isfinite(part)] for line in lines for part in (line.value, line.low)])
    return ends[0] / 1.3 if ends else None


def _pens(lines: Sequence[Line], sizes: Mapping[str, str]) -> list[tuple[str, str]]:
    """Colour and dash of each line: along sizes the ramp, and dashes for the rest, if there are enough."""
    told: list[Any] = [line.params.get(sizes.get(line.experiment, "")) for line in lines]
    rests = [_rest(line, sizes.get(line.experiment, "")) for line in lines]
    different = list(dict.fromkeys(rests))
    if None in told or len(different) > len(DASHES):
        dashes = [DASHES[(k // len(SERIES)) % len(DASHES)] for k in range(len(lines))]
        return [(SERIES[k % len(SERIES)], dash) for k, dash in enumerate(dashes)]
    colors: dict[tuple[str, Any], str] = {}
    for experiment in {line.experiment for line in lines}:
        held = {value for value, line in zip(told, lines, strict=True) if line.experiment == experiment}
        for value, color in zip(sorted(held), ramp(len(held)), strict=True):
            colors[experiment, value] = color
    return [
        (colors[line.experiment, value], DASHES[different.index(rest)])
        for line, value, rest in zip(lines, told, rests, strict=True)
    ]


def _rest(line: Line, size: str) -> tuple[object, ...]:
    return (line.experiment, line.curve, *((name, value) for name, value in line.params.items() if name != size))


def _legend(lines: Sequence[Line]) -> tuple[list[str], dict[str, object]]:
    """Short names of the lines; where one parameter alone tells them apart, its values, and the parameter over them."""
    params = {name for line in lines for name in line.params}
    sources = [_source(line, lines) for line in lines]
    if len(params) == 1 and all(line.params for line in lines):
        (param,) = params
        names = [value_text(line.params[param]) for line in lines]
        if not any(sources):
            return [plain(name) for name in names], {"title": {"text": plain(param), "side": "left"}}
    names = [
        plain(", ".join(part for part in (source, params_text(line.params)) if part) or line.curve)
        for source, line in zip(sources, lines, strict=True)
    ]
    return names, {}


def _source(line: Line, lines: Sequence[Line]) -> str:
    """What of experiment and curve tells the line from the others."""
    several = {other.experiment for other in lines}
    curves = {other.curve for other in lines if other.experiment == line.experiment}
    told = [line.experiment] if len(several) > 1 else []
    return " ".join([*told, *([line.curve] if len(curves) > 1 else [])])


def _trace(owner: Line, /, **more: Any) -> Trace:
    """A part of a line, shown and hidden with it."""
    return {"type": "scatter", "mode": "lines", "legendgroup": plain(owner.key), **more}


def _line(line: Line, name: str, pen: tuple[str, str]) -> Trace:
    color, dash = pen
    lone = len(line.x) == 1
    smoothed = line.smoothed is not None
    known = np.isfinite(line.low)
    interval = " [%{customdata[0]:.4g}, %{customdata[1]:.4g}]" if known.any() else ""
    columns = [line.low, line.high, line.n, line.value]
    told = f"%{{customdata[3]:.4g}}{interval}, n = %{{customdata[2]:d}}" + (", smoothed %{y:.4g}" if smoothed else "")
    point = {"color": color, "size": 6, "symbol": MARKERS[DASHES.index(dash)]}  # one point has no stroke to tell it by
    look = {"marker": point} if lone else {"line": {"color": color, "width": 1.7, "dash": dash}}
    return _trace(
        line,
        mode="markers" if lone else "lines",
        name=name,
        meta="line",
        x=numbers(line.x),
        y=numbers(_shown(line)),
        customdata=numbers(np.stack([column.astype(np.float64) for column in columns], axis=1)),
        hovertemplate=f"{told}<extra>{name}</extra>",
        **look,
    )


def _faint(line: Line, color: str) -> Trace:
    """What was measured, under its smoothed line."""
    pen = {"color": see_through(color, 0.4), "width": 1}
    return _trace(line, x=numbers(line.x), y=numbers(line.value), line=pen, hoverinfo="skip", showlegend=False)


def _runs(line: Line, color: str) -> Trace:
    """The points of every run, one after another, parted by a gap."""
    run, x, value = line.sample.points
    ends = np.flatnonzero(np.diff(run)) + 1
    return _trace(
        line,
        x=numbers(np.insert(x, ends, x[ends])),  # a number, so that whole numbers stay such and take fewer bytes
        y=numbers(np.insert(value, ends, np.nan)),
        line={"color": see_through(color, 0.28), "width": 0.6},
        hoverinfo="skip",
        showlegend=False,
        connectgaps=False,
    )


def _band(line: Line, band: Line | Beside, color: str, floor: float | None) -> Trace:
    """A closed outline of low to high; on a log axis what is not positive goes down to its foot."""
    keep: NDArray[np.bool_] = np.isfinite(band.low) & np.isfinite(band.high)
    x, low, high = band.x[keep], band.low[keep], band.high[keep]
    if floor is not None:
        low, high = np.where(low > 0, low, floor / 10), np.where(high > 0, high, floor / 10)
    return _trace(
        line,
        x=numbers(np.concatenate([x, x[::-1]])) if len(x) else None,
        y=numbers(np.concatenate([high, low[::-1]])),
        fill="toself",
        fillcolor=see_through(color, 0.15),
        line={"width": 0},
        hoverinfo="skip",
        showlegend=False,
    )


def _below(line: Line, other: Beside, name: str, color: str, dash: str) -> Trace:
    known = np.isfinite(other.low).any()
    interval = " [%{customdata[0]:.4g}, %{customdata[1]:.4g}]" if known else ""
    pairs = ", %{customdata[2]:d} pairs" if other.paired else ""
    return _trace(
        line,
        mode="markers" if len(other.x) == 1 else "lines",
        name=name,
        meta="below",
        yaxis="y2",
        x=numbers(other.x) if len(other.x) else None,
        y=numbers(other.value),
        customdata=numbers(np.stack([other.low, other.high, other.n.astype(np.float64)], axis=1)),
        line={"color": color, "width": 1.4, "dash": dash},
        hovertemplate=f"%{{y:.4g}}{interval}{pairs}<extra>{name}</extra>",
        showlegend=False,
    )
