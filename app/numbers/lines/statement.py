"""The SELECT behind a figure of lines: the same runs, x, statistic and n, from the store's public views."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.numbers.sql import RESULTS, beside, literal, name
from storage.records import Value

_ABSCISSAE = {
    "own": "point.x",
    "step": "point.step",
    "share": (
        "coalesce((point.x - min(point.x) OVER of_run)\n"
        "           / nullif(max(point.x) OVER of_run - min(point.x) OVER of_run, 0), 0)"
    ),
}
_KINDS = {"int": "BIGINT", "float": "DOUBLE PRECISION", "bool": "BOOLEAN", "str": "TEXT"}

TAKEN = RESULTS | {
    *("experiment", "curve", "run_id", "seed", "x", "median", "iqm", "place", "held", "centre"),
    *("smoothed", "ratio", "difference", "difference_low", "difference_high", "pairs"),
}
"""Columns of the numbers of lines and of the SELECT behind them."""


def column(param: str) -> str:
    """The parameter's column beside those, as an identifier."""
    return name(beside(param, TAKEN))


@dataclass(frozen=True, kw_only=True)
class CurveSource:
    """A curve and the runs that its lines are of: `kept` has the values left of each parameter that is not whole.

    `apart` are the parameters that tell lines apart, each with its type as the store says it (int, float, str, bool).
    """

    experiment: str
    curve: str
    apart: Mapping[str, str]
    kept: Mapping[str, Sequence[Value]]
    joined: bool


def lines_sql(sources: Sequence[CurveSource], statistic: str, abscissa: str) -> str:
    """A SELECT with the columns that tell lines apart, x, `statistic` (mean, median or iqm) and n.

    The mean comes with its standard error; it takes two passes, so that no digits are lost.
    """
    several = len({(source.experiment, source.curve) for source in sources}) > 1
    params = list(dict.fromkeys(param for source in sources for param in source.apart))
    keys = [*(["experiment", "curve"] if several else []), *map(column, params), "x"]
    points = "\n  UNION ALL\n".join(_points(source, sources, params, abscissa, several=several) for source in sources)
    return f"WITH value_at AS (\n{points}\n)\n{_statistic(keys, statistic)}"


def _points(
    source: CurveSource, sources: Sequence[CurveSource], params: Sequence[str], abscissa: str, *, several: bool
) -> str:
    """Columns of the keys, x and value: a row for each run at each x where it counts."""
    own = [f"{literal(source.experiment)} AS experiment", "point.curve"] if several else []
    for param in params:
        kinds = {other.apart[param] for other in sources if param in other.apart}
        kind = _KINDS[kinds.pop()] if len(kinds) == 1 else "TEXT"
        held = f"run.{name(param)}" if param in source.apart else "NULL"
        plain = param in source.apart and len({other.apart.get(param) for other in sources}) == 1
        own.append(f"{held if plain else f'CAST({held} AS {kind})'} AS {column(param)}")
    along = _ABSCISSAE[abscissa]
    kept = [f"point.experiment = {literal(source.experiment)}", f"point.curve = {literal(source.curve)}"]
    for param, values in source.kept.items():
        among = ", ".join(literal(value) for value in values)
        kept.append(f"run.{name(param)} = {among}" if len(values) == 1 else f"run.{name(param)} IN ({among})")
    condition = "\n    AND ".join(kept)
    window = "\n  WINDOW of_run AS (PARTITION BY point.run_id)" if abscissa == "share" else ""
    found = (
        f"FROM curve_point AS point JOIN runs_{source.experiment} AS run USING (run_id, seed)\n"
        f"  WHERE {condition}{window}"
    )
    keys = "".join(f"{key}, " for key in own)
    if not source.joined:
        return f"  SELECT {keys}{along} AS x, point.y AS value\n  {found}"
    names = [*(["experiment", "curve"] if several else []), *map(column, params)]
    same = "".join(f"grid.{key} IS NOT DISTINCT FROM piece.{key} AND " for key in names)
    listed = "".join(f"{key}, " for key in names)
    return f"""  SELECT {"".join(f"piece.{key}, " for key in names)}grid.x,
         CASE WHEN grid.x = piece.x THEN piece.value
              ELSE piece.value + (grid.x - piece.x) * (piece.next_value - piece.value) / (piece.next_x - piece.x)
         END AS value -- between its points a run is taken as straight
  FROM (SELECT DISTINCT {listed}x FROM (SELECT {keys}{along} AS x {found}) AS held) AS grid
  JOIN (SELECT {listed}x, value, lead(x) OVER along AS next_x, lead(value) OVER along AS next_value
        FROM (SELECT {keys}point.run_id AS of_run, {along} AS x, point.y AS value {found}) AS held
        WINDOW along AS (PARTITION BY of_run ORDER BY x)) AS piece
    ON {same}(grid.x = piece.x OR (grid.x > piece.x AND grid.x < piece.next_x))"""


def _statistic(keys: Sequence[str], statistic: str) -> str:
    """Each key is a column of value_at."""
    by = ", ".join(keys)
    if statistic == "mean":
        return (
            f"SELECT {by}, avg(value) AS mean,\n"
            "  sqrt(sum((value - centre) * (value - centre)) / nullif(count(*) - 1, 0) / count(*)) AS standard_error,\n"
            "  count(*) AS n\n"
            f"FROM (SELECT *, avg(value) OVER (PARTITION BY {by}) AS centre FROM value_at) AS one\n"
            f"GROUP BY {by}\nORDER BY {by}"
        )
    inner = {
        "median": "2 * place BETWEEN held AND held + 2",
        "iqm": "place > held / 4 AND place <= held - held / 4",
    }[statistic]
    return (
        f"SELECT {by}, avg(CASE WHEN {inner} THEN value END) AS {statistic}, count(*) AS n\n"
        f"FROM (SELECT *, row_number() OVER (PARTITION BY {by} ORDER BY value) AS place,\n"
        f"        count(*) OVER (PARTITION BY {by}) AS held FROM value_at) AS one\n"
        f"GROUP BY {by}\nORDER BY {by}"
    )
