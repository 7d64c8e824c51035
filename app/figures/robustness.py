"""Robust accuracy over ε: a panel for each model with a line for each method, or all models over one another."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.figures.evidence.labels import spread_out
from app.figures.look import DASHES, INK, SERIES, Figure, Trace, axis, figure, numbers, plain, see_through
from app.numbers.intervals import Summary
from app.numbers.robustness import ORDER, Array, method_text

COLORS = {"certified": SERIES[0], "exact": INK, "pgd": SERIES[1], "fgsm": SERIES[2]}
STROKES = {"certified": "dash", "exact": "solid", "pgd": "dot", "fgsm": "dashdot"}
DRAWN = {"certified": "dashed", "exact": "solid", "pgd": "dotted", "fgsm": "dash and dot"}
"""The strokes in words."""


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A model in one norm: `key` says which model a click means, `title` what it is called."""

    key: str
    title: str
    epsilon: Array
    methods: Mapping[str, Summary]


HEIGHT = 560
"""Least pixels of a figure."""
ROW = 230
"""Least pixels of a row of panels."""
COLUMNS = {"narrow": 1, "middling": 2, "wide": 3}
"""Most panels beside one another, by the width of the window (assets/lab.js says which that is)."""
ALONE, BESIDE = 46, 54
"""Letters of a panel's title on one line: so many fit over the narrowest panel, alone and beside others."""


def panels_figure(panels: Sequence[Panel], x_label: str) -> Figure:
    """A panel for each model, all on the same axes; the lines are named at the right of each panel. The narrower the
    window, the fewer panels stand beside one another."""
    traces = [
        {**trace, "xaxis": f"x{_axis_name(place)}", "yaxis": f"y{_axis_name(place)}"}
        for place, panel in enumerate(panels)
        for method, summary in panel.methods.items()
        for trace in _line(panel, method, summary, _color(method), STROKES.get(method, "longdash"), method_text(method))
    ]
    placed = {width: _placed(panels, x_label, most) for width, most in COLUMNS.items()}
    wide = placed.pop("wide")
    return figure(
        traces,
        showlegend=False,
        **wide["layout"],
        meta={"height": wide["height"], **placed},
    )


def _axis_name(place: int) -> str:
    return "" if place == 0 else str(place + 1)


def _color(method: str) -> str:
    return COLORS.get(method, SERIES[5])


def _placed(panels: Sequence[Panel], x_label: str, most: int) -> dict[str, Any]:
    """The height, and the axes and texts of panels in so many columns or, of four, in two."""
    columns = max(1, min(len(panels), 2 if len(panels) <= 4 else 3, most))
    rows = math.ceil(len(panels) / columns) or 1
    pixels = ROW * rows if most == 1 else max(HEIGHT, ROW * rows)
    gap = {1: 0.19, 2: 0.12}.get(most, 0.09)  # of the width, at the right of each panel: for the names of its lines
    lift = 0.28 / rows
    width, height = (1 - gap * columns) / columns, (1 - lift * rows) / rows
    right = max((float(panel.epsilon[-1]) for panel in panels if len(panel.epsilon)), default=1.0)
    titles = [textwrap.wrap(panel.title, ALONE if most == 1 else BESIDE) for panel in panels]
    lines = max([1, *map(len, titles)])
    layout: dict[str, Any] = {"annotations": [], "margin": {"l": 8, "r": 8, "t": 4 + 16 * (lines - 1), "b": 8}}
    for place, panel in enumerate(panels):
        row, column = divmod(place, columns)
        name = _axis_name(place)
        left, top = column * (width + gap), 1 - row * (height + lift) - lift * 0.4
        last = place + columns >= len(panels)
        layout[f"xaxis{name}"] = {
            **axis(x_label if last else ""),
            "domain": [left, left + width],
            "anchor": f"y{name}",
            "range": [0, right],
            "nticks": 6,
        }
        layout[f"yaxis{name}"] = {
            **axis("robust accuracy" if column == 0 else ""),
            "domain": [max(0.0, top - height), top],
            "anchor": f"x{name}",
            "range": [-0.02, 1.03],
            "nticks": 5,
        }
        ends = _ends(panel, f"x{name}", f"y{name}", height * (pixels - 40))
        layout["annotations"] += [_title(titles[place], left, top), *ends]
    return {"height": pixels, "layout": layout}


def together_figure(panels: Sequence[Panel], x_label: str) -> Figure:
    """All models on one pair of axes: a colour for each model and a stroke for each method; of one model, both."""
    alone = len(panels) == 1
    traces: list[Trace] = []
    for place, panel in enumerate(panels):
        for method, summary in panel.methods.items():
            color = _color(method) if alone else SERIES[place % len(SERIES)]
            name = method_text(method) if alone else panel.title
            made = _line(panel, method, summary, color, STROKES.get(method, "longdash"), name)
            in_legend = "exact" if "exact" in panel.methods else next(iter(panel.methods))
            made[-1]["showlegend"] = not alone and method == in_legend
            traces += made
    ends = [(_last(summary), method_text(method)) for panel in panels for method, summary in panel.methods.items()]
    return figure(
        traces,
        xaxis={**axis(x_label), "rangemode": "tozero"},
        yaxis={**axis("robust accuracy"), "range": [-0.02, 1.03]},
        showlegend=not alone,
        annotations=_labels(ends, "paper", "y", 450.0) if alone else [],
        margin={"l": 8, "r": 66 if alone else 12, "t": 12, "b": 8},
        meta={"height": HEIGHT},
    )


