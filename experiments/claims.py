"""The kinds of claim that theory makes, and how runs support or refute them.

A claim is judged on a complete table of runs: every cell of a profile at every seed.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from storage.records import EvidenceRecord, Status

P = TypeVar("P")


def everywhere(cell: object) -> bool:
    return True


@dataclass(frozen=True)
class Runs(Generic[P]):
    """The table of runs that a claim judges.

    `metrics[name]` has shape (len(cells), seeds): column s is seed s in every cell (runs of one seed are paired);
    nan where a run has no such metric.
    """

    cells: tuple[P, ...]
    metrics: Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """`estimate` with its interval is the point that decided (the least favourable one); predicted_low to
    predicted_high is what theory allows there, tolerance included."""

    status: Status
    because: str
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    predicted_low: float | None = None
    predicted_high: float | None = None
    evidence: tuple[EvidenceRecord, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Claim(ABC, Generic[P]):
    """`where` picks the cells that the claim speaks of; `x` is the parameter along the evidence's abscissa, and the
    cells that differ in other parameters are different series. `reason` says why the tolerance is what it is."""

    statement: str
    source: str
    reason: str
    x: str
    where: Callable[[P], bool] = everywhere

    @abstractmethod
    def judge(self, runs: Runs[P]) -> Judgement: ...

    @abstractmethod
    def tolerance_text(self) -> str: ...


@dataclass(frozen=True, kw_only=True)
class Always(Claim[P]):
    """low <= metric <= high in every single run; either bound may be None or depend on the cell."""

    metric: str
    low: Callable[[P], float] | float | None = None
    high: Callable[[P], float] | float | None = None


@dataclass(frozen=True, kw_only=True)
class Equals(Claim[P]):
    """The mean (or median) over seeds of the metric is theory(cell), within the tolerance, at every cell.

    `relative` says whether the tolerance is a fraction of |theory| or absolute."""

    metric: str
    theory: Callable[[P], float]
    tolerance: float = 0.05
    relative: bool = True
    statistic: Literal["mean", "median"] = "mean"


@dataclass(frozen=True, kw_only=True)
class AtMost(Claim[P]):
    """The mean (or median) over seeds is at most bound(cell) at every cell."""

    metric: str
    bound: Callable[[P], float]
    statistic: Literal["mean", "median"] = "mean"


@dataclass(frozen=True, kw_only=True)
class AtLeast(Claim[P]):
    metric: str
    bound: Callable[[P], float]
    statistic: Literal["mean", "median"] = "mean"


@dataclass(frozen=True, kw_only=True)
class PowerLaw(Claim[P]):
    """log(mean over seeds) against log(x) has the given slope, or one inside the given (low, high) (±inf allowed), or,
    where slope is None, the slope of theory(cell) on the same grid; within ± tolerance (absolute)."""

    metric: str
    slope: float | tuple[float, float] | None = None
    theory: Callable[[P], float] | None = None
    tolerance: float = 0.05
    statistic: Literal["mean", "median"] = "mean"


@dataclass(frozen=True, kw_only=True)
class Ordered(Claim[P]):
    """The mean over seeds of upper − lower, paired by seed, is at least `margin`, at every x.

    `lower` and `upper` are metrics; `lower_where` and `upper_where` pick their cells (beside `where`), which are
    matched by x: two metrics of the same cells, or one metric in two arms."""

    lower: str
    upper: str
    lower_where: Callable[[P], bool] = everywhere
    upper_where: Callable[[P], bool] = everywhere
    margin: float = 0.0


@dataclass(frozen=True, kw_only=True)
class PeakAt(Claim[P]):
    """The mean (or median) over seeds of the metric, as a function of x, is greatest at x = at."""

    metric: str
    at: float
    statistic: Literal["mean", "median"] = "median"
