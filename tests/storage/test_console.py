"""The console on both databases: what it answers, in pages and with counts; what it refuses, and whom."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from functools import partial

import pytest

from storage import open_store
from storage.console.asking import AT_ONCE, REMEMBERED, VARIABLE, Console
from storage.console.question import QueryError, Question
from storage.queries import curve_names, curves_of_runs_sql
from storage.store import open_writer
from tests.servers import Cluster
from tests.storage import made
from tests.storage.consoles import RUNS, Place, postgresql_place, refusal, sqlite_place
from tests.test_readme import blocks

SLEEP = {
    "sqlite": "WITH RECURSIVE a(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM a) SELECT max(x) FROM a",
    "postgresql": "SELECT pg_sleep(60)",
}


patient = partial(Question, seconds=300.0, counting=300.0)
"""A question about its answer alone, however slow the machine."""


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with sqlite_place(tmp_path_factory.mktemp("console")) as place:
        yield place


@pytest.fixture(scope="module")
def server(postgresql: Cluster) -> Iterator[Place]:
    with postgresql_place(postgresql) as place:
        yield place


@pytest.fixture(params=["sqlite", "server"])
def place(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Place:
    found: Place = request.getfixturevalue(request.param)
    if found.reader is not None:
        monkeypatch.setenv(VARIABLE, found.reader)
    return found


def test_values_come_as_they_are(place: Place) -> None:
    answer = place.console.ask(
        Question(sql="SELECT 9007199254740993 AS whole, 0.1 AS part, NULL AS none, '<b>=1+1' AS words, 1.5 / 3 AS half")
    )
    assert answer.columns == ("whole", "part", "none", "words", "half")
    assert answer.rows == ((9007199254740993, 0.1, None, "<b>=1+1", 0.5),)
    assert answer.ended
    assert answer.total == 1


def test_the_numbers_of_a_view_are_those_of_the_store_to_the_last_bit(place: Place) -> None:
    answer = place.console.ask(Question(sql="SELECT step, x, y FROM curve_point WHERE run_id = 1 ORDER BY curve, step"))
    stored = place.store.curves("made").query("run_id == 1").sort_values(["curve", "step"])
    assert answer.rows == tuple(stored[["step", "x", "y"]].itertuples(index=False, name=None))


def test_stored_arrays_are_taken_apart_also_without_a_view(place: Place) -> None:
    """The first query of a process may be such a one, which a database makes its own tables for."""
    with place.store.connection() as connection:
        (name, *_) = curve_names(connection, (1,))
        sql = curves_of_runs_sql(connection, (1,), name)
    answer = place.console.ask(Question(sql=sql))
    stored = place.store.curves("made", name).query("run_id == 1").sort_values("step")
    assert answer.columns == ("run", "seed", "curve", "step", "x", "y")
    points = stored[["run_id", "seed", "curve", "step", "x", "y"]]
    assert answer.rows == tuple(points.itertuples(index=False, name=None))


@pytest.mark.parametrize("query", blocks("sql"))
def test_the_readme_s_queries_are_answered(place: Place, query: str) -> None:
    if "runs_gaussian_limit" in query:
        pytest.skip("this small store has no such experiment; tests/test_readme.py asks a whole one")
    assert place.console.ask(Question(sql=query)).columns


@pytest.mark.parametrize(
    "query",
    [
        "TABLE run",
        "VALUES (1), (2)",
        "SELECT 1;",
        "(SELECT 1)",
        " \n-- why\nWITH a AS (SELECT 1 AS x) SELECT x FROM a -- end",
    ],
)
def test_every_form_of_a_select_is_taken(place: Place, query: str) -> None:
    if place.dialect == "sqlite" and (query.startswith(("TABLE", "("))):
        pytest.skip("SQLite has no such form")
    assert place.console.ask(Question(sql=query)).rows


@pytest.mark.parametrize(
    "query",
    [
        "WITH c AS (SELECT DISTINCT seed FROM run) SELECT count(*) FROM c",
        "WITH v(x) AS (VALUES (1), (2), (3), (4), (5), (6)) SELECT count(*) FROM v",
        "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r WHERE x < 6) SELECT count(*) FROM r",
        "WITH a AS (SELECT DISTINCT seed FROM run), b AS (SELECT DISTINCT status FROM run) SELECT count(*) FROM a, b",
        "SELECT count(*) FROM (SELECT DISTINCT seed FROM run) AS s",
    ],
)
def test_a_select_with_a_name_may_be_counted(place: Place, query: str) -> None:
    """SQLite's authorizer is asked for such a name as if it were a table, where no column of it is read."""
    assert place.console.ask(Question(sql=query)).rows == ((RUNS,),)


