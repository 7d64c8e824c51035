"""How measured intervals and predicted ones make a verdict.

A claim's points are judged together. All intervals hold at once with probability 95 % (Bonferroni over its points): if
each lies inside what theory allows, the claim is supported. It is refuted only if an interval at the stricter
simultaneous level 1 - 0.05/60 lies apart from what theory allows, so that of 60 true claims any is refuted with
probability below 1/20. Everything else is undecided, and so is every claim on fewer than 8 seeds.

The rates rest on Student's t, which wants the values of the runs near normal. Simulated at 8 and 20 seeds, the worst
case (60 true equality claims at five sizes each, no tolerance) has a false "refuted" in just under 5 % of labs where
values have relative spread 0.05, in 9 to 11 % where they follow a gamma law of spread 0.3, and in over 80 % where they
are exponential; slopes stay below 8 % even there, and medians need no law at all. With ±5 % the first falls to 0. So
let a run average replicates until its spread is small, and take the median of a metric with heavy tails.
`python -m tests.benchmarks.coverage` prints these rates.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from experiments.claims.base import Judgement, P, Runs
from experiments.claims.selection import Selection, finite
from experiments.claims.wording import allowed, counted, ends, measured, number, sentence
from experiments.statistics import Interval, Numbers, pointwise_level
from storage.records import EvidenceRecord, Status

SUPPORTING_LEVEL = 0.95
REFUTING_LEVEL = 1 - 0.05 / 60
SEEDS_NEEDED = 8
ROUNDING = 1e-12
"""Of the magnitude of the numbers compared: a difference below it is floating-point rounding, and no evidence."""


@dataclass(frozen=True, kw_only=True)
class Points:
    """What was measured and what theory allows at the points of a claim, all arrays (..., points).

    `interval` is at the supporting level and `strict` at the refuting one, both simultaneous; `low` to `high` is what
    theory allows, tolerance included (±inf where it allows anything); `magnitude` is that of the numbers compared.
    """

    interval: Interval
    strict: Interval
    low: Numbers
    high: Numbers
    magnitude: Numbers


@dataclass(frozen=True)
class Decision:
    """`status` (...) and the place (...) of the least favourable point. `room` (..., points) is the distance from each
    estimate to the nearest edge of what theory allows, in half-widths of its interval: 1 or more is inside. A
    refuted claim is decided by one of the points that refute it."""

    status: NDArray[np.str_]
    deciding: NDArray[np.intp]
    room: Numbers


def measure(interval_at: Callable[[float], Interval], low: Numbers, high: Numbers, magnitude: Numbers) -> Points:
    """The points of a claim, given how to make their intervals at a pointwise level."""
    count = low.shape[-1]
    interval = interval_at(pointwise_level(SUPPORTING_LEVEL, count))
    strict = interval_at(pointwise_level(REFUTING_LEVEL, count))
    return Points(interval=interval, strict=strict, low=low, high=high, magnitude=magnitude)


def decide(points: Points, seeds: int) -> Decision:
    """The verdict on each claim; leading axes of the points are independent claims."""
    rounding = ROUNDING * points.magnitude
    low, high = points.low - rounding, points.high + rounding
    interval, strict = points.interval, points.strict
    inside = ((low <= interval.low) & (interval.high <= high)).all(axis=-1)
    apart = (strict.high < low) | (strict.low > high)
    refuted = np.asarray(apart.any(axis=-1))
    status = np.where(refuted, "refuted", np.where(inside, "supported", "undecided"))
    above = _in_half_widths(high - interval.estimate, interval.high - interval.estimate + rounding)
    below = _in_half_widths(interval.estimate - low, interval.estimate - interval.low + rounding)
    room = np.minimum(above, below)
    return Decision(
        status=status if seeds >= SEEDS_NEEDED else np.full_like(status, "undecided"),
        deciding=np.where(apart | ~refuted[..., np.newaxis], room, np.inf).argmin(axis=-1),
        room=room,
    )


def _in_half_widths(margin: Numbers, half: Numbers) -> Numbers:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(np.isposinf(margin) | ((margin == 0) & (half == 0)), np.inf, margin / half)


def judge_points(
    points: Points,
    *,
    seeds: int,
    what: str,
    labels: tuple[str, ...],
    evidence: tuple[EvidenceRecord, ...],
    remark: str = "",
) -> Judgement:
    """Decides on points of shape (points,) and says why in one sentence; `what` names the measured quantity, `labels`
    (points,) say where, and the remark follows."""
    decision = decide(points, seeds)
    i = int(decision.deciding)
    interval, strict = points.interval, points.strict
    estimate, low, high = (float(ends[i]) for ends in (interval.estimate, interval.low, interval.high))
    band = allowed(float(points.low[i]), float(points.high[i]))
    there = f"the {what} at {labels[i]} is {measured(estimate, low, high)}"
    if seeds < SEEDS_NEEDED:
        because = f"{there}, theory allows {band}, but n = {seeds} is too few: a verdict needs {SEEDS_NEEDED} seeds"
    elif decision.status == "refuted":
        stricter = ends(float(strict.low[i]), float(strict.high[i]))
        because = f"{there}, n = {seeds}, but theory allows {band}: even the stricter interval {stricter} lies apart"
    elif decision.status == "supported" and len(labels) == 1:
        because = f"{there}, n = {seeds}, inside what theory allows: {band}"
    elif decision.status == "supported":
        because = (
            f"all {len(labels)} points lie inside what theory allows; closest: {there}, n = {seeds}, against {band}"
        )
    else:
        because = f"{there}, n = {seeds}, and theory allows {band}: the interval is neither inside nor clearly apart"
        if 0.03 < decision.room[i] < 1:
            times = float(f"{decision.room[i] ** -2:.2g}")
            because += f"; about {number(times)} times as many replicates would decide it"
    return Judgement(
        status=cast(Status, decision.status.item()),
        because=sentence(f"{because}; {remark}" if remark else because),
        estimate=estimate,
        low=finite(low),
        high=finite(high),
        predicted_low=finite(points.low[i]),
        predicted_high=finite(points.high[i]),
        evidence=evidence,
    )


def obstacle(selection: Selection[P], runs: Runs[P], *metrics: str) -> Judgement | None:
    """Undecided where nothing can be judged: no cell, no run, or a metric that some runs lack."""
    if not selection.cells:
        return undecided("no cell of this profile is one that the claim speaks of")
    for metric in metrics:
        values = selection.values(runs, metric)
        if values.size == 0:
            return undecided("there are no runs")
        missing = int(np.isnan(values).sum())
        if missing:
            return undecided(f"the metric {metric} is missing in {missing} of {counted(values.size, 'run')}")
    return None


def undecided(because: str, evidence: tuple[EvidenceRecord, ...] = ()) -> Judgement:
    return Judgement(status="undecided", because=sentence(because), evidence=evidence)
