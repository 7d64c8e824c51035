"""A matrix as it is written: rows downward, columns to the right, an entry a square."""

from __future__ import annotations

import numpy as np

from app.figures.fields.scales import Arrays, color_scale
from app.figures.look import Figure, figure, numbers


def matrix_figure(arrays: Arrays) -> Figure:
    """z of shape (rows, columns); y and x, where they are there, say what the rows and columns stand for."""
    z = arrays["z"]
    x, y = (arrays.get(name, np.arange(length)) for name, length in (("x", z.shape[1]), ("y", z.shape[0])))
    trace = {
        "type": "heatmap",
        "x": numbers(x),
        "y": numbers(y),
        "z": numbers(z),
        "hovertemplate": "row %{y:.4g}, column %{x:.4g}: %{z:.5g}<extra></extra>",
        **color_scale(z),
    }
    step = abs(float(x[-1] - x[0])) / max(len(x) - 1, 1) / (abs(float(y[-1] - y[0])) / max(len(y) - 1, 1) or 1.0) or 1.0
    bare = {"showline": False, "ticks": ""}
    return figure(
        [trace],
        xaxis={"side": "top", "constrain": "domain", **bare},
        yaxis={"autorange": "reversed", "scaleanchor": "x", "scaleratio": step, "constrain": "domain", **bare},
    )
