"""Hands out orders and takes in runs, whatever happens to the workers."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait

from experiments.batch.crew import Crew
from experiments.batch.plan import Cell
from experiments.batch.worker import Order, StaleSourceError, failure, order, work
from storage.records import RunRecord

POLL_SECONDS = 0.25
ORDER_SECONDS = 0.5
"""An order is sized to take about so long: short enough to balance the load, long enough to hide the sending."""
ENSEMBLE = 32
"""Seeds of one order to an experiment that runs its seeds together."""

Held = Callable[[Sequence[str]], Collection[str]]


def execute(cells: Sequence[Cell], crew: Crew, held: Held, stop: Callable[[], bool]) -> Iterator[list[RunRecord]]:
    """Runs what is not held yet, in lists as it comes in; an empty list at least every quarter of a second or so.

    `held` says which of some keys need no run any more; it is asked right before each order, since another batch may
    have run them meanwhile. A worker that dies takes the others with it: the orders that were out are tried once more,
    run by run, and a run that kills its worker again is recorded as failed. Raises CrewError where no worker is left
    to be had, and StaleSourceError where one has another version of a suite file.
    """
    todo = _Todo(cells, held)
    executor = crew.hire()
    out: dict[Future[list[RunRecord]], Order] = {}
    try:
        while not stop():
            suspects: list[Order] = []
            while not suspects and len(out) < 2 * crew.size and (next_order := todo.take()) is not None:
                try:
                    out[executor.submit(work, next_order)] = next_order
                except BrokenExecutor:
                    suspects.append(next_order)
            if not out and not suspects:
                return
            runs: list[RunRecord] = []
            broken = bool(suspects)
            done, _ = wait(out, timeout=POLL_SECONDS, return_when=FIRST_COMPLETED)
            for future in done:
                finished = out.pop(future)
                try:
                    runs += future.result()
                except StaleSourceError:
                    raise
                except Exception as error:
                    broken |= isinstance(error, BrokenExecutor)
                    suspects.append(finished)
            todo.learn(runs)
            yield runs
            if broken:
                suspects += out.values()
                out.clear()
            for suspect in suspects:
                crew.check()
                for single in suspect.one_by_one():
                    if broken:
                        executor = crew.hire()
                        broken = False
                    future = executor.submit(work, single)
                    while not stop() and not wait([future], timeout=POLL_SECONDS).done:
                        yield []
                    if stop():
                        return
                    runs, broken = _alone(future, single, crew)
                    yield runs
            if broken:
                executor = crew.hire()
    finally:
        crew.dismiss()


def _alone(future: Future[list[RunRecord]], single: Order, crew: Crew) -> tuple[list[RunRecord], bool]:
    """What came of a run that had no company, and whether its worker died of it."""
    try:
        return future.result(), False
    except StaleSourceError:
        raise
    except Exception as error:
        crew.check()
        died = isinstance(error, BrokenExecutor) or type(error).__name__ == "KilledWorker"
        reason = "its worker process died twice while running it" if died else f"{type(error).__name__}: {error}"
        return [failure(single, f"The run was given up: {reason}.")], isinstance(error, BrokenExecutor)


class _Todo:
    """The runs that are still to be ordered, in orders of a sensible size; bits do not depend on the size."""

    def __init__(self, cells: Sequence[Cell], held: Held) -> None:
        self._cells = deque((cell, list(range(len(cell.keys)))) for cell in cells)
        self._held = held
        self._seconds: dict[str, float] = {}

    def learn(self, runs: Sequence[RunRecord]) -> None:
        for run in runs:
            self._seconds[run.experiment] = run.seconds

    def take(self) -> Order | None:
        while self._cells:
            cell, seeds = self._cells[0]
            size = self._size(cell)
            now, later = seeds[:size], seeds[size:]
            self._cells.popleft()
            if later:
                self._cells.appendleft((cell, later))
            held = self._held([cell.keys[seed] for seed in now])
            missing = [seed for seed in now if cell.keys[seed] not in held]
            if missing:
                return order(cell.entry, cell.params, missing, [cell.keys[seed] for seed in missing])
        return None

    def _size(self, cell: Cell) -> int:
        if cell.entry.experiment.run_ensemble is not None:
            return ENSEMBLE
        seconds = self._seconds.get(cell.entry.name)
        return 1 if seconds is None else max(1, min(50, int(ORDER_SECONDS / max(seconds, 1e-6))))
