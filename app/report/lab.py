"""The report of the lab: the matrix; each experiment with its text, claims and figures; how it was made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from dash import html

from app.components.facts import facts, table
from app.components.matrix import matrix
from app.components.prose import prose, sentence
from app.components.verdicts import allowed, mark, measured, tally
from app.numbers.overview import Overview, overview
from app.numbers.verdicts import status_of
from app.panels import fields
from app.reader import Reader
from app.report.document import Figures, document
from app.text.markup import Node, nodes
from app.text.wording import count, exact, params_text
from app.views import Draw, NothingToDrawError, drawn
from storage.address import spoken
from storage.queries import BatchRow, StoredVerdict
from storage.records import ClaimInfo, ExperimentRecord

if TYPE_CHECKING:
    from dash.development.base_component import Component

TITLE = "Deep Learning Theory Lab"
MORE = ("size", "curves")
"""The views of an experiment that a report shows besides its claims' evidence, where there are such."""


def lab_report(read: Reader, views: Mapping[str, Draw], only: Sequence[str] = ()) -> str:
    """The report of these experiments, or of all, as HTML. Raises NothingToDrawError where the store holds none."""
    found, figures = overview(read), Figures()
    if only:
        found = replace(found, described=tuple(each for each in found.described if each.name in only))
    if not found.described:
        raise NothingToDrawError(f"The store holds no experiment{' ' + ', '.join(only) if only else ''}.")
    named = f"{TITLE}: {found.described[0].title}" if len(found.described) == 1 else TITLE
    runs = sum(found.runs[each.name].ok for each in found.described)
    said = (
        f"{count(len(found.described), 'experiment')}, {count(runs, 'run')}; store {spoken(read.store.url)}; {_now()}."
    )
    parts: list[Node] = [
        _head(html.H1("Claims and verdicts"), html.P(tally(found.statuses)), html.P(said, className="quiet")),
        matrix(found, lambda experiment, claim: f"#{experiment}.{claim}" if claim else f"#{experiment}"),
    ]
    parts += [_experiment(read, found, each, views, figures) for each in found.described]
    parts.append(_making(found))
    return document(named, parts, figures)


def view_report(read: Reader, draw: Draw, view: str, query: Mapping[str, str]) -> str:
    """The report of one view, with the query that it is shown with. Raises NothingToDrawError."""
    made, figures = drawn(read, draw, query), Figures()
    asked = ", ".join(f"{name} {value}" for name, value in sorted(query.items()))
    parts: list[Node] = [
        [
            "header",
            {"className": "page-head"},
            *nodes([html.H1(made.caption or view), html.P(asked, className="quiet")]),
        ],
        figures.node(view, replace(made, caption=""), made.caption or view),
        *nodes(html.P(f"Store {spoken(read.store.url)}; {_now()}.", className="quiet")),
        _making(overview(read)),
    ]
    return document(f"{TITLE}: {view}", parts, figures)


def _head(*parts: Component) -> Node:
    return ["header", {"className": "page-head"}, *nodes(list(parts))]


def _now() -> str:
    return f"written {exact(datetime.now(UTC))}"


def _experiment(
    read: Reader, found: Overview, each: ExperimentRecord, views: Mapping[str, Draw], figures: Figures
) -> Node:
    runs = found.runs[each.name]
    counted = f"{count(runs.ok, 'run')} of {count(runs.cells, 'cell')}, {count(runs.seeds, 'seed')}"
    about = facts(
        ("name", html.Code(each.name)),
        ("runs", counted + (f", {runs.failed} failed" if runs.failed else "")),
        ("guide's cell", params_text(each.guide_params or {})),
        ("revision", str(each.revision)),
    )
    more = [node for view in MORE if view in views for node in _more(read, each, view, views[view], figures)]
    return [
        "section",
        {"className": "experiment", "id": each.name},
        *nodes([html.P(f"Chapter {each.chapter}. {each.section}", className="quiet"), html.H2(each.title)]),
        *nodes([prose(each.text), about, _meanings(each)]),
        *(_claim(read, found, each, claim, views["evidence"], figures) for claim in each.claims),
        ["div", {"className": "side-by-side"}, *more],
        *_fields(read, each, views, figures),
    ]


def _meanings(each: ExperimentRecord) -> list[Node]:
    """What parameters and metrics mean."""
    rows = [[html.Code(info.name), f"parameter: {info.text}"] for info in each.params]
    rows += [[html.Code(info.name), f"{info.text}{f' [{info.unit}]' if info.unit else ''}"] for info in each.metrics]
    meant = table(("name", "meaning"), rows, label="Parameters and metrics")
    return nodes(html.Details([html.Summary("Parameters and metrics"), meant]))


