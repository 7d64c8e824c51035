"""What a batch would be: the experiments with what is stored of them, and how long the rest will take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from experiments.batch.console import console, print_table
from experiments.batch.ledger import StoredRuns
from experiments.batch.plan import Cell, by_experiment, keys_of
from storage.wording import duration


def print_list(cells: Sequence[Cell], store: StoredRuns) -> None:
    """A row an experiment."""
    rows = []
    for name, group in by_experiment(cells).items():
        keys, experiment = keys_of(group), group[0].entry.experiment
        grid = f"{len(group)} × {len(group[0].keys)}"
        stored = f"{len(store.fingerprints(keys))}/{len(keys)}"
        rows.append([str(experiment.chapter), name, experiment.title, grid, stored, str(len(experiment.claims))])
    titles = ["", "experiment", "", "cells × seeds", "stored", "claims"]
    print_table(console(), titles, rows, right=(0, 3, 4, 5))


@dataclass(frozen=True)
class Work:
    """What is left to run: so many runs, `untimed` of them of cells of which no run is stored; the others take about
    `seconds`, one after the other."""

    runs: int
    untimed: int
    seconds: float


def work_left(cells: Sequence[Cell], store: StoredRuns, *, rerun: bool) -> Work:
    """A run is expected to take as long as the stored ones of its cell, at other seeds."""
    took = store.seconds(keys_of(cells))
    runs, untimed, seconds = 0, 0, 0.0
    for cell in cells:
        known = [took[key] for key in cell.keys if key in took]
        left = len(cell.keys) - (0 if rerun else len(known))
        runs += left
        if known:
            seconds += left * sum(known) / len(known)
        else:
            untimed += left
    return Work(runs, untimed, seconds)


def print_plan(cells: Sequence[Cell], store: StoredRuns, workers: int, *, rerun: bool) -> None:
    """A row an experiment, and what all of it takes on so many workers."""
    rows, works = [], []
    for name, group in by_experiment(cells).items():
        planned, work = len(keys_of(group)), work_left(group, store, rerun=rerun)
        estimate = "unknown" if work.untimed else duration(work.seconds)
        rows.append([name, str(planned), str(planned - work.runs), str(work.runs), estimate])
        works.append(work)
    out = console()
    print_table(out, ["experiment", "planned", "stored", "to run", "work"], rows, right=(1, 2, 3, 4))
    runs, untimed = sum(work.runs for work in works), sum(work.untimed for work in works)
    timed = f"about {duration(sum(work.seconds for work in works) / workers)} on {workers} workers"
    if untimed:
        timed += f", beside {untimed} runs of cells of which none is stored (--seeds 1 would time them)"
    out.print(f"{runs} runs to run" + (f": {timed}." if runs else "."), soft_wrap=True)
