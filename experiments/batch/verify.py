"""Runs stored runs again and says whether every bit is the same; no batch, and nothing in the store changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from numpy.random import default_rng

from experiments.batch.compare import differing, run_again
from experiments.batch.console import console
from experiments.batch.crew import Crew
from experiments.batch.environment import describe_batch, differences
from experiments.batch.ledger import StoredRuns
from experiments.batch.status import Status
from experiments.catalog import Entry
from storage.records import BatchRecord, RunRecord

Found = Sequence[tuple[RunRecord, BatchRecord]]
"""Stored runs, each with the batch that made it."""


class NothingToVerifyError(Exception):
    """`str(error)` says in one sentence why there is no such run."""


def drawn(wanted: str, store: StoredRuns) -> Found:
    """The run with the key that is `wanted`, or so many drawn from all that ended well, every time the same."""
    if not store.exists:
        raise NothingToVerifyError(f"There is no store {store.url!r} yet; `python run_all.py` fills it.")
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) < 8):
        found = store.run(wanted)
        if found is None:
            raise NothingToVerifyError(
                f"No stored run has the key {wanted}; --verify takes a number of runs or a run's key."
            )
        if found[0].status != "ok":
            raise NothingToVerifyError(
                f"The run {wanted} failed, so there is nothing to compare; the same batch command tries it again."
            )
        return [found]
    keys = sorted(key for _, key in store.ok_keys())
    if int(wanted) < 1 or not keys:
        raise NothingToVerifyError("The store holds no runs yet." if int(wanted) else "--verify takes at least 1 run.")
    chosen = default_rng(0).choice(keys, size=min(int(wanted), len(keys)), replace=False)
    return [found for key in chosen if (found := store.run(str(key))) is not None]


def verify(found: Found, entries: Mapping[str, Entry], crew: Crew, stop: Callable[[], bool]) -> Status:
    """Prints what differs: of the environment, and of every run by name."""
    out = console()
    stored: dict[str, RunRecord] = {}
    for record, _ in found:
        if record.experiment in entries and entries[record.experiment].experiment.revision == record.revision:
            stored[record.key] = record
        else:
            out.print(f"{record.key}: {record.experiment} of revision {record.revision} is not in the suite any more.")
    now = describe_batch("", 0, ())
    changed = sorted({difference for _, batch in found for difference in differences(batch, now)})
    if changed:
        out.print(f"The environment is not the one of the stored runs: {'; '.join(changed)}.", soft_wrap=True)
    different = done = 0
    for again in run_again(list(stored.values()), entries, crew, stop):
        names = differing(stored[again.key], again)
        done += 1
        if names:
            different += 1
            which = f"{again.key}: {again.experiment} {dict(again.params)} seed {again.seed}"
            out.print(f"{which} differs in {'; '.join(names[:5])}.", soft_wrap=True, markup=False)
    interrupted = stop()
    out.print(f"{done} of {len(found)} runs compared: {f'{different} differ' if different else 'every bit equal'}.")
    return Status.INTERRUPTED if interrupted else Status.FAILED if different else Status.OK
