"""Every claim of an experiment: what theory says, what was measured, the verdict and the picture that shows it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from dash import html

from app.components.facts import facts, moment
from app.components.figures import figure_view
from app.components.prose import sentence
from app.components.verdicts import allowed, mark, measured, status_of
from app.figures.evidence import evidence_figure
from app.reader import Reader
from storage.queries import StoredVerdict, database_now, evidence, verdicts
from storage.records import ClaimInfo, EvidenceRecord, ExperimentRecord

if TYPE_CHECKING:
    from dash.development.base_component import Component


def layout(read: Reader, experiment: ExperimentRecord) -> Component:
    judged = read(verdicts, experiment.name)
    shown = {claim.name: [verdict for verdict in judged if verdict.claim == claim.name] for claim in experiment.claims}
    points = read(evidence, tuple(verdicts[0].id for verdicts in shown.values() if verdicts))
    now = read.now(database_now)
    return html.Section(
        [
            html.H2("Claims"),
            *(
                _claim(claim, shown[claim.name], points[shown[claim.name][0].id] if shown[claim.name] else (), now)
                for claim in experiment.claims
            ),
        ],
        **{"aria-label": "Claims"},
    )


def _claim(
    claim: ClaimInfo, judged: list[StoredVerdict], points: tuple[EvidenceRecord, ...], now: datetime
) -> Component:
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
    picture = (
        figure_view(
            f"evidence-{claim.name}",
            evidence_figure(points, claim.x_label, claim.y_label),
            height=240,
            label=f"Evidence for {claim.name}: {claim.statement}",
        )
        if points
        else html.P("No evidence yet.", className="quiet")
    )
    return html.Article([html.Div(told, className="told"), picture], className="claim", id=f"claim-{claim.name}")


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
