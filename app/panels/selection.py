"""Choosing cells: for each parameter that varies, one of its values, several, or all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from app.components.choices import ALL, SEVERAL, Offer, Options
from app.numbers.series import alike
from app.text.wording import value_text
from storage.records import Value

if TYPE_CHECKING:
    import pandas as pd

POOLED = "~"
Varying = Mapping[str, Sequence[Value]]


def first_view(
    runs: pd.DataFrame, names: Sequence[str], guide: Mapping[str, Value], most: int, keep: Sequence[str] = ()
) -> dict[str, str]:
    """The choice for each parameter in `names` before anyone chooses: what makes at most so many different series.

    The parameters with most values are fixed first, those in `keep` last; each at the value that most cells have, and
    at the guide's among equals.
    """
    chosen = dict.fromkeys(names, ALL)
    one_a_cell = np.unique(alike(runs, list(runs.columns.drop("seed"))), return_index=True)[1]
    cells = runs.iloc[np.sort(one_a_cell)]
    free = sorted(names, key=lambda name: (name in keep, -cells[name].nunique()))
    while free and alike(cells, free).max(initial=-1) >= most:
        name = free.pop(0)
        held = cells[name].value_counts()
        among = held[held == held.max()].index
        value = guide[name] if guide.get(name) in among else among[0]
        chosen[name] = str(value)
        cells = cells[cells[name] == value]
    return chosen


def options_of(values: Sequence[Value]) -> Options:
    return [(ALL, "all"), *((str(value), value_text(value)) for value in values)]


def cell_offers(varying: Varying, first: Mapping[str, str], prefix: str = "p.", of: str = "") -> list[Offer]:
    """One choice for each parameter, under prefix + its name: all, or one of its values.

    `of` is the experiment, where the page has parameters of several.
    """
    return [
        Offer(key=prefix + name, label=f"{of} {name}".lstrip(), options=options_of(varying[name]), default=default)
        for name, default in first.items()
    ]


def fixed_by(chosen: Mapping[str, str], varying: Varying, prefix: str = "p.") -> dict[str, Value]:
    """The parameters that these choices fix, with the values they stand for."""
    return {
        name: value
        for name, values in varying.items()
        for value in values
        if str(value) == chosen.get(prefix + name, ALL)
    }


def several_offers(prefix: str, varying: Varying, first: Mapping[str, str]) -> list[Offer]:
    """One choice for each parameter, under prefix + its name: any of its values (none: each), pooled or told apart."""
    return [
        Offer(
            key=prefix + name,
            label=name,
            options=[(POOLED, "pooled"), *((_token(value), value_text(value)) for value in varying[name])],
            default=_token(default),
            several=True,
            empty="each value",
        )
        for name, default in first.items()
    ]


def kept_and_pooled(
    chosen: Mapping[str, str], prefix: str, varying: Varying
) -> tuple[dict[str, list[Value]], list[str]]:
    """What several_offers() chose: the values left of each parameter of which not all are, and which are pooled."""
    kept: dict[str, list[Value]] = {}
    pooled = []
    for name, values in varying.items():
        tokens = chosen.get(prefix + name, ALL).split(SEVERAL)
        if POOLED in tokens:
            pooled.append(name)
        among = [value for value in values if _token(value) in tokens]
        if 0 < len(among) < len(values):
            kept[name] = among
    return kept, pooled


def _token(value: object) -> str:
    """A value as the URL says it; SEVERAL in it would part it."""
    return str(value).replace(SEVERAL, "¦")
