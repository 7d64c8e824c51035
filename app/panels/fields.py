"""The fields that an experiment keeps of its first seeds, drawn for what they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from dash import ALL, Dash, Input, Output, State, ctx, html
from dash.exceptions import PreventUpdate

from app.components.choices import Offer, chosen, controls, of_panel, settled
from app.components.figures import figure_view
from app.figures.fields import field_figure, field_frame
from app.panels.selection import options_of
from app.panels.shared import asked_experiment
from app.reader import Reader
from app.series import select, varying
from app.views import Drawn, NothingToDrawError, Query, Shown, drawn
from app.wording import params_text
from storage.queries import cells_of_runs, fields_kept, fields_of_run, run
from storage.records import ExperimentRecord, Value

if TYPE_CHECKING:
    import pandas as pd
    from dash.development.base_component import Component

PANEL = "fields"
VIEW = "field"


def layout(read: Reader, experiment: ExperimentRecord, query: Query) -> Component | None:
    """None where no run keeps a field."""
    runs = runs_with_fields(read, experiment.name)
    if runs.empty:
        return None
    offered = offers(runs, experiment)
    values = settled(offered, of_panel(query, PANEL))
    return html.Section(
        [
            html.H2("Fields"),
            controls(PANEL, offered, values),
            html.Div(drawn_of_chosen(read, experiment, values), id="fields-drawn", className="field-grid"),
        ],
        **{"aria-label": "Fields"},
    )


def runs_with_fields(read: Reader, experiment: str) -> pd.DataFrame:
    runs = read(cells_of_runs, experiment)
    return runs[runs.index.isin(read(fields_kept, experiment)["run_id"])]


def _choices(runs: pd.DataFrame) -> dict[str, list[Value]]:
    """What can be chosen: parameters and seed."""
    return {**varying(runs), "seed": sorted(runs["seed"].unique().tolist())}


def offers(runs: pd.DataFrame, experiment: ExperimentRecord) -> list[Offer]:
    """The run shown first is one of the guide's cell, where it has one."""
    guide: Mapping[str, Value] = experiment.guide_params or {}
    cell = select(runs, {name: value for name, value in guide.items() if name in runs.columns})
    first = (runs if cell.empty else cell).iloc[0]
    return [
        Offer(
            key=name,
            label=name,
            options=options_of(values)[1:],
            default=str(next(v for v in values if v == first[name])),
        )
        for name, values in _choices(runs).items()
    ]


def drawn_of_chosen(read: Reader, experiment: ExperimentRecord, chosen: Mapping[str, str]) -> list[Component]:
    """Every field of the run that is chosen, or a sentence that says why there is none."""
    runs = runs_with_fields(read, experiment.name)
    fixed = {
        name: value for name, values in _choices(runs).items() for value in values if str(value) == chosen.get(name)
    }
    found = select(runs, fixed)
    if found.empty:
        return [html.P(f"No run with {params_text(fixed)} keeps its fields.", className="quiet")]
    return fields_drawn(read, experiment, int(found.index[0]))


def fields_drawn(read: Reader, experiment: ExperimentRecord, run_id: int) -> list[Component]:
    described = {info.name: info.text for info in experiment.fields}
    made: list[Component] = []
    for field in read(fields_of_run, run_id):
        fixed = {"run": str(run_id), "field": field.name}
        try:
            shown = Shown(view=VIEW, panel=f"{VIEW}-{run_id}-{field.name}", drawn=drawn(read, draw, fixed), fixed=fixed)
        except NothingToDrawError as reason:
            made.append(html.P(str(reason), className="quiet"))
            continue
        made.append(figure_view(shown, height=340, label=f"{field.name}: {described.get(field.name, field.name)}"))
    return made


def draw(read: Reader, query: Query) -> Drawn:
    """The view `field`: run (its id) and field (its name)."""
    owner = read(run, query.get("run", ""))
    name = query.get("field", "")
    found = () if owner is None else read(fields_of_run, owner.id, name)
    if owner is None or not found:
        raise NothingToDrawError(f"The store holds no field {name!r} of a run {query.get('run', '')!r}.")
    figure = field_figure(found[0])
    if figure is None:
        held = ", ".join(f"{array} {list(values.shape)}" for array, values in found[0].arrays.items())
        raise NothingToDrawError(f"{name} ({found[0].kind}) cannot be drawn; it holds {held}.")
    infos = asked_experiment(read, {"experiment": owner.experiment}).fields
    return Drawn(
        figure=figure,
        numbers=field_frame(found[0]),
        caption=next((info.text for info in infos if info.name == name), name),
    )


def register(app: Dash, read: Reader) -> None:
    @app.callback(  # type: ignore[untyped-decorator]  # Dash has no types
        Output("fields-drawn", "children"),
        Input({"type": "choice", "panel": PANEL, "key": ALL, "default": ALL}, "value"),
        State("experiment", "data"),
        prevent_initial_call=True,
    )
    def redraw(_values: list[str], name: str) -> list[Component]:
        try:
            experiment = asked_experiment(read, {"experiment": name})
        except NothingToDrawError:
            raise PreventUpdate from None
        return drawn_of_chosen(read, experiment, chosen(ctx.inputs_list[0]))


VIEWS = {VIEW: draw}
