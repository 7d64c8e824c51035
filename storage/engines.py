"""Connections: read-only ones that wait for nobody, writing ones that take turns.

Nothing here, or anywhere in this package, may open an SQLite store but by SQLite: closing any other descriptor of the
file would drop this process's locks on it (POSIX), those of a writer in another thread included.
"""

from __future__ import annotations

import functools
import sqlite3
import time
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import NullPool

from storage import views
from storage.address import sqlite_path
from storage.tables import Base

PATIENCE = 60.0
"""Seconds that a writer waits for its turn."""
READERS_PATIENCE = 5.0
"""Seconds that a reader waits where another program holds the whole store, as no writer of ours does."""
TURN = 5
"""Milliseconds that SQLite waits by itself. Its own long wait looks ever more rarely, at last each 100 ms, and misses
the short gaps between another writer's transactions for seconds; ours looks every few milliseconds, which is fair."""
ADVISORY_LOCK = 0x7468656F7279
"""The one lock that all writers of a PostgreSQL store take, in the order in which they ask."""


def reading_engine(url: URL) -> Engine:
    """Read-only connections whose first statement begins a transaction that sees one state of the store."""
    if url.drivername == "sqlite":
        path = sqlite_path(url)
        engine = create_engine(url, creator=lambda: reading_sqlite(path), poolclass=NullPool)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
        return engine
    return create_engine(
        url,
        connect_args={"connect_timeout": 10} if "connect_timeout" not in url.query else {},
        pool_pre_ping=True,
        isolation_level="REPEATABLE READ",
        execution_options={"postgresql_readonly": True},
    )


def reading_sqlite(path: Path) -> sqlite3.Connection:
    """A read-only connection that leaves no file behind."""
    connection = sqlite3.connect(
        reading_uri(path), uri=True, isolation_level=None, timeout=READERS_PATIENCE, check_same_thread=False
    )
    connection.execute("PRAGMA query_only = ON")
    return connection


def reading_uri(path: Path) -> str:
    """The file as SQLite opens it for reading only.

    Even a read-only connection makes the -wal and -shm files of a store in WAL mode when they are not there. Where no
    writer has them open, the file alone is the whole store, and is read as one that nobody changes.
    """
    mode = "mode=ro" if wal_of(path).exists() else "mode=ro&immutable=1"
    return f"{path.absolute().as_uri()}?{mode}"


def wal_of(path: Path) -> Path:
    """The write-ahead log beside a store; it is there while somebody writes, or after a writer was killed."""
    return path.with_name(f"{path.name}-wal")


def empty_engine() -> Engine:
    """Read-only connections to a store without content, for one that is not there yet: each has a copy in memory."""
    engine = create_engine("sqlite://", creator=empty_sqlite, poolclass=NullPool)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return engine


def empty_sqlite() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    connection.deserialize(empty_bytes())
    connection.execute("PRAGMA query_only = ON")
    return connection


@functools.cache
def empty_bytes() -> bytes:
    """An SQLite store with tables and views but no row."""
    made = sqlite3.connect(":memory:")
    with create_engine("sqlite://", creator=lambda: made).begin() as connection:
        Base.metadata.create_all(connection)
        views.refresh(connection)
    return made.serialize()


def writing_engine(url: URL, *, foreign_keys: bool = True) -> Engine:
    """Connections whose transactions come one after the other, also across processes, each from its first statement.

    `foreign_keys=False` is for migrations of SQLite, where a table is made anew under its old name.
    """
    if url.drivername == "sqlite":
        path = sqlite_path(url)
        engine = create_engine(url, creator=lambda: writing_sqlite(path, foreign_keys))
        event.listen(engine, "begin", begin_immediate)
        return engine
    engine = create_engine(
        url, connect_args={"connect_timeout": 10} if "connect_timeout" not in url.query else {}, pool_pre_ping=True
    )
    event.listen(engine, "begin", take_advisory_lock)
    return engine


def writing_sqlite(path: Path, foreign_keys: bool) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, timeout=PATIENCE, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA wal_autocheckpoint = 4096")  # pages: 16 MB between two waits for the disk
        connection.execute(
            "PRAGMA journal_size_limit = 0"
        )  # each transaction changes the log's size: see revision_token
        connection.execute(f"PRAGMA foreign_keys = {int(foreign_keys)}")
        connection.execute(f"PRAGMA busy_timeout = {TURN}")
    except BaseException:
        connection.close()
        raise
    return connection


def begin_immediate(connection: Connection) -> None:
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            driver.execute("BEGIN IMMEDIATE")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise


def take_advisory_lock(connection: Connection) -> None:
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{PATIENCE:.0f}s'")
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})")
