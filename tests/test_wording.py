"""Numbers are written alike everywhere, with the digits that they earn."""

from __future__ import annotations

import math

import pytest

from storage.wording import duration, earned, interval, nearest, number, with_interval


@pytest.mark.parametrize(
    ("value", "width", "text"),
    [
        (-1.00123, 0.0408, "−1.001"),
        (0.05873, 0.0012, "0.0587"),
        (52340.0, 460.0, "52340"),
        (0.0, 0.04, "0.000"),
        (1.5e-7, 4e-9, "1.500e−7"),
        (2.5e8, 6e6, "2.500e8"),
        (1e-9, 0.0, "1e−9"),
        (0.1, 0.0, "0.1"),
        (12.0, 0.0, "12"),
        (3.0, math.inf, "3"),
    ],
)
def test_numbers_have_the_digits_their_interval_earns(value: float, width: float, text: str) -> None:
    assert earned((value,), value - width / 2, value + width / 2) == [text]


def test_an_estimate_is_written_with_its_interval() -> None:
    assert with_interval(-1.00123, -1.0215, -0.981) == "−1.001 [−1.022, −0.981]"
    assert with_interval(4.0, 4.0, 4.0) == "4"
    assert with_interval(0.5, None, None) == "0.5"
    assert with_interval(None, None, None) == ""


def test_what_theory_allows_is_written_as_people_would() -> None:
    assert interval(0.95, 1.05) == "[0.95, 1.05]"
    assert interval(None, 3.0) == "≤ 3"
    assert interval(-math.inf, 3.0) == "≤ 3"
    assert interval(-0.5, math.inf) == "≥ −0.5"
    assert interval(4.0, 4.0) == "4"
    assert interval(None, None) == ""


def test_numbers_have_an_exponent_only_where_people_would_write_one() -> None:
    assert [number(value) for value in (0.0, 1234567.5, 0.00012345, 1.5e-9, 2.5e12, -3.0)] == [
        "0", "1234568", "0.0001234", "1.5e−9", "2.5e12", "−3",
    ]  # fmt: skip
    assert [number(value) for value in (math.inf, -math.inf, math.nan)] == ["∞", "−∞", "not a number"]


def test_a_count_is_written_whole() -> None:
    assert [number(value) for value in (10368000.0, -10000.0, 9999.0, 123456789.0, 12345678.5)] == [
        "10,368,000", "−10,000", "9999", "123,456,789", "1.235e7",
    ]  # fmt: skip
    assert interval(10368000.0, 10368000.0) == with_interval(10368000.0, 10368000.0, 10368000.0) == "10,368,000"


def test_durations_are_human() -> None:
    assert [duration(seconds) for seconds in (0.00042, 0.034, 0.26, 12.3, 59.97, 245, 7800)] == [
        "0.42 ms", "34 ms", "0.3 s", "12 s", "1 min 00 s", "4 min 05 s", "2 h 10 min",
    ]  # fmt: skip


def test_a_wrong_name_gets_the_nearest_one_if_any_is_near() -> None:
    assert nearest("quik", ("quick", "deep")) == "; did you mean quick"
    assert nearest("zzz", ("quick", "deep")) == ""
