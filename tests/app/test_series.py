"""Runs by their parameters, against pandas; straight lines between points, against NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from app.numbers.lines.averaging import straight
from app.numbers.series import alike, grouped, telling

NAMES = ["width", "rate", "solver", "bias"]


def some_runs(seed: int) -> pd.DataFrame:
    """Runs of few cells: `bias` follows from `solver`, and some runs have no rate."""
    rng = np.random.default_rng(seed)
    solver = rng.choice(["adam", "sgd", "lbfgs"], 200)
    return pd.DataFrame(
        {
            "seed": rng.integers(0, 9, 200),
            "width": rng.choice([8, 16, 64], 200),
            "rate": rng.choice([0.1, 0.01, np.nan], 200),
            "solver": solver,
            "bias": solver == "sgd",
        },
        index=pd.Index(rng.permutation(200) + 1, name="run_id"),
    )


@pytest.mark.parametrize("seed", range(5))
def test_runs_are_alike_where_pandas_says_that_rows_repeat(seed: int) -> None:
    runs = some_runs(seed)
    for names in (NAMES, ["width"], ["rate", "solver"], []):
        numbers = alike(runs, names)
        expected = runs.groupby(names, dropna=False).ngroup().to_numpy() if names else np.zeros(200)
        pairs = set(zip(numbers.tolist(), expected.tolist(), strict=True))
        assert len(pairs) == len(set(numbers)) == len(set(expected)) == numbers.max() + 1


@pytest.mark.parametrize("seed", range(5))
def test_groups_are_those_of_pandas_in_its_order(seed: int) -> None:
    runs = some_runs(seed)
    for names in (["solver"], ["width", "bias"], ["solver", "rate", "width"]):
        expected = [(dict(zip(names, key, strict=True)), own) for key, own in runs.groupby(names)]
        found = grouped(runs, names)
        assert [params for params, _ in found] == [params for params, _ in expected]
        for (params, own), (_, other) in zip(found, expected, strict=True):
            assert not any(isinstance(value, np.generic) for value in params.values())
            pd.testing.assert_frame_equal(own, other)


def test_what_follows_from_others_tells_no_cells_apart() -> None:
    runs = some_runs(0)
    assert telling(runs, NAMES) == ["width", "rate", "solver"]
    assert telling(runs, ["bias", "solver"]) == ["solver"]
    assert telling(runs, ["bias", "solver"], keep="bias") == ["bias", "solver"]


@pytest.mark.parametrize("points", [1, 2, 17])
def test_straight_lines_are_those_of_interp_to_the_last_bit(points: int) -> None:
    rng = np.random.default_rng(points)
    x = np.unique(rng.normal(size=points) * 10.0 ** rng.integers(-3, 4, points))
    y: Any = rng.normal(size=(5, len(x))) * 10.0 ** rng.integers(-9, 9, (5, len(x)))
    at = np.unique(np.concatenate([x, rng.uniform(x[0], x[-1], 100 if points > 1 else 0)]))
    expected = np.stack([np.interp(at, x, row) for row in y])
    assert straight(at, x, y).tobytes() == expected.tobytes()
