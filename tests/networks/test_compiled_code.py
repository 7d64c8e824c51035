"""Compiled code is kept in the user's cache folder, and people are told when it has to be made."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.command import ROOT, run_all

pytest.importorskip("numba")

from experiments.networks.ensemble import cache

SCRIPT = """
import sys
from experiments.networks.ensemble import FitJob, fit_many
assert not {"numba", "sklearn"} & set(sys.modules), "heavy imports at import time"
print(next(fit_many([FitJob(X=[[0.0], [1.0]], y=[0.0, 1.0], hidden=(3,), max_iter=3)])).digest)
"""


def test_a_cold_batch_says_that_it_compiles_and_the_cache_survives(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    cold = run_all(
        tmp_path, "--only", "learning_curves", "--profile", "quick", "--workers", "1", NUMBA_CACHE_DIR=str(folder)
    )
    said = [line for line in cold.stderr.splitlines() if "compiling the training loop" in line]
    assert said == [f"compiling the training loop for float64: about 20 s, once (kept in {folder})"]
    warm = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=ROOT,
        env={**os.environ, "NUMBA_CACHE_DIR": str(folder)},
        text=True,
        capture_output=True,
        check=True,
    )
    assert warm.stderr == ""
    assert len(warm.stdout.split()) == 1


SOURCES = {path: path.read_text() for path in sorted((ROOT / "experiments").rglob("*.py"))}
KEPT = [
    (".".join(path.relative_to(ROOT).with_suffix("").parts), function)
    for path, text in SOURCES.items()
    for function in re.findall(r"^@jit_kept\ndef (\w+)\(", text, re.MULTILINE)
]


@pytest.mark.parametrize(("module", "function"), KEPT)
def test_compiled_functions_are_kept_in_the_cache_folder(module: str, function: str) -> None:
    kept: Any = getattr(import_module(module), function)
    assert Path(kept.stats.cache_path).is_relative_to(cache.cache_folder())


def test_no_function_is_compiled_in_another_way() -> None:
    assert {path.name for path, text in SOURCES.items() if "njit" in text or "numba.jit" in text} == {"calls.py"}
    assert len(KEPT) == sum(text.count("@jit_kept") for text in SOURCES.values()) > 0


@pytest.mark.skipif(sys.platform != "linux", reason="the folder's name is that of Linux")
def test_the_cache_is_in_the_users_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = cache.cache_folder.__wrapped__()
    assert folder.parent == tmp_path / "deep-learning-theory-lab"
    assert folder.is_dir()


def test_a_cache_that_cannot_be_written_is_replaced_by_a_temporary_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    folder = cache.cache_folder.__wrapped__()
    assert folder.is_dir()
    folder.rmdir()
