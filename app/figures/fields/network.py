"""A network as people draw it: neurons in columns, an edge for each weight."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from app.figures.fields.scales import Arrays, color_scale
from app.figures.look import INK, MUTED, SERIES, Figure, Trace, figure, numbers, see_through

SHADES = 6
"""An edge is as wide and as dark as its weight is large, in so many steps: a trace an edge would be slow."""
FEW = 32
"""Neurons of a layer that are drawn large."""


def network_figure(arrays: Arrays) -> Figure:
    """sizes (layers,), weights (edges,) layer by layer, input-major; biases (neurons after the inputs,) if kept: they
    colour the neurons. An edge's colour is the sign of its weight."""
    sizes, weights = arrays["sizes"].astype(int), arrays["weights"]
    height = [np.linspace((size - 1) / 2, -(size - 1) / 2, size) for size in sizes]
    traces = _edges(sizes, weights, height)
    traces.append(_neurons(sizes, height, arrays.get("biases")))
    layers = [
        {
            "x": k,
            "y": 0,
            "yref": "paper",
            "text": f"{'input<br>' if k == 0 else 'output<br>' if k == len(sizes) - 1 else ''}{size}",
            "showarrow": False,
            "yanchor": "top",
            "font": {"color": MUTED, "size": 11},
        }
        for k, size in enumerate(sizes)
    ]
    hidden = {"visible": False}
    return figure(traces, xaxis=hidden, yaxis=hidden, annotations=layers, margin={"l": 8, "r": 12, "t": 12, "b": 40})


def _edges(sizes: NDArray[np.int64], weights: NDArray[np.float64], height: list[NDArray[np.float64]]) -> list[Trace]:
    starts = [np.repeat(np.stack([np.full(a, k), height[k]], 1), b, axis=0) for k, (a, b) in enumerate(pairwise(sizes))]
    ends = [
        np.tile(np.stack([np.full(b, k + 1.0), height[k + 1]], 1), (a, 1)) for k, (a, b) in enumerate(pairwise(sizes))
    ]
    start, end = np.concatenate(starts), np.concatenate(ends)
    strongest = float(np.abs(weights).max()) if weights.size else 1.0
    strength = np.ceil(np.abs(weights) / (strongest or 1.0) * SHADES).clip(1, SHADES)
    traces: list[Trace] = []
    for color, sign, name in ((SERIES[0], 1, "positive weight"), (SERIES[1], -1, "negative weight")):
        of_sign = np.where(weights < 0, -1, 1) == sign
        for shade in range(1, SHADES + 1):
            chosen = (strength == shade) & of_sign
            if not chosen.any():
                continue
            gap = np.full((int(chosen.sum()), 2), np.nan)
            path = np.stack([start[chosen], end[chosen], gap], axis=1).reshape(-1, 2)
            traces.append(
                {
                    "type": "scatter",
                    "mode": "lines",
                    "name": name,
                    "x": numbers(path[:, 0]),
                    "y": numbers(path[:, 1]),
                    "line": {"color": see_through(color, shade / SHADES), "width": 0.4 + 0.4 * shade},
                    "hoverinfo": "skip",
                    "showlegend": bool(shade == strength[of_sign].max()),
                }
            )
    return traces


def _neurons(sizes: NDArray[np.int64], height: list[NDArray[np.float64]], biases: NDArray[np.float64] | None) -> Trace:
    at = np.concatenate([np.stack([np.full(size, k), height[k]], 1) for k, size in enumerate(sizes)])
    marker: Trace = {"size": 10 if sizes.max() <= FEW else 4, "color": INK}
    told = [f"layer {k}, neuron {i + 1}" for k, size in enumerate(sizes) for i in range(size)]
    if biases is not None and len(biases) == int(sizes[1:].sum()) and biases.any():
        every = np.concatenate([np.zeros(sizes[0]), biases])  # inputs have no bias
        scale = color_scale(every)
        reach = max(abs(scale["zmin"]), abs(scale["zmax"])) or 1.0
        marker |= {
            "color": numbers(every),
            "colorscale": scale["colorscale"],
            "cmin": scale["zmin"] if scale["zmin"] < 0 else -reach,
            "cmax": reach,
            "colorbar": scale["colorbar"] | {"title": {"text": "bias", "side": "right"}},
            "line": {"color": INK, "width": 1},
        }
        told = [f"{words}, bias {bias:.4g}" for words, bias in zip(told, every, strict=True)]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": numbers(at[:, 0]),
        "y": numbers(at[:, 1]),
        "marker": marker,
        "text": told,
        "hovertemplate": "%{text}<extra></extra>",
        "showlegend": False,
    }
