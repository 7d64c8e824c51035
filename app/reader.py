"""Reading the store once a revision: pages ask, and what was asked before is answered from memory."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar, cast

from app.console.answers import Answers
from storage.errors import StoreError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from storage.reading import Store

P = ParamSpec("P")
T = TypeVar("T")


class Reader:
    """`read(query, ...)` is `query(connection, ...)`, kept until the store's content changes.

    Answers are shared between pages and threads: nobody changes them.
    """

    def __init__(self, store: Store, keep: int = 256) -> None:
        self.store = store
        self.answers = Answers(store)
        self._keep = keep
        self._lock = threading.Lock()
        self._known: OrderedDict[Hashable, Any] = OrderedDict()

    def __call__(self, query: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        return self.kept(query, (args, tuple(sorted(kwargs.items()))), lambda: self.now(query, *args, **kwargs))

    def kept(self, what: Hashable, arguments: Hashable, make: Callable[[], T]) -> T:
        """`make()`, kept under `what` and its arguments until the store's content changes."""
        # The token is read before the data: an answer may be newer than its token, and is then asked for again.
        key = (self.store.revision_token(), what, arguments)
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
                return cast("T", self._known[key])
        answer = make()
        with self._lock:
            self._known[key] = answer
            while len(self._known) > self._keep:
                self._known.popitem(last=False)
        return answer

    def now(self, query: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Ask the store itself: for what depends on its clock. Asks again where a writer overtook the reading."""
        for patience in (True, True, False):
            try:
                with self.store.connection() as connection:
                    return query(connection, *args, **kwargs)
            except StoreError:
                if not patience:
                    raise
        raise AssertionError("the last attempt returns or raises")
