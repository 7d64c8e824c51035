"""The language of run filters: what it says, what it refuses, and that it means the same on both databases."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from storage import open_store
from storage.queries import (
    LanguageError,
    RunFilter,
    SortKey,
    found_counts,
    found_runs,
    rows_of,
    run_table,
    run_table_sql,
)
from storage.queries.run_language import MOST_LETTERS, MOST_NESTED, Comparison, Either, Every, Number, Text, parse
from storage.records import MetricInfo, ParamInfo, RunRecord, Value
from storage.store import open_writer
from tests.storage import made

ARMS = ("plain", "Plain", "it's", 'a "quote"', "100%", "under_score", "back\\slash", "%", "é", "", "true", "5")
OTHER = replace(
    made.experiment("other", metrics=("risk", "width_used")),
    params=(
        ParamInfo(name="arm", type="int", text="a number here"),
        ParamInfo(name="depth", type="int", text="layers"),
        ParamInfo(name="shuffled", type="bool", text="whether shuffled"),
    ),
    claims=(),
)
OLD = made.run("old", revision=0, params={"width": "wide", "rate": 1, "arm": 3, "shuffled": "no"})
"""Of an older revision, whose parameters were of other types."""


def runs() -> list[RunRecord]:
    """Two experiments that share names in different senses; runs without a metric, a failed one, an old one."""
    some = [
        made.run(
            f"m{k}",
            seed=k % 5,
            params={"width": 2 ** (k % 6), "rate": 0.1 * (k % 3), "arm": ARMS[k % len(ARMS)], "shuffled": k % 2 == 0},
            metrics={"risk": (k - 10) / 7} if k % 4 else {"risk": float(k), "time": -0.0},
        )
        for k in range(30)
    ]
    others = [
        made.run(
            f"o{k}",
            experiment="other",
            seed=k,
            params={"arm": k - 2, "depth": k, "shuffled": k % 3 == 0},
            metrics={} if k == 3 else {"risk": float(k), "width_used": 1e-300 * k},
        )
        for k in range(8)
    ]
    failed = made.run("f", seed=9, status="failed", params={"width": 64, "rate": 0.5, "arm": "plain", "shuffled": True})
    return [*some, *others, OLD, replace(failed, metrics={})]


@pytest.fixture(scope="module")
def connection(each_database: str) -> Iterator[Connection]:
    """Of a store on each database; the ids of its runs are 1, 2, … in the order of runs()."""
    with open_writer(each_database) as writer:
        metrics = (MetricInfo(name="risk", text="the risk"), MetricInfo(name="time", text="a metric"))
        writer.describe([replace(made.experiment(), metrics=metrics), OTHER])
        writer.record(writer.start_batch(made.batch()), runs())
    with closing(open_store(each_database)) as store, store.connection() as opened:
        yield opened


def found(connection: Connection, asked: str, experiment: str | None = None) -> list[str]:
    """The keys of the runs that pass, in the order of runs()."""
    ids = found_runs(connection, RunFilter(where=asked, experiment=experiment), (SortKey("run"),))
    return [row.key for row in rows_of(connection, ids.tolist())]


def passing(passes: Callable[[RunRecord], bool]) -> list[str]:
    return [run.key for run in runs() if passes(run)]


def of_made(run: RunRecord) -> bool:
    return run.experiment == "made" and run.revision == 1


@pytest.mark.parametrize(
    ("asked", "passes"),
    [
        ("", lambda run: True),
        ("   ", lambda run: True),
        ("width >= 8", lambda run: of_made(run) and run.params["width"] >= 8),
        ("8 > 3 or width = 1", None),
        ("seed = 3", lambda run: run.seed == 3),
        ("SEED = 3", None),
        ("seed = 3 AND Not Width = 8", None),
        ("seed = 3 AND Not width = 8", lambda run: run.seed == 3 and of_made(run) and run.params["width"] != 8),
        ("status = failed", lambda run: run.status == "failed"),
        ("status != ok", lambda run: run.status == "failed"),
        ("experiment = other", lambda run: run.experiment == "other"),
        ("shuffled = true", lambda run: run.params["shuffled"] is True),
        ("not shuffled = true", lambda run: run.params["shuffled"] is False),
        ("risk < 0", lambda run: run.metrics.get("risk", 0) < 0),
        ("not risk < 0", lambda run: run.metrics.get("risk", -1) >= 0),
        ("risk is missing", lambda run: "risk" not in run.metrics),
        ("width is missing", lambda run: "width" not in run.params),
        ("error is missing", lambda run: not run.error),
        ("error is not missing", lambda run: bool(run.error)),
        ("not (risk is missing)", lambda run: "risk" in run.metrics),
        ("metric.risk is not missing", lambda run: "risk" in run.metrics),
        ("time = 0", lambda run: run.metrics.get("time") == 0),
        ("arm = 'it''s'", lambda run: run.params["arm"] == "it's"),
        ('arm = "it\'s"', lambda run: run.params["arm"] == "it's"),
        ("arm = 'a \"quote\"'", lambda run: run.params["arm"] == 'a "quote"'),
        ("arm = ''", lambda run: run.params["arm"] == ""),
        ("arm = true", lambda run: run.params["arm"] == "true"),
        ("arm = plain", lambda run: run.params["arm"] == "plain"),
        ("arm contains PLAIN", lambda run: str(run.params["arm"]).lower() == "plain"),
        ("arm contains '%'", lambda run: "%" in str(run.params["arm"])),
        ("arm contains '_'", lambda run: "_" in str(run.params["arm"])),
        ("arm like '%\\%'", lambda run: "\\" in str(run.params["arm"])),
        ("arm like 'PL_IN'", lambda run: str(run.params["arm"]).lower() == "plain"),
        ("arm not like '%a%'", lambda run: isinstance(run.params["arm"], str) and "a" not in run.params["arm"].lower()),
        ("arm > 'p'", lambda run: isinstance(run.params["arm"], str) and run.params["arm"].encode() > b"p"),
        ("arm = 5", lambda run: run.params["arm"] in (5, "5")),
        ("arm in (5, 'plain', -1)", lambda run: run.params["arm"] in (5, "5", "plain", -1)),
        ("arm not in (5, 'plain')", lambda run: run.params["arm"] not in (5, "5", "plain", 3) or run.key == "o5"),
        ("batch = 1 and key like 'o%'", lambda run: run.key.startswith("o")),
        ("rate = 0.2", lambda run: run.params.get("rate") == 0.2),
        ("rate == 2e-1", lambda run: run.params.get("rate") == 0.2),
        ("revision < 1", lambda run: run.revision == 0),
        ("started_at > '2026-01-31 12:00:00'", lambda run: True),
        ("started_at >= '2026-01-31T13:00:00.2+01:00'", lambda run: False),
        ("seconds = .25 and run.seed <> 0", lambda run: run.seed != 0),
        ("seed < 99999999999999999999 and seed >= -1e300", lambda run: True),
        ("seed = 1e999", None),
        ("width ≥ 16 and width ≠ 32", lambda run: of_made(run) and run.params["width"] in (16, 64)),
        ("`width` = −1 or depth=7", lambda run: run.params.get("depth") == 7),
    ],
)
def test_a_filter_finds_exactly_the_runs_that_it_says(
    connection: Connection, asked: str, passes: Callable[[RunRecord], bool] | None
) -> None:
    if passes is None:
        with pytest.raises(LanguageError):
            found(connection, asked)
    else:
        assert found(connection, asked) == passing(passes)


def test_a_comparison_with_what_a_run_lacks_is_not_passed_nor_is_its_negation(connection: Connection) -> None:
    lacking = {run.key for run in runs() if "risk" not in run.metrics}
    assert lacking == {"o3", "f"}
    both = found(connection, "risk < 0.5") + found(connection, "not risk < 0.5")
    assert sorted(both) == sorted({run.key for run in runs()} - lacking)
    assert found(connection, "risk is missing") == ["o3", "f"]


def test_a_name_works_on_all_experiments_that_have_it(connection: Connection) -> None:
    owners = {"depth": ["other"], "width": ["made"], "risk": ["made", "other"], "arm": ["made", "other"]}
    for name, experiments in owners.items():
        there = found(connection, f"{name} is not missing")
        assert sorted({run.experiment for run in runs() if run.key in there}) == experiments
        assert sorted([*there, *found(connection, f"{name} is missing")]) == sorted(run.key for run in runs())
    of_other = passing(lambda run: run.experiment == "other" and "risk" in run.metrics)
    assert found(connection, "risk is not missing", "other") == of_other


def test_and_binds_tighter_than_or_and_not_tighter_than_both() -> None:
    asked = parse("not a = 1 and b = 2 or c = 3 and not (d = 4 or e = 5)")

    def equals(name: str, value: int, sign: Any = "=") -> Comparison:
        return Comparison(name, sign, (Number(value, str(value)),))

    assert asked == Either(
        (
            Every((equals("a", 1, "!="), equals("b", 2))),
            Every((equals("c", 3), Every((equals("d", 4, "!="), equals("e", 5, "!="))))),
        )
    )
    assert parse("a in ('x', y)") == Comparison("a", "in", (Text("x"), Text("y")))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("widht >= 64", "No run has a widht: did you mean width?"),
        ("Risk < 1", "No run has a Risk: did you mean risk?"),
        ("width >=", "A value is expected, not the end: a number, true, false or 'text'."),
        ("width 64", "After width comes = != < <= > >= in contains like or is, not 64."),
        ("width = 64 seed = 1", "After a comparison comes and or or, not seed."),
        ("width = wide", "width is a number; wide is not."),
        ("width in (8, wide)", "width is a number; wide is not."),
        ("shuffled = 1", "shuffled is true or false; 1 is not."),
        ("shuffled < true", "shuffled is true or false; < is for what has an order."),
        ("risk contains '1'", "risk is a number; contains is for text."),
        ("arm = 'never closed", "The quote ' before 'never closed' is never closed."),
        ("(width = 64", "A parenthesis is never closed: ) is missing before the end."),
        ("width = 64)", "After a comparison comes and or or, not )."),
        ("width in 64", "After in comes a list in parentheses, as in width in (8, 16)."),
        ("width in (8; 16)", "; is neither a name, a number nor a sign; text stands in 'quotes'."),
        ("width in ()", "A value is expected, not ): a number, true, false or 'text'."),
        ("and", "A comparison begins with a name, as in width >= 64, not with and."),
        ("started_at > 2026", "started_at is a moment such as '2026-03-01 12:00'; 2026 is not."),
        ("arm = 1e999", "1e999 is too large for a number."),
        ("arm = '\0'", "A filter has no letters that cannot be printed."),
        ("arm = '\ud800'", "A filter has no letters that cannot be printed."),
        ("(" * (MOST_NESTED + 1) + "width = 1", f"Parentheses stand at most {MOST_NESTED} deep."),
        ("width = 1" + " " * MOST_LETTERS, f"A filter has at most {MOST_LETTERS:,} letters; this one has 2,009."),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_sentence(connection: Connection, asked: str, said: str) -> None:
    with pytest.raises(LanguageError) as error:
        found(connection, asked)
    assert str(error.value) == said


def test_within_an_experiment_only_its_own_names_are_known(connection: Connection) -> None:
    with pytest.raises(LanguageError, match="other has no width: did you mean width_used"):
        found(connection, "width = 8", "other")


def test_the_longest_filter_is_answered(connection: Connection) -> None:
    """As many comparisons as there is room for, one after the other: databases limit how deep a condition is."""
    for word in ("or", "and"):
        asked = f" {word} ".join(["arm=5"] * 200)[:MOST_LETTERS]
        assert found(connection, asked[: asked.rindex(f" {word} ")]) == passing(
            lambda run: run.params["arm"] in (5, "5")
        )
    assert found(connection, "not " * 400 + "seed = 3") == found(connection, "seed = 3")


VALUES: dict[str, Callable[[RunRecord], Value | None]] = {
    "width": lambda run: run.params.get("width"),
    "rate": lambda run: run.params.get("rate"),
    "arm": lambda run: run.params["arm"],
    "shuffled": lambda run: run.params["shuffled"],
    "depth": lambda run: run.params.get("depth"),
    "risk": lambda run: run.metrics.get("risk"),
    "time": lambda run: run.metrics.get("time"),
    "seed": lambda run: run.seed,
    "status": lambda run: run.status,
}
TYPES: dict[str, tuple[type, ...]] = {
    "width": (int, float), "rate": (int, float), "arm": (int, float, str), "shuffled": (bool,), "depth": (int, float),
    "risk": (int, float), "time": (int, float), "seed": (int, float), "status": (str,),
}  # fmt: skip
RELATIONS = {
    "=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
Passes = Callable[[RunRecord], bool | None]
"""What the language means, evaluated in Python: None where a run lacks the name."""


@st.composite
def comparisons(draw: st.DrawFn) -> tuple[str, Passes]:
    name = draw(st.sampled_from(sorted(VALUES)))
    numbers = st.one_of(st.integers(-3, 40), st.floats(-3, 40, allow_nan=False).map(lambda value: round(value, 3)))
    values: st.SearchStrategy[Any] = {
        "shuffled": st.booleans(),
        "status": st.sampled_from(["ok", "failed", "Ok"]),
        "arm": st.sampled_from(ARMS),
    }.get(name, numbers)
    sign = draw(st.sampled_from(["=", "!="] if name == "shuffled" else sorted(RELATIONS)))
    value = draw(values)
    quoted = "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value).lower()

    def passes(run: RunRecord) -> bool | None:
        stored = VALUES[name](run)
        if stored is None or isinstance(stored, bool) != isinstance(value, bool):
            return None
        if isinstance(stored, str) != isinstance(value, str):
            return None
        if isinstance(stored, str):
            return bool(RELATIONS[sign](stored.encode(), value.encode()))
        return bool(RELATIONS[sign](stored, value))

    return f"{name} {sign} {quoted}", passes


def joined(parts: st.SearchStrategy[tuple[str, Passes]]) -> st.SearchStrategy[tuple[str, Passes]]:
    def all_of(several: list[tuple[str, Passes]]) -> tuple[str, Passes]:
        return " and ".join(f"({text})" for text, _ in several), lambda run: kleene_and([p(run) for _, p in several])

    def any_of(several: list[tuple[str, Passes]]) -> tuple[str, Passes]:
        return " or ".join(f"({text})" for text, _ in several), lambda run: kleene_or([p(run) for _, p in several])

    def opposite(part: tuple[str, Passes]) -> tuple[str, Passes]:
        return f"not ({part[0]})", lambda run: None if (passed := part[1](run)) is None else not passed

    several = st.lists(parts, min_size=2, max_size=4)
    return st.one_of(several.map(all_of), several.map(any_of), parts.map(opposite))


def kleene_and(several: list[bool | None]) -> bool | None:
    """Three-valued, as SQL's own AND."""
    return False if False in several else None if None in several else True


