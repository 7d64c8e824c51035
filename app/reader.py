"""Reading the store once a revision: pages ask, and what was asked before is answered from memory."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar, cast

import numpy as np

from app.answers import Answers
from storage.errors import StoreError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from storage.reading import Store

P = ParamSpec("P")
T = TypeVar("T")


KEEP = 512 * 2**20
SMALL = 1000
WEIGHED = 20


class Reader:
    """`read(query, ...)` is `query(connection, ...)`, kept until the store's content changes.

    Answers are shared between pages and threads: nobody changes them.
    """

    def __init__(self, store: Store, keep: int = KEEP) -> None:
        """`keep` is how many bytes of answers are kept, as far as weight() sees."""
        self.store = store
        self.answers = Answers(store)
        self._keep = keep
        self._kept = 0
        self._lock = threading.Lock()
        self._known: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()

    def __call__(self, query: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        return self.kept(query, (args, tuple(sorted(kwargs.items()))), lambda: self.now(query, *args, **kwargs))

    def kept(self, what: Hashable, arguments: Hashable, make: Callable[[], T], heavy: int | None = None) -> T:
        """`make()`, kept under `what` and its arguments until the store's content changes.

        `heavy` is about how many bytes it takes, where that is known better than weight() finds it.
        """
        key = self.key(what, arguments)
        known = self.known(key)
        if known is None:
            known = (make(),)
            self.keep(key, known[0], heavy)
        return cast("T", known[0])

    def key(self, what: Hashable, arguments: Hashable) -> Hashable:
        """What an answer that is read from now on is kept under; one newer than its key is asked for again."""
        return self.store.revision_token(), what, arguments

    def known(self, key: Hashable) -> tuple[Any] | None:
        """The answer, alone in a tuple; None where it is not kept."""
        with self._lock:
            if key not in self._known:
                return None
            self._known.move_to_end(key)
            return (self._known[key][0],)

    def keep(self, key: Hashable, answer: object, heavy: int | None = None) -> None:
        heavy = weight(answer) if heavy is None else heavy
        with self._lock:
            if key not in self._known:
                self._kept += heavy
                self._known[key] = answer, heavy
            while self._kept > self._keep and len(self._known) > 1:
                self._kept -= self._known.popitem(last=False)[1][1]

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


def weight(answer: object) -> int:
    """About how many bytes an answer takes: arrays, texts and tables in dicts, sequences and frozen records.

    Of long sequences and dicts it weighs a few, evenly, and takes the others to be like them.
    """
    if isinstance(answer, (str, bytes)):
        return len(answer)
    if isinstance(answer, dict):
        return SMALL + weight(list(answer.values()))
    if isinstance(answer, (list, tuple)):
        some = answer[:: 1 + len(answer) // WEIGHED]
        return 100 + sum(weight(value) for value in some) * len(answer) // max(len(some), 1)
    if hasattr(answer, "memory_usage"):  # a table or a column
        return SMALL + int(np.sum(answer.memory_usage(deep=False)))
    if isinstance(answer, np.ndarray):
        return int(answer.nbytes)
    return weight(vars(answer)) if hasattr(answer, "__dict__") else 30
