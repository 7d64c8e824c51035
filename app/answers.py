"""Answers of the console: asked once, then the table's pages and the chart are drawn from the same rows."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from storage.console.asking import Console
from storage.console.question import MEBIBYTE, Answer, Question

if TYPE_CHECKING:
    from storage.reading import Store

PAGE = 200
"""Rows on a page of the table."""
WHOLE = Question(sql="", rows=20_000, size=4 * MEBIBYTE)
"""What is asked at first, so that a small result is there as a whole."""
EXPORT = Question(sql="", rows=500_000, size=64 * MEBIBYTE, seconds=60.0, counting=0.0)
KEPT = 6
"""Answers in memory: of the last queries, as long as the store does not change."""


class Answers:
    """What the console answered lately. Raises QueryError and StoreError as it does."""

    def __init__(self, store: Store, note: Callable[[], None]) -> None:
        """`note` is told of every reading: what is made of an answer follows from all of the store."""
        self._store = store
        self._note = note
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[str, str], Answer] = OrderedDict()
        self.console = Console(store)

    def first(self, sql: str, ticket: str = "", *, anew: bool = False) -> Answer:
        """The result from its beginning, whole where it is small; asked `anew` or from memory."""
        self._note()
        key = (self._store.revision_token(), sql)
        with self._lock:
            known = self._known.get(key)
        if known is not None and not anew:
            return known
        answer = self.console.ask(replace(WHOLE, sql=sql), ticket)
        with self._lock:
            self._known[key] = answer
            self._known.move_to_end(key)
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
        return answer

    def page(self, sql: str, start: int, ticket: str = "", *, anew: bool = False) -> Answer:
        """At most PAGE rows from `start` on; `ended` says whether any come after them."""
        first = self.first(sql, ticket, anew=anew)
        rows = first.rows[start : start + PAGE]
        if first.ended or len(rows) == PAGE:
            return replace(first, rows=rows, ended=first.ended and start + PAGE >= len(first.rows))
        return self.console.ask(Question(sql=sql, skip=start, rows=PAGE), ticket)

    def export(self, sql: str) -> Answer:
        """The whole result, as far as one file may go."""
        return self.console.ask(replace(EXPORT, sql=sql))
