"""Controls whose state is the page's: each value is kept in the URL, where it is not the one taken anyway."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import dash_mantine_components as dmc
from dash import html

from app.components import stepped

if TYPE_CHECKING:
    from dash.development.base_component import Component

Options = Sequence[tuple[str, str]]
"""(value, label) of each option."""


SEVERAL = "|"
"""Between the values of a choice of several, in the URL."""
ALL = "*"
"""What the URL says where nothing is left out: of several, where none is taken. No parameter has such a value."""


def of_panel(query: Mapping[str, str], panel: str) -> dict[str, str]:
    """key -> value of what the URL says of a panel's choices; a panel named "" is the page's only one."""
    prefix = f"{panel}." if panel else ""
    return {name.removeprefix(prefix): value for name, value in query.items() if name.startswith(prefix)}


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A labelled select that a panel offers; its state stands in the URL as `panel.key`, where it is not the default.

    One of `several` takes any number, whose values are parted by SEVERAL in `default` and in the URL. One that `turns`
    the page lays it out anew, for choices that decide which others there are; any other redraws the panel's figure.
    With `empty`, taking none of several is a choice too, ALL, which the control says in these words. `look` is how few
    ordered values are offered: as a slider with a stop for each, or all in a row.
    """

    key: str
    label: str
    options: Options
    default: str
    several: bool = False
    turns: bool = False
    empty: str = ""
    look: Literal["list", "slider", "row"] = "list"

    def settled(self, asked: str | None) -> str:
        """What was asked for, or the default where that is nothing that there is."""
        if asked is None:
            return self.default
        if self.empty and asked == ALL:
            return ALL
        known = {option for option, _ in self.options}
        wanted = asked.split(SEVERAL) if self.several else [asked]
        return SEVERAL.join(value for value in dict.fromkeys(wanted) if value in known) or self.default


def settled(offers: Sequence[Offer], asked: Mapping[str, str]) -> dict[str, str]:
    """key -> value of every offer: what was asked for where there is such a thing, and the default elsewhere."""
    return {offer.key: offer.settled(asked.get(offer.key)) for offer in offers}


def controls(panel: str, offers: Sequence[Offer], values: Mapping[str, str]) -> Component:
    """The controls of a panel in a row."""
    return html.Div([_control(panel, offer, values[offer.key]) for offer in offers], className="controls")


def _control(panel: str, offer: Offer, value: str) -> Component:
    if offer.look != "list":
        made = stepped.slider if offer.look == "slider" else stepped.row
        return made(choice_id(panel, offer.key, offer.default), offer.label, offer.options, value)
    shared = {
        "id": choice_id(panel, offer.key, offer.default, turns=offer.turns),
        "label": offer.label,
        "data": [{"value": option, "label": text} for option, text in offer.options],
        "size": "xs",
        "comboboxProps": {"shadow": "sm"},
    }
    if offer.several:
        several = value.split(SEVERAL) if value and not (offer.empty and value == ALL) else []
        more = {"placeholder": offer.empty, "miw": f"{len(offer.empty) + 6}ch"} if offer.empty else {}
        return dmc.MultiSelect(value=several, searchable=True, hidePickedOptions=True, maw="36rem", **more, **shared)
    longest = max((len(offer.label) - 5, *(len(text) for _, text in offer.options)))
    return dmc.Select(
        value=value,
        allowDeselect=False,
        searchable=len(offer.options) > 12,
        w=f"clamp(6rem, {longest + 6}ch, 24rem)",
        **shared,
    )


def choice_id(panel: str, key: str, default: str, *, turns: bool = False) -> dict[str, str]:
    """The id of a control whose `value` (text, a number or a list) is a choice."""
    return {"type": "turn" if turns else "choice", "panel": panel, "key": key, "default": default}


def chosen(inputs: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """key -> value of a panel's choices, from an entry of `ctx.inputs_list`."""
    return {entry["id"]["key"]: url_text(entry["value"]) for entry in inputs if entry.get("value") is not None}


def url_text(value: object) -> str:
    """A control's value as the URL says it."""
    return (SEVERAL.join(str(each) for each in value) or ALL) if isinstance(value, list) else str(value)
