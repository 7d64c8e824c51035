"""What people try on a console, on both databases: each is refused, or ends in its time and memory.

After each the store holds the same bits, nothing lies beside it, and queries are answered as before.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.console.asking import GRACE, ROOT, START, VARIABLE
from storage.console.child import MEMORY
from storage.console.question import QueryError, Question, answer_of, question_text
from storage.engines import reading_uri
from tests.servers import Cluster
from tests.storage.consoles import RUNS, Place, postgresql_place, sqlite_place

SECONDS = 0.5
"""Time of a query here; the console gives twenty times as long."""
SLACK = 8.0
"""Seconds that starting a process may take on a busy machine."""

WRITES = {
    "delete": "DELETE FROM run",
    "insert": "INSERT INTO batch (id) VALUES (77)",
    "update": "UPDATE run SET seed = 1",
    "replace": "REPLACE INTO run (id) VALUES (1)",
    "drop table": "DROP TABLE run",
    "drop view": "DROP VIEW curve_point",
    "alter": "ALTER TABLE run ADD COLUMN x",
    "create table": "CREATE TABLE mine (x)",
    "create table as": "CREATE TABLE mine AS SELECT * FROM run",
    "create temp table": "CREATE TEMP TABLE mine AS SELECT 1 AS x",
    "create view": "CREATE VIEW mine AS SELECT 1",
    "create temp view": "CREATE TEMP VIEW mine AS SELECT 1",
    "create index": "CREATE INDEX mine ON run (seed)",
    "truncate": "TRUNCATE run",
    "delete in a WITH": "WITH gone AS (DELETE FROM run RETURNING *) SELECT * FROM gone",
    "a WITH before a delete": "WITH a AS (SELECT 1) DELETE FROM run",
    "returning": "DELETE FROM run RETURNING id",
    "second statement": "SELECT 1; DELETE FROM run",
    "second after a comment": "SELECT 1 /* ; */ ; -- more\n DROP TABLE run",
    "leading comment": "/* SELECT */ -- SELECT 1\nDELETE FROM run",
    "closing a bracket": "SELECT 1); DELETE FROM run; SELECT (1",
    "commit": "COMMIT",
    "begin": "BEGIN",
    "rollback": "ROLLBACK",
    "savepoint": "SAVEPOINT a",
    "vacuum": "VACUUM",
    "analyze": "ANALYZE",
    "reindex": "REINDEX run",
    "explain a write": "EXPLAIN DELETE FROM run",
    "NUL": "SELECT 1;\0DELETE FROM run",
    "parameter": "SELECT * FROM run WHERE id = :id",
    "lone surrogate": "SELECT '\ud800'; DELETE FROM run",
}
SQLITE_REFUSED = {
    "attach": "ATTACH '/tmp/stolen.db' AS stolen",
    "attach in memory": "ATTACH ':memory:' AS m",
    "detach": "DETACH main",
    "vacuum into": "VACUUM INTO '/tmp/stolen.db'",
    "pragma query_only": "PRAGMA query_only = OFF",
    "pragma journal": "PRAGMA journal_mode = DELETE",
    "pragma writable_schema": "PRAGMA writable_schema = ON",
    "pragma temp_store_directory": "PRAGMA temp_store_directory = '/'",
    "pragma heap": "PRAGMA hard_heap_limit = 0",
    "pragma read": "PRAGMA user_version",
    "pragma as a table": "SELECT * FROM pragma_table_info('run')",
    "pragma list": "SELECT * FROM pragma_database_list",
    "load_extension": "SELECT load_extension('/tmp/x.so')",
    "load_extension, quoted": "SELECT \"load_extension\"('/tmp/x.so', 'entry')",
    "load_extension in a view's column": "SELECT (SELECT LOAD_EXTENSION(key) FROM run)",
    "readfile": "SELECT readfile('/etc/passwd')",
    "writefile": "SELECT writefile('/tmp/x', 'x')",
    "edit": "SELECT edit('x', 'sh')",
    "fts3_tokenizer": "SELECT fts3_tokenizer('simple', x'4141414141414141')",
    "fts virtual table": "CREATE VIRTUAL TABLE mine USING fts5(x)",
    "tokenize table": "SELECT * FROM fts3tokenize('simple')",
    "sqlite_log": "SELECT sqlite_log(1, 'x')",
    "zeroblob": "SELECT zeroblob(1000000000)",
    "randomblob": "SELECT randomblob(1000000000)",
    "dbstat": "SELECT * FROM dbstat",
    "sqlite_stmt": "SELECT * FROM sqlite_stmt",
    "rows of a pragma": "SELECT count(*) FROM pragma_database_list",
    "rows of dbstat": "SELECT count(*) FROM dbstat",
    "rows of sqlite_stmt": "SELECT count(*) FROM sqlite_stmt",
    "rows of a tokenizer": "SELECT count(*) FROM fts3tokenize('simple')",
    "rows of the temporary schema": "SELECT count(*) FROM sqlite_temp_schema",
    "a name like a pragma": "WITH pragma_x AS (SELECT DISTINCT seed FROM run) SELECT count(*) FROM pragma_x",
    "rtreecheck": "SELECT rtreecheck('run')",
    "printf bomb": "SELECT printf('%.*c', 1000000000, 'x')",
    "hex bomb": "WITH a(x) AS (SELECT printf('%.*c', 9000000, 'x')) SELECT hex(x) FROM a",
    "replace bomb": "WITH a(x) AS (SELECT printf('%.*c', 5000, 'x')) SELECT replace(x, 'x', x) FROM a",
    "doubling": "WITH RECURSIVE a(x) AS (SELECT 'x' UNION ALL SELECT x || x FROM a) SELECT length(x) FROM a",
    "group_concat bomb": "SELECT group_concat(a.key || b.key) FROM curve_point a, curve_point b, curve_point c",
    "json bomb": "WITH RECURSIVE a(x) AS (SELECT '[' UNION ALL SELECT x || x FROM a LIMIT 22) SELECT json(x) FROM a",
    "deep expression": f"SELECT {'(' * 900}1{')' * 900}",
    "deep unary": f"SELECT {'-+' * 4000}1",
    "long compound": " UNION ALL ".join(["SELECT 1"] * 600),
    "many columns": f"SELECT {', '.join(['1'] * 5000)}",
    "long query": f"SELECT '{'x' * 200_000}'",
    "long pattern": f"SELECT key LIKE '{'%a' * 2000}' FROM run",
    "many arguments": f"SELECT max({', '.join(['1'] * 120)})",
    "bind": "SELECT ?",
}
SQLITE_BOUNDED = {
    "printf width bomb": "SELECT printf('%1000000000d', 1)",
    "endless recursion": "WITH RECURSIVE a(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM a) SELECT max(x) FROM a",
    "endless rows": "WITH RECURSIVE a(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM a) SELECT x FROM a",
    "recursion sorted": "WITH RECURSIVE a(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM a)"
    " SELECT x, printf('%.*c', 9999, 'x') AS y FROM a ORDER BY y",
    "recursion kept": "WITH RECURSIVE a(x) AS (SELECT 1 UNION SELECT x + 1 FROM a), b AS MATERIALIZED (SELECT"
    " printf('%.*c', 99999, x) AS y FROM a) SELECT count(*) FROM b, b AS c",
    "cartesian": "SELECT count(*) FROM metric a, metric b, metric c, metric d, metric e, metric f, metric g, metric h,"
    " metric i, metric j, metric k",
    "glob backtracking": f"WITH a(x) AS (SELECT printf('%.*c', 30000, 'a')) SELECT x GLOB '{'*a' * 30}*b' FROM a",
    "like backtracking": f"WITH a(x) AS (SELECT printf('%.*c', 30000, 'a')) SELECT x LIKE '{'%a' * 30}%b' FROM a",
    "long instr": "WITH a(x) AS (SELECT printf('%.*c', 15000000, 'a'))"
    " SELECT instr(x, substr(x, 1, 7000000) || 'b') FROM a",
    "window over much": "WITH RECURSIVE a(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM a LIMIT 100000000)"
    " SELECT sum(x) OVER (ORDER BY x DESC ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM a",
    "group of much": "WITH RECURSIVE a(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM a)"
    " SELECT x % 10000000, group_concat(x) FROM a GROUP BY 1",
    "wide rows": "WITH RECURSIVE a(x) AS (SELECT printf('%.*c', 3000000, 'x') UNION ALL SELECT x FROM a)"
    f" SELECT {', '.join(['x'] * 5)} FROM a",
    "exploding view": "SELECT count(*) FROM curve_point a, curve_point b, curve_point c, curve_point d, curve_point e",
}
POSTGRESQL_REFUSED = {
    "read-write transaction": "SET TRANSACTION READ WRITE",
    "read-write by function": "SELECT set_config('transaction_read_only', 'off', true)",
    "begin read write": "BEGIN READ WRITE",
    "set role": "SET ROLE lab",
    "set role by function": "SELECT set_config('role', 'lab', false)",
    "reset role": "RESET ROLE",
    "session authorization": "SET SESSION AUTHORIZATION lab",
    "authorization by function": "SELECT set_config('session_authorization', 'lab', false)",
    "select into": "SELECT * INTO stolen FROM run",
    "insert in a WITH": "WITH a AS (INSERT INTO batch (id) VALUES (9) RETURNING id) SELECT * FROM a",
    "for update": "SELECT * FROM run FOR UPDATE",
    "lock": "LOCK TABLE run IN ACCESS EXCLUSIVE MODE",
    "copy to a file": "COPY run TO '/tmp/stolen'",
    "copy to a program": "COPY run TO PROGRAM 'sh'",
    "copy from a program": "COPY batch FROM PROGRAM 'echo'",
    "do": "DO $$ BEGIN DELETE FROM run; END $$",
    "call": "CALL nothing()",
    "create function": "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "create extension": "CREATE EXTENSION dblink",
    "create role": "CREATE ROLE mine SUPERUSER",
    "alter role": "ALTER ROLE CURRENT_USER SUPERUSER",
    "grant": "GRANT ALL ON run TO PUBLIC",
    "comment": "COMMENT ON TABLE run IS 'x'",
    "read a file": "SELECT pg_read_file('/etc/passwd')",
    "read a binary file": "SELECT pg_read_binary_file('/etc/passwd')",
    "list a folder": "SELECT pg_ls_dir('/')",
    "stat a file": "SELECT pg_stat_file('/etc/passwd')",
    "import a file": "SELECT lo_import('/etc/passwd')",
    "export a file": "SELECT lo_export(1, '/tmp/x')",
    "passwords": "SELECT rolpassword FROM pg_authid",
    "shadow": "SELECT * FROM pg_shadow",
    "sequence": "SELECT nextval('batch_id_seq')",
    "set the sequence": "SELECT setval('batch_id_seq', 1)",
    "xml of a write": "SELECT query_to_xml('DELETE FROM run', true, false, '')",
    "reload": "SELECT pg_reload_conf()",
    "rotate": "SELECT pg_rotate_logfile()",
    "settings table": "UPDATE pg_settings SET setting = 'off' WHERE name = 'transaction_read_only'",
    "listen": "LISTEN a",
    "notify": "NOTIFY a",
    "prepare": "PREPARE a AS DELETE FROM run",
    "cursor of its own": "DECLARE other CURSOR FOR SELECT 1",
    "fetch": "FETCH ALL FROM asked",
    "close": "CLOSE asked",
    "explain analyze": "EXPLAIN ANALYZE DELETE FROM run",
    "load": "LOAD 'plpgsql'",
    "checkpoint": "CHECKPOINT",
    "set": "SET statement_timeout = 0",
    "import": "IMPORT FOREIGN SCHEMA public FROM SERVER s INTO public",
    "security label": "SECURITY LABEL ON TABLE run IS 'x'",
    "long query": f"SELECT '{'x' * 200_000}'",
    "bind": "SELECT $1",
    "terminate the lab": "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'lab'",
}
POSTGRESQL_BOUNDED = {
    "sleep": "SELECT pg_sleep(600)",
    "sleep without a timeout": "SELECT set_config('statement_timeout', '0', false), pg_sleep(600)",
    "naps without a timeout": "SELECT set_config('statement_timeout', '0', false), pg_sleep(0.01)"
    " FROM generate_series(1, 100000)",
    "timeout off for good": "SELECT set_config('statement_timeout', '0', false)",
    "endless recursion": "WITH RECURSIVE a(x) AS (SELECT 1 UNION ALL SELECT 1 FROM a) SELECT count(*) FROM a",
    "long series": "SELECT count(*) FROM generate_series(1, 100000000000)",
    "cartesian": "SELECT count(*) FROM pg_proc a, pg_proc b, pg_proc c",
    "sorted series": "SELECT a FROM generate_series(1, 100000000000) AS a ORDER BY a DESC",
    "repeat": "SELECT repeat('x', 2000000000)",
    "wide rows": "SELECT repeat('x', 30000000) FROM generate_series(1, 1000)",
    "string_agg": "SELECT string_agg(repeat('x', 1000000), '') FROM generate_series(1, 100000)",
    "array_fill": "SELECT array_fill(1.0::float8, ARRAY[100000000])",
    "power": "SELECT length((9.9::numeric ^ 99999)::text) FROM generate_series(1, 100000000)",
    "factorial": "SELECT length(factorial(200000)::text)",
    "regex": "SELECT repeat('a', 100000) ~ '(a*)*(a*)*(a*)*b'",
    "advisory lock": "SELECT pg_advisory_lock(127979078149497), pg_sleep(600)",
    "large object": "SELECT lo_create(0)",
    "large object with content": "SELECT lo_from_bytea(0, 'x')",
    "notify by function": "SELECT pg_notify('a', 'b')",
    "transaction number": "SELECT txid_current()",
    "cancel others": "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()",
    "xml of all": "SELECT database_to_xml(true, false, '')",
    "log message": "SELECT pg_logical_emit_message(false, 'a', 'b')",
}
SQLITE = {"refused": {**WRITES, **SQLITE_REFUSED}, "bounded": SQLITE_BOUNDED}
POSTGRESQL = {"refused": {**WRITES, **POSTGRESQL_REFUSED}, "bounded": POSTGRESQL_BOUNDED}
NEXT = ("delete", "commit", "savepoint", "second statement", "attach", "pragma query_only", "set role", "close", "set")
"""Refused attacks after which the next query is tried, as after all that were not refused; each has its own process."""
ATTACKS = [
    pytest.param(dialect, name, sql, kind == "refused", id=f"{dialect}: {name}")
    for dialect, attacks in (("sqlite", SQLITE), ("postgresql", POSTGRESQL))
    for kind, some in attacks.items()
    for name, sql in some.items()
]


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with sqlite_place(tmp_path_factory.mktemp("console")) as place:
        yield place


@pytest.fixture(scope="module")
def server(postgresql: Cluster) -> Iterator[Place]:
    with postgresql_place(postgresql) as place:
        yield place


@pytest.mark.parametrize(("dialect", "name", "sql", "refused"), ATTACKS)
def test_an_attack_is_refused_or_bounded_and_changes_nothing(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, dialect: str, name: str, sql: str, refused: bool
) -> None:
    place: Place = request.getfixturevalue("sqlite" if dialect == "sqlite" else "server")
    if place.reader is not None:
        monkeypatch.setenv(VARIABLE, place.reader)
    before, begun = place.print(), time.monotonic()
    try:
        answer = place.console.ask(Question(sql=sql, seconds=SECONDS, counting=0.2))
    except QueryError as error:
        said = str(error)
        assert said.endswith(".")
        assert "\n" not in said
        assert "Traceback" not in said
    else:
        assert not refused, answer
        assert sum(len(str(value)) for row in answer.rows for value in row) < 3 * Question(sql="").size
    assert time.monotonic() - begun < SECONDS + GRACE + SLACK
    assert place.print() == before
    if not refused or name in NEXT:
        assert place.console.ask(Question(sql="SELECT count(*) FROM run")).rows == ((RUNS,),)


HUNGRY = (
    *(name for name in SQLITE_REFUSED if "bomb" in name and name != "printf bomb"),
    *("doubling", "recursion sorted", "recursion kept", "window over much", "group of much", "wide rows"),
)


PEAK = """
import os, subprocess, sys
process = subprocess.Popen([sys.executable, "-I", "-S", "-c", *sys.argv[1:]])
print(os.wait4(process.pid, 0)[2].ru_maxrss, file=sys.stderr)
"""
"""Runs a program and prints its peak in KiB. A process's peak begins at that of the one that forked it: that is this
small one, and not the tests', which has grown."""


@pytest.mark.parametrize("name", HUNGRY)
def test_no_query_takes_more_memory_than_it_is_given(sqlite: Place, name: str) -> None:
    """Peak of the process that answers it, as the kernel counted it."""
    question = Question(sql={**SQLITE_BOUNDED, **SQLITE_REFUSED}[name], seconds=2.0, counting=2.0)
    asked = question_text(question, {"dialect": "sqlite", "uri": reading_uri(Path(sqlite.url))})
    command = [sys.executable, "-I", "-S", "-c", PEAK, START, str(ROOT)]
    done = subprocess.run(command, input=asked, capture_output=True, check=True)
    assert int(done.stderr.split()[-1]) * 1024 < MEMORY // 2
    with contextlib.suppress(QueryError):
        assert answer_of(done.stdout).rows
