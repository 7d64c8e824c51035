"""The exact distance from points of the plane to a ReLU network's decision boundary, and the nearest point on it."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from experiments.networks.regions import linear_regions
from experiments.networks.relu import ReluNetwork

Floats = NDArray[np.float64]
Norm = Literal["l2", "linf"]
NORMS: tuple[Norm, Norm] = ("l2", "linf")


class Nearest(NamedTuple):
    """`distance` (n,), infinite where there is no boundary at all, and the nearest point (n, 2), nan there."""

    distance: Floats
    point: Floats


def length(vectors: Floats, norm: Norm) -> Floats:
    """The norm of the last axis."""
    return np.asarray(np.linalg.norm(vectors, ord=np.inf if norm == "linf" else 2, axis=-1))


def nearest_on_segments(points: Floats, starts: Floats, ends: Floats, norm: Norm) -> Nearest:
    """The nearest point of the segments (m, 2) – (m, 2) to each of the points (n, 2), exact in either norm.

    Along a segment p + t·v, 0 ≤ t ≤ 1, the distance is convex in t. In L2 it is least at the foot of the perpendicular.
    In Linf it is the greater of two absolute values of affine functions, and least where one of them vanishes or the
    two are equal. Outside [0, 1] the nearer end takes over.
    """
    if starts.shape[0] == 0:
        return Nearest(np.full(points.shape[0], np.inf), np.full(points.shape, np.nan))
    offset = starts - points[:, np.newaxis]
    along = np.broadcast_to(ends - starts, offset.shape)
    if norm == "l2":
        tops, bottoms = [-(offset * along).sum(axis=2)], [(along * along).sum(axis=2)]
    else:
        a, b, da, db = offset[..., 0], offset[..., 1], along[..., 0], along[..., 1]
        tops, bottoms = [-a, -b, b - a, -a - b], [da, db, da - db, da + db]
    shares = [np.zeros(offset.shape[:2]), np.ones(offset.shape[:2])]
    for top, bottom in zip(tops, bottoms, strict=True):
        shares.append(np.clip(np.divide(top, bottom, out=np.zeros_like(top), where=bottom != 0), 0.0, 1.0))
    share = np.stack(shares, axis=2)[..., np.newaxis]
    distance = length(offset[:, :, np.newaxis] + share * along[:, :, np.newaxis], norm).reshape(points.shape[0], -1)
    best = distance.argmin(axis=1)
    rows = np.arange(points.shape[0])
    segment, candidate = np.divmod(best, len(shares))
    return Nearest(
        distance[rows, best],
        starts[segment] + share[rows, segment, candidate] * (ends - starts)[segment],
    )


def decision_boundary(
    network: ReluNetwork, points: Floats, *, reach: float = 10.0, limit: float = 1e6
) -> tuple[Floats, Floats]:
    """The segments of {f = 0} in a square [−R, R]² so large that every point's nearest boundary is among them.

    What lies outside is further from x than R − |x|∞ in either norm, so R is doubled from `reach` until no point is
    further from the boundary found than that; or until `limit`, where a network without any boundary ends.
    """
    inside = np.abs(points).max(axis=1)
    while True:
        starts, ends = linear_regions(network, (-reach, -reach), (reach, reach)).boundary()
        furthest = nearest_on_segments(points, starts, ends, "l2").distance
        if np.all(furthest <= reach - inside) or reach > limit:
            return starts, ends
        reach *= 2
