"""What a database holds: nothing yet, a store of this version, or something that must not be touched."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from sqlalchemy import URL, Connection, text
from sqlalchemy import inspect as inspector_of
from sqlalchemy.exc import OperationalError, ProgrammingError

from storage.address import spoken
from storage.errors import StoreError
from storage.migrations import PREFIX
from storage.tables import Base

VERSION_TABLE = "alembic_version"
VERSION = text(f"SELECT version_num FROM {VERSION_TABLE}")


def found_revision(connection: Connection, known: Sequence[str]) -> str | None:
    """The revision of the store's schema, one of `known`; None where there is no table yet.

    Raises StoreError where the tables are another program's or a newer version's, or where some are missing.
    """
    name = spoken(connection.engine.url)
    present = set(inspector_of(connection).get_table_names())
    if not present:
        return None
    revisions = connection.scalars(VERSION).all() if VERSION_TABLE in present else []
    if len(revisions) != 1 or not str(revisions[0]).startswith(PREFIX):
        raise StoreError(f"{name} holds the tables of another program: give another store.")
    revision = str(revisions[0])
    if revision not in known:
        raise StoreError(
            f"The store {name} was made by a newer version of the lab (its schema is {revision}, the newest known here "
            f"is {known[-1]}): update the lab, or give another store."
        )
    missing = sorted(set(Base.metadata.tables) - present)
    if revision == known[-1] and missing:
        raise StoreError(damaged(connection.engine.url, f"its table {missing[0]} is missing"))
    return revision


def damaged(url: URL, what: str) -> str:
    return f"The store {spoken(url)} is damaged: {what}. Move it away, or put a copy of it in its place."


def has_revision(connection: Connection, revision: str) -> bool:
    """Whether the store has exactly this revision, asked by one short statement; no transaction is left if not."""
    try:
        if list(connection.scalars(VERSION)) == [revision]:
            return True
    except (OperationalError, ProgrammingError) as error:
        if getattr(error.orig, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
            raise  # to ask otherwise would be to wait once more
    connection.rollback()
    return False
