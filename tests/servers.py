"""A real PostgreSQL server for the tests: on loopback, in a temporary folder, gone afterwards."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

USER = "lab"
UNPRIVILEGED = ("postgres", "nobody")


def postgresql_programs() -> Path | None:
    """The folder of initdb and pg_ctl: in PATH, or where Debian puts them (the newest)."""
    found = shutil.which("initdb")
    if found and shutil.which("pg_ctl"):
        return Path(found).parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda file: float(file.parts[-3]))
    return versions[-1].parent if versions else None


def unprivileged_user() -> str | None:
    """Whom to run the server as: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in UNPRIVILEGED if name in known)


class Cluster:
    """A running server; `fresh()` gives the URL of an empty schema, made in a fiftieth of the time of a database."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._numbers = itertools.count()

    def url(self, database: str = "postgres", user: str = USER) -> str:
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(statement.encode())

    @contextmanager
    def fresh(self) -> Iterator[str]:
        name = f"lab_{next(self._numbers)}"
        self.execute(f"CREATE SCHEMA {name}")
        yield f"{self.url()}?options=-csearch_path%3D{name}"
        self.execute(f"DROP SCHEMA {name} CASCADE")


@contextmanager
def postgresql_cluster(programs: Path) -> Iterator[Cluster]:
    """Passwords are asked of the user `guarded` only; nothing is synchronised to disk."""
    user = unprivileged_user()
    folder = Path(tempfile.mkdtemp(prefix="lab-postgresql-"))  # pytest's own folders are closed to other users
    data, port = folder / "data", free_port()
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off"

    def run(program: str, *arguments: str) -> None:
        command = [str(programs / program), "-D", str(data), *arguments]
        subprocess.run(command, user=user, check=True, stdout=subprocess.DEVNULL, cwd=folder)

    try:
        if user is not None:
            shutil.chown(folder, user)
        run("initdb", "-U", USER, "-A", "trust", "-E", "UTF8", "--locale", "C", "--no-sync")
        access = data / "pg_hba.conf"
        access.write_text(f"host all guarded 127.0.0.1/32 scram-sha-256\n{access.read_text()}")
        run("pg_ctl", "-w", "-o", options, "-l", str(folder / "log"), "start")
        try:
            yield Cluster(port)
        finally:
            run("pg_ctl", "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
