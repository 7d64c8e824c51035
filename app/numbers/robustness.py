"""Robust accuracy over the size of the perturbation: curves named METHOD_NORM, their means, and whether they are in
the order that theory demands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from app.numbers.intervals import Summary, summaries
from app.numbers.series import Curves, grouped
from storage.records import CurveInfo, Value

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]

ORDER = ("certified", "exact", "pgd", "fgsm")
"""From the least robust accuracy to the greatest: what is proved, what is true, what attacks leave."""
SPOKEN = {"certified": "certified", "exact": "exact", "pgd": "PGD", "fgsm": "FGSM"}
NORMS = {"l1": "L1", "l2": "L2", "linf": "L∞"}


def names_of(curves: Sequence[CurveInfo]) -> dict[str, tuple[str, str]]:
    """The method and norm of each robustness curve, by its name; one without a norm in its name is none."""
    found = {info.name: info.name.split("_", 1) for info in curves if info.role == "robustness" and "_" in info.name}
    return {name: (method, norm) for name, (method, norm) in found.items()}


def method_text(method: str) -> str:
    return SPOKEN.get(method, method)


def norm_text(norm: str) -> str:
    return NORMS.get(norm, norm)


@dataclass(frozen=True, kw_only=True)
class Attacked:
    """Robust accuracy of a model's runs in one norm: accuracy[method] has shape (runs, ε), nan where a run has none.

    `params` are the parameters of the model; `runs` (runs,) are the runs' ids, `seeds` (runs,) theirs.
    """

    experiment: str
    params: Mapping[str, Value]
    norm: str
    epsilon: Array
    runs: NDArray[np.int64]
    seeds: NDArray[np.int64]
    accuracy: Mapping[str, Array]

    def means(self, method: str) -> Summary:
        """The mean over seeds at each ε with its 95 % t interval."""
        run, place = np.nonzero(np.isfinite(self.accuracy[method]))
        return summaries(self.accuracy[method][run, place], place, len(self.epsilon))


@dataclass(frozen=True, kw_only=True)
class Order:
    """Of so many comparisons of neighbours in ORDER, at one ε of one run in one norm, so many are the wrong way.

    `runs` are the ids of the runs in which any is, `of_runs` the number of runs compared.
    """

    comparisons: int
    broken: int
    runs: tuple[int, ...]
    of_runs: int


def attacked(
    experiment: str, runs: pd.DataFrame, names: Sequence[str], curves: Mapping[tuple[str, str], Curves]
) -> tuple[Attacked, ...]:
    """The models of an experiment in every norm: one for each combination of the parameters in `names`.

    `runs` has index run_id and columns seed and parameters; `curves` is by method and norm.
    """
    made = []
    for norm in dict.fromkeys(norm for _, norm in curves):
        of_norm = {method: curve for (method, of), curve in curves.items() if of == norm}
        some = {run for curve in of_norm.values() for run in curve}
        present = runs[runs.index.isin(list(some))]
        for params, members in grouped(present, names):
            ids = members.index.to_numpy(dtype=np.int64)
            epsilon = _abscissae([curve[run][0] for curve in of_norm.values() for run in ids.tolist() if run in curve])
            accuracy = {method: _matrix(ids, epsilon, curve) for method, curve in of_norm.items()}
            made.append(
                Attacked(
                    experiment=experiment,
                    params=params,
                    norm=norm,
                    epsilon=epsilon,
                    runs=ids,
                    seeds=members["seed"].to_numpy(dtype=np.int64),
                    accuracy={method: table for method, table in accuracy.items() if np.isfinite(table).any()},
                )
            )
    return tuple(made)


def _abscissae(xs: Sequence[Array]) -> Array:
    """Every ε at which any of the curves has a point; arrays that runs share are looked at once."""
    different = {id(x): x for x in xs}
    return np.unique(np.concatenate(list(different.values())))


def _matrix(ids: NDArray[np.int64], epsilon: Array, curve: Curves) -> Array:
    table = np.full((len(ids), len(epsilon)), np.nan)
    rows: dict[int, list[int]] = {}
    for row, run in enumerate(ids.tolist()):
        if run in curve:
            rows.setdefault(id(curve[run][0]), []).append(row)
    for members in rows.values():
        x = curve[int(ids[members[0]])][0]
        values = np.stack([curve[int(ids[row])][1] for row in members])
        table[np.asarray(members)[:, np.newaxis], np.searchsorted(epsilon, x)] = values
    return table


def order_of(models: Sequence[Attacked]) -> Order:
    """Whether certified ≤ exact ≤ PGD ≤ FGSM at each ε of each run; exactly, as all count the same points."""
    comparisons = broken = 0
    wrong: set[int] = set()
    compared: set[int] = set()
    for model in models:
        methods = [method for method in ORDER if method in model.accuracy]
        for lower, upper in pairwise(methods):
            rise = model.accuracy[upper] - model.accuracy[lower]
            known, falls = np.isfinite(rise), rise < 0
            comparisons += int(known.sum())
            broken += int(falls.sum())
            compared.update(model.runs[known.any(axis=1)].tolist())
            wrong.update(model.runs[falls.any(axis=1)].tolist())
    return Order(comparisons=comparisons, broken=broken, runs=tuple(sorted(wrong)), of_runs=len(compared))


def shares_within(radii: Array) -> tuple[Array, Array]:
    """The empirical distribution function: the radii in order, and the share of them that is at most so large."""
    ordered = np.sort(radii)
    return ordered, np.arange(1, len(ordered) + 1) / len(ordered)


def shares_at_edges(edges: Array, density: Array) -> tuple[Array, Array]:
    """The edges of a histogram's bins, and the share of what it counts that is at most so large."""
    within = np.concatenate([[0.0], np.cumsum(density * np.diff(edges))])
    return edges, within
