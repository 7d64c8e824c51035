"""The dashboard: draws what the store holds, and never computes science."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.report import ReportError, write_report
from app.server import AddressError, serve, serving

if TYPE_CHECKING:
    from dash import Dash

    from storage.reading import Store

__all__ = ["AddressError", "ReportError", "create_app", "serve", "serving", "write_report"]


def create_app(store: Store) -> Dash:
    """The Dash application over a store; its WSGI application is `.server`."""
    from app.application import application  # here, so that `import app` loads no Dash

    return application(store)
