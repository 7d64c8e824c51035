"""Fields of one run, each drawn for what it is. The arrays that each kind must have are named in FIELD_ARRAYS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from app.figures.fields.matrix import matrix_figure
from app.figures.fields.network import network_figure
from app.figures.fields.plane import first_layers, plane_figure, share_a_plane
from app.figures.fields.solid import solid_figure
from app.figures.fields.spectrum import Law, spectrum_figure
from app.figures.look import Figure
from storage.records import FieldRecord

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FIELD_ARRAYS", "can_be_drawn", "field_figure", "field_frame", "first_layers", "layers_figure",
           "share_a_plane"]  # fmt: skip

FIELD_ARRAYS: Mapping[str, tuple[str, ...]] = {
    "surface": ("x", "y", "z"),
    "polygons": ("vertices", "offsets", "value"),
    "points": ("x", "y", "value"),
    "arrows": ("x0", "y0", "x1", "y1"),
    "histogram": ("edges", "density"),
    "network": ("sizes", "weights"),
    "matrix": ("z",),
}


def can_be_drawn(field: FieldRecord) -> bool:
    """Whether the kind is known and its arrays are there."""
    return field.kind in FIELD_ARRAYS and set(FIELD_ARRAYS[field.kind]) <= set(field.arrays)


def field_figure(
    field: FieldRecord, *, solid: bool = False, signed: bool = True, laws: Sequence[Law] = ()
) -> Figure | None:
    """None where the field cannot be drawn. A surface may be `solid`: in three dimensions; its zero is a boundary if
    its values are `signed`. `laws` are densities to lie over a histogram."""
    if not can_be_drawn(field):
        return None
    if field.kind == "surface" and solid:
        return solid_figure(field, signed=signed)
    if field.kind == "histogram":
        return spectrum_figure(field.name, field.arrays, laws)
    if field.kind == "network":
        return network_figure(field.arrays)
    if field.kind == "matrix":
        return matrix_figure(field.arrays)
    return plane_figure([field], signed=signed)


def layers_figure(fields: Sequence[FieldRecord], *, solid: bool = False, signed: bool = True) -> Figure:
    """Fields of one plane over one another; in three dimensions the first surface, with points and arrows on it."""
    surface = next((field for field in fields if field.kind == "surface"), None)
    if solid and surface is not None:
        return solid_figure(surface, fields, signed=signed)
    return plane_figure(fields, signed=signed, shared=True)


def field_frame(fields: Sequence[FieldRecord]) -> pd.DataFrame:
    """Every number of the fields: a row a number, with its field, the array it stands in and its place there."""
    import pandas as pd

    parts = []
    for field in fields:
        for name, values in field.arrays.items():
            places = np.unravel_index(np.arange(values.size), values.shape or (1,))
            columns: dict[str, object] = {"field": field.name, "array": name}
            columns |= dict(zip(("i", "j", "k"), places, strict=False))
            parts.append(pd.DataFrame({**columns, "value": values.ravel()}))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["field", "array", "i", "value"])
