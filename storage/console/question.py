"""What a console process is asked, and what it answers: plain values that cross a pipe as JSON."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

Cell: TypeAlias = bool | int | float | str | bytes | None
MEBIBYTE = 2**20


class QueryError(Exception):
    """`str(error)` says in one sentence why the query has no answer."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """One query, and how much of its result is wanted.

    The first `skip` rows are left out, at most `rows` are answered, fewer where they would take more than `size` bytes.
    Those after them are counted for as long as `counting` seconds from the start. All of it ends after `seconds`.
    """

    sql: str
    skip: int = 0
    rows: int = 200
    size: int = 8 * MEBIBYTE
    seconds: float = 10.0
    counting: float = 1.0

    @property
    def overdue(self) -> str:
        """What is said where it did not end in time."""
        return f"The query did not end within {self.seconds:g} s: ask for fewer runs, or sort and join less."


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Rows of a result: `ended` where no more come after them, else `counted` rows at least are in all of it.

    With `ended` unset and `total` set all were counted. Names of columns may repeat.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    ended: bool
    counted: int
    total: int | None
    seconds: float


def question_text(question: Question, database: Mapping[str, Any]) -> bytes:
    return json.dumps({"question": asdict(question), "database": dict(database)}).encode()


def question_of(text: bytes) -> tuple[Question, dict[str, Any]]:
    both = json.loads(text)
    return Question(**both["question"]), both["database"]


def answer_text(answer: Answer) -> bytes:
    return json.dumps(asdict(answer), default=_written).encode()


def answer_of(text: bytes) -> Answer:
    """The answer; raises QueryError with the sentence of a refusal."""
    found = json.loads(text, object_hook=_read)
    if "refused" in found:
        raise QueryError(found["refused"])
    rows = tuple(tuple(row) for row in found.pop("rows"))
    return Answer(rows=rows, columns=tuple(found.pop("columns")), **found)


def refusal_text(sentence: str) -> bytes:
    return json.dumps({"refused": sentence}).encode()


def _written(value: object) -> dict[str, str]:
    assert isinstance(value, bytes)
    return {"bytes": base64.b64encode(value).decode()}


def _read(value: dict[str, Any]) -> Any:
    return base64.b64decode(value["bytes"]) if value.keys() == {"bytes"} else value
