"""The SELECTs behind trends: their means at each size, or their values, and the slopes of power laws through them."""

from __future__ import annotations

import numpy as np

from app.numbers import sql
from app.numbers.convergence import Quantity
from app.panels.trends import Fitted, Shown, described
from app.reader import Reader
from app.text.wording import params_text
from storage.records import Value

SQL_TYPES = {"int": "BIGINT", "float": "DOUBLE PRECISION", "bool": "BOOLEAN", "str": "TEXT"}
LAST = ("low", "high", "n", "fit", "theory", "ratio", "ratio_low", "ratio_high")
TAKEN = ("experiment", "metric", "size_name", "size", "seed", "value", "mean", "median", "standard_error", *LAST)
"""Columns that are no parameter's; one of such a name stands beside them as param_NAME."""
SLOPE = "(count(*) * sum(x * y) - sum(x) * sum(y)) / (count(*) * sum(x * x) - sum(x) * sum(x))"
"""The least-squares slope of y against x; both logarithms here."""


def centres_sql(read: Reader, shown: Shown) -> str:
    """The mean of each trend at each size with standard error and n; of medians the values themselves."""
    return "\nUNION ALL\n".join(_centres_of(read, of, shown) for of in shown.quantities)


def slopes_sql(read: Reader, shown: Shown) -> str:
    """The slope of each trend that has one, by experiment, metric, cells and what it is against; "" where none has."""
    slopes = [_slope_of(each, shown) for each in shown.fitted if np.isfinite(each.rate.slope)]
    if not slopes:
        return ""
    return f"WITH centres AS (\n{centres_sql(read, shown)}\n)\n" + "\nUNION ALL\n".join(slopes)


def _slope_of(each: Fitted, shown: Shown) -> str:
    of, sizes = each.trend.of, each.trend.x[each.trend.fitted(shown.start)].tolist()
    is_this: dict[str, Value] = {"experiment": of.experiment, "metric": of.metric, "size_name": of.x}
    is_this |= {sql.beside(name, TAKEN): value for name, value in each.params.items()}
    among = f"size IN ({', '.join(f'{size:.17g}' for size in sizes)})"
    taken = f"FROM centres{sql.where(is_this, among)}".replace("\n", "\n      ")
    told = ", ".join(
        f"{sql.literal(value)} AS {name}"
        for name, value in (
            ("experiment", of.experiment), ("metric", of.metric), ("cells", params_text(each.params)), ("against", of.x)
        )
    )  # fmt: skip
    if shown.centre == "mean":
        return f"SELECT {told},\n  {SLOPE} AS slope\nFROM (SELECT ln(size) AS x, ln(mean) AS y {taken}) AS points"
    return (
        f"SELECT {told}, avg(slope) AS slope\n"
        "FROM (SELECT slope, row_number() OVER (ORDER BY slope) AS place, count(*) OVER () AS held\n"
        f"FROM (SELECT {SLOPE} AS slope\n"
        f"FROM (SELECT seed, ln(size) AS x, ln(value) AS y {taken}) AS points\n"
        f"GROUP BY seed HAVING count(*) = {len(sizes)}) AS whole) AS ordered\n"
        "WHERE 2 * place BETWEEN held AND held + 2"
    )


def _centres_of(read: Reader, of: Quantity, shown: Shown) -> str:
    """The means of one quantity, its parameters beside those of the others; of medians the values themselves."""
    fitted = [each for each in shown.fitted if each.trend.of == of]
    own = list(fitted[0].params) if fitted else []
    kinds: dict[str, str] = {}
    for each in shown.fitted:
        types = {info.name: info.type for info in described(read, each.trend.of.experiment).params}
        kinds |= {name: SQL_TYPES[types[name]] for name in each.params}
    params = [
        _renamed(sql.name(sql.beside(name)) if name in own else f"CAST(NULL AS {kind})", sql.beside(name, TAKEN))
        for name, kind in kinds.items()
    ]
    fixed = {name: value for name, value in shown.fixed[of.experiment].items() if name != of.x}
    source, metric = sql.name(f"runs_{of.experiment}"), sql.name(of.metric)
    condition = sql.where(fixed, f"{metric} IS NOT NULL")
    if shown.centre == "mean":
        inner, values = sql.means_by([*own, of.x], metric, source, condition), ["mean", "standard_error", "n"]
    else:
        columns = [_renamed(sql.name(name), sql.beside(name)) for name in [*own, of.x]]
        inner = f"SELECT {', '.join(columns)}, seed, {metric} AS value\nFROM {source}{condition}"
        values = ["seed", "value"]
    columns = [
        f"{sql.literal(of.experiment)} AS experiment",
        f"{sql.literal(of.metric)} AS metric",
        *params,
        f"{sql.literal(of.x)} AS size_name",
        f"{sql.name(sql.beside(of.x))} AS size",
        *values,
    ]
    return f"SELECT {', '.join(columns)}\nFROM (\n{inner}\n) AS {'means' if shown.centre == 'mean' else 'runs'}"


def _renamed(value: str, column: str) -> str:
    return value if value == sql.name(column) else f"{value} AS {sql.name(column)}"
