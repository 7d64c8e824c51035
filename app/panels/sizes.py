"""Any metric against size: mean and 95 % interval over seeds, computed on every stored run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dash import Dash, Input, Output, State, html

from app.components.choices import Options, choice, choice_of, choices_of_panel
from app.components.facts import table
from app.components.figures import figure_source, figure_view
from app.figures.look import Figure
from app.figures.means import fits_a_log, size_figure
from app.panels.selection import ALL, cell_choices, first_view, fixed_by
from app.panels.shared import AXES, chosen_now, described_experiment, scales
from app.reader import Reader
from app.series import Series, metric_series, select, varying
from app.wording import value_text
from storage.queries import cells_of_runs, metric_values
from storage.records import ExperimentRecord
from storage.wording import with_interval

if TYPE_CHECKING:
    from dash.development.base_component import Component

PANEL = "size"
MOST_SERIES = 8


def layout(read: Reader, experiment: ExperimentRecord, query: Mapping[str, str]) -> Component | None:
    """None where no parameter with numbers varies: there is no size to draw against."""
    runs = read(cells_of_runs, experiment.name)
    if runs.empty or not experiment.metrics:
        return None
    vary = varying(runs)
    numeric = [info.name for info in experiment.params if info.name in vary and info.type in ("int", "float")]
    if not numeric:
        return None
    size = next((info.name for info in experiment.params if info.is_size and info.name in numeric), None)
    against: Options = [(name, name) for name in numeric]
    x_default = size or max(numeric, key=lambda name: len(vary[name]))
    metrics: Options = [(info.name, info.name) for info in experiment.metrics]
    values = {
        "metric": choice_of(query, PANEL, "metric", metrics, metrics[0][0]),
        "x": choice_of(query, PANEL, "x", against, x_default),
        "axes": choice_of(query, PANEL, "axes", AXES, "auto"),
    }
    shown = runs[runs.index.isin(read(metric_values, experiment.name, metrics[0][0]).index)]
    others = [name for name in vary if name != x_default]
    first = first_view(shown, others, experiment.guide_params or {}, MOST_SERIES)
    if len(numeric) > 1:  # the parameter along x can be fixed too, for when another one is there
        first[x_default] = ALL
    controls, fixes = cell_choices(PANEL, vary, first, query)
    figure, caption, rows = draw(read, experiment, values | fixes)
    return html.Section(
        [
            html.H2(f"Metric against {x_default}"),
            html.Div(
                [
                    choice(PANEL, "metric", "metric", metrics, values["metric"], metrics[0][0]),
                    choice(PANEL, "x", "against", against, values["x"], x_default),
                    *controls,
                    choice(PANEL, "axes", "axes", AXES, values["axes"], "auto"),
                ],
                className="controls",
            ),
            figure_view(PANEL, figure, html.Span(caption, id="size-caption"), height=380, label="Metric against size"),
            html.Details([html.Summary("The numbers"), html.Div(rows, id="size-numbers")]),
        ],
        **{"aria-label": "Metric against size"},
    )


def draw(read: Reader, experiment: ExperimentRecord, chosen: Mapping[str, str]) -> tuple[Figure, str, Component]:
    """Figure, caption and the table of its numbers."""
    runs = read(cells_of_runs, experiment.name)
    x = chosen["x"]
    fixed = fixed_by(chosen, varying(runs))
    info = next(metric for metric in experiment.metrics if metric.name == chosen["metric"])
    taken = select(runs, fixed)
    series = metric_series(taken, read(metric_values, experiment.name, info.name), x)
    x_log, y_log = scales(chosen["axes"], fits_a_log(series))
    label = f"{info.name} [{info.unit}]" if info.unit else info.name
    figure = size_figure(series, x, label, x_log=x_log, y_log=y_log)
    n = sum(int(line.n.sum()) for line in series)
    caption = (
        f"{info.text.rstrip('.')}. Mean over seeds, 95 % t interval; {n:,} of {len(taken):,} runs have this metric."
    )
    return figure, caption, _numbers(series, x, info.name)


def _numbers(series: Sequence[Series], x: str, metric: str) -> Component:
    rows: list[list[Any]] = []
    for line in series:
        for at, mean, low, high, n in zip(line.x, line.mean, line.low, line.high, line.n, strict=True):
            ends = (float(low), float(high)) if n > 1 else (None, None)
            rows.append([line.name, value_text(float(at)), with_interval(float(mean), *ends), f"{n}"])
    return table(["cells", x, f"mean {metric} [95 % interval]", "n"], rows, numeric=(1, 2, 3), label="The numbers")


def register(app: Dash, read: Reader) -> None:
    @app.callback(  # type: ignore[untyped-decorator]  # Dash has no types
        Output(figure_source(PANEL), "data"),
        Output("size-caption", "children"),
        Output("size-numbers", "children"),
        Input(choices_of_panel(PANEL), "value"),
        State("experiment", "data"),
        prevent_initial_call=True,
    )
    def redraw(_values: list[str], name: str) -> tuple[Figure, str, Component]:
        return draw(read, described_experiment(read, name), chosen_now())
