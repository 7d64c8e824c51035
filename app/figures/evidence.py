"""The picture that shows a verdict: measured points with intervals, the thin line of theory, what theory allows.

A series named `theory …` is a theory curve and `fit …` a fitted one; what follows the word is the measured series that
it belongs to, or says which side it bounds. Every other series is measured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from app.figures.look import (
    INK,
    MARKERS,
    SERIES,
    Figure,
    Trace,
    axis,
    figure,
    numbers,
    plain,
    see_through,
    worth_a_log,
)
from storage.records import EvidenceRecord
from storage.wording import interval, number, with_interval

Rows = Sequence[EvidenceRecord]
CURVES = ("theory", "fit")


def is_curve(series: str, kind: str = "") -> bool:
    """Whether the series is a curve, of this kind, rather than measured points."""
    return series.split(" ", 1)[0] in ((kind,) if kind else CURVES)


def evidence_figure(points: Rows, x_label: str = "", y_label: str = "") -> Figure:
    """`points` in the order of series and step. An axis is logarithmic where all is positive and spreads far enough."""
    series = {name: tuple(rows) for name, rows in groupby(points, key=lambda point: point.series)}
    measured = {name: rows for name, rows in series.items() if not is_curve(name)}
    y_log = worth_a_log([point.y for point in points], 0.9) and all(
        point.low is None or point.low > 0 for point in points
    )
    y_axis = axis(y_label, [point.y for point in points], log=y_log)
    xs = {point.x for rows in measured.values() for point in rows}
    if len(xs) == 1:
        return _at_one_x(series, measured, f"{x_label} = {number(xs.pop())}" if x_label else "", y_axis)
    traces = [_allowed(rows, _color(k, len(measured))) for k, rows in enumerate(measured.values())]
    traces += [_fit(rows, k) for k, name in enumerate(measured) for rows in [series.get(_of("fit", name), ())] if rows]
    theory = _different({name: rows for name, rows in series.items() if is_curve(name, "theory")})
    traces += [_theory(name, rows) for name, rows in theory.items()]
    traces += [_measured(name, rows, k) for k, (name, rows) in enumerate(measured.items())]
    all_x = [point.x for point in points]
    return figure(
        [trace for trace in traces if trace],
        xaxis=axis(x_label, all_x, log=worth_a_log(all_x, 0.75)),
        yaxis=y_axis,
        showlegend=len(measured) > 1,
        margin={"l": 8, "r": 12 + max((14 + 6 * len(name) for name in theory), default=0), "t": 12, "b": 8},
    )


def _of(kind: str, name: str) -> str:
    """The curve that belongs to a measured series."""
    return kind if name == "measured" else f"{kind} {name}"


def _different(curves: Mapping[str, Rows]) -> dict[str, Rows]:
    """The theory curves by what to call them; curves that are the same for every series are one, called theory."""
    shapes = {tuple((row.x, row.y) for row in rows) for rows in curves.values()}
    if len(shapes) == 1:
        return {"theory": next(iter(curves.values()))}
    return {name.removeprefix("theory ") if len(curves) > 2 else name: rows for name, rows in curves.items()}


def _color(position: int, count: int) -> str:
    return SERIES[position % len(SERIES)] if count > 1 else INK


def _measured(name: str, rows: Rows, position: int, x: Sequence[str] | None = None) -> Trace:
    """Points with their intervals; `x` puts them at named places instead of at their x."""
    color = SERIES[position % len(SERIES)]
    trace: Trace = {
        "type": "scatter",
        "mode": "markers",
        "name": plain(name),
        "x": x or numbers([row.x for row in rows]),
        "y": numbers([row.y for row in rows]),
        "marker": {"color": color, "size": 6, "symbol": MARKERS[position % len(MARKERS)]},
        "text": [f"{number(row.x, 6)}: {with_interval(row.y, row.low, row.high)}{_theory_allows(row)}" for row in rows],
        "hovertemplate": "%{text}<extra>" + plain(name) + "</extra>",
    }
    if any(row.low is not None and row.high is not None for row in rows):
        trace["error_y"] = {
            "type": "data",
            "symmetric": False,
            "array": numbers([0.0 if row.high is None else row.high - row.y for row in rows]),
            "arrayminus": numbers([0.0 if row.low is None else row.y - row.low for row in rows]),
            "color": color,
            "thickness": 1.4,
            "width": 0,
        }
    return trace


def _theory_allows(row: EvidenceRecord) -> str:
    allowed = interval(row.predicted_low, row.predicted_high)
    return f"<br>theory allows {plain(allowed)}" if allowed else ""


def _theory(name: str, rows: Rows) -> Trace:
    """A thin line in ink with its name where it ends."""
    return {
        "type": "scatter",
        "mode": "lines+text",
        "name": plain(name),
        "x": numbers([row.x for row in rows]),
        "y": numbers([row.y for row in rows]),
        "line": {"color": INK, "width": 1},
        "text": [""] * (len(rows) - 1) + ["\u2003" + plain(name)],  # a wide space keeps it clear of a marker there
        "textposition": "middle right",
        "textfont": {"color": INK, "size": 11},
        "cliponaxis": False,
        "hovertemplate": "%{x:.4g}: %{y:.5g}<extra>" + plain(name) + "</extra>",
        "showlegend": False,
    }


def _fit(rows: Rows, position: int) -> Trace:
    """A thin dashed line in the colour of the points that it was fitted to."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": numbers([row.x for row in rows]),
        "y": numbers([row.y for row in rows]),
        "line": {"color": SERIES[position % len(SERIES)], "width": 1, "dash": "dash"},
        "hovertemplate": "fit, %{x:.4g}: %{y:.5g}<extra></extra>",
        "showlegend": False,
    }


