"""Where a batch runs: what may decide the bits of its runs, and what reproduces it."""

from __future__ import annotations

import os
import platform
import shlex
import subprocess
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from storage.records import BatchRecord

PACKAGES = ("numpy", "scipy", "scikit-learn", "numba", "pandas", "SQLAlchemy", "distributed")


def describe_batch(profile: str, planned: int, arguments: Sequence[str]) -> BatchRecord:
    return BatchRecord(
        profile=profile,
        planned=planned,
        command=shlex.join(["python", "run_all.py", *arguments]),
        git_commit=_git_commit(),
        host=platform.node(),
        cpu=_cpu(),
        python=platform.python_version(),
        packages=_packages(),
    )


def differences(then: BatchRecord, now: BatchRecord) -> list[str]:
    """What of the environment is not as it was, of all that may change the bits of a run."""
    changed = [
        f"{name} {before} is now {after}"
        for name, before, after in [("cpu", then.cpu, now.cpu), ("Python", then.python, now.python)]
        if before != after
    ]
    for name in sorted({*then.packages, *now.packages}):
        before, after = then.packages.get(name, "(absent)"), now.packages.get(name, "(absent)")
        if before != after:
            changed.append(f"{name} {before} is now {after}")
    return changed


def _packages() -> dict[str, str]:
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _cpu() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _git_commit() -> str:
    """The commit of the laboratory's checkout, with + where files differ from it; "" outside a checkout."""
    root = Path(__file__).parents[2]
    if not (root / ".git").exists():
        return ""
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
    try:
        commit, changes = (
            subprocess.run(
                ["git", "-C", str(root), *arguments],
                capture_output=True,
                text=True,
                check=True,
                env=environment,
                timeout=10,
            ).stdout.strip()
            for arguments in (["rev-parse", "HEAD"], ["status", "--porcelain", "--untracked-files=no"])
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return commit + ("+" if changes else "")
