"""A store with one described experiment and a running batch, on each database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from storage.store import Writer, open_writer
from tests.storage import made


@pytest.fixture
def writer(fresh_store: str) -> Iterator[Writer]:
    with open_writer(fresh_store) as opened:
        opened.describe([made.experiment()])
        yield opened


@pytest.fixture
def batch_id(writer: Writer) -> int:
    return writer.start_batch(made.batch())
