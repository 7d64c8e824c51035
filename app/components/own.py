"""Components of our own: their scripts are among the assets, in the namespace `lab` of the browser."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from dash.development.base_component import Component


class OwnComponent(Component):  # type: ignore[misc]  # Dash has no types
    """A subclass names its `_type` and the properties that it takes, `_prop_names`."""

    _namespace = "lab"
    _valid_wildcard_attributes: ClassVar[Sequence[str]] = ()
    available_wildcard_properties = _valid_wildcard_attributes

    def __init__(self, **properties: Any) -> None:
        # Not Component's own: it imports the namespace at every property, which would run any lab.py that is there.
        for name, value in properties.items():
            setattr(self, name, value)
