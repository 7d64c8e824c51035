"""Servers that cannot be reached, that go away, or that hold the tables of others: one clear sentence."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import pytest
import sqlalchemy

from storage.address import store_url
from storage.errors import StoreError
from storage.store import open_writer
from tests.servers import Cluster, free_port
from tests.storage import made
from tests.storage.test_refusals import OPENERS, sentence


@pytest.mark.parametrize("opener", OPENERS)
def test_a_server_that_is_not_there_is_named(opener: Callable[[str], object]) -> None:
    said = sentence(opener, f"postgresql://me:secret@127.0.0.1:{free_port()}/lab")
    assert "cannot be reached" in said
    assert "secret" not in said


@pytest.mark.parametrize("opener", OPENERS)
def test_a_missing_database_and_a_wrong_password_are_named(
    postgresql: Cluster, opener: Callable[[str], object]
) -> None:
    assert 'database "nothing" does not exist' in sentence(opener, postgresql.url("nothing"))
    with contextlib.suppress(Exception):
        postgresql.execute("CREATE USER guarded PASSWORD 'right'")
    said = sentence(opener, postgresql.url(user="guarded:wrong"))
    assert "refuses the password of guarded" in said
    assert "wrong" not in said
    assert "guarded" in sentence(opener, postgresql.url(user="guarded"))


def delete_batches_twice(connection: sqlalchemy.Connection, between: Callable[[], None]) -> None:
    connection.exec_driver_sql("DELETE FROM batch")
    between()
    connection.exec_driver_sql("DELETE FROM batch")


def test_a_connection_that_the_server_ended_is_said_or_made_anew(postgresql: Cluster, postgresql_url: str) -> None:
    kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usename = 'lab'"
    with open_writer(postgresql_url) as writer:
        writer.describe([made.experiment()])
        batch_id = writer.start_batch(made.batch())
        assert len(writer.batches()) == 1
        postgresql.execute(kill)  # between two verbs
        writer.heartbeat(batch_id, done=1, failed=0)
        assert writer.batches().done.tolist() == [1]
        with pytest.raises(StoreError, match="is gone"), writer._transaction() as connection:
            delete_batches_twice(connection, between=lambda: postgresql.execute(kill))  # within one
        assert writer.batches().done.tolist() == [1]


@pytest.mark.parametrize("opener", OPENERS)
@pytest.mark.parametrize(
    ("statements", "words"),
    [
        (("CREATE TABLE mine (id INTEGER)",), "another program"),
        (("CREATE TABLE alembic_version (version_num TEXT)", "INSERT INTO alembic_version VALUES ('0001')"), "another"),
        (
            (
                "CREATE TABLE alembic_version (version_num TEXT)",
                "INSERT INTO alembic_version VALUES ('theory_lab_9999')",
            ),
            "newer version",
        ),
    ],
)
def test_tables_of_others_on_a_server_are_not_touched(
    postgresql_url: str, opener: Callable[[str], object], statements: tuple[str, ...], words: str
) -> None:
    engine = sqlalchemy.create_engine(store_url(postgresql_url))
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    before = sqlalchemy.inspect(engine).get_table_names()
    said = sentence(opener, postgresql_url)
    assert words in said
    assert sqlalchemy.inspect(engine).get_table_names() == before
    engine.dispose()
