"""One run: everything it produced, where, and the command that reproduces it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import numpy as np
from dash import dcc, html

from app.components.commands import command_line, run_command
from app.components.facts import facts, moment, table
from app.components.figures import figure_view
from app.components.run_choice import groups_address
from app.components.run_table import cell_query
from app.components.states import unknown
from app.components.verdicts import mark, tally
from app.figures.means import curve_figure
from app.numbers.series import Series
from app.numbers.verdicts import status_of, weightiest
from app.pages import Page
from app.panels import neighbours
from app.panels.fields import fields_drawn
from app.panels.shared import asked_experiment, with_unit
from app.reader import Reader
from app.text.wording import params_text, value_text
from app.views import Drawn, NothingToDrawError, Query, Shown, drawn
from storage.queries import (
    BatchRow,
    RunRow,
    batch,
    curves_of_run,
    curves_of_runs_sql,
    database_now,
    experiments,
    run,
    verdicts,
)
from storage.records import CurveInfo, CurveRecord, ExperimentRecord
from storage.wording import duration, number

if TYPE_CHECKING:
    from dash.development.base_component import Component


def layout(read: Reader, query: Mapping[str, str], name: str) -> Component:
    """`name` is the run's id or key."""
    found = read(run, name)
    if found is None:
        return unknown("run", name)
    experiment = next(each for each in read(experiments) if each.name == found.experiment)
    started = read.now(batch, found.batch_id)
    beside = neighbours.rows(read, found)
    return html.Div(
        [
            html.Header(
                [
                    html.P(dcc.Link(experiment.title, href=f"/experiment/{experiment.name}"), className="quiet"),
                    html.H1(f"Run {found.id}"),
                    html.P([f"{params_text(found.params)}, seed {found.seed}"], className="cell-name"),
                    html.P([mark(found.status), *_stale(found, experiment)]),
                    html.P(_around(found, beside), className="run-around"),
                    html.P(_claims(read, experiment)) if experiment.claims else None,
                ],
                className="page-head",
            ),
            _reproduced(read, found),
            html.Div([html.Pre(found.error, className="traceback", tabIndex="0")]) if found.error else None,
            html.Div(
                [
                    html.Section([html.H2("Parameters"), _params(found, experiment)]),
                    html.Section([html.H2("Metrics"), _metrics(found, experiment)]) if found.metrics else None,
                    html.Section([html.H2("Provenance"), _provenance(read, found, started)]),
                ],
                className="columns run-facts",
            ),
            neighbours.section(found, beside),
            _curves(read, found),
            _fields(read, found, experiment),
        ]
    )


def _stale(found: RunRow, experiment: ExperimentRecord) -> list[Component | str]:
    if found.revision == experiment.revision:
        return []
    return [f", of revision {found.revision}: the experiment is at {experiment.revision} and judges this run no more"]


def _around(found: RunRow, beside: Sequence[neighbours.Row]) -> list[Component]:
    """The seeds before and after it, and where its cell is seen whole."""
    seeds = next((row for row in beside if row.name == "seed"), None)
    before, after = (None, None) if seeds is None else seeds.beside
    cell = cell_query(found.experiment, found.params)
    return [
        *([dcc.Link("← previous seed", href=f"/run/{before}")] if before else []),
        *([dcc.Link("next seed →", href=f"/run/{after}")] if after else []),
        dcc.Link("all seeds of this cell", href="/runs?" + urlencode({"where": cell})),
        dcc.Link("compare this cell with …", href=groups_address([cell])),
    ]


def _claims(read: Reader, experiment: ExperimentRecord) -> list[Component | str]:
    judged = weightiest(read(verdicts, experiment.name))
    statuses = [status_of(judged.get((experiment.name, claim.name))) for claim in experiment.claims]
    return [dcc.Link("claims that these runs judge", href=f"/experiment/{experiment.name}"), " ", tally(statuses)]


def _reproduced(read: Reader, found: RunRow) -> Component:
    said = "Runs it again and compares bit by bit:" if found.status == "ok" else "Tries it again:"
    options = ("--verify", found.key) if found.status == "ok" else ("--only", found.experiment)
    return html.Div([html.P(said, className="quiet"), command_line(run_command(read.store, *options))])


