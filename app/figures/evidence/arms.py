"""Measured values without an x to draw along: an arm a row, its interval lying, theory as an upright line."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence

from app.figures.evidence.series import Evidence
from app.figures.evidence.traces import interval_bars, told
from app.figures.look import INK, MUTED, SERIES, Figure, Trace, axis, figure, numbers, plain, see_through
from app.figures.scale import scale_of
from storage.records import EvidenceRecord
from storage.wording import number

ROW = 30
"""Pixels that an arm takes."""
LETTERS = 26
"""Letters of an arm's name on one line."""
_ANCHOR = {"theory": "center", "at least": "right", "at most": "left"}


def arms_height(evidence: Evidence) -> int:
    return 88 + ROW * len(evidence.measured)


def arms_figure(evidence: Evidence, x_label: str, y_label: str) -> Figure:
    """The first arm on top; the values lie along x, on a logarithmic axis where they are worth one."""
    names = list(evidence.measured)
    rows = [evidence.measured[name][0] for name in names]
    height = {name: float(len(names) - 1 - k) for k, name in enumerate(names)}
    xs = {row.x for row in rows}
    shared_x = f" at {x_label} = {_x_said(evidence, rows[0].x)}" if len(xs) == 1 and x_label else ""
    theory = _theory(evidence)
    values = [point.y for point in evidence.points]
    ends = [end for row in rows for end in (row.low, row.high, row.predicted_low, row.predicted_high)]
    traces = [_allowed(rows, list(height.values()))]
    traces += [_levels(known, height, word) for word, known in theory.items()]
    traces.append(_measured(rows, list(height.values()), [evidence.told[name] for name in names]))
    return figure(
        [trace for trace in traces if trace],
        xaxis=axis(y_label + shared_x, values, log=evidence.y_log) | _around(values, ends, log=evidence.y_log),
        yaxis={
            "range": [-0.5, len(names) - 0.5],
            "tickvals": list(height.values()),
            "ticktext": [_name(evidence, name, x_label if len(xs) > 1 else "") for name in names],
            "showgrid": False,
            "ticks": "",
            "showline": False,
        },
        annotations=[_word(word, known, height, evidence.y_log) for word, known in theory.items()],
        showlegend=False,
        margin={"l": 8, "r": 18, "t": 22, "b": 8},
    )


def _around(values: Sequence[float], ends: Sequence[float | None], *, log: bool) -> dict[str, list[float]]:
    """The range of an axis with one value alone, in proportion to it: plotly would show one more and one less."""
    known = {*values, *(end for end in ends if end is not None)}
    scale = scale_of(values, log=log)
    return {} if len(known) > 1 else {"range": [scale.low, scale.high]}


def _x_said(evidence: Evidence, x: float) -> str:
    return evidence.places[int(x)] if evidence.places else number(x, 6)


def _name(evidence: Evidence, series: str, x_label: str) -> str:
    """The arm's name in lines of text, with its x where the arms differ in it."""
    parts = [f"{evidence.title} {evidence.told[series]}".strip()]
    if x_label:
        parts.append(f"{x_label} {_x_said(evidence, evidence.measured[series][0].x)}")
    lines = textwrap.wrap(", ".join(part for part in parts if part), LETTERS)
    return "<br>".join(plain(line) for line in lines) + "\u2002"


def _theory(evidence: Evidence) -> dict[str, dict[str, float]]:
    """What theory says of each arm that it speaks of: one value, or the least and the greatest."""
    found: dict[str, dict[str, float]] = {"theory": {}, "at least": {}, "at most": {}}
    for name in evidence.measured:
        at = {end: rows[0].y for end, rows in evidence.curves_of(name).items()}
        if "" in at or ("low" in at and at["low"] == at.get("high")):
            found["theory"][name] = at.get("", at.get("low", math.nan))
        else:
            found["at least"] |= {name: at["low"]} if "low" in at else {}
            found["at most"] |= {name: at["high"]} if "high" in at else {}
    return {word: known for word, known in found.items() if known}


def _levels(known: Mapping[str, float], height: Mapping[str, float], word: str) -> Trace:
    """An upright line through each arm's row; where neighbours have the same value it is one line."""
    return {
        "type": "scatter",
        "mode": "lines",
        "name": word,
        "x": numbers([x for value in known.values() for x in (value, value, math.nan)]),
        "y": numbers([y for name in known for y in (height[name] + 0.5, height[name] - 0.5, math.nan)]),
        "line": {"color": INK, "width": 1},
        "hovertemplate": f"{word}: " + "%{x:.5g}<extra></extra>",
    }


def _word(word: str, known: Mapping[str, float], height: Mapping[str, float], log: bool) -> Trace:
    """The word over the topmost line."""
    top = max(known, key=lambda name: height[name])
    return {
        "x": math.log10(known[top]) if log else known[top],
        "y": height[top] + 0.5,
        "text": word,
        "showarrow": False,
        "xanchor": _ANCHOR[word],
        "yanchor": "bottom",
        "font": {"color": INK, "size": 11},
    }


def _measured(rows: Sequence[EvidenceRecord], heights: Sequence[float], names: Sequence[str]) -> Trace:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "measured",
        "x": numbers([row.y for row in rows]),
        "y": numbers(heights),
        "marker": {"color": SERIES[0], "size": 7},
        "error_x": interval_bars([row.y for row in rows], rows, SERIES[0]),
        "text": [f"{plain(name)}: {told(row)}" if name else told(row) for name, row in zip(names, rows, strict=True)],
        "hovertemplate": "%{text}<extra></extra>",
    }


def _allowed(rows: Sequence[EvidenceRecord], heights: Sequence[float]) -> Trace:
    """What theory allows an arm where it has both ends: a broad pale bar."""
    kept = [
        (row.predicted_low, row.predicted_high, height)
        for row, height in zip(rows, heights, strict=True)
        if row.predicted_low is not None and row.predicted_high is not None
    ]
    if not kept:
        return {}
    return {
        "type": "bar",
        "orientation": "h",
        "name": "allowed",
        "base": numbers([low for low, _, _ in kept]),
        "x": numbers([high - low for low, high, _ in kept]),
        "y": numbers([height for _, _, height in kept]),
        "width": 0.6,
        "marker": {"color": see_through(MUTED, 0.2), "line": {"width": 0}},
        "hoverinfo": "skip",
    }
