"""Reading the store for the dashboard and exports: plain questions over a read-only connection, frozen answers.

Every function asks the public tables only, and reads alike on SQLite and PostgreSQL.
"""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, RowMapping, Select, Text, and_, case, cast, distinct, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.elements import ColumnElement

from storage import tables
from storage.moments import STALE, moment_ago
from storage.records import (
    ClaimInfo,
    CurveInfo,
    CurveRecord,
    EvidenceRecord,
    ExperimentRecord,
    FieldInfo,
    FieldRecord,
    MetricInfo,
    ParamInfo,
    SnippetInfo,
    Value,
    VerdictRecord,
)

if TYPE_CHECKING:
    import pandas as pd

PROFILE_RANK = {"quick": 1, "standard": 2, "deep": 3}


@dataclass(frozen=True, kw_only=True)
class StoredVerdict(VerdictRecord):
    """A verdict as the store holds it; `evidence` is left empty, see evidence()."""

    id: int
    judged_at: datetime


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


def database_now(connection: Connection) -> datetime:
    """The database's clock, the one that wrote the heartbeats."""
    return connection.execute(select(moment_ago(0))).scalar_one()


def experiments(connection: Connection) -> tuple[ExperimentRecord, ...]:
    """Every experiment with its parameters, metrics, curves, fields, claims and snippets, by chapter."""
    rows = connection.execute(
        select(tables.Experiment.__table__).order_by(tables.Experiment.chapter, tables.Experiment.name)
    )
    params = _described(connection, tables.ParamInfo, ParamInfo)
    metrics = _described(connection, tables.MetricInfo, MetricInfo)
    curves = _described(connection, tables.CurveInfo, CurveInfo)
    fields = _described(connection, tables.FieldInfo, FieldInfo)
    claims = _described(connection, tables.Claim, ClaimInfo)
    snippets = _described(connection, tables.Snippet, SnippetInfo)
    return tuple(
        ExperimentRecord(
            **row,
            params=params[row["name"]],
            metrics=metrics[row["name"]],
            curves=curves[row["name"]],
            fields=fields[row["name"]],
            claims=claims[row["name"]],
            snippets=snippets[row["name"]],
        )
        for row in rows.mappings()
    )


def _described(connection: Connection, table: Any, record: type[Any]) -> defaultdict[str, tuple[Any, ...]]:
    order = table.number if table is tables.Snippet else table.position
    found: defaultdict[str, tuple[Any, ...]] = defaultdict(tuple)
    for row in connection.execute(select(table.__table__).order_by(order)).mappings():
        values = {key: value for key, value in row.items() if key not in ("experiment", "position")}
        found[row["experiment"]] += (record(**values),)
    return found


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
    query = (
        select(table.__table__)
        .where(table.verdict_id.in_(verdict_ids))
        .order_by(table.verdict_id, table.series, table.step)
    )
    found: dict[int, list[EvidenceRecord]] = {verdict_id: [] for verdict_id in verdict_ids}
    for row in connection.execute(query).mappings():
        values = {key: value for key, value in row.items() if key != "verdict_id"}
        found[row["verdict_id"]].append(EvidenceRecord(**values))
    return {verdict_id: tuple(points) for verdict_id, points in found.items()}


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


def batches(connection: Connection, limit: int | None = None) -> tuple[BatchRow, ...]:
    """The last batches, newest first; one that runs but has had no heartbeat for 30 s is interrupted."""
    now = database_now(connection)
    query = select(tables.Batch.__table__).order_by(tables.Batch.id.desc()).limit(limit)
    return tuple(_batch(row, now) for row in connection.execute(query).mappings())


def batch(connection: Connection, batch_id: int) -> BatchRow | None:
    now = database_now(connection)
    row = connection.execute(select(tables.Batch.__table__).where(tables.Batch.id == batch_id)).mappings().first()
    return None if row is None else _batch(row, now)


def _batch(row: RowMapping, now: datetime) -> BatchRow:
    values = dict(row)
    if values["state"] == "running" and (now - values["heartbeat_at"]).total_seconds() > STALE:
        values["state"] = "interrupted"
    return BatchRow(**values, now=now)


def _present(experiment: str) -> ColumnElement[bool]:
    """The successful runs of the experiment's present revision."""
    revision = select(tables.Experiment.revision).where(tables.Experiment.name == experiment).scalar_subquery()
    return and_(tables.Run.experiment == experiment, tables.Run.revision == revision, tables.Run.status == "ok")


