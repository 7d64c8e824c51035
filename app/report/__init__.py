"""Reports: the lab, some of its experiments or one view, as one HTML file that opens without a network."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from storage.reading import Store

__all__ = ["ReportError", "write_report"]


class ReportError(Exception):
    """`str(error)` says in one sentence why there is no report."""


def write_report(store: Store, file: Path, only: Sequence[str] = ()) -> None:
    """The report of these experiments, or of all, whole or not at all. Raises ReportError and StoreError."""
    from app.pages import all_pages, views
    from app.reader import Reader
    from app.report.lab import lab_report
    from storage.address import spoken
    from storage.queries import experiments
    from storage.wording import nearest

    read = Reader(store)
    known = [each.name for each in read(experiments)]
    if not known:
        raise ReportError(f"The store {spoken(store.url)} holds no experiment yet, so there is nothing to report.")
    for name in only:
        if name not in known:
            raise ReportError(f"The store holds no experiment {name}{nearest(name, known)}.")
    _write_whole(file, lab_report(read, views(all_pages()), only))


def _write_whole(file: Path, text: str) -> None:
    """Who opens the file finds the one before or this one."""
    beside = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(file)
    except OSError as error:
        raise ReportError(f"The report cannot be written to {file}: {error.strerror}.") from None
    finally:
        with suppress(OSError):
            beside.unlink()
