"""The table of runs: which ones pass a filter, in which order, how many, and all of them with chosen columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import BigInteger, ColumnElement, Connection, Select, Text, case, cast, distinct, func, literal, select

from storage import tables
from storage.frames import framed
from storage.queries.run_conditions import Meaning, known_names, where
from storage.queries.run_values import bytewise, param_number, param_text

if TYPE_CHECKING:
    import pandas as pd


PART = 2000
"""Rows that a long table is read at once."""


@dataclass(frozen=True, kw_only=True)
class RunFilter:
    """Which runs a table shows; None lets all pass. `where` is a condition in the words of run_language."""

    experiment: str | None = None
    status: str | None = None
    batch: int | None = None
    where: str = ""


@dataclass(frozen=True)
class SortKey:
    """`column` is a column of run, `param.NAME` or `metric.NAME`."""

    column: str
    descending: bool = False


@dataclass(frozen=True)
class Found:
    """How many runs pass a filter, how many of them failed, and how many different seeds and cells they have."""

    runs: int
    failed: int
    seeds: int
    cells: int


def conditions(connection: Connection, runs: RunFilter) -> list[ColumnElement[bool]]:
    """What a row of run has to pass. Raises LanguageError."""
    table = tables.Run
    wanted = (table.experiment, runs.experiment), (table.status, runs.status), (table.batch_id, runs.batch)
    passed: list[ColumnElement[bool]] = [column == value for column, value in wanted if value is not None]
    asked = where(connection, runs.where, runs.experiment)
    return passed if asked is None else [*passed, asked]


def found_runs(connection: Connection, runs: RunFilter, sort: Sequence[SortKey] = ()) -> NDArray[np.int64]:
    """The ids of the runs that pass, in order; shape (runs,). Where the order leaves a choice the newest comes first.

    A page of the table is a slice of it: so scrolling asks the store for rows by id, and never to sort or skip.
    Raises LanguageError.
    """
    query = select(tables.Run.id).where(*conditions(connection, runs)).order_by(*_order(connection, sort))
    return np.fromiter(connection.execute(query).scalars(), dtype=np.int64)


def found_counts(connection: Connection, runs: RunFilter) -> Found:
    """Raises LanguageError."""
    run = tables.Run
    cell = run.experiment + literal(" ") + cast(run.revision, Text) + literal(" ") + cast(run.params, Text)
    query = select(
        func.count(),
        func.count(case((run.status == "failed", 1))),
        func.count(distinct(run.seed)),
        func.count(distinct(cell)),
    )
    return Found(*connection.execute(query.where(*conditions(connection, runs))).one())


def total_runs(connection: Connection) -> int:
    """How many runs the store holds, of every revision, also those that failed."""
    return connection.execute(select(func.count()).select_from(tables.Run)).scalar_one()


def run_table(
    connection: Connection, runs: RunFilter, columns: Sequence[str], sort: Sequence[SortKey] = ()
) -> pd.DataFrame:
    """Every run that passes, with these columns: of run, `cell` (the parameters as JSON), `param.NAME`, `metric.NAME`.

    What there is not is left out. Raises LanguageError.
    """
    statement = _table(connection, runs, columns, sort)
    frame = framed(connection.execute(statement).all(), list(statement.selected_columns.keys()))
    kinds = _kinds(statement)
    return frame.astype({name: kind[bool(frame[name].isna().any())] for name, kind in kinds.items()})


def run_table_parts(
    connection: Connection, runs: RunFilter, columns: Sequence[str], sort: Sequence[SortKey] = ()
) -> Iterator[pd.DataFrame]:
    """run_table in parts of PART rows as the store gives them, at least one; all have the same types of columns.

    Raises LanguageError before the first.
    """
    statement = _table(connection, runs, columns, sort)
    names = list(statement.selected_columns.keys())
    kinds = {name: maybe for name, (_, maybe) in _kinds(statement).items()}
    result = connection.execute(statement, execution_options={"yield_per": PART})
    parts = result.partitions()
    yield framed(next(parts, ()), names).astype(kinds)
    for part in parts:
        yield framed(part, names).astype(kinds)


def _kinds(statement: Select[Any]) -> dict[str, tuple[str, str]]:
    found = {name: _FRAME_KINDS.get(column.type.python_type) for name, column in statement.selected_columns.items()}
    return {name: kind for name, kind in found.items() if kind is not None}


_FRAME_KINDS = {
    int: ("int64", "Int64"),
    float: ("float64", "float64"),
    bool: ("bool", "boolean"),
    datetime: ("datetime64[us, UTC]", "datetime64[us, UTC]"),
    str: ("str", "str"),
}
"""What pandas calls a column with a value in every row, and one without."""


def run_table_sql(connection: Connection, runs: RunFilter, columns: Sequence[str], sort: Sequence[SortKey] = ()) -> str:
    """The SELECT that gives run_table, with every value written into it."""
    return written(connection, _table(connection, runs, columns, sort))


def written(connection: Connection, statement: Select[Any]) -> str:
    """The statement as text that people can run, its values as literals."""
    made = str(statement.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True}))
    return made.replace("%%", "%") if connection.dialect.paramstyle in ("format", "pyformat") else made


def _table(connection: Connection, runs: RunFilter, columns: Sequence[str], sort: Sequence[SortKey]) -> Select[Any]:
    known = known_names(connection, runs.experiment)
    wanted = [column for column in dict.fromkeys(("run", *columns)) if column == "cell" or column in known]
    bare = Counter(_bare(column) for column in wanted)
    told = [
        (cast(tables.Run.params, Text) if column == "cell" else _typed(known[column])).label(
            _bare(column) if bare[_bare(column)] == 1 else column
        )
        for column in wanted
    ]
    return select(*told).where(*conditions(connection, runs)).order_by(*_order(connection, sort))


def _bare(column: str) -> str:
    return column.partition(".")[2] or column


def _typed(meanings: Sequence[Meaning]) -> ColumnElement[Any]:
    """The value as an analyst wants it: whole numbers whole, truth as truth; as text where kinds differ."""
    meaning, kinds = meanings[0], {meaning.kind for meaning in meanings}
    if meaning.source != "param" or kinds == {"str"}:
        return _value(meaning)
    if "str" in kinds:
        return cast(tables.Run.params[meaning.name].as_string(), Text)
    number = param_number(tables.Run.params, meaning.name)
    if kinds == {"bool"}:
        return number == 1.0
    return cast(number, BigInteger) if kinds == {"int"} else number


def _value(meaning: Meaning) -> ColumnElement[Any]:
    if meaning.source == "metric":
        metric = tables.Metric
        named = select(metric.value).where(metric.run_id == tables.Run.id, metric.name == meaning.name)
        return named.correlate(tables.Run).scalar_subquery()
    if meaning.source == "param":
        made = param_text if meaning.kind == "str" else param_number
        value: ColumnElement[Any] = made(tables.Run.params, meaning.name)
        return value
    column: ColumnElement[Any] = getattr(tables.Run, meaning.name).expression
    return column


def _order(connection: Connection, sort: Sequence[SortKey]) -> list[ColumnElement[Any]]:
    """Runs without the value come last, either way; a parameter's numbers come before its texts."""
    known = known_names(connection) if sort else {}
    made: list[ColumnElement[Any]] = []
    for key in sort:
        for value in _sorted_by(key.column, known.get(key.column, ())):
            made.append((value.desc() if key.descending else value.asc()).nulls_last())
    return [*made, tables.Run.id.desc()]


def _sorted_by(column: str, meanings: Sequence[Meaning]) -> list[ColumnElement[Any]]:
    if not meanings:
        return []
    name, source = meanings[0].name, meanings[0].source
    if source == "param":
        params = tables.Run.params
        return [param_number(params, name), bytewise(param_text(params, name))]
    value = _value(meanings[0])
    return [bytewise(value) if meanings[0].kind == "str" else value]
