"""What the page of power laws shows: metrics along sizes, the cells that they are told apart by, and their fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from app.components.choices import ALL, SEVERAL, Offer, settled
from app.numbers.convergence import POWER_LAW, WITH_THEORY, Quantity, Trend, theories_of, trends_of
from app.numbers.rates import Centre, Rate
from app.numbers.series import telling, varying
from app.panels.selection import cell_offers, first_view, fixed_by
from app.panels.shared import AXES, with_unit
from app.reader import Reader
from app.text.wording import params_text
from app.views import NothingToDrawError, Query
from storage.queries import cells_of_runs, evidence, experiments, metric_values, verdicts
from storage.records import ExperimentRecord, Value
from storage.wording import number, with_interval

if TYPE_CHECKING:
    import pandas as pd

MOST_TRENDS = 8
AS_CLAIMED = "claim"


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """A trend on the page: what it is called, what tells it apart, its fit and theory's slope on the same sizes."""

    trend: Trend
    name: str
    params: dict[str, Value]
    rate: Rate
    predicted: float


@dataclass(frozen=True, kw_only=True)
class Shown:
    """All that the page shows for a query; `start` is None where each fit takes the sizes of its claim."""

    quantities: tuple[Quantity, ...]
    fixed: dict[str, dict[str, Value]]
    centre: Centre
    start: float | None
    axes: str
    fitted: tuple[Fitted, ...]


def quantities(read: Reader) -> dict[str, Quantity]:
    """By its key in the URL: every metric along its experiment's size axis, or along what a power law is about."""
    found: dict[str, Quantity] = {}
    for each in read(experiments):
        numeric = {info.name for info in each.params if info.type in ("int", "float")}
        size = next((info.name for info in each.params if info.is_size and info.name in numeric), None)
        along = {(claim.y_label, claim.x_label) for claim in each.claims if claim.kind == POWER_LAW}
        for metric in each.metrics:
            others = [x for label, x in sorted(along) if label == with_unit(metric.name, metric.unit) and x in numeric]
            for x in dict.fromkeys([*([size] if size else []), *others]):
                key = f"{each.name}.{metric.name}" + ("" if x == size else f".{x}")
                found[key] = Quantity(experiment=each.name, metric=metric.name, x=x)
    return found


def first_quantities(read: Reader, known: dict[str, Quantity]) -> list[str]:
    """What the page opens with: a width along which theory knows the slope and the level of several experiments.

    The first metric of each that both a power law and an equality speak of; where the store has no such thing, the
    first metric with a power law, or the first of all.
    """
    claims = {
        (each.name, claim.y_label, claim.x_label, claim.kind) for each in read(experiments) for claim in each.claims
    }
    units = {(each.name, info.name): info.unit for each in read(experiments) for info in each.metrics}

    def has(of: Quantity, kind: str) -> bool:
        return (of.experiment, with_unit(of.metric, units[of.experiment, of.metric]), of.x, kind) in claims

    told = [key for key, of in known.items() if of.x == "width" and has(of, POWER_LAW) and has(of, "Equals")]
    first = list({known[key].experiment: key for key in reversed(told)}.values())[::-1]
    return first[-2:] or [key for key, of in known.items() if has(of, POWER_LAW)][:1] or list(known)[:1]


def trends(read: Reader, of: Quantity) -> tuple[tuple[Trend, ...], list[str]]:
    """Every trend of a quantity with what the claims say of it, and the parameters that go with its size."""
    return read.kept(trends, of, lambda: _trends(read, of))


def _trends(read: Reader, of: Quantity) -> tuple[tuple[Trend, ...], list[str]]:
    experiment = described(read, of.experiment)
    label = with_unit(of.metric, next(info.unit for info in experiment.metrics if info.name == of.metric))
    found, going = trends_of(read(cells_of_runs, of.experiment), read(metric_values, of.experiment, of.metric), of)
    judged = {verdict.claim: verdict for verdict in reversed(read(verdicts, of.experiment))}  # the weightiest is last
    spoken = [
        (claim.kind, judged[claim.name])
        for claim in sorted(experiment.claims, key=lambda claim: claim.kind != POWER_LAW)
        if claim.kind in WITH_THEORY and (claim.y_label, claim.x_label) == (label, of.x) and claim.name in judged
    ]
    points = read(evidence, tuple(verdict.id for _, verdict in spoken)) if spoken else {}
    said = [(kind, verdict, points[verdict.id]) for kind, verdict in spoken]
    return tuple(replace(trend, theories=theories_of(trend, said)) for trend in found), going


def described(read: Reader, name: str) -> ExperimentRecord:
    return next(each for each in read(experiments) if each.name == name)


