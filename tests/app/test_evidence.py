"""The picture that shows a verdict equals what the store holds and what SQL computes from it."""

from __future__ import annotations

import math
import sqlite3

import numpy as np
import pandas as pd
import pytest
from scipy import optimize

from app.figures.evidence import against_theory, evidence_figure, evidence_height, evidence_of, slope_of
from app.figures.evidence.labels import Curve, seen_as_one, spread_out
from app.figures.evidence.series import names_told
from app.figures.look import Figure, Trace
from app.figures.scale import Scale, scale_of
from app.panels import claims
from app.reader import Reader
from app.views import NothingToDrawError
from storage import open_store
from storage.records import EvidenceRecord
from tests.app import gallery
from tests.app.test_figures import drawn

EVIDENCE = gallery.evidence()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = str(tmp_path_factory.mktemp("gallery") / "results.db")
    gallery.fill(path)
    return path


def ordered(claim: str) -> list[EvidenceRecord]:
    """As the store gives them: by series, then step."""
    return sorted(EVIDENCE[claim], key=lambda point: (point.series, point.step))


def traces(figure: Figure, axis: str = "") -> list[Trace]:
    """Measured points: those with error bars that are not the pale bars of what theory allows."""
    return [
        trace
        for trace in figure["data"]
        if "error_y" in trace and trace["marker"].get("opacity") != 0 and trace.get("yaxis", "") == axis
    ]


def ends(trace: Trace) -> tuple[np.ndarray, np.ndarray]:
    y, bars = drawn(trace["y"]), trace["error_y"]
    return y - drawn(bars["arrayminus"]), y + drawn(bars["array"])


def test_every_point_is_where_it_was_measured_with_its_interval_and_what_theory_allows() -> None:
    points = ordered("level")
    figure = evidence_figure(points, "width", "error")
    measured = [point for point in points if point.series == "measured"]
    (trace,) = traces(figure)
    assert drawn(trace["x"]).tolist() == [point.x for point in measured]
    assert drawn(trace["y"]).tolist() == [point.y for point in measured]
    low, high = ends(trace)
    assert low == pytest.approx([point.low for point in measured], rel=1e-14)
    assert high == pytest.approx([point.high for point in measured], rel=1e-14)
    (theory,) = (trace for trace in figure["data"] if trace.get("name") == "theory")
    assert drawn(theory["y"]).tolist() == [point.y for point in points if point.series == "theory"]
    pale = next(trace for trace in figure["data"] if trace.get("marker", {}).get("opacity") == 0)
    assert drawn(pale["y"]) == pytest.approx([point.predicted_high for point in measured], rel=1e-14)
    assert drawn(pale["y"]) - drawn(pale["error_y"]["arrayminus"]) == pytest.approx(
        [point.predicted_low for point in measured], rel=1e-14
    )
    assert figure["layout"]["xaxis"]["type"] == figure["layout"]["yaxis"]["type"] == "log"


def test_the_panel_below_is_the_ratio_that_sql_computes(store: str) -> None:
    view = claims.draw(Reader(open_store(store)), {"experiment": gallery.NAME, "claim": "crowded"})
    below = traces(view.figure, "y2")
    assert len(below) == gallery.GROUPS
    statement = """SELECT m.x, m.y / t.y, m.low / t.y, m.high / t.y FROM evidence m JOIN evidence t
        ON t.verdict_id = m.verdict_id AND t.x = m.x AND t.series = 'theory ' || m.series
        JOIN verdict v ON v.id = m.verdict_id WHERE v.claim = 'crowded' AND m.series = ? ORDER BY m.step"""
    with sqlite3.connect(store) as connection:
        for k, trace in enumerate(below):
            rows = connection.execute(statement, (f"layers = {k + 1}",)).fetchall()
            assert [float(told.split(":")[0]) for told in trace["text"]] == [row[0] for row in rows]
            np.testing.assert_allclose(np.log2(drawn(trace["x"])), np.log2([row[0] for row in rows]), atol=0.5)
            assert drawn(trace["y"]) == pytest.approx([row[1] for row in rows], rel=1e-15)
            assert ends(trace)[0] == pytest.approx([row[2] for row in rows], rel=1e-12)
            assert ends(trace)[1] == pytest.approx([row[3] for row in rows], rel=1e-12)


