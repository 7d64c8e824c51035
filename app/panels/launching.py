"""The form that starts a batch, and what the last one started here says; only where --allow-run was given."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import dash_mantine_components as dmc
from dash import ALL, Dash, Input, Output, State, ctx, dcc, html, no_update
from flask import abort, current_app, has_app_context

from app.components.commands import command_line
from app.components.verdicts import mark
from app.http.guard import comes_from_own_page
from app.launching.launcher import Launched, Launcher
from app.launching.plan import MOST_SEEDS, PROFILES, Plan, PlanError, checked, plan_of
from app.reader import Reader
from storage.queries import batch, experiments

if TYPE_CHECKING:
    from dash.development.base_component import Component

EVERY = 1000
"""Milliseconds between two looks at the process."""


def launcher_here() -> Launcher | None:
    """The launcher of the application that answers the request; None where it was served without --allow-run."""
    found: Launcher | None = current_app.extensions.get("launcher") if has_app_context() else None
    return found


def layout(read: Reader, launcher: Launcher) -> Component:
    names, found = [experiment.name for experiment in read(experiments)], launcher.launched()
    form = html.Div(
        [
            dmc.Select(
                id="launch-profile", label="profile", data=list(PROFILES), value="quick", allowDeselect=False, size="xs"
            ),
            dmc.MultiSelect(
                id="launch-only",
                label="experiments",
                data=names,
                placeholder="all",
                searchable=True,
                clearable=True,
                size="xs",
                miw="14rem",
                maw="36rem",
            ),
            dmc.NumberInput(
                id="launch-seeds",
                label="seeds",
                placeholder="the profile's",
                min=1,
                max=MOST_SEEDS,
                allowDecimal=False,
                size="xs",
                w="9rem",
            ),
            dmc.NumberInput(
                id="launch-workers",
                label="workers",
                placeholder="one a core",
                min=1,
                max=os.cpu_count() or 1,
                allowDecimal=False,
                size="xs",
                w="8rem",
            ),
            dmc.Button("Start", id="launch-start", size="xs", n_clicks=0),
        ],
        className="controls",
    )
    return html.Section(
        [
            html.H2("Start a batch"),
            form,
            html.P(id="launch-said", className="bad", role="alert"),
            html.Div(
                [
                    html.Div(_state(found), id="launch-state", className="launch-state"),
                    html.Div(_command(found), id="launch-command"),
                    html.Pre(_output(found), id="launch-output", className="launch-output", tabIndex="0"),
                ],
                id="launched",
            ),
            html.Div(_stop(found), id="launch-stop-place"),
            dcc.Store(id="launch-was", data=[""] * 5),
            dcc.Interval(id="launch-again", interval=EVERY),
        ],
        className="launch",
        **{"aria-label": "Start a batch"},
    )


def resume(batch_id: int) -> Component:
    return dmc.Button(
        "Finish it here",
        id={"type": "batch-resume", "batch": batch_id},
        n_clicks=0,
        size="compact-xs",
        variant="default",
    )


def _state(found: Launched | None) -> list[Component]:
    if found is None:
        said = "A batch that this server starts goes on when the server ends; another server cannot stop it."
        return [html.Span(said, className="quiet")]
    state = "running" if found.status is None else "finished" if found.status in (0, 3) else "failed"
    return [mark("stopped" if found.status == 130 else state), html.Span(found.ending)]


def _command(found: Launched | None) -> list[Component]:
    return [] if found is None else [command_line(found.command)]


def _output(found: Launched | None) -> str:
    return "" if found is None else found.output or "No output yet."


def _stop(found: Launched | None) -> Component | None:
    if found is None or found.status is not None:
        return None
    return dmc.Button(
        "Stop", id={"type": "launch-stop", "of": 0}, n_clicks=0, size="xs", variant="default", disabled=found.stopping
    )


def register(app: Dash, read: Reader, launcher: Launcher) -> None:
    """The callbacks that change something; each asks for the Origin of this very dashboard."""

    def known() -> list[str]:
        return [experiment.name for experiment in read(experiments)]

    @app.callback(  # type: ignore[untyped-decorator]  # Dash has no types
        Output("launch-said", "children"),
        Input("launch-start", "n_clicks"),
        State("launch-profile", "value"),
        State("launch-only", "value"),
        State("launch-seeds", "value"),
        State("launch-workers", "value"),
        prevent_initial_call=True,
    )
    def start(_presses: int, profile: str, only: list[str] | None, seeds: object, workers: object) -> str:
        _refuse_others()
        try:
            plan = Plan(
                profile=str(profile),
                only=tuple(str(name) for name in only or ()),
                seeds=_whole(seeds, "Seeds"),
                workers=_whole(workers, "Workers"),
            )
            launcher.start(checked(plan, known()))
        except PlanError as error:
            return str(error)
        return ""

    @app.callback(  # type: ignore[untyped-decorator]  # Dash has no types
        Output("launch-said", "children", allow_duplicate=True),
        Input({"type": "batch-resume", "batch": ALL}, "n_clicks"),
        prevent_initial_call=True,
    )
    def finish(_presses: list[int]) -> Any:
        _refuse_others()
        if not ctx.triggered_id or not any(entry["value"] for entry in ctx.triggered):
            return no_update  # a button that has only just appeared
        found = read.now(batch, int(ctx.triggered_id["batch"]))
        if found is None or found.state != "interrupted":
            return "Only an interrupted batch can be finished."
        try:
            launcher.start(plan_of(found.command, launcher.suites, known()))
        except PlanError as error:
            return str(error)
        return ""

    @app.callback(  # type: ignore[untyped-decorator]  # Dash has no types
        Output("launch-said", "children", allow_duplicate=True),
        Input({"type": "launch-stop", "of": ALL}, "n_clicks"),
        prevent_initial_call=True,
    )
    def stop(_presses: list[int]) -> Any:
        _refuse_others()
        if any(entry["value"] for entry in ctx.triggered):
            launcher.stop()
            return ""
        return no_update

    @app.callback(  # type: ignore[untyped-decorator]  # Dash has no types
        Output("launch-state", "children"),
        Output("launch-command", "children"),
        Output("launch-output", "children"),
        Output("launch-stop-place", "children"),
        Output("launch-start", "disabled"),
        Output("launch-was", "data"),
        Input("launch-again", "n_intervals"),
        State("launch-was", "data"),
        running=[(Output("launch-again", "disabled"), True, False)],
        prevent_initial_call=True,
    )
    def again(_looks: int, were: list[str]) -> list[Any]:
        """Each part only where it has changed: with an element go its focus and how far it was scrolled."""
        found = launcher.launched()
        running = found is not None and found.status is None
        parts = [_state(found), _command(found), _output(found), _stop(found), running]
        are = [repr(part) for part in parts]
        return [*(no_update if is_ == was else part for part, is_, was in zip(parts, are, were, strict=True)), are]


def _refuse_others() -> None:
    if not comes_from_own_page():
        abort(403)


def _whole(value: object, what: str) -> int | None:
    """What a number field holds: nothing, or a whole number."""
    if value in (None, ""):
        return None
    try:
        return int(str(value))
    except ValueError:
        raise PlanError(f"{what} are a whole number.") from None
