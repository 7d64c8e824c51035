"""Claims that compare runs of the same seeds with one another: order and peaks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from experiments.claims.base import Claim, Judgement, P, Runs, everywhere
from experiments.claims.decision import judge_points, measure, obstacle, undecided
from experiments.claims.selection import (
    Selection,
    curve_evidence,
    measured_evidence,
    select,
    varying_parameters,
)
from experiments.claims.wording import number
from experiments.statistics import Centre, centre_interval, paired_interval, pointwise_level


@dataclass(frozen=True, kw_only=True)
class Ordered(Claim[P]):
    """The mean over seeds of upper - lower, paired by seed, is at least `margin`, at every x.

    `lower` and `upper` are metrics; `lower_where` and `upper_where` pick their cells (beside `where`), which are
    matched by x, and by every other parameter that varies on both sides: two metrics of the same cells, or one metric
    in two arms. A cell without a partner is left out. The evidence is the difference."""

    lower: str
    upper: str
    lower_where: Callable[[P], bool] = everywhere
    upper_where: Callable[[P], bool] = everywhere
    margin: float = 0.0

    def tolerance_text(self) -> str:
        return f"difference at least {number(self.margin)}"

    def judge(self, runs: Runs[P]) -> Judgement:
        lowers, uppers = select(runs, self, self.lower_where), select(runs, self, self.upper_where)
        pairs = _partners(lowers, uppers)
        if not pairs:
            return undecided("no two cells of this profile are a pair that the claim compares")
        many = lowers if len({i for i, _ in pairs}) > len({j for _, j in pairs}) else uppers
        side = 0 if many is lowers else 1
        cells = many.subset([pair[side] for pair in pairs])
        below, above = lowers.subset([i for i, _ in pairs]), uppers.subset([j for _, j in pairs])
        obstructed = obstacle(below, runs, self.lower) or obstacle(above, runs, self.upper)
        if obstructed:
            return obstructed
        lower, upper = below.values(runs, self.lower), above.values(runs, self.upper)
        margin, unbounded = np.full(len(pairs), self.margin), np.full(len(pairs), np.inf)
        magnitude = np.maximum(np.abs(lower), np.abs(upper)).max(axis=1)
        points = measure(lambda level: paired_interval(lower, upper, level), margin, unbounded, magnitude)
        names = (self.upper, self.lower) if self.upper != self.lower else ("upper", f"lower {self.lower}")
        return judge_points(
            points,
            seeds=lower.shape[1],
            what=f"mean of {names[0]} − {names[1]}, paired by seed,",
            labels=cells.labels,
            evidence=measured_evidence(cells, points.interval, margin, unbounded)
            + curve_evidence(cells, lambda _: self.margin),
        )


@dataclass(frozen=True, kw_only=True)
class PeakAt(Claim[P]):
    """The mean (or median) over seeds of the metric, as a function of x, is greatest at x = at, in every series.

    Every other size is compared with the peak, paired by seed: the claim is that the mean (or median) over seeds of
    metric(at) - metric(x) is at least 0, at all x simultaneously. It is supported if no such interval reaches below 0,
    and refuted if one size exceeds the peak at the stricter level; two sizes too close to tell, or exactly equal,
    leave it undecided. The median asks whether the peak is higher in most seeds: the sign test, turned into an
    interval, for any distribution. The evidence is the mean (or median) at each size, which theory allows to be at most
    the peak's.
    """

    metric: str
    at: float
    statistic: Centre = "median"

    def tolerance_text(self) -> str:
        return f"peak at {self.x} = {number(self.at)}"

    def judge(self, runs: Runs[P]) -> Judgement:
        cells = select(runs, self)
        if obstructed := obstacle(cells, runs, self.metric):
            return obstructed
        peaks, rivals = [], []
        for name, places in cells.groups():
            at_peak = np.isclose(cells.x[places], self.at, rtol=1e-9, atol=0.0)
            if not cells.numeric or at_peak.sum() != 1 or at_peak.size < 2:
                return undecided(f"{name} has no one cell at {self.x} = {number(self.at)} with others to compare")
            peaks += [int(places[at_peak][0])] * int((~at_peak).sum())
            rivals += places[~at_peak].tolist()
        values, labels = cells.values(runs, self.metric), tuple(cells.labels[i] for i in rivals)
        zero, unbounded = np.zeros(len(rivals)), np.full(len(rivals), np.inf)
        largest = np.abs(values).max(axis=1)
        points = measure(
            lambda level: paired_interval(values[rivals], values[peaks], level, self.statistic),
            zero,
            unbounded,
            np.maximum(largest[peaks], largest[rivals]),
        )
        centres = centre_interval(values, pointwise_level(0.95, len(cells.cells)), self.statistic)
        ceiling = np.full(len(cells.cells), np.inf)
        ceiling[rivals] = centres.estimate[peaks]
        evidence = measured_evidence(cells, centres, np.full_like(ceiling, -np.inf), ceiling)
        tied = (points.interval.low == 0) & (points.interval.high == 0)
        if tied.any():
            return undecided(f"{self.metric} is the same at the peak and at {labels[int(tied.argmax())]}", evidence)
        return judge_points(
            points,
            seeds=values.shape[1],
            what=f"{self.statistic} over seeds of {self.metric} at {self.x} = {number(self.at)} minus that",
            labels=labels,
            evidence=evidence,
        )


def _partners(lowers: Selection[P], uppers: Selection[P]) -> list[tuple[int, int]]:
    """The places (in lowers, in uppers) of the cells that agree in x and in what varies on both sides."""
    shared = [
        name
        for name in varying_parameters(lowers.cells, lowers.parameter)
        if name in varying_parameters(uppers.cells, uppers.parameter)
    ]
    keys = [lowers.parameter, *shared]
    return [
        (i, j)
        for i, lower in enumerate(lowers.cells)
        for j, upper in enumerate(uppers.cells)
        if all(getattr(lower, key) == getattr(upper, key) for key in keys)
    ]
