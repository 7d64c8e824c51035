"""Runs one by one, in pages of a sorted and filtered table, and counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, Text, and_, case, cast, distinct, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.elements import ColumnElement

from storage import tables
from storage.queries.measurements import parameter
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


@dataclass(frozen=True, kw_only=True)
class RunFilter:
    """Which runs a table shows; None lets all pass."""

    experiment: str | None = None
    status: str | None = None
    batch: int | None = None


@dataclass(frozen=True)
class SortKey:
    """`column` is a column of run, `param.NAME` or `metric.NAME`."""

    column: str
    descending: bool = False


def run_counts(connection: Connection) -> dict[str, RunCount]:
    """Runs of each experiment's present revision."""
    run, ok = tables.Run, tables.Run.status == "ok"
    query = (
        select(
            run.experiment,
            func.sum(case((ok, 1), else_=0)).label("ok"),
            func.sum(case((ok, 0), else_=1)).label("failed"),
            func.count(distinct(cast(run.params, Text))).label("cells"),  # JSON of PostgreSQL has no equality
            func.count(distinct(run.seed)).label("seeds"),
            func.sum(run.seconds).label("seconds"),
            func.max(run.batch_id).label("last_batch"),
        )
        .join(
            tables.Experiment,
            and_(tables.Experiment.name == run.experiment, tables.Experiment.revision == run.revision),
        )
        .group_by(run.experiment)
    )
    return {
        row["experiment"]: RunCount(**{key: value for key, value in row.items() if key != "experiment"})
        for row in connection.execute(query).mappings()
    }


def run(connection: Connection, name: str) -> RunRow | None:
    """The run of this id or key."""
    matches = tables.Run.key == name
    if name.isdecimal() and len(name) < 19:  # beyond that no 64-bit id
        matches = or_(matches, tables.Run.id == int(name))
    rows = _run_rows(connection, select(tables.Run.__table__).where(matches).limit(1))
    return rows[0] if rows else None


def run_page(
    connection: Connection, runs: RunFilter, sort: Sequence[SortKey], offset: int, limit: int
) -> tuple[tuple[RunRow, ...], int]:
    """Rows offset … offset + limit − 1 of the filtered, sorted runs, and how many there are in all."""
    table = tables.Run
    conditions = [
        column == value
        for column, value in (
            (table.experiment, runs.experiment),
            (table.status, runs.status),
            (table.batch_id, runs.batch),
        )
        if value is not None
    ]
    total = connection.execute(select(func.count()).select_from(table).where(*conditions)).scalar_one()
    query = select(table.__table__).where(*conditions)
    infos = select(tables.ParamInfo.name, tables.ParamInfo.type).where(tables.ParamInfo.experiment == runs.experiment)
    types = {row.name: row.type for row in connection.execute(infos)}
    for key in sort:
        column = _sort_column(key.column, types)
        if column is not None:
            query = query.order_by((column.desc() if key.descending else column.asc()).nulls_last())
    query = query.order_by(table.id.desc()).offset(offset).limit(limit)  # the id makes the order one and stable
    return _run_rows(connection, query), total


SORTABLE: Mapping[str, InstrumentedAttribute[Any]] = {
    name: getattr(tables.Run, name)
    for name in ("id", "experiment", "seed", "batch_id", "status", "started_at", "seconds", "revision", "key")
}


def _sort_column(column: str, types: Mapping[str, str]) -> ColumnElement[Any] | None:
    kind, _, name = column.partition(".")
    if kind == "metric":
        metric = tables.Metric
        return (
            select(metric.value)
            .where(metric.run_id == tables.Run.id, metric.name == name)
            .correlate(tables.Run)
            .scalar_subquery()
        )
    if kind == "param":
        return parameter(name, {"int": 0.0, "float": 0.0, "bool": False}.get(types.get(name, ""), ""))
    return SORTABLE[column].expression if column in SORTABLE else None


def _run_rows(connection: Connection, query: Select[Any]) -> tuple[RunRow, ...]:
    rows = connection.execute(query).mappings().all()
    metrics: defaultdict[int, dict[str, float]] = defaultdict(dict)
    ids = [row["id"] for row in rows]
    for run_id, name, value in connection.execute(
        select(tables.Metric.run_id, tables.Metric.name, tables.Metric.value).where(tables.Metric.run_id.in_(ids))
    ):
        metrics[run_id][name] = value
    return tuple(RunRow(**row, metrics=metrics[row["id"]]) for row in rows)
