"""Colours of values, and axes of one space, for fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from app.figures.look import AXIS, DIVERGING, SEQUENTIAL

Arrays = Mapping[str, NDArray[Any]]
Box = tuple[float, float, float, float]
"""Least and greatest x, least and greatest y."""

ONE_SPACE = 1.5
"""Two axes whose spans differ by a larger factor are taken for different things."""
BAR = {"thickness": 8, "outlinewidth": 0, "len": 0.9, "tickcolor": AXIS, "ticklen": 3, "exponentformat": "power"}


def takes_both_signs(values: NDArray[Any]) -> bool:
    """Whether zero lies well inside the values: it is a boundary then, and no rounding of a least value."""
    if not values.size:
        return False
    low, high = float(values.min()), float(values.max())
    return low < 0 < high and min(-low, high) > 0.02 * (high - low)


def color_scale(values: NDArray[Any], *, signed: bool = True) -> dict[str, Any]:
    """Values of both signs around a neutral zero, others along the ramp."""
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
    if signed and takes_both_signs(values):
        reach = max(-low, high)
        return {"colorscale": list(DIVERGING), "zmin": -reach, "zmax": reach, "colorbar": BAR}
    return {"colorscale": list(SEQUENTIAL), "zmin": low, "zmax": high, "colorbar": BAR}


def box_of(x: NDArray[Any], y: NDArray[Any]) -> Box:
    return float(x.min()), float(x.max()), float(y.min()), float(y.max())


def one_space(box: Box) -> bool:
    """Whether x and y look like coordinates of one space: their spans are alike."""
    spans = box[1] - box[0], box[3] - box[2]
    return 0 < max(spans) <= ONE_SPACE * min(spans)


def square() -> dict[str, Any]:
    """A unit of x as long as a unit of y."""
    return {"yaxis": {"scaleanchor": "x", "constrain": "domain"}, "xaxis": {"constrain": "domain"}}
