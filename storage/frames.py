"""The store as pandas DataFrames, with the same column types on SQLite and PostgreSQL."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import Connection, Double, Integer, Select, case, func, select, text

from storage.errors import StoreError
from storage.moments import STALE, Moment, moment_ago
from storage.tables import Batch, Claim, Curve, CurveInfo, CurveX, Experiment, MetricInfo, ParamInfo, Run, Verdict
from storage.views import identifier

if TYPE_CHECKING:
    import pandas as pd

KINDS = {Integer: "int64", Double: "float64", Moment: "datetime64[us, UTC]"}
"""What pandas cannot tell where a column has no value."""
PARAM_KINDS = {"int": "int64", "float": "float64", "bool": "bool", "str": "str"}
COLON = re.compile(r"(?<![:\\]):(?=\w)")


def query(connection: Connection, sql: str, params: Mapping[str, Any]) -> pd.DataFrame:
    """The rows of `sql`; without parameters every colon in it is a colon."""
    result = connection.execute(text(sql if params else COLON.sub(r"\\:", sql)), dict(params))
    return framed(result.all(), list(result.keys()))


def framed(rows: Sequence[Any], columns: list[str]) -> pd.DataFrame:
    """A column without a value among numbers is NaN; PostgreSQL's exact decimals (a mean of integers) become floats."""
    import pandas as pd

    return pd.DataFrame.from_records(rows, columns=columns, coerce_float=True)


def selected(connection: Connection, statement: Select[*tuple[Any, ...]]) -> pd.DataFrame:
    columns = statement.selected_columns
    frame = framed(connection.execute(statement).all(), columns.keys())
    kinds = {
        name: next((kind for of, kind in KINDS.items() if isinstance(column.type, of)), None)
        for name, column in columns.items()
    }
    return frame.astype({name: kind for name, kind in kinds.items() if kind is not None})


def experiments(connection: Connection) -> pd.DataFrame:
    present = (Run.experiment == Experiment.name) & (Run.revision == Experiment.revision)
    statement = (
        select(
            Experiment.name,
            Experiment.title,
            Experiment.chapter,
            Experiment.section,
            Experiment.revision,
            func.count(case((Run.status == "ok", 1))).label("ok"),
            func.count(case((Run.status == "failed", 1))).label("failed"),
        )
        .outerjoin(Run, present)
        .group_by(Experiment.name)
        .order_by(Experiment.chapter, Experiment.name)
    )
    return selected(connection, statement)


def runs(connection: Connection, experiment: str) -> pd.DataFrame:
    refuse_unknown(connection, experiment)
    frame = query(connection, f"SELECT * FROM {identifier(f'runs_{experiment}')} ORDER BY run_id", {})
    params = connection.execute(select(ParamInfo.name, ParamInfo.type).where(ParamInfo.experiment == experiment))
    metrics = connection.scalars(select(MetricInfo.name).where(MetricInfo.experiment == experiment))
    kinds = {name: PARAM_KINDS[kind] for name, kind in params} | dict.fromkeys(metrics, "float64")
    return frame.astype(kinds)  # SQLite has no booleans, and pandas takes a column of NULLs for objects


def refuse_unknown(connection: Connection, experiment: str) -> None:
    names = list(connection.scalars(select(Experiment.name).order_by(Experiment.name)))
    if experiment not in names:
        near = get_close_matches(experiment, names, n=1)
        hint = f"did you mean {near[0]}?" if near else f"it holds {', '.join(names) or 'nothing yet'}."
        raise StoreError(f"The store knows no experiment {experiment}: {hint}")


def curves(connection: Connection, experiment: str, curve: str | None) -> pd.DataFrame:
    import pandas as pd

    refuse_unknown(connection, experiment)
    known = list(connection.scalars(select(CurveInfo.name).where(CurveInfo.experiment == experiment)))
    if curve is not None and curve not in known:
        raise StoreError(f"{experiment} has no curve {curve}: it has {', '.join(known) or 'none'}.")
    statement = (
        select(Run.id, Run.seed, Curve.name, CurveX.x, Curve.y)
        .join(Curve, Curve.run_id == Run.id)
        .join(CurveX, CurveX.id == Curve.x_id)
        .join(Experiment, (Experiment.name == Run.experiment) & (Experiment.revision == Run.revision))
        .where(Run.experiment == experiment, Run.status == "ok")
        .order_by(Run.id, Curve.name)
    )
    rows = connection.execute(statement if curve is None else statement.where(Curve.name == curve)).all()
    lengths = [len(row.y) for row in rows]
    return pd.DataFrame(
        {
            "run_id": np.repeat(np.array([row.id for row in rows], dtype=np.int64), lengths),
            "seed": np.repeat(np.array([row.seed for row in rows], dtype=np.int64), lengths),
            "curve": np.repeat(np.array([row.name for row in rows], dtype=object), lengths),
            "step": np.concatenate([np.arange(0), *(np.arange(length) for length in lengths)]),
            "x": np.concatenate([np.zeros(0), *(row.x for row in rows)]),
            "y": np.concatenate([np.zeros(0), *(row.y for row in rows)]),
        }
    )


def verdicts(connection: Connection) -> pd.DataFrame:
    stated = (Claim.experiment == Verdict.experiment) & (Claim.name == Verdict.claim)
    statement = (
        select(*Verdict.__table__.columns, Claim.statement)
        .outerjoin(Claim, stated)
        .order_by(Verdict.experiment, Verdict.claim, Verdict.profile, Verdict.seeds, Verdict.revision)
    )
    return selected(connection, statement)


def batches(connection: Connection) -> pd.DataFrame:
    silent = (Batch.state == "running") & (Batch.heartbeat_at < moment_ago(STALE))
    state = case((silent, "interrupted"), else_=Batch.state).label("state")
    others = [column for column in Batch.__table__.columns if column.name not in ("id", "state")]
    return selected(connection, select(Batch.id, state, *others).order_by(Batch.id))
