"""Moments in UTC, and the database's own clock: the hosts of a batch and of its readers need not agree on the time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import TypeDecorator

STALE = 30
"""A running batch whose heartbeat is older than this many seconds is interrupted, whatever its row says."""


class Moment(TypeDecorator[datetime]):
    """A moment with its time zone, always UTC when read; text as `2026-01-31 12:00:00.000000` on SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class moment_ago(GenericFunction[datetime]):  # noqa: N801 - it is used as an SQL function
    """`moment_ago(seconds)`: that long before now by the database's clock, not by the start of the transaction."""

    type = Moment()
    inherit_cache = True


@compiles(moment_ago, "sqlite")
def sqlite_moment_ago(element: moment_ago, compiler: SQLCompiler, **kw: Any) -> str:
    seconds = compiler.process(element.clauses, **kw)
    return f"strftime('%Y-%m-%d %H:%M:%f000', 'now', '-' || {seconds} || ' seconds')"


@compiles(moment_ago, "postgresql")
def postgresql_moment_ago(element: moment_ago, compiler: SQLCompiler, **kw: Any) -> str:
    return f"(clock_timestamp() - make_interval(secs => {compiler.process(element.clauses, **kw)}))"
