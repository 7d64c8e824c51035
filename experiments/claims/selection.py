"""Which cells a claim speaks of, how they are laid out in series along x, and the evidence drawn from them."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic

import numpy as np
from numpy.typing import NDArray

from experiments.claims.base import Claim, P, Runs
from experiments.claims.wording import number
from experiments.statistics import Interval, Numbers
from storage.records import EvidenceRecord

DENSE = 100
"""About so many points make a theory curve."""


@dataclass(frozen=True, kw_only=True)
class Selection(Generic[P]):
    """Cells sorted by series and x. Arrays and tuples have one entry a cell: `rows` are the cells' places in the table
    of runs, `series` their series' names, `labels` what tells a cell from the others, as in "width = 64, depth = 3".

    Where the parameter x is no number, x is the place of its value in order of appearance (False before True), and the
    series' names say so.
    """

    parameter: str
    numeric: bool
    cells: tuple[P, ...]
    rows: NDArray[np.intp]
    x: Numbers
    series: tuple[str, ...]
    labels: tuple[str, ...]

    def values(self, runs: Runs[P], metric: str) -> Numbers:
        """The metric in these cells, (cells, seeds); nan where a run has none."""
        table = runs.metrics.get(metric)
        if table is None:
            seeds = max((known.shape[1] for known in runs.metrics.values()), default=0)
            return np.full((len(self.cells), seeds), np.nan)
        return np.asarray(table, dtype=np.float64)[self.rows]

    def each(self, function: Callable[[P], float]) -> Numbers:
        return np.array([float(function(cell)) for cell in self.cells], dtype=np.float64)

    def subset(self, places: Sequence[int]) -> Selection[P]:
        """The cells at these places, which may repeat."""
        return dataclasses.replace(
            self,
            cells=tuple(self.cells[i] for i in places),
            rows=self.rows[list(places)],
            x=self.x[list(places)],
            series=tuple(self.series[i] for i in places),
            labels=tuple(self.labels[i] for i in places),
        )

    def groups(self) -> Iterator[tuple[str, NDArray[np.intp]]]:
        """Each series' name and the places of its cells, by x."""
        for name in dict.fromkeys(self.series):
            yield name, np.array([i for i, other in enumerate(self.series) if other == name], dtype=np.intp)


def select(runs: Runs[P], claim: Claim[P], extra: Callable[[P], bool] | None = None) -> Selection[P]:
    """The cells that the claim's `where` (and `extra`) picks."""
    rows = [i for i, cell in enumerate(runs.cells) if claim.where(cell) and (extra is None or extra(cell))]
    cells = [runs.cells[i] for i in rows]
    values = [getattr(cell, claim.x) for cell in cells]
    numeric = all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values)
    varying = varying_parameters(cells, claim.x)
    apart = varying if claim.series is None else [name for name in varying if name in claim.series]
    naming = _telling(cells, apart)
    series = [_assignments(cell, naming) or "measured" for cell in cells]
    labels = [_assignments(cell, [claim.x, *naming]) for cell in cells]
    x = [float(value) for value in values] if numeric else []
    if not numeric:
        places = (
            sorted(set(values)) if all(isinstance(value, bool) for value in values) else list(dict.fromkeys(values))
        )
        x = [float(places.index(value)) for value in values]
        legend = ", ".join(f"{place} = {value}" for place, value in enumerate(places))
        series = [f"{name} ({claim.x}: {legend})" for name in series]
    names = list(dict.fromkeys(series))
    order = sorted(range(len(cells)), key=lambda i: (names.index(series[i]), x[i]))
    return Selection(
        parameter=claim.x,
        numeric=numeric,
        cells=tuple(cells[i] for i in order),
        rows=np.array([rows[i] for i in order], dtype=np.intp),
        x=np.array([x[i] for i in order], dtype=np.float64),
        series=tuple(series[i] for i in order),
        labels=tuple(labels[i] for i in order),
    )


