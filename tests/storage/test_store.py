"""What is written is what is read, on SQLite and PostgreSQL."""

from __future__ import annotations

import dataclasses
import time
from datetime import UTC, datetime

import numpy as np
import pytest
from sqlalchemy import select, text, update

from storage.errors import StoreError
from storage.moments import moment_ago
from storage.records import CurveRecord, EvidenceRecord, FieldRecord, RunRecord, Value
from storage.store import Writer, open_writer
from storage.tables import Batch, Curve, CurveX, Evidence, Metric, Snippet
from tests.storage import made

EXTREMES = np.array(
    [5e-324, -5e-324, -0.0, 0.0, 1e308, -1.7976931348623157e308, 2.2250738585072014e-308, 0.1 + 0.2, 1 / 3]
)


def bits(array: np.ndarray) -> bytes:
    return np.ascontiguousarray(array).tobytes()


def stored(writer: Writer, key: str) -> RunRecord:
    found = writer.run(key)
    assert found is not None
    return found[0]


def count(writer: Writer, table: type) -> int:
    with writer.connection() as connection:
        return len(connection.execute(select(table)).all())


def test_a_run_comes_back_whole_and_with_its_batch(writer: Writer, batch_id: int) -> None:
    field = FieldRecord(name="plane", kind="surface", arrays={"z": np.arange(6.0).reshape(2, 3), "n": np.array([7])})
    original = made.run("abc", seed=3, fields=(field,))
    writer.record(batch_id, [original])
    found = writer.run("abc")
    assert found is not None
    run, batch = found
    for name in ("key", "experiment", "revision", "params", "seed", "status", "error", "started_at", "seconds"):
        assert getattr(run, name) == getattr(original, name), name
    assert (run.fingerprint, run.metrics) == (original.fingerprint, original.metrics)
    assert {c.name: (bits(c.x), bits(c.y)) for c in run.curves} == {
        c.name: (bits(c.x), bits(c.y)) for c in original.curves
    }
    assert [(f.name, f.kind) for f in run.fields] == [("plane", "surface")]
    assert {n: (a.dtype, a.shape, bits(a)) for n, a in run.fields[0].arrays.items()} == {
        n: (a.dtype, a.shape, bits(a)) for n, a in field.arrays.items()
    }
    assert batch == made.batch()


def test_curves_and_their_abscissae_keep_every_bit(writer: Writer, batch_id: int) -> None:
    # every finite float64 is as likely: random bits, those of infinities and NaN left out
    drawn = np.random.default_rng(0).integers(0, 2**64, size=4000, dtype=np.uint64).view(np.float64)
    values = np.concatenate([EXTREMES, drawn[np.isfinite(drawn)]])
    writer.record(batch_id, [made.run("k", curves=(CurveRecord(name="loss", x=values[::-1], y=values),))])
    (curve,) = stored(writer, "k").curves
    assert bits(curve.y) == bits(values)
    assert bits(curve.x) == bits(values[::-1])


def test_metrics_keep_every_bit_but_the_sign_of_zero(writer: Writer, batch_id: int) -> None:
    metrics = {f"m{place}": float(value) for place, value in enumerate(EXTREMES)}
    writer.record(batch_id, [made.run("k", metrics=metrics)])
    expected = {name: (value + 0.0).hex() for name, value in metrics.items()}  # SQLite keeps no -0.0
    assert {name: value.hex() for name, value in stored(writer, "k").metrics.items()} == expected
    assert writer.metrics(["k"])["k"] == metrics


def test_parameters_keep_their_types(writer: Writer, batch_id: int) -> None:
    params: dict[str, Value] = {"width": 2**40, "rate": 1e16, "arm": "1", "shuffled": False}
    writer.record(batch_id, [made.run("k", params=params)])
    back = stored(writer, "k").params
    assert back == params
    assert [type(value) for value in back.values()] == [int, float, str, bool]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_a_number_that_is_not_finite_is_refused_with_all_its_transaction(
    writer: Writer, batch_id: int, value: float
) -> None:
    bad_curve = CurveRecord(name="loss", x=np.arange(2.0), y=np.array([0.0, value]))
    for bad in (made.run("bad", metrics={"risk": value}), made.run("bad", curves=(bad_curve,))):
        with pytest.raises(Exception, match="finite"):
            writer.record(batch_id, [made.run("good"), bad])
    assert writer.ok_keys() == []
    assert count(writer, Metric) == count(writer, Curve) == count(writer, CurveX) == 0
    writer.record(batch_id, [made.run("good")])
    assert [key for _, key in writer.ok_keys()] == ["good"]


def test_an_abscissa_is_stored_once(writer: Writer, batch_id: int) -> None:
    writer.record(batch_id, [made.run("a", seed=1), made.run("b", seed=2)])
    writer.record(batch_id, [made.run("c", seed=3)])
    with open_writer(writer.url.render_as_string(hide_password=False)) as another:
        another.record(batch_id, [made.run("d", seed=4)])
    assert count(writer, CurveX) == 2
    assert count(writer, Curve) == 8


