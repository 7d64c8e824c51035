"""Answers that are files to save, written while they are sent; and the sentence where there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from flask import Response

if TYPE_CHECKING:
    import pandas as pd

TYPES = {"csv": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet"}


def attachment(parts: Iterator[pd.DataFrame], kind: str, name: str) -> Response:
    """The table, of which `parts` are the rows one after another, as a file to save; no more of it is held than a part.

    CSV writes each number so that reading it gives the same bits. What stands in the way of the first part is raised.
    """
    written = WRITERS[kind](next(parts), parts)
    disposition = f'attachment; filename="{name}.{kind}"'
    return Response(written, mimetype=TYPES[kind], headers={"Content-Disposition": disposition})


def _csv(first: pd.DataFrame, others: Iterator[pd.DataFrame]) -> Iterator[bytes]:
    yield first.to_csv(index=False).encode()
    for part in others:
        yield part.to_csv(index=False, header=False).encode()


def _parquet(first: pd.DataFrame, others: Iterator[pd.DataFrame]) -> Iterator[bytes]:
    """A row group a part."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = _Passed()
    table = pa.Table.from_pandas(first, preserve_index=False)
    with pq.ParquetWriter(file, table.schema) as writer:
        writer.write_table(table)
        yield file.taken()
        for part in others:
            writer.write_table(pa.Table.from_pandas(part, schema=table.schema, preserve_index=False))
            yield file.taken()
    yield file.taken()


WRITERS: dict[str, Callable[[pd.DataFrame, Iterator[pd.DataFrame]], Iterator[bytes]]] = {
    "csv": _csv,
    "parquet": _parquet,
}


class _Passed:
    """A file to write to, which forgets what has been taken of it."""

    closed = False

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        return len(self._parts[-1])

    def taken(self) -> bytes:
        taken = b"".join(self._parts)
        self._parts.clear()
        return taken

    def flush(self) -> None:
        """Nothing waits elsewhere."""

    def close(self) -> None:
        """The writer of Parquet leaves it open: its end is still to be taken."""


def refusal(reason: str) -> Response:
    return Response(reason + "\n", status=404, mimetype="text/plain")