def varying_parameters(cells: Sequence[P], x: str) -> list[str]:
    """The parameters other than x that have more than one value in the cells, in order of definition."""
    if not cells:
        return []
    fields: Any = cells[0]  # P is a dataclass, which its type cannot say
    names = [field.name for field in dataclasses.fields(fields) if field.name != x]
    return [name for name in names if len({getattr(cell, name) for cell in cells}) > 1]


def _telling(cells: Sequence[P], names: Sequence[str]) -> list[str]:
    """The names without those that tell no more cells apart than the ones before them and the others do."""

    def kinds(some: Sequence[str]) -> int:
        return len({tuple(getattr(cell, name) for name in some) for cell in cells})

    kept = list(names)
    for name in reversed(names):
        rest = [other for other in kept if other != name]
        if kinds(rest) == kinds(names):
            kept = rest
    return kept


def _assignments(cell: object, names: Sequence[str]) -> str:
    values = ((name, getattr(cell, name)) for name in names)
    return ", ".join(f"{name} = {number(value) if isinstance(value, float) else value}" for name, value in values)


def curve_name(kind: str, series: str) -> str:
    """The name of a curve that belongs to a series: `theory`, or `theory depth = 3`."""
    return kind + series.removeprefix("measured") if series.startswith("measured") else f"{kind} {series}"


def finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def measured_evidence(
    selection: Selection[P], points: Interval, low: Numbers | None = None, high: Numbers | None = None
) -> tuple[EvidenceRecord, ...]:
    """The measured points with their intervals and, where there is one, the band that theory predicts; all (cells,)."""
    return tuple(
        EvidenceRecord(
            series=name,
            step=step,
            x=float(selection.x[i]),
            y=float(points.estimate[i]),
            low=finite(points.low[i]),
            high=finite(points.high[i]),
            predicted_low=None if low is None else finite(low[i]),
            predicted_high=None if high is None else finite(high[i]),
        )
        for name, places in selection.groups()
        for step, i in enumerate(places)
    )


def curve_evidence(
    selection: Selection[P], function: Callable[[P], float], kind: str = "theory"
) -> tuple[EvidenceRecord, ...]:
    """A function of the cell as a dense curve for each series, from its smallest x to its largest.

    The cell of the nearest smaller x gives the other parameters. Points where the function raises or is not finite are
    left out: theory need not be defined between the cells.
    """
    records: list[EvidenceRecord] = []
    for name, places in selection.groups():
        cells = [selection.cells[i] for i in places]
        points = (
            _dense_cells(cells, selection) if selection.numeric else list(zip(selection.x[places], cells, strict=True))
        )
        curve = [(x, y) for x, cell in points if (y := _value_or_nan(function, cell)) == y and abs(y) != np.inf]
        records += curve_records(curve_name(kind, name), curve)
    return tuple(records)


def curve_records(series: str, points: Sequence[tuple[float, float]]) -> list[EvidenceRecord]:
    return [EvidenceRecord(series=series, step=step, x=float(x), y=float(y)) for step, (x, y) in enumerate(points)]


def dense_grid(x: Numbers, whole: bool = False) -> Numbers:
    """About DENSE points from the smallest x to the largest and the xs themselves; geometric where x spans a decade."""
    low, high = x.min(), x.max()
    grid = np.geomspace(low, high, DENSE) if 0 < 10 * low <= high else np.linspace(low, high, DENSE)
    inside = np.clip(np.round(grid) if whole else grid, low, high)
    return np.unique(np.concatenate([inside, x]))


def _dense_cells(cells: Sequence[P], selection: Selection[P]) -> list[tuple[float, P]]:
    values = [getattr(cell, selection.parameter) for cell in cells]
    whole = all(isinstance(value, int) for value in values)
    points: list[tuple[float, P]] = []
    for x in dense_grid(np.array(values, dtype=np.float64), whole):
        nearest: Any = cells[max(i for i, value in enumerate(values) if value <= x)]
        try:
            points.append((x, dataclasses.replace(nearest, **{selection.parameter: int(x) if whole else float(x)})))
        except Exception:  # parameters may refuse values between the cells
            continue
    return points


def _value_or_nan(function: Callable[[P], float], cell: P) -> float:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return float(function(cell))
        except Exception:  # a formula may be undefined between the cells
            return np.nan
