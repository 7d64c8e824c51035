"""Runs to be filtered: two experiments that share names in different senses, and which of their runs pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

from sqlalchemy import Connection

from storage import open_store
from storage.queries import RunFilter, SortKey, found_runs, rows_of
from storage.records import MetricInfo, ParamInfo, RunRecord
from storage.store import open_writer
from tests.storage import made

ARMS = ("plain", "Plain", "it's", 'a "quote"', "100%", "under_score", "back\\slash", "%", "é", "", "true", "5")
OTHER = replace(
    made.experiment("other", metrics=("risk", "width_used")),
    params=(
        ParamInfo(name="arm", type="int", text="a number here"),
        ParamInfo(name="depth", type="int", text="layers"),
        ParamInfo(name="shuffled", type="bool", text="whether shuffled"),
    ),
    claims=(),
)
OLD = made.run("old", revision=0, params={"width": "wide", "rate": 1, "arm": 3, "shuffled": "no"})
"""Of an older revision, whose parameters were of other types."""


def runs() -> list[RunRecord]:
    """Two experiments that share names in different senses; runs without a metric, a failed one, an old one."""
    some = [
        made.run(
            f"m{k}",
            seed=k % 5,
            params={"width": 2 ** (k % 6), "rate": 0.1 * (k % 3), "arm": ARMS[k % len(ARMS)], "shuffled": k % 2 == 0},
            metrics={"risk": (k - 10) / 7} if k % 4 else {"risk": float(k), "time": -0.0},
        )
        for k in range(30)
    ]
    others = [
        made.run(
            f"o{k}",
            experiment="other",
            seed=k,
            params={"arm": k - 2, "depth": k, "shuffled": k % 3 == 0},
            metrics={} if k == 3 else {"risk": float(k), "width_used": 1e-300 * k},
        )
        for k in range(8)
    ]
    failed = made.run("f", seed=9, status="failed", params={"width": 64, "rate": 0.5, "arm": "plain", "shuffled": True})
    return [*some, *others, OLD, replace(failed, metrics={})]


@contextmanager
def filled(url: str) -> Iterator[Connection]:
    """A connection to a store of them; the ids of its runs are 1, 2, … in the order of runs()."""
    with open_writer(url) as writer:
        metrics = (MetricInfo(name="risk", text="the risk"), MetricInfo(name="time", text="a metric"))
        writer.describe([replace(made.experiment(), metrics=metrics), OTHER])
        writer.record(writer.start_batch(made.batch()), runs())
    with closing(open_store(url)) as store, store.connection() as opened:
        yield opened


def found(connection: Connection, asked: str, experiment: str | None = None) -> list[str]:
    """The keys of the runs that pass, in the order of runs()."""
    ids = found_runs(connection, RunFilter(where=asked, experiment=experiment), (SortKey("run"),))
    return [row.key for row in rows_of(connection, ids.tolist())]


def passing(passes: Callable[[RunRecord], bool]) -> list[str]:
    return [run.key for run in runs() if passes(run)]


def of_made(run: RunRecord) -> bool:
    return run.experiment == "made" and run.revision == 1
