"""Groups of runs that are compared over their seeds: the value of a group at a seed, its statistics against others."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from app.numbers.intervals import grouped_means
from app.numbers.pairs import Estimate, improvement_at_any_seeds, improvement_at_one_seed, paired_difference
from app.numbers.series import Series
from app.reader import Reader
from app.text.wording import count
from storage.queries import LanguageError, TooManyRunsError, group_runs, metrics_of_runs
from storage.records import ExperimentRecord, Value

if TYPE_CHECKING:
    import pandas as pd

LETTERS = ("a", "b", "c", "d", "e", "f")
"""What the URL calls the groups; people read them as capitals."""
Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Group:
    """`runs`: those compared; index run_id, columns experiment, seed, params (JSON) and cell (0, 1, … in order).

    `left_out` is how many more passed the filter, but failed or are of an older revision.
    """

    letter: str
    asked: str
    runs: pd.DataFrame
    left_out: int

    @property
    def name(self) -> str:
        return self.letter.upper()

    @cached_property
    def ids(self) -> tuple[int, ...]:
        return tuple(self.runs.index.tolist())

    @cached_property
    def cells(self) -> list[tuple[str, Mapping[str, Value]]]:
        """(experiment, parameters) of each cell."""
        first = self.runs.drop_duplicates("cell")
        return [(of, json.loads(params)) for of, params in zip(first["experiment"], first["params"], strict=True)]


def asked_groups(query: Mapping[str, str]) -> dict[str, str]:
    """letter -> filter, of the groups that the URL names."""
    return {letter: text for letter in LETTERS if (text := query.get(letter, "").strip())}


def groups_of(read: Reader, query: Mapping[str, str]) -> tuple[list[Group], dict[str, str]]:
    """The groups that have runs; and letter -> what is wrong with each of the others, in one sentence."""
    found, wrong = [], {}
    for letter, asked in asked_groups(query).items():
        try:
            group = read.kept(group_of, (letter, asked), partial(group_of, read, letter, asked))
        except (LanguageError, TooManyRunsError) as error:
            wrong[letter] = str(error)
            continue
        if len(group.runs):
            found.append(group)
        elif group.left_out:
            left = count(group.left_out, "run")
            wrong[letter] = f"All that pass this filter ({left}) failed or are of an older revision."
        else:
            wrong[letter] = "No run passes this filter."
    return found, wrong


def group_of(read: Reader, letter: str, asked: str) -> Group:
    """Raises LanguageError and TooManyRunsError."""
    import pandas as pd

    passed = read(group_runs, asked)
    runs = passed[passed["used"]].drop(columns="used")
    cells, _ = pd.factorize(runs["experiment"] + " " + runs["params"])
    return Group(letter, asked, runs.assign(cell=cells), len(passed) - len(runs))


def at_seeds(group: Group, values: Array) -> pd.Series[float]:
    """The group's value at each seed: the mean over its cells; index seed, in order.

    `values` has shape (runs,), in the order of the group's runs, and is nan where a run has none. A seed that lacks one
    of the cells has no value: else two seeds would be means over different things.
    """
    import pandas as pd

    known = ~np.isnan(values)
    seeds, position = np.unique(group.runs["seed"].to_numpy()[known], return_inverse=True)
    n = np.bincount(position, minlength=len(seeds))
    mean = np.bincount(position, values[known], minlength=len(seeds)) / n
    whole = n == len(np.unique(group.runs["cell"].to_numpy()[known]))
    return pd.Series(mean[whole], index=pd.Index(seeds[whole], name="seed"))


@dataclass(frozen=True)
class Against:
    """A group against the first one: `difference` and both probabilities are of this group's value over the first's.

    `alone` is how many seeds, of either group, have no partner in the other.
    """

    difference: Estimate
    same_seed: Estimate
    any_seeds: Estimate
    alone: int


def against(first: pd.Series[float], second: pd.Series[float]) -> Against:
    """Statistics of two groups' values at their seeds, paired where both have the seed."""
    common = first.index.intersection(second.index)
    a, b = first.loc[common].to_numpy(), second.loc[common].to_numpy()
    return Against(
        difference=paired_difference(a, b),
        same_seed=improvement_at_one_seed(a, b),
        any_seeds=improvement_at_any_seeds(first.to_numpy(), second.to_numpy()),
        alone=len(first) + len(second) - 2 * len(common),
    )


