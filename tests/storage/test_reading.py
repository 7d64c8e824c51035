"""Readers change nothing, wait for nobody, and notice every change, on SQLite and PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from storage import open_store
from storage.store import Writer, open_writer
from storage.tables import Metric, Run
from tests.storage import made


def test_a_token_changes_with_every_transaction_also_of_others(writer: Writer, batch_id: int) -> None:
    url = writer.url.render_as_string(hide_password=False)
    with open_store(url) as reader, open_writer(url) as another:
        tokens = [reader.revision_token()]
        for number in range(200 if writer.url.drivername == "sqlite" else 20):  # of a file its time and size tell
            (writer, another)[number % 2].heartbeat(batch_id, done=number, failed=0)
            tokens.append(reader.revision_token())
        another.record(batch_id, [made.run("k")])
        tokens.append(reader.revision_token())
        with writer._transaction() as connection:
            connection.execute(delete(Metric))
        tokens.append(reader.revision_token())
        assert len(set(tokens)) == len(tokens)
        assert reader.revision_token() == tokens[-1]


def test_a_store_that_is_not_there_reads_as_empty(fresh_store: str, tmp_path: Path) -> None:
    with open_store(fresh_store) as store:
        assert not store.exists
        assert store.experiments().empty
        assert store.batches().empty
        assert store.verdicts().empty
        assert store.fingerprints(["k"]) == {}
        assert store.run(1) is None
        assert store.frame("SELECT * FROM curve_point").empty
        assert list(tmp_path.iterdir()) == []
        before = store.revision_token()
        with open_writer(fresh_store) as writer:
            writer.describe([made.experiment()])
        assert store.exists
        assert store.experiments().name.tolist() == ["made"]
        assert store.revision_token() != before


def test_a_reader_can_write_nothing(writer: Writer, batch_id: int) -> None:
    with (
        open_store(writer.url.render_as_string(hide_password=False)) as reader,
        reader.connection() as connection,
        pytest.raises(Exception, match=r"(?i)read-?\s?only"),
    ):
        connection.execute(delete(Run))


def test_a_reader_sees_one_state_and_waits_for_no_writer(writer: Writer, batch_id: int) -> None:
    writer.record(batch_id, [made.run("a")])
    with open_store(writer.url.render_as_string(hide_password=False)) as reader:
        with writer._transaction() as writing:
            writing.execute(update(Run).values(seed=77))
            assert reader.runs("made").seed.tolist() == [0]  # a reader that waited would wait for ever
        with reader.connection() as connection:
            before = connection.execute(select(Run.seed)).all()
            writer.record(batch_id, [made.run("b")])
            assert connection.execute(select(Run.seed)).all() == before
        assert len(reader.ok_keys()) == 2
