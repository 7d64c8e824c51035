"""Every claim of an experiment: what theory says, what was measured, the verdict and the picture that shows it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

from dash import html

from app.components.facts import facts, moment
from app.components.later import Awaited, figure_later
from app.components.prose import sentence
from app.components.verdicts import allowed, mark, measured
from app.figures.beside import with_caption
from app.figures.evidence import Comparison, Evidence, against_theory, evidence_figure, evidence_height, evidence_of
from app.numbers.verdicts import status_of
from app.panels.shared import asked_experiment
from app.reader import Reader
from app.text.wording import count
from app.views import Drawn, NothingToDrawError, Query
from storage.queries import StoredVerdict, database_now, evidence, verdicts
from storage.records import ClaimInfo, EvidenceRecord, ExperimentRecord

if TYPE_CHECKING:
    import pandas as pd
    from dash.development.base_component import Component

VIEW = "evidence"
HEIGHT = 320
"""Pixels kept for a picture before it is known what it needs."""


def layout(read: Reader, experiment: ExperimentRecord) -> Component:
    judged = read(verdicts, experiment.name)
    shown = {claim.name: [verdict for verdict in judged if verdict.claim == claim.name] for claim in experiment.claims}
    now = read.now(database_now)
    return html.Section(
        [
            html.H2("Claims"),
            *(_claim(experiment.name, claim, shown[claim.name], now) for claim in experiment.claims),
        ],
        **{"aria-label": "Claims"},
    )


def _claim(experiment: str, claim: ClaimInfo, judged: list[StoredVerdict], now: datetime) -> Component:
    verdict = judged[0] if judged else None
    told = [html.Header([mark(status_of(verdict)), html.Code(claim.name, className="claim-name")])]
    told.append(sentence(claim.statement, className="statement"))
    if verdict is not None:
        what, theory = ("fitted slope", "predicted slope") if _is_slope(claim) else ("measured", "theory allows")
        told += [
            html.P([html.Span(term, className="term"), html.Span(value, className="measured")])
            for term, value in ((what, measured(verdict)), (theory, allowed(verdict)))
            if value
        ]
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
    picture = html.P("No evidence yet.", className="quiet") if verdict is None else _picture(experiment, claim)
    return html.Article([html.Div(told, className="told"), picture], className="claim", id=f"claim-{claim.name}")


def _is_slope(claim: ClaimInfo) -> bool:
    return claim.kind == "PowerLaw"


def _picture(experiment: str, claim: ClaimInfo) -> Component:
    return figure_later(
        Awaited(
            view=VIEW,
            panel=f"{VIEW}-{claim.name}",
            fixed={"experiment": experiment, "claim": claim.name},
            height=HEIGHT,
            label=f"Evidence for {claim.name}: {claim.statement}",
            missing="No evidence yet.",
        )
    )


def draw(read: Reader, query: Query) -> Drawn:
    """The view `evidence`: experiment and claim."""
    experiment = asked_experiment(read, query)
    claim = next((each for each in experiment.claims if each.name == query.get("claim")), None)
    judged = [verdict for verdict in read(verdicts, experiment.name) if claim and verdict.claim == claim.name]
    points = read(evidence, (judged[0].id,))[judged[0].id] if judged else ()
    if claim is None or not points:
        raise NothingToDrawError(f"The store holds no evidence for {experiment.name}.{query.get('claim', '')}.")
    found = evidence_of(points)
    comparison = against_theory(found)
    numbers = _numbers(points, found, comparison)
    picture = evidence_figure(points, claim.x_label, claim.y_label)
    return Drawn(
        figure=picture,
        table=numbers,
        told=numbers[numbers["series"].isin(list(found.measured))].dropna(axis="columns", how="all"),
        caption=with_caption(picture, _caption(claim, judged[0].seeds, found)),
        sql=_sql(judged[0].id, comparison),
        interval="least and greatest run" if claim.kind == "Always" else "95 % interval",
        height=evidence_height(points),
    )


def _numbers(points: tuple[EvidenceRecord, ...], found: Evidence, comparison: Comparison | None) -> pd.DataFrame:
    """The points as the store holds them, and where they are compared the theory at their x and how they compare."""
    import pandas as pd

    numbers = pd.DataFrame([asdict(point) for point in points]).drop(columns="step")
    if comparison is None:
        return numbers
    against = {(name, point.x): (point.theory, point.value) for name, row in comparison.series.items() for point in row}
    known = [against.get((point.series, point.x), (None, None)) for point in points]
    numbers["theory"] = pd.Series([theory for theory, _ in known], dtype="float64")
    numbers[comparison.name] = pd.Series([value for _, value in known], dtype="float64")
    return numbers


def _sql(verdict_id: int, comparison: Comparison | None) -> str:
    columns = ["series", "x", "y", "low", "high", "predicted_low", "predicted_high"]
    if comparison is None:
        return f"SELECT {', '.join(columns)}\nFROM evidence\nWHERE verdict_id = {verdict_id}\nORDER BY series, step"
    sign = "/" if comparison.ratio else "-"
    return (
        f"SELECT {', '.join(f'p.{column}' for column in columns)},\n"
        f"  t.y AS theory, p.y {sign} t.y AS {comparison.name}\n"
        "FROM evidence AS p LEFT JOIN evidence AS t\n"
        "  ON t.verdict_id = p.verdict_id AND t.x = p.x AND t.series IN ('theory',\n"
        "    CASE WHEN p.series LIKE 'measured%' THEN 'theory' || substr(p.series, 9) ELSE 'theory ' || p.series END)\n"
        "    AND p.series NOT LIKE 'theory%' AND p.series NOT LIKE 'fit%'\n"
        f"WHERE p.verdict_id = {verdict_id}\nORDER BY p.series, p.step"
    )


def _caption(claim: ClaimInfo, seeds: int, found: Evidence) -> str:
    """What the marks are, and over how many seeds."""
    n = count(seeds, "seed")
    points = sum(len(rows) for rows in found.measured.values())
    if claim.kind == "Always":
        said = [f"{n}; the median, from the least run to the greatest."]
    else:
        said = [f"{n}; 95 % intervals{f', simultaneous over the {points} points' if points > 1 else ''}."]
    if found.fits:
        said.append("Dashed: the fitted power law." if len(found.fits) == 1 else "Dashed: the fitted power laws.")
    if any(
        row.predicted_low is not None and row.predicted_high is not None and row.predicted_low < row.predicted_high
        for row in found.points
    ):
        said.append("Pale: what theory allows.")
    return " ".join(said)


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
