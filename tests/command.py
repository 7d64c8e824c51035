"""Runs the command line as its users do: in a process of its own, in a folder of its own."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
TOYS = Path(__file__).parent / "toys"
TOY = ("--suite", str(TOYS), "--only", "averages")
QUICK = (*TOY, "--profile", "quick")
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""What linear algebra in the tests' own processes runs with; a command must see to it on its own."""

PATIENCE = 300.0
"""Seconds after which a command counts as hanging: no test may depend on the speed of the machine."""


def environment(**more: str) -> dict[str, str]:
    left_out = {"THEORY_LAB_STORE", *ONE_THREAD}
    return {name: value for name, value in os.environ.items() if name not in left_out} | more


def run_all(folder: Path, *arguments: str, timeout: float = PATIENCE, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "run_all.py"), *arguments],
        cwd=folder,
        env=environment(**env),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def copied(folder: Path, target: Path) -> Path:
    shutil.copytree(folder, target, dirs_exist_ok=True)
    return target


@contextlib.contextmanager
def started(folder: Path, *arguments: str, **env: str) -> Iterator[subprocess.Popen[str]]:
    """The same, not waited for, as the leader of a session that ends with the context."""
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "run_all.py"), *arguments],
        cwd=folder,
        env=environment(**env),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        if process.stdout and not process.stdout.closed:
            process.communicate()


def processes(session: int) -> set[int]:
    """The living processes of the session that a started command leads, its workers and fork server included."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[3]) == session and fields[0] not in "ZX":
            found.add(int(stat.parent.name))
    return found


def eventually(condition: Callable[[], bool], seconds: float = PATIENCE) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return condition()
