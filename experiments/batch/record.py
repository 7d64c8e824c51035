"""Carries a batch out: whole runs go into a ledger as they come in, and the batch's heart beats."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from experiments.batch.console import Progress
from experiments.batch.crew import Crew
from experiments.batch.execute import execute
from experiments.batch.ledger import Ledger
from experiments.batch.plan import Cell
from storage.records import RunRecord

FLUSH_SECONDS, FLUSH_RUNS, HEARTBEAT_SECONDS = 0.5, 200, 5.0


def carry_out(
    cells: Sequence[Cell],
    stored: Mapping[str, str],
    ledger: Ledger,
    batch: int,
    crew: Crew,
    stop: Callable[[], bool],
    progress: Progress,
    *,
    replace: bool = False,
) -> Iterator[list[RunRecord]]:
    """Runs every run of the cells that is not `stored` (or, to `replace` it, every one), and yields what was recorded.

    Several runs share a transaction, none is split over two. Runs that another batch records meanwhile are not run.
    """
    names = {key: cell.entry.name for cell in cells for key in cell.keys}

    def held(keys: Sequence[str]) -> set[str]:
        if replace:
            return set()
        found = set(ledger.fingerprints(keys))
        for key in found - stored.keys():
            progress.add(names[key], done=1)
        return found

    waiting: list[RunRecord] = []
    flushed = beaten = time.monotonic()
    for runs in execute(_spread(cells, ledger, batch), crew, held, stop):
        for run in runs:
            progress.add(run.experiment, done=1, failed=int(run.status == "failed"), seconds=run.seconds)
        waiting += runs
        progress.tick()
        now = time.monotonic()
        if waiting and (now - flushed >= FLUSH_SECONDS or len(waiting) >= FLUSH_RUNS):
            ledger.record(batch, waiting, replace=replace)
            yield waiting
            waiting, flushed, beaten = [], now, 0.0
        if now - beaten >= HEARTBEAT_SECONDS:
            ledger.heartbeat(batch, done=progress.done - len(waiting), failed=progress.failed)
            beaten = now
    ledger.record(batch, waiting, replace=replace)
    yield waiting


def _spread(cells: Sequence[Cell], ledger: Ledger, batch: int) -> Sequence[Cell]:
    """Batches that share a store begin at different places, so that they do not run the same cells at the same time."""
    if not ledger.live_batches(besides=batch):
        return cells
    first = int(batch * 0.6180339887 % 1 * len(cells))
    return (*cells[first:], *cells[:first])