@pytest.mark.parametrize("claim", EVIDENCE)
def test_the_numbers_of_the_figure_are_what_its_sql_selects(store: str, claim: str) -> None:
    view = claims.draw(Reader(open_store(store)), {"experiment": gallery.NAME, "claim": claim})
    with sqlite3.connect(store) as connection:
        selected = pd.read_sql_query(view.sql, connection)
    pd.testing.assert_frame_equal(view.numbers, selected, check_exact=False, rtol=1e-15, check_dtype=False)
    assert view.told is not None
    assert set(view.told["series"]) == {
        point.series for point in EVIDENCE[claim] if not point.series.startswith(("theory", "fit"))
    }
    assert "20 seeds" in view.caption


def point(series: str, x: float, y: float, **more: float) -> EvidenceRecord:
    return EvidenceRecord(series=series, step=int(x), x=x, y=y, **more)


def test_over_a_linear_axis_the_panel_is_the_difference() -> None:
    rows = [point("measured", x, x + 1.5, low=x + 1.25, high=x + 2.0) for x in (1.0, 2.0, 3.0)]
    rows += [point("theory", x, x + 1.0) for x in (1.0, 2.0, 3.0)]
    comparison = against_theory(evidence_of(rows))
    assert comparison is not None
    assert not comparison.ratio
    assert [(p.value, p.low, p.high) for p in comparison.series["measured"]] == [(0.5, 0.25, 1.0)] * 3
    (below,) = traces(evidence_figure(rows), "y2")
    assert drawn(below["y"]).tolist() == [0.5, 0.5, 0.5]


@pytest.mark.parametrize(
    "theory",
    [
        pytest.param([point("theory", 5.0, 1.0), point("theory", 6.0, 9.0)], id="no theory at these x"),
        pytest.param([point("theory", x, 2.0) for x in (1.0, 2.0, 3.0)], id="one constant"),
        pytest.param([point("theory", x, x * x) for x in (1.0, 2.0, 3.0)], id="all equal"),
        pytest.param([], id="no theory"),
    ],
)
def test_a_panel_that_would_say_nothing_is_left_out(theory: list[EvidenceRecord]) -> None:
    rows = [point("measured", x, x * x) for x in (1.0, 2.0, 3.0)] + theory
    assert against_theory(evidence_of(rows)) is None
    assert "yaxis2" not in evidence_figure(rows)["layout"]
    assert evidence_height(rows) < evidence_height(ordered("level"))


def test_arms_stand_below_one_another_in_the_order_of_their_numbers() -> None:
    rows = [point(f"p = {p}", 50.0, p / 100, low=p / 100 - 0.1, high=p / 100 + 0.2) for p in (100, 25, 1000)]
    rows += [point(f"theory {row.series}", 50.0, 2 * row.y) for row in rows]
    figure = evidence_figure(sorted(rows, key=lambda row: row.series), "n", "share")
    (trace,) = (trace for trace in figure["data"] if "error_x" in trace)
    assert figure["layout"]["yaxis"]["ticktext"] == ["p 25\u2002", "p 100\u2002", "p 1000\u2002"]
    assert drawn(trace["x"]).tolist() == [0.25, 1.0, 10.0]
    assert drawn(trace["y"]).tolist() == figure["layout"]["yaxis"]["tickvals"] == [2.0, 1.0, 0.0]
    assert drawn(trace["x"]) - drawn(trace["error_x"]["arrayminus"]) == pytest.approx([0.15, 0.9, 9.9])
    assert drawn(trace["x"]) + drawn(trace["error_x"]["array"]) == pytest.approx([0.45, 1.2, 10.2])
    (theory,) = (trace for trace in figure["data"] if trace.get("name") == "theory")
    assert drawn(theory["x"])[::3].tolist() == [0.5, 2.0, 20.0]
    assert figure["layout"]["xaxis"]["title"]["text"] == "share at n = 50"


