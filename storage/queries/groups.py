"""Groups of runs that people compare: each is what passes a filter, of the present revision and ok."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Text, and_, cast, func, select

from storage import tables
from storage.queries.measurements import abscissae
from storage.queries.run_table import RunFilter, conditions, written
from storage.views import literal, points_of

if TYPE_CHECKING:
    import pandas as pd

MOST_RUNS = 5000
"""Runs of one group; a larger one is refused rather than drawn in part."""


class TooManyRunsError(ValueError):
    """`str(error)` says in one sentence how many runs a group has and may have."""


def group_runs(connection: Connection, where: str) -> pd.DataFrame:
    """All runs that pass, of any status and revision: index run_id, columns experiment, seed, params (JSON), used.

    `used` says which are ok and of their experiment's present revision. Raises LanguageError and TooManyRunsError.
    """
    import pandas as pd

    run = tables.Run
    used = and_(run.status == "ok", run.revision == tables.Experiment.revision)
    query = (
        select(run.id, run.experiment, run.seed, cast(run.params, Text).label("params"), used.label("used"))
        .join(tables.Experiment, tables.Experiment.name == run.experiment)
        .where(*conditions(connection, RunFilter(where=where)))
        .order_by(run.id)
        .limit(MOST_RUNS + 1)
    )
    rows = connection.execute(query).all()
    if len(rows) > MOST_RUNS:
        raise TooManyRunsError(f"A group has at most {MOST_RUNS:,} runs; more than that pass {where!r}.")
    return pd.DataFrame(
        {
            "experiment": [row.experiment for row in rows],
            "seed": np.array([row.seed for row in rows], dtype=np.int64),
            "params": [row.params for row in rows],
            "used": np.array([row.used for row in rows], dtype=bool),
        },
        index=pd.Index([row.id for row in rows], name="run_id", dtype="int64"),
    ).astype({"experiment": "str", "params": "str"})  # also where no run passes


def metrics_of_runs(connection: Connection, ids: Sequence[int]) -> pd.DataFrame:
    """Index run_id as given, a column a metric in the order of their names; NaN where a run has it not."""
    import pandas as pd

    query = (
        select(tables.Metric.run_id, tables.Metric.name, tables.Metric.value)
        .where(tables.Metric.run_id.in_(ids))
        .order_by(tables.Metric.name)
    )
    rows = connection.execute(query).all()
    of, named, values = zip(*rows, strict=True) if rows else ((), (), ())
    place = {run_id: position for position, run_id in enumerate(ids)}
    column = {name: position for position, name in enumerate(dict.fromkeys(named))}
    table = np.full((len(ids), len(column)), np.nan)
    table[[place[run_id] for run_id in of], [column[name] for name in named]] = values
    return pd.DataFrame(table, index=pd.Index(list(ids), name="run_id", dtype="int64"), columns=list(column))


def curves_of_runs(
    connection: Connection, ids: Sequence[int], curve: str
) -> dict[int, tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """(x, y) of the curve by run_id, of those of the runs that have it."""
    query = (
        select(tables.Curve.run_id, tables.Curve.x_id, tables.Curve.y)
        .where(tables.Curve.run_id.in_(ids), tables.Curve.name == curve)
        .order_by(tables.Curve.run_id)
    )
    rows = connection.execute(query).all()
    xs = abscissae(connection, {row.x_id for row in rows})
    return {row.run_id: (xs[row.x_id], row.y) for row in rows}


def curves_of_runs_sql(connection: Connection, ids: Sequence[int], curve: str) -> str:
    """The SELECT of run, seed, curve, step, x and y of the points of curves_of_runs, by run and step.

    Unlike the view curve_point it has runs of every revision and status.
    """
    points = points_of(connection.dialect.name, "run.id AS run, run.seed", "run").strip()
    among = ", ".join(str(run_id) for run_id in ids)
    return f"{points}\nWHERE run.id IN ({among}) AND curve.name = {literal(curve)}\nORDER BY run.id, step"


def curve_names(connection: Connection, ids: Sequence[int]) -> dict[str, int]:
    """Curve -> how many of the runs have it, by name."""
    query = (
        select(tables.Curve.name, func.count())
        .where(tables.Curve.run_id.in_(ids))
        .group_by(tables.Curve.name)
        .order_by(tables.Curve.name)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def group_ids_sql(connection: Connection, where: str) -> str:
    """The SELECT of the ids of the runs that a group takes, with every value written into it."""
    run = tables.Run
    query = (
        select(run.id)
        .join(tables.Experiment, tables.Experiment.name == run.experiment)
        .where(run.status == "ok", run.revision == tables.Experiment.revision)
        .where(*conditions(connection, RunFilter(where=where)))
    )
    return written(connection, query)
