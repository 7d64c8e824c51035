"""The one look of every figure: colours, axes, template, and how arrays and text go into a figure.

A figure is a plain dict, complete as it stands, in the colours of the light theme. For the dark theme a page exchanges
each colour for its partner in DARK; so a figure is made once, whatever the theme.
"""

from __future__ import annotations

import base64
import html
import math
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Figure = dict[str, Any]
Trace = dict[str, Any]

INK, MUTED, AXIS, GRID, PAPER = "#1c1d21", "#5f616a", "#b4b5bc", "#ececef", "#ffffff"
SERIES = ("#0b62a8", "#c04a08", "#007a58", "#a03f78", "#8f6300", "#3d8fc0", "#6b6d75", "#6a4fb3")
"""Categories, told apart under the three common kinds of colour blindness, and by marker as well."""
MARKERS = ("circle", "square", "diamond", "triangle-up", "x", "triangle-down", "cross", "star")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
TRANSPARENT = "rgba(0,0,0,0)"

_RAMP_LIGHT = ("#35b779", "#1f9e89", "#26828e", "#31688e", "#3e4989", "#482878", "#440154")
_RAMP_DARK = ("#31688e", "#26828e", "#1f9e89", "#35b779", "#6ece58", "#b5de2b", "#fde725")
_STEPS = 25
_DIVERGING_LIGHT = ("#0b62a9", "#8fb8d9", "#f6f6f7", "#e3b093", "#c04a09")
_DIVERGING_DARK = ("#6cb2f3", "#355e84", "#1d1e22", "#7d4a2d", "#f59057")


def _blend(anchors: Sequence[str], steps: int) -> tuple[str, ...]:
    """So many colours evenly along the anchors, linear between neighbours."""
    channels = np.array([[int(color[at : at + 2], 16) for at in (1, 3, 5)] for color in anchors], dtype=float)
    at = np.linspace(0, len(anchors) - 1, steps)
    mixed = np.stack([np.interp(at, range(len(anchors)), channel) for channel in channels.T], axis=1)
    return tuple("#" + "".join(f"{round(value):02x}" for value in row) for row in mixed)


RAMP = _blend(_RAMP_LIGHT, _STEPS)
"""One sequential ramp, small to large: the larger, the further from the paper."""
SEQUENTIAL = tuple([position / 6, color] for position, color in enumerate(_RAMP_LIGHT))
DIVERGING = tuple([position / 4, color] for position, color in enumerate(_DIVERGING_LIGHT))

TINT = 0.45
"""How much of a colour is in its tint, which large areas have: the rest is paper."""


def _tinted(color: str, paper: str) -> str:
    return _blend((paper, color), 101)[round(100 * TINT)]


DARK: dict[str, str] = {
    **dict(zip((INK, MUTED, AXIS, GRID, PAPER), ("#e6e7ea", "#a0a3ad", "#565962", "#2a2c31", "#141518"), strict=True)),
    **dict(
        zip(
            SERIES,
            ("#6cb2f2", "#f59056", "#3cc79b", "#dd94c1", "#e0b13d", "#a5d8ff", "#a3a6af", "#b5a3f2"),
            strict=True,
        )
    ),
    **dict(zip(RAMP, _blend(_RAMP_DARK, _STEPS), strict=True)),
    **dict(zip(_DIVERGING_LIGHT, _DIVERGING_DARK, strict=True)),
}
DARK |= {_tinted(color, PAPER): _tinted(DARK[color], DARK[PAPER]) for color in (*SERIES, *RAMP)}
"""Each colour's partner in the dark theme."""

SMALLER = (np.int8, np.int16, np.int32, np.float32)
A_LOOK = 64
"""So many numbers tell that most arrays do not fit, before all are tried."""
FEW_DIGITS = 0.45
"""Over so few decades a log axis would have one or two whole digits to label."""
LABEL_WIDTH, UPRIGHT = 44, 30
"""Letters on one line of an axis title, and of one that stands upright beside a low figure."""
FONT = "system-ui, -apple-system, 'Segoe UI', 'Helvetica Neue', Arial, 'Liberation Sans', sans-serif"
_AXIS = {
    "color": MUTED,
    "gridcolor": GRID,
    "linecolor": AXIS,
    "tickcolor": AXIS,
    "showline": True,
    "ticks": "outside",
    "ticklen": 4,
    "tickwidth": 1,
    "zeroline": False,
    "exponentformat": "power",
    "minexponent": 5,  # 20000 rather than 2×10⁴
    "automargin": True,
    "tickfont": {"size": 11},
    "title": {"font": {"size": 12, "color": MUTED}, "standoff": 8},
}
TEMPLATE: Figure = {
    "layout": {
        "font": {"family": FONT, "size": 12, "color": INK},
        "paper_bgcolor": TRANSPARENT,
        "plot_bgcolor": TRANSPARENT,
        "colorway": list(SERIES),
        "margin": {"l": 8, "r": 12, "t": 12, "b": 8},
        "hovermode": "closest",
        "hoverlabel": {"bgcolor": PAPER, "bordercolor": AXIS, "font": {"color": INK, "size": 12}, "align": "left"},
        "legend": {
            "orientation": "h",
            "x": 0,
            "yref": "container",  # on the paper it stands where the margins were before a change of width
            "y": 1,
            "yanchor": "top",
            "font": {"size": 11, "color": INK},
            "title": {"font": {"size": 11, "color": MUTED}},
            "itemwidth": 30,
            "bgcolor": TRANSPARENT,
        },
        "xaxis": _AXIS,
        "yaxis": _AXIS,
        "modebar": {"bgcolor": TRANSPARENT, "color": AXIS, "activecolor": INK},
    }
}


