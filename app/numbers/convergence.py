"""Metrics along a size: one trend for each cell without its size, and what the claims' evidence says of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from app.numbers.intervals import Summary, summaries
from app.numbers.rates import Array, Centre, Rate, power_rate, slope_of
from app.numbers.series import grouped, varying
from storage.queries import StoredVerdict
from storage.records import EvidenceRecord, Value

if TYPE_CHECKING:
    import pandas as pd

POWER_LAW = "PowerLaw"
WITH_THEORY = (POWER_LAW, "Equals")
"""The kinds of claim whose evidence has theory's curve for the metric itself, rather than a bound."""


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """A metric of an experiment along one of its parameters."""

    experiment: str
    metric: str
    x: str


@dataclass(frozen=True, kw_only=True)
class Theory:
    """What a claim says of a trend: its curve (dense, x and y alike in shape), and the verdict on it.

    One that is not `absolute` has a slope and no level: its curve goes through the middle of the measured points.
    `sizes` are those that the claim was judged on.
    """

    verdict: StoredVerdict
    kind: str
    x: Array
    y: Array
    sizes: Array
    absolute: bool

    def at(self, sizes: Array) -> Array:
        """The curve at these sizes; nan where it has no point."""
        if not len(self.x):
            return np.full(len(sizes), np.nan)
        place = np.searchsorted(self.x, sizes).clip(0, len(self.x) - 1)
        return np.where(np.isclose(self.x[place], sizes, rtol=1e-12, atol=0), self.y[place], np.nan)

    def allowed(self, slope: float) -> tuple[float | None, float | None]:
        """What the power law's claim allows of a slope whose theory is `slope`: its tolerance around it, or its bound.

        The verdict holds the ends at the trend that decided; others have the same tolerance around their own slope.
        """
        low, high = self.verdict.predicted_low, self.verdict.predicted_high
        if self.kind != POWER_LAW or low is None or high is None:
            return (low, high) if self.kind == POWER_LAW else (None, None)
        half = (high - low) / 2
        return slope - half, slope + half


@dataclass(frozen=True, kw_only=True)
class Trend:
    """A metric at every size x (sizes,), in a table (sizes, seeds) with nan where there is no run.

    `params` are all other parameters but those that go with the size; each has one value along the trend.
    """

    of: Quantity
    params: Mapping[str, Value]
    x: Array
    seeds: NDArray[np.int64]
    table: Array
    theories: tuple[Theory, ...] = ()

    @cached_property
    def power_law(self) -> Theory | None:
        return next((theory for theory in self.theories if theory.kind == POWER_LAW), None)

    @cached_property
    def theory(self) -> Theory | None:
        """The curve to draw: one that has a level, if there is one."""
        return next((theory for theory in self.theories if theory.absolute), self.power_law)

    def centres(self, centre: Centre) -> Summary:
        """The mean or median over seeds at each size, with its 95 % interval."""
        size, seed = np.nonzero(np.isfinite(self.table))
        return summaries(self.table[size, seed], size, len(self.x), centre)

    def rate(self, start: float | None, centre: Centre) -> Rate:
        kept = self.fitted(start)
        return power_rate(self.x[kept], self.table[kept], centre)

    def fitted(self, start: float | None) -> NDArray[np.bool_]:
        """Which sizes a fit takes: those from `start` on; or those of the power law's claim, or all without one."""
        if start is not None:
            return self.x >= start
        if self.power_law is None:
            return np.ones(len(self.x), dtype=bool)
        return np.isin(self.x, self.power_law.sizes)

    def predicted(self, start: float | None) -> float:
        """Theory's slope on the sizes of the fit; nan where theory is silent."""
        sizes = self.x[self.fitted(start)]
        slopes = (slope_of(sizes, theory.at(sizes)) for theory in (self.power_law, self.theory) if theory is not None)
        return next((slope for slope in slopes if np.isfinite(slope)), np.nan)


