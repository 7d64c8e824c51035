"""Runs side by side, or groups of runs with paired statistics over their common seeds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dash_mantine_components as dmc
from dash import ALL, Dash, Input, Output, State, dcc, html

from app.components.facts import table
from app.components.kept import every, keep, kept_id
from app.components.run_choice import groups_address
from app.components.run_table import cell_query
from app.components.states import notice
from app.numbers.groups import LETTERS, Group, asked_groups, groups_of
from app.pages import Page
from app.panels import group_comparison, side_by_side
from app.reader import Reader
from app.text.wording import count, value_text
from app.views import Query
from storage.queries import rows_of

if TYPE_CHECKING:
    from dash.development.base_component import Component

MOST_VALUES = 8
"""Values of a parameter that are listed before they are only counted."""
PAIRED = (
    "Within an experiment, runs of one seed draw from one generator: so groups are compared seed by seed, where both"
    " have the seed. A group of several cells has at each seed the mean over them, and none where one is missing."
)


def layout(read: Reader, query: Query) -> Component:
    return _of_runs(read, query) if "runs" in query else _of_groups(read, query)


def _of_runs(read: Reader, query: Query) -> Component:
    ids, wrong = side_by_side.asked_runs(query)
    runs = read(rows_of, tuple(ids))
    unknown = [str(each) for each in ids if each not in {run.id for run in runs}]
    if unknown:
        wrong = f"The store holds no run {', '.join(unknown)}."
    if not runs:
        return notice("Nothing to compare", wrong or "No run is named: ?runs=1,2,3 names three.", _how())
    cells = list(dict.fromkeys(cell_query(run.experiment, run.params) for run in runs))
    sections = [
        side_by_side.params_section(read, runs),
        side_by_side.metrics_section(read, runs),
        side_by_side.curves_section(read, runs, query),
    ]
    return html.Div(
        [
            html.Header(
                [
                    html.H1(f"Compare {count(len(runs), 'run')}"),
                    html.P(wrong, className="bad") if wrong else None,
                    side_by_side.heads(runs),
                    html.P(_cells_link(cells)) if 1 < len(cells) <= len(LETTERS) else None,
                ],
                className="page-head",
            ),
            *sections,
        ]
    )


def _cells_link(cells: list[str]) -> Component:
    return dcc.Link("Compare their cells over all seeds", href=groups_address(cells))


def _how() -> Component:
    return html.P(["Choose runs or cells in ", dcc.Link("the table of runs", href="/runs"), "."])


def _of_groups(read: Reader, query: Query) -> Component:
    asked = asked_groups(query)
    _, wrong = groups_of(read, query)
    shown = [letter for k, letter in enumerate(LETTERS) if letter in asked or k <= max(1, len(asked))]
    boxes = [
        dmc.TextInput(
            id=kept_id("compare", letter),
            label=f"group {letter.upper()}",
            value=query.get(letter, ""),
            error=wrong.get(letter, ""),
            placeholder="experiment = gaussian_limit and width = 64",
            debounce=500,
            spellCheck="false",
            autoComplete="off",
            size="sm",
            className="runs-where",
        )
        for letter in shown
    ]
    return html.Div(
        [
            html.Header([html.H1("Compare groups of runs"), html.P(PAIRED, className="quiet")], className="page-head"),
            html.Div(boxes, className="compare-boxes"),
            html.Div(_found(read, query), id="compare-found"),
        ]
    )


def _found(read: Reader, query: Query) -> list[Component | None]:
    """What the groups without a problem have in common and what tells them apart."""
    groups, _ = groups_of(read, query)
    if not groups:
        said = "A group is what passes a filter, as in the table of runs; failed runs and older revisions are left out."
        return [html.P(said, className="quiet"), _how()]
    whole = {group.letter: group.asked for group in groups} | {
        name: value for name, value in query.items() if name not in LETTERS
    }
    return [
        _params_section(groups),
        group_comparison.metrics_section(read, groups, whole),
        group_comparison.seeds_section(read, groups, whole),
        group_comparison.curves_section(read, groups, whole),
    ]


def _params_section(groups: list[Group]) -> Component:
    """The groups' sizes, and each parameter that is not the same single value in all of them."""
    facts: dict[str, list[set[str]]] = {"experiment": [{of for of, _ in group.cells} for group in groups]}
    cells = [group.cells for group in groups]
    for name in dict.fromkeys(name for of in cells for _, params in of for name in params):
        facts[name] = [{value_text(params[name]) if name in params else "–" for _, params in of} for of in cells]
    differing = [name for name, values in facts.items() if len(set.union(*values)) > 1]
    same = [f"{name} {next(iter(facts[name][0]))}" for name in facts if name not in differing]
    rows = [[html.Code(name), *(_values(values) for values in facts[name])] for name in differing]
    for title, numbers in (
        ("runs", [len(group.runs) for group in groups]),
        ("cells", [len(of) for of in cells]),
        ("seeds", [group.runs["seed"].nunique() for group in groups]),
        ("left out", [group.left_out for group in groups]),
    ):
        if title != "left out" or any(numbers):
            rows.append([title, *(f"{each:,}" for each in numbers)])
    parts = [html.H2("What differs"), table(["", *(group.name for group in groups)], rows, label="What differs")]
    if same:
        parts.append(html.Details([html.Summary(f"The same in all: {len(same)}"), html.P(", ".join(same))]))
    if len({of for group in groups for of, _ in group.cells}) > 1:
        said = "Different experiments draw different numbers at one seed: pairing them is sound, but gains nothing."
        parts.append(html.P(said, className="quiet"))
    return html.Section(parts, **{"aria-label": "What differs"})


def _values(values: set[str]) -> str:
    if len(values) > MOST_VALUES:
        return f"{len(values)} values"
    return ", ".join(sorted(values, key=lambda text: (len(text), text)))


def register(app: Dash, read: Reader) -> None:
    keep(app, "compare")
    choice = {"type": "choice", "panel": ALL, "key": ALL, "default": ALL}

    @app.callback(  # type: ignore[untyped-decorator]  # Dash has no types
        Output(every("compare"), "error"),
        Output("compare-found", "children"),
        Input(every("compare"), "value"),
        State(every("compare"), "id"),
        State(choice, "value"),
        State(choice, "id"),
        prevent_initial_call=True,
    )
    def asked(filters: list[str], boxes: list[dict[str, str]], values: list[str], choices: list[dict[str, str]]) -> Any:
        """The boxes stay as they are typed in; what was chosen below them stays chosen where it can be."""
        query = {box["key"]: text or "" for box, text in zip(boxes, filters, strict=True)}
        query |= {f"{of['panel']}.{of['key']}": str(value) for of, value in zip(choices, values, strict=True)}
        _, wrong = groups_of(read, query)
        return [wrong.get(box["key"], "") for box in boxes], _found(read, query)


PAGE = Page(
    path="/compare",
    layout=layout,
    register=register,
    views={**side_by_side.VIEWS, **group_comparison.VIEWS},
)