def test_arms_may_have_an_x_each_and_theory_two_ends() -> None:
    rows = [point("data = a", 100.0, 1.0), point("data = b", 200.0, 2.0)]
    rows += [point(f"theory {end} data = a", 100.0, y) for end, y in (("low", 0.5), ("high", 1.5))]
    rows += [point(f"theory {end} data = b", 200.0, 2.0) for end in ("low", "high")]
    figure = evidence_figure(sorted(rows, key=lambda row: row.series), "points", "score")
    assert figure["layout"]["yaxis"]["ticktext"] == ["data a, points 100\u2002", "data b, points 200\u2002"]
    levels = {trace["name"]: drawn(trace["x"])[0] for trace in figure["data"] if trace["mode"] == "lines"}
    assert levels == {"theory": 2.0, "at least": 0.5, "at most": 1.5}


def test_names_leave_out_what_all_share() -> None:
    assert names_told(["measured"]) == ({"measured": ""}, "")
    names = [f"method = {method}, steps = 10" for method in ("gradient 2/(L+mu)", "heavy ball")]
    assert names_told(names) == ({names[0]: "gradient 2/(L+mu)", names[1]: "heavy ball"}, "method")
    names = ["depth = 1, width = 8", "depth = 2, width = 8", "depth = 2, width = 16"]
    assert names_told(names)[0][names[2]] == "depth 2, width 16"
    assert names_told(["adam", "lbfgs"]) == ({"adam": "adam", "lbfgs": "lbfgs"}, "")


def test_x_that_counts_the_values_of_a_word_is_written_in_words() -> None:
    series = "measured (solver: 0 = adam, 1 = lbfgs)"
    rows = [point(series, 0.0, 1.0), point(series, 1.0, 3.0)]
    rows += [point("theory (solver: 0 = adam, 1 = lbfgs)", x, 2.0) for x in (0.0, 1.0)]
    figure = evidence_figure(rows, "solver", "error")
    assert figure["layout"]["xaxis"]["ticktext"] == ["adam", "lbfgs"]
    assert figure["layout"]["xaxis"]["tickvals"] == [0, 1]
    assert any(trace.get("name") == "theory" for trace in figure["data"])


def test_the_slope_of_a_fit_is_that_of_a_line_through_its_logarithms() -> None:
    x = np.geomspace(3, 900, 40)
    rows = [point("fit", float(at), float(7 * at**-1.37)) for at in x]
    expected = np.polyfit(np.log(x), np.log([row.y for row in rows]), 1)[0]
    assert slope_of(rows) == pytest.approx(expected, rel=1e-12)
    names = [trace["name"] for trace in traces(evidence_figure(ordered("crowded")))]
    assert names == [f"{k + 1}: slope −1" for k in range(gallery.GROUPS)]


def test_a_fitted_power_law_is_a_line_though_an_interval_reaches_below_zero() -> None:
    measured = [point("measured", 1, 0.1, low=-0.05, high=0.25), point("measured", 100, 1000.0, low=900.0, high=1100.0)]
    line = [point("fit", 1, 0.1), point("fit", 100, 1000.0)]
    layout = evidence_figure([*line, *measured])["layout"]
    assert (layout["xaxis"]["type"], layout["yaxis"]["type"]) == ("log", "log")
    assert layout["yaxis"]["range"][0] < math.log10(0.1)
    assert "type" not in evidence_figure(measured)["layout"]["yaxis"]


