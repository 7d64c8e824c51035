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
from app.figures.fields import FIELD_ARRAYS, field_figure
from app.figures.look import DARK, RAMP, Figure, axis, numbers, plain, ramp, worth_a_log
from app.figures.means import curve_figure, fits_a_log, size_figure
from app.reader import Reader
from app.series import metric_series
from storage.queries import cells_of_runs, evidence, fields_of_run, metric_values, verdicts
from storage.records import EvidenceRecord, FieldRecord
from tests.app.laboratory import ACTIVATIONS, MARKUP, WIDTHS, fields


def drawn(values: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The numbers that a typed array of a figure holds."""
    array = np.frombuffer(base64.b64decode(values["bdata"]), dtype="<f8")
    return array.reshape([int(length) for length in values["shape"].split(",")]) if "shape" in values else array


def named(figure: Figure, name: str) -> Figure:
    return next(trace for trace in figure["data"] if trace.get("name") == name)


def sql(store: str, statement: str, *values: object) -> list[Any]:
    with sqlite3.connect(store) as connection:
        return connection.execute(statement, values).fetchall()


def test_typed_arrays_give_back_every_bit() -> None:
    values = np.random.default_rng(0).standard_normal((3, 4))
    assert (drawn(numbers(values)) == values).all()


def test_metric_against_size_is_the_mean_and_t_interval_of_what_sql_selects(read: Reader, filled: str) -> None:
    runs, values = read(cells_of_runs, "fluctuation"), read(metric_values, "fluctuation", "variance")
    figure = size_figure(metric_series(runs, values, "width"), "width", "variance", x_log=True, y_log=False)
    for activation in ACTIVATIONS:
        trace = named(figure, activation)
        assert drawn(trace["x"]).tolist() == list(WIDTHS)
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


def test_evidence_shows_every_record_where_it_is(read: Reader) -> None:
    level = next(verdict for verdict in read(verdicts, "fluctuation") if verdict.claim == "level")
    points = read(evidence, (level.id,))[level.id]
    figure = evidence_figure(points, "width", "variance")
    for name in ("relu", "tanh", "theory"):
        rows = [point for point in points if point.series == name]
        trace = named(figure, name)
        assert drawn(trace["x"]).tolist() == [row.x for row in rows]
        assert drawn(trace["y"]).tolist() == [row.y for row in rows]
    relu = [point for point in points if point.series == "relu"]
    trace = named(figure, "relu")
    assert drawn(trace["y"]) + drawn(trace["error_y"]["array"]) == pytest.approx([row.high for row in relu], rel=1e-15)
    bars = [trace for trace in figure["data"] if trace.get("marker", {}).get("opacity") == 0]
    tops = [drawn(bar["y"]) for bar in bars]
    bottoms = [top - drawn(bar["error_y"]["arrayminus"]) for top, bar in zip(tops, bars, strict=True)]
    assert tops[0] == pytest.approx([row.predicted_high for row in relu])
    assert bottoms[0] == pytest.approx([row.predicted_low for row in relu])
    assert named(figure, "theory")["text"][-1].strip() == "theory"
    assert figure["layout"]["xaxis"]["type"] == figure["layout"]["yaxis"]["type"] == "log"


def test_evidence_at_one_x_stands_side_by_side() -> None:
    points = [
        EvidenceRecord(series="adam", step=0, x=10.0, y=0.5, low=0.4, high=0.6),
        EvidenceRecord(series="lbfgs", step=0, x=10.0, y=0.7, low=0.6, high=0.8),
        EvidenceRecord(series="theory", step=0, x=10.0, y=1.0),
    ]
    figure = evidence_figure(points, "width", "ratio")
    assert [named(figure, name)["x"] for name in ("adam", "lbfgs")] == [["adam"], ["lbfgs"]]
    levels = [trace for trace in figure["data"] if trace.get("marker", {}).get("symbol") == "line-ew"]
    assert [(trace["x"], drawn(trace["y"]).tolist()) for trace in levels] == [(["adam"], [1.0]), (["lbfgs"], [1.0])]
    assert figure["layout"]["xaxis"]["title"]["text"] == "width = 10"


def test_sizes_run_along_the_ramp(read: Reader) -> None:
    series = metric_series(read(cells_of_runs, "fluctuation"), read(metric_values, "fluctuation", "margin"), "seed")
    figure = curve_figure(series, "seed", "margin", x_log=False, y_log=False, size="width")
    pens = {(line.params["width"], line.params["activation"]): named(figure, line.name)["line"] for line in series}
    places = [RAMP.index(pens[width, "relu"]["color"]) for width in WIDTHS]
    assert places == sorted(RAMP.index(color) for color in ramp(len(WIDTHS)))
    assert [pens[width, "tanh"]["color"] for width in WIDTHS] == [pens[width, "relu"]["color"] for width in WIDTHS]
    assert {pen["dash"] for (_, activation), pen in pens.items() if activation == "relu"} == {"solid"}
    assert {pen["dash"] for (_, activation), pen in pens.items() if activation == "tanh"} == {"dash"}


@pytest.mark.parametrize("field", fields(np.random.default_rng(0)), ids=lambda field: field.kind)
def test_fields_hold_the_numbers_of_their_arrays(field: FieldRecord) -> None:
    figure = field_figure(field)
    assert figure is not None
    shown, arrays = figure["data"], field.arrays
    if field.kind == "surface":
        assert (drawn(shown[0]["z"]) == arrays["z"]).all()
        assert (drawn(shown[0]["x"]) == arrays["x"]).all()
    elif field.kind == "points":
        together = np.concatenate([drawn(trace["x"]) for trace in shown])
        assert sorted(together) == sorted(arrays["x"])
    elif field.kind == "arrows":
        heads = drawn(shown[1]["x"])
        assert (heads[::2] == arrays["x0"]).all()
        assert (heads[1::2] == arrays["x1"]).all()
    elif field.kind == "histogram":
        width, density = drawn(shown[0]["width"]), drawn(shown[0]["y"])
        assert float(width @ density) == pytest.approx(1.0)
    elif field.kind == "polygons":
        rings = sum(int(np.isnan(drawn(trace["x"])).sum()) for trace in shown)
        assert rings == len(arrays["offsets"]) - 1
    else:
        edges = sum(int(np.isnan(drawn(trace["x"])).sum()) for trace in shown)
        assert edges == len(arrays["weights"])


def test_every_kind_of_field_is_tried() -> None:
    assert {field.kind for field in fields(np.random.default_rng(0))} == set(FIELD_ARRAYS)


def test_a_field_that_cannot_be_drawn_is_none() -> None:
    assert field_figure(FieldRecord(name="f", kind="unheard_of", arrays={})) is None
    assert field_figure(FieldRecord(name="f", kind="surface", arrays={"x": np.zeros(2)})) is None


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
        *(field_figure(field) for field in read(fields_of_run, 1)),
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
