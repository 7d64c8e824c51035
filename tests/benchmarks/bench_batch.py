"""Where the time of a batch goes: `python -m tests.benchmarks.bench_batch [--profile P] [--only NAME ...]`.

Runs the profile into a new store with the caches warm (a first pass of one seed compiles what is compiled), on all
cores, and prints its wall time and a table, experiment by experiment; for the experiments that are named, then cell by
cell. `--only foundation` names the first six. `--store PATH` tabulates a store that is there instead.

The whole of `standard` must keep its promises: every chapter, claims judged, few of them undecided and none refuted,
and a bound on runs and bytes. One that is broken is said, and ends the command with status 1; a store that holds
something else is tabulated with `--profile` naming what.
"""

from __future__ import annotations

import argparse
import contextlib
import sqlite3
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from storage.wording import duration
from tests.command import run_all

PER_EXPERIMENT = """
    SELECT experiment, count(*), sum(seconds), max(seconds),
           (SELECT count(*) FROM curve JOIN run AS r ON r.id = curve.run_id WHERE r.experiment = run.experiment)
    FROM run GROUP BY experiment ORDER BY sum(seconds) DESC"""


PER_CELL = """
    SELECT experiment, params, count(*), sum(seconds), max(seconds) FROM run WHERE experiment = ?
    GROUP BY params ORDER BY sum(seconds) DESC"""
CHAPTERS, CLAIMS, UNDECIDED, RUNS, MEGABYTES = 16, 55, 6, 30_000, 200.0
"""What `standard` promises: chapters exactly, judged claims at least, the others at most."""
JUDGED = """
    SELECT count(*), coalesce(sum(status = 'undecided'), 0), coalesce(sum(status = 'refuted'), 0) FROM verdict
    JOIN experiment ON experiment.name = verdict.experiment AND experiment.revision = verdict.revision
    WHERE profile = 'standard'"""
CHAPTERS_WITH_RUNS = """
    SELECT count(DISTINCT chapter) FROM experiment WHERE name IN (SELECT experiment FROM run WHERE status = 'ok')"""
FOUNDATION = (
    "gaussian_limit",
    "learning_curves",
    "double_descent",
    "adversarial_moons",
    "relu_pieces",
    "xor_training",
)


def table(store: Path, named: Sequence[str]) -> str:
    """Runs, work over all workers, its share, and the longest run of every experiment, the costliest first; then of
    every cell of those that are named, if it has a hundredth of the work."""
    with contextlib.closing(sqlite3.connect(store)) as connection:
        rows = [row for row in connection.execute(PER_EXPERIMENT) if not named or row[0] in named]
        cells = [row for name in named for row in connection.execute(PER_CELL, (name,))]
    whole = sum(seconds for _, _, seconds, _, _ in rows)
    lines = [f"{'experiment':30} {'runs':>7} {'work':>12} {'share':>7} {'longest':>9} {'curves':>8}"]
    lines += [
        f"{name:30} {runs:7} {seconds:10.1f} s {seconds / whole:7.1%} {longest:7.2f} s {curves:8}"
        for name, runs, seconds, longest, curves in rows
    ]
    runs = sum(row[1] for row in rows)
    lines += [f"{'in all':30} {runs:7} {whole:10.1f} s", f"store: {store.stat().st_size / 1e6:.1f} MB"]
    lines += [
        f"{name:20} {runs:5} runs {seconds:7.1f} s {seconds / whole:6.1%} {longest:6.2f} s  {params}"
        for name, params, runs, seconds, longest in cells
        if seconds >= whole / 100
    ]
    return "\n".join(lines)


def broken_promises(store: Path) -> list[str]:
    """A sentence for each promise that a store with the whole of `standard` does not keep."""
    with contextlib.closing(sqlite3.connect(store)) as connection:
        (chapters,) = connection.execute(CHAPTERS_WITH_RUNS).fetchone()
        judged, undecided, refuted = connection.execute(JUDGED).fetchone()
        runs, failed = connection.execute("SELECT count(*), coalesce(sum(status <> 'ok'), 0) FROM run").fetchone()
    megabytes = store.stat().st_size / 1e6
    kept = {
        f"{chapters} chapters have runs, not {CHAPTERS}.": chapters == CHAPTERS,
        f"{judged} claims are judged, fewer than {CLAIMS}.": judged >= CLAIMS,
        f"{undecided} claims are undecided, more than {UNDECIDED}.": undecided <= UNDECIDED,
        f"{refuted} claims are refuted.": refuted == 0,
        f"{failed} runs failed.": failed == 0,
        f"{runs} runs are more than {RUNS}.": runs <= RUNS,
        f"The store has {megabytes:.1f} MB, more than {MEGABYTES:.0f}.": megabytes <= MEGABYTES,
    }
    return [sentence for sentence, holds in kept.items() if not holds]


def keep(store: Path) -> None:
    """Raises SystemExit, which prints it, with what the store does not keep."""
    if broken := broken_promises(store):
        raise SystemExit("\n".join(broken))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--profile", default="standard")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME")
    parser.add_argument("--store", type=Path)
    options = parser.parse_args()
    named = FOUNDATION if options.only == ["foundation"] else tuple(options.only)
    whole = options.profile == "standard" and not named
    if options.store:
        print(table(options.store, named))
        if whole:
            keep(options.store)
        return
    only = ["--only", *named] if named else []
    with tempfile.TemporaryDirectory() as folder:
        warm = Path(folder) / "warm"
        warm.mkdir()
        run_all(warm, *only, "--profile", "quick", "--seeds", "1", timeout=3600)
        start = time.monotonic()
        done = run_all(Path(folder), *only, "--profile", options.profile, timeout=36000)
        took = time.monotonic() - start
        print(table(Path(folder) / "results.db", named))
        print(f"{options.profile}: {duration(took)} from the command to its end, exit status {done.returncode}")
        if done.returncode not in (0, 3):
            raise SystemExit(done.stderr)
        if whole:
            keep(Path(folder) / "results.db")


if __name__ == "__main__":
    main()
