"""Every claim of an experiment: what theory says, what was measured, the verdict and the picture that shows it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

from dash import html

from app.components.facts import facts, moment
from app.components.figures import figure_view
from app.components.prose import sentence
from app.components.verdicts import allowed, mark, measured, status_of
from app.figures.evidence import evidence_figure
from app.panels.shared import asked_experiment
from app.reader import Reader
from app.views import Drawn, NothingToDrawError, Query, Shown, drawn
from storage.queries import StoredVerdict, database_now, evidence, verdicts
from storage.records import ClaimInfo, ExperimentRecord

if TYPE_CHECKING:
    from dash.development.base_component import Component

VIEW = "evidence"


def layout(read: Reader, experiment: ExperimentRecord) -> Component:
    judged = read(verdicts, experiment.name)
    shown = {claim.name: [verdict for verdict in judged if verdict.claim == claim.name] for claim in experiment.claims}
    now = read.now(database_now)
    return html.Section(
        [
            html.H2("Claims"),
            *(_claim(read, experiment.name, claim, shown[claim.name], now) for claim in experiment.claims),
        ],
        **{"aria-label": "Claims"},
    )


def _claim(read: Reader, experiment: str, claim: ClaimInfo, judged: list[StoredVerdict], now: datetime) -> Component:
    verdict = judged[0] if judged else None
    told = [html.Header([mark(status_of(verdict)), html.Code(claim.name, className="claim-name")])]
    told.append(sentence(claim.statement, className="statement"))
    if verdict is not None:
        if value := measured(verdict):
            told.append(html.P([html.Span("measured", className="term"), html.Span(value, className="measured")]))
        if theory := allowed(verdict):
            told.append(html.P([html.Span("theory allows", className="term"), html.Span(theory, className="measured")]))
        told.append(html.P(verdict.because, className="because"))
    told.append(
        html.Details(
            [
                html.Summary("Source, tolerance, other verdicts"),
                facts(
                    ("source", sentence(claim.source, html.Span)),
                    ("tolerance", sentence(claim.tolerance, html.Span)),
                    ("because", sentence(claim.reason, html.Span)),
                    ("kind", claim.kind),
                    ("judged", _judged(judged, now)),
                ),
            ]
        )
    )
    picture = _picture(read, experiment, claim)
    return html.Article([html.Div(told, className="told"), picture], className="claim", id=f"claim-{claim.name}")


def _picture(read: Reader, experiment: str, claim: ClaimInfo) -> Component:
    fixed = {"experiment": experiment, "claim": claim.name}
    try:
        made = drawn(read, draw, fixed)
    except NothingToDrawError:
        return html.P("No evidence yet.", className="quiet")
    shown = Shown(view=VIEW, panel=f"{VIEW}-{claim.name}", drawn=made, fixed=fixed)
    return figure_view(shown, height=240, label=f"Evidence for {claim.name}: {claim.statement}")


def draw(read: Reader, query: Query) -> Drawn:
    """The view `evidence`: experiment and claim."""
    import pandas as pd

    experiment = asked_experiment(read, query)
    claim = next((each for each in experiment.claims if each.name == query.get("claim")), None)
    judged = [verdict for verdict in read(verdicts, experiment.name) if claim and verdict.claim == claim.name]
    points = read(evidence, (judged[0].id,))[judged[0].id] if judged else ()
    if claim is None or not points:
        raise NothingToDrawError(f"The store holds no evidence for {experiment.name}.{query.get('claim', '')}.")
    return Drawn(
        figure=evidence_figure(points, claim.x_label, claim.y_label),
        numbers=pd.DataFrame([asdict(point) for point in points]).drop(columns="step"),
        sql=(
            "SELECT series, x, y, low, high, predicted_low, predicted_high\nFROM evidence\n"
            f"WHERE verdict_id = {judged[0].id}\nORDER BY series, step"
        ),
    )


def _judged(judged: list[StoredVerdict], now: datetime) -> Component | str:
    if not judged:
        return "not yet at this revision"
    return html.Ul(
        [
            html.Li(
                [mark(verdict.status), f" {verdict.profile}, {verdict.seeds} seeds, ", moment(verdict.judged_at, now)]
            )
            for verdict in judged
        ],
        className="plain",
    )


VIEWS = {VIEW: draw}
