"""The view of robust accuracy over ε: means over seeds with bands, and whether the methods are in theory's order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import dcc, html

from app.components.verdicts import mark
from app.figures.robustness import DRAWN, Panel, panels_figure, together_figure
from app.numbers import sql
from app.numbers.robustness import ORDER, method_text, norm_text, order_of
from app.panels.attacks import EACH, Shown, key_of, shown_by, title_of, with_curves
from app.reader import Reader
from app.text.wording import count
from app.views import Drawn, Query

if TYPE_CHECKING:
    import pandas as pd
    from dash.development.base_component import Component

    from app.numbers.intervals import Summary

VIEW = "robustness"
TAKEN = ("experiment", "norm", "method", "ε", "value", "mean", "standard_error", "low", "high", "n")
"""Columns that are no parameter's; one of such a name stands beside them as param_NAME."""
SQL_TYPES = {"int": "BIGINT", "float": "DOUBLE PRECISION", "bool": "BOOLEAN", "str": "TEXT"}
MOST_LINKS = 12


def draw(read: Reader, query: Query) -> Drawn:
    """The view `robustness`: experiment, norm, method, models (each, one) and EXPERIMENT.PARAMETER."""
    shown = shown_by(read, query)
    means = [{method: model.means(method) for method in model.accuracy} for model in shown.models]
    panels = [
        Panel(
            key=key_of(model.experiment, dict(model.params)),
            title=title_of(model, shown),
            epsilon=model.epsilon,
            methods=summaries,
        )
        for model, summaries in zip(shown.models, means, strict=True)
    ]
    label = f"ε in {norm_text(shown.norms[0])}" if len(shown.norms) == 1 else "ε"
    runs = {(model.experiment, run) for model in shown.models for run in model.runs.tolist()}
    seeds = {seed for model in shown.models for seed in model.seeds.tolist()}
    return Drawn(
        figure=(panels_figure if shown.layout == EACH else together_figure)(panels, label),
        table=_numbers(shown, means),
        caption=_caption(shown, count(len(runs), "run"), count(len(seeds), "seed")),
        sql="\nUNION ALL\n".join(_sql(read, name, shown) for name in shown.experiments),
    )


def _caption(shown: Shown, runs: str, seeds: str) -> str:
    if not shown.models:
        return "No run of these models has such a curve."
    said = (
        "Share of the points that are classified right and stay so under every change of at most ε: mean over seeds "
        f"with its 95 % t interval; {runs}, {seeds}."
    )
    if shown.layout == EACH or len(shown.models) == 1:
        return said
    strokes = ", ".join(f"{method_text(method)} {DRAWN[method]}" for method in shown.methods if method in DRAWN)
    return f"{said} {strokes[:1].upper()}{strokes[1:]}."


def _numbers(shown: Shown, means: list[dict[str, Summary]]) -> pd.DataFrame:
    import pandas as pd

    parts = [
        pd.DataFrame(
            {
                "experiment": model.experiment,
                "norm": model.norm,
                "method": method,
                **{sql.beside(name, TAKEN): value for name, value in model.params.items()},
                "ε": model.epsilon,
                "mean": of.value,
                "low": of.low,
                "high": of.high,
                "n": of.n,
            }
        )[of.n > 0]
        for model, summaries in zip(shown.models, means, strict=True)
        for method, of in summaries.items()
    ]
    last = ["ε", "mean", "low", "high", "n"]
    if not parts:
        return pd.DataFrame(columns=["experiment", "norm", "method", *last])
    made = pd.concat(parts, ignore_index=True)
    return made[[*(name for name in made.columns if name not in last), *last]]


def _sql(read: Reader, experiment: str, shown: Shown) -> str:
    types = {
        param: SQL_TYPES[info.type]
        for name in shown.experiments
        for info in with_curves(read)[name].params
        for param in [info.name]
        if any(param in model.params for model in shown.models)
    }
    own = list(next((model.params for model in shown.models if model.experiment == experiment), {}))
    held = "".join(f", runs.{sql.name(name)} AS {sql.name(sql.beside(name, TAKEN))}" for name in own)
    conditions = [
        f"robustness.experiment = {sql.literal(experiment)}",
        *(
            f"robustness.{column} IN ({', '.join(sql.literal(value) for value in values)})"
            for column, values in (("norm", shown.norms), ("method", shown.methods))
        ),
        *(f"runs.{sql.name(name)} = {sql.literal(value)}" for name, value in shown.fixed[experiment].items()),
    ]
    source = (
        f'(SELECT robustness.norm, robustness.method, robustness.epsilon AS "ε", robustness.accuracy{held}\n'
        f"       FROM robustness JOIN {sql.name(f'runs_{experiment}')} AS runs ON runs.run_id = robustness.run_id\n"
        f"       WHERE {' AND '.join(conditions)}) AS points"
    )
    inner = sql.means_by(["norm", "method", *(sql.beside(name, TAKEN) for name in own), "ε"], "accuracy", source, "")
    params = [
        sql.name(sql.beside(name, TAKEN))
        if name in own
        else f"CAST(NULL AS {kind}) AS {sql.name(sql.beside(name, TAKEN))}"
        for name, kind in types.items()
    ]
    columns = [f"{sql.literal(experiment)} AS experiment", "norm", "method", *params, '"ε"', "mean"]
    return f"SELECT {', '.join(columns)}, standard_error, n\nFROM (\n{inner}\n) AS means"


def order_said(read: Reader, query: Query) -> list[Component | str]:
    """Whether the methods are in order in every run that is shown, and in which they are not."""
    shown = shown_by(read, query)
    found = order_of(shown.models)
    methods = [method for method in ORDER if any(method in model.accuracy for model in shown.models)]
    if not found.comparisons:
        return ["No two methods to compare."]
    order = " ≤ ".join(method_text(method) for method in methods)
    compared = f"{found.comparisons:,} comparisons in {count(found.of_runs, 'run')}"
    if not found.broken:
        return [mark("ok"), f" {order} at every ε of every run: {compared}."]
    links: list[Component | str] = []
    for run in found.runs[:MOST_LINKS]:
        links += [", "] * bool(links) + [dcc.Link(f"run {run}", href=f"/run/{run}")]
    more = len(found.runs) - MOST_LINKS
    return [
        mark("failed"),
        f" {order} is broken in {found.broken:,} of {compared}: ",
        html.Span([*links, f" and {more} more" if more > 0 else ""]),
        ".",
    ]


VIEWS = {VIEW: draw}
