"""Tables of runs whose truth is known, and one claim of each kind.

All streams are fixed. Unless a test says otherwise its data lie at least six standard errors from where the verdict
would change, so that it fails for fewer than one random stream in a million.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments.claims import Always, AtLeast, AtMost, Equals, Ordered, PeakAt, PowerLaw, Runs
from experiments.statistics import Numbers

SEEDS = 20


@dataclass(frozen=True)
class Params:
    width: int
    depth: int = 1
    arm: str = "sgd"


WIDTHS = (8, 16, 32, 64, 128, 256)
ROW = tuple(Params(width) for width in WIDTHS)
SQUARE = tuple(Params(width, depth) for depth in (1, 3) for width in WIDTHS)
ABOUT: dict[str, Any] = {"statement": "made to order", "source": "this test", "reason": "none", "x": "width"}


def kurtosis(cell: Params) -> float:
    """15/n at depth 1."""
    return 3 * ((1 + 5 / cell.width) ** cell.depth - 1)


def noisy(
    cells: tuple[Params, ...],
    truth: Callable[[Params], float],
    spread: float = 0.02,
    seeds: int = SEEDS,
    stream: int = 0,
) -> Numbers:
    """Normal values about the truth, (cells, seeds); `spread` is relative."""
    centre = np.array([truth(cell) for cell in cells], dtype=np.float64)[:, np.newaxis]
    return centre * (1 + spread * np.random.default_rng(stream).standard_normal((len(cells), seeds)))


def runs(cells: tuple[Params, ...], **metrics: Numbers) -> Runs[Params]:
    return Runs(cells, metrics)


def measured(truth: Callable[[Params], float], cells: tuple[Params, ...] = SQUARE, **options: Any) -> Runs[Params]:
    return runs(cells, y=noisy(cells, truth, **options))


EQUALS = Equals[Params](**ABOUT, metric="y", theory=kurtosis)
AT_MOST = AtMost[Params](**ABOUT, metric="y", bound=kurtosis)
AT_LEAST = AtLeast[Params](**ABOUT, metric="y", bound=kurtosis)
SLOPE = PowerLaw[Params](**ABOUT, metric="y", slope=-1.0, where=lambda cell: cell.depth == 1)
SAME_SLOPE = PowerLaw[Params](**ABOUT, metric="y", theory=kurtosis)
PEAK = PeakAt[Params](**ABOUT, metric="y", at=32)
COUNT = Always[Params](**ABOUT, metric="y", low=lambda cell: cell.width + 1, high=lambda cell: cell.width + 1)
ORDER = Ordered[Params](**ABOUT, lower="y", upper="z")


def pair(gain: float, spread: float = 0.1) -> Runs[Params]:
    """z is y + gain, but for noise; all sizes of a seed share a noise that is a hundred times as large."""
    rng = np.random.default_rng(4)
    y = np.broadcast_to(rng.normal(0, 100 * spread, SEEDS), (len(ROW), SEEDS))
    return runs(ROW, y=y, z=y + gain + rng.normal(0, spread, y.shape))


def peaked(cell: Params) -> float:
    return {16: 3.0, 32: 50.0, 64: 4.0}.get(cell.width, 1.0)


def counts(cells: tuple[Params, ...] = ROW, seeds: int = SEEDS) -> Numbers:
    return np.repeat([[cell.width + 1.0] for cell in cells], seeds, axis=1)
