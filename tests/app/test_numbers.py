"""Intervals over seeds, and how numbers, times and parameters are written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from app.components.batches import rate, seconds_left
from app.components.choices import ALL
from app.numbers.intervals import grouped_means
from app.numbers.series import telling, varying
from app.panels.selection import first_view, fixed_by
from app.text.wording import ago, count, exact, params_text, value_text
from storage.queries import BatchRow
from storage.records import Value

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_means_of_groups_are_scipy_s_mean_and_t_interval() -> None:
    rng = np.random.default_rng(0)
    groups = rng.integers(0, 5, 200)
    values = rng.standard_normal(200) * 10.0**groups + 1e6
    means = grouped_means(values, groups, 5, level=0.9)
    for group in range(5):
        sample = values[groups == group]
        low, high = stats.t.interval(0.9, len(sample) - 1, sample.mean(), stats.sem(sample))
        assert means.n[group] == len(sample)
        assert (means.mean[group], means.low[group], means.high[group]) == pytest.approx((sample.mean(), low, high))


def test_one_seed_has_no_interval_and_none_no_mean() -> None:
    means = grouped_means([3.0], [0], 2)
    assert means.n.tolist() == [1, 0]
    assert means.mean[0] == 3.0
    assert np.isnan([means.low[0], means.high[0], means.mean[1]]).all()


def test_equal_values_have_an_interval_of_no_width() -> None:
    means = grouped_means([0.1, 0.1, 0.1], [0, 0, 0], 1)
    assert means.low[0] == pytest.approx(0.1, rel=1e-15)
    assert means.high[0] == pytest.approx(0.1, rel=1e-15)


def cells(**columns: list[object]) -> pd.DataFrame:
    frame = pd.DataFrame(columns)
    frame.insert(0, "seed", 0)
    return frame


def test_parameters_that_follow_from_others_are_left_out_of_names() -> None:
    runs = cells(features=["a", "a", "b", "b"], p=[1, 2, 1, 2], n=[10, 10, 20, 20])
    assert list(varying(runs)) == ["features", "p", "n"]
    assert telling(runs, ["features", "p", "n"]) == ["features", "p"]
    assert telling(runs, ["features", "n"], keep="n") == ["n"]


def test_the_first_view_shows_as_much_as_fits_and_fixes_the_rest_where_most_cells_are() -> None:
    runs = cells(width=[1, 2, 3, 4, 1, 2], arm=["a", "a", "a", "a", "b", "b"])
    assert first_view(runs, ["width", "arm"], {}, most=6) == {"width": ALL, "arm": ALL}
    assert first_view(runs, ["width", "arm"], {}, most=5, keep=["width"]) == {"width": ALL, "arm": "a"}
    assert first_view(runs, ["width", "arm"], {"width": 2}, most=5) == {"width": "2", "arm": ALL}


def test_choices_stand_for_values_of_their_own_type() -> None:
    vary: dict[str, list[Value]] = {"flag": [False, True], "rate": [0.1, 1.0], "width": [8, 16]}
    assert fixed_by({"p.flag": "True", "p.rate": "1.0", "p.width": ALL}, vary) == {"flag": True, "rate": 1.0}


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (3, "just now"),
        (40, "40 s ago"),
        (150, "2 min ago"),
        (3 * 3600, "3 h ago"),
        (86400, "yesterday"),
        (4e5, "4 days ago"),
    ],
)
def test_times_are_human(seconds: float, said: str) -> None:
    assert ago(NOON - timedelta(seconds=seconds), NOON) == said


def test_old_times_are_dates_and_every_time_is_exact_somewhere() -> None:
    assert ago(NOON - timedelta(days=45), NOON) == "15 Jan 2026"
    assert exact(NOON) == "2026-03-01 12:00:00 UTC"


def test_parameters_and_counts_are_words() -> None:
    assert (
        params_text({"width": 64, "rate": 0.1, "shuffle": True, "shift": -2})
        == "width 64, rate 0.1, shuffle yes, shift −2"
    )
    assert value_text(1e-5) == "1e−5"
    assert (count(1, "run"), count(2048, "run")) == ("1 run", "2,048 runs")


def a_batch(**values: object) -> BatchRow:
    known: dict[str, object] = {
        "id": 1, "state": "running", "started_at": NOON, "heartbeat_at": NOON + timedelta(seconds=8),
        "finished_at": None, "now": NOON + timedelta(seconds=10), "profile": "quick",
        "planned": 100, "done": 20, "failed": 0, "command": "",
        "git_commit": "", "host": "", "cpu": "", "python": "", "packages": {},
    }  # fmt: skip
    return BatchRow(**{**known, **values})  # type: ignore[arg-type]  # each value has its field's type


def test_rate_and_time_left_follow_from_what_is_done() -> None:
    assert rate(a_batch()) == 2.0
    assert seconds_left(a_batch()) == 40.0
    assert rate(a_batch(done=0)) is None
    assert seconds_left(a_batch(done=0)) is None
    assert seconds_left(a_batch(done=120)) == 0.0
    stopped = a_batch(state="interrupted")
    assert rate(stopped) == 2.5
    assert seconds_left(stopped) is None
