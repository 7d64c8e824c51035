"""Pictures of a classifier of the plane: its decision, its linear regions, and the exact distance to its boundary."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.networks.distances import Norm, decision_boundary, nearest_on_segments
from experiments.networks.regions import linear_regions
from experiments.networks.relu import ReluNetwork

Floats = NDArray[np.float64]
Window = tuple[tuple[float, float], tuple[float, float]]
"""Lower left and upper right."""

GUIDE_WINDOW: Window = ((-2.0, -1.5), (3.0, 2.0))
"""The guide's plot of the moons."""
SIDE = 60
"""Places of a map along each side of the window."""


def around(x: Floats) -> Window:
    """A window half a unit wider than the points (n, 2)."""
    (left, low), (right, high) = x.min(axis=0) - 0.5, x.max(axis=0) + 0.5
    return (float(left), float(low)), (float(right), float(high))


def maps(
    network: ReluNetwork,
    data: Mapping[str, Floats],
    nearest: Mapping[Norm, Floats],
    window: Window,
    reach: float = 10.0,
) -> dict[str, Mapping[str, NDArray[Any]]]:
    """The fields decision, data, regions, steepness, and of each norm distance_NORM and adversarial_NORM, where there
    is a decision boundary: `data` are its arrays x, y and value, `nearest` the boundary points (n, 2) that are nearest
    to them; `reach` is half the side of the square in which the boundary is first looked for."""
    across, up = (np.linspace(low, high, SIDE) for low, high in zip(*window, strict=True))
    grid = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
    regions = linear_regions(network, *window)
    fields: dict[str, Mapping[str, NDArray[Any]]] = {
        "decision": {"x": across, "y": up, "z": network(grid).reshape(SIDE, SIDE)},
        "data": data,
        "regions": {**regions.by_steepness(), "value": network(regions.centres())},
        "steepness": regions.by_steepness(),
    }
    x = np.stack([data["x"], data["y"]], axis=1)
    segments = decision_boundary(network, np.concatenate([x, grid]), reach=reach)
    for norm, points in nearest.items():
        if segments[0].size:
            distance = nearest_on_segments(grid, *segments, norm).distance
            fields[f"distance_{norm}"] = {"x": across, "y": up, "z": distance.reshape(SIDE, SIDE)}
            fields[f"adversarial_{norm}"] = {"x0": x[:, 0], "y0": x[:, 1], "x1": points[:, 0], "y1": points[:, 1]}
    return fields
