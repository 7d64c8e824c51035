"""From rows back to records: what was stored, to the last bit."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from storage.records import BatchRecord, CurveRecord, FieldRecord, RunRecord
from storage.tables import Batch, Curve, CurveX, Field, Metric, Run


def packed_arrays(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """A .npz archive; raises ValueError for what would need a pickle."""
    memory = io.BytesIO()
    np.savez_compressed(memory, allow_pickle=False, **arrays)
    return memory.getvalue()


def unpacked_arrays(archive: bytes) -> dict[str, NDArray[Any]]:
    with np.load(io.BytesIO(archive), allow_pickle=False) as arrays:
        return dict(arrays)


def run_with_batch(connection: Connection, run_id: int) -> tuple[RunRecord, BatchRecord]:
    """The run of that id, which must be there, and its batch as it was when it started."""
    run = connection.execute(select(*Run.__table__.columns).where(Run.id == run_id)).mappings().one()
    batch = connection.execute(select(*Batch.__table__.columns).where(Batch.id == run["batch_id"])).mappings().one()
    metrics = connection.execute(select(Metric.name, Metric.value).where(Metric.run_id == run_id).order_by(Metric.name))
    curves = connection.execute(
        select(Curve.name, CurveX.x, Curve.y)
        .join(CurveX, CurveX.id == Curve.x_id)
        .where(Curve.run_id == run_id)
        .order_by(Curve.name)
    )
    fields = connection.execute(
        select(Field.name, Field.kind, Field.arrays).where(Field.run_id == run_id).order_by(Field.name)
    )
    record = RunRecord(
        **{name: value for name, value in run.items() if name not in ("id", "batch_id")},
        metrics={row.name: row.value for row in metrics},
        curves=tuple(CurveRecord(name=name, x=x, y=y) for name, x, y in curves),
        fields=tuple(
            FieldRecord(name=name, kind=kind, arrays=unpacked_arrays(archive)) for name, kind, archive in fields
        ),
    )
    started = BatchRecord.__dataclass_fields__
    return record, BatchRecord(**{name: value for name, value in batch.items() if name in started})