def kleene_or(several: list[bool | None]) -> bool | None:
    return True if True in several else None if None in several else False


@settings(max_examples=120, deadline=None, derandomize=True)
@given(asked=st.recursive(comparisons(), joined, max_leaves=8))
def test_any_filter_means_what_python_says_it_does(connection: Connection, asked: tuple[str, Passes]) -> None:
    text, passes = asked
    assert found(connection, text) == passing(lambda run: passes(run) is True)


SIGNS = "width risk arm seed and or not in is missing contains like ( ) , = != < >= 64 -1e5 'a' true `x` run.id"
STRANGE = "param.arm metric. $.a :x ? %s %(a)s -- ; /* */ \\ % ' \"b DROP TABLE run OR 1=1 \x00 \ud800 \u202e 🦆"
WORDS = st.sampled_from([*SIGNS.split(), *STRANGE.split(), "'; DELETE FROM run; --", "9" * 40])


@settings(max_examples=200, deadline=None, derandomize=True)
@given(asked=st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=14).map(" ".join)))
def test_hostile_text_is_answered_or_refused_in_one_sentence_and_writes_nothing(
    connection: Connection, asked: str
) -> None:
    refusal, kept = "", []
    try:
        kept = found(connection, asked)
    except LanguageError as error:
        refusal = str(error)
    if refusal:
        assert refusal.endswith((".", "?"))
        assert "\n" not in refusal
    else:
        assert found_counts(connection, RunFilter(where=asked)).runs == len(kept)
    assert len(found_runs(connection, RunFilter())) == len(runs())


