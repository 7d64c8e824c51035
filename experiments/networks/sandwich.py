"""How near certificates from below and attacks from above come to a ReLU network's exact distances, over given points,
and whether the linear regions that those come from are right."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from experiments.networks.certificates import lipschitz_radius
from experiments.networks.distances import Norm
from experiments.networks.regions import linear_regions
from experiments.networks.relu import ReluNetwork
from experiments.networks.robustness import Radii

Floats = NDArray[np.float64]


def region_checks(network: ReluNetwork, square: float) -> dict[str, float]:
    """Of the linear regions in [−square, square]²: their number, the relative error of their total area, and the
    largest error of their affine formulas relative to the largest |f|."""
    regions = linear_regions(network, (-square, -square), (square, square))
    return {
        "regions": float(len(regions)),
        "area_error": float(abs(regions.areas().sum() / (2 * square) ** 2 - 1)),
        "formula_error": regions.formula_error(network),
    }


def sandwich(network: ReluNetwork, by_norm: Mapping[Norm, Radii], slack: float) -> dict[str, float]:
    """The largest ratios over the points of what should be smaller to what should be greater, where theory has 1 (and
    √2 for `l2_to_linf`), by name: the greater is given `slack` for rounding. Then how near the bounds come to the exact
    distance, for each norm; what needs an attack that succeeded, or a boundary, is left out where there is none."""
    l2, linf = by_norm["l2"], by_norm["linf"]
    measured = {
        "lipschitz_to_interval": _largest_ratio(linf.lipschitz, linf.certified, slack),
        "interval_to_exact_linf": _largest_ratio(linf.certified, linf.exact, slack),
        "lipschitz_to_exact_l2": _largest_ratio(l2.certified, l2.exact, slack),
        "off_boundary": off_boundary(network, np.concatenate([l2.nearest, linf.nearest])),
        "linf_to_l2": _largest_ratio(linf.exact, l2.exact, slack),
        "l2_to_linf": _largest_ratio(l2.exact, linf.exact, slack),
    }
    for norm, radii in by_norm.items():
        measured[f"exact_to_attack_{norm}"] = _largest_ratio(radii.exact, radii.attack, slack)
        found = np.isfinite(radii.attack)
        if found.any():
            measured[f"attack_excess_{norm}"] = float((radii.attack[found] / radii.exact[found]).max() - 1)
        if np.isfinite(radii.exact).all():
            measured[f"median_distance_{norm}"] = float(np.median(radii.exact))
            measured[f"tightness_{norm}"] = float(np.median(radii.certified / radii.exact))
    return measured


def off_boundary(network: ReluNetwork, nearest: Floats) -> float:
    """How far |f| at points (m, 2) that are called nearest allows them to be from the boundary, at least."""
    found = nearest[np.isfinite(nearest).all(axis=1)]
    return float(lipschitz_radius(network, found, "l2").max(initial=0.0))


def _largest_ratio(lower: Floats, upper: Floats, slack: float) -> float:
    """The largest lower/upper; points without an upper bound have none."""
    bounded = np.isfinite(upper)
    return float((lower[bounded] / (upper[bounded] + slack)).max(initial=0.0))
