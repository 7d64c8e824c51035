"""Errors of the database drivers, turned into one sentence each where people can do something about them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError, IntegrityError

from storage.address import refuse_what_is_no_file, spoken
from storage.errors import StoreError

SQLITE = {
    sqlite3.SQLITE_FULL: "cannot be written: {what}. Free some space and run the same command again.",
    sqlite3.SQLITE_READONLY: "cannot be written: the file or its folder is read-only. "
    "Make both writable, or give another store.",
    sqlite3.SQLITE_IOERR: "cannot be read or written: {what}. "
    "Look at the disk and its free space, then run the same command again.",
    sqlite3.SQLITE_CORRUPT: "is damaged: {what}. Move it away, or put a copy of it in its place.",
    sqlite3.SQLITE_NOTADB: "is no SQLite database. Give another file name.",
    sqlite3.SQLITE_BUSY: "is held by another program. End that program, or wait until it has ended, and try again.",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened. Look at the permissions of the file and its folder.",
    sqlite3.SQLITE_PERM: "cannot be opened. Look at the permissions of the file and its folder.",
}
POSTGRESQL = {
    "53100": "cannot be written: the server's disk is full. Free some space and run the same command again.",
    "53": "cannot be written: {what}. Give the server more room and run the same command again.",
    "25006": "cannot be written: the server takes no writes. Name the primary server.",
    "42501": "cannot be used: {what}. Grant the rights, or give another store.",
    "2BP01": "cannot be changed: {what}. Drop the views that you made upon the store's own.",
    "55P03": "is held by another program. End that program, or wait until it has ended, and try again.",
    "57P": "is gone: {what}. Start the server and run the same command again.",
    "08": "is gone: {what}. Start the server and run the same command again.",
}


@contextmanager
def faults(url: URL) -> Iterator[None]:
    """Raise StoreError for what is wrong with the store; errors in a statement itself stay as they are."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        sentence = explained(url, error)
        if sentence is None:
            raise
        raise StoreError(sentence) from error


def explained(url: URL, error: DBAPIError | sqlite3.Error) -> str | None:
    """The sentence for an error of the driver; None for an error in the statement itself."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(error, IntegrityError) or cause is None:
        return None
    if isinstance(cause, sqlite3.Error):
        try:
            refuse_what_is_no_file(url)
        except StoreError as refused:  # what was a store when it was opened is a folder now
            return str(refused)
    end = sqlite_end(cause) if isinstance(cause, sqlite3.Error) else postgresql_end(url, cause)
    return end and f"The store {spoken(url)} {end.format(what=first_line(cause))}"


def sqlite_end(cause: sqlite3.Error) -> str | None:
    code = getattr(cause, "sqlite_errorcode", None)
    return None if code is None else SQLITE.get(code & 0xFF)  # the low byte; the rest says where it happened


def postgresql_end(url: URL, cause: BaseException) -> str | None:
    state: str | None = getattr(cause, "sqlstate", None)
    if state is not None:
        return next((end for prefix, end in POSTGRESQL.items() if state.startswith(prefix)), None)
    message = str(cause)
    if "password authentication failed" in message or "no password supplied" in message:
        return f"cannot be opened: the server refuses the password of {url.username or 'the user'}. Correct the URL."
    if "does not exist" in message:
        return "cannot be opened: {what}. Create it with createdb and createuser, or correct the URL."
    if "connection" in message or "server" in message or "resolve" in message:
        return "cannot be reached: {what}. Start the server, or correct the URL."
    return None


def first_line(cause: BaseException) -> str:
    """The part of the driver's message that names the trouble, without a full stop."""
    lines = [line.strip() for line in str(cause).splitlines() if line.strip()] or [type(cause).__name__]
    fatal = [line.partition("FATAL:")[2] for line in lines if "FATAL:" in line]
    return (fatal or lines)[0].strip().rstrip(".").replace("{", "(").replace("}", ")")
