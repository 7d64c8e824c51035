"""Any curve of an experiment: each cell's mean over seeds with its 95 % interval."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from dash import Dash, Input, Output, State, html

from app.components.choices import Options, choice, choice_of, choices_of_panel
from app.components.figures import figure_source, figure_view
from app.figures.look import Figure
from app.figures.means import curve_figure
from app.panels.selection import cell_choices, first_view, fixed_by
from app.panels.shared import AXES, chosen_now, described_experiment, scales
from app.reader import Reader
from app.series import curve_series, select, varying
from storage.queries import cells_of_runs, curves
from storage.records import ExperimentRecord

if TYPE_CHECKING:
    from dash.development.base_component import Component

PANEL = "curves"
MOST_SERIES = 10


def layout(read: Reader, experiment: ExperimentRecord, query: Mapping[str, str]) -> Component | None:
    """None where the experiment has no curves or no run yet."""
    runs = read(cells_of_runs, experiment.name)
    if runs.empty or not experiment.curves:
        return None
    vary = varying(runs)
    names: Options = [(info.name, info.name) for info in experiment.curves]
    values = {
        "curve": choice_of(query, PANEL, "curve", names, names[0][0]),
        "axes": choice_of(query, PANEL, "axes", AXES, "auto"),
    }
    size = [info.name for info in experiment.params if info.is_size]
    first = first_view(runs, list(vary), experiment.guide_params or {}, MOST_SERIES, keep=size)
    controls, fixes = cell_choices(PANEL, vary, first, query)
    figure, caption = draw(read, experiment, values | fixes)
    return html.Section(
        [
            html.H2("Curves"),
            html.Div(
                [
                    choice(PANEL, "curve", "curve", names, values["curve"], names[0][0]),
                    *controls,
                    choice(PANEL, "axes", "axes", AXES, values["axes"], "auto"),
                ],
                className="controls",
            ),
            figure_view(PANEL, figure, html.Span(caption, id="curves-caption"), height=380, label="Curves over seeds"),
        ],
        **{"aria-label": "Curves"},
    )


def draw(read: Reader, experiment: ExperimentRecord, chosen: Mapping[str, str]) -> tuple[Figure, str]:
    """Figure and caption."""
    runs = read(cells_of_runs, experiment.name)
    fixed = fixed_by(chosen, varying(runs))
    info = next(curve for curve in experiment.curves if curve.name == chosen["curve"])
    taken = select(runs, fixed)
    drawn = read(curves, experiment.name, info.name, tuple(fixed.items()))
    size = next((param.name for param in experiment.params if param.is_size), None)
    series = curve_series(taken, drawn, keep=size)
    x_log, y_log = scales(chosen["axes"], (info.x_log, info.y_log))
    y_label = f"{info.y_label} [{info.unit}]" if info.unit else info.y_label
    figure = curve_figure(series, info.x_label, y_label, x_log=x_log, y_log=y_log, size=size)
    seeds = taken.loc[taken.index.isin(list(drawn)), "seed"].nunique()
    caption = f"Mean and 95 % t interval over seeds at each x; {len(drawn):,} runs, {seeds:,} seeds."
    if any(len(set(line.n.tolist())) > 1 for line in series):
        caption += " Some runs end early: n, shown on hover, falls along the curve."
    return figure, caption


def register(app: Dash, read: Reader) -> None:
    @app.callback(  # type: ignore[untyped-decorator]  # Dash has no types
        Output(figure_source(PANEL), "data"),
        Output("curves-caption", "children"),
        Input(choices_of_panel(PANEL), "value"),
        State("experiment", "data"),
        prevent_initial_call=True,
    )
    def redraw(_values: list[str], name: str) -> tuple[Figure, str]:
        return draw(read, described_experiment(read, name), chosen_now())
