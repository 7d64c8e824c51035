"""From the rows of runs to what a figure draws: one series a cell or a line of cells, averaged over seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from app.numbers.intervals import grouped_means
from app.numbers.sql import beside
from app.text.wording import params_text
from storage.records import Value

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]
Curves = Mapping[int, tuple[Array, Array]]


@dataclass(frozen=True, kw_only=True)
class Series:
    """Means over seeds with their 95 % intervals along x, all of shape (points,); `params` tell the series apart."""

    name: str
    params: Mapping[str, Value]
    x: Array
    mean: Array
    low: Array
    high: Array
    n: NDArray[np.int64]


def varying(runs: pd.DataFrame) -> dict[str, list[Value]]:
    """The parameters that take several values over the runs, each with its values in order."""
    found: dict[str, list[Value]] = {}
    for name in runs.columns.drop("seed"):
        values = list(dict.fromkeys(runs[name].tolist()))
        if len(values) > 1:
            try:
                found[name] = sorted(values)
            except TypeError:  # numbers and words in one parameter have no order of their own
                found[name] = sorted(values, key=str)
    return found


def select(runs: pd.DataFrame, fixed: Mapping[str, Value]) -> pd.DataFrame:
    """The runs whose parameters have the fixed values."""
    keep = np.ones(len(runs), dtype=bool)
    for name, value in fixed.items():
        keep &= (runs[name] == value).to_numpy()
    return runs[keep]


def agreeing(codes: Sequence[NDArray[np.int64]], runs: int) -> NDArray[np.int64]:
    """A number for each of so many runs, equal in those that have the same of each of the codes, which are -1 or more.

    Numbers are from 0 on, in the order of the codes, the first before the second.
    """
    made = np.zeros(runs, dtype=np.int64)
    for held in codes:
        made = np.unique(made * (held.max(initial=0) + 2) + held + 1, return_inverse=True)[1]
    return made


def alike(runs: pd.DataFrame, names: Sequence[str]) -> NDArray[np.int64]:
    """A number for each run, from 0 on, equal in runs that have the same values of the named parameters."""
    return agreeing([runs[name].factorize()[0] for name in names], len(runs))


def telling(runs: pd.DataFrame, names: Sequence[str], keep: str | None = None) -> list[str]:
    """Those of the names that tell the cells apart: what follows from the others is left out, the last named first."""
    codes = {name: runs[name].factorize()[0] for name in names}

    def last_cell(told: Sequence[str]) -> int:
        return int(agreeing([codes[name] for name in told], len(runs)).max(initial=0))

    told, last = list(names), last_cell(names)
    for name in reversed(names):
        others = [other for other in told if other != name]
        if name != keep and others and last_cell(others) == last:
            told = others
    return told


def metric_series(runs: pd.DataFrame, values: pd.Series[float], x: str) -> list[Series]:
    """The metric's mean over seeds against parameter x: one series for each combination of the other parameters.

    `runs` has index run_id and columns seed and parameters, `values` index run_id; runs without it are left out.
    """
    present = runs[runs.index.isin(values.index)]
    others = telling(present, [name for name in varying(present) if name != x])
    made = []
    for params, members in grouped(present, others):
        grid, position = np.unique(members[x].to_numpy(dtype=np.float64), return_inverse=True)
        means = grouped_means(values.loc[members.index].to_numpy(), position, len(grid))
        made.append(Series(name=params_text(params), params=params, x=grid, **vars(means)))
    return made


def series_frame(series: Sequence[Series], x: str) -> pd.DataFrame:
    """The numbers of the series: a row a point, with the parameters that tell them apart, x, mean, low, high and n.

    A parameter of such a name is in the column param_NAME.
    """
    import pandas as pd

    names = list(dict.fromkeys(name for line in series for name in line.params))
    parts = []
    for line in series:
        columns: dict[str, object] = {beside(name): line.params.get(name) for name in names}
        columns |= {beside(x): line.x, "mean": line.mean, "low": line.low, "high": line.high, "n": line.n}
        parts.append(pd.DataFrame(columns))
    empty = pd.DataFrame(columns=[*map(beside, [*names, x]), "mean", "low", "high", "n"])
    return pd.concat(parts, ignore_index=True) if parts else empty


def grouped(runs: pd.DataFrame, names: Sequence[str]) -> list[tuple[dict[str, Value], pd.DataFrame]]:
    """The runs by the values of the named parameters, in order; one group of all runs where none is named.

    Runs that lack one of them are in no group.
    """
    if runs.empty:
        return []
    if not names:
        return [({}, runs)]
    coded = [runs[name].factorize(sort=True) for name in names]
    members = agreeing([codes for codes, _ in coded], len(runs))
    order = np.argsort(members, kind="stable")
    made = []
    for own in np.split(order, np.flatnonzero(np.diff(members[order])) + 1):
        held = [(codes[own[0]], values) for codes, values in coded]
        if all(code >= 0 for code, _ in held):
            params = _plain([values[code] for code, values in held])
            made.append((dict(zip(names, params, strict=True)), runs.iloc[own]))
    return made


def _plain(key: Sequence[object]) -> list[Value]:
    """pandas gives numpy scalars; parameters are plain values."""
    return [value.item() if isinstance(value, np.generic) else value for value in key]  # type: ignore[misc]  # Value in
