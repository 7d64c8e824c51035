"""Who does the work: processes of this machine, or the workers of a Dask cluster."""

from __future__ import annotations

import multiprocessing
import os
from concurrent.futures import Executor, ProcessPoolExecutor
from multiprocessing.connection import Connection
from typing import Any, Protocol

from experiments.batch.worker import prepare


class CrewError(Exception):
    """The workers cannot be reached; the message is one sentence that says what to do."""


class Crew(Protocol):
    """Workers that can be hired again after they were dismissed; `size` is how many orders they serve at a time."""

    size: int

    def hire(self) -> Executor: ...

    def dismiss(self) -> None:
        """Ends whatever the workers are doing; their unfinished orders are void."""

    def check(self) -> None:
        """Raises CrewError where no worker can be reached any more."""

    def close(self) -> None:
        """Dismisses the workers for good."""


def cores() -> int:
    """The number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class LocalCrew:
    """Worker processes of this machine.

    They are started by a fork server, since the parent has threads, and hold the reading end of a pipe whose writing
    end only the parent has: closing it, or the parent's death, ends them at once.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._context = multiprocessing.get_context("forkserver")
        self._executor: ProcessPoolExecutor | None = None
        self._lifeline: tuple[Connection, Connection] | None = None

    def hire(self) -> Executor:
        self.dismiss()
        self._context.set_forkserver_preload(["experiments.batch.worker"])
        self._lifeline = self._context.Pipe(duplex=False)
        self._executor = ProcessPoolExecutor(
            self.size, mp_context=self._context, initializer=prepare, initargs=(self._lifeline[0],)
        )
        return self._executor

    def dismiss(self) -> None:
        if self._executor is None or self._lifeline is None:
            return
        reading, writing = self._lifeline
        writing.close()
        self._executor.shutdown(wait=True, cancel_futures=True)
        reading.close()
        self._executor = self._lifeline = None

    def check(self) -> None:
        return

    def close(self) -> None:
        self.dismiss()


class DaskCrew:
    """The workers of a Dask cluster, which must be able to import this laboratory."""

    def __init__(self, address: str) -> None:
        import logging

        from distributed import Client

        # What goes wrong is said by CrewError, in one sentence; the library would say it in a hundred lines.
        for name in ("distributed", "distributed.client", "tornado.application", "asyncio"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self._address = address
        try:
            self._client: Any = Client(address, timeout=10, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            reason = " ".join(str(error).split())
            raise CrewError(f"The scheduler {address} cannot be reached: {reason}") from error
        self.size = sum(self._client.nthreads().values())
        if self.size == 0:
            self._client.close()
            raise CrewError(f"The scheduler {address} has no workers: start some with `dask worker {address}`.")
        self._executor: Executor | None = None

    def hire(self) -> Executor:
        # Not pure: ordering a run again must run it again.
        executor: Executor = self._client.get_executor(pure=False)
        self._executor = executor
        return executor

    def dismiss(self) -> None:
        if self._executor is not None:
            self._executor.shutdown(wait=False)  # which cancels what is out
            self._executor = None

    def check(self) -> None:
        if self._client.status != "running":
            raise CrewError(f"The scheduler {self._address} is gone; the same command finishes the batch later.")

    def close(self) -> None:
        self.dismiss()
        self._client.close(timeout=5)


def crew_of(scheduler: str | None, workers: int | None) -> LocalCrew | DaskCrew:
    """The Dask cluster of this scheduler, or so many processes, as many as there are cores where neither is said."""
    return DaskCrew(scheduler) if scheduler else LocalCrew(workers or cores())
