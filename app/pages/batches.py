"""Batches, newest first, with live progress."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from dash import ALL, Dash, Input, Output, State, ctx, dcc, html, no_update

from app.components.batches import elapsed, progress, rate, seconds_left
from app.components.commands import command_line
from app.components.facts import facts, moment
from app.components.states import store_empty
from app.components.verdicts import mark
from app.pages import Page
from app.panels import launching
from app.panels.launching import launcher_here
from app.reader import Reader
from app.text.wording import count, params_text
from storage.queries import BatchRow, batches, experiments
from storage.queries.progress import Failure, failures
from storage.wording import duration, number

if TYPE_CHECKING:
    from dash.development.base_component import Component

SHOWN = 50
MOST_FAILURES = 20
"""Failed runs of a batch that are listed; the table of runs has all."""
LONGEST = 200
EVERY = 1000
"""Milliseconds between two looks at the store; a look that takes longer delays the next."""


def layout(read: Reader, query: Mapping[str, str]) -> Component:
    launcher = launcher_here()
    if launcher is None and not read(experiments):
        return store_empty(read.store)
    return html.Div(
        [
            html.Header([html.H1("Batches")], className="page-head"),
            *([] if launcher is None else [launching.layout(read, launcher)]),
            html.Div(_listed(read, read.now(batches, SHOWN)), id="batches"),
            dcc.Interval(id="batches-again", interval=EVERY),
        ]
    )


def _listed(read: Reader, found: Iterable[BatchRow]) -> list[Component]:
    listed = [_batch(read, each) for each in found]
    return listed or [html.P("No batch has run on this store yet.", className="quiet")]


def _batch(read: Reader, batch: BatchRow) -> Component:
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
            html.Div(_live(batch), id=_part("live", batch.id)),
            html.P(
                [
                    dcc.Link(_done(batch), href=f"/runs?batch={batch.id}", id=_part("done", batch.id)),
                    html.Span(_speed(batch), id=_part("speed", batch.id)),
                    html.Span(_failed(batch), id=_part("failed", batch.id)),
                ],
                className="batch-numbers",
            ),
            html.Div(_rest(read, batch), id=_part("rest", batch.id)),
            dcc.Store(id=_part("was", batch.id), data=_was(batch)),
            html.Details([html.Summary("Command and environment"), environment]),
        ],
        className="batch",
        id=f"batch-{batch.id}",
    )


def _part(name: str, batch: Any) -> dict[str, Any]:
    """The id of a part of a batch that changes while people look; ALL for that part of every batch."""
    return {"type": f"batch-{name}", "batch": batch}


def _live(batch: BatchRow) -> list[Component]:
    """What each look draws anew: nothing in it can have the focus, which goes with the element that has it."""
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
    ]


def _done(batch: BatchRow) -> str:
    return f"{batch.done:,} of {count(batch.planned, 'run')}"


def _speed(batch: BatchRow) -> str:
    speed, left = rate(batch), seconds_left(batch)
    said = "" if speed is None else f", {number(speed, 3)} runs/s"
    return said if left is None else f"{said}, {duration(left)} left"


def _failed(batch: BatchRow) -> list[Component | str]:
    if not batch.failed:
        return []
    href = f"/runs?batch={batch.id}&status=failed"
    return [", ", dcc.Link(f"{batch.failed} failed", href=href, className="bad")]


def _was(batch: BatchRow) -> str:
    """What the rest of a batch depends on; while it stays, what people opened there stays open."""
    return f"{batch.state} {batch.failed}"


def _rest(read: Reader, batch: BatchRow) -> list[Component]:
    """The command that finishes it, and its failures with their tracebacks."""
    rest: list[Component] = []
    if batch.state == "interrupted":
        rest.append(html.P("It was interrupted. This command finishes it:", className="quiet"))
        rest.append(command_line(batch.command))
        if launcher_here() is not None:
            rest.append(launching.resume(batch.id))
    if batch.failed:
        found = read.now(failures, batch.id, MOST_FAILURES)
        rest += [html.Ul([html.Li(_failure(each)) for each in found], className="plain failures")]
        if not found:
            rest.append(html.P("Every run that failed ran well since.", className="quiet"))
        elif len(found) == MOST_FAILURES < batch.failed:
            every = f"/runs?batch={batch.id}&status=failed"
            rest.append(html.P(dcc.Link("All runs of it that failed", href=every)))
    return rest


def _failure(failure: Failure) -> Component:
    """Which run failed with which last word, its traceback on demand."""
    last = (failure.error.strip().splitlines() or ["no word of why"])[-1]
    return html.Details(
        [
            html.Summary(
                [
                    mark("failed"),
                    html.Span(f"{failure.experiment}, {params_text(failure.params)}, seed {failure.seed}"),
                    html.Code(last[:LONGEST], className="failure-word"),
                ]
            ),
            html.P(dcc.Link(f"Run {failure.id}", href=f"/run/{failure.id}")),
            html.Pre(failure.error, className="traceback", tabIndex="0"),
        ],
        className="failure",
    )


def register(app: Dash, read: Reader) -> None:
    @app.callback(  # type: ignore[untyped-decorator]  # Dash has no types
        Output("batches", "children"),
        Output(_part("live", ALL), "children"),
        Output(_part("done", ALL), "children"),
        Output(_part("speed", ALL), "children"),
        Output(_part("failed", ALL), "children"),
        Output(_part("rest", ALL), "children"),
        Output(_part("was", ALL), "data"),
        Input("batches-again", "n_intervals"),
        State(_part("was", ALL), "data"),
        running=[(Output("batches-again", "disabled"), True, False)],  # an interval faster than its callback piles up
        prevent_initial_call=True,
    )
    def again(_looks: int, were: list[str]) -> list[Any]:
        """The whole list where a batch is new; else what changes of each, so that what people opened stays open."""
        shown = [entry["id"]["batch"] for entry in ctx.outputs_list[1]]
        found = {batch.id: batch for batch in read.now(batches, SHOWN)}
        if list(found) != shown:
            return [_listed(read, found.values()), *[[no_update] * len(shown)] * 6]
        listed = [found[batch] for batch in shown]
        turned = [_was(batch) != was for batch, was in zip(listed, were, strict=True)]
        return [
            no_update,
            [_live(batch) for batch in listed],
            [_done(batch) for batch in listed],
            [_speed(batch) for batch in listed],
            [_failed(batch) if anew else no_update for batch, anew in zip(listed, turned, strict=True)],
            [_rest(read, batch) if anew else no_update for batch, anew in zip(listed, turned, strict=True)],
            [_was(batch) for batch in listed],
        ]

    launcher = app.server.extensions.get("launcher")
    if launcher is not None:
        launching.register(app, read, launcher)


PAGE = Page(path="/batches", nav="Batches", order=90, layout=layout, register=register, needs_store=False, live=True)
