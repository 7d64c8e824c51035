"""Where the time of a batch goes, experiment by experiment: `python -m tests.benchmarks.bench_batch [--profile P]`.

Runs the profile into a new store with the caches warm (a first pass of one seed compiles what is compiled), on all
cores, and prints its wall time and a table. `--store PATH` tabulates a store that is there instead.
"""

from __future__ import annotations

import argparse
import contextlib
import sqlite3
import tempfile
import time
from pathlib import Path

from storage.wording import duration
from tests.command import run_all

PER_EXPERIMENT = """
    SELECT experiment, count(*), sum(seconds), max(seconds),
           (SELECT count(*) FROM curve JOIN run AS r ON r.id = curve.run_id WHERE r.experiment = run.experiment)
    FROM run GROUP BY experiment ORDER BY sum(seconds) DESC"""


def table(store: Path) -> str:
    """Runs, work over all workers, its share, and the longest run of every experiment, the costliest first."""
    with contextlib.closing(sqlite3.connect(store)) as connection:
        rows = connection.execute(PER_EXPERIMENT).fetchall()
    whole = sum(seconds for _, _, seconds, _, _ in rows)
    lines = [f"{'experiment':30} {'runs':>7} {'work':>12} {'share':>7} {'longest':>9} {'curves':>8}"]
    lines += [
        f"{name:30} {runs:7} {seconds:10.1f} s {seconds / whole:7.1%} {longest:7.2f} s {curves:8}"
        for name, runs, seconds, longest, curves in rows
    ]
    runs = sum(row[1] for row in rows)
    return "\n".join([*lines, f"{'in all':30} {runs:7} {whole:10.1f} s", f"store: {store.stat().st_size / 1e6:.1f} MB"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", default="standard")
    parser.add_argument("--store", type=Path)
    options = parser.parse_args()
    if options.store:
        print(table(options.store))
        return
    with tempfile.TemporaryDirectory() as folder:
        warm = Path(folder) / "warm"
        warm.mkdir()
        run_all(warm, "--profile", "quick", "--seeds", "1", timeout=3600)
        start = time.monotonic()
        done = run_all(Path(folder), "--profile", options.profile, timeout=36000)
        took = time.monotonic() - start
        print(table(Path(folder) / "results.db"))
        print(f"{options.profile}: {duration(took)} from the command to its end, exit status {done.returncode}")


if __name__ == "__main__":
    main()
