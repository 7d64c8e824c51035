"""Claims on exponents: a straight line in log-log axes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from experiments.claims.base import Claim, Judgement, P, Runs
from experiments.claims.decision import judge_points, measure, obstacle, undecided
from experiments.claims.selection import (
    Selection,
    curve_evidence,
    curve_name,
    curve_records,
    dense_grid,
    measured_evidence,
    select,
)
from experiments.claims.wording import allowed, number
from experiments.statistics import (
    Centre,
    Interval,
    Numbers,
    centre_interval,
    pointwise_level,
    power_fit,
    slope_interval,
)
from storage.records import EvidenceRecord

SIZES_NEEDED = 3


@dataclass(frozen=True, kw_only=True)
class PowerLaw(Claim[P]):
    """log(mean over seeds) against log(x) has the given slope, or, where slope is None, the slope of theory(cell) on
    the same grid, within ± tolerance (absolute); or a slope inside the given (low, high), ±inf allowed, which is a
    tolerance of its own and gets no other.

    Each series (cells that differ in other parameters than x) is fitted by itself, all simultaneously. With statistic
    "median" the slope is the median over seeds of each seed's own (see statistics.slope_interval). `theory` beside a
    slope is only drawn. The evidence has the measured points, the fitted line `fit`, and as `theory` the formula or,
    without one, a line of the predicted slope through the middle of the points.
    """

    metric: str
    slope: float | tuple[float, float] | None = None
    theory: Callable[[P], float] | None = None
    tolerance: float = 0.05
    statistic: Centre = "mean"

    def __post_init__(self) -> None:
        if self.slope is None and self.theory is None:
            raise ValueError("a power law needs a slope or a theory that has one")

    def tolerance_text(self) -> str:
        if isinstance(self.slope, tuple):
            return f"slope {allowed(*self.slope)}"
        return f"slope ±{number(self.tolerance)}"

    def judge(self, runs: Runs[P]) -> Judgement:
        cells = select(runs, self)
        obstructed = obstacle(cells, runs, self.metric) or self._unfit(cells, runs)
        if obstructed:
            return obstructed
        values = cells.values(runs, self.metric)
        series = list(cells.groups())
        bands = np.array([self._band(cells, places) for _, places in series])
        if not np.isfinite(bands).any(axis=1).all():
            return undecided("theory has no finite slope on this grid")

        def slopes(level: float) -> Interval:
            fits = [slope_interval(cells.x[places], values[places], level, self.statistic) for _, places in series]
            return Interval(*(np.array([getattr(fit, end) for fit in fits]) for end in ("estimate", "low", "high")))

        low, high = bands.T
        points = measure(slopes, low, high, np.ones(len(series)))
        levels = centre_interval(values, pointwise_level(0.95, len(cells.cells)), self.statistic)
        return judge_points(
            points,
            seeds=values.shape[1],
            what=f"slope of log {self.metric} against log {self.x}",
            labels=tuple(_named(cells, name, places) for name, places in series),
            evidence=measured_evidence(cells, levels) + self._lines(cells, levels.estimate, points.interval, low, high),
        )

    def _unfit(self, cells: Selection[P], runs: Runs[P]) -> Judgement | None:
        """Undecided where there is no line to fit."""
        if not cells.numeric or (cells.x <= 0).any():
            return undecided(f"{self.x} has values without a logarithm")
        for name, places in cells.groups():
            sizes = len(np.unique(cells.x[places]))
            if sizes < SIZES_NEEDED:
                return undecided(f"a slope needs {SIZES_NEEDED} sizes, and {name} has {sizes}")
        values = cells.values(runs, self.metric)
        # A mean without any one of its seeds must have a logarithm too.
        logged = (
            values.sum(axis=1, keepdims=True) - values if self.statistic == "mean" and values.shape[1] > 1 else values
        )
        bad = (logged <= 0).any(axis=1)
        if bad.any():
            return undecided(f"{self.metric} is not positive at {cells.labels[int(bad.argmax())]}: it has no logarithm")
        return None

    def _band(self, cells: Selection[P], places: np.typing.NDArray[np.intp]) -> tuple[float, float]:
        if isinstance(self.slope, tuple):
            return self.slope
        slope = self.slope
        if slope is None:
            assert self.theory is not None  # __post_init__ saw to it
            with np.errstate(all="ignore"):
                theory = np.array([self.theory(cells.cells[i]) for i in places], dtype=np.float64)
                slope = float(power_fit(cells.x[places], theory).slope)
        return slope - self.tolerance, slope + self.tolerance

    def _lines(
        self, cells: Selection[P], centres: Numbers, slopes: Interval, low: Numbers, high: Numbers
    ) -> tuple[EvidenceRecord, ...]:
        records: list[EvidenceRecord] = []
        for i, (name, places) in enumerate(cells.groups()):
            logs = np.log(cells.x[places]).mean(), np.log(centres[places]).mean()
            lines = {"fit": float(slopes.estimate[i])}
            if self.theory is None:
                edges = low[i], high[i]
                lines["theory"] = float(np.mean(edges) if np.isfinite(edges).all() else edges[np.isinf(edges).argmin()])
            grid = dense_grid(cells.x[places])
            for kind, slope in lines.items():
                line = np.exp(logs[1] + slope * (np.log(grid) - logs[0]))
                records += curve_records(curve_name(kind, name), list(zip(grid, line, strict=True)))
        return tuple(records) + (curve_evidence(cells, self.theory) if self.theory else ())


def _named(cells: Selection[P], series: str, places: np.typing.NDArray[np.intp]) -> str:
    sizes = f"{cells.parameter} {number(cells.x[places].min())} to {number(cells.x[places].max())}"
    return sizes if series == "measured" else f"{sizes}, {series}"
