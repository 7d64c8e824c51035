"""The dashboard: draws what the store holds, and never computes science."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.report import ReportError, write_report
from app.server import AddressError, Allowed, serve, serving

if TYPE_CHECKING:
    from dash import Dash

    from app.http.guard import Hosts
    from app.launching.launcher import Launcher
    from storage.reading import Store

__all__ = ["AddressError", "Allowed", "ReportError", "create_app", "serve", "serving", "write_report"]


def create_app(store: Store, hosts: Hosts | None = None, launcher: Launcher | None = None) -> Dash:
    """The Dash application over a store; its WSGI application is `.server`.

    It answers to `hosts`, or to any name where that is None; with a `launcher` its page of batches starts
    and stops them.
    """
    from app.application import application  # here, so that `import app` loads no Dash

    return application(store, hosts, launcher)
