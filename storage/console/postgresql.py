"""A SELECT on a PostgreSQL server: a role that can only read, a read-only transaction, and a cursor.

A cursor takes one SELECT (or VALUES, TABLE, WITH … SELECT that changes nothing) by the server's own grammar, and by
the extended protocol no second statement can follow it. Nothing is ever committed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from psycopg import conninfo, pq

from storage.console.question import Cell, QueryError, Question

AT_ONCE = 100
"""Rows that the server sends at a time."""
SESSION = (
    "SET default_transaction_read_only = on",
    "SET client_connection_check_interval = '500ms'",  # a query whose process was ended ends soon after
    "SET synchronize_seqscans = off",  # the same query has its rows in the same order: page after page
    "SET max_parallel_workers_per_gather = 0",
    "SET work_mem = '32MB'",
    "SET jit = off",
    "SET standard_conforming_strings = on",
    "SET client_encoding = 'UTF8'",
    "SET extra_float_digits = 1",
    "SET bytea_output = 'hex'",
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
)
TROUBLES = """
WITH roles AS (SELECT * FROM pg_roles WHERE pg_has_role(current_user, oid, 'MEMBER') OR rolname = current_user),
held AS (
  SELECT c.oid, c.relkind, c.relowner, quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name
  FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
  WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_toast%'
    AND n.nspname NOT LIKE 'pg\\_temp%' AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
),
troubles (rank, what) AS (
  SELECT 1, 'is a superuser' FROM roles WHERE rolsuper
  UNION ALL SELECT 2, 'may create roles' FROM roles WHERE rolcreaterole
  UNION ALL SELECT 3, 'may create databases' FROM roles WHERE rolcreatedb
  UNION ALL SELECT 4, 'may replicate' FROM roles WHERE rolreplication
  UNION ALL SELECT 5, 'bypasses row security' FROM roles WHERE rolbypassrls
  UNION ALL SELECT 6, 'is a member of ' || rolname FROM roles
    WHERE rolname IN ('pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program', 'pg_write_all_data',
                      'pg_signal_backend', 'pg_checkpoint', 'pg_maintain', 'pg_create_subscription',
                      'pg_database_owner', 'pg_signal_autovacuum_worker')
  UNION ALL SELECT 7, 'owns ' || name FROM held WHERE pg_has_role(current_user, relowner, 'MEMBER')
  UNION ALL SELECT 8, 'may write to ' || name FROM held WHERE relkind <> 'S' AND (
    has_table_privilege(current_user, oid, 'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER, REFERENCES')
    OR has_any_column_privilege(current_user, oid, 'INSERT, UPDATE, REFERENCES'))
  UNION ALL SELECT 9, 'may change ' || name FROM held
    WHERE relkind = 'S' AND has_sequence_privilege(current_user, oid, 'USAGE, UPDATE')
  UNION ALL SELECT 10, 'may CREATE in the schema ' || nspname FROM pg_namespace
    WHERE has_schema_privilege(current_user, oid, 'CREATE')
  UNION ALL SELECT 11, 'may CREATE in the database ' || current_database()
    WHERE has_database_privilege(current_user, current_database(), 'CREATE')
)
SELECT 'The role ' || current_user || ' ' || what || ': the console needs one that can only SELECT.'
FROM troubles ORDER BY rank, what LIMIT 1
"""
"""One row with a sentence where the role can do more than read, its memberships included."""

FLAG, WHOLE, REAL, EXACT, BYTES = (16,), (20, 21, 23, 26), (700, 701), (1700,), (17,)
"""The server's numbers for its types: bool; int8, int2, int4, oid; float4, float8; numeric; bytea."""
READ: dict[int, Callable[[str], Cell]] = {
    **dict.fromkeys(FLAG, lambda text: text == "t"),
    **dict.fromkeys(WHOLE, int),
    **dict.fromkeys(REAL, float),
    **dict.fromkeys(EXACT, float),  # a mean of integers is exact decimals there, and a number here
    **dict.fromkeys(BYTES, lambda text: bytes.fromhex(text.removeprefix("\\x"))),
}


