"""The process of one query: reads a question from standard input, writes the answer, and ends."""

from __future__ import annotations

import contextlib
import itertools
import os
import resource
import sys
import time
from collections.abc import Iterator

from storage.console.question import (
    MEBIBYTE,
    Answer,
    Cell,
    QueryError,
    Question,
    answer_text,
    question_of,
    refusal_text,
)

MEMORY = 1024 * MEBIBYTE
"""Address space of the process, libraries included; SQLite is held to less, so that it can say so."""
WRITTEN = 16 * MEBIBYTE
"""Greatest file that the process may make longer: SQLite may have to rebuild the index of a log, and nothing else."""
COUNTED_AT_ONCE = 100
"""Rows counted between two looks at the clock."""
TOO_MUCH = "The query needs more memory than the console gives it: ask for fewer or shorter values, or group them."


def main() -> None:
    question, database = question_of(sys.stdin.buffer.read())
    hold_to_limits(question.seconds)
    try:
        written = answer_text(answered(question, database))
    except QueryError as error:
        written = refusal_text(str(error))
    except MemoryError:
        written = refusal_text(TOO_MUCH)
    sys.stdout.buffer.write(written)
    sys.stdout.buffer.flush()
    os._exit(0)  # what the database still holds, the end of the process frees sooner


def answered(question: Question, database: dict[str, str]) -> Answer:
    begun = time.monotonic()
    if database.pop("dialect") == "sqlite":
        from storage.console.sqlite import opened
    else:
        from storage.console.postgresql import opened  # loads psycopg, which takes ten times as long
    with opened(question, database) as (columns, rows):
        return collected(question, columns, rows, begun)


def hold_to_limits(seconds: float) -> None:
    """Let the kernel end what the database's own limits do not reach."""
    os.nice(5)  # the dashboard goes first
    for kind, limit in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, WRITTEN),
        (resource.RLIMIT_CPU, int(seconds) + 5),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):  # not every system has each of them
            resource.setrlimit(kind, (limit, limit))


def collected(question: Question, columns: tuple[str, ...], rows: Iterator[tuple[Cell, ...]], begun: float) -> Answer:
    """The rows asked for, and how many there are."""
    counted = sum(1 for _ in itertools.islice(rows, question.skip))
    taken: list[tuple[Cell, ...]] = []
    left, ended = question.size, True
    for row in rows:
        counted += 1
        left -= sum(weight(value) for value in row)
        if len(taken) == question.rows or left < 0:
            ended = False
            break
        taken.append(row)
    if not taken and not ended and question.rows:
        raise QueryError(f"A row of the result holds more than {question.size // MEBIBYTE} MB: ask for less of it.")
    total = counted if ended else None
    while not ended and total is None and time.monotonic() - begun < question.counting:
        some = sum(1 for _ in itertools.islice(rows, COUNTED_AT_ONCE))
        counted += some
        total = counted if some < COUNTED_AT_ONCE else None
    return Answer(
        columns=columns,
        rows=tuple(taken),
        ended=ended,
        counted=counted,
        total=total,
        seconds=time.monotonic() - begun,
    )


def weight(value: Cell) -> int:
    """About as many bytes as the value takes on its way."""
    return 8 + len(value) if isinstance(value, (str, bytes)) else 16
