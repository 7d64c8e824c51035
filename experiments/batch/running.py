"""Runs what a store does not hold yet, judges the claims on it, and says in the terminal what came of both."""

from __future__ import annotations

import contextlib
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence

from rich.console import Console

from experiments.batch.console import Progress, console, print_table
from experiments.batch.crew import Crew, CrewError
from experiments.batch.environment import describe_batch
from experiments.batch.judge import judge
from experiments.batch.ledger import Bases, Ledger
from experiments.batch.plan import Cell, by_experiment, keys_of
from experiments.batch.record import carry_out
from experiments.batch.status import Status
from experiments.batch.worker import StaleSourceError
from storage.errors import StoreError
from storage.records import RunRecord
from storage.wording import duration, interval, with_interval

MOST_FAILURES = 10
"""So many are printed."""


def run_and_judge(
    cells: Sequence[Cell],
    ledger: Ledger,
    crew: Crew,
    stop: Callable[[], bool],
    profile: str,
    arguments: Sequence[str],
    *,
    rerun: bool,
    judged: bool,
) -> Status:
    """One batch of every run that is not stored, or with `rerun` of all; then, where that is asked for, the claims.

    The command's `arguments` are kept with the batch. An experiment is judged as soon as its last run is recorded,
    while the others go on; after Ctrl-C nothing is judged any more.
    """
    groups = by_experiment(cells)
    known = ledger.bases() if judged else {}

    def complete(name: str) -> None:
        if judged:
            _judge_group(groups[name], ledger, profile, known)

    status = run_missing(cells, ledger, crew, stop, profile, arguments, complete, rerun=rerun)
    if status is Status.INTERRUPTED or not judged:
        return status
    return max(status, judge_all(cells, ledger, profile), key=(Status.OK, Status.REFUTED, Status.FAILED).index)


def run_missing(
    cells: Sequence[Cell],
    ledger: Ledger,
    crew: Crew,
    stop: Callable[[], bool],
    profile: str,
    arguments: Sequence[str],
    complete: Callable[[str], None],
    *,
    rerun: bool,
) -> Status:
    """The batch, and in the terminal how it goes and what came of it; `complete` is told each experiment that is done.

    One of which another batch has done a part is not told.
    """
    out = console()
    keys = keys_of(cells)
    stored = {} if rerun else ledger.fingerprints(keys)
    todo = [cell for cell in cells if any(key not in stored for key in cell.keys)]
    planned = Counter(cell.entry.name for cell in todo for key in cell.keys if key not in stored)
    if not todo:
        out.print(f"Nothing to run: the store holds all {len(keys)} runs of the profile {profile}.")
        return Status.OK
    begun = time.monotonic()
    batch = ledger.start_batch(describe_batch(profile, planned.total(), arguments))
    beginning = (
        f"Batch {batch}: {planned.total()} of {len(keys)} runs to run, {crew.size} workers, store {ledger.url!r}."
    )
    out.print(beginning, soft_wrap=True)
    failures: list[RunRecord] = []
    trouble: Exception | None = None
    left = planned.copy()
    try:
        with Progress(out, planned, crew.size) as progress:
            for runs in carry_out(todo, stored, ledger, batch, crew, stop, progress, replace=rerun):
                failures += [run for run in runs if run.status == "failed"]
                left -= Counter(run.experiment for run in runs)
                for name in dict.fromkeys(run.experiment for run in runs):
                    if not left[name]:
                        complete(name)
        ledger.finish_batch(
            batch, state="interrupted" if stop() else "finished", done=progress.done, failed=progress.failed
        )
    except (CrewError, StaleSourceError, StoreError) as error:
        trouble = error
        print(error, file=sys.stderr)
        with contextlib.suppress(StoreError):  # it was said already that the store cannot be written
            ledger.finish_batch(batch, state="interrupted", done=progress.done, failed=progress.failed)
    _print_end(out, progress, failures, time.monotonic() - begun)
    return Status.INTERRUPTED if stop() else Status.FAILED if failures or trouble else Status.OK


def _print_end(out: Console, progress: Progress, failures: Sequence[RunRecord], seconds: float) -> None:
    left = progress.planned - progress.done
    out.print(f"{progress.done} runs done in {duration(seconds)}, {progress.failed} failed, {left} left.")
    for run in failures[:MOST_FAILURES]:
        what = f"{run.experiment} {dict(run.params)} seed {run.seed}"
        out.print(f"failed: {what}: {run.error.strip().splitlines()[-1]}", soft_wrap=True, markup=False)
    if len(failures) > MOST_FAILURES:
        out.print(f"… and {len(failures) - MOST_FAILURES} more; the store's table run has every traceback.")
    if left:
        out.print("The same command finishes the batch.")


def judge_all(cells: Sequence[Cell], ledger: Ledger, profile: str) -> Status:
    """Judges every claim whose runs changed, and prints the table of all of them."""
    known = ledger.bases()
    groups = by_experiment(cells)
    try:
        for group in groups.values():
            _judge_group(group, ledger, profile, known)
    except StoreError as error:
        print(error, file=sys.stderr)
        return Status.FAILED
    found = {(v.experiment, v.claim, v.seeds, v.revision): v for v in ledger.verdict_records(profile)}
    out, rows, remarks = console(), [], []
    for name, group in groups.items():
        experiment, seeds = group[0].entry.experiment, len(group[0].keys)
        for claim in experiment.claims:
            verdict = found[name, claim, seeds, experiment.revision]
            measured = with_interval(verdict.estimate, verdict.low, verdict.high)
            predicted = interval(verdict.predicted_low, verdict.predicted_high)
            rows.append([f"{name}.{claim}", verdict.status, measured, predicted, str(seeds)])
            if verdict.status != "supported":
                remarks.append(f"{name}.{claim} is {verdict.status}: {verdict.because}")
    print_table(out, ["claim", "verdict", "measured", "predicted", "seeds"], rows, right=(4,))
    for remark in remarks:
        out.print(remark, soft_wrap=True, markup=False)
    return Status.REFUTED if any(row[1] == "refuted" for row in rows) else Status.OK


def _judge_group(cells: Sequence[Cell], ledger: Ledger, profile: str, known: Bases) -> None:
    """Judges the claims of one experiment, of which these are the cells, whose verdicts are not known."""
    stored = ledger.fingerprints(keys_of(cells))
    ledger.save_verdicts(judge(cells[0].entry, profile, cells, stored, known, ledger.metrics))
