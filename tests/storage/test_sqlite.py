"""What is particular to a store in a file: the log beside it, the disk that fills up, the turns of writers."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from storage import open_store
from storage.errors import StoreError
from storage.records import CurveRecord
from storage.store import Writer, open_writer
from tests.storage import made
from tests.storage.test_schema import later_versions


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "results.db"


def fill(path: Path, runs: int = 3) -> None:
    with open_writer(str(path)) as writer:
        writer.describe([made.experiment()])
        writer.record(writer.start_batch(made.batch()), [made.run(f"k{n}", seed=n) for n in range(runs)])


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_store_is_in_wal_mode_and_one_file_after_the_batch(path: Path) -> None:
    fill(path)
    assert names(path.parent) == ["results.db"]
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()


def test_a_file_name_may_hold_any_letter(tmp_path: Path) -> None:
    path = tmp_path / "a b#c?d%20é.db"
    fill(path)
    with open_store(str(path)) as store:
        assert len(store.ok_keys()) == 3
    assert names(tmp_path) == [path.name]


def test_readers_leave_no_file_beside_a_store_that_nobody_writes(path: Path) -> None:
    fill(path)
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    with open_store(str(path)) as store:
        with store.connection():
            assert names(path.parent) == ["results.db"]
        assert len(store.runs("made")) == 3
    assert names(path.parent) == ["results.db"]
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_a_reader_sees_what_a_writer_that_came_later_wrote(path: Path) -> None:
    fill(path)
    with open_store(str(path)) as store:
        assert len(store.ok_keys()) == 3
        with open_writer(str(path)) as writer:
            writer.record(writer.start_batch(made.batch()), [made.run("new")])
            assert len(store.ok_keys()) == 4  # from the log
        assert len(store.ok_keys()) == 4  # from the file
    assert names(path.parent) == ["results.db"]


def test_what_a_killed_writer_committed_is_read_from_its_log(path: Path) -> None:
    fill(path)
    command = (
        "import os, sys; from storage.store import open_writer; from tests.storage import made; "
        "w = open_writer(sys.argv[1]); b = w.start_batch(made.batch()); w.record(b, [made.run('new')]); "
        "c = w._writing.connect(); c.exec_driver_sql('DELETE FROM run'); os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", command, str(path)], check=False).returncode == 9
    assert "results.db-wal" in names(path.parent)
    with open_store(str(path)) as store:
        assert len(store.ok_keys()) == 4
    with open_writer(str(path)) as writer:
        assert len(writer.ok_keys()) == 4


def test_a_long_reading_that_a_writer_overtook_is_not_trusted(path: Path) -> None:
    fill(path)
    with open_store(str(path)) as store, pytest.raises(StoreError, match="ask again"), store.connection():
        fill(path, runs=50)  # and its log is put into the file
    with open_store(str(path)) as store:
        assert len(store.ok_keys()) == 50


def test_a_writer_and_a_reader_in_one_process_keep_their_locks(path: Path) -> None:
    fill(path)
    with open_writer(str(path)) as writer, open_store(str(path)) as reader:
        with writer._transaction() as connection:
            connection.exec_driver_sql("UPDATE run SET seed = 5")
            for _ in range(3):
                reader.ok_keys()
                reader.revision_token()
            other = sqlite3.connect(path, timeout=0, isolation_level=None)
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("BEGIN IMMEDIATE")
            other.close()
        assert set(reader.runs("made").seed) == {5}


WRITER = """
import itertools, pathlib, sys
from storage.store import open_writer
from tests.storage import made
url, own, runs, enough = sys.argv[1:]
with open_writer(url) as writer:
    batch_id = writer.start_batch(made.batch())
    for n in itertools.count():
        if n >= int(runs) and (not enough or pathlib.Path(enough).exists()):
            break
        writer.record(batch_id, [made.run(f"k{n}", seed=n), made.run(f"{own}{n}", seed=n)])
        if n == 0:
            print("begun", flush=True)