def offers(read: Reader, query: Query) -> list[Offer]:
    """Empty where no experiment of the store has a metric along a size."""
    known = quantities(read)
    if not known:
        return []
    options = [(key, _called(of, key)) for key, of in known.items()]
    show = Offer(
        key="show",
        label="metrics",
        options=options,
        default=SEVERAL.join(first_quantities(read, known)),
        several=True,
        turns=True,
    )
    shown = [known[key] for key in show.settled(query.get("show")).split(SEVERAL)]
    sizes = sorted({float(x) for of in shown for trend in trends(read, of)[0] for x in trend.x})
    return [
        show,
        *_cell_offers(read, shown),
        Offer(
            key="from",
            label="fit from size",
            options=[(AS_CLAIMED, "as claimed"), *((f"{size:.17g}", number(size, 6)) for size in sizes)],
            default=AS_CLAIMED,
        ),
        Offer(key="centre", label="over seeds", options=[("mean", "mean"), ("median", "median")], default="mean"),
        AXES,
    ]


def _called(of: Quantity, key: str) -> str:
    return f"{of.experiment}: {of.metric}" + ("" if key.endswith(f".{of.metric}") else f" along {of.x}")


def _cell_offers(read: Reader, shown: Sequence[Quantity]) -> list[Offer]:
    """For each experiment the parameters that tell its trends apart: all, or one value; at first what claims are on."""
    made: list[Offer] = []
    names = list(dict.fromkeys(of.experiment for of in shown))
    for name in names:
        found = [trend for of in shown if of.experiment == name for trend in trends(read, of)[0]]
        values = _values(found)
        if not values:  # one trend, or no run yet
            continue
        spoken = [trend for trend in found if trend.power_law] or [trend for trend in found if trend.theories]
        guide = described(read, name).guide_params or {}
        first = _first_cells(values, spoken) or first_view(_frame(found), list(values), guide, MOST_TRENDS)
        made += cell_offers(values, first, f"{name}.", "" if len(names) == 1 else name)
    return made


def _values(found: Sequence[Trend]) -> dict[str, list[Value]]:
    """The parameters by which the trends differ, with their values."""
    return varying(_frame(found)) if found else {}


def _frame(found: Sequence[Trend]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame([{"seed": 0, **trend.params} for trend in found])


def _first_cells(values: dict[str, list[Value]], spoken: Sequence[Trend]) -> dict[str, str]:
    """The cells that the claims speak of: each parameter at its one value there, or all; none where that is nothing."""
    if not spoken:
        return {}
    of_claims = {param: {trend.params.get(param) for trend in spoken} for param in values}
    return {param: str(held.pop()) if len(held) == 1 else ALL for param, held in of_claims.items()}


def shown_by(read: Reader, query: Query) -> Shown:
    """Raises NothingToDrawError where the store has nothing along a size."""
    return read.kept(shown_by, tuple(sorted(query.items())), lambda: _shown(read, query))


def _shown(read: Reader, query: Query) -> Shown:
    offered = offers(read, query)
    if not offered:
        raise NothingToDrawError("No experiment of the store has a metric along a size.")
    chosen = settled(offered, query)
    known = quantities(read)
    shown = tuple(known[key] for key in chosen["show"].split(SEVERAL))
    centre: Centre = "median" if chosen["centre"] == "median" else "mean"
    start = None if chosen["from"] == AS_CLAIMED else float(chosen["from"])
    fixed: dict[str, dict[str, Value]] = {}
    for name in {of.experiment for of in shown}:
        values = _values([trend for of in shown if of.experiment == name for trend in trends(read, of)[0]])
        fixed[name] = fixed_by(chosen, values, f"{name}.")
    fitted = tuple(each for of in shown for each in _fitted(read, of, fixed[of.experiment], shown, centre, start))
    return Shown(quantities=shown, fixed=fixed, centre=centre, start=start, axes=chosen["axes"], fitted=fitted)


def _fitted(
    read: Reader,
    of: Quantity,
    fixed: dict[str, Value],
    shown: Sequence[Quantity],
    centre: Centre,
    start: float | None,
) -> list[Fitted]:
    taken = [
        trend
        for trend in trends(read, of)[0]
        if all(trend.params.get(param, value) == value for param, value in fixed.items())
    ]
    told = telling(_frame(taken), list(_values(taken))) if taken else []
    alike = [each for each in shown if each.metric == of.metric]
    experiment = of.experiment if len({each.experiment for each in alike}) > 1 else ""
    metric = of.metric if len(shown) > 1 else ""
    along = f"along {of.x}" if len(alike) > 1 and not experiment else ""
    made = []
    for trend in taken:
        params = {name: trend.params[name] for name in told}
        said = [experiment, metric, along, params_text(params)]
        name = ", ".join(part for part in said if part) or of.metric
        rate, predicted = trend.rate(start, centre), trend.predicted(start)
        made.append(Fitted(trend=trend, name=name, params=params, rate=rate, predicted=predicted))
    return made


def slope_text(rate: Rate) -> str:
    """−1.001 [−1.02, −0.98], n = 20; what stands in the way of a slope where there is none."""
    if not np.isfinite(rate.slope):
        return f"none: {rate.reason}"
    low, high = (rate.low, rate.high) if np.isfinite(rate.low) else (None, None)
    return f"{with_interval(rate.slope, low, high)}, n\u00a0=\u00a0{rate.seeds}"