def _params(found: RunRow, experiment: ExperimentRecord) -> Component:
    meaning = {info.name: info.text for info in experiment.params}
    rows = [
        [html.Code(name), value_text(value), meaning.get(name, "")]
        for name, value in [*found.params.items(), ("seed", found.seed)]
    ]
    return table(("name", "value", "meaning"), rows, numeric=(1,), label="Parameters")


def _metrics(found: RunRow, experiment: ExperimentRecord) -> Component:
    meaning = {info.name: f"{info.text}{f' [{info.unit}]' if info.unit else ''}" for info in experiment.metrics}
    order = {info.name: position for position, info in enumerate(experiment.metrics)}
    names = sorted(found.metrics, key=lambda name: order.get(name, len(order)))
    rows = [
        [
            html.Code(name),
            html.Span(number(found.metrics[name], 6), title=repr(found.metrics[name])),
            meaning.get(name, ""),
        ]
        for name in names
    ]
    return table(("name", "value", "meaning"), rows, numeric=(1,), label="Metrics")


def _provenance(read: Reader, found: RunRow, started: BatchRow | None) -> Component:
    now = read.now(database_now)
    environment = (
        []
        if started is None
        else [
            ("host", started.host),
            ("processor", started.cpu),
            ("Python", started.python),
            ("commit", html.Code(started.git_commit) if started.git_commit else ""),
            ("batch command", html.Code(started.command)),
            ("packages", ", ".join(f"{name} {version}" for name, version in sorted(started.packages.items()))),
        ]
    )
    return facts(
        ("key", html.Code(found.key)),
        ("fingerprint", html.Code(found.fingerprint) if found.fingerprint else ""),
        ("revision", str(found.revision)),
        ("started", moment(found.started_at, now)),
        ("took", duration(found.seconds)),
        ("batch", dcc.Link(f"#{found.batch_id}", href=f"/batches#batch-{found.batch_id}")),
        *environment,
    )


def _curves(read: Reader, found: RunRow) -> Component | None:
    curves = read(curves_of_run, found.id)
    if not curves:
        return None
    return html.Section(
        [html.H2("Curves"), html.Div([_curve(read, found, curve) for curve in curves], className="field-grid")]
    )


def _curve(read: Reader, found: RunRow, curve: CurveRecord) -> Component:
    fixed = {"run": str(found.id), "curve": curve.name}
    shown = Shown(view="run-curve", panel=f"curve-{curve.name}", drawn=drawn(read, draw_curve, fixed), fixed=fixed)
    return figure_view(shown, height=240, label=f"Curve {curve.name}")


def draw_curve(read: Reader, query: Query) -> Drawn:
    """The view `run-curve`, run (its id or key) and curve: one seed, and so without an interval."""
    import pandas as pd

    owner, name = read(run, query.get("run", "")), query.get("curve", "")
    curve = next((each for each in (read(curves_of_run, owner.id) if owner else ()) if each.name == name), None)
    if owner is None or curve is None:
        raise NothingToDrawError(f"The store holds no curve {name!r} of a run {query.get('run', '')!r}.")
    known = asked_experiment(read, {"experiment": owner.experiment}).curves
    info = next((each for each in known if each.name == name), CurveInfo(name=name, x_label="x", y_label=name))
    unknown_ends = np.full_like(curve.y, np.nan)
    line = Series(
        name=name,
        params={},
        x=curve.x,
        mean=curve.y,
        low=unknown_ends,
        high=unknown_ends,
        n=np.ones(len(curve.x), dtype=np.int64),
    )
    y_label = with_unit(info.y_label, info.unit)
    return Drawn(
        figure=curve_figure([line], info.x_label, y_label, x_log=info.x_log, y_log=info.y_log, size=None),
        table=pd.DataFrame({"x": curve.x, "y": curve.y}),
        caption=name,
        sql=read(curves_of_runs_sql, (owner.id,), name),
    )


def _fields(read: Reader, found: RunRow, experiment: ExperimentRecord) -> Component | None:
    drawn = fields_drawn(read, experiment, found.id)
    return html.Section([html.H2("Fields"), html.Div(drawn, className="field-grid")]) if drawn else None


PAGE = Page(path="/run/<name>", layout=layout, views={"run-curve": draw_curve})
