"""A page of a query's result as a table, with what comes before and after it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from dash import dcc, html

from app.answers import PAGE
from app.components.fixed import fixed
from app.text.wording import count
from storage.console.question import Answer, Cell

if TYPE_CHECKING:
    from dash.development.base_component import Component

LONGEST = 160
"""Letters of a text that a cell shows; the rest is on hover and in the files."""
HOVER = 2000


def rows_said(answer: Answer, start: int) -> str:
    """rows 1 to 200 of 1,234 in 0.12 s."""
    took = f"in {answer.seconds:.2f} s"
    if not answer.rows:
        return f"No row {took}." if start == 0 else f"No row from the {start + 1:,}th on."
    whole = f"{answer.total:,}" if answer.total is not None else f"more than {answer.counted - 1:,}"
    if start == 0 and answer.ended:
        return f"{count(len(answer.rows), 'row')} {took}."
    return f"Rows {start + 1:,} to {start + len(answer.rows):,} of {whole} {took}."


def pager(answer: Answer, start: int, sql: str) -> Component:
    """Links to the rows before and after, each a page of its own."""

    def link(text: str, to: int) -> Component:
        return dcc.Link(text, href="/sql?" + urlencode({"sql": sql, **({"from": to} if to else {})}))

    links = []
    if start:
        links.append(link("← previous rows", max(0, start - PAGE)))
    if not answer.ended:
        links.append(link("next rows →", start + len(answer.rows)))
    return html.Nav(links, className="sql-pager", **{"aria-label": "Pages of the result"})


def result_table(answer: Answer, start: int) -> Component:
    """The rows, numbered; numbers align right, and text is cut where it is long."""
    numeric = [
        all(value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)) for value in values)
        for values in zip(*answer.rows, strict=True)
    ] or [False] * len(answer.columns)
    style = ["numeric" if each else "" for each in numeric]
    head = [
        html.Th(html.Span("row", className="sr-only"), scope="col"),
        *(html.Th(name, scope="col", className=kind) for name, kind in zip(answer.columns, style, strict=True)),
    ]
    body = [
        html.Tr(
            [
                html.Td(f"{number:,}", className="numeric quiet"),
                *(_cell(name, value, kind) for name, value, kind in zip(answer.columns, row, style, strict=True)),
            ]
        )
        for number, row in enumerate(answer.rows, start + 1)
    ]
    return html.Div(
        fixed(html.Table([html.Thead(html.Tr(head)), html.Tbody(body)], **{"aria-label": "Result of the query"})),
        className="table-scroll sql-table",
        tabIndex="0",
        role="region",
        **{"aria-label": "Result of the query"},
    )


def _cell(column: str, value: Cell, kind: str) -> Component:
    if value is None:
        return html.Td(html.Span("NULL", className="quiet"), className=kind)
    text = written(value)
    if column == "run_id" and isinstance(value, int):
        return html.Td(dcc.Link(text, href=f"/run/{value}"), className=kind)
    if column == "experiment" and isinstance(value, str):
        return html.Td(dcc.Link(text, href=f"/experiment/{quote(value, safe='')}"), className=kind)
    if len(text) > LONGEST:
        return html.Td(text[:LONGEST].rstrip() + "…", title=text[:HOVER], className=kind)
    return html.Td(text, className=kind)


def written(value: Cell) -> str:
    """The value exactly, as people write it back into a query; of bytes how many there are."""
    if isinstance(value, bytes):
        return f"{count(len(value), 'byte')}: {value[:8].hex(' ')}{' …' if len(value) > 8 else ''}"
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, float) else str(value)
