"""A figure on a page: drawn in the colours of the theme, with a caption that says what it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dash import dcc, html

from app.figures.look import TRANSPARENT, Figure

if TYPE_CHECKING:
    from dash.development.base_component import Component

CONFIG = {
    "displaylogo": False,
    "showSendToCloud": False,
    "displayModeBar": "hover",
    "modeBarButtons": [["toImage", "zoom2d", "pan2d", "resetScale2d"]],
    "toImageButtonOptions": {"format": "svg"},
    "scrollZoom": False,
}
_WAITING = {
    "data": [],
    "layout": {
        "xaxis": {"visible": False},
        "yaxis": {"visible": False},
        "paper_bgcolor": TRANSPARENT,
        "plot_bgcolor": TRANSPARENT,
    },
}


def figure_source(name: str) -> dict[str, Any]:
    """The id whose `data` is the figure of this name: what callbacks write."""
    return {"type": "figure-source", "name": name}


def figure_view(
    name: str, figure: Figure, caption: str | Component = "", *, height: int = 280, label: str = ""
) -> Component:
    """`name` is unlike every other figure's on the page; `label` is what a screen reader says, else the caption."""
    return html.Figure(
        [
            dcc.Store(id=figure_source(name), data=figure),
            html.Div(
                dcc.Graph(
                    id={"type": "figure", "name": name},
                    figure=_WAITING,
                    config=CONFIG,
                    responsive=True,
                    style={"height": f"{height}px"},
                ),
                role="img",
                **{"aria-label": label or (caption if isinstance(caption, str) else name)},
            ),
            html.Figcaption(caption) if caption else None,
        ],
        className="figure",
    )
