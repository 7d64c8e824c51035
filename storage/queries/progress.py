"""Batches, and where they stand by the database's clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from storage import tables
from storage.moments import STALE, moment_ago


@dataclass(frozen=True, kw_only=True)
class BatchRow:
    """A batch and where it stands at the moment `now` of the database's clock."""

    id: int
    state: str
    started_at: datetime
    heartbeat_at: datetime
    finished_at: datetime | None
    now: datetime
    profile: str
    planned: int
    done: int
    failed: int
    command: str
    git_commit: str
    host: str
    cpu: str
    python: str
    packages: Mapping[str, str]


def database_now(connection: Connection) -> datetime:
    """The database's clock, the one that wrote the heartbeats."""
    return connection.execute(select(moment_ago(0))).scalar_one()


def batches(connection: Connection, limit: int | None = None) -> tuple[BatchRow, ...]:
    """The last batches, newest first; one that runs but has had no heartbeat for 30 s is interrupted."""
    now = database_now(connection)
    query = select(tables.Batch.__table__).order_by(tables.Batch.id.desc()).limit(limit)
    return tuple(_batch(row, now) for row in connection.execute(query).mappings())


def batch(connection: Connection, batch_id: int) -> BatchRow | None:
    now = database_now(connection)
    row = connection.execute(select(tables.Batch.__table__).where(tables.Batch.id == batch_id)).mappings().first()
    return None if row is None else _batch(row, now)


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A run of a batch that failed and was not run again since."""

    id: int
    experiment: str
    params: Mapping[str, Any]
    seed: int
    error: str


def failures(connection: Connection, batch_id: int, limit: int) -> tuple[Failure, ...]:
    """The first failed runs of a batch; one that ran well since then belongs to the batch that ran it."""
    run = tables.Run
    query = (
        select(run.id, run.experiment, run.params, run.seed, run.error)
        .where(run.batch_id == batch_id, run.status == "failed")
        .order_by(run.id)
        .limit(limit)
    )
    return tuple(Failure(**row) for row in connection.execute(query).mappings())


def _batch(row: RowMapping, now: datetime) -> BatchRow:
    values = dict(row)
    if values["state"] == "running" and (now - values["heartbeat_at"]).total_seconds() > STALE:
        values["state"] = "interrupted"
    return BatchRow(**values, now=now)
