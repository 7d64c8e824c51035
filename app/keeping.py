"""What keeps answers: by the parts of the store that each was read from, as long as those have not changed.

Every answer knows the marks of what was read for it, through all that it was made of. When the store changes, answers
whose marks are as they were stand: a batch empties nothing but what its runs change. Marks are of what the lab itself
writes (storage.queries.marks); where the store changed and no batch wrote to it, somebody else has, and every answer
is forgotten. So all that can be missed is a change by another program to runs that stay as they are, in the same
moment as a batch writes.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeAlias

import numpy as np

from storage import queries
from storage.queries import marks

Part: TypeAlias = tuple[Callable[..., Any], tuple[Any, ...]]
"""A part of the store: what asks for its mark, and with what arguments."""
Marked: TypeAlias = dict[Part, Any]


def whole() -> None:
    """Asks for the mark of all of the store, which is its token."""


WHOLE: Part = (whole, ())
OF_EXPERIMENT = frozenset(
    (
        queries.cells_of_runs,
        queries.metric_values,
        queries.curves,
        queries.runs_with_points,
        queries.fields_kept,
    )
)
OF_RUN = frozenset((queries.fields_of_run, queries.curves_of_run))
OF_ALL: Mapping[Callable[..., Any], Part | None] = {
    queries.verdicts: (marks.mark_of_verdicts, ()),
    queries.evidence: (marks.mark_of_verdicts, ()),
    queries.evidence_extents: (marks.mark_of_verdicts, ()),
    queries.batches: (marks.mark_of_batches, ()),
    queries.batch: (marks.mark_of_batches, ()),
    queries.database_now: None,
}


SHORT = frozenset((queries.experiments, queries.run_count))
"""Queries whose answers are their own marks: they are asked again, and what was made of them stands if they say the
same."""


def part_of(query: Callable[..., Any], arguments: tuple[Any, ...]) -> Part | None:
    """What the answer to a query follows from, WHOLE unless it is named here; None where it is nothing in the store."""
    if query in OF_EXPERIMENT:
        return marks.mark_of_runs, arguments[:1]
    if query in OF_RUN:
        return marks.mark_of_run, arguments[:1]
    if query in SHORT:
        return query, arguments
    return OF_ALL.get(query, WHOLE)


@dataclass(frozen=True)
class Kept:
    """An answer, or what was raised in its place, and the marks of what it was read from."""

    answer: Any
    marked: Marked
    raised: Exception | None = None


@dataclass(frozen=True)
class State:
    """The store under one token: `every` is its mark_of_all, `marked` holds the marks that were asked for.

    A mark that is as it was before is the same object, so that comparing costs nothing.
    """

    token: str
    every: Any
    before: Marked = field(default_factory=dict)
    marked: Marked = field(default_factory=dict)

    def note(self, part: Part, mark: Any) -> Any:
        known = self.before.get(part)
        self.marked[part] = known if known == mark else mark
        return self.marked[part]


class Memory:
    """Answers by key; the least lately used go beyond `limit` bytes, and all when forget() ends an epoch."""

    def __init__(self, limit: int) -> None:
        self.epoch = 0
        self._limit = limit
        self._heavy = 0
        self._lock = threading.Lock()
        self._known: OrderedDict[Hashable, tuple[Kept, int]] = OrderedDict()

    def get(self, key: Hashable) -> Kept | None:
        with self._lock:
            if key not in self._known:
                return None
            self._known.move_to_end(key)
            return self._known[key][0]

    def put(self, key: Hashable, kept: Kept, heavy: int, epoch: int) -> None:
        """Nothing is kept of an epoch that has ended."""
        with self._lock:
            if epoch != self.epoch:
                return
            self._heavy += heavy - self._known.pop(key, (None, 0))[1]
            self._known[key] = kept, heavy
            while self._heavy > self._limit and len(self._known) > 1:
                self._heavy -= self._known.popitem(last=False)[1][1]

    def forget(self) -> None:
        with self._lock:
            self.epoch += 1
            self._heavy = 0
            self._known.clear()


class Flights:
    """What several threads ask for at once is made by the first; the others wait for its answer or its error."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: dict[Hashable, Future[Any]] = {}

    def joined(self, key: Hashable, make: Callable[[], Any]) -> Any:
        with self._lock:
            first = key not in self._made
            flight = self._made.setdefault(key, Future())
        if first:
            try:
                flight.set_result(make())
            except BaseException as error:
                flight.set_exception(error)
            finally:
                with self._lock:
                    del self._made[key]
        return flight.result()


SMALL = 1000
WEIGHED = 10


def weight(answer: object) -> int:
    """About how many bytes an answer takes: arrays, texts and tables in dicts, sequences and frozen records.

    Of long sequences and dicts it weighs a few, evenly, and takes the others to be like them.
    """
    if isinstance(answer, (str, bytes)):
        return len(answer)
    if isinstance(answer, dict):
        return SMALL + weight(list(answer.values()))
    if isinstance(answer, partial):  # something that is made when it is asked for
        return weight(answer.args)
    if isinstance(answer, (list, tuple)):
        some = answer[:: 1 + len(answer) // WEIGHED]
        return 100 + sum(weight(value) for value in some) * len(answer) // max(len(some), 1)
    if hasattr(answer, "memory_usage"):  # a table or a column
        return SMALL + int(np.sum(answer.memory_usage(deep=False)))
    if isinstance(answer, np.ndarray):
        return int(answer.nbytes)
    return weight(vars(answer)) if hasattr(answer, "__dict__") else 30
