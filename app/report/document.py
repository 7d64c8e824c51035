"""The one file of a report: its parts, the look and the scripts of the dashboard, and figures that are drawn when seen.

A Content-Security-Policy within the file lets only these very scripts run and nothing be loaded, whatever a text says.
"""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from html import escape
from pathlib import Path

import orjson

from app.figures.look import DARK, TEMPLATE
from app.text.markup import Node, written
from app.views import Drawn

APP = Path(__file__).parent.parent
_STYLES = ("assets/lab.css", "assets/overview.css", "assets/experiment.css", "report/report.css")
_SCRIPTS = ("assets/lab.js", "report/report.js")
DRAWN_HEIGHT = 300
MOST_ROWS = 5000
"""Rows of numbers that stay with a figure; the few that have more would make most of the file."""


@dataclass
class Figures:
    """The figures of a report as they are met: each is kept compressed with its numbers, and drawn when it is seen."""

    kept: list[str] = field(default_factory=list)

    def node(self, name: str, drawn: Drawn, label: str) -> Node:
        """A place for the figure with its caption, its numbers as CSV, its picture as SVG and its SQL."""
        few = len(drawn.numbers) <= MOST_ROWS
        numbers = {"csv": drawn.numbers.to_csv(index=False)} if few else {}
        held = {"name": name, "figure": _without_template(drawn.figure), **numbers}
        self.kept.append(base64.b64encode(zlib.compress(orjson.dumps(held), 9)).decode("ascii"))
        at = str(len(self.kept) - 1)
        height = f"{drawn.height or DRAWN_HEIGHT}px"
        buttons: list[Node] = [
            ["button", {"type": "button", "className": "save-csv", "data-figure": at}, "CSV"]
            if few
            else ["span", {}, f"CSV: {len(drawn.numbers):,} rows, which the dashboard exports"],
            ["button", {"type": "button", "className": "save-svg"}, "SVG"],
        ]
        if drawn.sql:
            buttons.append(["details", {}, ["summary", {}, "SQL"], ["pre", {"tabIndex": "0"}, drawn.sql]])
        caption: list[Node] = [["p", {"className": "caption"}, drawn.caption]] if drawn.caption else []
        look = {
            "className": "plot",
            "style": {"height": height},
            "role": "group",
            "aria-label": label,
            "data-figure": at,
        }
        return [
            "figure",
            {"className": "figure"},
            ["div", look],
            ["figcaption", {}, *caption, ["div", {"className": "exports"}, *buttons]],
        ]


def _without_template(figure: dict[str, object]) -> dict[str, object]:
    """The template is the same in all figures, and in the file once."""
    layout = figure["layout"]
    assert isinstance(layout, dict)
    return {**figure, "layout": {name: part for name, part in layout.items() if name != "template"}}


def document(title: str, parts: Sequence[Node], figures: Figures) -> str:
    """The file's text."""
    scripts = [_text("assets/theme_first.js"), *([_plotly()] if figures.kept else []), *map(_text, _SCRIPTS)]
    first, *others = [f"<script>{_unclosed(script)}</script>" for script in scripts]
    hashes = " ".join(f"'sha256-{_digest(_unclosed(script))}'" for script in scripts)
    policy = (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data: blob:; font-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    shared = {"template": TEMPLATE, "partners": DARK}
    data = [
        _data("shared", orjson.dumps(shared).decode()),
        *(_data(f"figure-{k}", z) for k, z in enumerate(figures.kept)),
    ]
    return "".join(
        (
            '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title>{first}<style>{_styles()}</style></head>\n<body>",
            written([_header(title), ["main", {"id": "page", "className": "page"}, *parts]]),
            *data,
            *others,
            "</body></html>\n",
        )
    )


def _header(title: str) -> Node:
    buttons: Iterable[Node] = (
        ["button", {"type": "button", "id": "print"}, "Print"],
        ["button", {"type": "button", "id": "theme"}, "Dark or light"],
    )
    return ["header", {"className": "lab-header"}, ["span", {"className": "lab-name"}, title], *buttons]


def _data(name: str, text: str) -> str:
    """Data that no browser runs."""
    unmarked = text.replace("<", "\\u003c")
    return f'<script type="application/json" id="{name}">{unmarked}</script>'


def _unclosed(script: str) -> str:
    """A script must not hold what would end it."""
    return script.replace("</script", "<\\/script").replace("<!--", "<\\!--")


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")


@cache
def _styles() -> str:
    font = base64.b64encode((APP / "assets/fonts/stix-two-math.woff2").read_bytes()).decode("ascii")
    style = "\n".join(_text(name) for name in _STYLES)
    return style.replace("fonts/stix-two-math.woff2", f"data:font/woff2;base64,{font}")


def _text(name: str) -> str:
    return (APP / name).read_text(encoding="utf-8")


@cache
def _plotly() -> str:
    from plotly.offline import get_plotlyjs

    return str(get_plotlyjs())
