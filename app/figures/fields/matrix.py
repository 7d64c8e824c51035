"""A matrix as it is written: rows downward, columns to the right, an entry a square."""

from __future__ import annotations

import numpy as np

from app.figures.fields.scales import Arrays, color_scale
from app.figures.look import Figure, figure, numbers


def matrix_figure(arrays: Arrays) -> Figure:
    """z of shape (rows, columns); the labels, numbers that the rows stand for, are the columns' too if z is square."""
    z = arrays["z"]
    rows, columns = (np.arange(length, dtype=np.float64) for length in z.shape)
    labels = arrays.get("labels")
    if labels is not None and len(labels) == z.shape[0]:
        rows = labels
        columns = labels if z.shape[0] == z.shape[1] else columns
    trace = {
        "type": "heatmap",
        "x": numbers(columns),
        "y": numbers(rows),
        "z": numbers(z),
        "hovertemplate": "row %{y:.4g}, column %{x:.4g}: %{z:.5g}<extra></extra>",
        **color_scale(z),
    }
    bare = {"showline": False, "ticks": "", "constrain": "domain"}
    return figure(
        [trace],
        xaxis={"side": "top", **bare},
        yaxis={"autorange": "reversed", "scaleanchor": "x", "scaleratio": _step(columns) / _step(rows), **bare},
    )


def _step(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float:
    """From one label to the next, on average."""
    return abs(float(values[-1] - values[0])) / max(len(values) - 1, 1) or 1.0
