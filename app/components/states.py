"""Pages without content say why, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from dash import dcc, html

from app.components.commands import command_line, run_command
from storage.address import spoken

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from storage.reading import Store


def notice(title: str, *parts: Component | str) -> Component:
    return html.Section(
        [html.H1(title), *(html.P(part) if isinstance(part, str) else part for part in parts)], className="notice"
    )


def store_empty(store: Store) -> Component:
    name = spoken(store.url)
    if store.exists:
        title, said = "Nothing measured yet", f"The store {name} holds no experiment yet. This command fills it:"
    else:
        title = "No store there"
        first = "" if Path(store.url.database or "").parent.is_dir() else "or make its folder, and then "
        said = f"There is no store {name} yet. If it was moved, put it back; {first}this command fills a new one:"
    return notice(title, said, command_line(run_command(store)))


def store_unreadable(reason: str) -> Component:
    return notice("The store cannot be read", reason)


def page_missing(path: str) -> Component:
    return notice("Not found", f"There is no page {path}.", html.P(dcc.Link("All claims and verdicts", href="/")))


def unknown(kind: str, name: str, known: Sequence[str] = (), folder: str = "") -> Component:
    """No experiment or run of this name; the nearest one that there is."""
    near = get_close_matches(name, known, n=1)
    hint = [html.P(["Did you mean ", dcc.Link(near[0], href=f"{folder}{near[0]}"), "?"])] if near else []
    return notice(
        f"No such {kind}",
        f"The store holds no {kind} {name!r}.",
        *hint,
        html.P(dcc.Link("All claims and verdicts", href="/")),
    )
