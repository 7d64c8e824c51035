"""Runs side by side: parameters that differ, metrics with their differences, curves over one another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from dash import dcc, html

from app.components.choices import Offer, controls, of_panel, settled
from app.components.facts import table
from app.components.figures import figure_view
from app.components.run_choice import MOST_RUNS
from app.components.tables import export_links
from app.figures.means import curve_figure
from app.numbers.series import Series
from app.panels.group_comparison import curve_info
from app.panels.shared import AXES, scales, with_unit
from app.reader import Reader
from app.text.wording import params_text, value_text
from app.views import Drawn, NothingToDrawError, Query, Shown, drawn
from storage.queries import RunRow, curve_names, curves_of_runs, curves_of_runs_sql, experiments, rows_of
from storage.records import ExperimentRecord
from storage.wording import number

if TYPE_CHECKING:
    import pandas as pd
    from dash.development.base_component import Component

METRICS, CURVES = "compare-metrics", "compare-run-curves"


def asked_runs(query: Query) -> tuple[list[int], str]:
    """The ids that the URL names, each once; and what is wrong with it, in one sentence, or ""."""
    words = list(dict.fromkeys(word.strip() for word in query.get("runs", "").split(",") if word.strip()))
    strange = [word for word in words if not (word.isascii() and word.isdecimal() and len(word) < 19)]
    if strange:
        return [], f"{strange[0]!r} is no run's id: ?runs=1,2,3 names three."
    if len(words) > MOST_RUNS:
        return (
            [],
            f"At most {MOST_RUNS} runs stand side by side, and {len(words)} were asked for: compare them as groups.",
        )
    return [int(word) for word in words], ""


def params_section(read: Reader, runs: Sequence[RunRow]) -> Component:
    """What differs, and what is the same in all of them, folded."""
    facts: dict[str, list[str]] = {"experiment": [run.experiment for run in runs]}
    for name in dict.fromkeys(name for run in runs for name in run.params):
        facts[name] = [value_text(run.params[name]) if name in run.params else "–" for run in runs]
    facts |= {
        "seed": [str(run.seed) for run in runs],
        "status": [run.status for run in runs],
        "revision": [str(run.revision) for run in runs],
    }
    differing = [name for name, values in facts.items() if len(set(values)) > 1]
    same = [name for name in facts if name not in differing]
    head = ["", *(f"run {run.id}" for run in runs)]
    rows = [[html.Code(name), *facts[name]] for name in differing]
    parts = [html.H2("What differs")]
    if rows:
        parts.append(table(head, rows, numeric=range(1, len(head)), label="What differs"))
    else:
        parts.append(html.P("Nothing: these are runs of one cell at one seed.", className="quiet"))
    listed = ", ".join(f"{name} {facts[name][0]}" for name in same)
    parts.append(html.Details([html.Summary(f"The same in all: {len(same)}"), html.P(listed)]))
    return html.Section(parts, **{"aria-label": "What differs"})


def metrics_section(read: Reader, runs: Sequence[RunRow]) -> Component | None:
    fixed = _fixed(runs)
    made = drawn(read, draw_metrics, fixed)
    if made.numbers.empty:
        return None
    described = {each.name: each for each in read(experiments)}
    infos = {info.name: info for run in reversed(runs) for info in described[run.experiment].metrics}
    values = made.numbers.pivot(index="metric", columns="run", values="value")
    first, *others = (run.id for run in runs)
    head = ["", f"run {first}"]
    for other in others:
        head += [f"run {other}", f"less run {first}"]
    rows = []
    for name in dict.fromkeys(made.numbers["metric"]):
        of = values.loc[name]
        title = with_unit(infos[name].text, infos[name].unit) if name in infos else ""
        cells: list[Component | str] = [html.Code(name, title=title), _number(of.get(first))]
        for other in others:
            cells += [
                _number(of.get(other)),
                html.Span(_number(_less(of.get(other), of.get(first))), className="quiet"),
            ]
        rows.append(cells)
    parts = [html.H2("Metrics"), table(head, rows, numeric=range(1, len(head)), label="Metrics")]
    return html.Section([*parts, *export_links(METRICS, fixed, made.sql)], **{"aria-label": "Metrics"})


def _less(value: float | None, first: float | None) -> float | None:
    return None if value is None or first is None else value - first


def _number(value: float | None) -> str:
    return "" if value is None or value != value else number(value, 5)


def draw_metrics(read: Reader, query: Query) -> Drawn:
    """The view `compare-metrics`: runs=1,2,3; each metric of each run, and its difference to the first run's."""
    import pandas as pd

    runs = _runs(read, query)
    described = {each.name: each for each in read(experiments)}
    order = dict.fromkeys(info.name for run in runs for info in described[run.experiment].metrics)
    names = dict.fromkeys([*order, *sorted({name for run in runs for name in run.metrics})])
    rows = [
        (name, run.id, run.metrics[name], run.metrics[name] - runs[0].metrics.get(name, np.nan))
        for name in names
        for run in runs
        if name in run.metrics
    ]
    ids = ", ".join(str(run.id) for run in runs)
    return Drawn(
        figure={"data": [], "layout": {}},
        table=pd.DataFrame(rows, columns=["metric", "run", "value", "less_first"]),
        sql=f"SELECT name AS metric, run_id AS run, value\nFROM metric\nWHERE run_id IN ({ids})\nORDER BY name, run_id",
    )


