"""Writing SQL for people: the SELECT that gives what a figure shows, in the words of the store's public views."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from storage.records import Value


def name(word: str) -> str:
    """An identifier: quoted, since metrics may have names of any kind."""
    return (
        word if word.isascii() and word.isidentifier() and word == word.lower() else '"' + word.replace('"', '""') + '"'
    )


RESULTS = frozenset(("value", "mean", "standard_error", "low", "high", "n"))
"""Columns that means_by and the numbers of figures add to the parameters."""


def beside(param: str, taken: Collection[str] = RESULTS) -> str:
    """The parameter's column next to columns of the names `taken`: param_NAME where it is one of them."""
    return f"param_{param}" if param in taken else param


def literal(value: Value) -> str:
    """A parameter's value as the views hold it."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        return repr(value)
    return "'" + str(value).replace("'", "''") + "'"


def where(fixed: Mapping[str, Value], *more: str) -> str:
    """WHERE … on a line of its own, or nothing."""
    conditions = [f"{name(param)} = {literal(value)}" for param, value in fixed.items()] + list(more)
    return "\nWHERE " + "\n  AND ".join(conditions) if conditions else ""


def means_by(columns: Sequence[str], value: str, source: str, condition: str) -> str:
    """Mean, standard error and n of `value` in each group of the columns; two passes, so that no digits are lost.

    A column that is named as one of RESULTS is given as param_NAME.
    """
    named = [(name(each), name(beside(each))) for each in columns]
    keys = ", ".join(told for _, told in named)
    held = ", ".join(each if each == told else f"{each} AS {told}" for each, told in named)
    over = f"PARTITION BY {', '.join(each for each, _ in named)}" if named else ""
    return (
        f"SELECT {keys}{', ' if keys else ''}avg(value) AS mean,\n"
        f"  sqrt(sum((value - mean) * (value - mean)) / nullif(count(*) - 1, 0) / count(*)) AS standard_error,\n"
        f"  count(*) AS n\n"
        f"FROM (SELECT {held}{', ' if keys else ''}{value} AS value,\n"
        f"        avg({value}) OVER ({over}) AS mean\n"
        f"      FROM {source}{condition})  AS one" + (f"\nGROUP BY {keys}\nORDER BY {keys}" if keys else "")
    )
