"""A surface in three dimensions, with the points and arrows of its plane lifted onto it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.figures.fields.plane import are_classes
from app.figures.fields.scales import Arrays, color_scale
from app.figures.look import AXIS, GRID, INK, MUTED, SERIES, TRANSPARENT, Figure, Trace, figure, numbers
from storage.records import FieldRecord

Array = NDArray[np.float64]
STEPS = 16
"""An arrow is laid over the surface in so many pieces."""
SYMBOLS = ("circle", "square", "diamond", "x", "cross", "circle-open")


def solid_figure(surface: FieldRecord, over: Sequence[FieldRecord] = (), *, signed: bool = True) -> Figure:
    """`over` are points and arrows; anything else is left to the flat picture."""
    arrays = surface.arrays
    scale = color_scale(arrays["z"], signed=signed)
    traces: list[Trace] = [
        {
            "type": "surface",
            "x": numbers(arrays["x"]),
            "y": numbers(arrays["y"]),
            "z": numbers(arrays["z"]),
            "colorscale": scale["colorscale"],
            "cmin": scale["zmin"],
            "cmax": scale["zmax"],
            "colorbar": scale["colorbar"],
            "contours": {"z": {"show": True, "color": AXIS, "width": 1}},
            "lighting": {"ambient": 0.75, "diffuse": 0.5, "specular": 0.05},
            "hovertemplate": "%{x:.4g}, %{y:.4g}: %{z:.5g}<extra></extra>",
            "showlegend": False,
        }
    ]
    for field in over:
        if field.kind == "points":
            traces += _points(arrays, field.arrays)
        elif field.kind == "arrows":
            traces.append(_arrows(arrays, field.arrays))
    return figure(
        traces,
        scene=_scene(arrays),
        showlegend=sum("name" in trace for trace in traces) > 1,
        margin={"l": 0, "r": 0, "t": 8, "b": 0},
    )


def height_over(surface: Arrays, x: Array, y: Array) -> Array:
    """z at each (x, y), bilinear between the four samples around it; outside, that of the nearest edge."""
    z = surface["z"]
    (i, u), (j, v) = _place(surface["x"], x), _place(surface["y"], y)
    return np.asarray(
        (1 - v) * ((1 - u) * z[j, i] + u * z[j, i + 1]) + v * ((1 - u) * z[j + 1, i] + u * z[j + 1, i + 1]),
        dtype=np.float64,
    )


def _place(grid: NDArray[Any], at: Array) -> tuple[NDArray[np.intp], Array]:
    """The cell of the ascending grid that each value is in, and how far along it (0 to 1)."""
    cell = np.clip(np.searchsorted(grid, at, side="right") - 1, 0, len(grid) - 2)
    return cell, np.clip((at - grid[cell]) / (grid[cell + 1] - grid[cell]), 0.0, 1.0)


def _points(surface: Arrays, arrays: Arrays) -> list[Trace]:
    value = arrays["value"]
    levels = np.unique(value)
    groups = [(f"{level:g}", value == level) for level in levels] if are_classes(levels) else [("", value == value)]
    return [
        {
            "type": "scatter3d",
            "mode": "markers",
            **({"name": name} if name else {}),
            "x": numbers(arrays["x"][chosen]),
            "y": numbers(arrays["y"][chosen]),
            "z": numbers(height_over(surface, arrays["x"][chosen], arrays["y"][chosen])),
            "marker": {"size": 4, "color": SERIES[k], "symbol": SYMBOLS[k], "line": {"color": INK, "width": 1}},
            "hovertemplate": "%{x:.4g}, %{y:.4g}: %{z:.5g}<extra>%{fullData.name}</extra>",
        }
        for k, (name, chosen) in enumerate(groups)
    ]


def _arrows(surface: Arrays, arrays: Arrays) -> Trace:
    along = np.append(np.linspace(0, 1, STEPS + 1), np.nan)
    x, y = (
        (arrays[f"{axis}0"][:, None] + (arrays[f"{axis}1"] - arrays[f"{axis}0"])[:, None] * along).ravel()
        for axis in "xy"
    )
    z = height_over(surface, np.nan_to_num(x), np.nan_to_num(y))
    return {
        "type": "scatter3d",
        "mode": "lines",
        "x": numbers(x),
        "y": numbers(y),
        "z": numbers(np.where(np.isnan(x), np.nan, z)),
        "line": {"color": INK, "width": 2},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _scene(arrays: Arrays) -> dict[str, Any]:
    axis = {
        "color": MUTED,
        "gridcolor": GRID,
        "linecolor": AXIS,
        "zeroline": False,
        "showbackground": False,
        "title": {"text": ""},
        "tickfont": {"size": 10},
        "exponentformat": "power",
        "nticks": 5,
    }
    spans = np.ptp(arrays["x"]), np.ptp(arrays["y"])
    longest = max(*spans, 1e-300)
    alike = min(spans) * 1.5 >= longest
    ratio = [float(span / longest) if alike else 1.0 for span in spans]
    return {
        "xaxis": axis,
        "yaxis": axis,
        "zaxis": axis,
        "bgcolor": TRANSPARENT,
        "aspectmode": "manual",
        "aspectratio": {"x": ratio[0], "y": ratio[1], "z": 0.6},
        "camera": {"eye": {"x": 1.2, "y": -1.4, "z": 1.35}},
    }