def figure(traces: Sequence[Trace], **layout: Any) -> Figure:
    return {"data": list(traces), "layout": {"template": TEMPLATE, **layout}}


def numbers(values: ArrayLike) -> dict[str, str]:
    """Numbers in plotly's typed form (base64), of the smallest type that holds each of them exactly: a tenth of the
    time of a list, and half its bytes or less."""
    array = _smallest(np.ascontiguousarray(values, dtype=np.float64))
    kind = array.dtype.newbyteorder("<")
    bdata = base64.b64encode(array.astype(kind, copy=False).tobytes()).decode("ascii")
    typed = {"dtype": kind.str[1:], "bdata": bdata}
    return typed if array.ndim == 1 else {**typed, "shape": ", ".join(str(length) for length in array.shape)}


def _smallest(array: NDArray[np.float64]) -> NDArray[Any]:
    """The same numbers in fewer bytes, where they are whole or short fractions."""
    for kind in SMALLER:
        if all(np.array_equal(_as(part, kind), part, equal_nan=True) for part in (array.ravel()[:A_LOOK], array)):
            return _as(array, kind)
    return array


def _as(array: NDArray[np.float64], kind: type[np.generic]) -> NDArray[Any]:
    with np.errstate(invalid="ignore", over="ignore"):  # what does not fit comes back another number
        return array.astype(kind)


def plain(words: object) -> str:
    """Text for a figure, shown letter by letter: plotly would read markup in it."""
    return html.escape(str(words), quote=False)


def category(position: int) -> tuple[str, str]:
    """Colour and marker of the category at a position; of more than there are colours, the second eight are hollow."""
    hollow = "-open" if position // len(SERIES) % 2 else ""
    return SERIES[position % len(SERIES)], MARKERS[position % len(MARKERS)] + hollow


def ramp(count: int) -> tuple[str, ...]:
    """A colour for each of so many sizes, smallest first."""
    if count == 1:
        return (RAMP[-1],)
    return tuple(RAMP[round(position)] for position in np.linspace(0, _STEPS - 1, count))


def tint(color: str) -> str:
    """A colour of SERIES or RAMP, mixed with paper."""
    return _tinted(color, PAPER)


def see_through(color: str, opacity: float) -> str:
    return f"{color}{round(255 * opacity):02x}"


def worth_a_log(values: Iterable[float], decades: float = 1.0) -> bool:
    """Whether all values are positive and spread over so many decades."""
    finite = [value for value in values if math.isfinite(value)]
    return bool(finite) and min(finite) > 0 and math.log10(max(finite) / min(finite)) >= decades


def axis(
    title: str, values: Iterable[float] = (), *, log: bool = False, labels: int = 8, letters: int = LABEL_WIDTH
) -> dict[str, Any]:
    """An axis with its title in lines of so many letters. A log axis with room for so many labels is labelled each
    decade or, where the values span few, at 1, 2, 5 or every digit, each label the whole number (plotly would write 2
    for 200), and where they span a part of one, in even steps."""
    lines = textwrap.wrap(title, letters)
    made: dict[str, Any] = {"title": {"text": "<br>".join(plain(line) for line in lines)}}
    if not log:
        return made
    positive = [value for value in values if math.isfinite(value) and value > 0]
    decades = math.log10(max(positive) / min(positive)) if positive else 3.0
    if decades < FEW_DIGITS:
        return made | {"type": "log", "tickformat": "~g"}  # plotly then labels even steps
    digits = next((step for step, each in (("D1", 9), ("D2", 3)) if each * decades + 1 <= labels), None)
    if digits:
        return made | {"type": "log", "dtick": digits, "tickformat": "~g"}
    minor = {"ticks": "outside", "ticklen": 2, "tickcolor": AXIS, "dtick": "D1" if decades < 6 else None}
    return made | {"type": "log", "dtick": max(1, math.ceil(decades / labels)), "minor": minor}
