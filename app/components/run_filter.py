"""What stands over the table of runs: the filter in words, with examples of it, and the choice of columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import dash_mantine_components as dmc
from dash import dcc, html

from app.components.choices import SEVERAL
from app.components.kept import kept_id
from app.components.run_table import Described, offered_columns, usual_columns

if TYPE_CHECKING:
    from dash.development.base_component import Component

EXAMPLES = (
    (
        "width >= 64 and excess_kurtosis < 0.1",
        "names are parameters, metrics and columns of a run: seed, status, batch, …",
    ),
    ("activation = 'relu' or not shuffled = true", "text in quotes, true and false; and, or, not, parentheses"),
    ("seed in (0, 1, 2) and status = failed", "in takes a list"),
    ("error contains 'diverged' and experiment like 'random%'", "of text; % stands for any letters, _ for one"),
    ("test_error is missing", "runs that lack it; they pass no comparison with it, negated or not"),
)


def filter_box(where: str, problem: str) -> Component:
    """`problem` says what is wrong with the filter that stands in the box."""
    examples = [html.Div([html.Dt(html.Code(example)), html.Dd(meaning)]) for example, meaning in EXAMPLES]
    return html.Div(
        [
            dmc.TextInput(
                id=kept_id("runs", "where"),
                label="filter",
                value=where,
                error=problem,
                placeholder=EXAMPLES[0][0],
                debounce=350,
                spellCheck="false",
                autoComplete="off",
                size="sm",
                className="runs-where",
            ),
            html.Details([html.Summary("How to ask"), html.Dl(examples, className="runs-examples")]),
        ],
        className="runs-filter",
        **{"data-search": "yes"},
    )


def column_chooser(columns: Sequence[str], described: Described, experiment: str | None) -> Component:
    """A box to tick for each column that the experiment's runs have, those shown ticked."""
    offered = offered_columns(described, experiment)
    kinds = {"param": " parameter", "metric": " metric"}
    boxes = [
        dmc.Checkbox(
            value=column,
            label=html.Span([name, html.Small(kinds.get(column.partition(".")[0], ""), className="quiet")]),
            size="xs",
        )
        for column, name in offered.items()
    ]
    listed = dmc.CheckboxGroup(
        boxes,
        id=kept_id("runs-columns", "columns", SEVERAL.join(usual_columns(described, experiment))),
        value=[column for column in offered if column in columns],
        **{"aria-label": "Columns"},
    )
    return html.Details(
        [
            html.Summary("Columns"),
            html.Div(listed, className="runs-columns"),
            dcc.Store(id="runs-offered", data=list(offered)),
        ],
        className="runs-chooser",
    )
