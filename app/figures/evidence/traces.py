"""The parts of a picture of evidence: points with intervals, what theory allows, lines of theory and of fits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.figures.evidence.series import Compared, Rows
from app.figures.look import INK, Trace, category, numbers, plain, see_through
from app.figures.scale import Array
from storage.records import EvidenceRecord
from storage.wording import interval, number, with_interval

Point = EvidenceRecord | Compared


def color_of(position: int) -> str:
    return category(position)[0]


def told(row: EvidenceRecord) -> str:
    """The value with its interval and, on a line of its own, what theory allows."""
    allowed = interval(row.predicted_low, row.predicted_high)
    return with_interval(row.y, row.low, row.high) + (f"<br>theory allows {plain(allowed)}" if allowed else "")


def interval_bars(values: Sequence[float], points: Sequence[Point], color: str) -> dict[str, Any]:
    """Error bars from low to high; none at a point without an interval."""
    return {
        "type": "data",
        "symmetric": False,
        "array": numbers([0.0 if p.high is None else p.high - v for v, p in zip(values, points, strict=True)]),
        "arrayminus": numbers([0.0 if p.low is None else v - p.low for v, p in zip(values, points, strict=True)]),
        "color": color,
        "thickness": 1.4,
        "width": 0,
    }


def measured(name: str, rows: Rows, position: int, x: Array) -> Trace:
    """The points, drawn at `x`."""
    color, symbol = category(position)
    return {
        "type": "scatter",
        "mode": "markers",
        "name": plain(name),
        "x": numbers(x),
        "y": numbers([row.y for row in rows]),
        "error_y": interval_bars([row.y for row in rows], rows, color),
        "marker": {"color": color, "size": 6, "symbol": symbol},
        "text": [f"{number(row.x, 6)}: {told(row)}" for row in rows],
        "hovertemplate": "%{text}<extra>" + plain(name) + "</extra>",
    }


def compared(name: str, points: Sequence[Compared], position: int, against: str, x: Array) -> Trace:
    """The points of the lower panel, drawn at `x`; `against` says what was done with theory."""
    color, symbol = category(position)
    return {
        "type": "scatter",
        "mode": "markers",
        "name": plain(f"{name} {against}".strip()),
        "x": numbers(x),
        "y": numbers([point.value for point in points]),
        "yaxis": "y2",
        "error_y": interval_bars([point.value for point in points], points, color),
        "marker": {"color": color, "size": 5, "symbol": symbol},
        "text": [
            f"{number(point.x, 6)}: {plain(with_interval(point.value, point.low, point.high))}" for point in points
        ],
        "hovertemplate": "%{text}<extra>" + plain(f"{name} {against}".strip()) + "</extra>",
        "showlegend": False,
    }


def allowed(
    xs: Sequence[float], ends: Sequence[tuple[float | None, float | None]], color: str, panel: str = ""
) -> Trace:
    """What theory allows at each x where it has both ends: a broad pale bar, known at that x alone."""
    kept = [(x, low, high) for x, (low, high) in zip(xs, ends, strict=True) if low is not None and high is not None]
    if not kept:
        return {}
    return {
        "type": "scatter",
        "mode": "markers",
        "x": numbers([x for x, _, _ in kept]),
        "y": numbers([high for _, _, high in kept]),
        "marker": {"size": 1, "opacity": 0},
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": numbers([0.0] * len(kept)),
            "arrayminus": numbers([high - low for _, low, high in kept]),
            "color": see_through(color, 0.16),
            "thickness": 14,
            "width": 0,
        },
        "hoverinfo": "skip",
        "showlegend": False,
        **({"yaxis": panel} if panel else {}),
    }


def theory(name: str, rows: Rows) -> Trace:
    """A thin line in ink; a theory of one point is a short level."""
    lone = len(rows) == 1
    return {
        "type": "scatter",
        "mode": "markers" if lone else "lines",
        "name": plain(name),
        "x": numbers([row.x for row in rows]),
        "y": numbers([row.y for row in rows]),
        **(
            {"marker": {"symbol": "line-ew", "size": 22, "line": {"width": 1, "color": INK}}}
            if lone
            else {"line": {"color": INK, "width": 1}}
        ),
        "hovertemplate": "%{x:.4g}: %{y:.5g}<extra>" + plain(name) + "</extra>",
        "showlegend": False,
    }


def fit(name: str, rows: Rows, position: int) -> Trace:
    """A thin dashed line in the colour of the points that it was fitted to."""
    return {
        "type": "scatter",
        "mode": "lines",
        "name": plain(name),
        "x": numbers([row.x for row in rows]),
        "y": numbers([row.y for row in rows]),
        "line": {"color": color_of(position), "width": 1, "dash": "dash"},
        "hovertemplate": "%{x:.4g}: %{y:.5g}<extra>" + plain(name) + "</extra>",
        "showlegend": False,
    }
