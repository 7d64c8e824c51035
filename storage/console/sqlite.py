"""A SELECT on an SQLite file: a read-only connection behind an authorizer, SQLite's limits and a deadline."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from storage.console.question import MEBIBYTE, Cell, QueryError, Question

HEAP = 256 * MEBIBYTE
"""What SQLite may hold at a time, sorting and grouping included; nothing goes to temporary files."""
STEPS = 10_000
"""Instructions of SQLite's machine between two looks at the clock."""
LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: 16 * MEBIBYTE,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 100_000,
    sqlite3.SQLITE_LIMIT_COLUMN: 2000,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 500,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 100,
    sqlite3.SQLITE_LIMIT_VDBE_OP: 250_000,
    sqlite3.SQLITE_LIMIT_FUNCTION_ARG: 100,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 500,
    sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER: 0,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 0,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}
FUNCTIONS = frozenset(
    """-> ->> abs acos acosh asin asinh atan atan2 atanh avg ceil ceiling char coalesce concat concat_ws cos
    cosh count cume_dist current_date current_time current_timestamp date datetime degrees dense_rank exp
    first_value floor format glob group_concat hex ifnull iif instr json json_array json_array_length
    json_each json_extract json_group_array json_group_object json_insert json_object json_patch json_quote
    json_remove json_replace json_set json_tree json_type json_valid julianday lag last_value lead length like
    likelihood likely ln log log10 log2 lower ltrim max median min mod nth_value ntile nullif octet_length
    percent_rank percentile pi pow power printf quote radians random rank replace round row_number rtrim sign
    sin sinh sqlite_version sqrt strftime string_agg substr substring sum tan tanh time timediff total trim
    trunc typeof unhex unicode unixepoch unlikely upper""".split()  # noqa: SIM905 - a list would be a hundred lines
)
"""What a query may call. Left out: all that loads, writes or traces, full-text search, and makers of long blobs."""
EXPLODERS = ("json_each", "json_tree")
EVERYWHERE = ("sqlite_master", "sqlite_schema", *EXPLODERS)
ONLY_READS = "The console only reads: it takes one SELECT, and no {what}."
OPENING = re.compile(r"(?>\s+|--[^\n]*\n|/\*.*?\*/)*+([a-z]+)", re.IGNORECASE | re.DOTALL)
READING = ("SELECT", "WITH", "VALUES", "EXPLAIN")
WRITING = {sqlite3.SQLITE_INSERT: "INSERT", sqlite3.SQLITE_UPDATE: "UPDATE", sqlite3.SQLITE_DELETE: "DELETE"}
"""What may follow WITH; EXPLAIN may be of anything, which is then not done."""


def opening(sql: str) -> str:
    """The word that a statement begins with, in capitals, without what is said before it in comments."""
    found = OPENING.match(sql)
    return found[1].upper() if found else ""


class Guard:
    """SQLite asks it before each thing that a statement would do; remembers the first that it refused."""

    def __init__(self, word: str, tables: frozenset[str], modules: frozenset[str]) -> None:
        """The word that the statement begins with; the names of what may be read, and those of SQLite's virtual tables,
        both in small letters."""
        self._word = word
        self._tables = tables
        self._modules = modules
        self.refused = ""

    def __call__(self, action: int, first: str | None, second: str | None, _schema: str | None, _by: str | None) -> int:
        if self._word not in READING:  # said by its own name: SQLite asks for what it would do first of all
            return self._no(ONLY_READS.format(what=self._word))
        if action in (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE):
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_READ:
            known = (first or "").lower() in self._tables or (second == "" and self._is_of_the_query(first or ""))
            return sqlite3.SQLITE_OK if known else self._no(f"The console cannot read {first}.")
        if action == sqlite3.SQLITE_FUNCTION:
            known = (second or "").lower() in FUNCTIONS
            return sqlite3.SQLITE_OK if known else self._no(f"The console has no function {second}.")
        if (first or "").lower() in EVERYWHERE:  # a virtual table, which SQLite would make first
            return self._no("The console reads the store's tables and views, and no others.")
        return self._no(ONLY_READS.format(what=WRITING.get(action, "change of the database")))

    def _is_of_the_query(self, name: str) -> bool:
        """Whether it can only be a name that the query gives to a SELECT of its own (WITH …): SQLite asks for one only
        where no column of it is read, with an empty column, as it does for every table."""
        name = name.lower()
        return name not in self._modules and not name.startswith(("sqlite_", "pragma_"))

    def _no(self, sentence: str) -> int:
        self.refused = self.refused or sentence
        return sqlite3.SQLITE_DENY


@contextmanager
def opened(
    question: Question, database: Mapping[str, str]
) -> Iterator[tuple[tuple[str, ...], Iterator[tuple[Cell, ...]]]]:
    """The columns and rows of the query on `database["uri"]`. Raises QueryError, also while rows are taken."""
    deadline = time.monotonic() + question.seconds
    connection = sqlite3.connect(database["uri"], uri=True, isolation_level=None, timeout=question.seconds)
    for pragma in ("query_only = ON", "temp_store = MEMORY", "mmap_size = 0"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute(f"PRAGMA hard_heap_limit = {HEAP}")
    connection.text_factory = lambda raw: raw.decode(errors="replace")
    names = connection.execute("SELECT lower(name) FROM sqlite_master WHERE type IN ('table', 'view')")
    for made in EXPLODERS:  # SQLite makes such a table at its first use, with what it asks the guard as if for a change
        connection.execute(f"SELECT 1 FROM {made}('[]')")
    modules = connection.execute("SELECT lower(name) FROM pragma_module_list")
    guard = Guard(
        opening(question.sql),
        frozenset([*EVERYWHERE, *(name for (name,) in names)]),
        frozenset(name for (name,) in modules),
    )
    for kind, limit in LIMITS.items():
        connection.setlimit(kind, limit)
    connection.set_progress_handler(lambda: time.monotonic() > deadline, STEPS)
    connection.set_authorizer(guard)
    try:
        cursor = connection.execute(question.sql)
        if cursor.description is None:
            raise QueryError("There is no SELECT in this." if question.sql.strip() else "There is no query yet.")
        yield tuple(column[0] for column in cursor.description), cursor
    except (sqlite3.Error, sqlite3.Warning, OverflowError, ValueError) as error:
        raise QueryError(sentence(error, guard, question)) from error


def sentence(error: Exception, guard: Guard, question: Question) -> str:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    said = str(error).strip().rstrip(".")
    if code == sqlite3.SQLITE_INTERRUPT:
        return question.overdue
    if guard.refused:
        return guard.refused
    if code == sqlite3.SQLITE_TOOBIG:
        longest = LIMITS[sqlite3.SQLITE_LIMIT_LENGTH] // MEBIBYTE
        return f"The query, or a value in it, is too long for the console, which takes {longest} MB a value."
    if isinstance(error, (sqlite3.ProgrammingError, sqlite3.Warning)) and "one statement" in said:
        return "The console takes one statement at a time."
    if "binding" in said or "variable number" in said or "too many SQL variables" in said:
        return "The console takes no parameters: write the values into the query."
    return f"{said[:1].upper()}{said[1:]}."
