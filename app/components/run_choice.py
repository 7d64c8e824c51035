"""The runs that people have chosen in a table, and where they can be compared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from dash import dcc, html

from app.components.run_table import cell_query
from app.text.wording import count
from storage.queries import RunRow

if TYPE_CHECKING:
    from dash.development.base_component import Component

MOST_RUNS = 20
"""Runs that stand side by side."""
GROUPS = ("a", "b", "c", "d", "e", "f")
"""Groups of runs that are compared at once, by the letter that the URL calls them."""


def runs_address(ids: Sequence[int]) -> str:
    return "/compare?" + urlencode({"runs": ",".join(str(each) for each in ids)}, safe=",")


def groups_address(queries: Sequence[str]) -> str:
    """`queries` are filters of runs, at most as many as there are GROUPS."""
    return "/compare?" + urlencode(dict(zip(GROUPS, queries, strict=False)))


def chosen_runs(runs: Sequence[RunRow]) -> list[Component]:
    """How many runs of how many cells are chosen, and the links that compare them."""
    cells = list(dict.fromkeys(cell_query(run.experiment, run.params) for run in runs))
    clear = html.Button("Clear", id="runs-clear", type="button", className="link-button", hidden=not runs)
    if not runs:
        hint = "Tick runs (or press Space on a row) to compare them, or the cells that they belong to."
        return [html.Span(hint, className="quiet"), clear]
    parts: list[Component] = [html.Span(f"{count(len(runs), 'run')} of {count(len(cells), 'cell')} chosen")]
    if 1 < len(runs) <= MOST_RUNS:
        parts.append(dcc.Link("Compare runs", href=runs_address([run.id for run in runs])))
    if 1 < len(cells) <= len(GROUPS):
        parts.append(dcc.Link("Compare cells over all their seeds", href=groups_address(cells)))
    if len(runs) > MOST_RUNS and len(cells) > len(GROUPS):
        most = f"At most {MOST_RUNS} runs or {len(GROUPS)} cells are compared at once."
        parts.append(html.Span(most, className="quiet"))
    return [*parts, clear]
