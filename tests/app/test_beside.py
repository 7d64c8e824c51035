"""Points that would cover one another stand side by side, and no others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.figures.beside import SAID, STEP, Marks, drawn_beside, side_by_side
from app.figures.evidence import evidence_figure
from app.figures.scale import Scale
from app.panels import claims
from app.reader import Reader
from storage import open_store
from tests.app import gallery
from tests.app.test_evidence import EVIDENCE, ordered, traces
from tests.app.test_figures import drawn

X = Scale(low=0.0, high=3.0, log=True)
Y = Scale(low=0.0, high=1.0, log=False)


def marks(x: list[float], low: list[float], high: list[float]) -> Marks:
    return Marks(x=np.array(x), low=np.array(low), high=np.array(high))


def test_points_apart_stay_where_they_are() -> None:
    series = [marks([10.0, 100.0], [0.1, 0.1], [0.2, 0.2]), marks([10.0, 100.0], [0.6, 0.5], [0.7, 0.9])]
    at = side_by_side(series, X, Y)
    assert [each.tolist() for each in at] == [[10.0, 100.0], [10.0, 100.0]]
    assert not drawn_beside(at, [each.x for each in series])
    (alone,) = side_by_side([marks([10.0, 10.0], [0.1, 0.1], [0.2, 0.2])], X, Y)
    assert alone.tolist() == [10.0, 10.0]


def test_points_that_overlap_stand_around_their_x_in_the_order_of_their_series() -> None:
    series = [marks([10.0, 100.0], [0.1, 0.1], [0.5, 0.2]), marks([10.0], [0.4], [0.6]), marks([10.0], [0.55], [0.9])]
    at = side_by_side(series, X, Y)
    first, second, third = (float(X.share(each[:1])[0]) for each in at)
    assert second == pytest.approx(1 / 3)
    assert (second - first, third - second) == pytest.approx((STEP, STEP))
    assert at[0][1] == 100.0
    assert drawn_beside(at, [each.x for each in series])


@pytest.mark.parametrize("seed", range(20))
def test_of_any_points_none_covers_another_and_none_reaches_the_next_x(seed: int) -> None:
    rng = np.random.default_rng(seed)
    xs = np.array([2.0, 8.0, 9.5, 64.0, 512.0])
    low = rng.uniform(0, 1, (6, len(xs)))
    high = low + rng.uniform(0, 0.4, low.shape)
    at = np.array(side_by_side([Marks(x=xs, low=a, high=b) for a, b in zip(low, high, strict=True)], X, Y))
    for k in range(len(xs)):
        for one in range(6):
            for other in range(one):
                if low[one, k] <= high[other, k] and low[other, k] <= high[one, k]:
                    assert at[other, k] < at[one, k]
    own, drawn_at = X.share(xs), np.apply_along_axis(X.share, 1, at)
    middle = (own[1:] + own[:-1]) / 2
    assert (drawn_at[:, :-1] < middle).all()
    assert (drawn_at[:, 1:] > middle).all()


def test_what_is_off_a_logarithmic_axis_stands_at_its_foot() -> None:
    log = Scale(low=-3.0, high=0.0, log=True)
    at = side_by_side([marks([10.0], [-0.1], [0.5]), marks([10.0], [0.0], [0.002])], X, log)
    assert at[0] < 10.0 < at[1]


def test_evidence_says_so_and_keeps_every_number(tmp_path: Path) -> None:
    path = str(tmp_path / "results.db")
    gallery.fill(path)
    said = {}
    for claim in ("crowded", "level"):
        view = claims.draw(Reader(open_store(path)), {"experiment": gallery.NAME, "claim": claim})
        said[claim] = SAID in view.caption
        measured = [point for point in EVIDENCE[claim] if not point.series.startswith(("theory", "fit"))]
        kept = view.numbers[~view.numbers["series"].str.startswith(("theory", "fit"))]
        assert sorted(kept["x"]) == sorted(point.x for point in measured)
    assert said == {"crowded": True, "level": False}
    moved = traces(evidence_figure(ordered("crowded"), "width", "error"), "y2")
    assert any(float(text.split(":")[0]) != x for trace in moved
               for text, x in zip(trace["text"], drawn(trace["x"]), strict=True))  # fmt: skip
