"""Making a store, or bringing an older one up to date: whole or not at all, by one process at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import URL, Connection, text

from storage import views
from storage.address import spoken, sqlite_path
from storage.engines import reading_engine, reading_sqlite, writing_engine
from storage.errors import StoreError
from storage.faults import faults, first_line
from storage.migrations import known_revisions, upgrade
from storage.schema import damaged, found_revision


def prepare(url: URL, versions: Sequence[Path]) -> None:
    """Let the store have the newest schema. Raises StoreError, and changes nothing, for what is no store of ours."""
    known = known_revisions(versions)
    with faults(url):
        if revision_before_writing(url, known) == known[-1]:
            return
        engine = writing_engine(url, foreign_keys=False)
        try:
            with engine.begin() as connection:
                revision = found_revision(connection, known)  # again: another process may have been first
                if revision != known[-1]:
                    migrate(connection, url, revision, versions)
        finally:
            engine.dispose()


def revision_before_writing(url: URL, known: Sequence[str]) -> str | None:
    """The store's revision by a read-only look, which finds damage to an SQLite file too (10 ms for 16 MB)."""
    if url.drivername == "sqlite":
        path = sqlite_path(url)
        if not path.absolute().parent.is_dir():
            raise StoreError(f"The store {path} cannot be made: its folder is not there. Make the folder first.")
        if not path.exists() or path.stat().st_size == 0:
            return None
    engine = reading_engine(url)
    try:
        with engine.connect() as connection:
            revision = found_revision(connection, known)
            if url.drivername == "sqlite":
                verdict = connection.scalar(text("PRAGMA quick_check(1)"))
                if verdict != "ok":
                    raise StoreError(damaged(url, str(verdict).splitlines()[-1]))
            return revision
    finally:
        engine.dispose()


def migrate(connection: Connection, url: URL, revision: str | None, versions: Sequence[Path]) -> None:
    if revision is not None and url.drivername == "sqlite":
        copy_beside(sqlite_path(url), revision)
    try:
        others = views.drop_for_migration(connection)
        upgrade(connection, versions)
        views.refresh(connection)
        for statement in others:
            views.execute(connection, statement)
        refuse_dangling(connection)
    except Exception as error:  # whatever a migration raises, the transaction leaves nothing of it
        if revision is None:
            raise
        what = first_line(getattr(error, "orig", error))
        raise StoreError(
            f"The store {spoken(url)} cannot be brought up to date and stays as it was ({what}). Report this, and use "
            f"the version of the lab that made it until then."
        ) from error


def copy_beside(path: Path, revision: str) -> None:
    """Copy a store, its log included, to FILE.REVISION; an older copy there is replaced only by a whole one."""
    copy = path.with_name(f"{path.name}.{revision}")
    unfinished = path.with_name(f"{copy.name}.unfinished")
    source = reading_sqlite(path)
    try:
        target = sqlite3.connect(unfinished)
        try:
            source.backup(target)
        finally:
            target.close()
        unfinished.replace(copy)
    except (sqlite3.Error, OSError) as error:
        raise StoreError(
            f"The store {path} is of an older version and cannot be copied to {copy} before it is brought up to date "
            f"({error}). Free some space, or give another store."
        ) from error
    finally:
        source.close()
        unfinished.unlink(missing_ok=True)


def refuse_dangling(connection: Connection) -> None:
    """Raise StoreError where a migration left a row that refers to none; PostgreSQL sees to that itself."""
    if connection.dialect.name == "sqlite":
        dangling = connection.execute(text("PRAGMA foreign_key_check")).first()
        if dangling is not None:
            raise StoreError(f"a row of {dangling[0]} refers to a row of {dangling[2]} that is not there")
