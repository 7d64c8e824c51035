"""The runs around one: its cell at other seeds, and the cells that differ from its own in one parameter alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from dash import dcc, html

from app.components.run_choice import MOST_RUNS, runs_address
from app.numbers.series import varying
from app.reader import Reader
from app.text.wording import value_text
from storage.queries import RunRow, cells_of_runs
from storage.records import Value

if TYPE_CHECKING:
    import pandas as pd
    from dash.development.base_component import Component

MOST_LINKS = 40
"""Links of one row."""


@dataclass(frozen=True)
class Row:
    """Runs that differ in `name` alone, in its order: (value, run's id); the run itself has the value `own`."""

    name: str
    own: Value
    runs: tuple[tuple[Value, int], ...]

    @property
    def beside(self) -> tuple[int | None, int | None]:
        """The run before this one and the one after it."""
        before = [run_id for value, run_id in self.runs if _order(value) < _order(self.own)]
        after = [run_id for value, run_id in self.runs if _order(value) > _order(self.own)]
        return (before[-1] if before else None), (after[0] if after else None)


def _order(value: Value) -> tuple[bool, float, str]:
    return (True, 0.0, value) if isinstance(value, str) else (False, float(value), "")


def rows(read: Reader, run: RunRow) -> list[Row]:
    """The seeds of its cell, then each parameter that varies; of the present revision's successful runs."""
    runs = read(cells_of_runs, run.experiment)
    if runs.empty:
        return []
    found = [Row("seed", run.seed, _pairs(runs, "seed", dict(run.params)))]
    for name in varying(runs):
        if name in run.params:
            others = {other: value for other, value in run.params.items() if other != name} | {"seed": run.seed}
            found.append(Row(name, run.params[name], _pairs(runs, name, others)))
    return [row for row in found if any(run_id != run.id for _, run_id in row.runs)]


def _pairs(runs: pd.DataFrame, name: str, fixed: Mapping[str, Value]) -> tuple[tuple[Value, int], ...]:
    if not set(fixed) <= set(runs.columns):
        return ()  # an older revision with other parameters
    keep = np.ones(len(runs), dtype=bool)
    for column, value in fixed.items():
        keep &= (runs[column] == value).to_numpy()
    of = runs.loc[keep, name]
    return tuple(sorted(zip(of.tolist(), of.index.tolist(), strict=True), key=lambda pair: _order(pair[0])))


def section(run: RunRow, found: Sequence[Row]) -> Component | None:
    """A link to each neighbour, and one to compare them all; None where the run has none."""
    if not found:
        return None
    return html.Section(
        [
            html.H2("Neighbours"),
            html.Dl([_row(run, row) for row in found], className="facts neighbours"),
        ],
        **{"aria-label": "Neighbours"},
    )


def _row(run: RunRow, row: Row) -> Component:
    links: list[Component] = []
    for value, run_id in row.runs[:MOST_LINKS]:
        here = run_id == run.id
        text = value_text(value)
        links.append(html.Strong(text, title="this run") if here else dcc.Link(text, href=f"/run/{run_id}"))
    if len(row.runs) > MOST_LINKS:
        links.append(html.Span(f"and {len(row.runs) - MOST_LINKS} more", className="quiet"))
    others = [run_id for _, run_id in row.runs if run_id != run.id][: MOST_RUNS - 1]
    compare = dcc.Link("compare", href=runs_address([run.id, *others]), className="quiet")
    compare_named = html.Span(compare, title=f"Compare with the runs that differ in {row.name} alone")
    return html.Div([html.Dt(html.Code(row.name)), html.Dd([*links, compare_named])])
