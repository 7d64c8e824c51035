"""On PostgreSQL the console takes a role that can only read, and none at all where nobody gave one."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from storage.console.asking import VARIABLE
from storage.console.question import Question
from storage.store import open_writer
from tests.servers import Cluster, free_port
from tests.storage import made
from tests.storage.consoles import Place, postgresql_place, refusal


@pytest.fixture(scope="module")
def server(postgresql: Cluster) -> Iterator[Place]:
    with postgresql_place(postgresql) as place:
        yield place


def test_without_the_variable_the_console_of_a_server_is_off(server: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert VARIABLE in (server.console.off() or "")
    assert VARIABLE in refusal(server.console, "SELECT 1")


def test_views_made_anew_are_still_granted(server: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    assert server.reader is not None
    monkeypatch.setenv(VARIABLE, server.reader)
    with open_writer(server.url) as writer:
        writer.describe([made.experiment(), made.experiment("later")])
    assert server.console.ask(Question(sql="SELECT * FROM runs_later")).rows == ()


MORE_THAN_READING: dict[str, tuple[str, str]] = {
    "superuser": ("ALTER ROLE {role} SUPERUSER", "is a superuser"),
    "createrole": ("ALTER ROLE {role} CREATEROLE", "may create roles"),
    "createdb": ("ALTER ROLE {role} CREATEDB", "may create databases"),
    "replication": ("ALTER ROLE {role} REPLICATION", "may replicate"),
    "bypassrls": ("ALTER ROLE {role} BYPASSRLS", "row security"),
    "files": ("GRANT pg_read_server_files TO {role}", "pg_read_server_files"),
    "programs": ("GRANT pg_execute_server_program TO {role}", "pg_execute_server_program"),
    "write all": ("GRANT pg_write_all_data TO {role}", "pg_write_all_data"),
    "the owner's member": ("GRANT lab TO {role}", "is a superuser"),
    "insert": ("GRANT INSERT ON {schema}.run TO {role}", "may write to"),
    "one column": ("GRANT UPDATE (seed) ON {schema}.run TO {role}", "may write to"),
    "sequence": ("GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {role}", "may change"),
    "create in the schema": ("GRANT CREATE ON SCHEMA {schema} TO {role}", "CREATE in the schema"),
    "create in the database": ("GRANT CREATE ON DATABASE postgres TO {role}", "CREATE in the database"),
    "owner": ("CREATE TABLE {schema}.mine (x int); ALTER TABLE {schema}.mine OWNER TO {role}", "owns"),
    "inherits not": ("ALTER ROLE {role} NOINHERIT; GRANT pg_write_all_data TO {role}", "pg_write_all_data"),
}


@pytest.mark.parametrize("more", MORE_THAN_READING)
def test_a_role_that_can_do_more_than_read_is_refused(
    postgresql: Cluster, monkeypatch: pytest.MonkeyPatch, more: str
) -> None:
    granted, said = MORE_THAN_READING[more]
    with postgresql_place(postgresql) as place:
        assert place.reader is not None
        monkeypatch.setenv(VARIABLE, place.reader)
        schema = place.url.rpartition("%3D")[2]
        for statement in granted.format(role=f"reader_of_{schema}", schema=schema).split(";"):
            postgresql.execute(statement)
        told = refusal(place.console, "SELECT 1")
    assert said in told
    assert told.endswith("the console needs one that can only SELECT.")


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (lambda: f"postgresql://me:secret@127.0.0.1:{free_port()}/lab", "cannot connect"),
        (lambda: "results.db", "SQLite"),
        (lambda: "mysql://me:secret@x/y", "of no use"),
    ],
)
def test_a_variable_of_no_use_is_said_without_its_password(
    server: Place, monkeypatch: pytest.MonkeyPatch, address: Callable[[], str], said: str
) -> None:
    monkeypatch.setenv(VARIABLE, address())
    told = refusal(server.console, "SELECT 1")
    assert said in told
    assert "secret" not in told
