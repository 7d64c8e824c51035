"""What is kept of the store stands exactly as long as what it was read from, whoever changes it, on each database."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select, update

from app.reader import Reader
from storage import open_store
from storage.errors import StoreError
from storage.queries import cells_of_runs, experiments, metric_values, run_count, verdicts
from storage.store import Writer, open_writer
from storage.tables import Metric, Run
from tests.storage import made
from tests.storage.test_schema import later_versions

ANOTHER_PROCESS = """
import sys
from storage.store import open_writer
from tests.storage import made
with open_writer(sys.argv[1]) as writer:
    number = writer.start_batch(made.batch())
    writer.record(number, [made.run("of another process", metrics={"risk": 9.0})])
"""


class Means:
    """The mean risk of each experiment as it is kept, and whose was worked out, in order."""

    def __init__(self, read: Reader) -> None:
        self.read = read
        self.worked_out: list[str] = []

    def __call__(self, experiment: str) -> float:
        def mean() -> float:
            self.worked_out.append(experiment)
            return float(self.read(metric_values, experiment, "risk").mean())

        return self.read.kept("mean", experiment, mean)


@pytest.fixture
def writer(fresh_store: str) -> Iterator[Writer]:
    with open_writer(fresh_store) as opened:
        opened.describe([made.experiment(), made.experiment("other")])
        yield opened


@pytest.fixture
def batch(writer: Writer) -> int:
    number = writer.start_batch(made.batch())
    runs = [made.run(f"{name} {seed}", seed=seed, experiment=name) for name in ("made", "other") for seed in (0, 2)]
    writer.record(number, runs)
    return number


@pytest.fixture
def read(writer: Writer, batch: int, fresh_store: str) -> Iterator[Reader]:
    with open_store(fresh_store) as store:
        yield Reader(store)


@pytest.fixture
def means(read: Reader) -> Means:
    """Both are known."""
    known = Means(read)
    assert known("made") == known("other") == 1.1
    return known


def test_a_heartbeat_empties_nothing(means: Means, writer: Writer, batch: int) -> None:
    for done in range(5):
        writer.heartbeat(batch, done=done, failed=0)
        assert means("made") == 1.1
    assert means.worked_out == ["made", "other"]


def test_runs_of_an_experiment_empty_what_was_read_of_it_alone(means: Means, writer: Writer, batch: int) -> None:
    writer.record(batch, [made.run("new", metrics={"risk": 4.1})])
    assert means("made") == pytest.approx(2.1)
    assert means("other") == 1.1
    assert means.worked_out == ["made", "other", "made"]


def test_a_run_in_place_of_another_is_seen_beside_a_heartbeat(means: Means, writer: Writer, batch: int) -> None:
    again = made.run("made 0", metrics={"risk": 7.1})
    writer.record(batch, [made.run(again.key + " unlike")])  # so that the writing shows
    means("made")
    writer.record(batch, [type(again)(**{**vars(again), "fingerprint": "another"})], replace=True)
    writer.heartbeat(batch, done=3, failed=0)
    assert means("made") == pytest.approx((7.1 + 2.1 + 0.1) / 3)


def test_a_failed_run_that_is_made_good_counts(means: Means, writer: Writer, batch: int) -> None:
    writer.record(batch, [made.run("weak", status="failed")])
    writer.heartbeat(batch, done=3, failed=1)
    assert means("made") == 1.1
    writer.record(batch, [made.run("weak", metrics={"risk": 4.1})])
    writer.heartbeat(batch, done=4, failed=0)
    assert means("made") == pytest.approx(2.1)


def test_a_batch_of_another_process_is_seen(means: Means, fresh_store: str) -> None:
    subprocess.run([sys.executable, "-c", ANOTHER_PROCESS, fresh_store], check=True, timeout=300)
    assert means("made") == pytest.approx((0.1 + 2.1 + 9.0) / 3)
    assert means("other") == 1.1
    assert means.worked_out == ["made", "other", "made"]


def test_what_no_batch_wrote_empties_everything(means: Means, writer: Writer) -> None:
    with writer._transaction() as connection:
        connection.execute(update(Metric).values(value=3.0))
    assert means("made") == means("other") == 3.0


def test_what_was_changed_while_an_answer_was_made_is_seen_the_next_time(read: Reader, writer: Writer) -> None:
    def mean() -> float:
        before = float(read(metric_values, "made", "risk").mean())
        with writer._transaction() as connection:
            connection.execute(update(Metric).values(value=before + 1))
        read(run_count, "other")
        return before

    assert [read.kept("slow", (), mean) for _ in range(3)] == pytest.approx([1.1, 2.1, 3.1])


def test_one_answer_is_of_one_state(read: Reader, writer: Writer, batch: int) -> None:
    seen: list[tuple[int, int]] = []

    def counted() -> None:
        runs = read(run_count, "made").ok
        writer.record(batch, [made.run(f"meanwhile {len(seen)}", seed=len(seen))])
        seen.append((runs, len(read(cells_of_runs, "made"))))

    for _ in range(3):
        read.kept("both", (), counted)
    assert seen[-1][0] > seen[0][0]
    assert all(one == other for one, other in seen[-2:])


def test_verdicts_and_descriptions_are_seen_beside_a_heartbeat(read: Reader, writer: Writer, batch: int) -> None:
    assert read(verdicts, "made") == ()
    writer.save_verdicts([made.verdict()])
    writer.heartbeat(batch, done=3, failed=0)
    assert [each.status for each in read(verdicts, "made")] == ["supported"]
    writer.save_verdicts([made.verdict("refuted")])
    writer.heartbeat(batch, done=4, failed=0)
    assert [each.status for each in read(verdicts, "made")] == ["refuted"]
    assert len(read(cells_of_runs, "made")) == 2
    writer.describe([made.experiment(revision=2)])
    writer.heartbeat(batch, done=5, failed=0)
    assert [each.revision for each in read(experiments)] == [2, 1]
    assert read(cells_of_runs, "made").empty
    assert len(read(cells_of_runs, "other")) == 2
    assert read(verdicts, "made") == ()


def test_after_a_migration_no_old_number_is_shown(means: Means, fresh_store: str, tmp_path: Path) -> None:
    with (
        Writer(fresh_store, versions=later_versions(tmp_path / "later")),
        pytest.raises(StoreError, match="newer version"),
    ):
        means("made")


def test_removed_runs_are_gone(means: Means, writer: Writer) -> None:
    with writer._transaction() as connection:
        connection.execute(delete(Run).where(Run.id == select(func.min(Run.id)).scalar_subquery()))
    assert means("made") == 2.1


def test_what_many_ask_for_at_once_is_made_once(read: Reader) -> None:
    made_by: list[int] = []
    every = threading.Barrier(8)
    found: list[int] = []

    def make() -> int:
        made_by.append(threading.get_ident())
        return len(read(cells_of_runs, "made"))

    def ask() -> None:
        every.wait()
        found.append(read.kept("once", (), make))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [2] * 8
    assert len(made_by) == 1


def test_who_waits_for_an_answer_that_fails_is_told_why(read: Reader) -> None:
    begun, known = threading.Event(), threading.Event()
    said: list[str] = []

    def fail() -> None:
        begun.set()
        known.wait()
        raise ValueError("There is no such thing.")

    def ask() -> None:
        try:
            read.kept("fails", (), fail)
        except ValueError as reason:
            said.append(str(reason))

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    begun.wait()
    known.set()
    for thread in threads:
        thread.join()
    assert said == ["There is no such thing."] * 3


def test_what_an_answer_failed_on_is_part_of_what_was_made_of_it(means: Means, writer: Writer, batch: int) -> None:
    """A page that says in a sentence why a figure is missing has it once there is one."""

    def refuse() -> str:
        if len(means.read(cells_of_runs, "made")) < 3:
            raise ValueError("too few")
        return "enough"

    def page() -> str:
        try:
            return means.read.kept("figure", (), refuse)
        except ValueError as reason:
            return str(reason)

    ask = partial(means.read.kept, "page", (), page)
    assert ask() == "too few"
    writer.record(batch, [made.run("third")])
    assert ask() == "enough"
