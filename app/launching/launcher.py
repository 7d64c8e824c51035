"""The process of a batch that was started from the dashboard: its output, its end, and how to stop it."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from app.launching.plan import Plan, PlanError
from storage.address import VARIABLE, spoken

if TYPE_CHECKING:
    from storage.reading import Store

RUN_ALL = Path(__file__).parent.parent.parent / "run_all.py"
TAIL = 6000
"""Bytes of the output's end that are shown."""
ENDINGS = {
    0: "It ended well.",
    1: "It ended: a run failed, or the store could not be written.",
    2: "It could not begin.",
    3: "It ended well; a claim is refuted.",
    130: "It was stopped; what had finished is stored.",
}


@dataclass(frozen=True, kw_only=True)
class Launched:
    """The last process started here: `status` is None while it runs."""

    command: str
    status: int | None
    stopping: bool
    output: str

    @property
    def ending(self) -> str:
        if self.status is None:
            return "Stopping: what finished is being stored." if self.stopping else "Stop ends it as Ctrl-C does."
        return ENDINGS.get(self.status, f"It ended with status {self.status}.")


class Launcher:
    """Starts run_all.py on one store, one batch at a time. Every method may be called from any thread.

    A batch goes on when the dashboard ends, in a session of its own; the next dashboard knows only its row.
    """

    def __init__(self, store: Store, suites: Sequence[Path] = ()) -> None:
        """`suites` are more folders of experiments, as run_all.py takes them."""
        self.suites = tuple(suites)
        self._store = store
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._output: IO[bytes] | None = None
        self._command = ""
        self._stopping = False

    def start(self, plan: Plan) -> None:
        """Raises PlanError where a batch that was started here still runs."""
        arguments = [*plan.arguments(), *self._suite()]
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        if self._store.url.password is None:
            arguments += ["--store", spoken(self._store.url)]
        else:  # a command line is for everybody on the machine to see
            environment[VARIABLE] = self._store.url.render_as_string(hide_password=False)
        with self._lock:
            if self._process is not None and self._process.poll() is None:
                raise PlanError("A batch that was started here is running: stop it, or wait for its end.")
            if self._output is not None:
                self._output.close()
            self._output = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as somebody may look at it
            self._process = subprocess.Popen(
                [sys.executable, str(RUN_ALL), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=self._output,
                stderr=subprocess.STDOUT,
                env=environment,
                start_new_session=True,
            )
            self._command = shlex.join(["python", "run_all.py", *arguments])
            self._stopping = False

    def stop(self) -> None:
        """As Ctrl-C does, once; nothing happens where none that was started here runs."""
        with self._lock:
            if self._process is not None and self._process.poll() is None and not self._stopping:
                self._stopping = True
                self._process.send_signal(signal.SIGINT)

    def launched(self) -> Launched | None:
        """How the last one stands; None where none was started here."""
        with self._lock:
            if self._process is None or self._output is None:
                return None
            status = self._process.poll()
            return Launched(
                command=self._command, status=status, stopping=self._stopping, output=_end_of(self._output.fileno())
            )

    def close(self) -> None:
        """Forget the last one, which goes on where it runs."""
        with self._lock:
            if self._output is not None:
                self._output.close()
            self._process = self._output = None

    def _suite(self) -> list[str]:
        return ["--suite", *map(str, self.suites)] if self.suites else []


def _end_of(descriptor: int) -> str:
    size = os.fstat(descriptor).st_size
    text = os.pread(descriptor, TAIL, max(0, size - TAIL)).decode(errors="replace")  # the writer's position stays
    return text if size <= TAIL else "…\n" + text.partition("\n")[2]
