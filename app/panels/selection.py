"""Choosing cells: for each parameter that varies, one of its values or all of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from app.components.choices import Options, choice, choice_of
from app.wording import value_text
from storage.records import ExperimentRecord, Value

if TYPE_CHECKING:
    from dash.development.base_component import Component

ALL = "all"
Varying = Mapping[str, Sequence[Value]]


def first_view(experiment: ExperimentRecord, varying: Varying, keep: Sequence[str], most: int) -> dict[str, str]:
    """The choice for each parameter before anyone chooses: as much as makes at most so many series.

    Parameters with most values are fixed first, at the guide's value where there is one; those in `keep` last.
    """
    chosen = dict.fromkeys(varying, ALL)
    guide = experiment.guide_params or {}
    for name in sorted(varying, key=lambda name: (name in keep, -len(varying[name]))):
        if math.prod(len(varying[free]) for free, value in chosen.items() if value == ALL) <= most:
            break
        chosen[name] = str(guide[name] if guide.get(name) in varying[name] else varying[name][0])
    return chosen


def options_of(values: Sequence[Value]) -> Options:
    return [(ALL, ALL), *((str(value), value_text(value)) for value in values)]


def cell_choices(
    panel: str, varying: Varying, first: Mapping[str, str], query: Mapping[str, str]
) -> tuple[list[Component], dict[str, str]]:
    """The controls, and what they say when the page opens."""
    controls, values = [], {}
    for name, default in first.items():
        options = options_of(varying[name])
        values[f"p.{name}"] = choice_of(query, panel, f"p.{name}", options, default)
        controls.append(choice(panel, f"p.{name}", name, options, values[f"p.{name}"], default))
    return controls, values


def fixed_by(chosen: Mapping[str, str], varying: Varying) -> dict[str, Value]:
    """The parameters that the choices fix, with the values they stand for."""
    return {
        name: value
        for name, values in varying.items()
        for value in values
        if str(value) == chosen.get(f"p.{name}", ALL)
    }
