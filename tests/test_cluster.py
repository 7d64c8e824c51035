"""The same batch on a Dask cluster: a real scheduler and two workers on loopback."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command import PATIENCE, QUICK, ROOT, TOY, TOYS, environment, eventually, run_all, started


def server(kind: str, folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """A part of a cluster on loopback, quiet, as the leader of a process group."""
    command = [sys.executable, "-m", f"distributed.cli.{kind}", "--host", "127.0.0.1", "--no-dashboard"]
    return subprocess.Popen(
        [*command, "--scheduler-file", str(folder / "scheduler.json"), *arguments],
        cwd=folder,
        env=environment(PYTHONPATH=str(ROOT)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The address and the process of a scheduler that has two workers."""
    folder = tmp_path_factory.mktemp("cluster")
    servers = [server("dask_scheduler", folder, "--port", "0")]
    try:
        file = folder / "scheduler.json"
        assert eventually(file.exists)
        servers += [server("dask_worker", folder, "--nthreads", "1", "--nworkers", "1") for _ in range(2)]
        yield json.loads(file.read_text())["address"], servers[0]
    finally:
        for process in reversed(servers):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def rows(folder: Path) -> list[tuple[str, str]]:
    with contextlib.closing(sqlite3.connect(folder / "results.db")) as connection:
        return connection.execute("SELECT key, fingerprint FROM run ORDER BY key").fetchall()


def workers_are_there(address: str) -> bool:
    from distributed import Client

    with Client(address, timeout=PATIENCE, set_as_default=False) as client:
        return len(client.nthreads()) == 2


def test_a_cluster_gives_the_bits_of_local_workers(
    cluster: tuple[str, subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    address, _ = cluster
    assert eventually(lambda: workers_are_there(address))
    (tmp_path / "local").mkdir()
    (tmp_path / "remote").mkdir()
    local = run_all(tmp_path / "local", *QUICK)
    remote = run_all(tmp_path / "remote", *QUICK, "--scheduler", address)
    assert local.returncode == remote.returncode == 0, remote.stderr
    assert "2 workers" in remote.stdout
    assert len(rows(tmp_path / "remote")) == 24
    assert rows(tmp_path / "remote") == rows(tmp_path / "local")


def test_a_run_that_kills_a_clusters_worker_is_recorded_as_failed(
    cluster: tuple[str, subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    address, _ = cluster
    assert eventually(lambda: workers_are_there(address))
    done = run_all(
        tmp_path,
        "--suite",
        str(TOYS),
        "--only",
        "troubles",
        "--profile",
        "quick",
        "--seeds",
        "1",
        "--scheduler",
        address,
    )
    assert done.returncode == 1, done.stderr
    with contextlib.closing(sqlite3.connect(tmp_path / "results.db")) as connection:
        found = dict(
            connection.execute("SELECT params ->> 'trouble', error FROM run WHERE status = 'failed'").fetchall()
        )
    assert found.keys() == {"raise", "nan", "undeclared", "die"}
    assert "died" in found["die"]


def test_a_scheduler_that_goes_away_stops_the_batch_and_a_restart_finishes_it(
    cluster: tuple[str, subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    address, scheduler = cluster
    assert eventually(lambda: workers_are_there(address))
    arguments = (*TOY, "--profile", "standard")
    store = tmp_path / "results.db"
    with started(tmp_path, *arguments, "--scheduler", address) as batch:
        assert eventually(lambda: store.exists() and count(store) > 3)
        os.killpg(scheduler.pid, signal.SIGKILL)
        _, err = batch.communicate(timeout=PATIENCE)
        assert batch.returncode == 1, err
    assert "is gone" in err
    assert "Traceback" not in err
    done = run_all(tmp_path, *arguments)
    assert done.returncode == 0, done.stderr
    assert count(store) == 120


def count(store: Path) -> int:
    with contextlib.closing(sqlite3.connect(store)) as connection:
        try:
            return int(connection.execute("SELECT count(*) FROM run WHERE status = 'ok'").fetchone()[0])
        except sqlite3.OperationalError:
            return 0
