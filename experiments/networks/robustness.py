"""What is known of a network's robustness at given points: bounds from below, the exact distance, bounds from above."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from experiments.networks.attacks import attack_radius, fgsm, pgd
from experiments.networks.certificates import interval_radius, lipschitz_radius
from experiments.networks.distances import Norm, nearest_on_segments
from experiments.networks.relu import ReluNetwork

Floats = NDArray[np.float64]

METHODS = ("certified", "exact", "pgd", "fgsm")
"""From the smallest robust accuracy to the greatest."""


class Radii(NamedTuple):
    """In one norm, for n points: the radius proved by the Lipschitz constant and the best one proved (in L2 the same,
    in Linf that of interval arithmetic), the exact distance, and the shortest change that PGD found, each (n,); for
    each of m epsilons, whether PGD and FGSM change the decision (m, n); the nearest point of the boundary (n, 2)."""

    lipschitz: Floats
    certified: Floats
    exact: Floats
    attack: Floats
    pgd: NDArray[np.bool_]
    fgsm: NDArray[np.bool_]
    nearest: Floats


def measure_radii(
    network: ReluNetwork,
    x: Floats,
    boundary: tuple[Floats, Floats],
    norm: Norm,
    epsilons: Floats,
    further: Floats,
    rng: Generator,
) -> Radii:
    """Measure points x (n, 2), given the segments of the decision boundary around them (see `decision_boundary`).

    PGD is also run at the radii `further`, so that points far from the boundary have an attack to compare with.
    """
    nearest = nearest_on_segments(x, *boundary, norm)
    lipschitz = lipschitz_radius(network, x, norm)
    attack = pgd(network, x, np.append(epsilons, further), norm, rng)
    return Radii(
        lipschitz=lipschitz,
        certified=interval_radius(network, x) if norm == "linf" else lipschitz,
        exact=nearest.distance,
        attack=attack_radius(network, x, attack, norm),
        pgd=attack.success[: epsilons.size],
        fgsm=fgsm(network, x, epsilons, norm).success,
        nearest=nearest.point,
    )


def robust_accuracy(radii: Radii, epsilons: Floats, right: NDArray[np.bool_]) -> dict[str, Floats]:
    """For each of METHODS and each epsilon, the share of points that are classified right (n,) and stay so: (m,)."""
    stays = {
        "certified": radii.certified > epsilons[:, np.newaxis],
        "exact": radii.exact > epsilons[:, np.newaxis],
        "pgd": ~radii.pgd,
        "fgsm": ~radii.fgsm,
    }
    return {method: np.asarray(np.mean(right & stays[method], axis=1)) for method in METHODS}


def neighbours_out_of_order(accuracy: Mapping[str, Floats]) -> int:
    """How often, over the epsilons, one of METHODS has a smaller robust accuracy than the one before it."""
    return int((np.diff(np.stack([accuracy[method] for method in METHODS]), axis=0) < 0).sum())
