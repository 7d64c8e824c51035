"""Controls of a page that stand in the URL and have a callback of the page's own, without a figure to redraw."""

from __future__ import annotations

from dash import ALL, ClientsideFunction, Dash, Input, State


def kept_id(page: str, key: str, default: str = "") -> dict[str, str]:
    """The id of a control whose `value` the URL calls `key`, where it is not the default."""
    return {"type": f"kept-{page}", "panel": "", "key": key, "default": default}


def every(page: str) -> dict[str, object]:
    """The ids of all such controls of a page."""
    return {"type": f"kept-{page}", "panel": "", "key": ALL, "default": ALL}


def keep(app: Dash, page: str) -> None:
    """Write the values of the page's controls into the URL as they change."""
    app.clientside_callback(
        ClientsideFunction("lab", "remember"),
        Input(every(page), "value"),
        State(every(page), "id"),
        prevent_initial_call=True,
    )
