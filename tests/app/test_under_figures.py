"""Under every figure of every page: its numbers as CSV and Parquet, its SQL, which gives them, and its picture."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from app.components.figures import foot
from app.pages import all_pages, views
from app.reader import Reader
from app.text.markup import nodes, written
from app.views import Drawn, drawn
from storage import open_store
from storage.records import ExperimentRecord
from storage.store import open_writer
from tests.app import gallery, laboratory, scaling

VIEWS = views(all_pages())
TABLES = {"runs", "compare-metrics", "compare-groups"}
"""Views without a picture."""


@dataclass(frozen=True)
class Asked:
    """A view as a page asks for it: of which store, with which query."""

    store: str
    query: Mapping[str, str]


RUNS = {"runs": "1,2,14"}
GROUPS = {"a": "width = 8 and activation = 'relu'", "b": "width = 16 and activation = 'relu'"}
CONSOLE = "SELECT width, avg(variance) AS variance FROM runs_fluctuation GROUP BY width ORDER BY width"
ASKED: Mapping[str, tuple[Asked, ...]] = {
    "learning": (
        Asked("lab", {}),
        Asked("lab", {"statistic": "median", "along": "step"}),
        Asked("lab", {"statistic": "iqm"}),
    ),
    "width_convergence": (Asked("scaling", {}), Asked("scaling", {"centre": "median"})),
    "rates": (Asked("scaling", {}), Asked("scaling", {"centre": "median"})),
    "robustness": (Asked("scaling", {}), Asked("scaling", {"experiment": "attacked|odd_attacked"})),
    "radii": (Asked("scaling", {}),),
    "boundary": (Asked("scaling", {"experiment": "attacked"}),),
    "runs": (Asked("lab", {"experiment": "fluctuation", "where": "width = 8", "columns": "param.width|seed"}),),
    "sql-chart": (Asked("lab", {"sql": CONSOLE}),),
    "compare-metrics": (Asked("lab", RUNS),),
    "compare-run-curves": (Asked("lab", RUNS), Asked("older", RUNS)),
    "compare-groups": (Asked("lab", GROUPS),),
    "compare-seeds": (Asked("lab", GROUPS),),
    "compare-curves": (Asked("lab", GROUPS),),
    "evidence": (Asked("lab", {"experiment": "fluctuation", "claim": laboratory.FLUCTUATION.claims[0].name}),),
    "size": (Asked("lab", {"experiment": "fluctuation"}), Asked("lab", {"experiment": "fluctuation", "x": "width"})),
    "curves": (Asked("lab", {"experiment": "fluctuation"}),),
    "field": tuple(Asked("gallery", {"experiment": "gallery", "field": info.name}) for info in gallery.GALLERY.fields),
    "plane": (Asked("gallery", {"experiment": "gallery"}),),
    "run-curve": tuple(
        Asked(store, {"run": "1", "curve": laboratory.FLUCTUATION.curves[0].name}) for store in ("lab", "older")
    ),
}
CASES = [(view, asked) for view, of in ASKED.items() for asked in of]


@pytest.fixture(scope="module")
def readers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Reader]]:
    """By name: the small laboratory, the same after its experiments were revised, sizes and attacks, and fields."""
    folder: Path = tmp_path_factory.mktemp("under")
    fills = {"lab": laboratory.fill, "older": laboratory.fill, "scaling": scaling.fill, "gallery": gallery.fill}
    for name, fill in fills.items():
        fill(str(folder / f"{name}.db"))
    with closing(open_writer(str(folder / "older.db"))) as writer:
        writer.describe([revised(laboratory.FLUCTUATION)])
    stores = {name: open_store(str(folder / f"{name}.db")) for name in fills}
    yield {name: Reader(store) for name, store in stores.items()}
    for store in stores.values():
        store.close()


def revised(experiment: ExperimentRecord) -> ExperimentRecord:
    """Its runs so far are of an older revision."""
    return replace(experiment, revision=experiment.revision + 1)


def test_every_view_of_every_page_is_asked_for_here() -> None:
    assert set(ASKED) == set(VIEWS)


@pytest.mark.parametrize(("view", "asked"), CASES)
def test_the_foot_offers_numbers_sql_and_a_picture(readers: dict[str, Reader], view: str, asked: Asked) -> None:
    made = drawn(readers[asked.store], VIEWS[view], asked.query)
    if view not in TABLES:
        assert made.figure["data"]
    text = written(nodes(foot(view, made, asked.query)))
    for kind in ("csv", "parquet", "html"):
        assert re.search(rf'href="/export/{view}\.{kind}\?', text)
    assert "save-svg" in text
    assert "<summary>SQL</summary>" in text
    assert "/sql?sql=" in text


@pytest.mark.parametrize(("view", "asked"), CASES)
def test_the_sql_gives_the_numbers(readers: dict[str, Reader], view: str, asked: Asked) -> None:
    """Every number that both have, row by row; where the SQL gives arrays, what they hold."""
    read = readers[asked.store]
    made = drawn(read, VIEWS[view], asked.query)
    answer = read.answers.first(made.sql)
    assert answer.ended
    table = pd.DataFrame(list(answer.rows), columns=list(answer.columns))
    if "arrays" in table.columns:
        _compare_arrays(made, table, read)
    else:
        _compare_rows(made.numbers, table)


def _compare_rows(numbers: pd.DataFrame, table: pd.DataFrame) -> None:
    if {"value", "seed"} <= set(table.columns) and "value" not in numbers:  # of a median the values that it is of
        by = [name for name in table.columns if name not in ("value", "seed")]
        table = table.groupby(by, dropna=False)["value"].median().rename("median").reset_index()
    if "seed" in numbers and "seed" in table and numbers["seed"].isna().any():
        numbers = numbers[numbers["seed"].notna()]  # means stand under the points that they are of
    common = [name for name in table.columns if name in numbers.columns]
    values = [name for name in common if pd.api.types.is_float_dtype(table[name].dtype)]
    assert values or set(common) == set(numbers.columns)
    known = numbers[numbers[values].notna().any(axis=1)] if values else numbers
    assert len(table) == len(known)
    ours, theirs = (_sorted(frame[common]) for frame in (known, table))
    for name in common:
        if pd.api.types.is_numeric_dtype(theirs[name].dtype):
            np.testing.assert_allclose(
                ours[name].astype(float), theirs[name].astype(float), rtol=1e-9, atol=1e-12, err_msg=name
            )
        else:
            assert ours[name].fillna("").astype(str).tolist() == theirs[name].fillna("").astype(str).tolist()


def _sorted(frame: pd.DataFrame) -> pd.DataFrame:
    """In an order that rounding does not change."""
    keys = frame.apply(lambda held: held.astype(float).round(6) if pd.api.types.is_numeric_dtype(held.dtype) else
                       held.fillna("").astype(str))  # fmt: skip
    order = keys.reset_index(drop=True).sort_values(list(keys.columns)).index
    return frame.take(list(order)).reset_index(drop=True)


def _compare_arrays(made: Drawn, table: pd.DataFrame, read: Reader) -> None:
    """Each as the comments over the SELECT say."""
    held: dict[tuple[int, str], dict[str, Any]] = {}
    for run, name, arrays in zip(table["run"], table["name"], table["arrays"], strict=True):
        held[run, name] = dict(np.load(io.BytesIO(arrays)))
        for array, values in held[run, name].items():
            assert f"{array} ({', '.join(map(str, values.shape))})" in made.sql
    numbers = made.numbers
    if "radius" in numbers:
        assert {run for run, _ in held} == set(numbers["run"])
        for (run, _), arrays in held.items():
            lengths = np.hypot(arrays["x1"] - arrays["x0"], arrays["y1"] - arrays["y0"])
            np.testing.assert_allclose(numbers.loc[numbers["run"] == run, "radius"], np.sort(lengths))
        return
    assert {name for _, name in held} <= set(numbers["field"])
    for (_, name), arrays in held.items():
        for array, values in arrays.items():
            of = numbers[(numbers["field"] == name) & (numbers["array"] == array)]
            np.testing.assert_array_equal(of["value"], values.ravel())
    for law in set(numbers["field"]) - {name for _, name in held}:
        statement = "\n".join(line[3:] for line in made.sql.partition("The lines over it:")[2].splitlines()
                              if line.startswith("-- "))  # fmt: skip
        points = pd.DataFrame(
            list(read.answers.first(statement).rows), columns=list(read.answers.first(statement).columns)
        )
        of = numbers[numbers["field"] == law]
        np.testing.assert_array_equal(of.loc[of["array"] == "density", "value"], points["y"])
