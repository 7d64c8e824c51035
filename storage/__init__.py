"""The store: every run, its metrics, curves and fields, and the verdicts on theory's claims, in one SQL database."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from storage.reading import Store


def open_store(url: str | None = None) -> Store:
    """Open a store for reading: a path or SQLAlchemy URL, else $THEORY_LAB_STORE, else results.db in this folder.

    No file is created or changed; a store that is not there reads as empty.
    Raises StoreError where there is something else than a store of this version.
    """
    from storage.reading import Store  # here, so that importing storage.records loads no SQLAlchemy

    return Store(url)
