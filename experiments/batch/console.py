"""A batch as its user sees it in the terminal: a live table, or plain lines where the output is no terminal."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Literal

from rich.console import Console
from rich.live import Live
from rich.table import Table

PLAIN_SECONDS = 10.0


def console(*, stderr: bool = False) -> Console:
    """Rich's console; a file or a pipe has room for every column."""
    found = Console(stderr=stderr, highlight=False)
    return found if found.is_terminal else Console(stderr=stderr, highlight=False, width=200)


@dataclass
class Pace:
    """How far one experiment is; `seconds` is the work that its runs took, over all workers."""

    planned: int
    done: int = 0
    failed: int = 0
    seconds: float = 0.0
    started: float | None = None

    def rate(self, now: float) -> float | None:
        """Runs a second since the first one was handed out; None before one came back."""
        if self.started is None or not self.done:
            return None
        return self.done / max(now - self.started, 1e-3)


class Progress:
    """Counts runs as they come in and shows done/planned, rate and time left for every experiment and in all."""

    def __init__(self, out: Console, planned: Mapping[str, int], workers: int) -> None:
        self._out = out
        self._workers = workers
        self._paces = {name: Pace(count) for name, count in planned.items() if count}
        self._begun = time.monotonic()
        self._last_line = self._begun
        self._live = Live(get_renderable=self.table, console=out, refresh_per_second=4, transient=True)

    def __enter__(self) -> Progress:
        if self._out.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._out.is_terminal:
            self._live.stop()
        elif kind is None:
            self._lines()

    @property
    def done(self) -> int:
        return sum(pace.done for pace in self._paces.values())

    @property
    def failed(self) -> int:
        return sum(pace.failed for pace in self._paces.values())

    @property
    def planned(self) -> int:
        return sum(pace.planned for pace in self._paces.values())

    def add(self, experiment: str, *, done: int = 0, failed: int = 0, seconds: float = 0.0) -> None:
        """So many more runs came in; runs that another batch stored meanwhile took no seconds of ours."""
        pace = self._paces[experiment]
        pace.started = pace.started if pace.started is not None else time.monotonic() - seconds
        pace.done += done
        pace.failed += failed
        pace.seconds += seconds

    def tick(self) -> None:
        """Prints plain lines every ten seconds where there is no live table."""
        if not self._out.is_terminal and time.monotonic() - self._last_line >= PLAIN_SECONDS:
            self._lines()

    def seconds_left(self) -> float | None:
        """From what a run of each experiment took so far, or any run where none of it came in; None at first."""
        done, seconds = self.done, sum(pace.seconds for pace in self._paces.values())
        if not done or not seconds:
            return None
        left = sum(
            (pace.planned - pace.done) * (pace.seconds / pace.done if pace.seconds and pace.done else seconds / done)
            for pace in self._paces.values()
        )
        return left / self._workers

    def table(self) -> Table:
        now = time.monotonic()
        table = Table(box=None, pad_edge=False)
        for title in ("", "done", "planned", "failed", "runs/s", "left"):
            table.add_column(title, justify="left" if title == "" else "right")
        for name, pace in self._paces.items():
            table.add_row(name, *self._cells(pace, now, self._left(pace)))
        whole = Pace(self.planned, self.done, self.failed, started=self._begun)
        table.add_row("in all", *self._cells(whole, now, self.seconds_left()), style="bold")
        return table

    def _left(self, pace: Pace) -> float | None:
        if not pace.done or not pace.seconds:
            return 0.0 if pace.done == pace.planned else None
        return (pace.planned - pace.done) * pace.seconds / pace.done / self._workers

    @staticmethod
    def _cells(pace: Pace, now: float, left: float | None) -> tuple[str, ...]:
        rate = pace.rate(now)
        return (
            str(pace.done),
            str(pace.planned),
            str(pace.failed or ""),
            "" if rate is None else f"{rate:.3g}",
            "" if left is None else "done" if pace.done == pace.planned else _clock(left),
        )

    def _lines(self) -> None:
        self._last_line = now = time.monotonic()
        running = [(name, pace) for name, pace in self._paces.items() if 0 < pace.done < pace.planned]
        whole = Pace(self.planned, self.done, self.failed, started=self._begun)
        for name, pace, left in [
            *((name, pace, self._left(pace)) for name, pace in running),
            ("in all", whole, self.seconds_left()),
        ]:
            done, planned, failed, rate, eta = self._cells(pace, now, left)
            parts = [f"{name}: {done}/{planned} runs"]
            parts += [f"{failed} failed"] if failed else []
            parts += [f"{rate} runs/s"] if rate else []
            parts += [f"{eta} left"] if eta and eta != "done" else []
            self._out.print(", ".join(parts), soft_wrap=True, markup=False)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}"


def print_table(
    out: Console, titles: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()
) -> None:
    """A plain table; the columns whose positions are in `right` are aligned to the right."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for position, title in enumerate(titles):
        justify: Literal["left", "right"] = "right" if position in right else "left"
        table.add_column(title, justify=justify, overflow="fold", no_wrap=position == 0)
    for row in rows:
        table.add_row(*(_escaped(cell) for cell in row))
    out.print(table)


def _escaped(cell: str) -> str:
    from rich.markup import escape

    return escape(cell)
