"""The fields that an experiment keeps of its first seeds, drawn for what they are: those of one plane together."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dash import ALL, Dash, Input, Output, State, ctx, dcc, html, set_props
from dash.exceptions import PreventUpdate

from app.components.choices import SEVERAL, Offer, chosen, controls, of_panel, settled
from app.components.figures import figure_foot, figure_query, figure_source, figure_view, foot
from app.components.later import Awaited, figure_later, nothing_drawn
from app.figures.fields import can_be_drawn, field_figure, field_frame, first_layers, layers_figure, share_a_plane
from app.numbers.field_sql import fields_sql
from app.panels.field_runs import Found, KeptRuns, found_run, kept_runs, run_offers
from app.panels.laws import laws_of, laws_said
from app.panels.shared import asked_experiment
from app.reader import Reader
from app.text.wording import params_text
from app.views import Drawn, NothingToDrawError, Query, Shown, drawn
from storage.errors import StoreError
from storage.queries import fields_kept, fields_of_run, run
from storage.records import ExperimentRecord, FieldRecord

if TYPE_CHECKING:
    from dash.development.base_component import Component

PANEL = "fields"
FIELD, PLANE = "field", "plane"
"""The views: one field, and those that share a plane."""
MOST_SOLID = 2
"""So many figures in three dimensions: a browser draws few at once."""
HEIGHTS = {FIELD: 360, PLANE: 480}
SOLID = Offer(
    key="surface", label="surfaces", options=[("contours", "contours"), ("3d", "3-D")], default="contours", look="row"
)


def layout(read: Reader, experiment: ExperimentRecord, query: Query) -> Component | None:
    """None where no run keeps a field."""
    kept = kept_runs(read, experiment)
    if kept is None:
        return None
    fields = _first_fields(read, experiment, kept)
    offered = offers(experiment, kept, fields)
    values = settled(offered, of_panel(query, PANEL))
    found = found_run(kept, values)
    return html.Section(
        [
            html.H2("Fields"),
            controls(PANEL, offered, values),
            html.Div(_said(found), id="fields-said", **{"aria-live": "polite"}),
            html.Div(
                [
                    html.Div(
                        figure_later(
                            Awaited(
                                view=view,
                                panel=f"{view}-{fixed.get('field', '')}",
                                fixed={"experiment": experiment.name, **fixed},
                                chosen=values,
                                follows=PANEL,
                                height=HEIGHTS[view],
                                label=_label(experiment, fixed),
                            )
                        ),
                        className=view,
                    )
                    for view, fixed in pictures(fields)
                ],
                className="field-grid",
            ),
        ],
        **{"aria-label": "Fields"},
    )


def offers(experiment: ExperimentRecord, kept: KeptRuns, fields: Sequence[FieldRecord]) -> list[Offer]:
    """Which run, and where it has them: surfaces flat or in three dimensions, the layers of the plane."""
    made = run_offers(kept, experiment)
    if any(field.kind == "surface" for field in fields):
        made.append(SOLID)
    if shared := share_a_plane(fields):
        made.append(
            Offer(
                key="layers",
                label="layers of the plane",
                options=[(name, name) for name in shared],
                default=SEVERAL.join(first_layers(fields, shared)),
                several=True,
            )
        )
    return made


def _first_fields(read: Reader, experiment: ExperimentRecord, kept: KeptRuns) -> list[FieldRecord]:
    """What the page is laid out for: the fields of the first run, and an example of each that only other runs keep."""
    default = found_run(kept, {offer.key: offer.default for offer in run_offers(kept, experiment)})
    fields = _fields(read, experiment, default.run_id)
    every = read(fields_kept, experiment.name).drop_duplicates("name")
    others = every[~every["name"].isin([field.name for field in fields])]
    for run_id, name in zip(others["run_id"].tolist(), others["name"].tolist(), strict=True):
        fields += [field for field in _fields(read, experiment, run_id) if field.name == name]
    return _in_order(experiment, fields)


def _fields(read: Reader, experiment: ExperimentRecord, run_id: int) -> list[FieldRecord]:
    """The run's fields in the experiment's order, each of the kind that the experiment says today."""
    kinds = {info.name: info.kind for info in experiment.fields}
    said = [replace(field, kind=kinds.get(field.name, field.kind)) for field in read(fields_of_run, run_id)]
    return _in_order(experiment, said)


def _in_order(experiment: ExperimentRecord, fields: Sequence[FieldRecord]) -> list[FieldRecord]:
    order = {info.name: position for position, info in enumerate(experiment.fields)}
    return sorted(fields, key=lambda field: order.get(field.name, len(order)))


def pictures(fields: Sequence[FieldRecord]) -> list[tuple[str, dict[str, str]]]:
    """(view, its fixed query) of each figure: the plane, then each field that is not in it. Points and arrows of the
    plane are layers of it alone."""
    drawable = [field for field in fields if can_be_drawn(field)]
    shared = share_a_plane(drawable)
    first = first_layers(drawable, shared)
    lone = [field for field in fields if field.name not in first
            and not (field.name in shared and field.kind in ("points", "arrows"))]  # fmt: skip
    made: list[tuple[str, dict[str, str]]] = [(PLANE, {})] if shared else []
    made += [(FIELD, {"field": field.name}) for field in lone]
    surfaces = {field.name for field in fields if field.kind == "surface"}
    solid = [fixed for _, fixed in made if surfaces & ({fixed["field"]} if "field" in fixed else set(first))]
    for fixed in solid[:MOST_SOLID]:
        fixed["solid"] = "yes"
    return made


def _label(experiment: ExperimentRecord, fixed: Mapping[str, str]) -> str:
    name = fixed.get("field")
    described = {info.name: info.text for info in experiment.fields}
    return f"{name}: {described.get(name, name)}" if name else "Fields of one plane over one another"


def _said(found: Found) -> list[Component]:
    """Which run it is, and why it is not the one that was asked for."""
    line = html.P([dcc.Link(f"Run {found.run_id}", href=f"/run/{found.run_id}"), f": {params_text(found.params)}"])
    return [line, html.P(found.said, className="notice-line")] if found.said else [line]


def fields_drawn(read: Reader, experiment: ExperimentRecord, run_id: int) -> list[Component]:
    """Every figure of one run's fields."""
    made: list[Component] = []
    for view, picked in pictures(_fields(read, experiment, run_id)):
        fixed = {"run": str(run_id), **picked}
        try:
            shown = Shown(
                view=view, panel=f"{view}-{picked.get('field', '')}", drawn=drawn(read, VIEWS[view], fixed), fixed=fixed
            )
        except NothingToDrawError as reason:
            made.append(html.P(str(reason), className="quiet"))
            continue
        made.append(
            html.Div(figure_view(shown, height=HEIGHTS[view], label=_label(experiment, picked)), className=view)
        )
    return made


