"""What the panels share: the experiment they are on, the scales of axes."""

from __future__ import annotations

from app.components.choices import Offer, Options
from app.reader import Reader
from app.views import NothingToDrawError, Query
from storage.queries import experiments
from storage.records import ExperimentRecord

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


def with_unit(label: str, unit: str) -> str:
    return f"{label} [{unit}]" if unit else label