def test_a_failed_run_is_replaced_under_its_id_and_an_ok_one_is_kept(writer: Writer, batch_id: int) -> None:
    writer.record(batch_id, [made.run("k", status="failed", metrics={})])
    failed = stored(writer, "k")
    assert (failed.status, failed.error, failed.fingerprint) == ("failed", "Traceback: it broke", "")
    assert writer.fingerprints(["k"]) == {}
    later = writer.start_batch(made.batch(planned=1))
    writer.record(later, [made.run("k", seed=5)])
    assert writer.ok_keys() == [(1, "k")]
    assert stored(writer, "k").error == ""
    writer.record(later, [made.run("k", seed=6)])
    writer.record(later, [made.run("k", status="failed", metrics={})])
    assert (stored(writer, "k").seed, stored(writer, "k").status) == (5, "ok")


def test_replace_puts_a_run_in_the_place_of_an_ok_one_whole(writer: Writer, batch_id: int) -> None:
    writer.record(batch_id, [made.run("k", metrics={"risk": 1.0, "time": 2.0}), made.run("other")])
    only = CurveRecord(name="spectrum", x=np.arange(2.0), y=np.ones(2))
    writer.record(batch_id, [made.run("k", seed=9, metrics={"risk": 3.0}, curves=(only,))], replace=True)
    again = stored(writer, "k")
    assert (again.seed, again.metrics, [curve.name for curve in again.curves]) == (9, {"risk": 3.0}, ["spectrum"])
    assert len(writer.ok_keys()) == 2


def test_a_transaction_that_fails_leaves_nothing(writer: Writer, batch_id: int) -> None:
    before = writer.ok_keys()
    twice = (CurveRecord(name="loss", x=np.arange(2.0), y=np.ones(2)),) * 2
    with pytest.raises(Exception, match=r"(?i)unique"):
        writer.record(batch_id, [made.run("a"), made.run("b", curves=twice)])
    assert writer.ok_keys() == before == []
    assert count(writer, Metric) == count(writer, Curve) == count(writer, CurveX) == 0
    writer.record(batch_id, [made.run("a")])  # and what the writer remembers of it is true
    assert len(stored(writer, "a").curves) == 2


def test_a_run_is_found_by_id_key_and_beginning_of_a_key(writer: Writer, batch_id: int) -> None:
    writer.record(batch_id, [made.run("abc1", seed=1), made.run("abd2", seed=2), made.run("ab", seed=3)])
    ids = {key: run_id for run_id, key in writer.ok_keys()}
    for which, seed in ((ids["abd2"], 2), ("abd2", 2), ("abc", 1), ("ab", 3)):
        found = writer.run(which)
        assert found is not None
        assert found[0].seed == seed
    assert writer.run(99) is None
    assert writer.run("x") is None
    assert writer.run("a_c") is None
    with pytest.raises(StoreError, match="Several runs"):
        writer.run("a")


def test_thousands_of_keys_are_asked_for_at_once(writer: Writer, batch_id: int) -> None:
    keys = [f"key{number}" for number in range(2500)]
    writer.record(batch_id, [made.run(key, curves=(), metrics={"risk": float(n)}) for n, key in enumerate(keys)])
    assert writer.fingerprints([*keys, "unknown"]) == {key: f"print-{key}" for key in keys}
    assert writer.metrics(keys) == {key: {"risk": float(n)} for n, key in enumerate(keys)}
    assert writer.fingerprints([]) == {}


def test_text_that_looks_like_sql_is_kept_as_text(writer: Writer, batch_id: int) -> None:
    nasty = "'); DROP TABLE run; -- \" %s :x {} \\ é 漢"
    writer.describe(
        [dataclasses.replace(made.experiment(metrics=(nasty[:40], "100% :of it")), text=nasty, title=nasty)]
    )
    params: dict[str, Value] = {"width": 1, "rate": 0.1, "arm": nasty, "shuffled": True}
    writer.record(batch_id, [made.run("'; DROP", params=params, metrics={nasty[:40]: 1.5, "100% :of it": 2.5})])
    row = writer.runs("made").iloc[0]
    assert (row["arm"], row[nasty[:40]], row["100% :of it"], row["key"]) == (nasty, 1.5, 2.5, "'; DROP")
    assert writer.experiments().title[0] == nasty
    assert writer.frame("SELECT '12:30' AS t, 5 % 3 AS rest, :name AS said", name=nasty).iloc[0].tolist() == [
        "12:30",
        2,
        nasty,
    ]
    assert writer.frame("SELECT '12:30' AS t, 5 % 3 AS rest").iloc[0].tolist() == ["12:30", 2]


