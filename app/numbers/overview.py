"""Everything at a glance: what the store holds of every experiment and claim."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from app.numbers.verdicts import status_of, weightiest
from app.reader import Reader
from storage.queries import BatchRow, RunCount, StoredVerdict, batches, experiments, run_count, verdicts
from storage.records import ClaimInfo, ExperimentRecord


@dataclass(frozen=True, kw_only=True)
class Overview:
    """What the store holds of everything: verdicts by (experiment, claim), run counts by experiment, batches by id."""

    described: tuple[ExperimentRecord, ...]
    judged: Mapping[tuple[str, str], StoredVerdict]
    runs: Mapping[str, RunCount]
    batches: Mapping[int, BatchRow]

    def verdict(self, experiment: ExperimentRecord, claim: ClaimInfo) -> StoredVerdict | None:
        return self.judged.get((experiment.name, claim.name))

    def status(self, experiment: ExperimentRecord, claim: ClaimInfo) -> str:
        return status_of(self.verdict(experiment, claim))

    @property
    def statuses(self) -> list[str]:
        return [self.status(each, claim) for each in self.described for claim in each.claims]

    @property
    def chapters(self) -> list[tuple[int, list[ExperimentRecord]]]:
        return [(chapter, list(members)) for chapter, members in groupby(self.described, key=lambda each: each.chapter)]


def overview(read: Reader) -> Overview:
    described = read(experiments)
    return Overview(
        described=described,
        judged=weightiest(read(verdicts)),
        runs={each.name: read(run_count, each.name) for each in described},
        batches={batch.id: batch for batch in read.now(batches)},
    )
