"""Certificates hold and attacks succeed where they say so; on linear networks all of them are exact."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.networks.adversarial_training import worst_points
from experiments.networks.attacks import attack_radius, fgsm, pgd
from experiments.networks.certificates import interval_margin, interval_radius, lipschitz_constant, lipschitz_radius
from experiments.networks.distances import NORMS, Norm, length
from experiments.networks.relu import ReluNetwork
from experiments.networks.robustness import METHODS, measure_radii, robust_accuracy
from tests.networks.random_relu import random_network

both_norms = pytest.mark.parametrize("norm", NORMS)
EPSILONS = np.array([0.0, 0.1, 0.3, 1.0])


@both_norms
@pytest.mark.parametrize("units", [(2, 9), (4, 7, 6)])
def test_no_sampled_slope_exceeds_the_lipschitz_constant(norm: Norm, units: tuple[int, ...]) -> None:
    network, rng = random_network(*units), np.random.default_rng(0)
    a, b = rng.standard_normal((2, 20_000, units[0]))
    slopes = np.abs(network(a) - network(b)) / length(a - b, norm)
    assert 0.1 * lipschitz_constant(network, norm) < slopes.max() <= lipschitz_constant(network, norm)


@pytest.mark.parametrize("units", [(2, 9), (4, 7, 6)])
def test_interval_arithmetic_bounds_every_sample_of_the_cube(units: tuple[int, ...]) -> None:
    network, rng = random_network(*units), np.random.default_rng(0)
    x, radius = rng.standard_normal((30, units[0])), rng.uniform(0, 1, 30)
    bound = interval_margin(network, x, radius)
    side = np.where(network(x) > 0, 1, -1)
    for _ in range(500):
        assert np.all(side * network(x + radius[:, None] * rng.uniform(-1, 1, x.shape)) >= bound - 1e-12)
    proved = interval_radius(network, x)
    assert np.all(interval_margin(network, x, proved) >= -1e-12)
    assert np.all(interval_margin(network, x, 1.0001 * proved) < 0)
    assert np.all(lipschitz_radius(network, x, "linf") <= proved * (1 + 1e-12))


@both_norms
def test_on_a_linear_network_certificates_and_attacks_meet(norm: Norm) -> None:
    w, b = np.array([[1.0], [-2.0], [0.5]]), np.array([0.3])
    network, rng = ReluNetwork((w,), (b,)), np.random.default_rng(0)
    x = rng.standard_normal((30, 3))
    exact = np.abs(x @ w + b)[:, 0] / (np.abs(w).sum() if norm == "linf" else np.linalg.norm(w))
    np.testing.assert_allclose(lipschitz_radius(network, x, norm), exact, rtol=1e-12)
    if norm == "linf":
        np.testing.assert_allclose(interval_radius(network, x), exact, rtol=1e-12)
    attack = fgsm(network, x, EPSILONS, norm)
    np.testing.assert_array_equal(attack.success, exact < EPSILONS[:, np.newaxis])
    found = attack_radius(network, x, attack, norm)
    np.testing.assert_allclose(found, np.where(exact < 1.0, exact, np.inf), rtol=1e-12)


@both_norms
def test_attacks_stay_in_their_balls_and_tell_the_truth(norm: Norm) -> None:
    network, rng = random_network(2, 10, 10), np.random.default_rng(0)
    x = rng.uniform(-2, 2, (50, 2))
    says = network(x) > 0
    step, descent = fgsm(network, x, EPSILONS, norm), pgd(network, x, EPSILONS, norm, rng)
    for attack in (step, descent):
        assert np.all(length(attack.point - x, norm) <= EPSILONS[:, np.newaxis] + 1e-12)
        changed = network(attack.point.reshape(-1, 2)).reshape(4, 50) > 0
        np.testing.assert_array_equal(changed != says, attack.success)
    assert np.all(step.success <= descent.success)
    assert not descent.success[0].any()
    assert descent.success.any()
    radius = attack_radius(network, x, descent, norm)
    np.testing.assert_array_equal(np.isfinite(radius), descent.success.any(axis=0))
    first = EPSILONS[descent.success.argmax(axis=0)]
    assert np.all(radius[np.isfinite(radius)] <= first[np.isfinite(radius)] + 1e-12)


@both_norms
def test_all_points_and_radii_at_once_are_attacked_as_each_alone(norm: Norm) -> None:
    network, rng = random_network(2, 10, 10), np.random.default_rng(0)
    x = rng.uniform(-2, 2, (20, 2))
    together = pgd(network, x, EPSILONS, norm, rng, restarts=0)
    for i in range(len(x)):
        for j in range(len(EPSILONS)):
            alone = pgd(network, x[i : i + 1], EPSILONS[j : j + 1], norm, rng, restarts=0)
            assert alone.success[0, 0] == together.success[j, i]
            # 20 steps, in each of which products of another shape may round otherwise
            np.testing.assert_allclose(alone.point[0, 0], together.point[j, i], atol=1e-12)


def test_the_worst_points_of_a_batch_are_those_of_each_alone() -> None:
    network, rng = random_network(2, 16), np.random.default_rng(0)
    x = rng.uniform(-2, 2, (40, 2))
    side = np.where(x[:, 0] > 0, 1.0, -1.0)
    together = worst_points(network, x, side, 0.2, 5, np.random.default_rng(1))
    draws = np.random.default_rng(1)
    alone = [worst_points(network, x[i : i + 1], side[i : i + 1], 0.2, 5, draws) for i in range(len(x))]
    np.testing.assert_allclose(np.concatenate(alone), together, atol=1e-12)


def test_more_restarts_never_undo_an_attack() -> None:
    network, x = random_network(2, 10, 10), np.random.default_rng(0).uniform(-2, 2, (50, 2))
    few, many = (
        pgd(network, x, EPSILONS, "linf", np.random.default_rng(1), restarts=restarts).success for restarts in (0, 3)
    )
    assert np.all(few <= many)


def test_robust_accuracy_counts_only_points_that_are_right() -> None:
    network = ReluNetwork((np.array([[1.0], [0.0]]),), (np.zeros(1),))
    x = np.array([[0.2, 0.0], [0.4, 0.0], [-0.6, 0.0], [5.0, 0.0]])
    boundary = (np.array([[0.0, -9.0]]), np.array([[0.0, 9.0]]))
    epsilons = np.array([0.0, 0.3, 0.5])
    radii = measure_radii(network, x, boundary, "linf", epsilons, np.array([2.0]), np.random.default_rng(0))
    accuracy = robust_accuracy(radii, epsilons, np.array([True, True, True, False]))
    for method in METHODS:
        np.testing.assert_array_equal(accuracy[method], [0.75, 0.5, 0.25])
