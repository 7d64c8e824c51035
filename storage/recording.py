"""Writing runs in bulk: everything that can be made ready before the transaction begins, so that it is short."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, delete, insert, select, update

from storage.records import RunRecord
from storage.tables import Curve, CurveX, Field, Metric, Run
from storage.unpacking import packed_arrays

Row = dict[str, Any]
AT_ONCE = 1000
"""Keys asked for in one statement; databases limit its length."""


class Packed:
    """A run as rows that lack nothing but the ids of the run and of its abscissae."""

    def __init__(self, run: RunRecord) -> None:
        """Raises ValueError for a metric that is not finite."""
        for name, value in run.metrics.items():
            if not math.isfinite(value):
                raise ValueError(f"The metric {name} of run {run.key} is {value}, not a finite number")
        self.key = run.key
        self.run: Row = {
            "key": run.key,
            "experiment": run.experiment,
            "revision": run.revision,
            "params": dict(run.params),
            "seed": run.seed,
            "status": run.status,
            "error": storable(run.error),
            "started_at": run.started_at,
            "seconds": run.seconds,
            "fingerprint": run.fingerprint,
        }
        self.metrics: list[Row] = [
            {"name": name, "value": float(value) + 0.0}  # + 0.0: SQLite keeps no -0.0, so PostgreSQL shall not either
            for name, value in run.metrics.items()
        ]
        self.curves = [(curve.name, digest(curve.x), curve.y) for curve in run.curves]
        self.abscissae = {mark: curve.x for (_, mark, _), curve in zip(self.curves, run.curves, strict=True)}
        self.fields: list[Row] = [
            {"name": field.name, "kind": field.kind, "arrays": packed_arrays(field.arrays)} for field in run.fields
        ]


def digest(x: NDArray[np.float64]) -> str:
    """A hash of the exact bits."""
    return hashlib.blake2b(np.ascontiguousarray(x, dtype="<f8").tobytes(), digest_size=16).hexdigest()


def storable(text: str) -> str:
    """`text` with what PostgreSQL or UTF-8 cannot hold written out."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


class Abscissae:
    """The ids of abscissae that are known to be in the store: those of transactions that were committed."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}

    def keep(self, ids: Mapping[str, int]) -> None:
        self._ids.update(ids)

    def ids(self, connection: Connection, wanted: Mapping[str, NDArray[np.float64]]) -> dict[str, int]:
        """The id of each digest, its abscissa being written where it is new."""
        ids = {mark: self._ids[mark] for mark in wanted if mark in self._ids}
        unknown = [mark for mark in wanted if mark not in ids]
        ids.update(stored_ids(connection, unknown))
        new = [mark for mark in unknown if mark not in ids]
        if new:
            connection.execute(insert(CurveX), [{"digest": mark, "x": wanted[mark]} for mark in new])
            ids.update(stored_ids(connection, new))
        return ids


def stored_ids(connection: Connection, digests: Sequence[str]) -> dict[str, int]:
    ids: dict[str, int] = {}
    for start in range(0, len(digests), AT_ONCE):
        query = select(CurveX.digest, CurveX.id).where(CurveX.digest.in_(digests[start : start + AT_ONCE]))
        ids.update((mark, x_id) for mark, x_id in connection.execute(query))
    return ids


def write(
    connection: Connection, batch_id: int, runs: Sequence[Packed], abscissae: Abscissae, *, replace: bool
) -> dict[str, int]:
    """Write the runs inside the connection's transaction; the ids of their abscissae, by digest."""
    by_key = {run.key: run for run in runs}
    stored = stored_runs(connection, list(by_key))
    fresh = [run for key, run in by_key.items() if key not in stored]
    again = [run for key, run in by_key.items() if key in stored and (replace or stored[key][1] == "failed")]
    for run in again:
        run_id = stored[run.key][0]
        connection.execute(update(Run).where(Run.id == run_id).values(**run.run, batch_id=batch_id))
        for table in (Metric, Curve, Field):
            connection.execute(delete(table).where(table.run_id == run_id))
    if fresh:
        connection.execute(insert(Run), [{**run.run, "batch_id": batch_id} for run in fresh])
    ids = stored_runs(connection, [run.key for run in fresh]) | stored
    written = [(ids[run.key][0], run) for run in (*fresh, *again)]
    x_ids = abscissae.ids(connection, {mark: x for _, run in written for mark, x in run.abscissae.items()})
    curves = [
        {"run_id": run_id, "name": name, "x_id": x_ids[mark], "y": y}
        for run_id, run in written
        for name, mark, y in run.curves
    ]
    metrics = [{"run_id": run_id, **row} for run_id, run in written for row in run.metrics]
    fields = [{"run_id": run_id, **row} for run_id, run in written for row in run.fields]
    for table, rows in ((Metric, metrics), (Curve, curves), (Field, fields)):
        if rows:
            connection.execute(insert(table), rows)
    return x_ids


def stored_runs(connection: Connection, keys: Sequence[str]) -> dict[str, tuple[int, str]]:
    """key -> (id, status) of the runs that are there."""
    found: dict[str, tuple[int, str]] = {}
    for start in range(0, len(keys), AT_ONCE):
        query = select(Run.key, Run.id, Run.status).where(Run.key.in_(keys[start : start + AT_ONCE]))
        found.update((key, (run_id, status)) for key, run_id, status in connection.execute(query))
    return found
