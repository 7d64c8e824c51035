"""The verdict that speaks for a claim, of those that the store holds, and its status where it holds none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from storage.queries import StoredVerdict

STATUSES = ("supported", "refuted", "undecided")
NOT_JUDGED = "not judged"


def status_of(verdict: StoredVerdict | None) -> str:
    return NOT_JUDGED if verdict is None else verdict.status


def weightiest(verdicts: Iterable[StoredVerdict]) -> Mapping[tuple[str, str], StoredVerdict]:
    """For each (experiment, claim) the first of its verdicts, in the order that queries.verdicts gives."""
    found: dict[tuple[str, str], StoredVerdict] = {}
    for verdict in verdicts:
        found.setdefault((verdict.experiment, verdict.claim), verdict)
    return found
