"""Controls whose state is the page's: each value is kept in the URL, where it is not the one taken anyway."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import dash_mantine_components as dmc
from dash import ALL

if TYPE_CHECKING:
    from dash.development.base_component import Component

Options = Sequence[tuple[str, str]]
"""(value, label) of each option."""


def choice_of(query: Mapping[str, str], panel: str, key: str, options: Options, default: str) -> str:
    """What the URL says of this choice, or the default where it says nothing that there is."""
    value = query.get(f"{panel}.{key}", default)
    return value if any(value == option for option, _ in options) else default


def choice(panel: str, key: str, label: str, options: Options, value: str, default: str) -> Component:
    """A labelled select; its state stands in the URL as `panel.key`."""
    longest = max((len(text) for _, text in options), default=0)
    return dmc.Select(
        id={"type": "choice", "panel": panel, "key": key, "default": default},
        label=label,
        data=[{"value": option, "label": text} for option, text in options],
        value=value,
        allowDeselect=False,
        searchable=len(options) > 12,
        size="xs",
        w=f"clamp(6rem, {longest + 6}ch, 24rem)",
        comboboxProps={"shadow": "sm"},
    )


def choices_of_panel(panel: str) -> dict[str, Any]:
    """The id of all choices of a panel, for a callback's input."""
    return {"type": "choice", "panel": panel, "key": ALL, "default": ALL}


def chosen(inputs: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """key -> value of a panel's choices, from an entry of `ctx.inputs_list`."""
    return {entry["id"]["key"]: entry["value"] for entry in inputs if entry.get("value") is not None}
