"""Answers kept in memory: once a revision of the store, and not without bound."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd

from app.keeping import weight
from app.reader import Reader
from storage import open_store


def test_an_answer_is_made_once_while_the_store_does_not_change(filled: str) -> None:
    read, made = Reader(open_store(filled)), []
    for _ in range(3):
        read.kept("what", 1, lambda: made.append(1))
    read.kept("what", 2, lambda: made.append(2))
    assert made == [1, 2]


def test_the_answers_kept_are_bounded_by_their_bytes(filled: str) -> None:
    read, made = Reader(open_store(filled), keep=1_000_000), []

    def ask(number: int) -> None:
        made.append(number)

    for number in range(30):
        read.kept("table", number, lambda: np.zeros(10_000))
        read.kept("mark", number, partial(ask, number))
    read.kept("table", 29, lambda: ask(-1))  # the last is there still
    read.kept("table", 0, lambda: ask(-2))  # the first had to go
    assert made == [*range(30), -2]


def test_the_weight_of_an_answer_is_about_its_bytes() -> None:
    table = pd.DataFrame({"x": np.zeros(50_000), "y": np.zeros(50_000)})
    assert weight(table) == 50_000 * 16 + 1000 + 132  # the index of pandas takes 132
    curves = {run: (np.zeros(100), np.zeros(100)) for run in range(500)}
    assert abs(weight(curves) - 500 * 1600) < 0.1 * 500 * 1600