"""
"""Writes so many runs without a pause, and goes on until the file `enough` is there, where one is named."""


def test_two_writers_take_turns_and_every_run_is_there_once(fresh_store: str, tmp_path: Path) -> None:
    """One writes on and on until the other has done its part: a writer that starves while another goes on never has."""
    runs, enough = 40, tmp_path / "enough"
    with open_writer(fresh_store) as writer:
        writer.describe([made.experiment()])

    def started(own: str, until: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", WRITER, fresh_store, own, str(runs), until]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    with started("a", str(enough)) as first:
        try:
            assert first.stdout is not None
            assert first.stdout.readline() == "begun\n"
            with started("b", "") as second:
                assert second.wait() == 0
        finally:
            enough.touch()
    assert first.returncode == 0
    with open_store(fresh_store) as store:
        keys = {key for _, key in store.ok_keys()}
        most = sum(key.startswith("a") for key in keys)
        assert most >= runs
        assert keys == {f"{letter}{n}" for letter, own in (("a", most), ("b", runs), ("k", most)) for n in range(own)}
        counts = store.frame("SELECT count(*) AS runs, count(DISTINCT batch_id) AS batches FROM run").iloc[0]
        assert counts.tolist() == [2 * most + runs, 2]
        assert store.frame("SELECT count(*) AS n FROM curve").n[0] == 2 * (2 * most + runs)


def test_a_store_that_another_program_holds_is_named(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(path)
    monkeypatch.setattr("storage.engines.PATIENCE", 0.2)
    with open_writer(str(path)) as writer:
        holder = sqlite3.connect(path, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="held by another program"):
            writer.start_batch(made.batch())
        holder.execute("ROLLBACK")
        holder.close()
        writer.start_batch(made.batch())


def test_a_store_that_is_removed_while_it_is_written_is_missed(path: Path) -> None:
    fill(path)
    with open_writer(str(path)) as writer:
        writer.start_batch(made.batch())
        for file in path.parent.iterdir():
            file.unlink()
        with pytest.raises(StoreError, match="was removed"):
            writer.start_batch(made.batch())
        fill(path)
        with pytest.raises(StoreError, match="or replaced"):
            writer.start_batch(made.batch())


@contextlib.contextmanager
def little_room(folder: Path, size: int) -> Iterator[None]:
    """No more than `size` bytes in the folder: a small file system where we may mount one, else a limit for files."""
    folder.mkdir()
    mounted = (
        os.geteuid() == 0
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], check=False, capture_output=True
        ).returncode
    )
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    if not mounted:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        if mounted:
            subprocess.run(["umount", str(folder)], check=True)
        else:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def fill_up(writer: Writer, stored: list[str]) -> None:
    """Record runs of 4000 points until the disk is full; their keys go into `stored`."""
    batch_id = writer.start_batch(made.batch())
    x, y = np.arange(4000.0), np.random.default_rng(0).normal(size=4000)
    for n in range(100):
        writer.record(batch_id, [made.run(f"k{n}", curves=(CurveRecord(name="loss", x=x, y=y),))])
        stored.append(f"k{n}")


def test_a_full_disk_is_said_and_leaves_whole_runs(tmp_path: Path) -> None:
    folder = tmp_path / "small"
    with little_room(folder, 2_000_000):
        path = folder / "results.db"
        stored: list[str] = []
        with open_writer(str(path)) as writer:
            writer.describe([made.experiment()])
            with pytest.raises(StoreError) as raised:
                fill_up(writer, stored)
            said = str(raised.value)
            assert f"The store {path} cannot be" in said
            assert "some space" in said or "free space" in said
            assert said.endswith("run the same command again.")
            assert 0 < len(stored) < 100
            with pytest.raises(StoreError, match="space"):
                fill_up(writer, [])
        with open_store(str(path)) as store:
            assert [key for _, key in store.ok_keys()] == stored
            points = store.frame("SELECT count(*) AS n FROM curve_point GROUP BY run_id")
            assert points.n.tolist() == [4000] * len(stored)
            assert store.frame("PRAGMA integrity_check").iloc[0, 0] == "ok"


def test_a_store_that_cannot_be_copied_is_not_migrated(tmp_path: Path) -> None:
    fill(tmp_path / "results.db", runs=300)
    with little_room(tmp_path / "small", (tmp_path / "results.db").stat().st_size * 3 // 2):
        path = Path(shutil.copy(tmp_path / "results.db", tmp_path / "small"))
        before = path.read_bytes()
        with pytest.raises(StoreError, match="cannot be copied"):
            Writer(str(path), versions=later_versions(tmp_path / "later"))
        assert names(path.parent) == ["results.db"]
        assert path.read_bytes() == before
