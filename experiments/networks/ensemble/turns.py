"""Threads that train networks by turns, so that all of them end at about the same time."""

from __future__ import annotations

from collections.abc import Generator
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from threading import Condition, Thread
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")

BEGUN = 4
"""Networks for each of several threads that may have begun and not ended; one thread trains one after the other."""
ROOM = 2**26
"""Bytes that networks which have begun may take; beyond that only one for each thread may have."""


@dataclass(frozen=True, order=True)
class _Training:
    """Least is served first: of the earlier block, then that with the most work left, then the first."""

    block: int
    debt: float
    """Minus the work that is left."""
    number: int
    work: float = field(compare=False)
    size: int = field(compare=False)
    turns: Generator[float, None, Any] = field(compare=False)
    future: Future[Any] = field(compare=False)


class Threads:
    """Threads that take turns at trainings: a turn ends when a training yields the share of its work that is left, and
    the next one goes to the training with the most. Nobody knows when a network will have converged; where one would
    be trained after the other, the last would be trained while the other threads wait.

    The threads are daemons: an abandoned iterator never holds up the exit.
    """

    def __init__(self, workers: int) -> None:
        self.stop = np.zeros(1, np.uint8)
        self._changed = Condition()
        self._waiting: list[_Training] = []
        self._paused: list[_Training] = []
        self._number = 0
        self._begun = 0
        self._size = 0
        self._workers = workers
        self._threads = [Thread(target=self._work, name=f"ensemble-{i}", daemon=True) for i in range(workers)]
        for thread in self._threads:
            thread.start()

    def submit(self, block: int, work: float, size: int, turns: Generator[float, None, T]) -> Future[T]:
        """Train by turns, in any unit of work and with `size` bytes. All of a block comes before the next one."""
        future: Future[T] = Future()
        with self._changed:
            heappush(self._waiting, _Training(block, -work, self._number, work, size, turns, future))
            self._number += 1
            self._changed.notify()
        return future

    def close(self) -> None:
        """Stop what is running, forget what is waiting, and return when every thread has ended."""
        self.stop[0] = 1
        with self._changed:
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _next(self) -> _Training | None:
        """The training whose turn it is, once there is one; None when all is over."""
        with self._changed:
            while not self.stop[0]:
                fresh = self._waiting if self._may_begin() else []
                queues = [queue for queue in (fresh, self._paused) if queue]
                if queues:
                    chosen = min(queues, key=lambda queue: queue[0])
                    training = heappop(chosen)
                    if chosen is fresh:
                        self._begun += 1
                        self._size += training.size
                    return training
                self._changed.wait()
        return None

    def _may_begin(self) -> bool:
        if not self._waiting or self._begun < self._workers:
            return True
        most = BEGUN * self._workers if self._workers > 1 else 1
        return self._begun < most and self._size + self._waiting[0].size <= ROOM

    def _work(self) -> None:
        while (training := self._next()) is not None:
            try:
                share = next(training.turns)
            except StopIteration as ended:
                training.future.set_result(ended.value)
                self._put_back(training, None)
            except BaseException as error:
                training.future.set_exception(error)
                self._put_back(training, None)
            else:
                self._put_back(training, share)
            del training  # nothing holds a result while the next turn is waited for

    def _put_back(self, training: _Training, share: float | None) -> None:
        """What is left of a training, or None where it has ended."""
        with self._changed:
            if share is None:
                self._begun -= 1
                self._size -= training.size
            else:
                heappush(self._paused, replace(training, debt=-share * training.work))
            self._changed.notify()
