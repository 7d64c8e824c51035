"""Turns at training: who is next, and that nobody can tell from a network."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator

import pytest

from experiments.networks.ensemble import compiled, fit_many
from experiments.networks.ensemble.turns import BEGUN, ROOM, Threads
from tests.networks.ensembles import engine_threads, job

pytest.importorskip("numba")

Turns = Generator[float, None, str]


def training(name: str, turns: int, told: Callable[[str], None]) -> Turns:
    """Tells its name at every turn, and returns it after the last."""
    for turn in range(turns):
        told(name)
        if turn < turns - 1:
            yield 1 - (turn + 1) / turns
    return name


def gate(opened: threading.Event) -> Turns:
    """Keeps a thread until it is opened."""
    assert opened.wait(60)
    return "gate"
    yield 0.0


def order_of_turns(workers: int, works: list[tuple[int, float]], size: int = 0) -> list[str]:
    """Who had the turns of trainings of these blocks and works, a turn for every unit of work, with one thread to
    serve and the others held."""
    told: list[str] = []
    threads = Threads(workers)
    opened = [threading.Event() for _ in range(workers)]
    gates = [threads.submit(-1, 1.0, 0, gate(event)) for event in opened]
    futures = [
        threads.submit(block, work, size, training(str(place), int(work), told.append))
        for place, (block, work) in enumerate(works)
    ]
    opened[0].set()
    assert [future.result(60) for future in futures] == [str(place) for place in range(len(works))]
    for event in opened:
        event.set()
    assert [each.result(60) for each in gates] == ["gate"] * workers
    threads.close()
    assert engine_threads() == []
    return told


def test_one_thread_trains_one_after_the_other_the_longest_first() -> None:
    assert order_of_turns(1, [(0, 2.0), (0, 3.0), (0, 2.0)]) == ["1", "1", "1", "0", "0", "2", "2"]


def test_the_one_with_the_most_work_left_has_the_next_turn() -> None:
    assert order_of_turns(2, [(0, 2.0), (0, 4.0), (0, 3.0)]) == ["1", "1", "2", "0", "1", "2", "0", "1", "2"]


def test_all_of_a_block_comes_before_the_next() -> None:
    assert order_of_turns(2, [(0, 1.0), (64, 5.0), (0, 2.0)]) == ["2", "0", "2", *["1"] * 5]


def begun_at_once(told: list[str]) -> int:
    """How many had begun and not ended at most."""
    begun: dict[str, None] = {}
    most = 0
    for place, name in enumerate(told):
        begun[name] = None
        most = max(most, len(begun))
        if name not in told[place + 1 :]:
            del begun[name]
    return most


def test_no_more_have_begun_than_there_is_room_for() -> None:
    """With two threads, one of which is held by a training of its own."""
    works = [(0, 2.0)] * (2 * BEGUN + 2)
    assert begun_at_once(order_of_turns(2, works)) == 2 * BEGUN - 1
    assert begun_at_once(order_of_turns(2, works, size=ROOM // 3)) == 3
    assert begun_at_once(order_of_turns(2, works, size=2 * ROOM)) == 1


def test_an_error_is_that_of_its_own_training() -> None:
    def failing() -> Turns:
        yield 0.5
        raise ValueError("too hot")

    threads = Threads(2)
    bad, good = threads.submit(0, 2.0, 0, failing()), threads.submit(0, 2.0, 0, training("good", 2, lambda name: None))
    with pytest.raises(ValueError, match="too hot"):
        bad.result(60)
    assert good.result(60) == "good"
    threads.close()


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_turns_change_no_bit(workers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = [job(seed=seed, hidden=(7,) * (1 + seed % 2), max_iter=20 + seed, batch_size=9) for seed in range(9)]
    whole = [result.digest for result in fit_many(jobs, workers=1)]
    monkeypatch.setattr(compiled, "TURN", 1.0)
    monkeypatch.setattr(compiled, "STEPS", 7)
    assert [result.digest for result in fit_many(jobs, workers=workers)] == whole
