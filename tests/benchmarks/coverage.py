"""How often intervals cover and verdicts err, by simulation: `python -m tests.benchmarks.coverage [replicates]`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from experiments.claims.decision import decide, measure
from experiments.statistics import (
    Centre,
    Interval,
    Numbers,
    centre_interval,
    mean_interval,
    slope_interval,
)

Noise = Callable[[Generator, tuple[int, ...]], Numbers]
"""Draws independent values of mean 1."""
Verdicts = NDArray[np.str_]

SIZES = np.array([8.0, 16.0, 32.0, 64.0, 128.0])
CLAIMS = 60
BLOCK = 2_000_000
"""So many numbers are drawn at once."""


def normal(spread: float) -> Noise:
    return lambda rng, shape: 1 + spread * rng.standard_normal(shape)


def gamma(spread: float) -> Noise:
    """Skewed: skewness 2 spread; spread 1 is the exponential law."""
    return lambda rng, shape: rng.standard_gamma(spread**-2, shape) * spread**2


def cauchy(rng: Generator, shape: tuple[int, ...]) -> Numbers:
    """No mean at all; the median is 1."""
    return 1 + rng.standard_cauchy(shape)


def mean_coverage(noise: Noise, seeds: int, replicates: int, rng: Generator, centre: Centre = "mean") -> float:
    """How often the 95 % interval of the mean (or median) over seeds covers the true one, which is 1."""
    return _covered(centre_interval(noise(rng, (replicates, seeds)), 0.95, centre), 1.0)


def slope_coverage(noise: Noise, seeds: int, replicates: int, rng: Generator, centre: Centre = "mean") -> float:
    """How often the 95 % interval of the slope of 15/n over SIZES covers -1."""
    blocks = [
        _covered(slope_interval(SIZES, _power_law(noise, (count,), seeds, rng), 0.95, centre), -1.0) * count
        for count in _blocks(replicates, len(SIZES) * seeds**2)
    ]
    return sum(blocks) / replicates


def verdict_share(
    status: str, noise: Noise, seeds: int, off: float, tolerance: float, points: int, replicates: int, rng: Generator
) -> float:
    """How often an equality claim at `points` cells gets this verdict where the truth is `off` times the theory."""
    values = off * noise(rng, (replicates, points, seeds))
    return float((_equality(values, tolerance) == status).mean())


def labs_refuted(judge: Callable[[tuple[int, int]], Verdicts], labs: int, numbers: int) -> float:
    """The share of labs of 60 true claims in which any is refuted; `judge` gives the verdicts of (labs, claims)."""
    bad = [(judge((count, CLAIMS)) == "refuted").any(axis=1).sum() for count in _blocks(labs, CLAIMS * numbers)]
    return float(sum(bad)) / labs


def equality_lab(noise: Noise, seeds: int, labs: int, rng: Generator, tolerance: float = 0.0) -> float:
    """Labs of equality claims at five sizes each; tolerance 0 leaves no slack, so it is the worst case."""
    cells = len(SIZES)
    return labs_refuted(lambda shape: _equality(noise(rng, (*shape, cells, seeds)), tolerance), labs, cells * seeds)


def bound_lab(noise: Noise, seeds: int, labs: int, rng: Generator) -> float:
    """Labs of upper bounds that are attained at all of five sizes."""

    def judge(shape: tuple[int, int]) -> Verdicts:
        values = noise(rng, (*shape, len(SIZES), seeds))
        edge = np.ones(values.shape[:-1])
        points = measure(lambda level: mean_interval(values, level), np.full_like(edge, -np.inf), edge, edge)
        return decide(points, seeds).status

    return labs_refuted(judge, labs, len(SIZES) * seeds)


def slope_lab(noise: Noise, seeds: int, labs: int, rng: Generator, centre: Centre = "mean") -> float:
    """Labs of power laws over five sizes with tolerance 0."""

    def judge(shape: tuple[int, int]) -> Verdicts:
        values = _power_law(noise, shape, seeds, rng)
        edge = np.full((*shape, 1), -1.0)

        def slopes(level: float) -> Interval:
            fit = slope_interval(SIZES, values, level, centre)
            return Interval(fit.estimate[..., None], fit.low[..., None], fit.high[..., None])

        return decide(measure(slopes, edge, edge, np.abs(edge)), seeds).status

    return labs_refuted(judge, labs, len(SIZES) * (seeds**2 if centre == "mean" else seeds))


def _equality(values: Numbers, tolerance: float) -> Verdicts:
    low, high = np.full(values.shape[:-1], 1 - tolerance), np.full(values.shape[:-1], 1 + tolerance)
    points = measure(lambda level: mean_interval(values, level), low, high, np.ones_like(low))
    return decide(points, values.shape[-1]).status


def _power_law(noise: Noise, shape: tuple[int, ...], seeds: int, rng: Generator) -> Numbers:
    return 15 / SIZES[:, np.newaxis] * noise(rng, (*shape, len(SIZES), seeds))


def _covered(interval: Interval, truth: float) -> float:
    return float(((interval.low <= truth) & (truth <= interval.high)).mean())


def _blocks(replicates: int, numbers: int) -> Iterator[int]:
    size = max(BLOCK // numbers, 1)
    for start in range(0, replicates, size):
        yield min(size, replicates - start)


def main(replicates: int) -> None:
    rng = np.random.default_rng(0)
    laws = {"normal 0.1": normal(0.1), "gamma 0.05": gamma(0.05), "gamma 0.3": gamma(0.3), "exponential": gamma(1.0)}
    error = (0.05 * 0.95 / replicates) ** 0.5
    print(f"Coverage of 95 % intervals over {replicates} data sets (standard error {error:.2%})")
    for seeds in (3, 5, 8, 10, 20):
        for law, noise in laws.items():
            print(
                f"  {seeds:2} seeds  {law:12}  mean {mean_coverage(noise, seeds, replicates, rng):.2%}"
                f"  median slope {slope_coverage(noise, seeds, replicates, rng, 'median'):.2%}"
                f"  slope {slope_coverage(noise, seeds, replicates, rng):.2%}"
            )
        print(f"  {seeds:2} seeds  Cauchy        median {mean_coverage(cauchy, seeds, replicates, rng, 'median'):.2%}")
    print("An equality claim at ±5 %, one size, 20 seeds")
    for spread, off in ((0.05, 1.0), (0.1, 1.0), (0.2, 1.0), (0.05, 1.05), (0.05, 0.8)):
        shares = (
            f"{status} {verdict_share(status, normal(spread), 20, off, 0.05, 1, replicates, rng):.2%}"
            for status in ("supported", "refuted", "undecided")
        )
        print(f"  spread {spread:4}  truth/theory {off:4}  " + "  ".join(shares))
    labs = max(replicates // 5, 1)
    print(f"Labs of 60 true claims in which any is refuted, {labs} labs, no tolerance (the worst case; aim: below 5 %)")
    for seeds in (8, 20):
        for law, noise in laws.items():
            print(
                f"  {seeds:2} seeds  {law:12}  equalities {equality_lab(noise, seeds, labs, rng):.2%}"
                f"  attained upper bounds {bound_lab(noise, seeds, labs, rng):.2%}"
                f"  slopes {slope_lab(noise, seeds, labs, rng):.2%}"
                f"  median slopes {slope_lab(noise, seeds, labs, rng, 'median'):.2%}"
            )
    print("The same for equalities at ±5 %")
    for seeds in (8, 20):
        for law, noise in laws.items():
            print(f"  {seeds:2} seeds  {law:12}  {equality_lab(noise, seeds, labs, rng, 0.05):.2%}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
