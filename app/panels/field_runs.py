"""Which run's fields are shown: of the runs that keep any, the one that is chosen or the nearest to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from app.components.choices import Offer
from app.numbers.series import select, telling, varying
from app.reader import Reader
from app.text.wording import params_text, value_text
from storage.queries import cells_of_runs, fields_kept
from storage.records import ExperimentRecord, Value

if TYPE_CHECKING:
    import pandas as pd

SEED = "seed"
FEW = 8
"""So many values stand in a row."""
Choices = Mapping[str, Sequence[Value]]


@dataclass(frozen=True, kw_only=True)
class KeptRuns:
    """The runs that keep fields (index run_id; seed and parameters), the experiment's size, and what tells them apart:
    parameters and the seed, each with the values that some of these runs has."""

    runs: pd.DataFrame
    size: str | None
    choices: Choices


def kept_runs(read: Reader, experiment: ExperimentRecord) -> KeptRuns | None:
    """None where no run keeps a field."""
    return read.kept(kept_runs, experiment.name, lambda: _kept_runs(read, experiment))


def _kept_runs(read: Reader, experiment: ExperimentRecord) -> KeptRuns | None:
    every = read(cells_of_runs, experiment.name)
    runs = every[every.index.isin(read(fields_kept, experiment.name)["run_id"])]
    if runs.empty:
        return None
    size = next((info.name for info in experiment.params if info.is_size), None)
    vary = varying(runs)
    names = telling(runs, list(vary), keep=size if size in vary else None)
    choices = {**{name: vary[name] for name in names}, SEED: sorted(runs[SEED].unique().tolist())}
    return KeptRuns(runs=runs, size=size, choices=choices)


def run_offers(kept: KeptRuns, experiment: ExperimentRecord) -> list[Offer]:
    """A slider for the size, a list for any other parameter, the seeds in a row; first a run of the guide's cell."""
    guide: Mapping[str, Value] = experiment.guide_params or {}
    cell = select(kept.runs, {name: value for name, value in guide.items() if name in kept.runs.columns})
    first = (kept.runs if cell.empty else cell).iloc[0]
    made = []
    for name, values in kept.choices.items():
        row = name == SEED and len(values) <= FEW
        made.append(
            Offer(
                key=_key(name),
                label=name,
                options=[(str(value), value_text(value)) for value in values],
                default=str(next(value for value in values if value == first[name])),
                look="slider" if name == kept.size else "row" if row else "list",
            )
        )
    return made


def _key(name: str) -> str:
    return name if name == SEED else f"p.{name}"


@dataclass(frozen=True, kw_only=True)
class Found:
    """The run shown, what tells it from the others, and what was asked for instead where no run has that."""

    run_id: int
    params: Mapping[str, Value]
    asked: Mapping[str, Value]

    @property
    def said(self) -> str:
        """Why another run is shown than the one that was asked for; "" where it is that one."""
        if not self.asked:
            return ""
        rest = {name: value for name, value in self.params.items() if name not in self.asked}
        of = f" of {params_text(rest)}" if rest else ""
        return f"No run{of} with {params_text(self.asked)} keeps its fields; this is the nearest one that does."


def found_run(kept: KeptRuns, chosen: Mapping[str, str]) -> Found:
    """The run that is chosen. Where there is none, the one that differs in the fewest other parameters, then the one
    nearest in size, then in seed."""
    runs, size, choices = kept.runs, kept.size, kept.choices
    wanted = {
        name: value for name, values in choices.items() for value in values if str(value) == chosen.get(_key(name))
    }
    others = np.zeros(len(runs))
    for name, value in wanted.items():
        if name not in (size, SEED):
            others += (runs[name] != value).to_numpy()
    best = np.lexsort((_far(runs, SEED, wanted), _far(runs, size, wanted), others))[0]
    shown = runs.iloc[int(best)]
    params = {name: next(value for value in values if value == shown[name]) for name, values in choices.items()}
    return Found(
        run_id=int(runs.index[int(best)]),
        params=params,
        asked={name: value for name, value in wanted.items() if value != params[name]},
    )


def _far(runs: pd.DataFrame, name: str | None, wanted: Mapping[str, Value]) -> NDArray[np.float64]:
    """How far each run is from what is wanted, in octaves where the values are positive sizes."""
    if name is None or name not in wanted:
        return np.zeros(len(runs))
    value, values = wanted[name], runs[name]
    if isinstance(value, (bool, str)):
        return np.asarray(values != value, dtype=np.float64)
    numbers = values.to_numpy(dtype=np.float64)
    if value > 0 and (numbers > 0).all():
        return np.abs(np.log2(numbers / value))
    return np.abs(numbers - value)
