"""A batch survives what happens to long work: kills, Ctrl-C, a second batch beside it, a full disk."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command import PATIENCE, QUICK, TOY, eventually, processes, run_all, started

SLOW = (*TOY, "--profile", "standard", "--workers", "2")
PLANNED = 120
"""Six cells of 20 seeds, half of which sleep 50 ms: about 2 s of work for two workers."""

MOMENTS = [None, 0, 1, 5, 15, 30, 50, 70, 90, 110]
"""Runs in the store when a batch is killed: from before there is a store to nearly its end, on any machine."""


def query(store: Path, sql: str) -> list[tuple[object, ...]]:
    with contextlib.closing(sqlite3.connect(store)) as connection:
        return connection.execute(sql).fetchall()


def stored(store: Path) -> int:
    if not store.exists():
        return 0
    try:
        return int(str(query(store, "SELECT count(*) FROM run")[0][0]))
    except sqlite3.OperationalError:  # not there yet
        return 0


def check_whole(store: Path) -> None:
    """Every stored run has all its parts, and the file is sound."""
    assert query(store, "PRAGMA integrity_check") == [("ok",)]
    assert query(store, "PRAGMA foreign_key_check") == []
    partial = """
        SELECT run.id FROM run WHERE
            (SELECT count(*) FROM metric WHERE run_id = run.id) <> 2
            OR (SELECT count(*) FROM curve WHERE run_id = run.id) <> 1
            OR (SELECT count(*) FROM field WHERE run_id = run.id) <> (seed < 3)"""
    assert query(store, partial) == []


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[object, ...]]:
    """Keys and fingerprints of an undisturbed batch."""
    folder = tmp_path_factory.mktemp("undisturbed")
    assert run_all(folder, *SLOW).returncode == 0
    return query(folder / "results.db", "SELECT key, fingerprint FROM run ORDER BY key")


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_batch_loses_nothing_and_a_plain_restart_finishes_it(
    tmp_path: Path, moment: int | None, expected: list[tuple[object, ...]]
) -> None:
    store = tmp_path / "results.db"
    with started(tmp_path, *SLOW) as batch:
        assert moment is None or eventually(lambda: store.exists() and stored(store) >= moment)
        batch.kill()
        batch.communicate()
        assert eventually(lambda: not processes(batch.pid)), "processes of the batch are left"
        before = stored(store)
        if before:
            check_whole(store)
        kept = query(store, "SELECT key, fingerprint FROM run ORDER BY key") if before else []
        done = run_all(tmp_path, *SLOW)
        assert done.returncode == 0, done.stderr
        assert set(kept) <= set(expected)
        assert query(store, "SELECT key, fingerprint FROM run ORDER BY key") == expected
        check_whole(store)
        if 0 < before < PLANNED:
            assert f"{PLANNED - before} of {PLANNED} runs to run" in done.stdout


def test_ctrl_c_stores_what_finished_and_says_what_is_left(tmp_path: Path) -> None:
    store = tmp_path / "results.db"
    with started(tmp_path, *SLOW) as batch:
        assert eventually(lambda: stored(store) > 5)
        os.killpg(batch.pid, signal.SIGINT)  # a terminal sends it to the whole group, workers included
        out, err = batch.communicate(timeout=PATIENCE)
        assert batch.returncode == 130, err
        assert "Traceback" not in err
        assert "The same command finishes the batch." in out
        assert eventually(lambda: not processes(batch.pid))
        count = stored(store)
        assert f"{count} runs done" in out
        assert f"{PLANNED - count} left" in out
        assert query(store, "SELECT state, done FROM batch") == [("interrupted", count)]
        check_whole(store)
        assert run_all(tmp_path, *SLOW).returncode == 0
        assert stored(store) == PLANNED


def test_a_killed_worker_costs_no_run(tmp_path: Path, expected: list[tuple[object, ...]]) -> None:
    store = tmp_path / "results.db"
    with started(tmp_path, *SLOW) as batch:
        assert eventually(lambda: stored(store) > 5)
        os.kill(_worker(batch), signal.SIGKILL)
        _, err = batch.communicate(timeout=PATIENCE)
        assert batch.returncode == 0, err
        assert query(store, "SELECT key, fingerprint FROM run ORDER BY key") == expected
        assert query(store, "SELECT state, done, failed FROM batch") == [("finished", PLANNED, 0)]


def _worker(batch: subprocess.Popen[str]) -> int:
    """A worker process: a grandchild of the batch, by way of the fork server."""
    for pid in processes(batch.pid):
        parent = _parent(pid)
        if parent not in (batch.pid, 0) and _parent(parent) == batch.pid:
            return pid
    raise AssertionError("no worker found")


def _parent(pid: int) -> int:
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return 0


def test_two_batches_on_one_store_end_with_every_run_once(tmp_path: Path, expected: list[tuple[object, ...]]) -> None:
    with started(tmp_path, *SLOW) as one, started(tmp_path, *SLOW) as other:
        for batch in (one, other):
            _, err = batch.communicate(timeout=PATIENCE)
            assert batch.returncode == 0, err
    store = tmp_path / "results.db"
    assert query(store, "SELECT key, fingerprint FROM run ORDER BY key") == expected
    check_whole(store)
    assert {state for (state,) in query(store, "SELECT state FROM batch")} == {"finished"}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MiB, where it may be mounted."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"a small file system cannot be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(disk: Path) -> None:
    with (disk / "ballast").open("wb", buffering=0) as ballast, contextlib.suppress(OSError):
        while True:
            ballast.write(b"0" * 4096)


def test_a_full_disk_gives_one_sentence_and_an_intact_store(small_disk: Path) -> None:
    store = small_disk / "results.db"
    done = run_all(small_disk, *QUICK)
    assert done.returncode == 0, done.stderr
    fill(small_disk)
    full = run_all(small_disk, *SLOW)
    assert full.returncode in (1, 2), full.stdout
    assert "space" in full.stderr
    assert len(full.stderr.strip().splitlines()) == 1, full.stderr
    (small_disk / "ballast").unlink()
    check_whole(store)
    assert stored(store) >= 24
    again = run_all(small_disk, *SLOW)
    assert "finishes" not in again.stdout or again.returncode == 1
    check_whole(store)


def test_a_disk_that_fills_up_during_a_batch_stops_it_with_status_1(small_disk: Path) -> None:
    store = small_disk / "results.db"
    with started(small_disk, *SLOW) as batch:
        assert eventually(lambda: stored(store) > 5)
        fill(small_disk)
        _, err = batch.communicate(timeout=PATIENCE)
        assert batch.returncode == 1, err
        assert "space" in err
        assert "Traceback" not in err
        (small_disk / "ballast").unlink()
        check_whole(store)
        assert eventually(lambda: not processes(batch.pid))
