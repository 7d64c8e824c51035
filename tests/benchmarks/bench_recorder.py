"""How fast curves are stored: the recorder against raw sqlite3 at one row a point, in turns in one process.

python -m tests.benchmarks.bench_recorder [ROUNDS]

500 runs × 4 curves × 400 points a round, each round into a new file on the disk of the temporary folder. Printed are
million points a second of wall and of CPU time (which a busy machine distorts less): median and range over the
rounds, and the ratio of the two within each round.
"""

from __future__ import annotations

import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from storage.records import BatchRecord, CurveInfo, CurveRecord, ExperimentRecord, RunRecord
from storage.store import open_writer

RUNS, CURVES, POINTS = 500, 4, 400
RUNS_A_TRANSACTION = 50
NAMES = tuple(f"curve_{number}" for number in range(CURVES))


def experiment() -> ExperimentRecord:
    infos = tuple(CurveInfo(name=name, x_label="step", y_label="loss") for name in NAMES)
    return ExperimentRecord(
        name="bench",
        title="",
        chapter=0,
        section="",
        text="",
        revision=1,
        guide_params=None,
        params=(),
        metrics=(),
        curves=infos,
        fields=(),
        claims=(),
    )


def batch() -> BatchRecord:
    return BatchRecord(
        profile="quick", planned=RUNS, command="", git_commit="", host="", cpu="", python="", packages={}
    )


def runs() -> list[RunRecord]:
    """Full 17-digit numbers over many magnitudes; each run has arrays of its own, as from a worker."""
    generator = np.random.default_rng(0)
    x = np.linspace(0, 1, POINTS) ** 2
    return [
        RunRecord(
            key=f"{number:032x}",
            experiment="bench",
            revision=1,
            params={},
            seed=number,
            status="ok",
            error="",
            started_at=datetime.now(UTC),
            seconds=0.0,
            fingerprint="",
            curves=tuple(
                CurveRecord(name=name, x=x.copy(), y=np.exp(10 * generator.normal(size=POINTS))) for name in NAMES
            ),
        )
        for number in range(RUNS)
    ]


@dataclass(frozen=True)
class Seconds:
    wall: float
    cpu: float


def recorder(path: Path, records: list[RunRecord]) -> Seconds:
    with open_writer(str(path)) as writer:
        writer.describe([experiment()])
        batch_id = writer.start_batch(batch())

        def record_all() -> None:
            for start in range(0, RUNS, RUNS_A_TRANSACTION):
                writer.record(batch_id, records[start : start + RUNS_A_TRANSACTION])

        return timed(record_all)


def raw_rows(path: Path, records: list[RunRecord]) -> Seconds:
    """What one would write by hand, at its fastest: no key, no index; as many transactions, the same journal."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("CREATE TABLE point (run_id INTEGER, curve TEXT, step INTEGER, x REAL, y REAL)")

    def insert_all() -> None:
        for start in range(0, RUNS, RUNS_A_TRANSACTION):
            rows = (
                (start + place, curve.name, step, x, y)
                for place, record in enumerate(records[start : start + RUNS_A_TRANSACTION])
                for curve in record.curves
                for step, (x, y) in enumerate(zip(curve.x.tolist(), curve.y.tolist(), strict=True))
            )
            with connection:
                connection.executemany("INSERT INTO point VALUES (?, ?, ?, ?, ?)", rows)

    try:
        return timed(insert_all)
    finally:
        connection.close()


def timed(work: Callable[[], None]) -> Seconds:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Seconds(time.perf_counter() - wall, time.process_time() - cpu)


def main(rounds: int) -> None:
    points = RUNS * CURVES * POINTS / 1e6
    records = runs()
    ours, raw = [], []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            ours.append(recorder(Path(folder, "recorder.db"), records))
            raw.append(raw_rows(Path(folder, "raw.db"), records))
    print(f"{RUNS} runs × {CURVES} curves × {POINTS} points, {RUNS_A_TRANSACTION} runs a transaction, {rounds} rounds")
    print(f"{'':40}{'median':>8}{'lowest':>8}{'highest':>8}")
    for clock, mine, other in (
        ("wall", [one.wall for one in ours], [one.wall for one in raw]),
        ("CPU", [one.cpu for one in ours], [one.cpu for one in raw]),
    ):
        print_row(f"recorder, M points/s of {clock} time", [points / one for one in mine])
        print_row(f"sqlite3, M points/s of {clock} time", [points / one for one in other])
        print_row(f"ratio, {clock} time", [two / one for one, two in zip(mine, other, strict=True)])


def print_row(name: str, values: list[float]) -> None:
    print(f"{name:40}{statistics.median(values):8.2f}{min(values):8.2f}{max(values):8.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
