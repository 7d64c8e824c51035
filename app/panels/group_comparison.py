"""Groups of runs compared: metrics with paired statistics, one metric seed by seed, mean curves over one another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from dash import html

from app.components.choices import Offer, controls, of_panel, settled
from app.components.facts import table
from app.components.figures import figure_view
from app.components.tables import export_links
from app.figures.means import curve_figure
from app.figures.seeds import seeds_figure
from app.numbers import sql
from app.numbers.group_sql import curves_sql, seeds_sql
from app.numbers.groups import Group, asked_groups, comparison, groups_of, mean_curve, metrics_of, seed_values
from app.numbers.series import series_frame
from app.panels.shared import AXES, scales, with_unit
from app.reader import Reader
from app.views import Draw, Drawn, NothingToDrawError, Query, Shown, drawn
from storage.queries import curve_names, curves_of_runs, experiments
from storage.records import CurveInfo, ExperimentRecord, MetricInfo
from storage.wording import with_interval

if TYPE_CHECKING:
    import pandas as pd
    from dash.development.base_component import Component

METRICS, SEEDS, CURVES = "compare-groups", "compare-seeds", "compare-curves"


def _described(read: Reader) -> dict[str, ExperimentRecord]:
    return {each.name: each for each in read(experiments)}


def _compared(read: Reader, query: Query) -> list[Group]:
    groups, wrong = groups_of(read, query)
    if wrong or not groups:
        raise NothingToDrawError(next(iter(wrong.values()), "No group of runs is named: ?a=FILTER&b=FILTER names two."))
    return groups


def metrics_section(read: Reader, groups: Sequence[Group], query: Query) -> Component:
    described = _described(read)
    fixed = asked_groups(query)
    made = drawn(read, draw_metrics, fixed)
    if made.numbers.empty:
        return html.Section([html.H2("Metrics"), html.P("These runs have no metric.", className="quiet")])
    infos = _infos(described, groups)
    parts = [
        html.H2("Metrics"),
        html.P(made.caption, className="quiet compare-said"),
        _table(made.numbers, infos, several=len(groups) > 1),
        *export_links(METRICS, fixed, made.sql),
    ]
    return html.Section(parts, **{"aria-label": "Metrics"})


def draw_metrics(read: Reader, query: Query) -> Drawn:
    """The view `compare-groups`: a, b … f, the filters of the groups; a table without a figure."""
    groups = _compared(read, query)
    metrics = metrics_of(read, groups, _described(read))
    words = "Means over seeds with 95 % t intervals."
    if len(groups) > 1:
        words += (
            f" Difference: the group's value less {groups[0].name}'s at the same seed, with the paired t interval."
            f" P(> {groups[0].name}), same seed: the share of those pairs in which the group has the larger value, with"
            " the interval of Clopper and Pearson. Any seeds: the share of all pairs of a seed of each (probability of"
            " improvement), with Newcombe's score interval, which takes the groups as independent. A tie counts half."
        )
    return Drawn(
        figure={"data": [], "layout": {}},
        table=comparison(read, groups, metrics),
        caption=words,
        sql=seeds_sql(read, groups) + '\nSELECT "group", metric, avg(value) AS mean, count(*) AS n FROM seeds\n'
        'GROUP BY "group", metric\nORDER BY metric, "group"',
    )


def _infos(described: Mapping[str, ExperimentRecord], groups: Sequence[Group]) -> dict[str, MetricInfo]:
    names = dict.fromkeys(name for group in groups for name, _ in group.cells)
    return {info.name: info for name in reversed(names) for info in described[name].metrics}


def _table(numbers: pd.DataFrame, infos: Mapping[str, MetricInfo], *, several: bool) -> Component:
    """A metric's groups under one another: its name stands before the first."""
    first = str(numbers["group"].iloc[0])
    head = ["metric", "group", "mean over seeds", "n"]
    if several:
        head += [f"difference to {first}", "pairs", "alone", f"P(> {first}), same seed", f"P(> {first}), any seeds"]
    rows, before = [], ""
    for row in numbers.to_dict("records"):
        info = infos[row["metric"]]
        name = html.Code(info.name, title=with_unit(info.text, info.unit)) if info.name != before else ""
        before = info.name
        cells = [name, row["group"], _told(row, "mean", "low", "high"), str(row["n"])]
        if several:
            counts = [
                "" if row[part] != row[part] or row[part] is None else str(row[part]) for part in ("pairs", "alone")
            ]
            cells += [_told(row, "difference"), *counts, _told(row, "p_same_seed"), _told(row, "p_any_seeds")]
        rows.append(cells)
    return table(head, rows, numeric=range(2, len(head)), label="Metrics of the groups")


def _told(row: Mapping[Any, Any], name: str, low: str = "", high: str = "") -> str:
    value, *ends = (row[part] for part in (name, low or f"{name}_low", high or f"{name}_high"))
    known = [None if each != each else each for each in ends]
    return "" if value != value else with_interval(value, known[0], known[1])


def seeds_section(read: Reader, groups: Sequence[Group], query: Query) -> Component | None:
    """One metric, seed by seed; None where there is none."""
    metrics = metrics_of(read, groups, _described(read))
    if not metrics:
        return None
    return _section(read, "Seed by seed", SEEDS, draw_seeds, [_metric_offer(metrics)], query)


