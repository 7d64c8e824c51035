"""Values of runs as SQL that means the same on SQLite and PostgreSQL, whatever a parameter holds."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Double, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction


class param_number(GenericFunction[float]):  # noqa: N801 - it is used as an SQL function
    """`param_number(params, name)`: a number as float64, true as 1 and false as 0; NULL for text and for nothing.

    A cast alone would do on SQLite and end the whole query on PostgreSQL where an older revision holds text.
    """

    type = Double()
    inherit_cache = True


class param_text(GenericFunction[str]):  # noqa: N801 - it is used as an SQL function
    """`param_text(params, name)`: text; NULL for all else."""

    type = Text()
    inherit_cache = True


class bytewise(GenericFunction[str]):  # noqa: N801 - it is used as an SQL function
    """Text that is compared byte by byte, as SQLite does, whatever the order of words in the database's language."""

    type = Text()
    inherit_cache = True


class place(GenericFunction[int]):  # noqa: N801 - it is used as an SQL function
    """`place(text, part)`: where the part begins in the text, from 1; 0 where it is not in it."""

    inherit_cache = True


def _arguments(element: GenericFunction[Any], compiler: SQLCompiler, **kw: Any) -> list[str]:
    return [compiler.process(part, **kw) for part in element.clauses]


@compiles(param_number, "sqlite")
def sqlite_param_number(element: param_number, compiler: SQLCompiler, **kw: Any) -> str:
    params, name = _arguments(element, compiler, **kw)
    value = f"{params} ->> {name}"
    return f"CASE WHEN typeof({value}) IN ('integer', 'real') THEN CAST({value} AS REAL) END"


@compiles(param_number, "postgresql")
def postgresql_param_number(element: param_number, compiler: SQLCompiler, **kw: Any) -> str:
    params, name = _arguments(element, compiler, **kw)
    return (
        f"CASE json_typeof({params} -> {name}) WHEN 'number' THEN CAST({params} ->> {name} AS DOUBLE PRECISION) "
        f"WHEN 'boolean' THEN CASE {params} ->> {name} WHEN 'true' THEN 1.0 ELSE 0.0 END END"
    )


@compiles(param_text, "sqlite")
def sqlite_param_text(element: param_text, compiler: SQLCompiler, **kw: Any) -> str:
    params, name = _arguments(element, compiler, **kw)
    return f"CASE WHEN typeof({params} ->> {name}) = 'text' THEN {params} ->> {name} END"


@compiles(param_text, "postgresql")
def postgresql_param_text(element: param_text, compiler: SQLCompiler, **kw: Any) -> str:
    params, name = _arguments(element, compiler, **kw)
    return f"CASE json_typeof({params} -> {name}) WHEN 'string' THEN {params} ->> {name} END"


@compiles(bytewise, "sqlite")
def sqlite_bytewise(element: bytewise, compiler: SQLCompiler, **kw: Any) -> str:
    return f"({compiler.process(element.clauses, **kw)})"


@compiles(bytewise, "postgresql")
def postgresql_bytewise(element: bytewise, compiler: SQLCompiler, **kw: Any) -> str:
    return f'({compiler.process(element.clauses, **kw)}) COLLATE "C"'


@compiles(place, "sqlite")
def sqlite_place(element: place, compiler: SQLCompiler, **kw: Any) -> str:
    return f"instr({compiler.process(element.clauses, **kw)})"


@compiles(place, "postgresql")
def postgresql_place(element: place, compiler: SQLCompiler, **kw: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **kw)})"