def _last(summary: Summary) -> float:
    known = summary.value[np.isfinite(summary.value)]
    return float(known[-1]) if known.size else 0.0


def _line(panel: Panel, method: str, summary: Summary, color: str, dash: str, name: str) -> list[Trace]:
    """The band of the interval, and over it the mean; `meta` says which model it is."""
    x = panel.epsilon
    keep = np.isfinite(summary.low)
    band: Trace = {
        "type": "scatter",
        "mode": "lines",
        "x": numbers(np.concatenate([x[keep], x[keep][::-1]])),
        "y": numbers(np.concatenate([summary.high[keep], summary.low[keep][::-1]])),
        "fill": "toself",
        "fillcolor": see_through(color, 0.14),
        "line": {"width": 0, "color": color},
        "hoverinfo": "skip",
        "showlegend": False,
        "legendgroup": plain(name),
    }
    known = np.isfinite(summary.value)
    line: Trace = {
        "type": "scatter",
        "mode": "lines",
        "name": plain(name),
        "meta": panel.key,
        "legendgroup": plain(name),
        "x": numbers(x[known]),
        "y": numbers(summary.value[known]),
        "customdata": numbers(np.stack([summary.low, summary.high, summary.n.astype(np.float64)], axis=1)[known]),
        "line": {"color": color, "width": 1.8 if method == "exact" else 1.5, "dash": dash},
        "hovertemplate": "ε = %{x:.4g}: %{y:.4f} [%{customdata[0]:.4f}, %{customdata[1]:.4f}], n = %{customdata[2]:d}"
        + f"<extra>{plain(method_text(method))}<br>{plain(panel.title)}</extra>",
    }
    return [band, line] if keep.any() else [line]


def _title(lines: Sequence[str], left: float, top: float) -> Trace:
    return {
        "text": "<br>".join(plain(line) for line in lines),
        "align": "left",
        "xref": "paper",
        "yref": "paper",
        "x": left,
        "y": top,
        "xanchor": "left",
        "yanchor": "bottom",
        "yshift": 2,
        "showarrow": False,
        "font": {"size": 12, "color": INK},
    }


def _ends(panel: Panel, x: str, y: str, pixels: float) -> list[Trace]:
    ends = [(_last(summary), method_text(method)) for method, summary in panel.methods.items()]
    return _labels(ends, f"{x} domain", y, pixels)


def _labels(ends: Sequence[tuple[float, str]], x: str, y: str, pixels: float) -> list[Trace]:
    """The names beside the right edge, each where its line ends or as near to that as the others let it."""
    order = sorted(range(len(ends)), key=lambda k: (ends[k][0], _rank(ends[k][1])))
    share = 13.0 / max(pixels, 60.0)
    centres = spread_out([ends[k][0] for k in order], [share] * len(order), -0.02, 1.03)
    return [
        {
            "text": plain(ends[k][1]),
            "xref": x,
            "x": 1,
            "yref": y,
            "y": centre,
            "xanchor": "left",
            "yanchor": "middle",
            "xshift": 4,
            "showarrow": False,
            "font": {"size": 10.5, "color": _label_color(ends[k][1])},
        }
        for k, centre in zip(order, centres, strict=True)
    ]


def _rank(name: str) -> int:
    spoken = [method_text(method) for method in ORDER]
    return spoken.index(name) if name in spoken else len(spoken)


def _label_color(name: str) -> str:
    return next((COLORS[method] for method in ORDER if method_text(method) == name), INK)


@dataclass(frozen=True, kw_only=True)
class Radii:
    """The distances of a run's points, ascending, and the share of the points within each; where they are `binned`, at
    the edges of the bins. `meta` is what a click says: model, seed and norm."""

    meta: tuple[str, str, str]
    title: str
    seed: int
    radius: Array
    share: Array
    binned: bool = False


def radii_figure(runs: Sequence[Radii], pooled: Mapping[str, tuple[Array, Array]], x_label: str) -> Figure:
    """Distribution functions: thin those of single runs, whose every point is one of the data, and broad that of all
    points of a model, by its title; a colour for each model."""
    colors = {title: SERIES[k % len(SERIES)] for k, title in enumerate(pooled)}
    binned = {run.title for run in runs if run.binned}

    def shape(title: str) -> Trace:
        return {"shape": "linear" if title in binned else "hv", "color": colors[title]}

    thin: list[Trace] = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": plain(run.title),
            "legendgroup": plain(run.title),
            "showlegend": False,
            "meta": None if run.binned else list(run.meta),
            "x": numbers(run.radius),
            "y": numbers(run.share),
            "line": {**shape(run.title), "color": see_through(colors[run.title], 0.45), "width": 1},
            "hovertemplate": f"%{{x:.4g}}: %{{y:.3f}}<extra>{plain(run.title)}<br>seed {run.seed}</extra>",
        }
        for run in runs
    ]
    broad: list[Trace] = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": plain(title),
            "legendgroup": plain(title),
            "x": numbers(radius),
            "y": numbers(share),
            "line": {**shape(title), "width": 2, "dash": DASHES[k // len(SERIES) % len(DASHES)]},
            "hoverinfo": "skip",
        }
        for k, (title, (radius, share)) in enumerate(pooled.items())
    ]
    return figure(
        [*broad, *thin],
        xaxis={**axis(x_label), "rangemode": "tozero"},
        yaxis={**axis("share of the points within it"), "range": [0, 1.02]},
        showlegend=len(pooled) > 1,
    )
