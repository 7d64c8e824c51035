"""The column type of curves: an exact array of float64, JSON text on SQLite, double precision[] on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray
from sqlalchemy import Dialect, Double, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import TypeDecorator, TypeEngine


class Numbers(TypeDecorator[NDArray[np.float64]]):
    """A one-dimensional array of finite float64, the same to the last bit when read back.

    Both backends are given the shortest decimals that round-trip.
    Raises ValueError for another shape and for what is not finite.
    """

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(Double()) if dialect.name == "postgresql" else Text())

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], str]:
        """Ours alone: that of ARRAY would take the text for a list of letters."""
        opening, closing = ("{", "}") if dialect.name == "postgresql" else ("[", "]")
        return lambda value: f"{opening}{decimals(value)}{closing}"

    def process_result_value(self, value: Any, dialect: Dialect) -> NDArray[np.float64]:
        return np.array(value if dialect.name == "postgresql" else orjson.loads(value), dtype=np.float64)


def decimals(numbers: Any) -> str:
    array = np.ascontiguousarray(numbers, dtype=np.float64)
    if array.ndim != 1 or not np.isfinite(array).all():
        raise ValueError(f"A curve is one row of finite numbers, not {array!r}")
    return orjson.dumps(array, option=orjson.OPT_SERIALIZE_NUMPY).decode()[1:-1]
