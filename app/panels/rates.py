"""Rates: every fitted slope beside theory's, and every power law that the store's claims are about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import numpy as np
from dash import dcc, html

from app.components.facts import table
from app.components.figures import figure_view
from app.components.fixed import fixed
from app.components.verdicts import allowed, mark, measured
from app.figures.convergence import Slope, slopes_figure
from app.numbers.convergence import POWER_LAW
from app.numbers.verdicts import status_of, weightiest
from app.panels.shared import with_unit
from app.panels.trend_sql import slopes_sql
from app.panels.trends import Fitted, Shown, quantities, shown_by, slope_text
from app.reader import Reader
from app.text.wording import params_text
from app.views import Drawn, Query, drawn
from app.views import Shown as View
from storage.queries import experiments, verdicts
from storage.wording import interval, number

if TYPE_CHECKING:
    import pandas as pd
    from dash.development.base_component import Component

VIEW = "rates"
PAGE = "/width-convergence"


def draw(read: Reader, query: Query) -> Drawn:
    """The view `rates`: the slopes of the view `width_convergence` for the same query."""
    shown = shown_by(read, query)
    slopes = [_slope(each) for each in shown.fitted]
    known = sum(bool(np.isfinite(each.slope)) for each in slopes)
    return Drawn(
        figure=slopes_figure([each for each in slopes if np.isfinite(each.slope)]),
        table=_frame(shown, slopes),
        caption=(
            f"{known} of {len(slopes)} slopes, each with its 95 % interval over seeds, "
            f"{'seeds left out whole, one at a time' if shown.centre == 'mean' else 'the median of the seeds’ own'}; "
            "pale: what the claim allows, thin: theory on the same sizes. A verdict's interval is wider where its "
            "claim speaks of several trends at once."
        ),
        sql=slopes_sql(read, shown),
    )


def _slope(each: Fitted) -> Slope:
    low, high = _allowed(each)
    return Slope(
        name=each.name,
        slope=each.rate.slope,
        low=each.rate.low,
        high=each.rate.high,
        allowed_low=low,
        allowed_high=high,
        theory=each.predicted,
        text=slope_text(each.rate),
    )


def _allowed(each: Fitted) -> tuple[float | None, float | None]:
    law = each.trend.power_law
    return (None, None) if law is None else law.allowed(each.predicted)


def _frame(shown: Shown, slopes: Sequence[Slope]) -> pd.DataFrame:
    import pandas as pd

    rows = []
    for each, slope in zip(shown.fitted, slopes, strict=True):
        sizes = each.trend.x[each.trend.fitted(shown.start)]
        law = each.trend.power_law
        rows.append(
            {
                "experiment": each.trend.of.experiment,
                "metric": each.trend.of.metric,
                "cells": params_text(each.params),
                "against": each.trend.of.x,
                "from": sizes.min() if len(sizes) else np.nan,
                "to": sizes.max() if len(sizes) else np.nan,
                "sizes": len(sizes),
                "slope": slope.slope,
                "low": slope.low,
                "high": slope.high,
                "n": each.rate.seeds,
                "theory": slope.theory,
                "allowed_low": slope.allowed_low,
                "allowed_high": slope.allowed_high,
                "claim": law.verdict.claim if law else "",
                "verdict": law.verdict.status if law else "",
                "because": each.rate.reason,
            }
        )
    columns = list(rows[0]) if rows else ["experiment", "metric", "slope", "low", "high", "n"]
    return pd.DataFrame(rows, columns=columns)


def layout(read: Reader, query: Query) -> list[Component]:
    """The fitted slopes as a picture and as a table."""
    made = drawn(read, draw, query)
    shown = shown_by(read, query)
    if not shown.fitted:
        return [html.P("No run of these cells has the metric.", className="quiet")]
    view = View(view=VIEW, panel=VIEW, drawn=made, fixed=dict(query))
    height = 70 + 34 * min(sum(bool(np.isfinite(each.rate.slope)) for each in shown.fitted), 16)
    return [
        _table(shown),
        figure_view(view, height=height, label="Fitted slopes with their intervals over what theory allows"),
    ]


def _table(shown: Shown) -> Component:
    rows = []
    for each in shown.fitted:
        law, sizes = each.trend.power_law, each.trend.x[each.trend.fitted(shown.start)]
        rows.append(
            [
                dcc.Link(each.trend.of.experiment, href=f"/experiment/{each.trend.of.experiment}"),
                each.trend.of.metric,
                params_text(each.params),
                f"{each.trend.of.x} {_span(sizes.tolist())}",
                html.Span(slope_text(each.rate), className="measured"),
                number(each.predicted) if np.isfinite(each.predicted) else "",
                interval(*_allowed(each)),
                "" if law is None else _verdict_link(each.trend.of.experiment, law.verdict.claim, law.verdict.status),
            ]
        )
    head = ("experiment", "metric", "cells", "sizes", "slope [95 % interval]", "theory", "claim allows", "verdict")
    return table(head, rows, numeric=(4, 5, 6), label="Rates: fitted slopes and theory's")


def _span(sizes: Sequence[float]) -> str:
    if not sizes:
        return "none"
    return f"{number(sizes[0], 6)} to {number(sizes[-1], 6)} ({len(sizes)})"


def _verdict_link(experiment: str, claim: str, status: str) -> Component:
    return dcc.Link(mark(status), href=f"/experiment/{experiment}#claim-{claim}", title=claim.replace("_", " "))


def every_law(read: Reader) -> Component | None:
    """A table of every claim of a power law with its verdict, and a link that draws it; None where there is none."""
    judged = weightiest(read(verdicts))
    keys = {(of.experiment, of.metric, of.x): key for key, of in quantities(read).items()}
    rows = []
    for each in read(experiments):
        metrics = {with_unit(info.name, info.unit): info.name for info in each.metrics}
        for claim in each.claims:
            if claim.kind != POWER_LAW:
                continue
            verdict = judged.get((each.name, claim.name))
            metric = metrics.get(claim.y_label, claim.y_label)
            key = keys.get((each.name, metric, claim.x_label))
            shown = metric if key is None else dcc.Link(metric, href=f"{PAGE}?{urlencode({'show': key})}")
            rows.append(
                [
                    dcc.Link(each.name, href=f"/experiment/{each.name}"),
                    shown,
                    claim.x_label,
                    html.Span(measured(verdict) if verdict else "", className="measured"),
                    allowed(verdict) if verdict else "",
                    _verdict_link(each.name, claim.name, status_of(verdict)),
                ]
            )
    if not rows:
        return None
    head = ("experiment", "metric (draw it)", "against", "slope [interval]", "theory allows", "verdict")
    section = html.Section(
        [
            html.H2("Every power law that is claimed"),
            html.P(
                "The slope that decided each verdict, the least favourable of its trends, with its interval that is "
                "simultaneous over them.",
                className="quiet",
            ),
            table(head, rows, numeric=(3, 4), label="Every power law that is claimed"),
        ],
        className="rates",
        **{"aria-label": "Every power law that is claimed"},
    )
    return fixed(section)


VIEWS = {VIEW: draw}
