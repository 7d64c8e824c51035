"""The language of run filters: what it says and what it refuses, the same on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Connection

from storage.queries import LanguageError
from storage.queries.run_language import MOST_LETTERS, MOST_NESTED, Comparison, Either, Every, Number, Text, parse
from storage.records import RunRecord
from tests.storage.filtered import filled, found, of_made, passing, runs


@pytest.fixture(scope="module")
def connection(each_database: str) -> Iterator[Connection]:
    with filled(each_database) as opened:
        yield opened


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
