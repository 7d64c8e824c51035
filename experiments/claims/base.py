"""What every kind of claim is: a statement with its source, judged on a table of runs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from experiments.statistics import Numbers
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
    metrics: Mapping[str, Numbers]


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """`estimate` with its simultaneous 95 % interval is the point that decided (the least favourable one);
    predicted_low to predicted_high is what theory allows there, tolerance included. None where there is no such end."""

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
    cells that differ in other parameters are different series: in all the others, or only in those that `series`
    names (say, where the number of replicates goes with the width). `reason` says why the tolerance is what it is."""

    statement: str
    source: str
    reason: str
    x: str
    where: Callable[[P], bool] = everywhere
    series: tuple[str, ...] | None = None

    @abstractmethod
    def judge(self, runs: Runs[P]) -> Judgement: ...

    @abstractmethod
    def tolerance_text(self) -> str: ...
