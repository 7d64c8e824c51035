"""What the runner asks of a store: of one that it only reads, and of the one that it fills."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

from storage.records import BatchRecord, ExperimentRecord, RunRecord, VerdictRecord

Bases = Mapping[tuple[str, str, str, int, int], str]
"""(experiment, claim, profile, seeds, revision) of each verdict -> what it was judged on."""


class StoredRuns(Protocol):
    """Stored runs to look at; keys are those of runs. Every method raises StoreError."""

    @property
    def url(self) -> object: ...

    @property
    def exists(self) -> bool: ...

    def fingerprints(self, keys: Sequence[str]) -> Mapping[str, str]: ...

    def seconds(self, keys: Sequence[str]) -> Mapping[str, float]: ...

    def metrics(self, keys: Sequence[str]) -> Mapping[str, Mapping[str, float]]: ...

    def run(self, which: int | str) -> tuple[RunRecord, BatchRecord] | None: ...

    def ok_keys(self) -> Sequence[tuple[int, str]]: ...


class Ledger(StoredRuns, Protocol):
    """A store that takes runs and verdicts."""

    def describe(self, experiments: Sequence[ExperimentRecord]) -> None: ...

    def start_batch(self, batch: BatchRecord) -> int: ...

    def live_batches(self, besides: int) -> int: ...

    def heartbeat(self, batch_id: int, *, done: int, failed: int) -> None: ...

    def record(self, batch_id: int, runs: Sequence[RunRecord], *, replace: bool = False) -> None: ...

    def finish_batch(
        self, batch_id: int, *, state: Literal["finished", "interrupted"], done: int, failed: int
    ) -> None: ...

    def bases(self) -> Bases: ...

    def save_verdicts(self, verdicts: Sequence[VerdictRecord]) -> None: ...

    def verdict_records(self, profile: str) -> Sequence[VerdictRecord]: ...
