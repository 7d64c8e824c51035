"""The view of metrics against size: means with intervals, fitted power laws, theory and the ratio to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from app.figures.beside import with_caption
from app.figures.convergence import Plotted, trends_figure
from app.numbers import sql
from app.panels.shared import scales, with_unit
from app.panels.trend_sql import LAST, TAKEN, centres_sql
from app.panels.trends import Fitted, Shown, described, shown_by, slope_text, trends
from app.reader import Reader
from app.text.wording import count
from app.views import Drawn, Query

if TYPE_CHECKING:
    import pandas as pd

VIEW = "width_convergence"


def draw(read: Reader, query: Query) -> Drawn:
    """The view `width_convergence`: show, from, centre, axes and EXPERIMENT.PARAMETER for each parameter."""
    shown = shown_by(read, query)
    parts = [_numbers(each, shown) for each in shown.fitted]
    plotted = [_plotted(each, part, shown) for each, part in zip(shown.fitted, parts, strict=True)]
    positive = np.concatenate([np.zeros(0, dtype=bool), *(plot.y > 0 for plot in plotted)])
    fitting = (all((plot.x > 0).all() for plot in plotted), bool(positive.size) and bool(positive.mean() > 0.5))
    x_log, y_log = scales(shown.axes, fitting)
    metrics = dict.fromkeys(_label(read, of.experiment, of.metric) for of in shown.quantities)
    picture = trends_figure(
        plotted,
        ", ".join(dict.fromkeys(of.x for of in shown.quantities)),
        ", ".join(metrics),
        x_log=x_log,
        y_log=y_log,
    )
    return Drawn(
        figure=picture,
        table=_joined(parts, shown),
        caption=with_caption(picture, _caption(read, shown, lost=int((~positive).sum()) if y_log else 0)),
        sql=centres_sql(read, shown),
    )


def _label(read: Reader, experiment: str, metric: str) -> str:
    return with_unit(metric, next(info.unit for info in described(read, experiment).metrics if info.name == metric))


def _numbers(each: Fitted, shown: Shown) -> pd.DataFrame:
    """A row a point: the trend's names, size, centre with interval, n, the fitted line where it runs, theory, ratio."""
    import pandas as pd

    trend, middle = each.trend, each.trend.centres(shown.centre)
    theory = trend.theory
    level = theory.at(trend.x) if theory is not None and theory.absolute else np.full(len(trend.x), np.nan)
    level = np.where(level > 0, level, np.nan)
    return pd.DataFrame(
        {
            "experiment": trend.of.experiment,
            "metric": trend.of.metric,
            **{sql.beside(name, TAKEN): value for name, value in each.params.items()},
            "size_name": trend.of.x,
            "size": trend.x,
            shown.centre: middle.value,
            "low": middle.low,
            "high": middle.high,
            "n": middle.n,
            "fit": np.where(trend.fitted(shown.start), each.rate.prefactor * trend.x**each.rate.slope, np.nan),
            "theory": level,
            "ratio": middle.value / level,
            "ratio_low": middle.low / level,
            "ratio_high": middle.high / level,
        }
    )


def _joined(parts: Sequence[pd.DataFrame], shown: Shown) -> pd.DataFrame:
    import pandas as pd

    last = ["size_name", "size", shown.centre, *LAST]
    if not parts:
        return pd.DataFrame(columns=["experiment", "metric", *last])
    made = pd.concat(parts, ignore_index=True)
    return made[[*(name for name in made.columns if name not in last), *last]]


def _plotted(each: Fitted, points: pd.DataFrame, shown: Shown) -> Plotted:
    trend, rate, theory = each.trend, each.rate, each.trend.theory
    ends = trend.x[trend.fitted(shown.start)][[0, -1]] if np.isfinite(rate.slope) else np.zeros(0)
    return Plotted(
        name=each.name,
        x=trend.x,
        y=points[shown.centre].to_numpy(),
        low=points["low"].to_numpy(),
        high=points["high"].to_numpy(),
        n=points["n"].tolist(),
        theory_x=np.zeros(0) if theory is None else theory.x,
        theory_y=np.zeros(0) if theory is None else theory.y,
        fit_x=ends,
        fit_y=rate.prefactor * ends**rate.slope,
        fit_text=f"slope {slope_text(rate)}",
        ratio=points["ratio"].to_numpy(),
        ratio_low=points["ratio_low"].to_numpy(),
        ratio_high=points["ratio_high"].to_numpy(),
    )


def _caption(read: Reader, shown: Shown, lost: int) -> str:
    if not shown.fitted:
        return "No run of these cells has the metric."
    runs = sum(int(np.isfinite(each.trend.table).sum()) for each in shown.fitted)
    seeds = len(set(np.concatenate([each.trend.seeds for each in shown.fitted]).tolist()))
    interval = "t interval" if shown.centre == "mean" else "interval between order statistics"
    said = [
        f"{shown.centre.capitalize()} over seeds with its 95 % {interval}, fitted power laws dashed, theory thin; "
        f"{count(runs, 'value')} of {count(seeds, 'seed')}."
    ]
    if any(each.trend.theory is not None and not each.trend.theory.absolute for each in shown.fitted):
        said.append("Where theory says a slope and no level, its line goes through the middle of the claim's points.")
    for of in shown.quantities:
        going = trends(read, of)[1]
        if going:
            said.append(
                f"In {of.experiment}, {' and '.join(going)} {'changes' if len(going) == 1 else 'change'} with {of.x}."
            )
    if lost:
        said.append(f"{count(lost, 'point')} not above zero {'has' if lost == 1 else 'have'} no place on a log axis.")
    return " ".join(dict.fromkeys(said))


VIEWS = {VIEW: draw}