def _claim(
    read: Reader, found: Overview, each: ExperimentRecord, claim: ClaimInfo, draw: Draw, figures: Figures
) -> Node:
    verdict = found.verdict(each, claim)
    said = [html.Header([mark(status_of(verdict)), html.Code(claim.name, className="claim-name")])]
    said.append(sentence(claim.statement, className="statement"))
    numbers = (("measured", measured(verdict)), ("theory allows", allowed(verdict))) if verdict else ()
    said += [html.P([html.Span(term, className="term"), value]) for term, value in numbers if value]
    if verdict:
        said.append(html.P(verdict.because, className="because"))
    said.append(
        facts(
            ("source", sentence(claim.source, html.Span)),
            ("tolerance", sentence(claim.tolerance, html.Span)),
            ("because", sentence(claim.reason, html.Span)),
            ("kind", claim.kind),
            (
                "judged",
                f"{verdict.profile}, {verdict.seeds} seeds, {exact(verdict.judged_at)}" if verdict else "not yet",
            ),
        )
    )
    asked = {"experiment": each.name, "claim": claim.name}
    picture = _figure(read, draw, asked, f"{each.name}.{claim.name}", f"Evidence for {claim.name}", figures)
    none: Node = ["p", {"className": "quiet"}, "No evidence yet."]
    look = {"className": "claim", "id": f"{each.name}.{claim.name}"}
    return ["article", look, ["div", {"className": "told"}, *nodes(list(said))], *(picture or [none])]


def _judged(verdict: StoredVerdict) -> str:
    return f"{verdict.profile}, {verdict.seeds} seeds, {exact(verdict.judged_at)}"


def _more(read: Reader, each: ExperimentRecord, view: str, draw: Draw, figures: Figures) -> Iterator[Node]:
    yield from _figure(read, draw, {"experiment": each.name}, f"{each.name}.{view}", f"{each.title}: {view}", figures)


def _fields(read: Reader, each: ExperimentRecord, views: Mapping[str, Draw], figures: Figures) -> list[Node]:
    """The fields of one run, the guide's where it keeps any, under a sentence that says which run it is."""
    first = fields.first_pictures(read, each)
    if first is None:
        return []
    found, pictures = first
    drawn_ones: list[Node] = []
    for view, query, label in pictures:
        name = ".".join([each.name, view, query.get("field", "")]).rstrip(".")
        made = _figure(read, views[view], query, name, label, figures, fields.HEIGHTS[view])
        drawn_ones += [["div", {"className": view}, *made]] if made else []
    if not drawn_ones:
        return []
    said = f"Fields of run {found.run_id}: {params_text(found.params)}. The dashboard draws those of the others."
    return [*nodes(html.P(said, className="quiet")), ["div", {"className": "field-grid"}, *drawn_ones]]


def _figure(
    read: Reader,
    draw: Draw,
    query: Mapping[str, str],
    name: str,
    label: str,
    figures: Figures,
    height: int | None = None,
) -> list[Node]:
    """Drawn once and not kept: a report asks for hundreds. A height that the figure says goes before `height`."""
    try:
        made = draw(read, query)
    except NothingToDrawError:
        return []
    return [figures.node(name, replace(made, height=made.height or height), label)]


def _making(found: Overview) -> Node:
    """The batches that the experiments' runs came from last, and where they ran."""
    wanted = {found.runs[each.name].last_batch for each in found.described}
    made = [batch for batch in found.batches.values() if batch.id in wanted]
    return ["section", {"id": "making"}, ["h2", {}, "How it was made"], *(_batch(batch) for batch in made)]


def _batch(batch: BatchRow) -> Node:
    packages = ", ".join(f"{name} {version}" for name, version in sorted(batch.packages.items()))
    listed = facts(
        ("batch", f"#{batch.id}, {batch.state}, profile {batch.profile}, {count(batch.done, 'run')}"),
        ("started", exact(batch.started_at)),
        ("finished", exact(batch.finished_at) if batch.finished_at else ""),
        ("command", html.Code(batch.command)),
        ("commit", html.Code(batch.git_commit) if batch.git_commit else ""),
        ("host", f"{batch.host}, {batch.cpu}"),
        ("Python", batch.python),
        ("packages", packages),
    )
    return ["div", {"className": "batch"}, *nodes(listed)]
