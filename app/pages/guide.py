"""The guide's code examples: what each did as it is written, what is wrong, and what the laboratory runs instead."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from dash import dcc, html

from app.components.choices import Offer, controls, settled
from app.components.fixed import fixed
from app.components.prose import sentence
from app.components.verdicts import mark, measured, tally
from app.numbers.verdicts import status_of, weightiest
from app.pages import Page
from app.reader import Reader
from app.text.wording import count
from storage.queries import StoredVerdict, experiments, verdicts
from storage.records import ExperimentRecord, SnippetInfo

if TYPE_CHECKING:
    from dash.development.base_component import Component

ALL, RUNS = "all", "runs"
REFERENCES = (
    (
        "“Mathematics of Deep Learning” by René Vidal, Joan Bruna, Raja Giryes and Stefano Soatto",
        "1712.04741",
        "verified",
        "The number is this paper's.",
    ),
    (
        "“Theoretical Insights into the Optimization and Generalization of Deep Neural Networks” by Zhanxing Zhu, "
        "Jingfeng Wu, Bing Yu, Lei Wu and Jinwen Ma",
        "1807.11124",
        "unverified",
        "No paper of this title was found under this number. The same five authors wrote “The Anisotropic Noise in "
        "Stochastic Gradient Descent”, arXiv 1803.00195.",
    ),
    (
        "“The Modern Mathematics of Deep Learning” by Julius Berner, Philipp Grohs, Gitta Kutyniok and "
        "Philipp Petersen",
        "2105.04026",
        "verified",
        "The number is this paper's.",
    ),
    (
        "“Mathematical theory of deep learning” by Philipp Petersen and Jakob Zech",
        "2407.18384",
        "not in the guide",
        "Its chapters are the guide's sections.",
    ),
)
"""What the guide cites, as it cites it, and in the end what it does not: entry, arXiv number, standing, remark."""
SQL = "SELECT number, chapter, heading, outcome, fault, measured, experiment FROM snippet ORDER BY number"
ORDERS = [("number", "the guide's"), ("outcome", "by how they end"), ("verdicts", "by refuted claims")]


def ending(snippet: SnippetInfo) -> str:
    """`runs`, or the name of the error that stops it as it is written."""
    stopped = re.match(r"(?:Stops with )?(\w*(?:Error|Exception|Warning))\b", snippet.outcome)
    return stopped[1] if stopped else RUNS


def layout(read: Reader, query: Mapping[str, str]) -> Component:
    described = read(experiments)
    found = [(snippet, experiment) for experiment in described for snippet in experiment.snippets]
    judged = weightiest(read(verdicts))
    endings = sorted({ending(snippet) for snippet, _ in found}, key=lambda word: (word != RUNS, word))
    options = [(ALL, "all"), *((word, "runs" if word == RUNS else f"stops with {word}") for word in endings)]
    offered = [
        Offer(key="outcome", label="as written", options=options, default=ALL, turns=True),
        Offer(key="order", label="order", options=ORDERS, default="number", turns=True),
    ]
    chosen = settled(offered, query)

    def refuted(experiment: ExperimentRecord) -> int:
        return sum(status_of(judged.get((experiment.name, claim.name))) == "refuted" for claim in experiment.claims)

    def place(one: tuple[SnippetInfo, ExperimentRecord]) -> tuple[str | int, int]:
        snippet, experiment = one
        if chosen["order"] == "outcome":
            return ending(snippet), snippet.number
        return -refuted(experiment) if chosen["order"] == "verdicts" else 0, snippet.number

    shown = sorted((one for one in found if chosen["outcome"] in (ALL, ending(one[0]))), key=place)
    stopped = sum(ending(snippet) != RUNS for snippet, _ in found)
    return html.Div(
        [
            html.Header(
                [
                    html.H1("The guide's code"),
                    html.P(
                        f"The guide has {count(len(found), 'code example')}; typed in as printed, "
                        f"{stopped} stop with an error. Each was run, and an experiment shows what is true.",
                        className="quiet",
                    )
                    if found
                    else None,
                ],
                className="page-head",
            ),
            controls("", offered, chosen) if found else html.P("The store holds no example yet.", className="quiet"),
            html.P(f"{len(shown)} of {len(found)} shown.", className="quiet", role="status") if found else None,
            fixed(*(_snippet(snippet, experiment, judged) for snippet, experiment in shown)),
            html.P(dcc.Link("Open the table in the console", href="/sql?" + urlencode({"sql": SQL})))
            if found
            else None,
            _references(),
        ]
    )


def _references() -> Component:
    return html.Section(
        [
            html.H2("What the guide cites"),
            html.Ul([_reference(*reference) for reference in REFERENCES]),
        ],
        id="references",
    )


def _reference(entry: str, number: str, standing: str, remark: str) -> Component:
    """One entry; a number that was not found to be the paper's is no link."""
    name = f"arXiv {number}"
    found = name if standing == "unverified" else html.A(name, href=f"https://arxiv.org/abs/{number}")
    return html.Li([entry, ", ", found, ". ", html.Strong(f"{standing.capitalize()}."), f" {remark}"])


def _snippet(
    snippet: SnippetInfo, experiment: ExperimentRecord, judged: Mapping[tuple[str, str], StoredVerdict]
) -> Component:
    found = [(claim.name, judged.get((experiment.name, claim.name))) for claim in experiment.claims]
    return html.Article(
        [
            html.Header(
                [
                    html.Span(f"{snippet.number}", className="snippet-number", **{"aria-hidden": "true"}),
                    html.Div(
                        [
                            html.H2(snippet.heading),
                            html.Span(f"example {snippet.number}, chapter {snippet.chapter}", className="quiet"),
                        ]
                    ),
                    _ends(snippet),
                ]
            ),
            html.Dl(
                [
                    *_told("As written", snippet.outcome),
                    *_told("What is wrong", snippet.fault),
                    *_told("Measured", snippet.measured),
                    html.Dt("Corrected"),
                    html.Dd(_corrected(experiment, found)),
                ]
            ),
        ],
        className="snippet",
        id=f"snippet-{snippet.number}",
    )


def _ends(snippet: SnippetInfo) -> Component:
    how = ending(snippet)
    return mark("runs") if how == RUNS else mark("stops")


def _told(term: str, words: str) -> list[Component]:
    return [html.Dt(term), html.Dd(sentence(words, html.P))] if words else []


def _corrected(experiment: ExperimentRecord, found: Sequence[tuple[str, StoredVerdict | None]]) -> list[Component]:
    """The experiment, how its claims stand, and each of them."""
    page = f"/experiment/{experiment.name}"
    claims = [
        html.Li(
            [
                mark(status_of(verdict)),
                " ",
                dcc.Link(name, href=f"{page}#claim-{name}"),
                *([html.Span(f" {measured(verdict)}", className="quiet measured")] if verdict else []),
            ]
        )
        for name, verdict in found
    ]
    return [
        html.P(dcc.Link(experiment.title, href=page)),
        tally(status_of(verdict) for _, verdict in found),
        html.Details([html.Summary(count(len(found), "claim")), html.Ul(claims, className="plain")]),
    ]


PAGE = Page(path="/guide", nav="Guide", order=97, layout=layout)
