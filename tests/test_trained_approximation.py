"""What training finds: the guide's wrong gradient as it stands, the limit of stability, and the oracle."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from experiments.networks.pieces import shallow_output
from experiments.spec import Outcome
from experiments.suite.trained_approximation import (
    GUIDE,
    Params,
    X,
    Y,
    greatest_eigenvalue,
    run,
    train,
)

Floats = NDArray[np.float64]


def outcome(params: Params, seed: int = 0) -> Outcome:
    return run(params, np.random.default_rng(seed))


def legacy_start(seed: int) -> Floats:
    """w1, b1, w2, b2 in the order in which the guide draws them."""
    return np.random.RandomState(seed).randn(61)


def snippet_steps(seed: int) -> tuple[int, int]:
    """The guide's loop: steps until the loss exceeds 1e12, and until an output is no finite number."""
    legacy = np.random.RandomState(seed)
    x = np.linspace(-5, 5, 200)
    y = np.sin(x) + 0.5 * np.cos(2 * x)
    w1, b1, w2, b2 = legacy.randn(1, 20), legacy.randn(20), legacy.randn(20, 1), legacy.randn(1)

    def forward() -> Floats:
        return np.asarray(np.dot(np.maximum(0, np.dot(x.reshape(-1, 1), w1) + b1), w2) + b2)

    huge = 0
    with np.errstate(all="ignore"):
        for step in range(1, 100):
            y_pred = forward()
            grad = 2 * (y_pred - y.reshape(-1, 1)) / len(x)
            w2 -= 0.01 * np.dot(forward().T, grad).T
            b2 -= 0.01 * np.sum(grad)
            loss = np.mean((forward() - y.reshape(-1, 1)) ** 2)
            huge = huge or (step if not loss < 1e12 else 0)
            if not np.isfinite(forward()).all():
                return huge, step
    raise AssertionError("the guide's training does not diverge")


def test_the_snippet_diverges_as_recorded_and_ours_with_it() -> None:
    steps = [snippet_steps(seed) for seed in range(20)]
    assert (min(huge for huge, _ in steps), max(huge for huge, _ in steps)) == (3, 18)
    assert (min(last for _, last in steps), max(last for _, last in steps)) == (9, 24)
    ours = [train(GUIDE, legacy_start(seed)) for seed in range(20)]
    assert [trained.steps for trained in ours] == [huge for huge, _ in steps]
    assert all(trained.diverged for trained in ours)


def test_with_the_right_gradient_it_trains_as_recorded() -> None:
    starts = [legacy_start(seed) for seed in range(20)]
    eigenvalues = [greatest_eigenvalue(theta) for theta in starts]
    assert [min(eigenvalues), max(eigenvalues)] == pytest.approx([58.7, 186.4], abs=0.05)
    recorded = {"head": (0.085, 0.043, 0.172), "all": (0.016, 0.0042, 0.0686)}
    for training, (median, least, most) in recorded.items():
        errors = []
        for theta in starts:
            trained = train(Params(training=training), theta)
            w, b, v = trained.theta[:-1].reshape(3, 20)
            errors.append(float(np.mean((shallow_output(w, b, v, X) + trained.theta[-1] - Y) ** 2)))
        assert [np.median(errors), min(errors), max(errors)] == pytest.approx([median, least, most], rel=0.02)
    assert Y.var() == pytest.approx(0.659, abs=5e-4)


def test_the_limit_of_stability_parts_rates() -> None:
    stable = outcome(Params(training="head at limit", rate=0.95))
    unstable = outcome(Params(training="head at limit", rate=1.05))
    assert (stable.metrics["diverged"], unstable.metrics["diverged"]) == (0, 1)
    assert "mse" not in unstable.metrics
    assert unstable.curves["loss"].y[-1] > 1e3


def test_adam_fits_and_stays_above_the_oracle() -> None:
    found = outcome(Params(neurons=32, training="adam", steps=6000))
    assert found.metrics["mse"] < 0.2
    assert found.metrics["over_oracle"] > 1
    assert found.metrics["pieces"] <= 33
    assert found.curves["loss"].y[-1] < found.curves["loss"].y[0]
    assert len(found.fields()["knots"]["x"]) == found.metrics["pieces"] + 1


def test_same_seed_gives_the_same_bits() -> None:
    params = Params(neurons=8, training="adam", steps=500)
    assert outcome(params).metrics == outcome(params).metrics
    assert outcome(params).metrics != outcome(params, seed=1).metrics


def test_an_unknown_training_is_refused() -> None:
    with pytest.raises(ValueError, match="no training called 'luck'"):
        outcome(Params(training="luck"))
