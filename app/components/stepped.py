"""Controls for few ordered values: a slider with a stop for each of them, and a row of buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dash_mantine_components as dmc
from dash import MATCH, ClientsideFunction, Dash, Input, Output, State, dcc, html

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dash.development.base_component import Component

MOST_MARKS = 12
"""So many stops of a slider are written under it."""


def slider(name: dict[str, str], label: str, options: Sequence[tuple[str, str]], value: str) -> Component:
    """A stop an option, evenly spaced whatever their values; the choice (its id is `name`) is a hidden field, which the
    slider sets."""
    stops = [option for option, _ in options]
    every = -(-len(stops) // MOST_MARKS)
    marks = [
        {"value": k, "label": text if k % every == 0 or k == len(stops) - 1 else ""}
        for k, (_, text) in enumerate(options)
    ]
    return html.Div(
        [
            html.Span(label, className="control-label"),
            dmc.Slider(
                id=name | {"type": "slider"},
                value=stops.index(value),
                min=0,
                max=len(stops) - 1,
                step=1,
                marks=marks,
                label={"function": "stopLabel", "options": {"texts": [text for _, text in options]}},
                thumbLabel=label,
                updatemode="drag",
                size="sm",
                thumbSize=16,
            ),
            dcc.Store(id=name | {"type": "slider-stops"}, data=stops),
            dcc.Input(id=name, value=value, type="hidden"),
        ],
        className="stepped",
        style={"width": f"clamp(9rem, {3.2 * len(stops) + 2}rem, 34rem)"},
    )


def row(name: dict[str, str], label: str, options: Sequence[tuple[str, str]], value: str) -> Component:
    return html.Div(
        [
            html.Span(label, className="control-label"),
            dmc.SegmentedControl(
                id=name,
                value=value,
                data=[{"value": option, "label": text} for option, text in options],
                size="xs",
                **{"aria-label": label},
            ),
        ],
    )


def register(app: Dash) -> None:
    """A slider's stop is the choice's value."""

    def of(kind: str) -> dict[str, Any]:
        return {"type": kind, "panel": MATCH, "key": MATCH, "default": MATCH}

    app.clientside_callback(
        ClientsideFunction("stepped", "chosen"),
        Output(of("choice"), "value"),
        Input(of("slider"), "value"),
        State(of("slider-stops"), "data"),
        State(of("choice"), "value"),
        prevent_initial_call=True,
    )
