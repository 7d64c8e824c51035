"""Learning curves: any curves of any experiments over one another, averaged over seeds as the reader asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from dash import ALL, ClientsideFunction, Dash, Input, Output, ctx, html
from dash.exceptions import PreventUpdate

from app.components.choices import SEVERAL, Offer, chosen, controls, settled
from app.components.figures import figure_view
from app.http.repeated import repeatable
from app.numbers.intervals import BANDS, STATISTICS, bands_of
from app.numbers.series import varying
from app.pages import Page
from app.panels.lines import ABSCISSAE, BELOW, FIRST, POINTS, How, Source, draw_lines, keys_of_sources, runs_with
from app.panels.selection import first_view, kept_and_pooled, several_offers
from app.panels.shared import AXES
from app.views import Drawn, NothingToDrawError, Query, Shown, drawn
from storage.queries import experiments, run_count
from storage.records import CurveInfo, ExperimentRecord

if TYPE_CHECKING:
    from dash.development.base_component import Component

    from app.reader import Reader

VIEW = "learning"
MOST_LINES = 12
SMOOTHING = {
    "none": "none",
    **{f"mean {points}": f"mean of {points}" for points in (3, 5, 11, 21, 51)},
    **{f"ema {weight}": f"exponential {weight}" for weight in (0.6, 0.8, 0.9, 0.95, 0.99)},
}


def layout(read: Reader, query: Query) -> Component:
    offered = offers(read, query)
    values = settled(offered, query)
    head = html.Header(
        [
            html.H1("Learning curves"),
            html.P("Any curves of any experiments over one another, over seeds.", className="quiet"),
        ],
        className="page-head",
    )
    sources = _sources(read, values)
    try:
        made = drawn(read, draw, values)
    except NothingToDrawError as reason:
        figure: Component = html.P(str(reason), className="quiet")
    else:
        turning = {offer.key for offer in offered if offer.turns}
        shown = Shown(
            view=VIEW,
            panel="",
            drawn=made,
            fixed={key: value for key, value in values.items() if key in turning},
            chosen={key: value for key, value in values.items() if key not in turning},
        )
        figure = html.Section(
            [
                html.H2(_title(sources)),
                figure_view(shown, height=520, label=_title(sources)),
                _readout(STATISTICS[values["statistic"]]),
            ],
            **{"aria-label": "Curves"},
        )
    return html.Div([head, _choices(offered, values), figure], className="learning")


def _readout(statistic: str) -> Component:
    """What learning-curves.js fills: all lines at the x under the pointer, or where its slider stands."""
    return html.Div(className="readout", **{"data-statistic": statistic})


def _title(sources: Sequence[Source]) -> str:
    """One curve by its experiment and what is along y; several by their names."""
    if len(sources) == 1:
        (one,) = sources
        return f"{one.experiment.title}: {one.info.y_label}"
    if len({source.experiment.name for source in sources}) == 1:
        return f"{sources[0].experiment.title}: {', '.join(source.info.name for source in sources)}"
    return ", ".join(f"{source.experiment.name} {source.info.name}" for source in sources)


def _choices(offered: Sequence[Offer], values: Mapping[str, str]) -> Component:
    """What curves, which runs of each experiment, and how they are drawn."""
    owners = dict.fromkeys(offer.key.partition(".")[0] for offer in offered if "." in offer.key)
    parts: list[Component] = [html.Div(controls("", [offered[0]], values), className="whole-row")]
    for owner in owners:
        own = [offer for offer in offered if offer.key.startswith(f"{owner}.")]
        parts.append(html.Div([html.H3(["Runs of ", html.Code(owner)]), controls("", own, values)]))
    rest = [offer for offer in offered[1:] if "." not in offer.key]
    return html.Div([*parts, html.Div([html.H3("Drawing"), controls("", rest, values)])], className="choices")


def offers(read: Reader, query: Query, *, laid_out: bool = True) -> list[Offer]:
    """All choices: those of _first_offers, and last the line with which the panel below compares."""
    first = _first_offers(read, query, laid_out=laid_out)
    lines = keys_of_sources(read, _sources(read, settled(first, query)))
    against = [(FIRST, "the first line"), *((key, key) for key in lines)]
    return [*first, Offer(key="against", label="compared with", options=against, default=FIRST)]


def _first_offers(read: Reader, query: Query, *, laid_out: bool) -> list[Offer]:
    """The curves first; then, of each experiment they are of, its parameters as EXPERIMENT.NAME; then how to draw.

    Where they are not to be laid out, and curves are asked for, the page's first curve is not looked for.
    """
    described = _described(read)
    asked = query.get("curve", "").split(SEVERAL)
    first = "" if not laid_out and set(asked) <= set(described) else _first(read, described)
    curve = Offer(
        key="curve",
        label="curves",
        options=[(name, name) for name in described],
        default=first,
        several=True,
        turns=True,
    )
    taken = [described[name] for name in curve.settled(query.get("curve")).split(SEVERAL) if name in described]
    statistic = Offer(key="statistic", label="statistic", options=list(STATISTICS.items()), default="mean", turns=True)
    bands = bands_of(statistic.settled(query.get("statistic")))
    how = [
        statistic,
        Offer(key="band", label="band", options=[(band, BANDS[band]) for band in bands], default="ci"),
        Offer(key="runs", label="single runs", options=[("no", "hidden"), ("yes", "shown")], default="no"),
        Offer(key="smoothing", label="smoothing", options=list(SMOOTHING.items()), default="none"),
        AXES,
        Offer(key="along", label="x", options=list(ABSCISSAE.items()), default="own"),
        Offer(key="points", label="points", options=list(POINTS.items()), default="auto"),
        Offer(key="below", label="panel below", options=list(BELOW.items()), default="none"),
    ]
    cells = [offer for experiment in _owners(taken) for offer in _cell_offers(read, experiment, taken)]
    return [curve, *cells, *how]


def _described(read: Reader) -> dict[str, tuple[ExperimentRecord, CurveInfo]]:
    """EXPERIMENT/CURVE -> both, learning curves before others."""
    found = [(experiment, info) for experiment in read(experiments) for info in experiment.curves]
    found.sort(key=lambda each: each[1].role != "learning")
    return {f"{experiment.name}/{info.name}": (experiment, info) for experiment, info in found}


def _first(read: Reader, described: Mapping[str, tuple[ExperimentRecord, CurveInfo]]) -> str:
    """The first learning curve of the experiment that has the most runs."""
    learning = [name for name, (_, info) in described.items() if info.role == "learning"] or list(described)
    return max(learning, key=lambda name: read(run_count, described[name][0].name).ok, default="")


def _owners(taken: Sequence[tuple[ExperimentRecord, CurveInfo]]) -> list[ExperimentRecord]:
    return list({experiment.name: experiment for experiment, _ in taken}.values())


def _curves_of(experiment: ExperimentRecord, taken: Sequence[tuple[ExperimentRecord, CurveInfo]]) -> tuple[str, ...]:
    return tuple(info.name for owner, info in taken if owner.name == experiment.name)


def _cell_offers(
    read: Reader, experiment: ExperimentRecord, taken: Sequence[tuple[ExperimentRecord, CurveInfo]]
) -> list[Offer]:
    runs = runs_with(read, experiment.name, _curves_of(experiment, taken))
    vary = varying(runs)
    sizes = [info.name for info in experiment.params if info.is_size]
    first = first_view(runs, list(vary), experiment.guide_params or {}, MOST_LINES, keep=sizes)
    return several_offers(f"{experiment.name}.", vary, first)


def _sources(read: Reader, values: Mapping[str, str]) -> list[Source]:
    described = _described(read)
    taken = [described[name] for name in values.get("curve", "").split(SEVERAL) if name in described]
    made = []
    for experiment, info in taken:
        vary = varying(runs_with(read, experiment.name, _curves_of(experiment, taken)))
        kept, pooled = kept_and_pooled(values, f"{experiment.name}.", vary)
        made.append(Source(experiment=experiment, info=info, kept=kept, pooled=pooled))
    return made


def draw(read: Reader, query: Query) -> Drawn:
    """The view `learning`: curve (EXPERIMENT/CURVE, several parted by |), EXPERIMENT.PARAM, and how to draw them."""
    values = settled(_first_offers(read, query, laid_out=False), query)
    how = How(
        statistic=values["statistic"],
        band=values["band"],
        abscissa=values["along"],
        points=values["points"],
        smoothing=values["smoothing"],
        axes=values["axes"],
        runs=values["runs"] == "yes",
        below=values["below"],
        reference=query.get("against", FIRST),
    )
    return draw_lines(read, _sources(read, values), how)


def register(app: Dash, read: Reader) -> None:
    app.clientside_callback(ClientsideFunction("lines", "readout"), Input({"type": "figure", "panel": ""}, "figure"))

    @app.callback(  # type: ignore[untyped-decorator]  # Dash has no types
        Output({"type": "choice", "panel": "", "key": "against", "default": FIRST}, "data"),
        Input({"type": "choice", "panel": "", "key": ALL, "default": ALL}, "value"),
        Input({"type": "turn", "panel": "", "key": ALL, "default": ALL}, "value"),
        prevent_initial_call=True,
    )
    def lines_there_are(_values: list[str], _turns: list[str]) -> list[dict[str, str]]:
        query = {**chosen(ctx.inputs_list[0]), **chosen(ctx.inputs_list[1])}
        if "against" not in query or "curve" not in query:
            raise PreventUpdate  # the choices of another page
        options = read.kept(
            lines_there_are, tuple(sorted(query.items())), lambda: offers(read, query, laid_out=False)[-1].options
        )
        repeatable()
        return [{"value": value, "label": label} for value, label in options]


PAGE = Page(
    path="/learning-curves", nav="Learning curves", order=10, layout=layout, register=register, views={VIEW: draw}
)
