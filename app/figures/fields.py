"""Fields of one run, each drawn plainly for what it is. The arrays of each kind are named as in FIELD_ARRAYS."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from app.figures.look import AXIS, DIVERGING, INK, SEQUENTIAL, SERIES, Figure, Trace, figure, numbers, see_through
from storage.records import FieldRecord

if TYPE_CHECKING:
    import pandas as pd

Arrays = Mapping[str, NDArray[Any]]

FIELD_ARRAYS: Mapping[str, tuple[str, ...]] = {
    "surface": ("x", "y", "z"),
    "polygons": ("vertices", "offsets", "value"),
    "points": ("x", "y", "value"),
    "arrows": ("x0", "y0", "x1", "y1"),
    "histogram": ("edges", "density"),
    "network": ("sizes", "weights"),
}
MOST_POLYGONS = 4000
"""Beyond so many regions a browser no longer draws them as shapes: their edges alone are drawn, all of them."""


def field_figure(field: FieldRecord) -> Figure | None:
    """None where the kind is unknown or its arrays are not there."""
    if field.kind not in FIELD_ARRAYS or not set(FIELD_ARRAYS[field.kind]) <= set(field.arrays):
        return None
    return _DRAWN[field.kind](field.arrays)


def field_frame(field: FieldRecord) -> pd.DataFrame:
    """Every number of the field: a row a number, with the array it stands in and its place there."""
    import pandas as pd

    parts = []
    for name, values in field.arrays.items():
        places = np.unravel_index(np.arange(values.size), values.shape or (1,))
        columns: dict[str, object] = {"array": name}
        columns |= dict(zip(("i", "j", "k"), places, strict=False))
        parts.append(pd.DataFrame({**columns, "value": values.ravel()}))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["array", "i", "value"])


def _scale(values: NDArray[Any]) -> dict[str, Any]:
    """Values of both signs around a neutral zero, others along the ramp."""
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
    bar = {"thickness": 8, "outlinewidth": 0, "len": 0.9, "tickcolor": AXIS, "ticklen": 3, "exponentformat": "power"}
    if low < 0 < high:
        reach = max(-low, high)
        return {"colorscale": list(DIVERGING), "zmin": -reach, "zmax": reach, "colorbar": bar}
    return {"colorscale": list(SEQUENTIAL), "zmin": low, "zmax": high, "colorbar": bar}


def _surface(arrays: Arrays) -> Figure:
    """Heat map with a few contour lines; the zero line, a decision boundary, in ink where z takes both signs."""
    x, y, z = arrays["x"], arrays["y"], arrays["z"]
    place = {
        "x": numbers(x),
        "y": numbers(y),
        "z": numbers(z),
        "hovertemplate": "%{x:.4g}, %{y:.4g}: %{z:.5g}<extra></extra>",
    }
    traces: list[Trace] = [{"type": "heatmap", **place, **_scale(z)}]
    lines: Trace = {"type": "contour", **place, "showscale": False, "hoverinfo": "skip"}
    if z.size and z.min() < 0 < z.max():
        lines |= {
            "contours": {"coloring": "none", "start": 0, "end": 0, "size": 1},
            "line": {"color": INK, "width": 1.5},
        }
    else:
        lines |= {
            "contours": {"coloring": "none"},
            "ncontours": 10,
            "line": {"color": see_through(INK, 0.35), "width": 0.7},
        }
    return figure([*traces, lines])


def _polygons(arrays: Arrays) -> Figure:
    """Regions coloured by value: one filled outline for each value, since a trace a region would be slow."""
    vertices, offsets, value = arrays["vertices"], arrays["offsets"], arrays["value"]
    levels, position = np.unique(value, return_inverse=True)
    many = len(levels) > 12
    filled = len(value) <= MOST_POLYGONS
    bins = np.minimum((position * 12) // max(len(levels), 1), 11) if many else position
    colors = _level_colors(levels, many)
    traces: list[Trace] = []
    for shade in np.unique(bins):
        outline = _outline(vertices, offsets, np.flatnonzero(bins == shade))
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "x": numbers(outline[:, 0]),
                "y": numbers(outline[:, 1]),
                "line": {"width": 0.6, "color": INK},
                "hoverinfo": "skip",
                "showlegend": False,
                **({"fill": "toself", "fillcolor": see_through(colors[int(shade)], 0.45)} if filled else {}),
            }
        )
    return figure(traces, **_square())


def _level_colors(levels: NDArray[Any], many: bool) -> list[str]:
    from app.figures.look import ramp

    if not many and len(levels) <= 2:
        return [SERIES[0], SERIES[1]]
    return list(ramp(12 if many else len(levels)))


def _outline(vertices: NDArray[Any], offsets: NDArray[Any], regions: NDArray[np.intp]) -> NDArray[np.float64]:
    """The closed outlines of the regions one after another, parted by nan; shape (k, 2)."""
    parts: list[NDArray[np.float64]] = []
    gap = np.full((1, 2), np.nan)
    for region in regions:
        ring = vertices[offsets[region] : offsets[region + 1]]
        parts += [ring, ring[:1], gap]
    return np.concatenate(parts) if parts else np.zeros((0, 2))


def _points(arrays: Arrays) -> Figure:
    value = arrays["value"]
    levels = np.unique(value)
    place = {"type": "scatter", "mode": "markers"}
    if len(levels) > 6:
        scale = _scale(value)
        marker = {
            "size": 5,
            "color": numbers(value),
            "colorscale": scale["colorscale"],
            "cmin": scale["zmin"],
            "cmax": scale["zmax"],
            "colorbar": scale["colorbar"],
        }
        trace = {**place, "x": numbers(arrays["x"]), "y": numbers(arrays["y"]), "marker": marker}
        return figure([trace | {"hovertemplate": "%{x:.4g}, %{y:.4g}: %{marker.color:.4g}<extra></extra>"}])
    traces = [
        {
            **place,
            "name": f"{level:g}",
            "x": numbers(arrays["x"][value == level]),
            "y": numbers(arrays["y"][value == level]),
            "marker": {
                "size": 5,
                "color": SERIES[k],
                "symbol": ("circle", "square", "diamond", "x", "cross", "star")[k],
            },
            "hovertemplate": "%{x:.4g}, %{y:.4g}<extra>%{fullData.name}</extra>",
        }
        for k, level in enumerate(levels)
    ]
    return figure(traces, showlegend=len(levels) > 1)


def _arrows(arrays: Arrays) -> Figure:
    """Each arrow a line with a head: a triangle turned to where the line comes from."""
    tail, head = np.stack([arrays["x0"], arrays["y0"]], 1), np.stack([arrays["x1"], arrays["y1"]], 1)
    shaft = np.stack([tail, head, np.full_like(head, np.nan, dtype=float)], axis=1).reshape(-1, 2)
    heads = np.stack([tail, head], axis=1).reshape(-1, 2)
    size = np.tile([0.0, 7.0], len(tail))
    return figure(
        [
            {
                "type": "scatter",
                "mode": "lines",
                "x": numbers(shaft[:, 0]),
                "y": numbers(shaft[:, 1]),
                "line": {"color": INK, "width": 1},
                "hoverinfo": "skip",
            },
            {
                "type": "scatter",
                "mode": "markers",
                "x": numbers(heads[:, 0]),
                "y": numbers(heads[:, 1]),
                "marker": {"symbol": "arrow", "angleref": "previous", "size": numbers(size), "color": INK},
                "hovertemplate": "%{x:.4g}, %{y:.4g}<extra></extra>",
            },
        ],
        showlegend=False,
        **_square(),
    )


def _histogram(arrays: Arrays) -> Figure:
    edges, density = arrays["edges"], arrays["density"]
    return figure(
        [
            {
                "type": "bar",
                "x": numbers((edges[1:] + edges[:-1]) / 2),
                "width": numbers(np.diff(edges)),
                "y": numbers(density),
                "marker": {"color": see_through(SERIES[0], 0.55), "line": {"width": 0}},
                "hovertemplate": "%{x:.4g}: %{y:.4g}<extra></extra>",
            }
        ],
        yaxis={"title": {"text": "density"}, "rangemode": "tozero"},
        bargap=0,
    )


def _network(arrays: Arrays) -> Figure:
    """Neurons in columns; an edge's colour is the sign of its weight, its strength how visible it is."""
    sizes, weights = arrays["sizes"].astype(int), arrays["weights"]
    y_of = [np.linspace(-(size - 1) / 2, (size - 1) / 2, size) for size in sizes]
    strongest = float(np.abs(weights).max()) if weights.size else 1.0
    starts = [np.repeat(np.stack([np.full(a, k), y_of[k]], 1), b, axis=0) for k, (a, b) in enumerate(pairwise(sizes))]
    ends = [
        np.tile(np.stack([np.full(b, k + 1.0), y_of[k + 1]], 1), (a, 1)) for k, (a, b) in enumerate(pairwise(sizes))
    ]
    start, end = np.concatenate(starts), np.concatenate(ends)
    strength = np.ceil(np.abs(weights) / (strongest or 1.0) * 4).clip(
        1, 4
    )  # four shades: a trace an edge would be slow
    traces: list[Trace] = []
    for color, sign, name in ((SERIES[0], 1, "positive weight"), (SERIES[1], -1, "negative weight")):
        of_sign = np.where(weights < 0, -1, 1) == sign
        for shade in (1, 2, 3, 4):
            chosen = (strength == shade) & of_sign
            path = np.stack([start[chosen], end[chosen], np.full((int(chosen.sum()), 2), np.nan)], axis=1).reshape(
                -1, 2
            )
            traces.append(
                {
                    "type": "scatter",
                    "mode": "lines",
                    "name": name,
                    "x": numbers(path[:, 0]),
                    "y": numbers(path[:, 1]),
                    "line": {"color": see_through(color, shade / 4), "width": 0.4 + 0.5 * shade},
                    "hoverinfo": "skip",
                    "showlegend": bool(of_sign.any()) and shade == strength[of_sign].max(),
                }
            )
    neurons = np.concatenate([np.stack([np.full(size, k), y_of[k]], 1) for k, size in enumerate(sizes)])
    traces.append(
        {
            "type": "scatter",
            "mode": "markers",
            "x": numbers(neurons[:, 0]),
            "y": numbers(neurons[:, 1]),
            "marker": {"size": 8 if sizes.max() <= 32 else 3, "color": INK},
            "hoverinfo": "skip",
            "showlegend": False,
        }
    )
    hidden = {"visible": False}
    return figure(traces, xaxis=hidden, yaxis=hidden)


def _square() -> dict[str, Any]:
    return {"yaxis": {"scaleanchor": "x", "constrain": "domain"}, "xaxis": {"constrain": "domain"}}


_DRAWN: Mapping[str, Callable[[Arrays], Figure]] = {
    "surface": _surface,
    "polygons": _polygons,
    "points": _points,
    "arrows": _arrows,
    "histogram": _histogram,
    "network": _network,
}
