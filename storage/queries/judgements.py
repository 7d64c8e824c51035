"""Verdicts and the points that show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, case, distinct, func, select

from storage import tables
from storage.records import (
    EvidenceRecord,
    VerdictRecord,
)

PROFILE_RANK = {"quick": 1, "standard": 2, "deep": 3}


@dataclass(frozen=True, kw_only=True)
class StoredVerdict(VerdictRecord):
    """A verdict as the store holds it; `evidence` is left empty, see evidence()."""

    id: int
    judged_at: datetime


def verdicts(connection: Connection, experiment: str | None = None) -> tuple[StoredVerdict, ...]:
    """Verdicts on the present revision, the weightiest first: the larger profile, then more seeds."""
    rank = case(PROFILE_RANK, value=tables.Verdict.profile, else_=0)
    query = (
        select(tables.Verdict.__table__)
        .join(tables.Experiment, tables.Experiment.name == tables.Verdict.experiment)
        .where(tables.Verdict.revision == tables.Experiment.revision)
        .order_by(rank.desc(), tables.Verdict.seeds.desc(), tables.Verdict.id)
    )
    if experiment is not None:
        query = query.where(tables.Verdict.experiment == experiment)
    return tuple(StoredVerdict(**row) for row in connection.execute(query).mappings())


def evidence(connection: Connection, verdict_ids: Sequence[int]) -> dict[int, tuple[EvidenceRecord, ...]]:
    """The points of each verdict, series by series in the order of their steps."""
    table = tables.Evidence
    names = [column.name for column in table.__table__.columns if column.name != "verdict_id"]
    query = (
        select(table.verdict_id, *(table.__table__.columns[name] for name in names))
        .where(table.verdict_id.in_(verdict_ids))
        .order_by(table.verdict_id, table.series, table.step)
    )
    found: dict[int, list[EvidenceRecord]] = {verdict_id: [] for verdict_id in verdict_ids}
    for verdict_id, *values in connection.execute(query).all():  # at once: one by one takes twice as long
        found[verdict_id].append(EvidenceRecord(**dict(zip(names, values, strict=True))))
    return {verdict_id: tuple(points) for verdict_id, points in found.items()}


def evidence_extents(connection: Connection) -> dict[int, tuple[int, int]]:
    """For each verdict the number of different x among its measured points, and of measured series."""
    table = tables.Evidence
    measured = and_(*(and_(table.series != kind, table.series.not_like(f"{kind} %")) for kind in ("theory", "fit")))
    query = (
        select(table.verdict_id, func.count(distinct(table.x)), func.count(distinct(table.series)))
        .where(measured)
        .group_by(table.verdict_id)
    )
    return {verdict: (xs, series) for verdict, xs, series in connection.execute(query)}
