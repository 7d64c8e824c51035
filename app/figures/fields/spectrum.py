"""A histogram as density, with the density that a law says as a thin line over it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.figures.fields.scales import Arrays
from app.figures.look import INK, SERIES, Figure, figure, numbers, plain, see_through

Law = tuple[str, NDArray[np.float64], NDArray[np.float64]]
"""What the law is called, x and its density there."""


def spectrum_figure(name: str, arrays: Arrays, laws: Sequence[Law] = ()) -> Figure:
    edges, density = arrays["edges"], arrays["density"]
    bars = {
        "type": "bar",
        "name": "measured",
        "x": numbers((edges[1:] + edges[:-1]) / 2),
        "width": numbers(np.diff(edges)),
        "y": numbers(density),
        "marker": {"color": see_through(SERIES[0], 0.55), "line": {"width": 0}},
        "hovertemplate": "%{x:.4g}: %{y:.4g}<extra></extra>",
    }
    lines = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": plain(law),
            "x": numbers(x),
            "y": numbers(y),
            "line": {"color": INK, "width": 1.3, "dash": ("solid", "dash", "dot")[k % 3]},
            "hovertemplate": "%{x:.4g}: %{y:.4g}<extra>" + plain(law) + "</extra>",
        }
        for k, (law, x, y) in enumerate(laws)
    ]
    return figure(
        [bars, *lines],
        xaxis={"title": {"text": plain(name)}},
        yaxis={"title": {"text": "density"}, "rangemode": "tozero"},
        bargap=0,
        showlegend=bool(lines),
    )