def first_pictures(read: Reader, experiment: ExperimentRecord) -> tuple[Found, list[tuple[str, Query, str]]] | None:
    """The run whose fields are shown first; view, query and label of each of its figures. None where none keeps any."""
    kept = kept_runs(read, experiment)
    if kept is None:
        return None
    found = found_run(kept, {offer.key: offer.default for offer in run_offers(kept, experiment)})
    shown = pictures(_fields(read, experiment, found.run_id))
    run = {"run": str(found.run_id)}
    return found, [(view, {**run, **picked}, _label(experiment, picked)) for view, picked in shown]


def _asked(read: Reader, query: Query) -> tuple[ExperimentRecord, int]:
    """The experiment and the run: by `run` (its id or key), or by experiment and the panel's choices."""
    if "run" in query:
        owner = read(run, query["run"])
        if owner is None:
            raise NothingToDrawError(f"The store holds no run {query['run']!r}.")
        return asked_experiment(read, {"experiment": owner.experiment}), owner.id
    experiment = asked_experiment(read, query)
    kept = kept_runs(read, experiment)
    if kept is None:
        raise NothingToDrawError(f"No run of {experiment.name} keeps its fields.")
    return experiment, found_run(kept, settled(run_offers(kept, experiment), query)).run_id


def _is_solid(query: Query) -> bool:
    return query.get("solid") == "yes" and query.get("surface") == "3d"