@pytest.mark.parametrize(
    "asked", ["", "width >= 8 and risk < 1", "arm like '%\\%' or arm contains '100%'", "arm = 'it''s'"]
)
def test_the_sql_of_a_table_gives_the_table(connection: Connection, asked: str) -> None:
    columns = (
        "experiment",
        "cell",
        "status",
        "started_at",
        "param.width",
        "param.arm",
        "param.shuffled",
        "metric.risk",
    )
    runs, sort = RunFilter(where=asked), (SortKey("metric.risk", descending=True),)
    table = run_table(connection, runs, columns, sort)
    sql = run_table_sql(connection, runs, columns, sort)
    rows = connection.exec_driver_sql(sql, execution_options={"no_parameters": True}).all()
    assert [row[0] for row in rows] == table["run"].tolist() == found_runs(connection, runs, sort).tolist()
    assert [row[-1] for row in rows] == [None if risk != risk else risk for risk in table["risk"].tolist()]


def test_a_table_has_the_types_that_analysts_expect(connection: Connection) -> None:
    table = run_table(
        connection,
        RunFilter(experiment="made", where="revision = 1 and status = ok"),
        ("seed", "param.width", "param.rate", "param.arm", "param.shuffled", "metric.risk", "metric.time", "no such"),
        (SortKey("run"),),
    )
    assert list(table.columns) == ["run", "seed", "width", "rate", "arm", "shuffled", "risk", "time"]
    assert [table[name].dtype.kind for name in ("seed", "width", "rate", "shuffled", "risk")] == [
        "i",
        "i",
        "f",
        "b",
        "f",
    ]
    expected = [run for run in runs() if of_made(run) and run.status == "ok"]
    assert table["width"].tolist() == [run.params["width"] for run in expected]
    assert table["shuffled"].tolist() == [run.params["shuffled"] for run in expected]
    assert table["arm"].tolist() == [run.params["arm"] for run in expected]
    assert table["risk"].tolist() == [run.metrics["risk"] for run in expected]
    assert table["time"].isna().tolist() == ["time" not in run.metrics for run in expected]


def test_counts_are_those_of_the_runs_that_pass(connection: Connection) -> None:
    counted = found_counts(connection, RunFilter(where="seed >= 3"))
    expected = [run for run in runs() if run.seed >= 3]
    assert counted.runs == len(expected)
    assert counted.failed == 1
    assert counted.seeds == len({run.seed for run in expected})
    assert counted.cells == len({(run.experiment, run.revision, repr(run.params)) for run in expected})