def curves_section(read: Reader, runs: Sequence[RunRow], query: Query) -> Component | None:
    offered = _offers(read, runs)
    if not offered:
        return None
    fixed, chosen = _fixed(runs), settled(offered, of_panel(query, CURVES))
    made = drawn(read, draw_curves, {**fixed, **chosen})
    shown = Shown(view=CURVES, panel=CURVES, drawn=made, fixed=fixed, chosen=chosen)
    parts = [html.H2("Curves"), controls(CURVES, offered, chosen), figure_view(shown, height=380, label="Curves")]
    return html.Section(parts, **{"aria-label": "Curves"})


def _offers(read: Reader, runs: Sequence[RunRow]) -> list[Offer]:
    names = read(curve_names, tuple(run.id for run in runs))
    if not names:
        return []
    options = [
        (name, name if number == len(runs) else f"{name} ({number} of {len(runs)} runs)")
        for name, number in names.items()
    ]
    most = max(names, key=lambda name: names[name])
    return [Offer(key="curve", label="curve", options=options, default=most), AXES]


def draw_curves(read: Reader, query: Query) -> Drawn:
    """The view `compare-run-curves`: runs=1,2,3, curve and axes; a line a run, without an interval."""
    runs = _runs(read, query)
    offered = _offers(read, runs)
    if not offered:
        raise NothingToDrawError("These runs have no curve.")
    chosen = settled(offered, query)
    name = chosen["curve"]
    curves = read(curves_of_runs, tuple(run.id for run in runs), name)
    lines = [_line(run, *curves[run.id]) for run in runs if run.id in curves]
    described: Mapping[str, ExperimentRecord] = {each.name: each for each in read(experiments)}
    info = curve_info(described, [run.experiment for run in runs], name)
    x_log, y_log = scales(chosen["axes"], (info.x_log, info.y_log))
    return Drawn(
        figure=curve_figure(
            lines, info.x_label, with_unit(info.y_label, info.unit), x_log=x_log, y_log=y_log, size=None
        ),
        table=_points(lines),
        caption=f"{name}: one line a run, and so without an interval.",
        sql=read(curves_of_runs_sql, tuple(run.id for run in runs), name),
    )


def _line(run: RunRow, x: np.ndarray, y: np.ndarray) -> Series:
    none, one = np.full(len(x), np.nan), np.ones(len(x), dtype=np.int64)
    return Series(
        name=f"{run.id}: {params_text(run.params)}, seed {run.seed}",
        params={"run": run.id},
        x=x,
        mean=y,
        low=none,
        high=none,
        n=one,
    )


def _points(lines: Sequence[Series]) -> pd.DataFrame:
    import pandas as pd

    return pd.concat(
        [pd.DataFrame({"run": line.params["run"], "x": line.x, "y": line.mean}) for line in lines], ignore_index=True
    )


def _fixed(runs: Sequence[RunRow]) -> dict[str, str]:
    return {"runs": ",".join(str(run.id) for run in runs)}


def _runs(read: Reader, query: Query) -> tuple[RunRow, ...]:
    ids, wrong = asked_runs(query)
    runs = read(rows_of, tuple(ids))
    if not runs:
        raise NothingToDrawError(wrong or "The store holds none of these runs.")
    return runs


def heads(runs: Sequence[RunRow]) -> Component:
    """Each run as a link, with its cell and seed."""
    return html.Ul(
        [
            html.Li(
                [
                    dcc.Link(f"run {run.id}", href=f"/run/{run.id}"),
                    f" {run.experiment}: {params_text(run.params)}, seed {run.seed}",
                ]
            )
            for run in runs
        ],
        className="plain compare-heads",
    )


VIEWS = {METRICS: draw_metrics, CURVES: draw_curves}
