"""Any curve of an experiment: each cell's mean over seeds with its 95 % interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.components.choices import Offer, of_panel, settled
from app.numbers.series import varying
from app.panels.lines import How, Source, draw_lines, runs_with
from app.panels.selection import cell_offers, first_view, fixed_by
from app.panels.shared import AXES, asked_experiment, section_later
from app.reader import Reader
from app.views import Drawn, NothingToDrawError, Query
from storage.queries import cells_of_runs
from storage.records import ExperimentRecord

if TYPE_CHECKING:
    from dash.development.base_component import Component

PANEL = "curves"
MOST_SERIES = 10


def offers(read: Reader, experiment: ExperimentRecord) -> list[Offer]:
    """None where the experiment has no curves or no run yet."""
    runs = read(cells_of_runs, experiment.name)
    if runs.empty or not experiment.curves:
        return []
    vary = varying(runs)
    names = [(info.name, info.name) for info in experiment.curves]
    shown = runs_with(read, experiment.name, (names[0][0],))
    first = first_view(shown, list(vary), experiment.guide_params or {}, MOST_SERIES, keep=_sizes(experiment))
    return [Offer(key="curve", label="curve", options=names, default=names[0][0]), *cell_offers(vary, first), AXES]


def _sizes(experiment: ExperimentRecord) -> list[str]:
    return [info.name for info in experiment.params if info.is_size]


def layout(read: Reader, experiment: ExperimentRecord, query: Query) -> Component | None:
    """None where there is nothing to offer."""
    offered = offers(read, experiment)
    if not offered:
        return None
    chosen = settled(offered, of_panel(query, PANEL))
    return section_later("Curves", "Curves", PANEL, experiment, offered, chosen)


def draw(read: Reader, query: Query) -> Drawn:
    """The view `curves`: experiment, curve, axes and p.NAME for each parameter."""
    experiment = asked_experiment(read, query)
    offered = offers(read, experiment)
    if not offered:
        raise NothingToDrawError(f"The store holds no curve of {experiment.name}.")
    chosen = settled(offered, query)
    info = next(curve for curve in experiment.curves if curve.name == chosen["curve"])
    fixed = fixed_by(chosen, varying(read(cells_of_runs, experiment.name)))
    source = Source(experiment=experiment, info=info, kept={name: [value] for name, value in fixed.items()})
    return draw_lines(read, [source], How(axes=chosen["axes"]))


VIEWS = {PANEL: draw}
