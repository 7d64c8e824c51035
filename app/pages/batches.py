"""Batches, newest first, with live progress."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from dash import ALL, Dash, Input, NoUpdate, Output, ctx, dcc, html, no_update

from app.components.batches import elapsed, progress, rate, seconds_left
from app.components.commands import command_line
from app.components.facts import facts, moment
from app.components.verdicts import mark
from app.pages import Page
from app.reader import Reader
from app.wording import count
from storage.queries import BatchRow, batches
from storage.wording import duration, number

if TYPE_CHECKING:
    from dash.development.base_component import Component

SHOWN = 50
EVERY = 1000
"""Milliseconds between two looks at the store; a look that takes longer delays the next."""


def layout(read: Reader, query: Mapping[str, str]) -> Component:
    return html.Div(
        [
            html.Header([html.H1("Batches")], className="page-head"),
            html.Div(_listed(read.now(batches, SHOWN)), id="batches"),
            dcc.Interval(id="batches-again", interval=EVERY),
        ]
    )


def _listed(found: Iterable[BatchRow]) -> list[Component]:
    return [_batch(each) for each in found] or [html.P("No batch has run on this store yet.", className="quiet")]


def _batch(batch: BatchRow) -> Component:
    environment = facts(
        ("command", html.Code(batch.command)),
        ("host", batch.host),
        ("processor", batch.cpu),
        ("Python", batch.python),
        ("commit", html.Code(batch.git_commit) if batch.git_commit else ""),
        ("packages", ", ".join(f"{name} {version}" for name, version in sorted(batch.packages.items()))),
    )
    return html.Article(
        [
            html.Div(_live(batch), id={"type": "batch-live", "batch": batch.id}),
            html.Details([html.Summary("Command and environment"), environment]),
        ],
        className="batch",
        id=f"batch-{batch.id}",
    )


def _live(batch: BatchRow) -> list[Component]:
    """What changes while the batch runs."""
    verb = "for" if batch.state == "running" else "took"
    return [
        html.Header(
            [
                html.H2(f"#{batch.id}"),
                mark(batch.state),
                html.Span(batch.profile, className="profile"),
                html.Span(["started ", moment(batch.started_at, batch.now)], className="quiet"),
                html.Span(f"{verb} {duration(elapsed(batch))}", className="quiet"),
            ]
        ),
        progress(batch),
        html.P(_numbers(batch), className="batch-numbers"),
        *_unfinished(batch),
    ]


def _numbers(batch: BatchRow) -> list[Component | str]:
    """Done of planned, rate, time left, failed; the last are links to those runs."""
    said: list[Component | str] = [
        dcc.Link(f"{batch.done:,} of {count(batch.planned, 'run')}", href=f"/runs?batch={batch.id}")
    ]
    speed, left = rate(batch), seconds_left(batch)
    if speed is not None:
        said.append(f", {number(speed, 3)} runs/s")
    if left is not None:
        said.append(f", {duration(left)} left")
    if batch.failed:
        failed = dcc.Link(f"{batch.failed} failed", href=f"/runs?batch={batch.id}&status=failed", className="bad")
        said += [", ", failed]
    return said


def _unfinished(batch: BatchRow) -> list[Component]:
    if batch.state != "interrupted":
        return []
    return [html.P("It was interrupted. This command finishes it:", className="quiet"), command_line(batch.command)]


def register(app: Dash, read: Reader) -> None:
    @app.callback(  # type: ignore[untyped-decorator]  # Dash has no types
        Output("batches", "children"),
        Output({"type": "batch-live", "batch": ALL}, "children"),
        Input("batches-again", "n_intervals"),
        running=[(Output("batches-again", "disabled"), True, False)],  # an interval faster than its callback piles up
        prevent_initial_call=True,
    )
    def again(_looks: int) -> tuple[list[Component] | NoUpdate, list[list[Component] | NoUpdate]]:
        """The whole list where a batch is new; else what changes of each, so that what people opened stays open."""
        shown = [entry["id"]["batch"] for entry in ctx.outputs_list[1]]
        found = {batch.id: batch for batch in read.now(batches, SHOWN)}
        if list(found) != shown:
            return _listed(found.values()), [no_update] * len(shown)
        return no_update, [_live(found[batch]) for batch in shown]


PAGE = Page(path="/batches", nav="Batches", order=90, layout=layout, register=register)
