"""Filters drawn at random mean what Python says they do, and hostile text does nothing, on both databases."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from storage.queries import LanguageError, RunFilter, found_counts, found_runs
from storage.records import RunRecord, Value
from tests.storage.filtered import ARMS, filled, found, passing, runs


@pytest.fixture(scope="module")
def connection(each_database: str) -> Iterator[Connection]:
    with filled(each_database) as opened:
        yield opened


VALUES: dict[str, Callable[[RunRecord], Value | None]] = {
    "width": lambda run: run.params.get("width"),
    "rate": lambda run: run.params.get("rate"),
    "arm": lambda run: run.params["arm"],
    "shuffled": lambda run: run.params["shuffled"],
    "depth": lambda run: run.params.get("depth"),
    "risk": lambda run: run.metrics.get("risk"),
    "time": lambda run: run.metrics.get("time"),
    "seed": lambda run: run.seed,
    "status": lambda run: run.status,
}
RELATIONS = {
    "=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
Passes = Callable[[RunRecord], bool | None]
"""What the language means, evaluated in Python: None where a run lacks the name."""


@st.composite
def comparisons(draw: st.DrawFn) -> tuple[str, Passes]:
    name = draw(st.sampled_from(sorted(VALUES)))
    numbers = st.one_of(st.integers(-3, 40), st.floats(-3, 40, allow_nan=False).map(lambda value: round(value, 3)))
    values: st.SearchStrategy[Any] = {
        "shuffled": st.booleans(),
        "status": st.sampled_from(["ok", "failed", "Ok"]),
        "arm": st.sampled_from(ARMS),
    }.get(name, numbers)
    sign = draw(st.sampled_from(["=", "!="] if name == "shuffled" else sorted(RELATIONS)))
    value = draw(values)
    quoted = "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value).lower()

    def passes(run: RunRecord) -> bool | None:
        stored = VALUES[name](run)
        if stored is None or isinstance(stored, bool) != isinstance(value, bool):
            return None
        if isinstance(stored, str) != isinstance(value, str):
            return None
        if isinstance(stored, str):
            return bool(RELATIONS[sign](stored.encode(), value.encode()))
        return bool(RELATIONS[sign](stored, value))

    return f"{name} {sign} {quoted}", passes


def joined(parts: st.SearchStrategy[tuple[str, Passes]]) -> st.SearchStrategy[tuple[str, Passes]]:
    def all_of(several: list[tuple[str, Passes]]) -> tuple[str, Passes]:
        return " and ".join(f"({text})" for text, _ in several), lambda run: kleene_and([p(run) for _, p in several])

    def any_of(several: list[tuple[str, Passes]]) -> tuple[str, Passes]:
        return " or ".join(f"({text})" for text, _ in several), lambda run: kleene_or([p(run) for _, p in several])

    def opposite(part: tuple[str, Passes]) -> tuple[str, Passes]:
        return f"not ({part[0]})", lambda run: None if (passed := part[1](run)) is None else not passed

    several = st.lists(parts, min_size=2, max_size=4)
    return st.one_of(several.map(all_of), several.map(any_of), parts.map(opposite))


def kleene_and(several: list[bool | None]) -> bool | None:
    """Three-valued, as SQL's own AND."""
    return False if False in several else None if None in several else True


def kleene_or(several: list[bool | None]) -> bool | None:
    return True if True in several else None if None in several else False


@settings(max_examples=120, deadline=None, derandomize=True)
@given(asked=st.recursive(comparisons(), joined, max_leaves=8))
def test_any_filter_means_what_python_says_it_does(connection: Connection, asked: tuple[str, Passes]) -> None:
    text, passes = asked
    assert found(connection, text) == passing(lambda run: passes(run) is True)


SIGNS = "width risk arm seed and or not in is missing contains like ( ) , = != < >= 64 -1e5 'a' true `x` run.id"
STRANGE = "param.arm metric. $.a :x ? %s %(a)s -- ; /* */ \\ % ' \"b DROP TABLE run OR 1=1 \x00 \ud800 \u202e 🦆"
WORDS = st.sampled_from([*SIGNS.split(), *STRANGE.split(), "'; DELETE FROM run; --", "9" * 40])


@settings(max_examples=200, deadline=None, derandomize=True)
@given(asked=st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=14).map(" ".join)))
def test_hostile_text_is_answered_or_refused_in_one_sentence_and_writes_nothing(
    connection: Connection, asked: str
) -> None:
    refusal, kept = "", []
    try:
        kept = found(connection, asked)
    except LanguageError as error:
        refusal = str(error)
    if refusal:
        assert refusal.endswith((".", "?"))
        assert "\n" not in refusal
    else:
        assert found_counts(connection, RunFilter(where=asked)).runs == len(kept)
    assert len(found_runs(connection, RunFilter())) == len(runs())