def test_pages_put_together_are_the_whole_result(place: Place) -> None:
    sql = "SELECT run_id, curve, step, y FROM curve_point"
    whole = place.console.ask(patient(sql=sql, rows=1000))
    pages = [place.console.ask(patient(sql=sql, skip=start, rows=13)) for start in range(0, whole.counted, 13)]
    assert tuple(row for page in pages for row in page.rows) == whole.rows
    assert {page.total for page in pages} == {whole.total} == {RUNS * 8}
    assert [page.ended for page in pages[-2:]] == [False, True]
    assert place.console.ask(Question(sql=sql, skip=1000)).rows == ()


def test_a_count_that_takes_too_long_is_a_lower_bound(place: Place) -> None:
    many = " CROSS JOIN ".join(f"metric AS m{k}" for k in range(20))  # at least 6^20 rows: no machine counts them
    answer = place.console.ask(Question(sql=f"SELECT m0.value FROM {many}", rows=5, counting=0.3))
    assert (len(answer.rows), answer.ended, answer.total) == (5, False, None)
    assert answer.counted > 5


def test_an_answer_ends_where_its_size_does(place: Place) -> None:
    wide = {"sqlite": "printf('%.*c', 10000, 'x')", "postgresql": "repeat('x', 10000)"}[place.dialect]
    answer = place.console.ask(patient(sql=f"SELECT {wide} FROM curve_point", size=35_000))
    assert (len(answer.rows), answer.ended, answer.total) == (3, False, RUNS * 8)
    said = refusal(place.console, f"SELECT {wide.replace('10000', '9000000')}")
    assert said == "A row of the result holds more than 8 MB: ask for less of it."


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("", "There is no query yet."),
        ("SELECT nothing FROM run", "nothing"),
        ("SELECT * FROM nowhere", "nowhere"),
        ("SELEC 1", "SELEC"),
        ("SELECT 1; SELECT 2", "one statement at a time"),
    ],
)
def test_a_mistake_gets_one_sentence(place: Place, sql: str, said: str) -> None:
    told = refusal(place.console, sql)
    assert said in told
    assert told.endswith(".")
    assert "\n" not in told


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        ("VACUUM", "VACUUM"),
        ("vacuum into 'copy.db'", "VACUUM"),
        ("/* in */ -- two\n CREATE TABLE mine (x)", "CREATE"),
        ("CREATE TEMP VIEW mine AS SELECT 1", "CREATE"),
        ("DROP TABLE run", "DROP"),
        ("ALTER TABLE run ADD COLUMN mine", "ALTER"),
        ("ANALYZE", "ANALYZE"),
        ("BEGIN", "BEGIN"),
        ("PRAGMA user_version = 5", "PRAGMA"),
        ("ATTACH 'other.db' AS other", "ATTACH"),
        ("WITH a AS (SELECT 1) DELETE FROM run", "DELETE"),
    ],
)
def test_what_would_write_is_refused_by_its_own_name(sqlite: Place, sql: str, what: str) -> None:
    assert refusal(sqlite.console, sql) == f"The console only reads: it takes one SELECT, and no {what}."


