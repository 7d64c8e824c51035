"""Parts of pages that nothing changes: as nested lists, which a page takes as one component and a report as HTML.

A node is text, or [tag, attributes, *nodes]. Attributes have React's names. The tag "typeset" stands for HTML that
app.text.typesetting made, the only one that is not written letter by letter.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from dash.development.base_component import Component

Node: TypeAlias = "str | list[Any]"

_VOID = frozenset(("br", "hr", "input"))
_NAMES = {"className": "class", "htmlFor": "for", "tabIndex": "tabindex", "dateTime": "datetime", "viewBox": "viewBox"}


def nodes(part: Component | str | float | list[Any] | tuple[Any, ...] | None) -> list[Node]:
    """The nodes of html components, links and typeset text, and of lists of them; nodes stay as they are."""
    if part is None:
        return []
    if isinstance(part, (str, int, float)):
        return [str(part)]
    if isinstance(part, list) and part and isinstance(part[0], str) and len(part) > 1 and isinstance(part[1], dict):
        return [part]
    if isinstance(part, (list, tuple)):
        return [node for each in part for node in nodes(each)]
    return [_node(part)]


def _node(component: Component) -> Node:
    properties = dict(component.to_plotly_json()["props"])
    kind = component._type
    if kind == "Typeset":
        return ["typeset", properties]
    if component._namespace != "dash_html_components" and kind != "Link":
        raise TypeError(f"{kind} is no part that stays as it is")
    children = properties.pop("children", None)
    return ["a" if kind == "Link" else kind.lower(), properties, *nodes(children)]


def written(parts: Iterable[Node]) -> str:
    """The nodes as HTML, all text in them escaped."""
    return "".join(escape(part, quote=False) if isinstance(part, str) else _element(*part) for part in parts)


def _element(tag: str, attributes: dict[str, Any], *children: Node) -> str:
    if tag == "typeset":
        kept = {name: value for name, value in attributes.items() if name not in ("html", "tag")}
        return f"<{attributes['tag']}{_attributes(kept)}>{attributes['html']}</{attributes['tag']}>"
    opened = f"<{tag}{_attributes(attributes)}>"
    return opened if tag in _VOID else f"{opened}{written(children)}</{tag}>"


def _attributes(attributes: dict[str, Any]) -> str:
    made = []
    for name, value in attributes.items():
        if value is None or value is False:
            continue
        if isinstance(value, dict):
            value = ";".join(f"{_dashed(key)}:{each}" for key, each in value.items())
        made.append(f' {_NAMES.get(name, name)}="{escape("" if value is True else str(value))}"')
    return "".join(made)


def _dashed(name: str) -> str:
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name)
