"""What the runs of an experiment's present revision measured: metrics, curves, fields."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Select, Text, and_, cast, select
from sqlalchemy.sql.elements import ColumnElement

from storage import tables
from storage.records import (
    CurveRecord,
    FieldRecord,
    Value,
)

if TYPE_CHECKING:
    import pandas as pd


def _present(experiment: str) -> ColumnElement[bool]:
    """The successful runs of the experiment's present revision."""
    revision = select(tables.Experiment.revision).where(tables.Experiment.name == experiment).scalar_subquery()
    return and_(tables.Run.experiment == experiment, tables.Run.revision == revision, tables.Run.status == "ok")


def cells_of_runs(connection: Connection, experiment: str) -> pd.DataFrame:
    """The successful runs of the present revision: index run_id, columns seed and every parameter."""
    import pandas as pd

    run = tables.Run
    query = select(run.id, run.seed, cast(run.params, Text)).where(_present(experiment)).order_by(run.id)
    ids, seeds, texts = columns(connection, query, 3)
    cells = {text: place for place, text in enumerate(dict.fromkeys(texts))}  # few, each written alike in all its runs
    frame = pd.DataFrame([json.loads(text) for text in cells]).take([cells[text] for text in texts])
    frame.index = pd.Index(ids, name="run_id", dtype="int64")
    frame.insert(0, "seed", np.array(seeds, dtype=np.int64))
    return frame


def columns(connection: Connection, query: Select[*tuple[Any, ...]], count: int) -> Sequence[tuple[Any, ...]]:
    """The query's so many columns, each from its first row to its last."""
    return list(zip(*connection.execute(query).all(), strict=True)) or [()] * count


def metric_values(connection: Connection, experiment: str, metric: str) -> pd.Series[float]:
    """The metric of each successful run of the present revision that has it: index run_id."""
    import pandas as pd

    query = (
        select(tables.Metric.run_id, tables.Metric.value)
        .join(tables.Run, tables.Run.id == tables.Metric.run_id)
        .where(_present(experiment), tables.Metric.name == metric)
        .order_by(tables.Metric.run_id)
    )
    ids, values = columns(connection, query, 2)
    index = pd.Index(ids, name="run_id", dtype="int64")
    return pd.Series(np.array(values, dtype=np.float64), index=index, name=metric)


def curves(
    connection: Connection, experiment: str, curve: str, fixed: tuple[tuple[str, Value], ...] = ()
) -> dict[int, tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """(x, y) of the curve by run_id, for the present successful runs whose parameters have the fixed values.

    Abscissae that runs share are one array.
    """
    query = (
        select(tables.Curve.run_id, tables.Curve.x_id, tables.Curve.y)
        .join(tables.Run, tables.Run.id == tables.Curve.run_id)
        .where(_present(experiment), tables.Curve.name == curve)
        .where(*(parameter(name, value) == value for name, value in fixed))
        .order_by(tables.Run.id)  # by which they are found: nothing is left to sort
    )
    ids, x_ids, ys = columns(connection, query, 3)
    xs = abscissae(connection, set(x_ids))
    return {run_id: (xs[x_id], y) for run_id, x_id, y in zip(ids, x_ids, ys, strict=True)}


def runs_with_points(connection: Connection, experiment: str, curve: str) -> frozenset[int]:
    """The present successful runs that have a point of the curve; no curve is read for it."""
    query = (
        select(tables.Curve.run_id, tables.Curve.x_id)
        .join(tables.Run, tables.Run.id == tables.Curve.run_id)
        .where(_present(experiment), tables.Curve.name == curve)
    )
    ids, x_ids = columns(connection, query, 2)
    xs = abscissae(connection, set(x_ids))
    return frozenset(run_id for run_id, x_id in zip(ids, x_ids, strict=True) if len(xs[x_id]))


def abscissae(connection: Connection, ids: Iterable[int]) -> dict[int, NDArray[np.float64]]:
    """The x of these rows of curve_x, by id."""
    wanted = sorted(ids)
    found: dict[int, NDArray[np.float64]] = {}
    for start in range(0, len(wanted), 500):  # SQLite allows few bound variables in old builds
        query = select(tables.CurveX.id, tables.CurveX.x).where(tables.CurveX.id.in_(wanted[start : start + 500]))
        found.update((row.id, row.x) for row in connection.execute(query))
    return found


def parameter(name: str, like: Value) -> ColumnElement[Any]:
    """The parameter as an SQL value of the type of `like`."""
    value: Any = tables.Run.params[name]
    if isinstance(like, bool):
        typed = value.as_boolean()
    elif isinstance(like, int):
        typed = value.as_integer()
    else:
        typed = value.as_float() if isinstance(like, float) else value.as_string()
    element: ColumnElement[Any] = typed
    return element


def fields_kept(connection: Connection, experiment: str) -> pd.DataFrame:
    """Which fields the present runs keep: columns run_id, name, kind."""
    import pandas as pd

    query = (
        select(tables.Field.run_id, tables.Field.name, tables.Field.kind)
        .join(tables.Run, tables.Run.id == tables.Field.run_id)
        .where(_present(experiment))
        .order_by(tables.Field.run_id, tables.Field.name)
    )
    return pd.DataFrame(connection.execute(query).all(), columns=["run_id", "name", "kind"])


def fields_of_run(connection: Connection, run_id: int, name: str | None = None) -> tuple[FieldRecord, ...]:
    """The run's fields, or the one of that name; arrays are read without pickle."""
    query = select(tables.Field.__table__).where(tables.Field.run_id == run_id).order_by(tables.Field.name)
    if name is not None:
        query = query.where(tables.Field.name == name)
    return tuple(
        FieldRecord(name=row["name"], kind=row["kind"], arrays=_arrays(row["arrays"]))
        for row in connection.execute(query).mappings()
    )


def _arrays(archive: bytes) -> dict[str, NDArray[Any]]:
    with np.load(io.BytesIO(archive), allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


def curves_of_run(connection: Connection, run_id: int) -> tuple[CurveRecord, ...]:
    query = (
        select(tables.Curve.name, tables.CurveX.x, tables.Curve.y)
        .join(tables.CurveX, tables.CurveX.id == tables.Curve.x_id)
        .where(tables.Curve.run_id == run_id)
        .order_by(tables.Curve.name)
    )
    return tuple(CurveRecord(name=row.name, x=row.x, y=row.y) for row in connection.execute(query))
