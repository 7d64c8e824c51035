"""Asking the console: a process for each query, few at a time, ended when its time is over or somebody cancels it."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen, TimeoutExpired
from typing import TYPE_CHECKING, Any

from storage.address import sqlite_path, store_url
from storage.console.question import Answer, QueryError, Question, answer_of, question_text
from storage.engines import reading_uri
from storage.errors import StoreError

if TYPE_CHECKING:
    from storage.reading import Store

VARIABLE = "THEORY_LAB_SQL_URL"
AT_ONCE = 2
"""Queries that run at the same time: the others of the dashboard's threads stay free for its pages."""
PATIENCE = 1.0
"""Seconds that a query waits for one of them to end."""
GRACE = 1.5
"""Seconds beyond its time after which a process that did not end by itself is ended."""
REMEMBERED = 64
"""Cancelled tickets that are known: one may be cancelled before its query has begun."""
ROOT = Path(__file__).parent.parent.parent
START = "import sys; sys.path.insert(0, sys.argv[1]); from storage.console.child import main; main()"


class Console:
    """People's own SQL on a store. Every method may be called from any thread."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._places = threading.BoundedSemaphore(AT_ONCE)
        self._lock = threading.Lock()
        self._running: dict[str, Popen[bytes]] = {}
        self._cancelled: OrderedDict[str, None] = OrderedDict()

    def off(self) -> str | None:
        """Why the console answers nothing, in a sentence; None where it is on."""
        if self._store.url.drivername == "sqlite" or os.environ.get(VARIABLE):
            return None
        return f"The console of a PostgreSQL store is off until {VARIABLE} names a role that can only read."

    def ask(self, question: Question, ticket: str = "") -> Answer:
        """The answer; `ticket` names this one asking for `cancel`. Raises QueryError and StoreError."""
        off = self.off()
        if off is not None:
            raise QueryError(off)
        if not self._places.acquire(timeout=PATIENCE):
            raise QueryError(f"{AT_ONCE} queries are running already: ask again when one has ended.")
        try:
            with self._target() as database:
                return self._answered(question, database, ticket)
        finally:
            self._places.release()

    def cancel(self, ticket: str) -> None:
        """End the query of this ticket where it runs, or as soon as it begins."""
        with self._lock:
            self._cancelled[ticket] = None
            self._cancelled.move_to_end(ticket)
            while len(self._cancelled) > REMEMBERED:
                self._cancelled.popitem(last=False)
            if ticket in self._running:
                self._running[ticket].kill()

    @contextlib.contextmanager
    def _target(self) -> Iterator[dict[str, Any]]:
        """What the process connects to, while the store is there and of this version."""
        if not self._store.exists:
            raise QueryError("There is no store to query yet.")
        if self._store.url.drivername == "sqlite":
            with self._store.connection():
                yield {"dialect": "sqlite", "uri": reading_uri(sqlite_path(self._store.url))}
            return
        try:
            url = store_url(os.environ[VARIABLE])
        except StoreError as error:
            raise QueryError(f"{VARIABLE} is of no use: {error}") from None
        if url.drivername == "sqlite":
            raise QueryError(f"{VARIABLE} names an SQLite file where the store is on PostgreSQL.")
        _, parameters = url.get_dialect()().create_connect_args(url)
        yield {"dialect": "postgresql", **parameters}

    def _answered(self, question: Question, database: dict[str, Any], ticket: str) -> Answer:
        # No site-packages are needed for SQLite, and without them a process starts in half the time.
        alone = ["-S"] if database["dialect"] == "sqlite" else []
        process = Popen(
            [sys.executable, "-I", *alone, "-c", START, str(ROOT)],
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
        )
        with self._lock:
            self._running[ticket] = process
            if ticket in self._cancelled:
                process.kill()
        late = False
        try:
            with process:
                try:
                    said, _ = process.communicate(question_text(question, database), question.seconds + GRACE)
                except TimeoutExpired:
                    process.kill()
                    late, said = True, b""
                except BaseException:
                    process.kill()
                    raise
        finally:
            with self._lock:
                if self._running.get(ticket) is process:
                    del self._running[ticket]
                cancelled = ticket in self._cancelled
                self._cancelled.pop(ticket, None)
        if cancelled:
            raise QueryError("The query was cancelled.")
        if late:
            raise QueryError(question.overdue)
        if process.returncode or not said:
            raise QueryError(
                "The query needs more memory or time than the console gives it: ask for less, or group it."
            )
        return answer_of(said)
