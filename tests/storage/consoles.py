"""A small store with a console on each database, and prints of all that it holds."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from storage import open_store
from storage.console.asking import Console
from storage.console.question import QueryError, Question
from storage.console.roles import recipe
from storage.reading import Store
from storage.store import open_writer
from tests.servers import Cluster
from tests.storage import made

RUNS = 6
PRINTS = """
SELECT relname, md5((xpath('/table', table_to_xml(oid, true, false, '')))[1]::text)
FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'v', 'S') ORDER BY relname
"""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a store is, and what a console of it needs in the environment."""

    url: str
    store: Store
    console: Console
    reader: str | None = None

    @property
    def dialect(self) -> str:
        return self.store.url.get_backend_name()

    def print(self) -> object:
        """Of a file its bytes and those beside it; of a server the rows of each table and all names of roles."""
        if self.dialect == "sqlite":
            files = sorted(Path(self.url).parent.iterdir())
            return [(file.name, hashlib.sha256(file.read_bytes()).hexdigest()) for file in files]
        with psycopg.connect(self.url) as connection:
            roles = connection.execute("SELECT rolname, rolsuper FROM pg_roles ORDER BY 1").fetchall()
            objects = connection.execute("SELECT count(*) FROM pg_largeobject_metadata").fetchall()
            return connection.execute(PRINTS).fetchall(), roles, objects


def fill(url: str) -> None:
    with open_writer(url) as writer:
        writer.describe([made.experiment()])
        writer.record(writer.start_batch(made.batch()), [made.run(f"key{seed}", seed=seed) for seed in range(RUNS)])


@contextmanager
def sqlite_place(folder: Path) -> Iterator[Place]:
    url = str(folder / "results.db")
    fill(url)
    with open_store(url) as store:
        yield Place(url=url, store=store, console=Console(store))


@contextmanager
def postgresql_place(server: Cluster) -> Iterator[Place]:
    """The role is made by the recipe that the console shows."""
    with server.fresh() as url:
        fill(url)
        reader = f"reader_of_{url.rpartition('%3D')[2]}"
        with open_store(url) as store:
            with store.connection() as connection:
                statements = recipe(connection, reader)
            for statement in statements.splitlines():
                server.execute(statement)
            yield Place(
                url=url, store=store, console=Console(store), reader=url.replace("://lab@", f"://{reader}:any@")
            )
        server.execute(f"DROP OWNED BY {reader}")
        server.execute(f"DROP ROLE {reader}")


def refusal(console: Console, sql: str, seconds: float = 10.0) -> str:
    with pytest.raises(QueryError) as caught:
        console.ask(Question(sql=sql, seconds=seconds))
    return str(caught.value)
