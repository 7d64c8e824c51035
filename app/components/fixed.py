"""A part of a page that nothing changes, as one component: thousands of Dash's take a browser many seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from app.components.own import OwnComponent
from app.text.markup import nodes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component


class Fixed(OwnComponent):
    """Nodes as app.text.markup has them, made into elements by assets/fixed.js; links within the lab turn the page."""

    _type = "Fixed"
    _prop_names: ClassVar[Sequence[str]] = ("id", "nodes", "className")
    available_properties = _prop_names


def fixed(*parts: Any, **properties: Any) -> Component:
    """The parts (html components, links, typeset text, nodes) in a div."""
    return Fixed(nodes=nodes(list(parts)), **properties)
