"""Where a store is: from what people type to a URL, and back to a name for messages."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from storage.errors import StoreError

VARIABLE = "THEORY_LAB_STORE"
DEFAULT = "results.db"
DRIVERS = {
    "sqlite": "sqlite",
    "sqlite+pysqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
}
LIKE_A_URL = re.compile(r"[A-Za-z][A-Za-z0-9_+.-]*://|(sqlite|postgres(ql)?)(\+\w+)?:")
FORMS = "give a file name, sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE"


def store_url(text: str | None = None) -> URL:
    """The URL of the store named by `text` (a path or SQLAlchemy URL), by $THEORY_LAB_STORE, or results.db here.

    `postgresql://` means psycopg 3. Raises StoreError for what can be no store; nothing is opened.
    """
    if text is None:
        text = os.environ.get(VARIABLE) or DEFAULT
    if not text.strip() or "\0" in text:
        raise StoreError(f"An empty name is no store: {FORMS}.")
    url = parsed(text) if LIKE_A_URL.match(text) else URL.create("sqlite", database=text)
    if url.drivername == "sqlite":
        refuse_what_is_no_file(url)
    return url


def parsed(text: str) -> URL:
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise StoreError(f"{hidden(text)} is no store URL: {FORMS}.") from None
    if url.drivername not in DRIVERS:
        raise StoreError(f"A store cannot be kept in {url.drivername}, only in SQLite or PostgreSQL: {FORMS}.")
    if url.drivername.startswith("sqlite") and (url.host or url.query or (url.database or "").startswith("file:")):
        raise StoreError(f"{hidden(text)} is no store URL: write sqlite:///FILE, with three slashes and no options.")
    return url.set(drivername=DRIVERS[url.drivername])


def hidden(text: str) -> str:
    """`text` without what looks like a password."""
    return re.sub(r"(://[^:/@]*):.*@", r"\1:***@", text)


def refuse_what_is_no_file(url: URL) -> None:
    if url.database in (None, "", ":memory:"):
        raise StoreError("A store in memory would be lost at once: give a file name.")
    path = sqlite_path(url)
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return
    except OSError as error:
        raise StoreError(f"The store {path} cannot be opened: {error.strerror}. Give another file name.") from None
    if stat.S_ISDIR(mode):
        raise StoreError(f"The store {path} is a folder: give the name of a file, as in {path / DEFAULT}.")
    if not stat.S_ISREG(mode):
        raise StoreError(f"The store {path} is no regular file: give another file name.")


def sqlite_path(url: URL) -> Path:
    return Path(url.database or "")


def spoken(url: URL) -> str:
    """The store's name in a sentence: the file, or the URL without its password."""
    return str(sqlite_path(url)) if url.drivername == "sqlite" else url.render_as_string(hide_password=True)
