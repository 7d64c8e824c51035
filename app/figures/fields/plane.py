"""What lives in a plane: surfaces as heat maps, regions, arrows and points, each by itself or over one another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.figures.fields.scales import BAR, Arrays, Box, box_of, color_scale, one_space, square, takes_both_signs
from app.figures.look import INK, MUTED, PAPER, SERIES, Figure, Trace, figure, numbers, ramp, see_through, tint
from storage.records import FieldRecord
from storage.wording import number

KINDS = ("surface", "polygons", "arrows", "points")
"""From the lowest layer to the highest."""
MOST_POLYGONS = 4000
"""Beyond so many regions a browser no longer draws them as shapes: their edges alone are drawn, all of them."""
MOST_SHADES = 12
SYMBOLS = ("circle", "square", "diamond", "x", "cross", "star")
ALIKE, BEYOND = 0.1, 0.35
"""Shares of a span: by how much surfaces and regions of one plane may differ in extent, and how far points and arrows
may lie outside them."""


def extent(field: FieldRecord) -> Box | None:
    """Where the field lies; None for what is in no plane, or empty."""
    arrays = field.arrays
    if field.kind in ("surface", "points"):
        x, y = arrays["x"], arrays["y"]
    elif field.kind == "polygons":
        x, y = arrays["vertices"][:, 0], arrays["vertices"][:, 1]
    elif field.kind == "arrows":
        x, y = (np.concatenate([arrays[f"{axis}0"], arrays[f"{axis}1"]]) for axis in "xy")
    else:
        return None
    return box_of(x, y) if x.size else None


def share_a_plane(fields: Sequence[FieldRecord]) -> list[str]:
    """The names of the fields that can be drawn over one another: surfaces and regions of the same extent, and the
    points and arrows within it; [] where that is nothing of two kinds."""
    boxes = {field.name: box for field in fields if (box := extent(field)) is not None}
    kinds = {field.name: field.kind for field in fields}
    ground = next((name for kind in KINDS[:2] for name in boxes if kinds[name] == kind), None)
    if ground is None or not one_space(boxes[ground]):
        return []
    shared = [name for name in boxes if _fits(boxes[name], boxes[ground], over=kinds[name] in KINDS[2:])]
    shared.sort(key=lambda name: KINDS.index(kinds[name]))
    return shared if len({kinds[name] for name in shared}) > 1 else []


def _fits(box: Box, ground: Box, *, over: bool) -> bool:
    spans = (ground[1] - ground[0],) * 2 + (ground[3] - ground[2],) * 2
    beyond = [outward * (a - b) / span for a, b, span, outward in zip(box, ground, spans, (-1, 1, -1, 1), strict=True)]
    return max(beyond) <= BEYOND if over else max(map(abs, beyond)) <= ALIKE


def first_layers(fields: Sequence[FieldRecord], names: Sequence[str]) -> list[str]:
    """Of the fields that share a plane, the picture to begin with: the surface that has a boundary (both signs) or else
    the first one, the first regions, the first arrows, and all points."""
    by_kind = {kind: [field for field in fields if field.name in names and field.kind == kind] for kind in KINDS}
    surfaces = sorted(by_kind["surface"], key=lambda field: not takes_both_signs(field.arrays["z"]))
    chosen = [*surfaces[:1], *by_kind["polygons"][:1], *by_kind["arrows"][:1], *by_kind["points"]]
    return [field.name for field in chosen]


def plane_figure(fields: Sequence[FieldRecord], *, signed: bool = True, shared: bool = False) -> Figure:
    """The fields as layers: surfaces lowest (the first one shown), points on top; regions over a surface are their
    edges alone. Where they are of a plane that several fields share, x and y are of one space."""
    layers = sorted(fields, key=lambda field: KINDS.index(field.kind))
    over = layers[0].kind == "surface" and len(layers) > 1
    traces: list[Trace] = []
    for field in layers:
        if field.kind == "surface":
            traces += [] if traces else surface_traces(field.arrays, signed=signed, lines=len(layers) == 1)
        elif field.kind == "polygons":
            traces += region_edges(field.arrays) if over else regions(field.arrays)
        elif field.kind == "arrows":
            traces += arrows(field.arrays)
        else:
            traces += points(field.arrays, outlined=over)
    boxes = [box for field in layers if (box := extent(field)) is not None]
    plane = shared or layers[0].kind in ("polygons", "arrows") or (bool(boxes) and one_space(boxes[0]))
    layout: dict[str, Any] = square() if plane else {}
    if layers[0].kind in ("surface", "polygons") and boxes:
        low_x, high_x, low_y, high_y = boxes[0]
        layout["xaxis"] = layout.get("xaxis", {}) | {"range": [low_x, high_x]}
        layout["yaxis"] = layout.get("yaxis", {}) | {"range": [low_y, high_y]}
    return figure(traces, showlegend=sum("name" in trace for trace in traces) > 1, **layout)


def surface_traces(arrays: Arrays, *, signed: bool = True, lines: bool = True) -> list[Trace]:
    """Heat map; the zero line, a decision boundary, in ink where z takes both signs, and contour lines elsewhere."""
    place = {
        "x": numbers(arrays["x"]),
        "y": numbers(arrays["y"]),
        "z": numbers(arrays["z"]),
        "hovertemplate": "%{x:.4g}, %{y:.4g}: %{z:.5g}<extra></extra>",
    }
    contour: Trace = {"type": "contour", **place, "showscale": False, "hoverinfo": "skip", "showlegend": False}
    if signed and takes_both_signs(arrays["z"]):
        contour |= {
            "contours": {"coloring": "none", "start": 0, "end": 0, "size": 1},
            "line": {"color": INK, "width": 2},
        }
    else:
        shade = see_through(INK, 0.35 if lines else 0.22)
        contour |= {"contours": {"coloring": "none"}, "ncontours": 12, "line": {"color": shade, "width": 0.7}}
    return [{"type": "heatmap", **place, **color_scale(arrays["z"], signed=signed)}, contour]


def regions(arrays: Arrays) -> list[Trace]:
    """Regions coloured by value: one filled outline for each of at most twelve shades, since a trace a region would be
    slow. Up to twelve values have a shade each, more share them evenly; the scale says which values a shade has."""
    values = arrays["value"]
    reach = float(np.abs(values).max()) if values.size else 0.0
    levels, position = np.unique(np.round(values / (reach or 1.0), 9), return_inverse=True)  # equal but for rounding
    shades = min(len(levels), MOST_SHADES)
    bins = (position * shades) // max(len(levels), 1)
    colors = [tint(color) for color in (SERIES[:shades] if shades <= 2 else ramp(shades))]
    traces: list[Trace] = []
    for shade in range(shades):
        outline = _outline(arrays, np.flatnonzero(bins == shade))
        fill = {"fill": "toself", "fillcolor": colors[shade]} if len(values) <= MOST_POLYGONS else {}
        traces.append(_edges(outline, INK, 0.6) | fill)
    drawn = bool(shades) and len(values) <= MOST_POLYGONS
    return [*traces, _shades_bar(levels * (reach or 1.0), colors)] if drawn else traces


def _shades_bar(levels: NDArray[np.float64], colors: Sequence[str]) -> Trace:
    """The scale beside regions: a field a shade, with its value or, where several share it, the values at its ends."""
    shades = len(colors)
    if len(levels) == shades:
        ticks, told = [k + 0.5 for k in range(shades)], levels
    else:
        ticks = list(range(0, shades + 1, 3))
        told = levels[[min(-(-k * len(levels) // shades), len(levels) - 1) for k in range(0, shades + 1, 3)]]
    steps = [[edge / shades, color] for k, color in enumerate(colors) for edge in (k, k + 1)]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [None],
        "y": [None],
        "marker": {
            "color": [0],
            "cmin": 0,
            "cmax": shades,
            "colorscale": steps,
            "showscale": True,
            "colorbar": BAR | {"tickvals": ticks, "ticktext": [number(float(value), 3) for value in told]},
        },
        "hoverinfo": "skip",
        "showlegend": False,
    }


def region_edges(arrays: Arrays) -> list[Trace]:
    return [_edges(_outline(arrays, np.arange(len(arrays["value"]))), see_through(INK, 0.45), 0.6)]


def _edges(outline: NDArray[np.float64], color: str, width: float) -> Trace:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": numbers(outline[:, 0]),
        "y": numbers(outline[:, 1]),
        "line": {"width": width, "color": color},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _outline(arrays: Arrays, chosen: NDArray[np.intp]) -> NDArray[np.float64]:
    """The closed outlines of the chosen regions one after another, parted by nan; shape (k, 2)."""
    vertices, offsets = arrays["vertices"], arrays["offsets"]
    parts: list[NDArray[np.float64]] = []
    gap = np.full((1, 2), np.nan)
    for region in chosen:
        ring = vertices[offsets[region] : offsets[region + 1]]
        parts += [ring, ring[:1], gap]
    return np.concatenate(parts) if parts else np.zeros((0, 2))


def arrows(arrays: Arrays) -> list[Trace]:
    """Each arrow a line with a head: a triangle turned to where the line comes from."""
    tail, head = np.stack([arrays["x0"], arrays["y0"]], 1), np.stack([arrays["x1"], arrays["y1"]], 1)
    shaft = np.stack([tail, head, np.full_like(head, np.nan, dtype=float)], axis=1).reshape(-1, 2)
    heads = np.stack([tail, head], axis=1).reshape(-1, 2)
    return [
        _edges(shaft, INK, 0.9),
        {
            "type": "scatter",
            "mode": "markers",
            "x": numbers(heads[:, 0]),
            "y": numbers(heads[:, 1]),
            "marker": {
                "symbol": "arrow",
                "angleref": "previous",
                "size": numbers(np.tile([0.0, 7.0], len(tail))),
                "color": INK,
                "line": {"width": 0},
            },
            "hovertemplate": "%{x:.4g}, %{y:.4g}<extra></extra>",
            "showlegend": False,
        },
    ]


def are_classes(levels: NDArray[Any]) -> bool:
    return len(levels) <= len(SYMBOLS) and bool((levels == np.round(levels)).all())


def points(arrays: Arrays, *, outlined: bool = False) -> list[Trace]:
    """Points by value: a few whole numbers are classes, each with its colour and symbol; others run along a scale."""
    value = arrays["value"]
    levels = np.unique(value)
    edge = {"line": {"color": PAPER, "width": 1}} if outlined else {}
    place = {"type": "scatter", "mode": "markers"}
    if not are_classes(levels):
        scale = color_scale(value)
        marker = {
            "size": 6,
            "line": {"color": MUTED, "width": 0.7},  # in the middle of a scale of both signs is the paper's colour
            "color": numbers(value),
            "colorscale": scale["colorscale"],
            "cmin": scale["zmin"],
            "cmax": scale["zmax"],
            "showscale": not outlined,
            "colorbar": scale["colorbar"],
            **edge,
        }
        trace = {**place, "x": numbers(arrays["x"]), "y": numbers(arrays["y"]), "marker": marker}
        return [trace | {"hovertemplate": "%{x:.4g}, %{y:.4g}: %{marker.color:.4g}<extra></extra>"}]
    return [
        {
            **place,
            "name": f"{level:g}",
            "x": numbers(arrays["x"][value == level]),
            "y": numbers(arrays["y"][value == level]),
            "marker": {"size": 7 if outlined else 5, "color": SERIES[k], "symbol": SYMBOLS[k], **edge},
            "hovertemplate": "%{x:.4g}, %{y:.4g}<extra>%{fullData.name}</extra>",
        }
        for k, level in enumerate(levels)
    ]