def test_labels_lie_as_near_as_can_be_and_never_over_one_another() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        heights = rng.uniform(10, 30, rng.integers(1, 8))
        wanted = np.sort(rng.uniform(0, 200, len(heights)))
        centres = np.array(spread_out(wanted, heights, -1e9, 1e9))
        gaps = (heights[1:] + heights[:-1]) / 2
        taken = np.concatenate([[0.0], np.cumsum(gaps)])
        nearest = optimize.isotonic_regression(wanted - taken).x + taken
        assert centres == pytest.approx(nearest)
        assert (np.diff(centres) >= gaps - 1e-9).all()
        inside = np.array(spread_out(wanted, heights, 0.0, 250.0))
        assert (np.diff(inside) >= gaps - 1e-9).all()
        if heights.sum() <= 250:
            assert inside[0] >= heights[0] / 2 - 1e-9
            assert inside[-1] <= 250 - heights[-1] / 2 + 1e-9


def test_curves_that_cover_one_another_are_named_once() -> None:
    scale = Scale(low=0.0, high=10.0, log=False)
    x = [0.0, 5.0, 10.0]
    level, same = Curve(name="a", x=x, y=[1.0] * 3), Curve(name="b", x=[2.0, 3.0], y=[1.0, 1.0])
    other, apart = Curve(name="c", x=x, y=[1.0, 1.0, 2.0]), Curve(name="d", x=[11.0], y=[1.0])
    groups = seen_as_one([level, same, other, apart], scale, scale)
    assert [[curve.name for curve in group] for group in groups] == [["a", "b", "d"], ["c"]]


def test_an_axis_has_room_for_all_values_and_some_when_there_is_one() -> None:
    scale = scale_of([1.0, 100.0], log=True)
    assert scale.low < 0 < 2 < scale.high
    assert scale.share([10.0])[0] == pytest.approx((1 - scale.low) / (scale.high - scale.low))
    lone = scale_of([4.0], log=False)
    assert lone.low < 4 < lone.high
    assert math.isfinite(scale_of([], log=True).high)


def test_a_claim_that_nobody_judged_has_nothing_to_draw(store: str) -> None:
    with pytest.raises(NothingToDrawError, match="no evidence"):
        claims.draw(Reader(open_store(store)), {"experiment": gallery.NAME, "claim": "nonsense"})


def test_the_height_of_a_claimed_peak_is_drawn_for_all_others() -> None:
    rows = [EvidenceRecord(series="measured", step=k, x=x, y=y, predicted_high=None if x == 16 else 3.2)
            for k, (x, y) in enumerate([(8.0, 2.6), (16.0, 3.2), (32.0, 2.9)])]  # fmt: skip
    lines = [trace for trace in evidence_figure(rows)["data"] if trace.get("mode") == "lines" and trace.get("name")]
    assert [drawn(trace["y"]).tolist() for trace in lines] == [[3.2, 3.2]]


def test_curves_that_are_seen_as_one_are_named_by_what_they_share() -> None:
    names = ["depth 1, data moons", "depth 1, data wine", "depth 2, data moons", "depth 2, data wine"]
    measured = [EvidenceRecord(series=", ".join(f"{part.split()[0]} = {part.split()[1]}" for part in name.split(", ")),
                               step=k, x=x, y=1.0) for name in names for k, x in enumerate((1.0, 2.0))]  # fmt: skip
    theory = [EvidenceRecord(series=f"theory {row.series}", step=row.step, x=row.x, y=float(row.series[8]))
              for row in measured]  # fmt: skip
    told = [each["text"] for each in evidence_figure([*measured, *theory])["layout"]["annotations"]]
    assert told == ["theory, depth 1", "theory, depth 2"]


def test_one_value_alone_has_an_axis_in_proportion_to_it() -> None:
    counted = [
        EvidenceRecord(series=series, step=0, x=3.0, y=10_368_000.0, low=low, high=low)
        for series, low in (("measured", 10_368_000.0), ("theory", None))
    ]
    low, high = evidence_figure(counted, "depth", "orders")["layout"]["xaxis"]["range"]
    assert 0.9e7 < low < 10_368_000 < high < 1.2e7
    apart = [*counted[:1], EvidenceRecord(series="theory", step=0, x=3.0, y=1.0)]
    assert "range" not in evidence_figure(apart, "depth", "orders")["layout"]["xaxis"]
