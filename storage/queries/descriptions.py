"""What experiments are: their parameters, metrics, curves, fields, claims and snippets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, select

from storage import tables
from storage.records import (
    ClaimInfo,
    CurveInfo,
    ExperimentRecord,
    FieldInfo,
    MetricInfo,
    ParamInfo,
    SnippetInfo,
)


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
            params=params.get(row["name"], ()),
            metrics=metrics.get(row["name"], ()),
            curves=curves.get(row["name"], ()),
            fields=fields.get(row["name"], ()),
            claims=claims.get(row["name"], ()),
            snippets=snippets.get(row["name"], ()),
        )
        for row in rows.mappings()
    )


def _described(connection: Connection, table: Any, record: Callable[..., Any]) -> Mapping[str, tuple[Any, ...]]:
    order = table.number if table is tables.Snippet else table.position
    names = [column.name for column in table.__table__.columns if column.name not in ("experiment", "position")]
    columns = (table.experiment, *(table.__table__.columns[name] for name in names))
    rows = connection.execute(select(*columns).order_by(order))
    return _records(record, tuple(names), tuple(map(tuple, rows)))


@lru_cache(maxsize=32)
def _records(
    record: Callable[..., Any], names: tuple[str, ...], rows: tuple[tuple[Any, ...], ...]
) -> Mapping[str, Any]:
    """The records of each experiment, made of rows that begin with its name; kept, for rows seldom change."""
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for owner, *values in rows:
        found[owner].append(record(**dict(zip(names, values, strict=True))))
    return {owner: tuple(records) for owner, records in found.items()}
