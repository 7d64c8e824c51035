"""The pages: one module each, found by being there. A module holds `PAGE`, what it shows and where."""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dash import Dash
    from dash.development.base_component import Component

    from app.reader import Reader
    from app.views import Draw, Stream


@dataclass(frozen=True, kw_only=True, eq=False)
class Page:
    """`path` may hold <names>, which reach `layout(read, query, **names)` as text; `query` is the URL's, as a dict.

    `nav` is the page's word in the navigation, ordered by `order`; "" leaves it out. `register(app, read)` adds its
    callbacks. `views` are its figures by name: `draw(read, query)` each, which the page's choices redraw and the route
    /export/NAME exports. A page that `needs_store` is shown only where the store holds an experiment; one that is
    `live` is laid out for each visit, any other once while what it read stands. `streams` has those of the views
    that are exported in parts.
    """

    path: str
    layout: Callable[..., Component]
    nav: str = ""
    order: int = 100
    register: Callable[[Dash, Reader], None] | None = None
    needs_store: bool = True
    live: bool = False
    views: Mapping[str, Draw] = field(default_factory=dict)
    streams: Mapping[str, Stream] = field(default_factory=dict)

    @cached_property
    def pattern(self) -> str:
        return re.sub(r"<(\w+)>", r"(?P<\1>[^/]+)", self.path)


def all_pages() -> tuple[Page, ...]:
    modules = (import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))
    return tuple(sorted((module.PAGE for module in modules), key=lambda page: (page.order, page.path)))


def views(pages: tuple[Page, ...]) -> dict[str, Draw]:
    """The pages' figures by name."""
    return {name: draw for page in pages for name, draw in page.views.items()}


def streams(pages: tuple[Page, ...]) -> dict[str, Stream]:
    """Those that are exported in parts, by name."""
    return {name: stream for page in pages for name, stream in page.streams.items()}
