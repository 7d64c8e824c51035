"""Any metric against size: mean and 95 % interval over seeds, computed on every stored run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from app.components.choices import ALL, Offer, of_panel, settled
from app.figures.beside import with_caption
from app.figures.means import fits_a_log, size_figure
from app.numbers import sql
from app.numbers.convergence import going_along
from app.numbers.series import metric_series, select, series_frame, varying
from app.panels.selection import cell_offers, first_view, fixed_by
from app.panels.shared import AXES, asked_experiment, scales, section_later, with_unit
from app.reader import Reader
from app.views import Drawn, NothingToDrawError, Query
from storage.queries import cells_of_runs, metric_values
from storage.records import ExperimentRecord, Value

if TYPE_CHECKING:
    import pandas as pd
    from dash.development.base_component import Component

PANEL = "size"
MOST_SERIES = 8


def offers(read: Reader, experiment: ExperimentRecord) -> list[Offer]:
    """None where no parameter with numbers varies: there is no size to draw against."""
    return read.kept(offers, (experiment.name,), lambda: _offers(read, experiment))


def _offers(read: Reader, experiment: ExperimentRecord) -> list[Offer]:
    runs = read(cells_of_runs, experiment.name)
    vary = varying(runs)
    numeric = [info.name for info in experiment.params if info.name in vary and info.type in ("int", "float")]
    if not numeric or not experiment.metrics:
        return []
    size = next((info.name for info in experiment.params if info.is_size and info.name in numeric), None)
    x_default = size or max(numeric, key=lambda name: len(vary[name]))
    metrics = [(info.name, info.name) for info in experiment.metrics]
    shown = runs[runs.index.isin(read(metric_values, experiment.name, metrics[0][0]).index)]
    others, going = _parting(shown, x_default)
    first = first_view(shown, others, experiment.guide_params or {}, MOST_SERIES) | dict.fromkeys(going, ALL)
    if len(numeric) > 1:  # the parameter along x can be fixed too, for when another one is there
        first[x_default] = ALL
    return [
        Offer(key="metric", label="metric", options=metrics, default=metrics[0][0]),
        Offer(key="x", label="against", options=[(name, name) for name in numeric], default=x_default),
        *cell_offers(vary, first),
        AXES,
    ]


def layout(read: Reader, experiment: ExperimentRecord, query: Query) -> Component | None:
    """None where there is nothing to offer."""
    offered = offers(read, experiment)
    if not offered:
        return None
    chosen = settled(offered, of_panel(query, PANEL))
    title = f"Metric against {chosen['x']}"
    return section_later(title, "Metric against size", PANEL, experiment, offered, chosen)


def draw(read: Reader, query: Query) -> Drawn:
    """The view `size`: experiment, metric, x, axes and p.NAME for each parameter."""
    experiment = asked_experiment(read, query)
    offered = offers(read, experiment)
    if not offered:
        raise NothingToDrawError(f"No parameter of {experiment.name} with numbers varies over its runs.")
    chosen = settled(offered, query)
    runs, x = read(cells_of_runs, experiment.name), chosen["x"]
    fixed = fixed_by(chosen, varying(runs))
    info = next(metric for metric in experiment.metrics if metric.name == chosen["metric"])
    taken = select(runs, fixed)
    values = read(metric_values, experiment.name, info.name)
    cells = experiment.name, x, tuple(sorted(fixed.items()))
    going = read.kept(_parting, cells, lambda: _parting(taken, x))[1]
    series = metric_series(taken.drop(columns=going), values, x)
    x_log, y_log = scales(chosen["axes"], fits_a_log(series))
    n = sum(int(line.n.sum()) for line in series)
    picture = size_figure(series, x, with_unit(info.name, info.unit), x_log=x_log, y_log=y_log)
    return Drawn(
        figure=picture,
        table=series_frame(series, x),
        caption=with_caption(
            picture,
            f"{info.name}: {info.text.rstrip('.')}. Mean over seeds, 95 % t interval; "
            f"{n:,} of {len(taken):,} runs have this metric."
            + (f" {' and '.join(going)} {'changes' if len(going) == 1 else 'change'} with {x}." if going else ""),
        ),
        sql=_sql(experiment, info.name, fixed, [*{name: None for line in series for name in line.params}, x]),
    )


def _parting(runs: pd.DataFrame, x: str) -> tuple[list[str], list[str]]:
    """The parameters that tell lines along x apart, and those that go with x."""
    others = [name for name in varying(runs) if name != x]
    going = going_along(runs, x, others)
    return [name for name in others if name not in going], going


def _sql(experiment: ExperimentRecord, metric: str, fixed: Mapping[str, Value], keys: Sequence[str]) -> str:
    condition = sql.where(fixed, f"{sql.name(metric)} IS NOT NULL")
    return sql.means_by(keys, sql.name(metric), f"runs_{experiment.name}", condition)


VIEWS = {PANEL: draw}
