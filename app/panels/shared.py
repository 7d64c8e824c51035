"""What the panels share: the experiment they are on, their section of a page, the scales of axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dash import html

from app.components.choices import Offer, Options, controls
from app.components.later import Awaited, figure_later
from app.reader import Reader
from app.views import NothingToDrawError, Query
from storage.queries import experiments
from storage.records import ExperimentRecord

if TYPE_CHECKING:
    from dash.development.base_component import Component

_AXES: Options = [
    ("auto", "as fits"),
    ("linear", "linear"),
    ("logx", "log x"),
    ("logy", "log y"),
    ("loglog", "log x and y"),
]
AXES = Offer(key="axes", label="axes", options=_AXES, default="auto")


def scales(axes: str, fitting: tuple[bool, bool]) -> tuple[bool, bool]:
    """Whether x and y are logarithmic."""
    return fitting if axes == "auto" else (axes in ("logx", "loglog"), axes in ("logy", "loglog"))


def asked_experiment(read: Reader, query: Query) -> ExperimentRecord:
    """The experiment that the query names; raises NothingToDrawError where the store holds none of that name."""
    name = query.get("experiment", "")
    for experiment in read(experiments):
        if experiment.name == name:
            return experiment
    raise NothingToDrawError(f"The store holds no experiment {name!r}.")


def section_later(
    title: str, name: str, panel: str, experiment: ExperimentRecord, offers: Sequence[Offer], chosen: Query
) -> Component:
    """A section of the experiment's page, called `name`: a panel's choices over its view, which has its name and
    is drawn when it is near."""
    figure = Awaited(
        view=panel, panel=panel, fixed={"experiment": experiment.name}, chosen=chosen, height=380, label=name
    )
    return html.Section([html.H2(title), controls(panel, offers, chosen), figure_later(figure)], **{"aria-label": name})


def with_unit(label: str, unit: str) -> str:
    return f"{label} [{unit}]" if unit else label
