"""The picture that shows a verdict: measured points with intervals, the thin line of theory, the band it allows."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from app.figures.look import (
    INK,
    MARKERS,
    MUTED,
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


def is_theory(series: str) -> bool:
    return series == "theory" or series.startswith("theory ")


def evidence_figure(points: Sequence[EvidenceRecord], x_label: str = "", y_label: str = "") -> Figure:
    """`points` in the order of series and step. An axis is logarithmic where all is positive and spans a decade."""
    xs = [point.x for point in points]
    ends = [(point.low, point.high, point.predicted_low, point.predicted_high) for point in points]
    ys = [point.y for point in points] + [end for row in ends for end in row if end is not None]
    # an interval that reaches below zero says nothing about the scale of the points themselves
    y_log = worth_a_log([point.y for point in points], 1.3) and all(p.low is None or p.low > 0 for p in points)
    series = {name: list(rows) for name, rows in groupby(points, key=lambda point: point.series)}
    measured = [name for name in series if not is_theory(name)]
    traces: list[Trace] = []
    for position, name in enumerate(measured):
        traces += _allowed(series[name], SERIES[position % len(SERIES)] if len(measured) > 1 else INK)
    traces += [_theory(name, rows) for name, rows in series.items() if is_theory(name)]
    traces += [_measured(name, series[name], position) for position, name in enumerate(measured)]
    return figure(
        traces,
        xaxis=axis(x_label, xs, log=worth_a_log(xs)),
        yaxis=axis(y_label, [y for y in ys if y > 0], log=y_log),
        showlegend=len(measured) > 1,
        margin={"l": 8, "r": _room([trace for trace in traces if "text" in trace.get("mode", "")]), "t": 12, "b": 8},
    )


def _room(labelled: Sequence[Trace]) -> int:
    """Pixels to the right for the longest label of a line's end."""
    return 12 + max((14 + 6 * len(trace["name"]) for trace in labelled), default=0)


def _measured(name: str, rows: Sequence[EvidenceRecord], position: int) -> Trace:
    color = SERIES[position % len(SERIES)]
    trace: Trace = {
        "type": "scatter",
        "mode": "markers",
        "name": plain(name),
        "x": numbers([row.x for row in rows]),
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
    return f"<br>theory allows {allowed}" if allowed else ""


def _beside(name: str) -> str:
    """A label to the right of a line's end, clear of a marker there."""
    return "\u2003" + plain(name)


def _theory(name: str, rows: Sequence[EvidenceRecord]) -> Trace:
    """A thin line in ink with its name where it ends."""
    return {
        "type": "scatter",
        "mode": "lines+text",
        "name": plain(name),
        "x": numbers([row.x for row in rows]),
        "y": numbers([row.y for row in rows]),
        "line": {"color": INK, "width": 1},
        "text": [""] * (len(rows) - 1) + [_beside(name)],
        "textposition": "middle right",
        "textfont": {"color": INK, "size": 11},
        "cliponaxis": False,
        "hovertemplate": "%{x:.4g}: %{y:.5g}<extra>" + plain(name) + "</extra>",
        "showlegend": False,
    }


def _allowed(rows: Sequence[EvidenceRecord], color: str) -> list[Trace]:
    """What theory allows: a band where it has both ends, a dotted bound where it has one."""
    traces: list[Trace] = []
    both = [row for row in rows if row.predicted_low is not None and row.predicted_high is not None]
    if both:
        traces.append(_band(both, color))
    for bound, end in (("at least", "predicted_low"), ("at most", "predicted_high")):
        alone = [row for row in rows if getattr(row, end) is not None and row not in both]
        if alone:
            traces.append(_bound(bound, [(row.x, getattr(row, end)) for row in alone], color))
    return traces


def _band(rows: Sequence[EvidenceRecord], color: str) -> Trace:
    """A closed outline through upper and lower ends; a lone point gets a short bar, drawn as a wide interval."""
    if len({row.x for row in rows}) == 1:
        middle = [((row.predicted_low or 0.0) + (row.predicted_high or 0.0)) / 2 for row in rows]
        return {
            "type": "scatter",
            "mode": "markers",
            "x": numbers([row.x for row in rows]),
            "y": numbers(middle),
            "marker": {"size": 1, "color": see_through(color, 0.1)},
            "error_y": {
                "type": "data",
                "array": numbers([(row.predicted_high or 0.0) - at for row, at in zip(rows, middle, strict=True)]),
                "color": see_through(color, 0.12),
                "thickness": 22,
                "width": 0,
            },
            "hoverinfo": "skip",
            "showlegend": False,
        }
    ordered = sorted(rows, key=lambda row: row.x)
    return {
        "type": "scatter",
        "mode": "lines",
        "x": numbers([row.x for row in ordered] + [row.x for row in reversed(ordered)]),
        "y": numbers(
            [row.predicted_high for row in ordered] + [row.predicted_low for row in reversed(ordered)]  # type: ignore[arg-type]  # both ends are there
        ),
        "fill": "toself",
        "fillcolor": see_through(color, 0.09),
        "line": {"width": 0},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _bound(name: str, ends: Sequence[tuple[float, float]], color: str) -> Trace:
    ordered = sorted(ends)
    lone = len(ordered) == 1
    return {
        "type": "scatter",
        "mode": "markers+text" if lone else "lines+text",
        "name": name,
        "x": numbers([x for x, _ in ordered]),
        "y": numbers([y for _, y in ordered]),
        "line": {"color": color, "width": 1, "dash": "dot"},
        "text": [""] * (len(ordered) - 1) + [_beside(name)],
        "textposition": "middle right",
        "textfont": {"color": MUTED, "size": 11},
        "cliponaxis": False,
        "marker": {"symbol": "line-ew", "size": 26, "line": {"width": 1.2, "color": color if color != INK else MUTED}},
        "hovertemplate": f"theory: {name} " + "%{y:.5g}<extra></extra>",
        "showlegend": False,
    }