def going_along(runs: pd.DataFrame, x: str, names: Sequence[str]) -> list[str]:
    """The parameters in `names` that go with the size x, as a number of replicates does that falls with the width.

    Such a parameter is a number that x and the others determine; where it varies along x, it takes on average more
    values than half the sizes. Telling trends apart by it would leave points alone. The last named are looked at first.
    """
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    cells = runs[[x, *names]].drop_duplicates()
    kept = list(names)
    going: list[str] = []
    for name in reversed(names):
        if is_bool_dtype(cells[name]) or not is_numeric_dtype(cells[name]):
            continue
        rest = [other for other in kept if other != name]
        if len(cells[[x, *rest]].drop_duplicates()) < len(cells[[x, *kept]].drop_duplicates()):
            continue
        counts = cells.groupby(rest)[[x, name]].nunique() if rest else cells[[x, name]].nunique().to_frame().T
        lines = counts[(counts[x] > 2) & (counts[name] > 1)]
        if lines[name].sum() > lines[x].sum() / 2:
            kept, going = rest, [name, *going]
    return going


def trends_of(runs: pd.DataFrame, values: pd.Series[float], of: Quantity) -> tuple[tuple[Trend, ...], list[str]]:
    """A trend for each combination of the parameters other than the size, and which parameters go with the size.

    `runs` has index run_id and columns seed and parameters, `values` index run_id; runs without it are left out.
    """
    present = runs[runs.index.isin(values.index)]
    if present.empty:
        return (), []
    others = [name for name in varying(runs) if name != of.x]
    going = going_along(present, of.x, others)
    made = []
    for params, members in grouped(present, [name for name in others if name not in going]):
        x, size = np.unique(members[of.x].to_numpy(dtype=np.float64), return_inverse=True)
        seeds, seed = np.unique(members["seed"].to_numpy(), return_inverse=True)
        table = np.full((len(x), len(seeds)), np.nan)
        table[size, seed] = values.loc[members.index].to_numpy()
        made.append(Trend(of=of, params=params, x=x, seeds=seeds, table=table))
    return tuple(made), going


def theories_of(
    trend: Trend, judged: Iterable[tuple[str, StoredVerdict, Sequence[EvidenceRecord]]]
) -> tuple[Theory, ...]:
    """What claims on the trend's metric along its size say of it; each is given by its kind, verdict and evidence.

    A claim speaks of the trend where the points of its evidence are its own means, or medians, over the seeds
    that it was judged on: so the cells that it picks need not be known.
    """
    found = []
    for kind, verdict, points in judged:
        series: dict[str, list[EvidenceRecord]] = {}
        for point in points:
            series.setdefault(point.series, []).append(point)
        of_seeds = trend.table[:, trend.seeds < verdict.seeds]
        for name, rows in series.items():
            if name.split(" ", 1)[0] in ("theory", "fit"):
                continue
            curve = series.get("theory" if name == "measured" else f"theory {name}", [])
            x, y = _arrays(rows)
            if curve and _same_points(trend.x, of_seeds, x, y):
                theory_x, theory_y = _arrays(curve)
                absolute = kind != POWER_LAW or not _through_the_middle(theory_x, theory_y, x, y)
                found.append(Theory(verdict=verdict, kind=kind, x=theory_x, y=theory_y, sizes=x, absolute=absolute))
                break
    return tuple(found)


def _arrays(rows: Sequence[EvidenceRecord]) -> tuple[Array, Array]:
    return np.array([row.x for row in rows]), np.array([row.y for row in rows])


def _same_points(sizes: Array, table: Array, x: Array, y: Array) -> bool:
    """Whether the means or the medians of the table's rows at the sizes x are y, but for rounding."""
    if not np.isin(x, sizes).all() or not table.shape[1]:
        return False
    rows = table[np.searchsorted(sizes, x)]
    if np.isnan(rows).any():
        return False
    slack = 1e-12 * np.abs(rows).max(axis=1)
    return any(bool((np.abs(of - y) <= slack).all()) for of in (rows.mean(axis=1), np.median(rows, axis=1)))


def _through_the_middle(theory_x: Array, theory_y: Array, x: Array, y: Array) -> bool:
    """Whether the curve is a straight line of logarithms through the middle of the points: a slope without a level."""
    if not ((theory_y > 0).all() and (y > 0).all()):
        return False
    slope = slope_of(theory_x, theory_y)
    middle = np.log(y).mean() + slope * (np.log(theory_x) - np.log(x).mean())
    return bool(np.abs(np.log(theory_y) - middle).max() < 1e-9)
