"""Claims that hold in every single run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from experiments.claims.base import Claim, Judgement, P, Runs, everywhere
from experiments.claims.decision import obstacle, undecided
from experiments.claims.selection import Selection, curve_evidence, finite, measured_evidence, select
from experiments.claims.wording import allowed, counted, number, sentence
from experiments.statistics import Interval, Numbers
from storage.records import EvidenceRecord

Bound = Callable[[P], float] | float | None


@dataclass(frozen=True, kw_only=True)
class Always(Claim[P]):
    """low <= metric <= high in every single run; either bound may be None or depend on the cell.

    One counter-example refutes, and any number of runs supports. The evidence is each cell's median over runs between
    its smallest and greatest value.
    """

    metric: str
    low: Callable[[P], float] | float | None = None
    high: Callable[[P], float] | float | None = None

    def __post_init__(self) -> None:
        if self.low is None and self.high is None:
            raise ValueError("a claim on every run needs a lower bound or an upper one")

    def tolerance_text(self) -> str:
        return "exact"

    def judge(self, runs: Runs[P]) -> Judgement:
        cells = select(runs, self)
        values = cells.values(runs, self.metric)
        low, high = _bound(cells, self.low, -np.inf), _bound(cells, self.high, np.inf)
        beyond = np.maximum(values - high, low - values)  # > 0: a counter-example; nan: no metric, or no theory
        broken = int((beyond > 0).sum())
        if not broken and (obstructed := obstacle(cells, runs, self.metric)):
            return obstructed
        unknown = np.isnan(low[:, 0]) | np.isnan(high[:, 0])
        if not broken and unknown.any():
            return undecided(f"theory has no value at {cells.labels[int(unknown.argmax())]}")
        place, seed = divmod(int(np.nanargmax(_relative(beyond, values, low, high))), values.shape[1])
        worst = f"{self.metric} = {number(float(values[place, seed]))} at {cells.labels[place]}, seed {seed}"
        band = allowed(float(low[place, 0]), float(high[place, 0]))
        if broken:
            because = f"{broken} of {counted(values.size, 'run')} break it; the worst: {worst}, where theory has {band}"
        else:
            because = f"it holds in {_every_run(values)}; closest: {worst}, against {band}"
        known = np.flatnonzero(~np.isnan(values).all(axis=1))
        shown = values[known]
        extremes = Interval(np.nanmedian(shown, axis=1), np.nanmin(shown, axis=1), np.nanmax(shown, axis=1))
        measured = measured_evidence(cells.subset(known.tolist()), extremes, low[known, 0], high[known, 0])
        return Judgement(
            status="refuted" if broken else "supported",
            because=sentence(because),
            estimate=float(values[place, seed]),
            low=float(np.nanmin(values[place])),
            high=float(np.nanmax(values[place])),
            predicted_low=finite(low[place, 0]),
            predicted_high=finite(high[place, 0]),
            evidence=measured + self._theory(cells),
        )

    def _theory(self, cells: Selection[P]) -> tuple[EvidenceRecord, ...]:
        if self.low is None or self.high is None or self.low == self.high:
            curves = {"theory": self.high if self.low is None else self.low}
        else:
            curves = {"theory low": self.low, "theory high": self.high}
        return tuple(record for kind, bound in curves.items() for record in curve_evidence(cells, _curve(bound), kind))


def exactly(
    *,
    statement: str,
    source: str,
    reason: str,
    metric: str,
    value: Callable[[P], float] | float,
    x: str,
    within: float = 0.0,
    where: Callable[[P], bool] = everywhere,
    series: tuple[str, ...] | None = None,
) -> Always[P]:
    """The claim that the metric is `value` in every single run: a count, or a number known up to rounding, `within`."""
    return Always(
        statement=statement,
        source=source,
        reason=reason,
        metric=metric,
        low=_moved(value, -within),
        high=_moved(value, within),
        x=x,
        where=where,
        series=series,
    )


def _moved(value: Callable[[P], float] | float, by: float) -> Callable[[P], float] | float:
    if not by:
        return value
    return (lambda cell: value(cell) + by) if callable(value) else value + by


def _curve(bound: Bound[P]) -> Callable[[P], float]:
    if callable(bound):
        return bound
    value = np.nan if bound is None else float(bound)
    return lambda _: value


def _bound(cells: Selection[P], bound: Bound[P], absent: float) -> Numbers:
    """The bound in each cell, (cells, 1)."""
    return cells.each(_curve(absent if bound is None else bound))[:, np.newaxis]


def _relative(beyond: Numbers, values: Numbers, low: Numbers, high: Numbers) -> Numbers:
    """How far the values lie beyond the nearer bound, relative to the magnitude of both: comparable across cells."""
    scale = np.abs(values) + np.abs(np.where(high - values < values - low, high, low))
    relative: Numbers = np.divide(beyond, scale, out=np.copy(beyond), where=np.isfinite(beyond) & (scale > 0))
    return relative


def _every_run(values: Numbers) -> str:
    cells, seeds = values.shape
    return f"all {values.size} runs ({counted(cells, 'cell')} × {counted(seeds, 'seed')})"
