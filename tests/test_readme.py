"""The README stays true: its commands are options that exist, its queries and its notebook run on a real store."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from experiments.catalog import find
from tests.command import ONE_THREAD, ROOT, run_all

README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose store holds three seeds of the whole quick profile."""
    folder = tmp_path_factory.mktemp("laboratory")
    done = run_all(folder, "--profile", "quick", "--seeds", "3")
    assert done.returncode in (0, 3), done.stderr
    return folder


def test_there_are_blocks_of_every_kind() -> None:
    assert len(blocks("sql")) >= 4
    assert len(blocks("sh")) >= 4
    assert len(blocks("python")) >= 3


@pytest.mark.parametrize("query", blocks("sql"))
def test_every_query_runs_and_finds_something(laboratory: Path, query: str) -> None:
    connection = sqlite3.connect(laboratory / "results.db")
    try:
        assert connection.execute(query).fetchall()
    finally:
        connection.close()


def test_the_notebook_example_runs(laboratory: Path) -> None:
    (notebook,) = [block for block in blocks("python") if "open_store" in block]
    done = subprocess.run(
        [sys.executable, "-c", notebook],
        cwd=laboratory,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_example_of_many_networks_gives_scikit_learns_bits() -> None:
    (example,) = [block for block in blocks("python") if "fit_many" in block]
    alike = """
from sklearn.neural_network import MLPRegressor
own = MLPRegressor(hidden_layer_sizes=(100,), random_state=3).fit(x, jobs[3].y)
assert all((a == b).all() for a, b in zip(own.coefs_, results[3].coefs_, strict=True))
assert results[3].backend == "numba"
"""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", example + alike],
        cwd=ROOT,
        env={**os.environ, **ONE_THREAD},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_example_of_an_experiment_runs(tmp_path: Path) -> None:
    (example,) = [block for block in blocks("python") if "EXPERIMENT" in block]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "coin.py").write_text(example)
    done = run_all(tmp_path, "--suite", "mine", "--only", "coin", "--profile", "quick")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "supported" in done.stdout


def test_every_option_that_the_readme_uses_exists_and_every_option_is_in_the_readme() -> None:
    usage = {
        program: subprocess.run(
            [sys.executable, *program.split(), "--help"], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout
        for program in ("run_all.py", "-m app")
    }
    known = {name: set(re.findall(r"--[a-z-]+", text)) - {"--help"} for name, text in usage.items()}
    commands = [line for block in blocks("sh") for line in block.splitlines()]
    for program, options in known.items():
        used = {option for line in commands if f"python {program}" in line for option in re.findall(r"--[a-z-]+", line)}
        assert used <= options, f"{program} has no {used - options}"
    assert known["run_all.py"] <= set(re.findall(r"--[a-z-]+", README))
    assert known["-m app"] <= set(re.findall(r"--[a-z-]+", README))


def test_the_two_commands_are_those_that_the_checks_use() -> None:
    assert "sh tests/run.sh" in (ROOT / ".ci" / "run").read_text()
    assert "sh tests/run.sh" in README
    assert "pip install -r requirements.txt" in README


def test_every_benchmark_is_in_the_readme_and_every_one_there_exists() -> None:
    folder = ROOT / "tests" / "benchmarks"
    there = {file.stem for file in folder.glob("*.py") if '__name__ == "__main__"' in file.read_text()}
    assert {file.stem for file in folder.glob("bench_*.py")} < there
    assert set(re.findall(r"`python -m tests\.benchmarks\.(\w+)[^`]*` \|", README)) == there


def test_the_data_sets_that_it_names_are_those_of_the_profiles() -> None:
    real = ("diabetes", "wine", "breast cancer", "digits")
    text = " ".join(README.split())
    assert "in `deep` each on diabetes, wine, breast cancer and digits; in `standard`" in text
    for name, entry in find().items():
        experiment = entry.experiment
        if experiment.own is None:
            assert f"`{name}` on" not in text
            continue
        of = {profile: {cell.data for cell in experiment.profiles[profile].cells} for profile in ("standard", "deep")}
        assert of["deep"] >= set(real)
        named = [data for data in real if data in of["standard"]]
        assert f"`{name}` on {'all four' if len(named) == 4 else ' and '.join(named)}" in text


def test_every_file_and_picture_that_the_readme_names_is_there() -> None:
    for path in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / path).exists(), path
