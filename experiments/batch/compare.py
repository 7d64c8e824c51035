"""Produces stored runs once more, and compares two productions of one run bit by bit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from experiments.batch.crew import Crew
from experiments.batch.execute import execute
from experiments.batch.plan import Cell, run_key
from experiments.catalog import Entry
from storage.records import RunRecord


def run_again(
    stored: Sequence[RunRecord], entries: Mapping[str, Entry], crew: Crew, stop: Callable[[], bool]
) -> Iterator[RunRecord]:
    """The same runs, as they come in; every one must be of an experiment's revision that `entries` has."""
    wanted = {run.key for run in stored}
    cells = []
    for run in stored:
        entry = entries[run.experiment]
        keys = tuple(run_key(entry, run.params, seed) for seed in range(run.seed + 1))
        cells.append(Cell(entry, run.params, keys))

    # Two stored seeds of a cell make it a cell twice: its runs are told apart by what still is wanted.
    def held(keys: Sequence[str]) -> set[str]:
        free = {key for key in keys if key not in wanted}
        wanted.difference_update(keys)
        return free

    for runs in execute(cells, crew, held, stop):
        yield from runs


def differing(stored: RunRecord, again: RunRecord) -> list[str]:
    """The names of what is not the same to the last bit; empty where all is."""
    if again.status != "ok":
        return [f"the run failed: {again.error.strip().splitlines()[-1]}"]
    before, after = _parts(stored), _parts(again)
    names = [name for name in sorted({*before, *after}) if not _same(before.get(name), after.get(name))]
    if not names and stored.fingerprint != again.fingerprint:
        return ["the fingerprint, though all that is stored is equal"]
    return names


def _parts(run: RunRecord) -> Mapping[str, Any]:
    parts: dict[str, Any] = {f"metric {name}": np.float64(value) for name, value in run.metrics.items()}
    for curve in run.curves:
        parts[f"curve {curve.name}"] = np.stack([curve.x, curve.y])
    for field in run.fields:
        parts |= {f"field {field.name}.{part}": array for part, array in field.arrays.items()}
    return parts


def _same(before: Any, after: Any) -> bool:
    if before is None or after is None:
        return False
    one, other = np.asarray(before), np.asarray(after)
    return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