def test_a_query_ends_with_its_time_and_says_so(place: Place) -> None:
    begun = time.monotonic()
    said = refusal(place.console, SLEEP[place.dialect], 0.5)
    assert said == "The query did not end within 0.5 s: ask for fewer runs, or sort and join less."
    assert time.monotonic() - begun < 10


@contextlib.contextmanager
def cancelling(console: Console, ticket: str) -> Iterator[None]:
    """Cancels a query again and again, as nobody knows when it has begun."""
    over = threading.Event()

    def cancel() -> None:
        while not over.wait(0.7):
            console.cancel(ticket)

    thread = threading.Thread(target=cancel, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_a_query_is_cancelled_from_another_thread(place: Place) -> None:
    with cancelling(place.console, "mine"), pytest.raises(QueryError, match=r"^The query was cancelled\.$"):
        place.console.ask(Question(sql=SLEEP[place.dialect], seconds=60), "mine")
    place.console.cancel("mine")  # no such query any more: nothing happens
    assert place.console.ask(Question(sql="SELECT 1"), "the next").rows == ((1,),)


def test_a_query_is_cancelled_before_it_has_begun(place: Place) -> None:
    place.console.cancel("mine")
    for ticket in range(REMEMBERED - 1):
        place.console.cancel(f"of another {ticket}")
    assert place.console.ask(Question(sql="SELECT 1")).rows == ((1,),)
    with pytest.raises(QueryError, match=r"^The query was cancelled\.$"):
        place.console.ask(Question(sql=SLEEP[place.dialect], seconds=60), "mine")
    assert place.console.ask(Question(sql="SELECT 1"), "mine").rows == ((1,),)


def test_of_all_that_is_cancelled_only_the_last_is_remembered(place: Place) -> None:
    place.console.cancel("mine")
    for ticket in range(REMEMBERED):
        place.console.cancel(f"of another {ticket}")
    assert place.console.ask(Question(sql="SELECT 1"), "mine").rows == ((1,),)


def test_a_cancelled_query_soon_ends_on_the_server_too(server: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    assert server.reader is not None
    monkeypatch.setenv(VARIABLE, server.reader)
    with cancelling(server.console, "mine"), pytest.raises(QueryError, match="cancelled"):
        server.console.ask(Question(sql=SLEEP["postgresql"], seconds=60), "mine")
    sleeping = "SELECT count(*) AS n FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()"
    deadline = time.monotonic() + 300
    while server.store.frame(sleeping).n[0] and time.monotonic() < deadline:
        time.sleep(0.1)
    assert server.store.frame(sleeping).n[0] == 0


def test_few_queries_run_at_a_time_and_the_next_is_told(sqlite: Place) -> None:
    threads = [
        threading.Thread(target=lambda: refusal(sqlite.console, SLEEP["sqlite"], 3.0), daemon=True)
        for _ in range(AT_ONCE)
    ]
    for thread in threads:
        thread.start()
    while sqlite.console._places.acquire(blocking=False):  # until both have their places
        sqlite.console._places.release()
        time.sleep(0.01)
    assert "running already" in refusal(sqlite.console, "SELECT 1")
    for thread in threads:
        thread.join()
    assert sqlite.console.ask(Question(sql="SELECT 1")).rows == ((1,),)


def test_a_store_that_is_not_there_is_said(tmp_path: object) -> None:
    with open_store(f"{tmp_path}/none.db") as store:
        assert refusal(Console(store), "SELECT 1") == "There is no store to query yet."


def test_a_query_sees_what_another_process_writes_and_keeps_no_writer_waiting(place: Place) -> None:
    count = Question(sql="SELECT count(*) FROM verdict")
    ((before,),) = place.console.ask(count).rows
    with open_writer(place.url) as writer:
        writer.save_verdicts([made.verdict(seeds=100 + int(str(before)))])
        assert place.console.ask(count).rows == ((int(str(before)) + 1,),)
