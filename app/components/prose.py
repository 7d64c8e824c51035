"""Text that experiments bring: Markdown with LaTeX; markup of any other kind is shown as it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import dcc, html

if TYPE_CHECKING:
    from dash.development.base_component import Component


def prose(markdown: str) -> Component:
    """An image becomes a link: a page loads nothing from elsewhere."""
    return dcc.Markdown(markdown.replace("![", "\\!["), mathjax=True, link_target="_blank", className="prose")


def sentence(words: str, tag: type[Component] = html.P, **properties: str) -> Component:
    """One sentence, read as Markdown only where it looks like it; MathJax is loaded only where there is LaTeX."""
    if not any(sign in words for sign in "$*`_\\"):
        return tag(words, **properties)
    classes = f"prose sentence {properties.pop('className', '')}"
    return dcc.Markdown(words.replace("![", "\\!["), mathjax="$" in words, className=classes.strip())
