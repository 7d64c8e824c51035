"""What figures draw equals numbers computed in another way."""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from scipy import stats

from app.figures.evidence import evidence_figure
from app.figures.fields import field_figure, layers_figure
from app.figures.look import DARK, RAMP, Figure, axis, category, numbers, plain, ramp, worth_a_log
from app.figures.means import curve_figure, fits_a_log, size_figure
from app.numbers.series import Series, metric_series
from app.reader import Reader
from storage.queries import cells_of_runs, evidence, metric_values, verdicts
from storage.records import EvidenceRecord
from tests.app import gallery
from tests.app.laboratory import ACTIVATIONS, MARKUP, WIDTHS


def drawn(values: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The numbers that a typed array of a figure holds."""
    array = np.frombuffer(base64.b64decode(values["bdata"]), dtype=f"<{values['dtype']}").astype(np.float64)
    return array.reshape([int(length) for length in values["shape"].split(",")]) if "shape" in values else array


def named(figure: Figure, name: str) -> Figure:
    return next(trace for trace in figure["data"] if trace.get("name") == name)


def sql(store: str, statement: str, *values: object) -> list[Any]:
    with sqlite3.connect(store) as connection:
        return connection.execute(statement, values).fetchall()


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (np.random.default_rng(0).standard_normal((3, 4)), "f8"),
        ([*range(100), 0.1], "f8"),
        ([0.5, np.nan, -0.25, 1e30 * 2.0**-1000], "f8"),
        ([0.5, np.nan, np.inf, -0.25], "f4"),
        ([0, 127, -128], "i1"),
        ([0, 128], "i2"),
        ([1.0, 40_000.0], "i4"),
        ([1.0, 3e9], "f4"),
        ([1.0, 3e9 + 1], "f8"),
        ([1.0, np.nan], "f4"),
    ],
)
def test_typed_arrays_give_back_every_number_in_the_fewest_bytes(values: Any, kind: str) -> None:
    typed = numbers(values)
    assert typed["dtype"] == kind
    assert np.array_equal(drawn(typed), np.asarray(values, dtype=np.float64), equal_nan=True)


def test_metric_against_size_is_the_mean_and_t_interval_of_what_sql_selects(read: Reader, filled: str) -> None:
    runs, values = read(cells_of_runs, "fluctuation"), read(metric_values, "fluctuation", "variance")
    figure = size_figure(metric_series(runs, values, "width"), "width", "variance", x_log=True, y_log=False)
    for activation in ACTIVATIONS:
        trace = named(figure, activation)
        assert [told.split(":")[0] for told in trace["text"]] == [str(width) for width in WIDTHS]
        np.testing.assert_allclose(np.log2(drawn(trace["x"])), np.log2(WIDTHS), atol=0.5)  # beside it, if not at it
        for position, width in enumerate(WIDTHS):
            rows = sql(
                filled,
                "SELECT variance FROM runs_fluctuation WHERE activation = ? AND width = ?",
                activation,
                width,
            )
            sample = [row[0] for row in rows]
            low, high = stats.t.interval(0.95, len(sample) - 1, np.mean(sample), stats.sem(sample))
            mean, up, down = (
                drawn(part)[position]
                for part in (trace["y"], trace["error_y"]["array"], trace["error_y"]["arrayminus"])
            )
            assert mean == pytest.approx(np.mean(sample), rel=1e-13)
            assert (mean - down, mean + up) == pytest.approx((low, high), rel=1e-12)
            assert f"n = {len(sample)}" in trace["text"][position]


def test_a_failed_run_is_in_no_mean(read: Reader) -> None:
    runs, values = read(cells_of_runs, "fluctuation"), read(metric_values, "fluctuation", "variance")
    n = {line.name: line.n.tolist() for line in metric_series(runs, values, "width")}
    assert n == {"activation relu": [12] * 6, "activation tanh": [12] * 5 + [11]}


def test_sizes_run_along_the_ramp(read: Reader) -> None:
    series = metric_series(read(cells_of_runs, "fluctuation"), read(metric_values, "fluctuation", "margin"), "seed")
    figure = curve_figure(series, "seed", "margin", x_log=False, y_log=False, size="width")
    pens = {(line.params["width"], line.params["activation"]): named(figure, line.name)["line"] for line in series}
    places = [RAMP.index(pens[width, "relu"]["color"]) for width in WIDTHS]
    assert places == sorted(RAMP.index(color) for color in ramp(len(WIDTHS)))
    assert [pens[width, "tanh"]["color"] for width in WIDTHS] == [pens[width, "relu"]["color"] for width in WIDTHS]
    assert {pen["dash"] for (_, activation), pen in pens.items() if activation == "relu"} == {"solid"}
    assert {pen["dash"] for (_, activation), pen in pens.items() if activation == "tanh"} == {"dash"}


def test_curves_of_one_point_are_told_apart_by_their_markers() -> None:
    none = np.array([np.nan])
    series = [
        Series(
            name=arm,
            params={"width": 8, "arm": arm},
            x=np.array([1.0]),
            mean=np.array([2.0]),
            low=none,
            high=none,
            n=np.array([1]),
        )
        for arm in ("plain", "other")
    ]
    figure = curve_figure(series, "x", "y", x_log=False, y_log=False, size="width")
    markers = [trace["marker"] for trace in figure["data"] if trace.get("meta") == "line"]
    assert len({marker["color"] for marker in markers}) == 1
    assert len({marker["symbol"] for marker in markers}) == 2


def test_sixteen_categories_are_told_apart() -> None:
    assert len({category(position) for position in range(16)}) == 16


def colors_in(part: Any) -> Iterator[str]:
    if isinstance(part, str) and part.startswith("#"):
        yield part[:7]
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list | tuple) else ():
        yield from colors_in(inner)


def test_every_colour_has_a_partner_in_the_dark_theme(read: Reader) -> None:
    level = next(verdict for verdict in read(verdicts, "fluctuation") if verdict.claim == "level")
    series = metric_series(read(cells_of_runs, "fluctuation"), read(metric_values, "fluctuation", "variance"), "width")
    made = [
        evidence_figure(read(evidence, (level.id,))[level.id]),
        size_figure(series, "x", "y", x_log=False, y_log=False),
        *(field_figure(field) for field in gallery.fields(8, 0)),
        *(field_figure(field, solid=True) for field in gallery.fields(8, 0)),
        *(evidence_figure(points) for points in gallery.evidence().values()),
        layers_figure(gallery.fields(8, 0)[:4]),
    ]
    assert {color for figure in made for color in colors_in(figure)} <= set(DARK)


def test_text_in_a_figure_is_shown_letter_by_letter() -> None:
    figure = evidence_figure([EvidenceRecord(series=MARKUP, step=0, x=1.0, y=1.0)], MARKUP, MARKUP)
    assert "<img" not in json.dumps(figure)
    assert plain("a <b> & c") == "a &lt;b&gt; &amp; c"


def test_an_axis_is_logarithmic_where_values_spread_over_decades(read: Reader) -> None:
    assert worth_a_log([1, 10])
    assert not worth_a_log([1, 9])
    assert not worth_a_log([0, 100])
    assert axis("x", [1, 1e4], log=True)["dtick"] == 1
    series = metric_series(read(cells_of_runs, "fluctuation"), read(metric_values, "fluctuation", "margin"), "width")
    assert fits_a_log(series) == (True, False)


def test_a_log_axis_of_few_decades_says_whole_numbers_at_its_ticks() -> None:
    few = axis("width", [64, 800], log=True)
    assert (few["dtick"], few["tickformat"]) == ("D2", "~g")
    assert "tickformat" not in axis("width", [1, 1e4], log=True)  # powers of ten are their own numbers
    assert axis("ratio", [0.01, 1], log=True, labels=4)["dtick"] == 1  # two decades have no room for 1, 2, 5 there


def test_a_log_axis_over_a_part_of_a_decade_is_labelled_in_even_steps() -> None:
    short, long = (axis("loss", values, log=True) for values in ((0.55, 0.69), (0.2, 0.9)))
    assert (short["type"], "dtick" in short) == ("log", False)
    assert long["dtick"] == "D1"
