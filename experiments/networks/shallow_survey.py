"""Many random shallow ReLU networks at once: how they are drawn, and what is counted of them (see networks.pieces)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from experiments.networks.pieces import Kinks, between, grid_kinks, shallow_kinks, shallow_output, shallow_slope

Floats = NDArray[np.float64]

EVALUATIONS = 1_000_000
"""About how often a survey evaluates a neuron to measure slopes, and again to fill the grid; at least ten networks."""


def draw_shallow(init: str, networks: int, neurons: int, rng: Generator) -> tuple[Floats, Floats, Floats]:
    """Weights, biases and readouts, each (networks, neurons): normal, zero bias (normal weights), uniform on (−1, 1),
    or the guide network, relu(x) + relu(1 − x) + relu(x/2 − 1)."""
    shape = (3, networks, neurons)
    match init:
        case "normal":
            w, b, v = rng.standard_normal(shape)
        case "zero bias":
            w, b, v = rng.standard_normal(shape)
            b = np.zeros_like(b)
        case "uniform":
            w, b, v = rng.uniform(-1, 1, shape)
        case "guide network":
            w, b, v = np.array([[[1.0, -1.0, 0.5]], [[0.0, 1.0, -1.0]], [[1.0, 1.0, 1.0]]])
        case _:
            raise ValueError(f"no initialisation called {init!r}")
    return w, b, v


def guide_function(x: Floats) -> Floats:
    """The guide's network, written out by pieces."""
    return np.piecewise(x, [x < 0, x >= 1, x >= 2], [lambda x: 1 - x, lambda x: x, lambda x: 1.5 * x - 1, 1.0])


@dataclass(frozen=True, eq=False)
class Survey:
    """Of each network: `pieces` on the whole line and `pieces_inside` the grid's ends, exact, `path_norm`, (networks,)
    each, and the kinks inside. Of the first few, as many as EVALUATIONS allow: `variation`, the total variation of the
    slope from the network's own slopes, and `seen`, the kinks that second differences see on the grid."""

    pieces: NDArray[np.int64]
    pieces_inside: NDArray[np.int64]
    path_norm: Floats
    inside: Sequence[Kinks]
    variation: Floats
    seen: NDArray[np.int64]


def survey(w: Floats, b: Floats, v: Floats, grid: Floats) -> Survey:
    """Survey networks w, b, v, (networks, neurons) each, against an even grid (points,)."""
    networks = list(zip(w, b, v, strict=True))
    neurons = w.shape[1]
    kinks = [shallow_kinks(*network) for network in networks]
    inside = [found.inside(grid[0], grid[-1]) for found in kinks]
    pieces = np.array([found.pieces for found in kinks])
    measured = networks[: max(10, EVALUATIONS // (neurons * int(pieces.max())))]
    slopes = [shallow_slope(*network, between(found.at)) for network, found in zip(measured, kinks, strict=False)]
    on_grid = networks[: max(10, EVALUATIONS // (neurons * len(grid)))]
    return Survey(
        pieces=pieces,
        pieces_inside=np.array([found.pieces for found in inside]),
        path_norm=np.sum(np.abs(v * w), axis=1),
        inside=inside,
        variation=np.array([np.abs(np.diff(slope)).sum() for slope in slopes]),
        seen=np.array([grid_kinks(shallow_output(*network, grid)) for network in on_grid]),
    )


def kink_map(shown: Sequence[Kinks]) -> dict[str, Floats]:
    """The points of a field: the kinks of one network a row, coloured by the jump of the slope."""
    return {
        "x": np.concatenate([found.at for found in shown]),
        "y": np.repeat(np.arange(len(shown), dtype=np.float64), [len(found.at) for found in shown]),
        "value": np.concatenate([found.jump for found in shown]),
    }
