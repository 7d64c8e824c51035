"""Commands that people copy: how to fill, finish and reproduce what a page shows."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import dash_mantine_components as dmc
from dash import html

from storage.address import DEFAULT, VARIABLE, spoken

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from storage.reading import Store


def run_command(store: Store, *options: str) -> str:
    """`python run_all.py …` on this very store; the store is left out where it is the one taken anyway."""
    name = spoken(store.url)
    named = [] if name == (os.environ.get(VARIABLE) or DEFAULT) else ["--store", name]
    return shlex.join(["python", "run_all.py", *options, *named])


def command_line(command: str) -> Component:
    """The command, and a button that copies it."""
    return html.Div(
        [
            html.Code(command),
            dmc.CopyButton(
                value=command,
                children="Copy",
                copiedChildren="Copied",
                size="compact-xs",
                variant="subtle",
                color="gray",
            ),
        ],
        className="command",
    )


def report_link(*only: str) -> Component:
    """The button that saves a report of these experiments, or of the whole lab."""
    address = "/report.html" + ("?" + urlencode([("only", name) for name in only]) if only else "")
    return html.A("Report", href=address, download=True, className="button", title="One file that opens anywhere")
