"""A store of many runs for benchmarks: the real experiments, filled up with runs that vary on real ones.

The profile `quick` is run for real, with its verdicts, evidence and fields. Then each of its cells gets new seeds until
every experiment has its share of the runs; a new run has the metrics and curves of a real run of its cell, each number
changed by about a hundredth, the curves brought to as many points as make the total.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from itertools import count, islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from storage import open_store
from storage.reading import Store
from storage.records import BatchRecord, CurveRecord, RunRecord
from storage.store import open_writer
from tests.command import ROOT

RUNS_A_TRANSACTION = 500
FIRST_SEED = 1000


def build(path: Path, runs: int, points: int) -> None:
    """Make the store at `path` with so many runs and, to within a few, so many points of curves."""
    command = [sys.executable, str(ROOT / "run_all.py"), "--profile", "quick", "--store", str(path)]
    done = subprocess.run(command, cwd=path.parent, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 3), done.stderr
    with contextlib.closing(open_store(str(path))) as store:
        templates = _templates(store)
    share = runs // len(templates)
    with_curves = sum(any(run.curves for run in of) for of in templates.values())
    a_run = points // (share * with_curves)
    batch = BatchRecord(
        profile="standard", planned=runs, command="made by the benchmark", git_commit="", host="", cpu="", python="",
        packages={},
    )  # fmt: skip
    with contextlib.closing(open_writer(str(path))) as writer:
        number = writer.start_batch(batch)
        for name, real in templates.items():
            new = _varied(real, share - len(real), a_run)
            while some := list(islice(new, RUNS_A_TRANSACTION)):
                writer.record(number, some)
            print(f"{name}: {share} runs", flush=True)
        writer.finish_batch(number, state="finished", done=runs, failed=0)


def _templates(store: Store) -> dict[str, list[RunRecord]]:
    """The real runs of each experiment."""
    found: defaultdict[str, list[RunRecord]] = defaultdict(list)
    for run_id, _ in store.ok_keys():
        stored = store.run(run_id)
        assert stored is not None
        found[stored[0].experiment].append(stored[0])
    return dict(found)


def _varied(real: list[RunRecord], wanted: int, points: int) -> Iterator[RunRecord]:
    """New runs of the same cells, seed by seed; `points` is how many the curves of a run have in all."""
    generator = np.random.default_rng(0)
    cells: dict[str, RunRecord] = {}
    for run in real:
        cells.setdefault(json.dumps(dict(run.params), sort_keys=True), run)
    shortened = {cell: _of_length(run, points) for cell, run in cells.items()}
    made = 0
    for seed in count(FIRST_SEED):
        for cell, run in shortened.items():
            if made == wanted:
                return
            made += 1
            key = hashlib.blake2b(f"{run.experiment} {cell} {seed}".encode(), digest_size=16).hexdigest()
            yield replace(
                run,
                key=key,
                seed=seed,
                fingerprint=key[:16],
                metrics={name: value * _near_one(generator) for name, value in run.metrics.items()},
                curves=tuple(
                    replace(curve, y=curve.y * (1 + 0.01 * generator.standard_normal(len(curve.y))))
                    for curve in run.curves
                ),
            )


def _near_one(generator: np.random.Generator) -> float:
    return float(1 + 0.01 * generator.standard_normal())


def _of_length(run: RunRecord, points: int) -> RunRecord:
    """The run without fields, its curves read off at evenly spaced places so that together they have `points`."""
    if not run.curves:
        return replace(run, fields=())
    length = max(2, points // len(run.curves))
    curves = tuple(
        CurveRecord(name=curve.name, x=_spread(curve.x, length), y=_spread(curve.y, length)) for curve in run.curves
    )
    return replace(run, fields=(), curves=curves)


def _spread(values: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    return np.interp(np.linspace(0, 1, length), np.linspace(0, 1, len(values)), values)
