"""Claims on the mean or median over seeds, cell by cell: equal to a formula, below it, above it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from experiments.claims.base import Claim, Judgement, P, Runs
from experiments.claims.decision import judge_points, measure, obstacle, undecided
from experiments.claims.selection import Selection, curve_evidence, measured_evidence, select
from experiments.claims.wording import number
from experiments.statistics import Centre, Numbers, centre_interval


@dataclass(frozen=True, kw_only=True)
class Level(Claim[P]):
    """A claim on the mean (or median) over seeds of one metric at every cell, simultaneously."""

    metric: str
    statistic: Centre = "mean"

    @abstractmethod
    def curve(self, cell: P) -> float:
        """The formula that the metric is compared with."""

    @abstractmethod
    def band(self, theory: Numbers) -> tuple[Numbers, Numbers]:
        """What is allowed where the formula has the values `theory`: lowest and highest, (cells,) each."""

    def remark(self, cells: Selection[P], estimates: Numbers, theory: Numbers) -> str:
        return ""

    def judge(self, runs: Runs[P]) -> Judgement:
        cells = select(runs, self)
        if obstructed := obstacle(cells, runs, self.metric):
            return obstructed
        values, theory = cells.values(runs, self.metric), cells.each(self.curve)
        with np.errstate(invalid="ignore"):
            low, high = self.band(theory)
        unknown = np.isnan(low) | np.isnan(high) | (np.isinf(low) & np.isinf(high))
        if unknown.any():
            return undecided(f"theory has no finite value at {cells.labels[int(unknown.argmax())]}")
        magnitude = np.abs(values).max(axis=1)
        points = measure(lambda level: centre_interval(values, level, self.statistic), low, high, magnitude)
        return judge_points(
            points,
            seeds=values.shape[1],
            what=f"{self.statistic} {self.metric}",
            labels=cells.labels,
            evidence=measured_evidence(cells, points.interval, low, high) + curve_evidence(cells, self.curve),
            remark=self.remark(cells, points.interval.estimate, theory),
        )


@dataclass(frozen=True, kw_only=True)
class Equals(Level[P]):
    """The mean (or median) over seeds of the metric is theory(cell), within the tolerance, at every cell.

    `relative` says whether the tolerance is a fraction of |theory| or absolute."""

    theory: Callable[[P], float]
    tolerance: float = 0.05
    relative: bool = True

    def tolerance_text(self) -> str:
        return f"±{number(100 * self.tolerance)} %" if self.relative else f"±{number(self.tolerance)}"

    def curve(self, cell: P) -> float:
        return self.theory(cell)

    def band(self, theory: Numbers) -> tuple[Numbers, Numbers]:
        slack = self.tolerance * np.abs(theory) if self.relative else np.full_like(theory, self.tolerance)
        return theory - slack, theory + slack


@dataclass(frozen=True, kw_only=True)
class AtMost(Level[P]):
    """The mean (or median) over seeds is at most bound(cell) at every cell.

    `trivial` is the greatest value the metric can take whatever it measures (1 for a probability): a bound that is no
    less is reported as vacuous."""

    bound: Callable[[P], float]
    trivial: float | None = None

    def tolerance_text(self) -> str:
        return "at most the bound"

    def curve(self, cell: P) -> float:
        return self.bound(cell)

    def band(self, theory: Numbers) -> tuple[Numbers, Numbers]:
        return np.full_like(theory, -np.inf), theory

    def remark(self, cells: Selection[P], estimates: Numbers, theory: Numbers) -> str:
        return _tightness(estimates, theory, None if self.trivial is None else theory >= self.trivial)


@dataclass(frozen=True, kw_only=True)
class AtLeast(Level[P]):
    """The mean (or median) over seeds is at least bound(cell) at every cell.

    `trivial` is the least value the metric can take whatever it measures: a bound that is no greater is reported as
    vacuous."""

    bound: Callable[[P], float]
    trivial: float | None = None

    def tolerance_text(self) -> str:
        return "at least the bound"

    def curve(self, cell: P) -> float:
        return self.bound(cell)

    def band(self, theory: Numbers) -> tuple[Numbers, Numbers]:
        return theory, np.full_like(theory, np.inf)

    def remark(self, cells: Selection[P], estimates: Numbers, theory: Numbers) -> str:
        return _tightness(estimates, theory, None if self.trivial is None else theory <= self.trivial)


def _tightness(estimates: Numbers, bounds: Numbers, vacuous: np.typing.NDArray[np.bool_] | None) -> str:
    parts = []
    known = np.isfinite(bounds) & (bounds != 0)
    if known.any():
        ratios = np.sort(estimates[known] / bounds[known])
        spread = f"{ratios[0]:.3g}" if ratios.size == 1 else f"{ratios[0]:.3g} to {ratios[-1]:.3g}"
        parts.append(f"measured/bound {spread}".replace("-", "−"))
    if vacuous is not None and vacuous.any():
        parts.append(f"the bound is vacuous at {vacuous.sum()} of {vacuous.size} points")
    return "; ".join(parts)
