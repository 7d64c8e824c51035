"""What the panels' callbacks share: the experiment they are on, the choices made, the scales of axes."""

from __future__ import annotations

from dash import ctx
from dash.exceptions import PreventUpdate

from app.components.choices import Options, chosen
from app.reader import Reader
from storage.queries import experiments
from storage.records import ExperimentRecord

AXES: Options = [
    ("auto", "as fits"),
    ("linear", "linear"),
    ("logx", "log x"),
    ("logy", "log y"),
    ("loglog", "log x and y"),
]


def scales(axes: str, fitting: tuple[bool, bool]) -> tuple[bool, bool]:
    """Whether x and y are logarithmic."""
    return fitting if axes == "auto" else (axes in ("logx", "loglog"), axes in ("logy", "loglog"))


def described_experiment(read: Reader, name: str) -> ExperimentRecord:
    """The experiment of the open page; nothing is updated where the store no longer holds it."""
    for experiment in read(experiments):
        if experiment.name == name:
            return experiment
    raise PreventUpdate


def chosen_now() -> dict[str, str]:
    """key -> value of the panel whose callback runs; its choices are the first input."""
    return chosen(ctx.inputs_list[0])
