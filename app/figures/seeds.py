"""Groups of runs at their seeds: a line a seed that several groups have, and each group's mean with its interval."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.figures.look import AXIS, Figure, Trace, axis, category, figure, numbers, plain
from storage.wording import number, with_interval

Array = NDArray[np.float64]
ASIDE = 0.14
"""How far beside its seeds a group's mean stands (the first's to the left), where two groups are 1 apart."""


def seeds_figure(names: Sequence[str], seeds: Sequence[int], values: Array, means: Array, y_label: str) -> Figure:
    """`values` has shape (groups, seeds), nan where a group lacks the seed; `means` (groups, 4): mean, low, high, n."""
    count = len(names)
    places = np.arange(count, dtype=np.float64)
    broken = np.concatenate([values.T, np.full((len(seeds), 1), np.nan)], axis=1).ravel()
    lines: Trace = {
        "type": "scatter",
        "mode": "lines+markers",
        "x": numbers(np.tile([*places, np.nan], len(seeds))),
        "y": numbers(broken),
        "line": {"color": AXIS, "width": 1},
        "marker": {"color": AXIS, "size": 4},
        "text": [f"seed {seed}" for seed in seeds for _ in range(count + 1)],
        "hovertemplate": "%{text}: %{y:.5g}<extra></extra>",
        "showlegend": False,
    }
    tick = {"tickvals": places.tolist(), "ticktext": [plain(name) for name in names], "range": [-0.5, count - 0.5]}
    return figure(
        [lines, *(_mean(name, position, means[position]) for position, name in enumerate(names))],
        xaxis={**axis("group"), **tick, "showgrid": False},
        yaxis=axis(y_label),
        showlegend=False,
    )


def _mean(name: str, position: int, mean: Array) -> Trace:
    value, low, high, n = mean.tolist()
    color, symbol = category(position)
    interval = with_interval(value, *((low, high) if np.isfinite(low) else (None, None))) if n else number(value)
    half = [high - value, value - low] if np.isfinite(low) else [0.0, 0.0]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": numbers([position + (ASIDE if position else -ASIDE)]),
        "y": numbers([value]),
        "error_y": {
            "type": "data", "symmetric": False, "array": numbers(half[:1]), "arrayminus": numbers(half[1:]),
            "color": color, "thickness": 1.6, "width": 0,
        },
        "marker": {"color": color, "size": 8, "symbol": symbol},
        "text": [f"{plain(name)}: {interval}, n = {n:.0f}"],
        "hovertemplate": "%{text}<extra></extra>",
    }  # fmt: skip
