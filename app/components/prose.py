"""Text that experiments bring: Markdown with LaTeX; markup of any other kind is shown as it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from dash import html

from app.components.own import OwnComponent
from app.text.typesetting import typeset, typeset_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component


class Typeset(OwnComponent):
    """A piece of typeset text in an element `tag`; assets/typeset.js lets no element or attribute through but those of
    text and formulas."""

    _type = "Typeset"
    _prop_names: ClassVar[Sequence[str]] = ("id", "html", "tag", "className", "title")
    available_properties = _prop_names


def prose(markdown: str) -> Component:
    """Paragraphs, lists and displayed formulas; an image becomes a link: a page loads nothing from elsewhere."""
    return Typeset(html=typeset(markdown), tag="div", className="prose")


def sentence(words: str, tag: type[Component] = html.P, **properties: str) -> Component:
    """One sentence, read as Markdown only where it looks like it."""
    if not any(sign in words for sign in "$*`_\\"):
        return tag(words, **properties)
    classes = f"prose sentence {properties.pop('className', '')}"
    return Typeset(html=typeset_line(words), tag=tag.__name__.lower(), className=classes.strip(), **properties)
