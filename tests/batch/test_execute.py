"""Whatever happens to workers, every planned run comes in once, whole and with the same bits."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from experiments.batch import LocalCrew, differing, execute, plan
from experiments.batch.plan import Cell
from experiments.batch.worker import StaleSourceError, order, work
from experiments.catalog import Entry, load
from storage.records import RunRecord
from tests.command import eventually

TOYS = Path(__file__).parents[1] / "toys"


def never() -> bool:
    return False


def nothing(keys: object) -> set[str]:
    return set()


@pytest.fixture
def averages() -> Entry:
    return load(TOYS / "averages.py")


@pytest.fixture
def crew() -> Iterator[LocalCrew]:
    with contextlib.closing(LocalCrew(2)) as crew:
        yield crew


def everything(cells: tuple[Cell, ...], crew: LocalCrew, held: Callable[..., set[str]] = nothing) -> list[RunRecord]:
    return [run for runs in execute(cells, crew, held, never) for run in runs]


def test_every_planned_run_comes_in_once(averages: Entry, crew: LocalCrew) -> None:
    cells = plan([averages], "quick")
    runs = everything(cells, crew)
    assert sorted(run.key for run in runs) == sorted(key for cell in cells for key in cell.keys)
    assert {run.status for run in runs} == {"ok"}


def test_runs_that_are_held_are_not_run(averages: Entry, crew: LocalCrew) -> None:
    cells = plan([averages], "quick")
    held = set(cells[0].keys) | {cells[1].keys[3]}
    runs = everything(cells, crew, lambda keys: held & set(keys))
    assert {run.key for run in runs} == {key for cell in cells for key in cell.keys} - held


def test_seeds_together_or_one_by_one_give_the_same_bits(averages: Entry) -> None:
    cell = plan([averages], "quick")[1]
    seeds = range(len(cell.keys))
    together = work(order(averages, cell.params, seeds, cell.keys))
    alone = [work(order(averages, cell.params, [seed], [cell.keys[seed]]))[0] for seed in reversed(seeds)]
    assert {run.key: run.fingerprint for run in together} == {run.key: run.fingerprint for run in alone}
    assert differing(together[0], alone[-1]) == []


def test_fields_are_kept_for_the_first_three_seeds_only(averages: Entry) -> None:
    cell = plan([averages], "quick")[0]
    runs = work(order(averages, cell.params, range(8), cell.keys))
    assert [len(run.fields) for run in runs] == [1, 1, 1, 0, 0, 0, 0, 0]


def test_runs_of_one_seed_are_paired_across_cells(averages: Entry) -> None:
    one, ten, _ = plan([averages], "quick")
    first = work(order(averages, one.params, [0], one.keys[:1]))[0]
    again = work(order(averages, {**ten.params, "n": 1}, [0], ten.keys[:1]))[0]
    assert first.fingerprint == again.fingerprint


def test_a_run_that_goes_wrong_is_a_failed_run_and_the_others_go_on(crew: LocalCrew) -> None:
    cells = plan([load(TOYS / "troubles.py")], "quick")
    runs = everything(cells, crew)
    assert len(runs) == 10
    errors = {(str(run.params["trouble"]), run.seed): run.error for run in runs if run.status == "failed"}
    assert {trouble for trouble, _ in errors} == {"raise", "nan", "undeclared", "die"}
    assert "ArithmeticError: <b>the run raised</b>" in errors["raise", 0]
    assert "the metric value is nan" in errors["nan", 0]
    assert "does not declare" in errors["undeclared", 1]
    assert "died twice" in errors["die", 1]
    assert all(run.fingerprint == "" for run in runs if run.status == "failed")


def test_a_worker_killed_from_outside_costs_no_run(averages: Entry, crew: LocalCrew) -> None:
    cells = plan([averages], "standard")
    runs: list[RunRecord] = []
    killed = False
    for found in execute(cells, crew, nothing, never):
        runs += found
        if not killed and len(runs) > 5:
            assert crew._executor is not None
            os.kill(next(iter(crew._executor._processes)), signal.SIGKILL)
            killed = True
    assert killed
    assert sorted(run.key for run in runs) == sorted(key for cell in cells for key in cell.keys)
    assert {run.status for run in runs} == {"ok"}


def test_linear_algebra_has_one_thread_in_a_run_whatever_it_has_outside(crew: LocalCrew, tmp_path: Path) -> None:
    """The bits of its sums depend on the number of threads."""
    source = (TOYS / "averages.py").read_text()
    threads = 'max(float(each["num_threads"]) for each in __import__("threadpoolctl").threadpool_info())'
    assert "float(np.abs(averages).max())" in source
    (tmp_path / "threads.py").write_text(source.replace("float(np.abs(averages).max())", threads))
    cells = plan([load(tmp_path / "threads.py")], "quick", seeds=1)
    with threadpool_limits(2):
        assert {each["num_threads"] for each in threadpool_info()} == {2}
        here = [run for cell in cells for run in work(order(cell.entry, cell.params, [0], cell.keys))]
    assert [run.metrics["largest"] for run in here + everything(cells, crew)] == [1.0] * 2 * len(cells)


def test_stopping_leaves_no_worker(averages: Entry, crew: LocalCrew) -> None:
    runs = execute(plan([averages], "standard"), crew, nothing, lambda: len(seen) > 3)
    seen: list[RunRecord] = []
    workers: list[int] = []
    for found in runs:
        seen += found
        if crew._executor is not None:
            workers = list(crew._executor._processes)
    assert workers
    assert eventually(lambda: not any(_alive(worker) for worker in workers))


def test_a_worker_with_another_version_of_a_file_says_so(averages: Entry, crew: LocalCrew, tmp_path: Path) -> None:
    copy = tmp_path / "averages.py"
    copy.write_bytes((TOYS / "averages.py").read_bytes())
    cells = plan([load(copy)], "quick")
    copy.write_bytes(copy.read_bytes() + b"\n# another version\n")
    with pytest.raises(StaleSourceError, match=r"another version of averages\.py"):
        everything(cells, crew)


def _alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().split(")")[-1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
