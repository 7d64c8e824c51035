"""The column type of curves: an exact array of float64, JSON text on SQLite, double precision[] on PostgreSQL."""

from __future__ import annotations

from typing import Any

import numpy as np
import orjson
from sqlalchemy import Dialect, Double, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import TypeDecorator, TypeEngine


class Numbers(TypeDecorator[Any]):
    """A one-dimensional float64 array, the same to the last bit when read back (shortest round-trip decimals)."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(Double()) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        array = np.ascontiguousarray(value, dtype=np.float64)
        if dialect.name == "postgresql":
            return array.tolist()
        return orjson.dumps(array, option=orjson.OPT_SERIALIZE_NUMPY).decode()

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return np.array(value if dialect.name == "postgresql" else orjson.loads(value), dtype=np.float64)
