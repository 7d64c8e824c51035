"""Every claim and its verdict, by chapter and experiment."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import TYPE_CHECKING

from dash import dcc, html

from app.components.facts import moment
from app.components.verdicts import allowed, mark, measured, status_of, tally, weightiest
from app.pages import Page
from app.reader import Reader
from app.wording import count
from storage.queries import BatchRow, RunCount, StoredVerdict, batches, experiments, run_counts, verdicts
from storage.records import ClaimInfo, ExperimentRecord

if TYPE_CHECKING:
    from dash.development.base_component import Component


def layout(read: Reader, query: Mapping[str, str]) -> Component:
    described = read(experiments)
    judged = weightiest(read(verdicts))
    counts = read(run_counts)
    started = {batch.id: batch for batch in read.now(batches)}
    statuses = [status_of(judged.get((each.name, claim.name))) for each in described for claim in each.claims]
    chapters = groupby(described, key=lambda each: each.chapter)
    return html.Div(
        [
            html.Header(
                [
                    html.H1("Claims and verdicts"),
                    html.P(tally(statuses)),
                    html.P(_summary(described, counts, started), className="quiet"),
                ],
                className="page-head",
            ),
            *(
                html.Section(
                    [
                        html.H2(f"Chapter {chapter}", className="chapter"),
                        html.Div(
                            [_experiment(each, counts.get(each.name, RunCount()), started, judged) for each in members]
                        ),
                    ],
                    className="chapter-row",
                )
                for chapter, members in chapters
            ),
        ],
        className="overview",
    )


def _summary(
    described: tuple[ExperimentRecord, ...], counts: Mapping[str, RunCount], started: Mapping[int, BatchRow]
) -> list[Component | str]:
    runs = sum(each.ok for each in counts.values())
    failed = sum(each.failed for each in counts.values())
    said: list[Component | str] = [
        f"{count(len(described), 'experiment')}, {count(runs, 'run')}"
        f"{f', {failed:,} failed' if failed else ''}, "
        f"{count(max((each.seeds for each in counts.values()), default=0), 'seed')} at most"
    ]
    if started:
        last = max(started.values(), key=lambda batch: batch.id)
        said += [". Last batch ", dcc.Link(f"#{last.id}", href="/batches"), ": ", *_batch_said(last)]
    return said


def _batch_said(batch: BatchRow) -> list[Component | str]:
    return [mark(batch.state), " ", moment(batch.finished_at or batch.heartbeat_at, batch.now)]


def _experiment(
    each: ExperimentRecord,
    runs: RunCount,
    started: Mapping[int, BatchRow],
    judged: Mapping[tuple[str, str], StoredVerdict],
) -> Component:
    last = started.get(runs.last_batch or 0)
    return html.Article(
        [
            html.Header(
                [
                    html.H3(dcc.Link(each.title, href=f"/experiment/{each.name}")),
                    html.Span(
                        [
                            f"{count(runs.ok, 'run')} of {count(runs.cells, 'cell')}, {count(runs.seeds, 'seed')}",
                            *([f", {runs.failed} failed"] if runs.failed else []),
                            *([", ", moment(last.finished_at or last.heartbeat_at, last.now)] if last else []),
                        ],
                        className="quiet",
                    ),
                ]
            ),
            html.Ul(
                [_claim(each, claim, judged.get((each.name, claim.name))) for claim in each.claims], className="claims"
            ),
        ],
        className="experiment-row",
    )


def _claim(each: ExperimentRecord, claim: ClaimInfo, verdict: StoredVerdict | None) -> Component:
    theory = allowed(verdict) if verdict else ""
    return html.Li(
        [
            dcc.Link(
                mark(status_of(verdict)),
                href=f"/experiment/{each.name}#claim-{claim.name}",
                title=verdict.because if verdict else "no batch has judged it at this revision",
            ),
            # By name: MathJax takes twenty seconds for hundreds of statements, which stand on the experiments' pages.
            dcc.Link(
                claim.name.replace("_", " "),
                href=f"/experiment/{each.name}#claim-{claim.name}",
                title=claim.statement,
                className="statement",
            ),
            html.Span(measured(verdict) if verdict else "", className="measured"),
            html.Span(f"theory {theory}" if theory else "", className="allowed"),
        ]
    )


PAGE = Page(path="/", nav="Claims", order=0, layout=layout)