def cells_of_runs(connection: Connection, experiment: str) -> pd.DataFrame:
    """The successful runs of the present revision: index run_id, columns seed and every parameter."""
    import pandas as pd

    query = (
        select(tables.Run.id, tables.Run.seed, tables.Run.params).where(_present(experiment)).order_by(tables.Run.id)
    )
    rows = connection.execute(query).all()
    frame = pd.DataFrame([row.params for row in rows], index=pd.Index([row.id for row in rows], name="run_id"))
    frame.insert(0, "seed", np.array([row.seed for row in rows], dtype=np.int64))
    return frame


def metric_values(connection: Connection, experiment: str, metric: str) -> pd.Series[float]:
    """The metric of each successful run of the present revision that has it: index run_id."""
    import pandas as pd

    query = (
        select(tables.Metric.run_id, tables.Metric.value)
        .join(tables.Run, tables.Run.id == tables.Metric.run_id)
        .where(_present(experiment), tables.Metric.name == metric)
        .order_by(tables.Metric.run_id)
    )
    rows = connection.execute(query).all()
    index = pd.Index([row.run_id for row in rows], name="run_id", dtype="int64")
    return pd.Series(np.array([row.value for row in rows], dtype=np.float64), index=index, name=metric)


def curves(
    connection: Connection, experiment: str, curve: str, fixed: tuple[tuple[str, Value], ...] = ()
) -> dict[int, tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """(x, y) of the curve by run_id, for the present successful runs whose parameters have the fixed values.

    Abscissae that runs share are one array.
    """
    query = (
        select(tables.Curve.run_id, tables.Curve.x_id, tables.Curve.y)
        .join(tables.Run, tables.Run.id == tables.Curve.run_id)
        .where(_present(experiment), tables.Curve.name == curve)
        .where(*(_param(name, value) == value for name, value in fixed))
        .order_by(tables.Curve.run_id)
    )
    rows = connection.execute(query).all()
    xs = _abscissae(connection, {row.x_id for row in rows})
    return {row.run_id: (xs[row.x_id], row.y) for row in rows}


def _abscissae(connection: Connection, ids: Iterable[int]) -> dict[int, NDArray[np.float64]]:
    wanted = sorted(ids)
    found: dict[int, NDArray[np.float64]] = {}
    for start in range(0, len(wanted), 500):  # SQLite allows few bound variables in old builds
        query = select(tables.CurveX.id, tables.CurveX.x).where(tables.CurveX.id.in_(wanted[start : start + 500]))
        found.update((row.id, row.x) for row in connection.execute(query))
    return found


def _param(name: str, like: Value) -> ColumnElement[Any]:
    """The parameter as an SQL value of the type of `like`."""
    value: Any = tables.Run.params[name]
    if isinstance(like, bool):
        typed = value.as_boolean()
    elif isinstance(like, int):
        typed = value.as_integer()
    else:
        typed = value.as_float() if isinstance(like, float) else value.as_string()
    element: ColumnElement[Any] = typed
    return element


def fields_kept(connection: Connection, experiment: str) -> pd.DataFrame:
    """Which fields the present runs keep: columns run_id, name, kind."""
    import pandas as pd

    query = (
        select(tables.Field.run_id, tables.Field.name, tables.Field.kind)
        .join(tables.Run, tables.Run.id == tables.Field.run_id)
        .where(_present(experiment))
        .order_by(tables.Field.run_id, tables.Field.name)
    )
    return pd.DataFrame(connection.execute(query).all(), columns=["run_id", "name", "kind"])


def fields_of_run(connection: Connection, run_id: int, name: str | None = None) -> tuple[FieldRecord, ...]:
    """The run's fields, or the one of that name; arrays are read without pickle."""
    query = select(tables.Field.__table__).where(tables.Field.run_id == run_id).order_by(tables.Field.name)
    if name is not None:
        query = query.where(tables.Field.name == name)
    return tuple(
        FieldRecord(name=row["name"], kind=row["kind"], arrays=_arrays(row["arrays"]))
        for row in connection.execute(query).mappings()
    )


def _arrays(archive: bytes) -> dict[str, NDArray[Any]]:
    with np.load(io.BytesIO(archive), allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


def curves_of_run(connection: Connection, run_id: int) -> tuple[CurveRecord, ...]:
    query = (
        select(tables.Curve.name, tables.CurveX.x, tables.Curve.y)
        .join(tables.CurveX, tables.CurveX.id == tables.Curve.x_id)
        .where(tables.Curve.run_id == run_id)
        .order_by(tables.Curve.name)
    )
    return tuple(CurveRecord(name=row.name, x=row.x, y=row.y) for row in connection.execute(query))


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
        return _param(name, {"int": 0.0, "float": 0.0, "bool": False}.get(types.get(name, ""), ""))
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
