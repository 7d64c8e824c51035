"""Linear classifiers: the run against attacks by brute force and by hand."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.networks.relu import ReluNetwork
from experiments.suite.linear_margin import EPSILONS, Params, missed_flips, predicted_accuracy, run


def test_the_formula_at_the_stated_sizes() -> None:
    found = [predicted_accuracy(Params(dimension=20, epsilon=epsilon)) for epsilon in (0.0, 0.1, 0.2, 0.4)]
    assert found == pytest.approx([0.987326, 0.963181, 0.910144, 0.672640], abs=5e-7)


def test_no_change_within_the_distance_of_random_ones_does_better() -> None:
    """20,000 changes on the surface of the cube, and its corners, against the margin |w.x|/|w|_1."""
    rng = np.random.default_rng(0)
    w, x = rng.standard_normal(6), rng.standard_normal(6)
    distance = abs(w @ x) / np.abs(w).sum()
    corners = rng.integers(0, 2, (20_000, 6)) * 2.0 - 1
    changed = np.sign((x + 1.001 * distance * corners) @ w) != np.sign(w @ x)
    assert changed.any()
    assert (corners[changed] == -np.sign(w @ x) * np.sign(w)).all()
    assert not (np.sign((x + 0.999 * distance * corners) @ w) != np.sign(w @ x)).any()


def test_a_wrong_distance_misses() -> None:
    w = np.array([[3.0], [4.0]])
    network = ReluNetwork((w,), (np.zeros(1),))
    x = np.random.default_rng(0).standard_normal((50, 2))
    margin = np.abs(x @ w)[:, 0]
    assert missed_flips(network, x, margin / 5, "l2") == 0
    assert missed_flips(network, x, margin / 7, "linf") == 0
    assert missed_flips(network, x, margin / 5, "linf") == 50
    assert missed_flips(network, x, margin / 7, "l2") == 50


def test_the_curves_of_all_methods_agree_and_start_at_the_accuracy() -> None:
    outcome = run(Params(dimension=50, samples=5), np.random.default_rng(0))
    for norm in ("l2", "linf"):
        exact = outcome.curves[f"exact_{norm}"]
        assert exact.x.tolist() == EPSILONS.tolist()
        assert (np.diff(exact.y) <= 0).all()
        for method in ("certified", "pgd", "fgsm"):
            assert outcome.curves[f"{method}_{norm}"].y.tolist() == exact.y.tolist()
    assert outcome.curves["points_l2"].y[0] == outcome.metrics["accuracy"]


def test_same_seed_gives_the_same_bits() -> None:
    params = Params(dimension=20, samples=5)
    first, again, other = (run(params, np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert first.metrics == again.metrics
    assert first.metrics != other.metrics
