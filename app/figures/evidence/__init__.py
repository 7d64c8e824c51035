"""The picture that shows a verdict: measured points with intervals, the thin line of theory, what theory allows.

Under it, where theory has a value at the points' x, the same points over theory or minus theory, on the same x.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from app.figures.beside import Marks, drawn_beside, marks_of, side_by_side
from app.figures.evidence import traces
from app.figures.evidence.arms import arms_figure, arms_height
from app.figures.evidence.labels import Curve, labels_at_the_edge, seen_as_one
from app.figures.evidence.series import Comparison, Evidence, Rows, against_theory, evidence_of, slope_of
from app.figures.look import AXIS, INK, UPRIGHT, Figure, Trace, axis, figure, numbers, plain, worth_a_log
from app.figures.scale import Scale, scale_of
from storage.wording import number

__all__ = ["Comparison", "Evidence", "against_theory", "evidence_figure", "evidence_height", "evidence_of", "slope_of"]

MAIN, PANEL = 246, 96
"""Pixels of the figure, and what the panel under it adds."""
LEGEND_ROW = 19
_AROUND = 68
"""Pixels that the x axis, its title and the room above take."""


def evidence_figure(points: Rows, x_label: str = "", y_label: str = "") -> Figure:
    """`points` in the order of series and step. An axis is logarithmic where all is positive and spreads far enough."""
    evidence = evidence_of(points)
    return arms_figure(evidence, x_label, y_label) if evidence.arms else _along_x(evidence, x_label, y_label)


def evidence_height(points: Rows) -> int:
    """Pixels that the picture needs."""
    evidence = evidence_of(points)
    if evidence.arms:
        return arms_height(evidence)
    return MAIN + _legend_rows(evidence) * LEGEND_ROW + (PANEL if against_theory(evidence) else 0)


def _along_x(evidence: Evidence, x_label: str, y_label: str) -> Figure:
    comparison = against_theory(evidence)
    x = scale_of([row.x for row in evidence.points], log=evidence.x_log, after=0.035)
    y = scale_of(list(_heights(evidence)), log=evidence.y_log)
    foot = PANEL / (MAIN - _AROUND + PANEL) if comparison else 0.0
    series = list(evidence.measured.items())
    at = side_by_side([_marks([(row.x, row.y, row.low, row.high) for row in rows]) for _, rows in series], x, y)
    labels = labels_at_the_edge(_named(evidence, x, y), x, y, MAIN - _AROUND)
    names = _legend(evidence)
    drawn = [
        traces.allowed(
            [row.x for row in rows],
            [(row.predicted_low, row.predicted_high) for row in rows],
            traces.color_of(k) if len(names) > 1 else INK,
        )
        for k, rows in enumerate(evidence.measured.values())
    ]
    drawn += labels.leaders
    drawn += [traces.fit(f"fit {evidence.told[name]}".strip(), evidence.fits[name], k)
              for k, name in enumerate(evidence.measured) if name in evidence.fits]  # fmt: skip
    drawn += [traces.theory(told, rows) for told, rows in _different(evidence)]
    drawn += [traces.measured(names[name], rows, k, at[k]) for k, (name, rows) in enumerate(series)]
    below, beside = _panel(evidence, comparison, x) if comparison else ([], False)
    drawn += below
    return figure(
        [trace for trace in drawn if trace],
        xaxis=_x_axis(evidence, x_label, x) | ({"anchor": "y2"} if comparison else {}),
        yaxis=_axis(y_label, y, [row.y for row in evidence.points], UPRIGHT) | {"domain": [foot and foot + 0.05, 1]},
        **(_panel_layout(comparison, foot - 0.05) if comparison else {}),
        meta={
            "legend": _legend_rows(evidence) * LEGEND_ROW,
            "beside": beside or drawn_beside(at, [[row.x for row in rows] for _, rows in series]),
        },
        annotations=labels.annotations,
        showlegend=len(names) > 1,
        legend={"title": {"text": plain(evidence.title), "side": "left"}} if evidence.title else {},
        margin={"l": 8, "r": max(12.0, labels.margin), "t": 12, "b": 8},
    )


def _heights(evidence: Evidence) -> Iterator[float]:
    """Every y that the main panel shows."""
    for row in evidence.points:
        yield from (y for y in (row.y, row.low, row.high) if y is not None)
        if row.predicted_low is not None and row.predicted_high is not None:
            yield from (row.predicted_low, row.predicted_high)
    yield from (row.y for rows in evidence.fits.values() for row in rows)


def _axis(title: str, scale: Scale, values: list[float], letters: int) -> Trace:
    return axis(title, values, log=scale.log, letters=letters) | {"range": [scale.low, scale.high]}


def _x_axis(evidence: Evidence, title: str, scale: Scale) -> Trace:
    made = _axis(title, scale, [row.x for row in evidence.points], 60)
    if evidence.places:
        made |= {"tickvals": list(range(len(evidence.places))), "ticktext": [plain(place) for place in evidence.places]}
    return made


def _legend(evidence: Evidence) -> dict[str, str]:
    """What the legend calls each measured series, with the slope of its fit."""
    said = {}
    for name in evidence.measured:
        line = evidence.fits.get(name)
        parts = [evidence.told[name], f"slope {number(slope_of(line), 3)}" if line else ""]
        said[name] = ": ".join(part for part in parts if part) or "measured"
    return said


def _legend_rows(evidence: Evidence) -> int:
    """About how many rows the legend takes in a figure of usual width."""
    if len(evidence.measured) == 1:
        return 0
    return 1 + sum(45 + 6 * len(name) for name in _legend(evidence).values()) // 560


def _different(evidence: Evidence) -> list[tuple[str, Rows]]:
    """Each theory curve with what it is called; of curves that are the same to the last point, the first."""
    found: dict[tuple[tuple[float, float], ...], tuple[str, Rows]] = {}
    for name in evidence.measured:
        for rows in evidence.curves_of(name).values():
            found.setdefault(tuple((row.x, row.y) for row in rows), (f"theory {evidence.told[name]}".strip(), rows))
    return [("theory", rows) for _, rows in found.values()] if len(found) == 1 else list(found.values())


def _named(evidence: Evidence, x: Scale, y: Scale) -> list[tuple[str, list[Curve]]]:
    """The labels of the theory curves: what a group that is seen as one line is called, with its curves."""
    curves = []
    for name in evidence.measured:
        for rows in evidence.curves_of(name).values():
            curves.append(Curve(name=evidence.told[name], x=[row.x for row in rows], y=[row.y for row in rows]))
    groups = seen_as_one(curves, x, y)
    if len(groups) == 1:
        return [("theory", groups[0])]
    shared = [_shared([curve.name for curve in group]) for group in groups]
    return [
        (
            _group_name(
                [curve.name for curve in group], own if shared.count(own) == 1 else "", evidence.title, len(groups)
            ),
            group,
        )
        for group, own in zip(groups, shared, strict=True)
    ]


def _shared(names: list[str]) -> str:
    """What all of several names say, part by part: `depth 1` of `depth 1, data moons` and `depth 1, data wine`."""
    first, *others = [name.split(", ") for name in names]
    return ", ".join(part for part in first if others and all(part in other for other in others))


def _group_name(names: list[str], shared: str, title: str, groups: int) -> str:
    told = [shared] if shared else list(dict.fromkeys(name for name in names if name))
    if not told:
        return "theory"
    said = ", ".join(told[:3]) + (" …" if len(told) > 3 else "")
    word = "theory, " if groups <= 3 else ""
    return f"{word}{title} {said}" if title and said[0] in "0123456789−-" else f"{word}{said}"


def _marks(points: Sequence[tuple[float, float, float | None, float | None]]) -> Marks:
    """Of x, y and the ends of an interval, where there are any."""
    return marks_of(*np.array(points, dtype=np.float64).T)


def _panel(evidence: Evidence, comparison: Comparison, x: Scale) -> tuple[list[Trace], bool]:
    """The traces of the lower panel, and whether points stand beside their x there."""
    against = "over theory" if comparison.ratio else "minus theory"
    position = {name: k for k, name in enumerate(evidence.measured)}
    pale: Mapping[str, str] = {name: traces.color_of(k) if len(position) > 1 else INK for name, k in position.items()}
    made = [
        traces.allowed(
            [point.x for point in points], [(p.allowed_low, p.allowed_high) for p in points], pale[name], "y2"
        )
        for name, points in comparison.series.items()
    ]
    every = [row.x for row in evidence.points]
    level = 1.0 if comparison.ratio else 0.0
    made.append(
        {
            "type": "scatter",
            "mode": "lines",
            "x": numbers([min(every), max(every)]),
            "y": numbers([level, level]),
            "yaxis": "y2",
            "line": {"color": INK, "width": 1},
            "hoverinfo": "skip",
            "showlegend": False,
        }
    )
    marks = [_marks([(p.x, p.value, p.low, p.high) for p in points]) for points in comparison.series.values()]
    at = side_by_side(marks, x, _panel_scale(comparison))
    made += [
        traces.compared(evidence.told[name], points, position[name], against, at[k])
        for k, (name, points) in enumerate(comparison.series.items())
    ]
    return made, drawn_beside(at, [each.x for each in marks])


def _panel_scale(comparison: Comparison) -> Scale:
    points = [point for rows in comparison.series.values() for point in rows]
    values = [point.value for point in points]
    ends = [end for p in points for end in (p.low, p.high, p.allowed_low, p.allowed_high) if end is not None]
    log = comparison.ratio and worth_a_log(values, 1.0) and all(end > 0 for end in ends)
    return scale_of([*values, *ends, 1.0 if comparison.ratio else 0.0], log=log, before=0.1, after=0.1)


def _panel_layout(comparison: Comparison, top: float) -> Figure:
    scale = _panel_scale(comparison)
    values = [point.value for points in comparison.series.values() for point in points]
    made = axis("", values, log=scale.log, labels=4) | {
        "range": [scale.low, scale.high],
        "domain": [0, top],
        "nticks": 6,
    }
    made["title"] = {"text": "over theory" if comparison.ratio else "minus theory"}
    return {"yaxis2": made | {"zeroline": False, "gridcolor": AXIS + "40"}}