class Session:
    """A connection that says what goes wrong in one sentence, and knows how much time is left."""

    def __init__(self, question: Question, parameters: Mapping[str, Any]) -> None:
        self._question = question
        self._deadline = time.monotonic() + question.seconds
        described = conninfo.make_conninfo("", **{"connect_timeout": 5, **parameters})
        self._connection = pq.PGconn.connect(described.encode())
        if self._connection.status != pq.ConnStatus.OK:
            raise QueryError(f"The console cannot connect: {first_line(self._connection.error_message)}.")

    def execute(self, statement: str) -> pq.abc.PGresult:
        """One statement, by the extended protocol, which takes no second."""
        result = self._connection.exec_params(statement.encode(), [])
        if result.status in (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK):
            return result
        state = (result.error_field(pq.DiagnosticField.SQLSTATE) or b"").decode()
        raise QueryError(self._sentence(state, first_line(result.error_message or self._connection.error_message)))

    def limit(self) -> None:
        """Give the next statement what is left of the time, whatever the query set meanwhile."""
        left = round(1000 * (self._deadline - time.monotonic()))
        if left <= 0:
            raise QueryError(self._sentence("57014", ""))
        self.execute(f"SET LOCAL statement_timeout = {left}")

    def _sentence(self, state: str, said: str) -> str:
        if state == "57014":
            return self._question.overdue
        if "out of memory" in said:
            return "The query needs more memory than the console gives it: ask for less, or group it."
        if "multiple commands" in said:
            return "The console takes one statement at a time."
        if "there is no parameter" in said:
            return "The console takes no parameters: write the values into the query."
        if state == "25006" or "DECLARE CURSOR" in said:
            return f"The console only reads: {said}."
        return f"{said[:1].upper()}{said[1:]}."


@contextmanager
def opened(
    question: Question, database: Mapping[str, Any]
) -> Iterator[tuple[tuple[str, ...], Iterator[tuple[Cell, ...]]]]:
    """The columns and rows of the query; `database` has libpq's parameters. Raises QueryError, also while rows come."""
    if len(question.sql) > 100_000:
        raise QueryError("The query is too long for the console.")
    if "\0" in question.sql:
        raise QueryError("There is a character in the query that no text has.")
    if not question.sql.strip():
        raise QueryError("There is no query yet.")
    session = Session(question, database)
    for statement in SESSION:
        session.execute(statement)
    session.limit()
    troubles = session.execute(TROUBLES)
    if troubles.ntuples:
        raise QueryError(text_of(troubles.get_value(0, 0)))
    session.execute(f"DECLARE asked NO SCROLL CURSOR FOR {question.sql}")
    first = fetched(session)
    columns = tuple(text_of(first.fname(column)) for column in range(first.nfields))
    yield columns, rows(session, first)


def rows(session: Session, some: pq.abc.PGresult) -> Iterator[tuple[Cell, ...]]:
    readers = [READ.get(some.ftype(column), str) for column in range(some.nfields)]
    while some.ntuples:
        for row in range(some.ntuples):
            values = (some.get_value(row, column) for column in range(some.nfields))
            yield tuple(
                None if value is None else read(text_of(value)) for read, value in zip(readers, values, strict=True)
            )
        some = fetched(session)


def fetched(session: Session) -> pq.abc.PGresult:
    session.limit()
    return session.execute(f"FETCH FORWARD {AT_ONCE} FROM asked")


def text_of(value: bytes | None) -> str:
    return (value or b"").decode(errors="replace")


def first_line(message: bytes) -> str:
    """What the server says, without its severity and full stop."""
    lines = [line.strip() for line in text_of(message).splitlines() if line.strip()] or ["no word from the server"]
    fatal = [line.partition("FATAL:")[2] for line in lines if "FATAL:" in line]
    return (fatal or lines)[0].strip().removeprefix("ERROR:").strip().rstrip(".")
