"""Facts in columns: definition lists, small tables, moments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from dash import html

from app.text.wording import ago, exact

if TYPE_CHECKING:
    from typing import TypeAlias

    from dash.development.base_component import Component

    Cell: TypeAlias = Component | str | int | list[Component | str] | None


def facts(*pairs: tuple[str, Cell]) -> Component:
    """A definition list; pairs without a value are left out."""
    children: list[Component] = []
    for term, value in pairs:
        if value not in (None, ""):
            children.append(html.Div([html.Dt(term), html.Dd(value)]))
    return html.Dl(children, className="facts")


def table(
    head: Sequence[str], rows: Sequence[Sequence[Cell]], numeric: Sequence[int] = (), label: str = ""
) -> Component:
    """A table whose columns fit their content; the numeric ones align right."""

    def style(column: int) -> str:
        return "numeric" if column in numeric else ""

    return html.Div(
        html.Table(
            [
                html.Thead(html.Tr([html.Th(title, className=style(k), scope="col") for k, title in enumerate(head)])),
                html.Tbody(
                    [html.Tr([html.Td(cell, className=style(k)) for k, cell in enumerate(row)]) for row in rows]
                ),
            ],
            **({"aria-label": label} if label else {}),
        ),
        className="table-scroll",
        tabIndex="0",
    )


def moment(when: datetime, now: datetime) -> Component:
    """2 min ago; exact on hover."""
    return html.Time(ago(when, now), dateTime=when.isoformat(), title=exact(when))
