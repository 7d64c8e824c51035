"""Runs one by one, and counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, Text, bindparam, case, cast, distinct, func, or_, select

from storage import tables
from storage.records import (
    Value,
)


@dataclass(frozen=True, kw_only=True)
class RunCount:
    """The runs of an experiment's present revision; `seeds` is the number of different ones, `seconds` their sum."""

    ok: int = 0
    failed: int = 0
    cells: int = 0
    seeds: int = 0
    seconds: float = 0.0
    last_batch: int | None = None


@dataclass(frozen=True, kw_only=True)
class RunRow:
    """A run without its curves and fields."""

    id: int
    key: str
    experiment: str
    revision: int
    params: Mapping[str, Value]
    seed: int
    batch_id: int
    status: str
    error: str
    started_at: datetime
    seconds: float
    fingerprint: str
    metrics: Mapping[str, float]


def run_count(connection: Connection, experiment: str) -> RunCount:
    """The runs of the experiment's present revision."""
    return RunCount(**connection.execute(_run_count(), {"name": experiment}).mappings().one())


@cache
def _run_count() -> Select[*tuple[Any, ...]]:
    """Made once: the overview asks it of every experiment, and to make it takes as long as the answer."""
    run, ok, name = tables.Run, tables.Run.status == "ok", bindparam("name", type_=Text)
    present = select(tables.Experiment.revision).where(tables.Experiment.name == name).scalar_subquery()
    return select(
        func.count(case((ok, 1))).label("ok"),
        func.count(case((~ok, 1))).label("failed"),
        func.count(distinct(cast(run.params, Text))).label("cells"),  # JSON of PostgreSQL has no equality
        func.count(distinct(run.seed)).label("seeds"),
        func.coalesce(func.sum(run.seconds), 0.0).label("seconds"),
        func.max(run.batch_id).label("last_batch"),
    ).where(run.experiment == name, run.revision == present)


def run(connection: Connection, name: str) -> RunRow | None:
    """The run of this id or key."""
    matches = tables.Run.key == name
    if name.isdecimal() and len(name) < 19:  # beyond that no 64-bit id
        matches = or_(matches, tables.Run.id == int(name))
    rows = _run_rows(connection, select(tables.Run.__table__).where(matches).limit(1))
    return rows[0] if rows else None


def rows_of(connection: Connection, ids: Sequence[int]) -> tuple[RunRow, ...]:
    """The runs with these ids, in this order; those that the store does not hold are left out."""
    found = {row.id: row for row in _run_rows(connection, select(tables.Run.__table__).where(tables.Run.id.in_(ids)))}
    return tuple(found[run_id] for run_id in ids if run_id in found)


def _run_rows(connection: Connection, query: Select[Any]) -> tuple[RunRow, ...]:
    rows = connection.execute(query).mappings().all()
    metrics: defaultdict[int, dict[str, float]] = defaultdict(dict)
    ids = [row["id"] for row in rows]
    for run_id, name, value in connection.execute(
        select(tables.Metric.run_id, tables.Metric.name, tables.Metric.value).where(tables.Metric.run_id.in_(ids))
    ):
        metrics[run_id][name] = value
    return tuple(RunRow(**row, metrics=metrics[row["id"]]) for row in rows)
