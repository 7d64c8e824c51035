"""Every experiment by chapter with its main evidence, every claim with its verdict, and all of them in one matrix."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from dash import dcc, html

from app.components.commands import report_link
from app.components.facts import moment
from app.components.fixed import fixed
from app.components.matrix import matrix
from app.components.prose import sentence
from app.components.verdicts import allowed, mark, measured, tally
from app.figures.thumbnail import thumbnail
from app.numbers.overview import Overview, overview
from app.numbers.verdicts import NOT_JUDGED, STATUSES, status_of
from app.pages import Page
from app.reader import Reader
from app.text.markup import Node, nodes
from app.text.wording import count
from storage.queries import StoredVerdict, evidence, evidence_extents
from storage.records import ClaimInfo, ExperimentRecord

if TYPE_CHECKING:
    from dash.development.base_component import Component

KINDS = ("Equals", "PowerLaw", "PeakAt", "AtMost", "AtLeast", "Ordered", "Always")
"""Which kind of claim makes the picture of an experiment, the most telling first."""
FEW_SERIES, ENOUGH_X = 4, 4


def address(experiment: str, claim: str) -> str:
    """Where an experiment is, or one of its claims."""
    return f"/experiment/{experiment}" + (f"#claim-{claim}" if claim else "")


def layout(read: Reader, query: Mapping[str, str]) -> Component:
    """The filter is assets/overview.js; its state stands in the URL as q, verdict and chapter."""
    found = overview(read)
    return html.Div(
        [
            html.Header(
                [
                    html.H1("Claims and verdicts"),
                    html.P(tally(found.statuses)),
                    html.P(_summary(found), className="quiet"),
                    report_link(),
                ],
                className="page-head",
            ),
            fixed(_filter(found), matrix(found, address), _listed(read, found)),
        ],
        className="overview",
    )


def _summary(found: Overview) -> list[Component | str]:
    runs = sum(each.ok for each in found.runs.values())
    failed = sum(each.failed for each in found.runs.values())
    said: list[Component | str] = [
        f"{count(len(found.described), 'experiment')}, {count(runs, 'run')}"
        f"{f', {failed:,} failed' if failed else ''}, "
        f"{count(max((each.seeds for each in found.runs.values()), default=0), 'seed')} at most"
    ]
    if found.batches:
        last = max(found.batches.values(), key=lambda batch: batch.id)
        said += [". Last batch ", dcc.Link(f"#{last.id}", href="/batches"), ": ", mark(last.state), " "]
        said += [moment(last.finished_at or last.heartbeat_at, last.now)]
    return said


def _filter(found: Overview) -> list[Node]:
    """A search and two choices, which the browser answers at once."""
    occurring = [status for status in (*STATUSES, NOT_JUDGED) if status in found.statuses]
    boxes: list[Node] = [
        ["label", {}, ["input", {"type": "checkbox", "name": "verdict", "value": status}], *nodes(mark(status))]
        for status in occurring
    ]
    chapters: list[Node] = [["option", {"value": ""}, "All chapters"]]
    chapters += [["option", {"value": str(number)}, f"Chapter {number}"] for number, _ in found.chapters]
    return [
        [
            "form",
            {"id": "filter", "className": "filter", "role": "search", "aria-label": "Filter the claims"},
            [
                "input",
                {
                    "type": "search",
                    "name": "q",
                    "placeholder": "Search",
                    "aria-label": "Search titles, texts and claims",
                },
            ],
            ["fieldset", {}, ["legend", {"className": "unseen"}, "Verdict"], *boxes],
            [
                "select",
                {"name": "chapter", "aria-label": "Chapter"},
                ["option", {"value": ""}, "All chapters"],
                *chapters,
            ],
            ["output", {"className": "quiet", "id": "filter-found", "aria-live": "polite"}],
        ]
    ]


def _listed(read: Reader, found: Overview) -> list[Node]:
    pictures = read.kept(main_evidence, (), lambda: main_evidence(read, found))
    return [
        [
            "section",
            {"className": "chapter-row", "data-chapter": str(chapter)},
            ["h2", {"className": "chapter"}, f"Chapter {chapter}"],
            ["div", {}, *(_experiment(found, each, pictures.get(each.name)) for each in members)],
        ]
        for chapter, members in found.chapters
    ]


def main_evidence(read: Reader, found: Overview) -> dict[str, Node]:
    """The picture of each experiment: the most telling claim that has several points and few series."""
    extents = read(evidence_extents)

    def worth(judged: StoredVerdict, claim: ClaimInfo) -> tuple[bool, bool, int]:
        xs, series = extents.get(judged.id, (0, 0))
        return xs >= ENOUGH_X, series <= FEW_SERIES, -KINDS.index(claim.kind) if claim.kind in KINDS else -len(KINDS)

    best: dict[str, tuple[StoredVerdict, ClaimInfo]] = {}
    for each in found.described:
        pairs = [(verdict, claim) for claim in each.claims if (verdict := found.verdict(each, claim))]
        drawn = [(verdict, claim) for verdict, claim in pairs if verdict.id in extents]
        if drawn:
            best[each.name] = max(drawn, key=lambda pair: worth(*pair))
    points = read(evidence, tuple(verdict.id for verdict, _ in best.values()))
    return {
        name: thumbnail(points[verdict.id], f"{claim.y_label or claim.name} against {claim.x_label}: {verdict.status}")
        for name, (verdict, claim) in best.items()
    }


def _experiment(found: Overview, each: ExperimentRecord, picture: Node | None) -> Node:
    runs = found.runs[each.name]
    last = found.batches.get(runs.last_batch or 0)
    said = [
        f"{count(runs.ok, 'run')} of {count(runs.cells, 'cell')}, {count(runs.seeds, 'seed')}",
        *([f", {runs.failed} failed"] if runs.failed else []),
        *([", ", moment(last.finished_at or last.heartbeat_at, last.now)] if last else []),
    ]
    link = {"href": address(each.name, ""), "tabIndex": "-1", "className": "picture"}
    known = {"data-item": "", "data-experiment": each.name, "data-text": each.text}
    return [
        "article",
        {"className": "experiment-row", "style": {"--claims": len(each.claims)}, **known},
        ["a", link, picture] if picture else ["span", {"className": "picture quiet"}, "no evidence yet"],
        [
            "div",
            {},
            [
                "header",
                {},
                ["h3", {}, ["a", {"href": address(each.name, "")}, each.title]],
                ["span", {"className": "quiet"}, *nodes(said)],
            ],
            ["ul", {"className": "claims"}, *(_claim(found, each, claim) for claim in each.claims)],
        ],
    ]


def _claim(found: Overview, each: ExperimentRecord, claim: ClaimInfo) -> Node:
    verdict = found.verdict(each, claim)
    theory = allowed(verdict) if verdict else ""
    because = verdict.because if verdict else "no batch has judged it at this revision"
    status = status_of(verdict)
    return [
        "li",
        {"data-verdict": status, "data-claim": f"{each.name}.{claim.name}"},
        [
            "a",
            {"href": address(each.name, claim.name), "title": f"{claim.name.replace('_', ' ')}: {because}"},
            *_marked(status),
        ],
        *nodes(sentence(claim.statement, html.Span, className="statement")),
        ["span", {"className": "measured"}, measured(verdict) if verdict else ""],
        ["span", {"className": "allowed"}, f"theory {theory}" if theory else ""],
    ]


@cache
def _marked(status: str) -> list[Node]:
    return nodes(mark(status))


PAGE = Page(path="/", nav="Claims", order=0, layout=layout)
