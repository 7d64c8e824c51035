"""What a filter of runs means in SQL: names are looked up in the store, values become bound parameters."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import reduce
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Double, Text, and_, false, func, literal, or_, select

from storage import tables
from storage.moments import Moment
from storage.queries.run_language import (
    Comparison,
    Condition,
    Every,
    LanguageError,
    Literals,
    Number,
    Truth,
    parse,
)
from storage.queries.run_values import bytewise, param_number, param_text, place

RUN_COLUMNS: Mapping[str, str] = {
    "run": "id",
    "id": "id",
    "key": "key",
    "experiment": "experiment",
    "revision": "revision",
    "seed": "seed",
    "batch": "batch_id",
    "batch_id": "batch_id",
    "status": "status",
    "error": "error",
    "seconds": "seconds",
    "started_at": "started_at",
    "fingerprint": "fingerprint",
}
"""What people call the columns of run."""
_COLUMN_KINDS = {"id": "int", "revision": "int", "seed": "int", "batch_id": "int"}
_COLUMN_KINDS |= {"seconds": "float", "started_at": "moment"}
_SAID = {"int": "a number", "float": "a number", "bool": "true or false", "str": "text", "moment": "a moment"}


@dataclass(frozen=True)
class Meaning:
    """What a name stands for in some experiments: `source` is run, param or metric; `name` what it is called there.

    `kind` is int, float, str, bool or moment; `experiments` is None where every run that is asked for may have it.
    """

    source: str
    name: str
    kind: str
    experiments: frozenset[str] | None = None


def known_names(connection: Connection, experiment: str | None = None) -> dict[str, tuple[Meaning, ...]]:
    """Every name that the runs of all experiments have, or of one; `run.`, `param.` or `metric.` may stand before it.

    A column of run goes before a parameter or metric of the same name, which then needs the word before it.
    """
    owners: dict[Meaning, set[str]] = {}
    for source, table, kind in (
        ("param", tables.ParamInfo, tables.ParamInfo.type),
        ("metric", tables.MetricInfo, literal("float")),
    ):
        query = select(table.experiment, table.name, kind).order_by(table.name)
        for owner, name, of_kind in connection.execute(query):
            if experiment in (None, owner):
                owners.setdefault(Meaning(source, name, of_kind), set()).add(owner)
    found: dict[str, tuple[Meaning, ...]] = {}
    for bare, of in owners.items():
        meaning = bare if experiment is not None else replace(bare, experiments=frozenset(of))
        for called in (meaning.name, f"{meaning.source}.{meaning.name}"):
            found[called] = (*found.get(called, ()), meaning)
    for called, column in RUN_COLUMNS.items():
        found[called] = found[f"run.{called}"] = (Meaning("run", column, _COLUMN_KINDS.get(column, "str")),)
    return found


def where(connection: Connection, asked: str, experiment: str | None = None) -> ColumnElement[bool] | None:
    """The condition on `run` that `asked` states; None where it asks nothing. Raises LanguageError."""
    condition = parse(asked)
    if condition is None:
        return None
    passes, among = _Meant(known_names(connection, experiment), experiment).said(condition)
    return passes if among is None else and_(_of(among), passes)


Among = frozenset[str] | None
"""The experiments whose runs alone can pass, None where all can: it spares the database every other run."""


@dataclass(frozen=True)
class _Meant:
    names: Mapping[str, tuple[Meaning, ...]]
    experiment: str | None

    def said(self, condition: Condition) -> tuple[ColumnElement[bool], Among]:
        if isinstance(condition, Comparison):
            return self.compared(condition)
        parts = [self.said(part) for part in condition.parts]
        if isinstance(condition, Every):
            known = [among for _, among in parts if among is not None]
            return and_(*(part for part, _ in parts)), reduce(operator.and_, known) if known else None
        return or_(*(part for part, _ in parts)), _all_of(among for _, among in parts)

    def compared(self, comparison: Comparison) -> tuple[ColumnElement[bool], Among]:
        meanings = self.names.get(comparison.name)
        if meanings is None:
            raise LanguageError(self.unknown(comparison.name))
        _refuse_senseless(comparison, meanings)
        if comparison.operator == "missing":  # also in the runs of experiments that know no such name
            known, among = self.compared(replace(comparison, operator="not missing"))
            return ~(known if among is None else and_(_of(among), known)), None
        tests = [(meaning, _test(meaning, comparison)) for meaning in meanings]
        possible = [(meaning, test) for meaning, test in tests if test is not None]
        passes = [
            test if meaning.experiments is None else and_(_of(meaning.experiments), test) for meaning, test in possible
        ]
        return or_(*passes), _all_of(meaning.experiments for meaning, _ in possible)

    def unknown(self, name: str) -> str:
        """The nearest name is looked for without regard to capitals."""
        lower = {known.lower(): known for known in sorted(self.names, reverse=True)}
        near = get_close_matches(name.lower(), lower, n=1)
        said = f"No run has a {name}" if self.experiment is None else f"{self.experiment} has no {name}"
        return f"{said}: did you mean {lower[near[0]]}?" if near else f"{said}, and nothing with a name like it."


def _of(experiments: Iterable[str]) -> ColumnElement[bool]:
    listed = sorted(experiments)
    return tables.Run.experiment.in_(listed) if listed else false()


def _all_of(several: Iterable[Among]) -> Among:
    found: Among = frozenset()
    for among in several:
        found = None if found is None or among is None else found | among
    return found


def _test(meaning: Meaning, comparison: Comparison) -> ColumnElement[bool] | None:
    """Whether a run passes, by what the name means there; None where nothing of that kind can be so compared."""
    told = comparison.operator
    if told == "not missing":
        return _known(meaning)
    values = [value for each in comparison.values if (value := _value(meaning, each)) is not None]
    if not values or not _comparable(meaning, told):
        return None
    compare = _COMPARE[told]
    if meaning.source == "metric":
        metric = tables.Metric
        named = (metric.run_id == tables.Run.id) & (metric.name == meaning.name)
        return select(metric.run_id).where(named, compare(metric.value.expression, values)).exists()
    return compare(_stored(meaning), values)


def _known(meaning: Meaning) -> ColumnElement[bool]:
    if meaning.source == "metric":
        metric = tables.Metric
        return select(metric.run_id).where(metric.run_id == tables.Run.id, metric.name == meaning.name).exists()
    if meaning.source == "param":
        params = tables.Run.params, meaning.name
        return or_(param_number(*params).is_not(None), param_text(*params).is_not(None))
    column = getattr(tables.Run, meaning.name)
    return column != "" if meaning.kind == "str" else column.is_not(None)  # type: ignore[no-any-return]  # by its name


def _stored(meaning: Meaning) -> ColumnElement[Any]:
    if meaning.source == "param":
        made = param_text if meaning.kind == "str" else param_number
        value: ColumnElement[Any] = made(tables.Run.params, meaning.name)
    else:
        value = getattr(tables.Run, meaning.name).expression
    return bytewise(value) if meaning.kind == "str" else value


def _value(meaning: Meaning, told: Literals) -> ColumnElement[Any] | None:
    """The value as a bound parameter of the kind that the name has there; None where it is of another."""
    kind = meaning.kind
    if kind == "str":
        return literal(_written(told), Text())
    if isinstance(told, Truth):
        return literal(float(told.value), Double()) if kind == "bool" else None
    if isinstance(told, Number):
        if kind == "int" and meaning.source == "run" and isinstance(told.value, int):
            return literal(told.value, BigInteger())  # an index of integers is used
        return literal(float(told.value), Double()) if kind in ("int", "float") else None
    return _moment(told.value) if kind == "moment" else None


def _written(told: Literals) -> str:
    if isinstance(told, Truth):
        return "true" if told.value else "false"
    return told.written if isinstance(told, Number) else told.value


def _moment(written: str) -> ColumnElement[datetime] | None:
    """Without a time zone it is UTC, as the pages write moments."""
    try:
        moment = datetime.fromisoformat(written)
        return literal(moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC), Moment())
    except (ValueError, OverflowError):
        return None


_OF_TEXT = ("contains", "not contains", "like", "not like")


def _contains(value: ColumnElement[Any], values: list[ColumnElement[Any]]) -> ColumnElement[bool]:
    """Capitals A to Z count as small letters: what both databases can do alike."""
    return place(func.lower(value), func.lower(bytewise(values[0]))) > 0


def _like(value: ColumnElement[Any], values: list[ColumnElement[Any]]) -> ColumnElement[bool]:
    r"""% stands for any letters and _ for one; a \ is a \ on both databases."""
    pattern = func.replace(func.lower(bytewise(values[0])), "\\", "\\\\")
    return func.lower(value).like(pattern, escape="\\")


_Compare = Callable[[ColumnElement[Any], list[ColumnElement[Any]]], ColumnElement[bool]]
_COMPARE: Mapping[str, _Compare] = {
    "=": lambda value, values: value == values[0],
    "!=": lambda value, values: value != values[0],
    "<": lambda value, values: value < values[0],
    "<=": lambda value, values: value <= values[0],
    ">": lambda value, values: value > values[0],
    ">=": lambda value, values: value >= values[0],
    "in": lambda value, values: value.in_(values),
    "not in": lambda value, values: value.not_in(values),
    "contains": _contains,
    "not contains": lambda value, values: ~_contains(value, values),
    "like": _like,
    "not like": lambda value, values: ~_like(value, values),
}


def _comparable(meaning: Meaning, told: str) -> bool:
    if told in _OF_TEXT:
        return meaning.kind == "str"
    return meaning.kind != "bool" or told[0] not in "<>"


def _refuse_senseless(comparison: Comparison, meanings: Iterable[Meaning]) -> None:
    """A comparison that nothing of this name has, and a value that it can never have, also one in a list."""
    name, told = comparison.name, comparison.operator
    able = [meaning for meaning in meanings if told.endswith("missing") or _comparable(meaning, told)]
    if not able:
        word = told.removeprefix("not ")
        asked = "text" if word in _OF_TEXT else "what has an order"
        raise LanguageError(f"{name} is {_kinds(meanings)}; {word} is for {asked}.")
    for value in comparison.values:
        if all(_value(meaning, value) is None for meaning in able):
            raise LanguageError(f"{name} is {_kinds(able)}; {_written(value)} is not.")


def _kinds(meanings: Iterable[Meaning]) -> str:
    kinds = " or ".join(dict.fromkeys(_SAID[meaning.kind] for meaning in meanings))
    return f"{kinds} such as '2026-03-01 12:00'" if kinds == "a moment" else kinds
