"""The moons: the guide's own network and star, the sandwich on networks known from elsewhere, and reproducibility."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from experiments.networks.classifiers import Trained, train_classifier
from experiments.networks.distances import NORMS, decision_boundary, nearest_on_segments
from experiments.networks.regions import linear_regions
from experiments.networks.robustness import METHODS, measure_radii, robust_accuracy
from experiments.suite.adversarial_moons import EPSILONS, FURTHER, Params, run

Floats = NDArray[np.float64]
Moons = tuple[Floats, NDArray[np.int64]]


@pytest.fixture(scope="module")
def moons() -> Moons:
    from sklearn.datasets import make_moons

    x, y = make_moons(n_samples=100, noise=0.1, random_state=0)
    return x, y


@pytest.fixture(scope="module")
def guide(moons: Moons) -> Trained:
    return train_classifier(*moons, hidden=(10,), seed=0, solver="adam", alpha=1e-4, iterations=200)


@pytest.fixture(scope="module")
def trained_to_the_end(moons: Moons) -> Trained:
    return train_classifier(*moons, hidden=(10,), seed=0, solver="lbfgs", alpha=0.01, iterations=500)


def test_the_snippet_with_the_import_warns_and_asks_for_a_method_that_is_not_there(moons: Moons) -> None:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    classifier = MLPClassifier(hidden_layer_sizes=(10,), random_state=0)
    with pytest.warns(ConvergenceWarning):
        classifier.fit(*moons)
    assert classifier.score(*moons) == pytest.approx(0.78)
    with pytest.raises(AttributeError, match="'MLPClassifier' object has no attribute 'loss_gradient'"):
        classifier.loss_gradient(moons[0][50:51], [moons[1][50]])


def test_the_guides_star_is_not_adversarial(moons: Moons, guide: Trained) -> None:
    x, y = moons[0][50], int(moons[1][50])

    def log_loss(at: Floats) -> Floats:
        return np.logaddexp(0, -(2 * y - 1) * guide.network(at))

    value, slope = guide.network.value_and_gradient(x[np.newaxis])
    gradient = -(2 * y - 1) / (1 + np.exp((2 * y - 1) * value)) * slope[0]
    step = 1e-5 * np.eye(2)
    np.testing.assert_allclose(gradient, (log_loss(x + step) - log_loss(x - step)) / 2e-5, atol=1e-8)
    np.testing.assert_allclose(gradient, [-0.19575, 0.13402], atol=5e-6)
    star = x + 0.2 * gradient / np.linalg.norm(gradient)
    assert guide.network(np.stack([x, star])).min() > 0
    np.testing.assert_allclose(x, [1.71571634, 0.00383596], atol=5e-9)


def test_exact_distances_of_point_50_are_as_the_snippet_record_says(moons: Moons, guide: Trained) -> None:
    boundary = decision_boundary(guide.network, moons[0])
    for norm, distance in (("l2", 1.155570), ("linf", 0.831306)):
        (found,) = nearest_on_segments(moons[0][50:51], *boundary, "l2" if norm == "l2" else "linf").distance
        assert found == pytest.approx(distance, abs=5e-7)
    assert len(linear_regions(guide.network, (-10.0, -10.0), (10.0, 10.0))) == 52


def test_training_accuracy_is_as_the_snippet_record_says(
    moons: Moons, guide: Trained, trained_to_the_end: Trained
) -> None:
    x, y = moons
    longer = train_classifier(x, y, hidden=(10,), seed=0, solver="adam", alpha=1e-4, iterations=5000)
    assert not guide.converged
    assert longer.converged
    found = [np.mean((net.network(x) > 0) == (y == 1)) for net in (guide, longer, trained_to_the_end)]
    assert found == pytest.approx([0.78, 0.88, 1.00])


def test_robust_accuracies_agree_with_an_independent_study(moons: Moons, trained_to_the_end: Trained) -> None:
    """Found by other code for the same data and options. L-BFGS magnifies the last bits of matrix products, which
    differ between machines, so its network does not come out the same everywhere: two points of 100 may differ."""
    network, (x, y) = trained_to_the_end.network, moons
    epsilons = np.array([0.1, 0.2, 0.3, 0.4])
    radii = measure_radii(
        network, x, decision_boundary(network, x), "linf", epsilons, FURTHER, np.random.default_rng(0)
    )
    accuracy = robust_accuracy(radii, epsilons, (network(x) > 0) == (y == 1))
    expected = {
        "certified": [0.89, 0.57, 0.26, 0.04],
        "exact": [0.99, 0.83, 0.48, 0.09],
        "pgd": [0.99, 0.83, 0.49, 0.15],
        "fgsm": [0.99, 0.83, 0.58, 0.32],
    }
    for method in METHODS:
        np.testing.assert_allclose(accuracy[method], expected[method], atol=0.0201)


@pytest.mark.parametrize("which", ["guide", "trained_to_the_end"])
def test_the_sandwich_holds_at_every_point(which: str, moons: Moons, request: pytest.FixtureRequest) -> None:
    network, x = request.getfixturevalue(which).network, moons[0]
    boundary = decision_boundary(network, x)
    for norm in NORMS:
        radii = measure_radii(network, x, boundary, norm, EPSILONS, FURTHER, np.random.default_rng(0))
        assert np.all(radii.lipschitz <= radii.certified + 1e-9)
        assert np.all(radii.certified <= radii.exact + 1e-9)
        assert np.all(radii.exact <= radii.attack + 1e-9)
        assert radii.certified.min() > 0
        assert np.isfinite(radii.attack).all()


def test_same_seed_gives_the_same_bits_whatever_ran_before() -> None:
    cell = Params(width=6, samples=40, iterations=40)
    first = run(cell, np.random.default_rng(3))
    run(Params(width=4, samples=30, iterations=20), np.random.default_rng(1))
    again = run(cell, np.random.default_rng(3))
    assert first.metrics == again.metrics
    assert first.curves.keys() == again.curves.keys()
    for name in first.curves:
        np.testing.assert_array_equal(first.curves[name].y, again.curves[name].y)
    fields, fields_again = first.fields(), again.fields()
    for name, arrays in fields.items():
        for part, values in arrays.items():
            np.testing.assert_array_equal(values, fields_again[name][part])


def test_a_run_has_finite_numbers_and_small_fields() -> None:
    outcome = run(Params(width=12, depth=2, samples=60, iterations=60), np.random.default_rng(0))
    assert all(np.isfinite(value) for value in outcome.metrics.values())
    assert outcome.metrics["out_of_order"] == 0
    fields = outcome.fields()
    assert all(np.isfinite(part).all() for arrays in fields.values() for part in arrays.values())
    assert sum(part.nbytes for arrays in fields.values() for part in arrays.values()) < 500_000
    x1 = np.stack([fields["adversarial_l2"]["x1"], fields["adversarial_l2"]["y1"]], axis=1)
    x0 = np.stack([fields["data"]["x"], fields["data"]["y"]], axis=1)
    assert np.median(np.linalg.norm(x1 - x0, axis=1)) == outcome.metrics["median_distance_l2"]
