"""Values that theory gives come out of the store by SQL, at the configurations for which it gives them.

They are the rows of values.csv: identities, bounds that are attained, expectations; numbers from the literature or of a
derivation that the experiment's text or its formula gives, written out again, or computed by SQL in `expected`. The SQL
`found` is asked for each seed of the `cells`. A row without a `spread` must hold at every seed, within the `rounding`
of the number as it is written. In the others the mean over seeds may be five of its standard errors off besides, by the
spread that twenty seeds of a run had: among 90 such values a false alarm comes less than once in a hundred times.
"""

from __future__ import annotations

import contextlib
import csv
import math
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from experiments.batch import Cell, plan
from experiments.batch.environment import describe_batch
from experiments.batch.worker import order, work
from experiments.catalog import describe, find
from storage.records import Value as Parameter
from storage.store import open_writer

SEEDS = 8
SEEDS_OF_EXACT = 2
ERRORS = 5.0
ENTRIES = find()


class Value(NamedTuple):
    experiment: str
    cells: str
    found: str
    expected: str
    rounding: str
    spread: str
    what: str


with (Path(__file__).parent / "values.csv").open(newline="") as table:
    VALUES = [Value(**row) for row in csv.DictReader(table)]


def speaks_of(value: Value, params: Mapping[str, Parameter]) -> bool:
    columns = ", ".join(f'? AS "{name}"' for name in params)
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        query = f"SELECT {value.cells} FROM (SELECT {columns})"
        return bool(connection.execute(query, list(params.values())).fetchone()[0])


def needed() -> list[Cell]:
    """The cells of `standard` that the values speak of, with the seeds that they need."""
    names = {value.experiment for value in VALUES}
    found = []
    for cell in plan([entry for name, entry in ENTRIES.items() if name in names], "standard", SEEDS):
        spreads = [
            value.spread for value in VALUES if value.experiment == cell.entry.name and speaks_of(value, cell.params)
        ]
        if spreads:
            found.append(cell if any(spreads) else Cell(cell.entry, cell.params, cell.keys[:SEEDS_OF_EXACT]))
    return found


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of these cells."""
    path = tmp_path_factory.mktemp("values") / "results.db"
    with contextlib.closing(open_writer(str(path))) as writer:
        writer.describe([describe(entry) for entry in ENTRIES.values()])
        batch = writer.start_batch(describe_batch("standard", 0, []))
        for cell in needed():
            runs = work(order(cell.entry, cell.params, range(len(cell.keys)), cell.keys))
            assert [run.error for run in runs if run.status != "ok"] == []
            writer.record(batch, runs)
    return path


def ask(store: Path, value: Value) -> tuple[Sequence[float], float]:
    """What is found at each seed, and what is expected."""
    query = f"SELECT {value.found}, {value.expected} FROM runs_{value.experiment} WHERE {value.cells} GROUP BY seed"
    with contextlib.closing(sqlite3.connect(store)) as connection:
        rows = connection.execute(query).fetchall()
    return [float(row[0]) for row in rows], float(rows[0][1])


@pytest.mark.parametrize("value", VALUES, ids=lambda value: f"{value.experiment}: {value.what}")
def test_a_value_of_theory_comes_out_of_the_store(store: Path, value: Value) -> None:
    found, expected = ask(store, value)
    if not value.spread:
        assert len(found) >= SEEDS_OF_EXACT
        assert found == pytest.approx([expected] * len(found), rel=1e-14, abs=float(value.rounding))
        return
    assert len(found) == SEEDS
    tolerance = float(value.rounding) + ERRORS * float(value.spread) / math.sqrt(SEEDS)
    assert math.fsum(found) / SEEDS == pytest.approx(expected, rel=1e-14, abs=tolerance)
