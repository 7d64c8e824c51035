"""Reading the store: pages ask, and what was asked before is answered from memory while what it follows from stands."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar, cast

from app.answers import Answers
from app.keeping import WHOLE, Flights, Kept, Marked, Memory, Part, State, part_of, weight
from storage.errors import OvertakenError, StoreError
from storage.faults import faults
from storage.queries.marks import mark_of_all

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from storage.reading import Store

P = ParamSpec("P")
T = TypeVar("T")

KEEP = 512 * 2**20
ATTEMPTS = 3


class Reader:
    """`read(query, ...)` is `query(connection, ...)`, kept until what it follows from changes in the store.

    All that is read for one kept answer is read from one state of the store. What several threads ask for at once is
    made by one of them. Answers are shared between pages and threads: nobody changes them.
    """

    def __init__(self, store: Store, keep: int = KEEP) -> None:
        """`keep` is how many bytes of answers are kept, as far as weight() sees."""
        self.store = store
        self.answers = Answers(store, self._note_whole)
        self._memory = Memory(keep)
        self._flights = Flights()
        self._turning = threading.Lock()
        self._state = State(token="", every=None)
        self._here = _Here()

    def __call__(self, query: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        return self.kept(query, (args, tuple(sorted(kwargs.items()))), lambda: self.now(query, *args, **kwargs))

    def kept(self, what: Hashable, arguments: Hashable, make: Callable[[], T], heavy: int | None = None) -> T:
        """`make()`, kept under `what` and its arguments until something that it read by this reader changes.

        `heavy` is about how many bytes it takes, where that is known better than weight() finds it.
        """
        key = what, arguments

        def found() -> Kept:
            state = self._reading_here.state
            known = self._standing(key)
            return known or self._flights.joined((state.token, key), lambda: self._made(key, make, heavy))

        got = self._in_one_state(found)
        self._note(got.marked)
        if got.raised is not None:
            raise got.raised
        return cast("T", got.answer)

    def now(self, query: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Ask the store itself: for what depends on its clock."""

        def asked() -> T:
            part = part_of(query, args)
            if part is not None:
                mark = self._mark(part)
                self._note({part: mark})
                if part[0] is query:
                    return cast("T", mark)
            with faults(self.store.url):
                return query(self._reading_here.connection, *args, **kwargs)

        return self._in_one_state(asked)

    def watch(self) -> Watch:
        """From now on note what this thread reads, for an answer that is made of it outside kept(); ends by unwatch().

        What it has noted says to keep() until when the answer stands.
        """
        if self._here.reading is None:
            with suppress(StoreError):  # whoever makes the answer says what is wrong
                self._now()  # an answer begun in an epoch that is over without being known to be would not be kept
        watch = Watch(self._memory.epoch)
        self._here.watches.append(watch.marked)
        return watch

    def unwatch(self) -> None:
        self._here.watches.pop()

    def known(self, key: Hashable) -> tuple[Any] | None:
        """The answer that keep() kept, alone in a tuple; None where there is none that stands."""
        if self._memory.get(key) is None:
            return None
        try:
            known = self._in_one_state(lambda: self._standing(key))
        except StoreError:
            return None  # whoever makes the answer says what is wrong
        return None if known is None else (known.answer,)

    def keep(self, key: Hashable, answer: object, watch: Watch, heavy: int) -> None:
        """Keep an answer that is made of what was read while it was watched, and of nothing else."""
        if watch.marked:
            self._memory.put(key, Kept(answer, watch.marked), heavy, watch.epoch)

    def _made(self, key: Hashable, make: Callable[[], Any], heavy: int | None) -> Kept:
        reading, watch = self._reading_here, self.watch()
        try:
            answer = make()
            self.store.refuse_overtaken(reading.state.token)
        except OvertakenError:
            raise
        except Exception as error:  # whatever it is, it is for those who asked
            return Kept(None, watch.marked, error)
        finally:
            self.unwatch()
        made = Kept(answer, watch.marked or {WHOLE: reading.state.token})
        self._memory.put(key, made, weight(answer) if heavy is None else heavy, reading.epoch)
        return made

    def _standing(self, key: Hashable) -> Kept | None:
        """What is kept under the key, where all marks are as they were."""
        known = self._memory.get(key)
        if known is None:
            return None
        for part, mark in known.marked.items():
            now = self._mark(part)
            if now is not mark and now != mark:
                return None
        return known

    def _note(self, marked: Marked) -> None:
        """Of marks that differ the first counts: a part of the answer is as old as that."""
        for watched in self._here.watches:
            for part, mark in marked.items():
                watched.setdefault(part, mark)

    def _note_whole(self) -> None:
        self._note({WHOLE: self._now().token})

    def _mark(self, part: Part) -> Any:
        """The mark of the part in the state that this thread reads, or in an earlier one that no writer has passed."""
        reading = self._reading_here
        state = reading.state
        if part == WHOLE:
            return state.token
        for known in (state.marked, reading.marked):
            if part in known:
                return known[part]
        ask, arguments = part
        with faults(self.store.url):
            mark = ask(reading.connection, *arguments)
        if self.store.revision_token() == state.token:
            return state.note(part, mark)
        return reading.marked.setdefault(part, mark)  # of a later state than that of others

    @property
    def _reading_here(self) -> _Reading:
        assert self._here.reading is not None
        return self._here.reading

    def _in_one_state(self, ask: Callable[[], T]) -> T:
        """Asks again where a writer overtook the reading."""
        if self._here.reading is not None:
            return ask()
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with ExitStack() as stack:
                    state = self._now()
                    self._here.reading = _Reading(state, self._memory.epoch, self.store, stack)
                    stack.callback(setattr, self._here, "reading", None)
                    return ask()
            except OvertakenError:
                if attempt == ATTEMPTS:
                    raise
        raise AssertionError("the last attempt returns or raises")

    def _now(self) -> State:
        """The store as it is now, or a little later."""
        token = self.store.revision_token()
        if self._state.token != token:
            self._flights.joined(token, self._turn)
        return self._state

    def _turn(self) -> None:
        """The store has another token: forget every answer, unless a batch wrote."""
        with self._turning:
            before, token = self._state, self.store.revision_token()
            if before.token == token:
                return
            with self.store.connection() as connection:
                every = mark_of_all(connection)
            if every == before.every:
                self._memory.forget()
            self._state = State(token=token, every=every, before=before.marked or before.before)


class Watch:
    """What was read, with its marks, since the epoch in which this began."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch
        self.marked: Marked = {}


class _Reading:
    """One thread's reading of one state of the store, at least as new as `state`; it connects when first asked."""

    def __init__(self, state: State, epoch: int, store: Store, stack: ExitStack) -> None:
        self.state = state
        self.epoch = epoch
        self.marked: Marked = {}
        self._store = store
        self._stack = stack
        self._connection: Connection | None = None

    @property
    def connection(self) -> Connection:
        if self._connection is None:
            self._connection = self._stack.enter_context(self._store.connection())
        return self._connection


class _Here(threading.local):
    """What the thread is about."""

    def __init__(self) -> None:
        self.reading: _Reading | None = None
        self.watches: list[Marked] = []