def _allowed(rows: Rows, color: str, x: Sequence[str] | None = None) -> Trace:
    """What theory allows at each measured x where it has both ends: a broad pale bar, known at that x alone."""
    kept = [k for k, row in enumerate(rows) if row.predicted_low is not None and row.predicted_high is not None]
    ends = [(rows[k].predicted_low or 0.0, rows[k].predicted_high or 0.0) for k in kept]
    if not kept:
        return {}
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [x[k] for k in kept] if x else numbers([rows[k].x for k in kept]),
        "y": numbers([high for _, high in ends]),
        "marker": {"size": 1, "opacity": 0},
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": numbers([0.0] * len(kept)),
            "arrayminus": numbers([high - low for low, high in ends]),
            "color": see_through(color, 0.16),
            "thickness": 14,
            "width": 0,
        },
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _at_one_x(series: Mapping[str, Rows], measured: Mapping[str, Rows], x_label: str, y_axis: Trace) -> Figure:
    """Points at a single x stand side by side, one place a series, with theory as a short line at each."""
    places = {name: "\u2002" if name == "measured" else plain(name) for name in measured}
    traces = []
    for position, (name, rows) in enumerate(measured.items()):
        at = [places[name]] * len(rows)
        traces.append(_allowed(rows, _color(position, len(measured)), at))
        for curve in ("theory", "theory low", "theory high", f"theory {name}"):
            traces.append(_level(series.get(curve, ())[:1], places[name]))
        traces.append(_measured(name, rows, position, at))
    return figure(
        [trace for trace in traces if trace],
        xaxis={**axis(x_label), "type": "category", "range": [-0.6, len(places) - 0.4], "showgrid": False},
        yaxis=y_axis,
        showlegend=False,
    )


def _level(rows: Rows, place: str) -> Trace:
    if not rows:
        return {}
    return {
        "type": "scatter",
        "mode": "markers+text",
        "x": [place],
        "y": numbers([rows[0].y]),
        "marker": {"symbol": "line-ew", "size": 44, "line": {"width": 1, "color": INK}},
        "text": ["\u2003" * 4 + "theory"],
        "textposition": "middle right",
        "textfont": {"color": INK, "size": 11},
        "cliponaxis": False,
        "hovertemplate": "theory: %{y:.5g}<extra></extra>",
        "showlegend": False,
    }
