"""Data sets: those that scikit-learn carries, and what becomes of a table of one's own, whole or broken."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.networks import own_table
from experiments.networks.datasets import REAL, load, plane, sample, shape
from experiments.networks.own_table import FOLDER, OwnTableError, name_of, read

ROWS = 60


@pytest.fixture
def houses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two columns of numbers, one of text, and a price that they explain."""
    monkeypatch.setenv(FOLDER, str(tmp_path))
    load.cache_clear()
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"rooms": rng.integers(1, 8, ROWS), "area": rng.uniform(30, 200, ROWS)})
    frame["town"] = np.where(rng.random(ROWS) < 0.5, "north", "south")
    frame["price"] = 1.5 * frame["area"] + 20.0 * frame["rooms"]
    frame.to_csv(tmp_path / "houses.csv", index=False)
    frame.to_parquet(tmp_path / "houses.parquet")
    return tmp_path


@pytest.mark.parametrize(("name", "rows", "inputs"), [("diabetes", 442, 10), ("wine", 178, 13), ("digits", 1797, 64)])
def test_real_data_are_standardised(name: str, rows: int, inputs: int) -> None:
    whole = load(name)
    assert whole.X.shape == (rows, inputs)
    constant = np.ptp(whole.X, axis=0) == 0
    np.testing.assert_allclose(whole.X.mean(0), 0, atol=1e-12)
    np.testing.assert_allclose(whole.X.std(0), np.where(constant, 0, 1), atol=1e-12)
    assert (whole.y.mean(), whole.y.std()) == (pytest.approx(0, abs=1e-12), pytest.approx(1))
    assert whole.signal is None


def test_classes_are_the_first_against_the_others() -> None:
    from sklearn.datasets import load_wine

    assert np.array_equal(load("wine").labels, load_wine().target == 0)
    assert len(np.unique(load("wine").y)) == 2
    assert len(np.unique(load("diabetes").y)) > 200


def test_a_sample_repeats_no_point_and_knows_its_bounds() -> None:
    assert len(np.unique(sample("diabetes", 100, np.random.default_rng(1)).X, axis=0)) == 100
    with pytest.raises(ValueError, match="the data set diabetes has 442 points, not 443"):
        sample("diabetes", 443, np.random.default_rng(0))
    with pytest.raises(ValueError, match="no data set called 'iris': diabetes, wine, breast cancer, digits"):
        load("iris")


@pytest.mark.parametrize("name", REAL)
def test_the_plane_is_that_of_the_principal_components(name: str) -> None:
    from sklearn.decomposition import PCA

    X = load(name).X
    expected = PCA(n_components=2, whiten=True, svd_solver="full").fit_transform(X)
    found = plane(X)
    np.testing.assert_allclose(found.std(axis=0), 1)
    correlations = [abs(np.corrcoef(found[:, i], expected[:, i])[0, 1]) for i in range(2)]
    assert correlations == [pytest.approx(1), pytest.approx(1)]


@pytest.mark.parametrize("file", ["houses.csv", "houses.parquet"])
def test_an_own_table_is_read_whatever_its_format(houses: Path, file: str) -> None:
    name = name_of(houses / file, None)
    assert name.startswith(f"{file}:price@")
    assert own_table.is_own(name)
    X, y = read(name)
    frame = pd.read_parquet(houses / "houses.parquet")
    assert np.array_equal(X[:, :2], frame[["rooms", "area"]])
    assert np.array_equal(X[:, 2:], np.stack([frame["town"] == "north", frame["town"] == "south"], axis=1))
    assert np.array_equal(y, frame["price"])
    assert (shape(name).points, shape(name).inputs) == (ROWS, 4)


def test_a_target_of_text_is_a_class(houses: Path) -> None:
    name = name_of(houses / "houses.csv", "town")
    assert np.array_equal(load(name).labels, pd.read_csv(houses / "houses.csv")["town"] == "north")


def test_another_content_is_another_name_and_the_old_one_is_refused(houses: Path) -> None:
    file = houses / "houses.csv"
    before = name_of(file, None)
    assert name_of(file, None) == before
    file.write_text(file.read_text().replace("\n1,", "\n2,", 1))
    assert name_of(file, None) != before
    with pytest.raises(OwnTableError, match=r"houses\.csv is not the one of this run: its content has changed"):
        read(before)
    file.unlink()
    with pytest.raises(OwnTableError, match="cannot be read: No such file"):
        read(before)


BROKEN = {
    "few.csv": ("a,b,y\n" + "1,2,3\n" * 10, "has 10 rows and 3 columns; at least 40 rows"),
    "thin.csv": ("a,y\n" + "1,2\n" * 50, "has 50 rows and 2 columns"),
    "gaps.csv": ("a,b,y\n" + "1,2,3\n" * 50 + "1,,3\n", "has empty cells in b; fill them"),
    "words.csv": ("a,b,y\n" + "".join(f"1,word {i},{i}\n" for i in range(50)), "holds 50 different texts"),
    "same.csv": ("a,b,y\n" + "1,2,3\n" * 50, "The column y of the table same.csv is constant"),
    "endless.csv": ("a,b,y\n" + "".join(f"1,inf,{i}\n" for i in range(50)), "not finite"),
    "empty.csv": ("", "cannot be read as csv: No columns"),
    "torn.csv": ('a,b,y\n1,2,3\n"', "cannot be read as csv: "),
    "text.parquet": ("a,b,y\n", "cannot be read as parquet: "),
    "table.xls": ("", r"is a \.csv or \.parquet file, which table\.xls is not"),
}


@pytest.mark.parametrize("file", BROKEN)
def test_a_broken_table_gets_one_sentence(tmp_path: Path, file: str) -> None:
    content, sentence = BROKEN[file]
    (tmp_path / file).write_text(content)
    with pytest.raises(OwnTableError, match=sentence) as refused:
        name_of(tmp_path / file, None)
    assert "\n" not in str(refused.value)


def test_a_column_that_is_not_there_is_named(houses: Path) -> None:
    with pytest.raises(OwnTableError, match="has no column cost; it has rooms, area, town, price"):
        name_of(houses / "houses.csv", "cost")
