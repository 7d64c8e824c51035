"""Networks of few neurons: features against least squares by other means, and the oracle that nobody beats."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.spec import Outcome
from experiments.suite.universal_approximation import FITTED_X, Params, broken_line, run
from experiments.theory import best_lines as theory


def outcome(neurons: int, method: str, seed: int = 0) -> Outcome:
    return run(Params(neurons=neurons, method=method), np.random.default_rng(seed))


def test_random_features_are_fitted_as_well_as_numpy_does() -> None:
    line = broken_line(Params(neurons=12, method="random"), np.random.default_rng(0))
    w, b = np.random.default_rng(0).standard_normal((2, 12))
    features = np.column_stack((np.maximum(np.outer(FITTED_X, w) + b, 0), np.ones(1000)))
    head = np.linalg.lstsq(features, theory.values(FITTED_X))[0]
    assert line(FITTED_X) == pytest.approx(features @ head, abs=1e-9)
    assert len(line.knots) == 2 + np.sum(np.abs(b / w) < 5)


def test_interpolants_have_a_piece_a_neuron() -> None:
    for method in ("uniform", "equidistributed"):
        line = broken_line(Params(neurons=9, method=method), np.random.default_rng(0))
        assert len(line.knots) == 10
        assert line.heights == pytest.approx(np.sin(line.knots) + 0.5 * np.cos(2 * line.knots))


def test_equidistributed_knots_are_better_and_the_oracle_best() -> None:
    errors = [outcome(64, method).metrics["sup"] for method in ("oracle", "equidistributed", "uniform")]
    assert errors == sorted(errors)
    assert errors[2] / errors[1] == pytest.approx(37.5 / 17.3, rel=0.02)


def test_a_small_random_network_is_above_the_oracle_too() -> None:
    for seed in range(20):
        assert outcome(4, "random", seed).metrics["over_oracle"] >= 1


def test_the_certificate_is_a_field() -> None:
    certificate = outcome(4, "oracle").fields()["certificate"]
    assert certificate["x"].shape == (15,)
    assert certificate["value"] == pytest.approx(np.full(15, 0.26994), rel=1e-4)


def test_same_seed_gives_the_same_bits() -> None:
    assert outcome(20, "random").metrics == outcome(20, "random").metrics
    assert outcome(20, "random").metrics != outcome(20, "random", seed=1).metrics


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(ValueError, match="no method called 'magic': uniform, equidistributed, random or oracle"):
        outcome(4, "magic")