def draw(read: Reader, query: Query) -> Drawn:
    """The view `field`: field (its name) of a run, or of the run that experiment and choices say."""
    experiment, run_id = _asked(read, query)
    name = query.get("field", "")
    field = next((each for each in _fields(read, experiment, run_id) if each.name == name), None)
    if field is None:
        raise NothingToDrawError(f"Run {run_id} keeps no field {name!r}.")
    text = next((info.text for info in experiment.fields if info.name == name), name)
    laws = laws_of(read, experiment, run_id, text) if field.kind == "histogram" else {}
    made = field_figure(field, solid=_is_solid(query), signed=_signed(text), laws=list(laws.values()))
    if made is None:
        held = ", ".join(f"{array} {list(values.shape)}" for array, values in field.arrays.items())
        raise NothingToDrawError(f"{name} ({field.kind}) cannot be drawn; it holds {held}.")
    over = [FieldRecord(name=law, kind="law", arrays={"x": x, "density": y}) for law, x, y in laws.values()]
    return Drawn(
        figure=made,
        table=field_frame([field, *over]),
        caption=_sentence(text),
        sql=fields_sql({(run_id,): [field]}, laws_said(read, run_id, list(laws))),
    )


def draw_plane(read: Reader, query: Query) -> Drawn:
    """The view `plane`: layers (names, parted by SEVERAL) of a run, or of the run that experiment and choices say."""
    experiment, run_id = _asked(read, query)
    fields = [field for field in _fields(read, experiment, run_id) if can_be_drawn(field)]
    shared = share_a_plane(fields)
    wanted = [name for name in query.get("layers", "").split(SEVERAL) if name in shared]
    names = wanted or first_layers(fields, shared)
    if not names:
        raise NothingToDrawError(f"Run {run_id} keeps no fields that share a plane.")
    layers = [field for field in fields if field.name in names]
    texts = {info.name: info.text for info in experiment.fields if info.name in names}
    solid = _is_solid(query)
    signed = all(_signed(texts.get(field.name, "")) for field in layers if field.kind == "surface")
    return Drawn(
        figure=layers_figure(layers, solid=solid, signed=signed),
        table=field_frame(layers),
        caption=" ".join(_sentence(texts.get(field.name, field.name)) for field in layers),
        sql=fields_sql({(run_id,): layers}),
    )


def _sentence(text: str) -> str:
    first = text[:1] if text[1:2] == " " else text[:1].upper()  # a symbol stays as it is
    return first + text[1:].rstrip(".") + "."


def _signed(text: str) -> bool:
    """Whether zero may be a boundary: the zero of a logarithm is none."""
    return re.search(r"\blog(10|2)?\b", text) is None


def register(app: Dash, read: Reader) -> None:
    """The choices redraw every figure that follows them; one that is not there yet will come with the choices."""

    @app.callback(  # type: ignore[untyped-decorator]  # Dash has no types
        Output("fields-said", "children"),
        Input({"type": "choice", "panel": PANEL, "key": ALL, "default": ALL}, "value"),
        State(figure_query(ALL), "data"),
        State(figure_query(ALL), "id"),
        State("experiment", "data"),
        prevent_initial_call=True,
    )
    def redraw(
        _values: list[str], queries: list[dict[str, Any]], ids: list[dict[str, str]], name: str
    ) -> list[Component]:
        values = chosen(ctx.inputs_list[0])
        try:
            experiment = asked_experiment(read, {"experiment": name})
            kept = kept_runs(read, experiment)
        except (NothingToDrawError, StoreError):
            kept = None
        if kept is None:  # the store no longer holds what the page showed
            raise PreventUpdate
        found = found_run(kept, settled(run_offers(kept, experiment), values))
        for shown, identity in zip(queries, ids, strict=True):
            if shown and shown.get("follows") == PANEL:
                _redrawn(read, shown, {**shown["fixed"], **values}, identity["panel"])
        return _said(found)


def _redrawn(read: Reader, shown: Mapping[str, Any], query: Query, panel: str) -> None:
    """The figure for the query in place of what the panel shows; an empty one says why."""
    try:
        made = drawn(read, VIEWS[shown["view"]], query)
    except NothingToDrawError as reason:
        made = nothing_drawn(str(reason))
    set_props(figure_source(panel), {"data": made.figure})
    set_props(figure_foot(panel), {"children": foot(shown["view"], made, query)})


VIEWS = {FIELD: draw, PLANE: draw_plane}
