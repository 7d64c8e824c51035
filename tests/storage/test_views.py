"""The public views: what analysts ask in SQL equals what was measured, on SQLite and PostgreSQL."""

from __future__ import annotations

import dataclasses
import sqlite3

import numpy as np
import pytest

from storage.records import CurveRecord
from storage.store import Writer, open_writer
from tests.storage import made

WIDTHS, SEEDS, POINTS = (8, 16, 64), 5, 40


@pytest.fixture
def risks(writer: Writer, batch_id: int) -> dict[int, np.ndarray]:
    """The metric `risk` by width and seed of the runs that were stored; each has a curve of that many times its x."""
    drawn = {width: np.random.default_rng(width).normal(size=SEEDS) for width in WIDTHS}
    x = np.geomspace(1e-3, 1, POINTS)
    writer.record(
        batch_id,
        [
            made.run(
                f"w{width}s{seed}",
                seed=seed,
                params={"width": width, "rate": 0.1, "arm": "plain", "shuffled": seed % 2 == 0},
                metrics={"risk": float(drawn[width][seed])},
                curves=(
                    CurveRecord(name="loss", x=x, y=drawn[width][seed] * x),
                    CurveRecord(name="exact_linf", x=x[:3], y=x[:3]),
                    CurveRecord(name="spectrum", x=np.arange(2.0), y=np.ones(2)),
                ),
            )
            for width in WIDTHS
            for seed in range(SEEDS)
        ],
    )
    return drawn


def test_the_runs_of_an_experiment_are_a_typed_table(writer: Writer, risks: dict[int, np.ndarray]) -> None:
    frame = writer.runs("made")
    assert list(frame.columns) == ["run_id", "key", "seed", "width", "rate", "arm", "shuffled", "risk", "time"]
    kinds = {name: str(kind) for name, kind in frame.dtypes.items()}
    assert kinds["width"] == "int64"
    assert kinds["rate"] == kinds["risk"] == kinds["time"] == "float64"
    assert kinds["shuffled"] == "bool"
    assert frame.arm.tolist() == ["plain"] * 15
    assert frame.shuffled.tolist() == [True, False, True, False, True] * 3
    assert frame.time.isna().all()  # no run had this metric
    assert {width: group.risk.tolist() for width, group in frame.groupby("width")} == {
        width: values.tolist() for width, values in risks.items()
    }


def test_columns_have_their_sql_types(writer: Writer, risks: dict[int, np.ndarray]) -> None:
    row = writer.frame(
        "SELECT * FROM runs_made WHERE width > 9.5 AND rate < 0.2 AND shuffled ORDER BY width, seed"
    ).iloc[0]
    assert (row["width"], row["seed"]) == (16, 0)  # as numbers: as text "8" would be more than "9.5" is less
    if writer.url.drivername == "sqlite":
        types = writer.frame("SELECT typeof(width) a, typeof(rate) b, typeof(arm) c, typeof(risk) d FROM runs_made")
        assert set(types.itertuples(index=False, name=None)) == {("integer", "real", "text", "real")}
    else:
        types = writer.frame(
            "SELECT pg_typeof(width)::text a, pg_typeof(rate)::text b, pg_typeof(shuffled)::text c, "
            "pg_typeof(arm)::text d FROM runs_made LIMIT 1"
        )
        assert types.iloc[0].tolist() == ["bigint", "double precision", "boolean", "text"]


def test_a_mean_by_sql_is_that_of_numpy(writer: Writer, risks: dict[int, np.ndarray]) -> None:
    frame = writer.frame("SELECT width, avg(risk) AS mean FROM runs_made GROUP BY width ORDER BY width")
    assert frame.width.tolist() == list(WIDTHS)
    np.testing.assert_allclose(frame["mean"], [risks[width].mean() for width in WIDTHS], rtol=1e-14)


def test_width_convergence_has_every_metric_against_the_size(writer: Writer, risks: dict[int, np.ndarray]) -> None:
    frame = writer.frame("SELECT * FROM width_convergence ORDER BY size, seed")
    assert list(frame.columns) == ["run_id", "experiment", "seed", "metric", "size_name", "size", "value"]
    assert set(frame.size_name) == {"width"}
    assert set(frame.metric) == {"risk"}
    assert frame["size"].tolist() == [float(width) for width in WIDTHS for _ in range(SEEDS)]
    assert frame.value.tolist() == [value for width in WIDTHS for value in risks[width]]


def test_points_are_those_of_the_curves(writer: Writer, risks: dict[int, np.ndarray]) -> None:
    points = writer.frame("SELECT * FROM curve_point WHERE curve = 'loss' ORDER BY run_id, step")
    assert list(points.columns) == ["run_id", "experiment", "seed", "curve", "step", "x", "y"]
    assert points.step.tolist() == list(range(POINTS)) * (len(WIDTHS) * SEEDS)
    frame = writer.curves("made", "loss")
    for name in ("run_id", "seed", "step", "x", "y"):
        assert points[name].tolist() == frame[name].tolist(), name
    assert points.y.tolist() == [
        y for width in WIDTHS for seed in range(SEEDS) for y in risks[width][seed] * np.geomspace(1e-3, 1, POINTS)
    ]
    assert set(writer.curves("made").curve) == {"loss", "exact_linf", "spectrum"}


