"""A run's decision boundary with the way of each point to it, and one of the points made to stand out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from app.figures.fields import first_layers, layers_figure, share_a_plane
from app.figures.fields.scales import takes_both_signs
from app.figures.look import SERIES, Figure, Trace, numbers
from app.numbers.robustness import Array
from storage.records import FieldRecord

ORDERS = {"l1": 1.0, "l2": 2.0, "linf": np.inf}
"""The norms whose lengths are known, by the name that fields and curves end in."""


def boundary_layers(fields: Sequence[FieldRecord], norm: str) -> list[FieldRecord]:
    """The surface whose zero line is the boundary, with the regions, points and arrows (in this norm) of its plane;
    nothing where the run keeps no boundary."""
    names = first_layers(fields, share_a_plane(fields) or [field.name for field in fields])
    chosen = [field for field in fields if field.name in names and field.kind != "arrows"]
    if not any(field.kind == "surface" and takes_both_signs(field.arrays["z"]) for field in chosen):
        return []
    arrows = ways(fields, norm)
    return [*chosen, arrows] if arrows is not None else chosen


def ways(fields: Sequence[FieldRecord], norm: str) -> FieldRecord | None:
    """The arrows from the points to the boundary in this norm: those of a field named …_NORM."""
    return next((field for field in fields if field.kind == "arrows" and field.name.endswith(f"_{norm}")), None)


def lengths(arrows: FieldRecord, norm: str) -> Array:
    """How long each arrow is, in a norm of ORDERS."""
    across = arrows.arrays["x1"] - arrows.arrays["x0"]
    up = arrows.arrays["y1"] - arrows.arrays["y0"]
    found: Array = np.linalg.norm(np.stack([across, up]), ord=ORDERS[norm], axis=0)
    return found


def boundary_figure(layers: Sequence[FieldRecord], chosen: tuple[FieldRecord, int] | None) -> Figure:
    """The layers over one another; of the chosen arrows the one at this place stands out, with its point."""
    made = layers_figure(layers)
    if chosen is not None:
        made["data"].append(_standing_out(*chosen))
    return {**made, "layout": {**made["layout"], "showlegend": False}}


def _standing_out(arrows: FieldRecord, place: int) -> Trace:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": numbers([arrows.arrays["x0"][place], arrows.arrays["x1"][place]]),
        "y": numbers([arrows.arrays["y0"][place], arrows.arrays["y1"][place]]),
        "line": {"color": SERIES[3], "width": 3},
        "marker": {"size": [14, 8], "symbol": ["circle-open", "circle"], "color": SERIES[3], "line": {"width": 2.5}},
        "hovertemplate": "%{x:.4g}, %{y:.4g}<extra>the chosen point and the boundary nearest to it</extra>",
        "showlegend": False,
    }
