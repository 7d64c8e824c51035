"""The fields that an experiment keeps of its first seeds, drawn for what they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from dash import Dash, Input, Output, State, html

from app.components.choices import choice, choice_of, choices_of_panel
from app.components.figures import figure_view
from app.figures.fields import field_figure
from app.panels.selection import Varying, options_of
from app.panels.shared import chosen_now, described_experiment
from app.reader import Reader
from app.series import select, varying
from app.wording import params_text
from storage.queries import cells_of_runs, fields_kept, fields_of_run
from storage.records import ExperimentRecord, Value

if TYPE_CHECKING:
    import pandas as pd
    from dash.development.base_component import Component

PANEL = "fields"


def layout(read: Reader, experiment: ExperimentRecord, query: Mapping[str, str]) -> Component | None:
    """None where no run keeps a field."""
    runs = runs_with_fields(read, experiment.name)
    if runs.empty:
        return None
    vary, first = _choices(runs, experiment)
    values, controls = {}, []
    for name, options in vary.items():
        offered = options_of(options)[1:]
        values[name] = choice_of(query, PANEL, name, offered, first[name])
        controls.append(choice(PANEL, name, name, offered, values[name], first[name]))
    return html.Section(
        [
            html.H2("Fields"),
            html.Div(controls, className="controls"),
            html.Div(draw(read, experiment, values), id="fields-drawn", className="field-grid"),
        ],
        **{"aria-label": "Fields"},
    )


def runs_with_fields(read: Reader, experiment: str) -> pd.DataFrame:
    runs = read(cells_of_runs, experiment)
    return runs[runs.index.isin(read(fields_kept, experiment)["run_id"])]


def _choices(runs: pd.DataFrame, experiment: ExperimentRecord) -> tuple[Varying, dict[str, str]]:
    """What can be chosen, parameters and seed, and the run shown first: the guide's cell where it has one."""
    guide: Mapping[str, Value] = experiment.guide_params or {}
    vary: dict[str, list[Value]] = {**varying(runs), "seed": sorted(runs["seed"].unique().tolist())}
    cell = select(runs, {name: value for name, value in guide.items() if name in runs.columns})
    first = (runs if cell.empty else cell).iloc[0]
    return vary, {name: str(next(v for v in values if v == first[name])) for name, values in vary.items()}


def draw(read: Reader, experiment: ExperimentRecord, chosen: Mapping[str, str]) -> list[Component]:
    """Every field of the run that is chosen, or a sentence that says why there is none."""
    runs = runs_with_fields(read, experiment.name)
    vary, _ = _choices(runs, experiment)
    fixed = {name: value for name, values in vary.items() for value in values if str(value) == chosen.get(name)}
    found = select(runs, fixed)
    if found.empty:
        return [html.P(f"No run with {params_text(fixed)} keeps its fields.", className="quiet")]
    return fields_drawn(read, experiment, int(found.index[0]))


def fields_drawn(read: Reader, experiment: ExperimentRecord, run_id: int) -> list[Component]:
    described = {info.name: info.text for info in experiment.fields}
    drawn: list[Component] = []
    for field in read(fields_of_run, run_id):
        figure = field_figure(field)
        said = described.get(field.name, field.name)
        if figure is None:
            held = ", ".join(f"{name} {list(array.shape)}" for name, array in field.arrays.items())
            drawn.append(html.P(f"{field.name} ({field.kind}) cannot be drawn; it holds {held}.", className="quiet"))
        else:
            drawn.append(
                figure_view(f"field-{run_id}-{field.name}", figure, said, height=340, label=f"{field.name}: {said}")
            )
    return drawn


def register(app: Dash, read: Reader) -> None:
    @app.callback(  # type: ignore[untyped-decorator]  # Dash has no types
        Output("fields-drawn", "children"),
        Input(choices_of_panel(PANEL), "value"),
        State("experiment", "data"),
        prevent_initial_call=True,
    )
    def redraw(_values: list[str], name: str) -> list[Component]:
        return draw(read, described_experiment(read, name), chosen_now())
