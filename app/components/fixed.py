"""A part of a page that nothing changes, as one component: thousands of Dash's take a browser many seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from dash.development.base_component import Component

from app.markup import nodes

if TYPE_CHECKING:
    from collections.abc import Sequence


class Fixed(Component):  # type: ignore[misc]  # Dash has no types
    """Nodes as app.markup has them, made into elements by assets/fixed.js; links within the lab turn the page."""

    _namespace = "lab"
    _type = "Fixed"
    _prop_names: ClassVar[Sequence[str]] = ("id", "nodes", "className")
    _valid_wildcard_attributes: ClassVar[Sequence[str]] = ()
    available_properties = _prop_names
    available_wildcard_properties = _valid_wildcard_attributes


def fixed(*parts: Any, **properties: Any) -> Component:
    """The parts (html components, links, typeset text, nodes) in a div."""
    return Fixed(nodes=nodes(list(parts)), **properties)
