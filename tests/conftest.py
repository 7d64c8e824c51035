"""Fixtures that several areas use: addresses of fresh stores on both databases, and a filled one."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command import ONE_THREAD, QUICK, run_all
from tests.servers import Cluster, postgresql_cluster, postgresql_programs

LONGEST = (
    "test_accessibility.py",
    "test_contract.py",
    "test_survival.py",
    "test_run_all.py",
    "test_values.py",
    "test_console_attacks.py",
    "test_usage.py",
    "test_readme.py",
    "test_cluster.py",
)
"""The files that take longest, which begin first: one that began last would leave the other workers idle."""


def pytest_configure() -> None:
    """One thread for linear algebra, set before it is loaded: threads of several workers on the same cores wait for
    each other at full speed, which was measured to take twenty times the processors' time of the work."""
    os.environ.update(ONE_THREAD)
    # A shell has what it runs in the background ignore Ctrl-C, and all that this starts: tests interrupt some of it.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_xdist_auto_num_workers() -> int:
    """`-n auto`: half as many again as there are cores, since tests wait for browsers, servers and processes."""
    from experiments.batch.crew import cores

    return (3 * cores() + 1) // 2


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))


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