def metrics_of(read: Reader, groups: Sequence[Group], described: Mapping[str, ExperimentRecord]) -> list[str]:
    """The metrics that at least one group has, in the order in which their experiments name them."""
    experiments = dict.fromkeys(name for group in groups for name, _ in group.cells)
    return list(dict.fromkeys(info.name for name in experiments for info in described[name].metrics))


def seed_values(read: Reader, groups: Sequence[Group], metric: str) -> list[pd.Series[float]]:
    """The metric of each group at its seeds."""
    made = []
    for group in groups:
        table = read(metrics_of_runs, group.ids)
        lacking = np.full(len(table), math.nan)
        made.append(at_seeds(group, table[metric].to_numpy() if metric in table else lacking))
    return made


def comparison(read: Reader, groups: Sequence[Group], metrics: Sequence[str]) -> pd.DataFrame:
    """A row a metric and group that has it: its mean over seeds, and its statistics against the first group."""
    import pandas as pd

    rows = []
    for metric in metrics:
        values = seed_values(read, groups, metric)
        for group, mine in zip(groups, values, strict=True):
            if len(mine):
                rows.append(
                    {
                        "metric": metric,
                        "group": group.name,
                        **_mean(mine),
                        **_compared(values[0], mine, groups[0] is group),
                    }
                )
    return pd.DataFrame(rows, columns=COLUMNS).astype({"n": "int64", "pairs": "Int64", "alone": "Int64"})


_PARTS = {"difference": "difference", "same_seed": "p_same_seed", "any_seeds": "p_any_seeds"}
COLUMNS = ["metric", "group", "mean", "low", "high", "n", "pairs", "alone"]
COLUMNS += [f"{name}{end}" for name in _PARTS.values() for end in ("", "_low", "_high")]


def _mean(values: pd.Series[float]) -> dict[str, object]:
    means = grouped_means(values.to_numpy(), np.zeros(len(values), dtype=np.int64), 1)
    return {name: getattr(means, name)[0].item() for name in ("mean", "low", "high", "n")}


def _compared(first: pd.Series[float], mine: pd.Series[float], same: bool) -> dict[str, object]:
    if same or not len(first):
        return {"pairs": None, "alone": None}
    found = against(first, mine)
    told: dict[str, object] = {"pairs": found.difference.n, "alone": found.alone}
    for part, name in _PARTS.items():
        estimate: Estimate = getattr(found, part)
        told |= {name: estimate.value, f"{name}_low": estimate.low, f"{name}_high": estimate.high}
    return told


def mean_curve(group: Group, curves: Mapping[int, tuple[Array, Array]]) -> Series | None:
    """The group's mean over seeds with its t interval, at every x where a seed has all cells; None where none has."""
    drawn = group.runs[group.runs.index.isin(list(curves))]
    if drawn.empty:
        return None
    lengths = [len(curves[run_id][0]) for run_id in drawn.index]
    seeds, seed = np.unique(drawn["seed"].to_numpy(), return_inverse=True)
    grid, at = np.unique(np.concatenate([curves[run_id][0] for run_id in drawn.index]), return_inverse=True)
    place = at * len(seeds) + np.repeat(seed, lengths)
    n = np.bincount(place, minlength=len(grid) * len(seeds))
    total = np.bincount(place, np.concatenate([curves[run_id][1] for run_id in drawn.index]), minlength=len(n))
    whole = np.flatnonzero(n == drawn["cell"].nunique())
    means = grouped_means(total[whole] / n[whole], whole // len(seeds), len(grid))
    kept = means.n > 0
    if not kept.any():
        return None
    told = {name: getattr(means, name)[kept] for name in ("mean", "low", "high", "n")}
    return Series(name=group.name, params={"group": group.name}, x=grid[kept], **told)
