"""What the profile `standard` promises as a whole: what the plan says of it; bench_batch asks the rest of a run."""

from __future__ import annotations

from pathlib import Path

from experiments.batch import plan
from experiments.batch.plan import keys_of
from experiments.catalog import find
from tests.benchmarks.bench_batch import CHAPTERS, CLAIMS, RUNS, broken_promises
from tests.command import ROOT

ENTRIES = find()


def test_every_chapter_has_an_experiment() -> None:
    assert {entry.experiment.chapter for entry in ENTRIES.values()} == set(range(1, CHAPTERS + 1))


def test_there_are_claims_enough() -> None:
    assert sum(len(entry.experiment.claims) for entry in ENTRIES.values()) >= CLAIMS


def test_standard_has_no_more_runs_than_it_may() -> None:
    assert len(keys_of(plan(ENTRIES.values(), "standard"))) <= RUNS


def test_the_readme_says_how_many_runs_deep_has() -> None:
    runs = len(keys_of(plan(ENTRIES.values(), "deep")))
    assert f"For `deep`, {runs:,} runs" in (ROOT / "README.md").read_text()


def test_a_store_that_breaks_promises_is_told_which(toy_folder: Path) -> None:
    """One toy experiment, run with the profile quick."""
    assert broken_promises(toy_folder / "results.db") == [
        "1 chapters have runs, not 16.",
        "0 claims are judged, fewer than 55.",
    ]
