"""One experiment: its text, its claims with their evidence, metrics against size, curves and fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from dash import Dash, dcc, html

from app.components.commands import command_line, report_link, run_command
from app.components.facts import facts, table
from app.components.prose import prose
from app.components.states import unknown
from app.components.verdicts import tally
from app.numbers.verdicts import status_of, weightiest
from app.pages import Page
from app.panels import claims, curves, fields, sizes
from app.reader import Reader
from app.text.wording import count, params_text
from storage.queries import RunCount, experiments, run_count, verdicts
from storage.records import ExperimentRecord
from storage.wording import duration

if TYPE_CHECKING:
    from dash.development.base_component import Component


FEW = 9
"""So many rows of a table beside the text are shown at once."""


def layout(read: Reader, query: Mapping[str, str], name: str) -> Component:
    described = {each.name: each for each in read(experiments)}
    if name not in described:
        return unknown("experiment", name, list(described), "/experiment/")
    experiment = described[name]
    runs = read(run_count, name)
    judged = weightiest(read(verdicts, name))
    figures = [panel.layout(read, experiment, query) for panel in (sizes, curves)]
    return html.Div(
        [
            dcc.Store(id="experiment", data=name),
            html.Header(
                [
                    html.P(f"Chapter {experiment.chapter}. {experiment.section}", className="quiet"),
                    html.H1(experiment.title),
                    html.P(tally(status_of(judged.get((name, claim.name))) for claim in experiment.claims)),
                    html.P(_runs_said(name, runs), className="quiet"),
                    report_link(name),
                ],
                className="page-head",
            ),
            html.Div([prose(experiment.text), _described(read, experiment)], className="abstract"),
            claims.layout(read, experiment) if experiment.claims else None,
            html.Div([panel for panel in figures if panel is not None], className="side-by-side"),
            fields.layout(read, experiment, query),
        ]
    )


def _runs_said(name: str, runs: RunCount) -> list[Component | str]:
    if not runs.ok and not runs.failed:
        return ["No run at this revision yet."]
    said: list[Component | str] = [
        dcc.Link(count(runs.ok, "run"), href=f"/runs?experiment={name}"),
        f" of {count(runs.cells, 'cell')}, {count(runs.seeds, 'seed')}, {duration(runs.seconds)} of work",
    ]
    if runs.failed:
        said += [", ", dcc.Link(f"{runs.failed} failed", href=f"/runs?experiment={name}&status=failed")]
    return said


def _described(read: Reader, experiment: ExperimentRecord) -> Component:
    """Parameters, metrics and the command, beside the text."""
    return html.Aside(
        [
            _listed(
                "Parameters",
                [
                    [html.Code(info.name), f"{info.text}{' (size axis)' if info.is_size else ''}"]
                    for info in experiment.params
                ],
            ),
            _listed(
                "Metrics",
                [
                    [html.Code(info.name), f"{info.text}{f' [{info.unit}]' if info.unit else ''}"]
                    for info in experiment.metrics
                ],
            ),
            facts(
                ("guide's cell", params_text(experiment.guide_params or {})),
                ("revision", str(experiment.revision)),
            ),
            command_line(run_command(read.store, "--only", experiment.name)),
        ]
    )


def _listed(title: str, rows: list[list[Component | str]]) -> Component:
    """A table under its title; a long one waits to be opened."""
    summary = html.Summary(f"{title} ({len(rows)})")
    return html.Details([summary, table(("name", "meaning"), rows, label=title)], open=len(rows) <= FEW)


def register(app: Dash, read: Reader) -> None:
    fields.register(app, read)


VIEWS = {**claims.VIEWS, **sizes.VIEWS, **curves.VIEWS, **fields.VIEWS}
PAGE = Page(path="/experiment/<name>", layout=layout, register=register, views=VIEWS)
