"""One contract for every experiment of the laboratory: adding a file adds it to every test here."""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import random
import time
from collections.abc import Iterator
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.utils import check_random_state

from experiments.batch import LocalCrew, execute, plan
from experiments.batch.plan import Cell
from experiments.batch.worker import SEEDS_WITH_FIELDS, order, work
from experiments.catalog import Entry, claim_metrics, describe, find, values
from experiments.claims import PowerLaw, Runs
from experiments.claims.selection import select
from experiments.spec import PROFILES, Experiment, Grid

ENTRIES = find()
GUIDE_SECONDS = 1.0
TWO_DECADES = 100
FIELD_ARRAYS = {
    "surface": {"x", "y", "z"},
    "polygons": {"vertices", "offsets", "value"},
    "points": {"x", "y", "value"},
    "arrows": {"x0", "y0", "x1", "y1"},
    "histogram": {"edges", "density"},
    "network": {"sizes", "weights"},
    "matrix": {"z"},
}

every_experiment = pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES.keys())


class Staying:
    """Workers that stay for the next experiment: starting them takes longer than the runs."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._crew = LocalCrew(size)
        self._hired: Executor | None = None

    def hire(self) -> Executor:
        self._hired = self._hired or self._crew.hire()
        return self._hired

    def dismiss(self) -> None:
        """Leaves them waiting: every test takes in all that it orders."""

    def check(self) -> None:
        return

    def close(self) -> None:
        self._crew.close()


@pytest.fixture(scope="module")
def crews() -> Iterator[tuple[Staying, Staying]]:
    with contextlib.closing(Staying(1)) as one, contextlib.closing(Staying(3)) as three:
        yield one, three


def smallest(entry: Entry) -> list[Cell]:
    """The two quick cells whose first run is fastest: enough to see a contract broken."""
    cells = plan([entry], "quick", seeds=2 if entry.experiment.run_ensemble is None else 4)
    if len(cells) <= 2:
        return list(cells)
    size = entry.experiment.size
    ordered = sorted(cells, key=lambda cell: float(cell.params[size]) if size else 0.0)
    return [ordered[0], ordered[len(ordered) // 3]]


@contextlib.contextmanager
def global_randomness(seed: int) -> Iterator[None]:
    """NumPy's and Python's global generators seeded for the time being, and seen to be where they were afterwards."""
    numpys = check_random_state(None)
    before = random.getstate(), numpys.get_state()
    random.seed(seed)
    numpys.seed(seed)
    begun = repr((random.getstate(), numpys.get_state()))
    try:
        yield
        assert repr((random.getstate(), numpys.get_state())) == begun, "a global generator was drawn from"
    finally:
        random.setstate(before[0])
        numpys.set_state(before[1])


@every_experiment
def test_an_experiment_says_what_it_is(entry: Entry) -> None:
    record = describe(entry)
    assert len(record.text) > 400, "the docstring is what people read: the theorem, the snippet, what is measured"
    assert "$" in record.text
    assert record.claims
    texts = [info.text for info in record.params]
    texts += [info.text for info in record.metrics]
    texts += [info.text for info in record.fields]
    assert all(texts)
    assert all(claim.statement and claim.source and claim.reason and claim.tolerance for claim in record.claims)
    assert record.section


@every_experiment
def test_standard_has_enough_seeds_for_a_verdict(entry: Entry) -> None:
    quick, standard, deep = (entry.experiment.profiles[profile].seeds for profile in PROFILES)
    assert quick >= 1
    assert standard >= 20
    assert deep >= 100


@every_experiment
def test_nothing_heavy_is_imported_and_nothing_is_drawn_when_the_file_is_imported(entry: Entry) -> None:
    tree = ast.parse(entry.path.read_text())
    roots = {
        (node.module or "").split(".")[0] if isinstance(node, ast.ImportFrom) else alias.name.split(".")[0]
        for node in tree.body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert not roots & {"scipy", "sklearn", "numba", "pandas", "plotly", "joblib", "sqlalchemy"}
    assert "np.random.seed" not in entry.path.read_text()


@every_experiment
def test_runs_do_not_depend_on_chunks_workers_or_global_randomness(
    entry: Entry, crews: tuple[Staying, Staying]
) -> None:
    cells = smallest(entry)
    with global_randomness(1):
        together = [run for cell in cells for run in work(order(entry, cell.params, range(len(cell.keys)), cell.keys))]
    with global_randomness(2):
        alone = [
            run
            for cell in reversed(cells)
            for seed in reversed(range(len(cell.keys)))
            for run in work(order(entry, cell.params, [seed], [cell.keys[seed]]))
        ]
    expected = {run.key: run.fingerprint for run in together}
    assert [run.error for run in together if run.status != "ok"] == []
    assert {run.key: run.fingerprint for run in alone} == expected
    for crew in crews:
        found = [run for runs in execute(cells, crew, lambda keys: set(), lambda: False) for run in runs]
        assert {run.key: run.fingerprint for run in found} == expected


@every_experiment
def test_seeds_differ(entry: Entry) -> None:
    """Some cells may hold a fixed network; not all of them."""
    prints = []
    for cell in plan([entry], "quick", seeds=2)[:8]:
        prints.append(len({run.fingerprint for run in work(order(entry, cell.params, range(2), cell.keys))}))
    assert max(prints) == 2


@every_experiment
def test_runs_give_what_is_declared(entry: Entry) -> None:
    metrics: set[str] = set()
    curves: set[str] = set()
    fields: set[str] = set()
    declared = entry.experiment
    for cell in plan([entry], "quick", seeds=1):
        (run,) = work(order(entry, cell.params, [0], cell.keys))
        assert run.error == ""
        metrics |= run.metrics.keys()
        curves |= {curve.name for curve in run.curves}
        fields |= {field.name for field in run.fields}
        for curve in run.curves:
            assert 1 <= curve.x.size <= 400, f"{curve.name} has {curve.x.size} points"
            axes = declared.curves[curve.name]
            assert not axes.x_log or curve.x.min() > 0
            assert not axes.y_log or curve.y.min() > 0
            assert np.all(np.diff(curve.x) > 0), f"{curve.name} goes back in x"
        for field in run.fields:
            assert set(field.arrays) >= FIELD_ARRAYS[field.kind]
    assert metrics == declared.metrics.keys()
    assert curves == declared.curves.keys()
    assert fields == declared.fields.keys()


@every_experiment
def test_no_metric_or_curve_holds_a_time(entry: Entry) -> None:
    record = describe(entry)
    units = {info.unit for info in record.metrics} | {info.unit for info in record.curves}
    assert not units & {"s", "ms", "seconds", "sec"}


@every_experiment
def test_claims_speak_of_cells_of_standard_and_read_metrics_that_are_there(entry: Entry) -> None:
    experiment = entry.experiment
    for name, claim in experiment.claims.items():
        assert any(claim.where(cell) for cell in experiment.profiles["standard"].cells), name
        assert claim_metrics(claim)


def narrow_slopes(experiment: Experiment[Any], profile: str) -> list[str]:
    """The series of power laws whose sizes span less than two decades in the profile."""
    table: Runs[Any] = Runs(experiment.profiles[profile].cells, {})
    return [
        f"{name}, {series}: {claim.x} from {cells.x[places].min():g} to {cells.x[places].max():g}"
        for name, claim in experiment.claims.items()
        if isinstance(claim, PowerLaw)
        for cells in [select(table, claim)]
        for series, places in cells.groups()
        if cells.x[places].max() < (1 - 1e-12) * TWO_DECADES * cells.x[places].min()
    ]


@every_experiment
@pytest.mark.parametrize("profile", ["standard", "deep"])
def test_slopes_are_claimed_over_two_decades(entry: Entry, profile: str) -> None:
    assert narrow_slopes(entry.experiment, profile) == []


def test_a_slope_over_less_than_two_decades_is_found() -> None:
    experiment = ENTRIES["lazy_training"].experiment
    cells = tuple(cell for cell in experiment.profiles["standard"].cells if cell.width < 16_000)
    narrowed = dataclasses.replace(experiment, profiles={"standard": Grid(cells, 20)})
    assert "smooth_kernel, measured: width from 160 to 4000" in narrow_slopes(narrowed, "standard")


@every_experiment
def test_the_guides_own_cell_is_run(entry: Entry) -> None:
    experiment = entry.experiment
    if experiment.guide is None:
        return
    assert experiment.guide in experiment.profiles["standard"].cells
    assert experiment.guide in experiment.profiles["deep"].cells
    cell = next(cell for cell in plan([entry], "standard", seeds=1) if cell.params == values(experiment.guide))
    start = time.process_time()
    (run,) = work(order(entry, cell.params, [0], cell.keys))
    took = time.process_time() - start
    assert run.error == ""
    # Three times the bound, since this includes imports and a machine may be slow: only a gross omission shows.
    if took * 3 < GUIDE_SECONDS:
        assert experiment.guide in experiment.profiles["quick"].cells


def test_each_of_the_seventeen_snippets_is_recorded_once() -> None:
    numbers = [snippet.number for entry in ENTRIES.values() for snippet in entry.experiment.snippets]
    assert len(numbers) == len(set(numbers))
    assert set(numbers) == set(range(1, 18))


def test_parameters_are_frozen() -> None:
    for entry in ENTRIES.values():
        cell = entry.experiment.profiles["quick"].cells[0]
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(cell, dataclasses.fields(cell)[0].name, 0)


def test_kept_fields_are_few() -> None:
    assert SEEDS_WITH_FIELDS == 3


def test_the_suite_folder_holds_experiments_and_nothing_else() -> None:
    folder = Path(next(iter(ENTRIES.values())).path).parent
    assert {path.stem for path in folder.glob("*.py")} == {*ENTRIES, "__init__"}
