"""Verdicts come as soon as they can."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.command import TOYS, eventually, started

WAITS = '''
"""Ends when it is told to."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from experiments.spec import Experiment, Grid, Metric, Outcome


@dataclass(frozen=True)
class Params:
    file: Annotated[str, "the run ends when this file is there"] = "done"


def run(params, rng):
    while not Path(params.file).exists():
        time.sleep(0.01)
    return Outcome(metrics={"one": 1.0})


EXPERIMENT = Experiment(
    title="A run that waits", chapter=2, section="Last", params=Params, claims={}, run=run,
    metrics={"one": Metric("the number 1")},
    profiles={name: Grid((Params(),), seeds=1) for name in ("quick", "standard", "deep")},
)
'''


def test_an_experiment_is_judged_while_others_still_run(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "waits.py").write_text(WAITS)
    store = tmp_path / "results.db"

    def found(sql: str) -> int:
        if not store.exists():
            return 0
        with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as connection:
            try:
                return int(connection.execute(sql).fetchone()[0])
            except sqlite3.OperationalError:  # not whole yet
                return 0

    suite = ("--suite", str(TOYS), str(tmp_path / "more"), "--only", "averages", "waits", "--profile", "quick")
    with started(tmp_path, *suite, "--workers", "1") as batch:
        assert eventually(lambda: found("SELECT count(*) FROM verdict WHERE experiment = 'averages'") > 0, 60)
        assert found("SELECT count(*) FROM run WHERE experiment = 'waits'") == 0
        assert batch.poll() is None
        (tmp_path / "done").touch()
        printed, _ = batch.communicate(timeout=300)
    assert batch.returncode == 0
    assert "averages.variance" in printed