def test_learning_curves_and_robustness_are_the_curves_of_those_roles(
    writer: Writer, risks: dict[int, np.ndarray]
) -> None:
    learning = writer.frame("SELECT * FROM learning_curve")
    assert list(learning.columns) == ["run_id", "experiment", "seed", "curve", "step", "x", "y"]
    assert set(learning.curve) == {"loss"}
    assert len(learning) == len(WIDTHS) * SEEDS * POINTS
    robustness = writer.frame("SELECT * FROM robustness ORDER BY run_id, epsilon")
    assert list(robustness.columns) == ["run_id", "experiment", "seed", "norm", "method", "epsilon", "accuracy"]
    assert set(zip(robustness.norm, robustness.method, strict=True)) == {("linf", "exact")}
    assert robustness.epsilon.tolist() == robustness.accuracy.tolist()
    assert len(robustness) == 3 * len(WIDTHS) * SEEDS


def test_views_show_ok_runs_of_the_present_revision_only(writer: Writer, risks: dict[int, np.ndarray]) -> None:
    batch_id = writer.start_batch(made.batch())
    writer.record(batch_id, [made.run("failed", status="failed", metrics={})])
    writer.describe([dataclasses.replace(made.experiment(), revision=2)])
    for view in ("runs_made", "curve_point", "learning_curve", "width_convergence", "robustness"):
        assert writer.frame(f"SELECT * FROM {view}").empty, view
    assert writer.curves("made").empty
    writer.record(
        batch_id, [made.run("new", revision=2, seed=7), made.run("bad", revision=2, status="failed", metrics={})]
    )
    assert writer.runs("made").key.tolist() == ["new"]
    for view in ("curve_point", "learning_curve", "width_convergence", "robustness"):
        assert set(writer.frame(f"SELECT seed FROM {view}").seed) == {7}, view
    row = writer.experiments().iloc[0]
    assert (row.revision, row.ok, row.failed) == (2, 1, 1)
    assert len(writer.ok_keys()) == 16  # the others are still in the tables


def test_a_hundred_metrics_are_a_hundred_columns(writer: Writer, batch_id: int) -> None:
    names = tuple(f"m{number}" for number in range(100))
    writer.describe([made.experiment("many", metrics=names)])
    writer.record(
        batch_id, [made.run("k", experiment="many", metrics={name: float(n) for n, name in enumerate(names)})]
    )
    assert writer.runs("many")[list(names)].iloc[0].tolist() == [float(number) for number in range(100)]


def test_a_view_without_metrics_or_size_is_made(writer: Writer, batch_id: int) -> None:
    bare = dataclasses.replace(made.experiment("bare", metrics=()), params=(), curves=(), fields=(), claims=())
    writer.describe([bare])
    writer.record(batch_id, [made.run("k", experiment="bare", params={}, metrics={"stray": 1.0}, curves=())])
    assert writer.runs("bare").to_dict("list") == {"run_id": [1], "key": ["k"], "seed": [0]}


def test_views_that_differ_are_made_anew_and_peoples_own_stay(writer: Writer, risks: dict[int, np.ndarray]) -> None:
    with writer._transaction() as connection:
        connection.exec_driver_sql("CREATE VIEW mine AS SELECT count(*) AS n FROM run")
        connection.exec_driver_sql("DROP VIEW robustness")
    writer.describe([made.experiment()])
    assert len(writer.frame("SELECT * FROM robustness")) == 45
    assert writer.frame("SELECT n FROM mine").n.tolist() == [15]


def test_plain_sqlite3_reads_the_store_without_us(tmp_path: object) -> None:
    path = f"{tmp_path}/results.db"
    y = np.random.default_rng(0).normal(size=(30, 400))
    with open_writer(path) as writer:
        writer.describe([made.experiment()])
        batch_id = writer.start_batch(made.batch())
        writer.record(
            batch_id,
            [
                made.run(f"k{seed}", seed=seed, curves=(CurveRecord(name="loss", x=np.arange(400.0), y=y[seed]),))
                for seed in range(30)
            ],
        )
    connection = sqlite3.connect(path)
    rows = connection.execute(
        "SELECT x, avg(y), count(*) FROM curve_point WHERE curve = 'loss' GROUP BY step ORDER BY step"
    ).fetchall()
    exact = connection.execute("SELECT y FROM curve_point WHERE seed = 3 ORDER BY step").fetchall()
    connection.close()
    assert [row[0] for row in rows] == list(range(400))
    np.testing.assert_allclose([row[1] for row in rows], y.mean(axis=0), rtol=1e-12)
    assert {row[2] for row in rows} == {30}
    assert [row[0] for row in exact] == y[3].tolist()