def test_an_error_text_that_no_database_holds_is_written_out(writer: Writer, batch_id: int) -> None:
    broken = dataclasses.replace(made.run("k", status="failed", metrics={}), error="nul \0 and half \ud800 a pair")
    writer.record(batch_id, [broken])
    assert stored(writer, "k").error == "nul \\x00 and half \\ud800 a pair"


def test_verdicts_are_replaced_with_their_evidence(writer: Writer) -> None:
    points = tuple(EvidenceRecord(series="risk", step=step, x=step, y=1 / 3, low=0.3, high=None) for step in range(3))
    writer.save_verdicts([made.verdict("undecided", evidence=points), made.verdict("refuted", seeds=20)])
    writer.save_verdicts([made.verdict("supported", basis="new", evidence=points[:1])])
    assert writer.bases() == {("made", "falls", "quick", 8, 1): "new", ("made", "falls", "quick", 20, 1): "basis"}
    assert writer.verdict_records("quick", 8) == [made.verdict("supported", basis="new")]
    assert [record.seeds for record in writer.verdict_records("quick")] == [8, 20]
    assert writer.verdict_records("deep") == []
    with writer.connection() as connection:
        rows = connection.execute(select(Evidence.series, Evidence.step, Evidence.y, Evidence.low, Evidence.high)).all()
    assert rows == [("risk", 0, 1 / 3, 0.3, None)]
    frame = writer.verdicts()
    assert frame[["claim", "status", "statement"]].values.tolist() == [
        ["falls", "supported", "It falls."],
        ["falls", "refuted", "It falls."],
    ]


def test_batches_live_by_the_clock_of_the_database(writer: Writer) -> None:
    first, second = writer.start_batch(made.batch()), writer.start_batch(made.batch())
    assert (writer.live_batches(first), writer.live_batches(second), writer.live_batches(-1)) == (1, 1, 2)
    started = writer.batches().set_index("id")
    now = datetime.now(UTC)
    assert abs((started.started_at[first] - now).total_seconds()) < 60  # test and server are on one machine
    time.sleep(0.01)
    writer.heartbeat(first, done=2, failed=1)
    row = writer.batches().set_index("id").loc[first]
    assert (row.done, row.failed, row.state, row.packages) == (2, 1, "running", {"numpy": "2.4"})
    assert row.heartbeat_at > started.heartbeat_at[first]
    with writer._transaction() as connection:  # as if the second had said nothing for 31 s
        connection.execute(update(Batch).where(Batch.id == second).values(heartbeat_at=moment_ago(31)))
    assert writer.batches().set_index("id").state[second] == "interrupted"
    assert writer.live_batches(first) == 0
    writer.finish_batch(first, state="finished", done=4, failed=0)
    row = writer.batches().set_index("id").loc[first]
    assert (row.state, row.done, row.failed) == ("finished", 4, 0)
    assert row.finished_at >= row.heartbeat_at >= row.started_at


def test_a_description_that_is_unchanged_writes_nothing(writer: Writer, batch_id: int) -> None:
    before = writer.revision_token()
    writer.describe([made.experiment()])
    assert writer.revision_token() == before or writer.url.drivername != "sqlite"  # a token may change without need
    with writer.connection() as connection:
        assert connection.scalar(text("SELECT count(*) FROM experiment")) == 1


def test_a_description_replaces_the_old_one_and_leaves_other_experiments(writer: Writer, batch_id: int) -> None:
    writer.record(batch_id, [made.run("k", metrics={"risk": 1.0, "extra": 2.0})])
    writer.describe([made.experiment("other")])
    changed = dataclasses.replace(made.experiment(metrics=("extra",)), title="New", snippets=())
    writer.describe([changed])
    assert writer.experiments().set_index("name").title.to_dict() == {"made": "New", "other": "Made to order"}
    assert list(writer.runs("made").columns) == ["run_id", "key", "seed", "width", "rate", "arm", "shuffled", "extra"]
    assert writer.runs("made").extra.tolist() == [2.0]
    assert writer.runs("other").empty
    assert count(writer, Snippet) == 0


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"name": "Bad Name"}, "Bad Name"),
        ({"name": "x" * 59}, "58"),
        ({"metrics": made.experiment(metrics=("width",)).metrics}, "width"),
        ({"metrics": made.experiment(metrics=("WIDTH",)).metrics}, "WIDTH"),
        ({"metrics": made.experiment(metrics=("seed",)).metrics}, "seed"),
        ({"metrics": made.experiment(metrics=("a", "a")).metrics}, "a"),
        ({"metrics": made.experiment(metrics=("é" * 40,)).metrics}, "63 bytes"),
    ],
)
def test_names_that_sql_could_not_tell_apart_are_refused(writer: Writer, change: dict[str, object], word: str) -> None:
    with pytest.raises(StoreError, match=word):
        writer.describe([made.experiment("fine"), dataclasses.replace(made.experiment(), **change)])  # type: ignore[arg-type] # the fields differ in type
    assert writer.experiments().name.tolist() == ["made"]