def _metric_offer(metrics: Sequence[str]) -> Offer:
    return Offer(key="metric", label="metric", options=[(name, name) for name in metrics], default=metrics[0])


def draw_seeds(read: Reader, query: Query) -> Drawn:
    """The view `compare-seeds`: a, b … f and metric: a point a seed of each group, and the groups' means."""
    groups = _compared(read, query)
    described = _described(read)
    metrics = metrics_of(read, groups, described)
    if not metrics:
        raise NothingToDrawError("These runs have no metric.")
    metric = settled([_metric_offer(metrics)], query)["metric"]
    info = _infos(described, groups)[metric]
    table = comparison(read, groups, [metric]).set_index("group")
    shown = [group for group in groups if group.name in table.index]
    values = {group.name: of for group, of in zip(groups, seed_values(read, groups, metric), strict=True) if len(of)}
    seeds = sorted({seed for of in values.values() for seed in of.index.tolist()})
    grid = np.array([values[group.name].reindex(seeds).to_numpy() for group in shown])
    means = table.loc[[group.name for group in shown], ["mean", "low", "high", "n"]].to_numpy(dtype=np.float64)
    return Drawn(
        figure=seeds_figure([group.name for group in shown], seeds, grid, means, with_unit(info.name, info.unit)),
        table=_points([group.name for group in shown], seeds, grid, means),
        caption=f"{info.text}. Grey: each seed, joined where several groups have it; beside it the mean over seeds with"
        " its 95 % t interval.",
        sql=seeds_sql(read, groups) + f'\nSELECT "group", seed, value FROM seeds\nWHERE metric = {sql.literal(metric)}'
        '\nORDER BY "group", seed',
    )


def _points(names: Sequence[str], seeds: Sequence[int], grid: np.ndarray, means: np.ndarray) -> pd.DataFrame:
    """The points at seeds, then the means: those have no seed, but an interval and n."""
    import pandas as pd

    at, of = np.nonzero(~np.isnan(grid))
    points = pd.DataFrame(
        {"group": np.array(names)[at], "seed": pd.array(np.array(seeds)[of], dtype="Int64"), "value": grid[at, of]}
    )
    told = pd.DataFrame(means, columns=["value", "low", "high", "n"]).assign(group=names)
    frame = pd.concat([points, told], ignore_index=True)[["group", "seed", "value", "low", "high", "n"]]
    return frame.astype({"n": "Int64"})


def curves_section(read: Reader, groups: Sequence[Group], query: Query) -> Component | None:
    """Mean curves; None where no run has any."""
    offered = _curve_offers(read, groups)
    return _section(read, "Curves", CURVES, draw_curves, offered, query) if offered else None


def _curve_offers(read: Reader, groups: Sequence[Group]) -> list[Offer]:
    names = dict.fromkeys(name for group in groups for name in read(curve_names, group.ids))
    if not names:
        return []
    return [
        Offer(key="curve", label="curve", options=[(name, name) for name in names], default=next(iter(names))),
        AXES,
    ]


def draw_curves(read: Reader, query: Query) -> Drawn:
    """The view `compare-curves`: a, b … f, curve and axes."""
    groups = _compared(read, query)
    offered = _curve_offers(read, groups)
    if not offered:
        raise NothingToDrawError("These runs have no curve.")
    chosen = settled(offered, query)
    name = chosen["curve"]
    made = [mean_curve(group, read(curves_of_runs, group.ids, name)) for group in groups]
    series = [line for line in made if line is not None]
    info = curve_info(_described(read), [of for group in groups for of, _ in group.cells], name)
    x_log, y_log = scales(chosen["axes"], (info.x_log, info.y_log))
    caption = "Mean and 95 % t interval over seeds at each x."
    if lacking := [group.name for group, line in zip(groups, made, strict=True) if line is None]:
        caption += f" Without this curve: {', '.join(lacking)}."
    if any(len(set(line.n.tolist())) > 1 for line in series):
        caption += " Some runs end early: n, shown on hover, falls along the curve."
    return Drawn(
        figure=curve_figure(
            series, info.x_label, with_unit(info.y_label, info.unit), x_log=x_log, y_log=y_log, size=None
        ),
        table=series_frame(series, "x"),
        caption=caption,
        sql=curves_sql(read, groups, name),
    )


def curve_info(described: Mapping[str, ExperimentRecord], experiments: Sequence[str], name: str) -> CurveInfo:
    """What the first of the experiments that has this curve says of it."""
    known = (info for of in experiments for info in described[of].curves if info.name == name)
    return next(known, CurveInfo(name=name, x_label="x", y_label=name))


def _section(read: Reader, title: str, view: str, draw: Draw, offered: Sequence[Offer], query: Query) -> Component:
    fixed, chosen = asked_groups(query), settled(offered, of_panel(query, view))
    shown = Shown(view=view, panel=view, drawn=drawn(read, draw, {**fixed, **chosen}), fixed=fixed, chosen=chosen)
    parts = [html.H2(title), controls(view, offered, chosen), figure_view(shown, height=380, label=title)]
    return html.Section(parts, **{"aria-label": title})


VIEWS = {METRICS: draw_metrics, SEEDS: draw_seeds, CURVES: draw_curves}
