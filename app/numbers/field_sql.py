"""The SELECT of the fields that a figure is made from, and how their arrays are read: SQL does not look into them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.numbers import sql
from storage.records import FieldRecord

HOW = "-- arrays is a NumPy archive: numpy.load(io.BytesIO(arrays)) holds"


def fields_sql(kept: Mapping[Sequence[int], Sequence[FieldRecord]], more: str = "") -> str:
    """The rows of fields by the runs that keep them; over it, as comments, what their arrays hold, and `more` lines.

    Of several runs the fields are those of one of them.
    """
    told = [
        f"--   {' '.join(field.name.split())}: {arrays_said(field)}" for fields in kept.values() for field in fields
    ]
    conditions = [
        f"run.id {_among(runs)} AND field.name {_among([field.name for field in fields])}"
        for runs, fields in kept.items()
    ]
    return "\n".join(
        [
            HOW,
            *told,
            *(f"-- {line}" for line in more.splitlines()),
            "SELECT run.id AS run, run.experiment, run.seed, run.params, field.name, field.kind, field.arrays",
            "FROM field JOIN run ON run.id = field.run_id",
            "WHERE " + "\n  OR ".join(conditions),
            "ORDER BY run.id, field.name",
        ]
    )


def arrays_said(field: FieldRecord) -> str:
    """Such as: x (61), y (61), z (61, 61) of float64."""
    kinds: dict[str, list[str]] = {}
    for name, array in field.arrays.items():
        kinds.setdefault(str(array.dtype), []).append(f"{name} ({', '.join(map(str, array.shape))})")
    return "; ".join(f"{', '.join(shapes)} of {kind}" for kind, shapes in kinds.items())


def _among(values: Sequence[int] | Sequence[str]) -> str:
    listed = ", ".join(sql.literal(value) for value in values)
    return f"= {listed}" if len(values) == 1 else f"IN ({listed})"
