"""Fixtures that several areas use: addresses of fresh stores on both databases, and a filled one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command import QUICK, run_all
from tests.servers import Cluster, postgresql_cluster, postgresql_programs


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    """One PostgreSQL server for all tests; without its programs they are skipped, or fail where CI is true."""
    programs = postgresql_programs()
    if programs is None:
        reason = "PostgreSQL's initdb and pg_ctl are neither in PATH nor in /usr/lib/postgresql/*/bin"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with postgresql_cluster(programs) as running:
        yield running


@pytest.fixture
def postgresql_url(postgresql: Cluster) -> Iterator[str]:
    """The URL of a fresh, empty place in a PostgreSQL database."""
    with postgresql.fresh() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh_store(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a store that is not there yet, on each database."""
    if request.param == "sqlite":
        return str(tmp_path / "results.db")
    return str(request.getfixturevalue("postgresql_url"))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def each_database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The same for a store that a module's tests share, filled by a fixture of theirs."""
    if request.param == "sqlite":
        yield str(tmp_path_factory.mktemp("shared") / "results.db")
        return
    with request.getfixturevalue("postgresql").fresh() as url:
        yield url


@pytest.fixture(scope="module")
def toy_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store that holds the toy's quick profile."""
    folder = tmp_path_factory.mktemp("toy")
    done = run_all(folder, *QUICK)
    assert done.returncode == 0, done.stderr
    return folder
