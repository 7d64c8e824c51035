"""What a batch will run: the cells of a profile, and the key of every run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from experiments.catalog import Entry, values
from experiments.networks.datasets import Shape
from storage.records import Value


@dataclass(frozen=True)
class Cell:
    """One point of an experiment's grid; keys[s] is the key of its run at seed s."""

    entry: Entry
    params: Mapping[str, Value]
    keys: tuple[str, ...]


def plan(entries: Iterable[Entry], profile: str, seeds: int | None = None) -> tuple[Cell, ...]:
    """Every cell of the profile with its seeds 0 … seeds − 1 (the profile's own number where seeds is None)."""
    return tuple(
        Cell(entry, params, tuple(run_key(entry, params, seed) for seed in range(seeds or grid.seeds)))
        for entry in entries
        for grid in [entry.experiment.profiles[profile]]
        for params in map(values, grid.cells)
    )


def plan_own(entries: Iterable[Entry], table: Shape, profile: str, seeds: int | None = None) -> tuple[Cell, ...]:
    """The cells that the experiments which take a data set run on a table of one's own, at the profile's seeds."""
    return tuple(
        Cell(entry, params, tuple(run_key(entry, params, seed) for seed in range(number)))
        for entry in entries
        if entry.experiment.own is not None
        for number in [seeds or entry.experiment.profiles[profile].seeds]
        for params in map(values, entry.experiment.own(table))
    )


def by_experiment(cells: Iterable[Cell]) -> dict[str, list[Cell]]:
    """The cells of each experiment, by its name."""
    found: dict[str, list[Cell]] = {}
    for cell in cells:
        found.setdefault(cell.entry.name, []).append(cell)
    return found


def keys_of(cells: Iterable[Cell]) -> Sequence[str]:
    """Of all their runs, cell by cell."""
    return [key for cell in cells for key in cell.keys]


def run_key(entry: Entry, params: Mapping[str, Value], seed: int) -> str:
    """32 hexadecimal digits that say which run this is; neither the profile nor the code is part of them."""
    identity = json.dumps([entry.name, entry.experiment.revision, dict(params), seed], sort_keys=True)
    return hashlib.blake2b(identity.encode(), digest_size=16).hexdigest()
