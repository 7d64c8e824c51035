"""Writing what experiments are: rows that replace those of the same experiment, where anything differs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from storage import tables
from storage.errors import StoreError
from storage.records import ExperimentRecord
from storage.tables import Base
from storage.views import SQL_TYPES

Row = dict[str, Any]
PARTS: dict[type[Base], str] = {
    tables.ParamInfo: "params",
    tables.MetricInfo: "metrics",
    tables.CurveInfo: "curves",
    tables.FieldInfo: "fields",
    tables.Claim: "claims",
}
LONGEST = 63
"""PostgreSQL cuts longer names of views and columns."""


def describe(connection: Connection, experiments: Sequence[ExperimentRecord]) -> None:
    """Write the descriptions that are new or differ. Raises StoreError for names that SQL could not tell apart."""
    for experiment in experiments:
        refuse_names(experiment)
    write_experiments(connection, experiments)
    names = [experiment.name for experiment in experiments]
    for table, attribute in PARTS.items():
        rows = [
            {"experiment": experiment.name, "position": position, **asdict(part)}
            for experiment in experiments
            for position, part in enumerate(getattr(experiment, attribute))
        ]
        replace(connection, table, rows, table.__table__.c["experiment"].in_(names))
    snippets = [
        {"experiment": experiment.name, **asdict(snippet)}
        for experiment in experiments
        for snippet in experiment.snippets
    ]
    numbers = [row["number"] for row in snippets]
    replace(
        connection, tables.Snippet, snippets, tables.Snippet.experiment.in_(names) | tables.Snippet.number.in_(numbers)
    )


def write_experiments(connection: Connection, experiments: Sequence[ExperimentRecord]) -> None:
    """These rows stay in their place, as runs refer to them."""
    stored = {row["name"]: row for row in rows_of(connection, tables.Experiment)}
    for experiment in experiments:
        row = {name: getattr(experiment, name) for name in tables.Experiment.__table__.columns.keys()}  # noqa: SIM118 - iterating gives columns, not names
        row["guide_params"] = None if experiment.guide_params is None else dict(experiment.guide_params)
        if experiment.name not in stored:
            connection.execute(insert(tables.Experiment), [row])
        elif row != stored[experiment.name]:
            connection.execute(update(tables.Experiment).where(tables.Experiment.name == experiment.name).values(**row))


def replace(connection: Connection, table: type[Base], rows: list[Row], theirs: ColumnElement[bool]) -> None:
    """Let `rows` be all the rows that `theirs` is true of."""
    if in_order(rows_of(connection, table, theirs)) == in_order(rows):
        return
    connection.execute(delete(table).where(theirs))
    if rows:
        connection.execute(insert(table), rows)


def in_order(rows: list[Row]) -> list[list[tuple[str, Any]]]:
    return sorted((sorted(row.items()) for row in rows), key=repr)


def rows_of(connection: Connection, table: type[Base], *where: ColumnElement[bool]) -> list[Row]:
    return [dict(row) for row in connection.execute(select(*table.__table__.columns).where(*where)).mappings()]


def refuse_names(experiment: ExperimentRecord) -> None:
    """Raise StoreError where the view of the runs could not be made as described, on either database."""
    owner = experiment.name
    if not re.fullmatch(r"[a-z][a-z0-9_]*", owner) or len(f"runs_{owner}") > LONGEST:
        raise StoreError(f"{owner!r} cannot be an experiment's name: use at most 58 of a-z, 0-9 and _, a letter first.")
    taken = {"run_id": "a column of every view", "key": "a column of every view", "seed": "a column of every view"}
    named = [(param.name, "parameter") for param in experiment.params]
    named += [(metric.name, "metric") for metric in experiment.metrics]
    for name, role in named:
        if not 0 < len(name.encode()) <= LONGEST or "\0" in name:
            raise StoreError(f"{name!r} cannot be a {role} of {owner}: a name has 1 to {LONGEST} bytes.")
        if name.lower() in taken:
            other = taken[name.lower()]
            raise StoreError(f"The {role} {name} of {owner} has the name of {other}: rename one of the two.")
        taken[name.lower()] = f"a {role}"
    for param in experiment.params:
        if not param.name.isidentifier():
            raise StoreError(f"{param.name!r} cannot be a parameter of {owner}: use letters, digits and _.")
        if param.type not in SQL_TYPES or (param.is_size and param.type not in ("int", "float")):
            raise StoreError(f"The parameter {param.name} of {owner} cannot be of type {param.type!r}.")
    for curve in experiment.curves:
        if curve.role == "robustness" and not re.fullmatch(r"[^_]+_.+", curve.name):
            raise StoreError(
                f"The robustness curve {curve.name!r} of {owner} must be named METHOD_NORM, as in exact_linf."
            )
