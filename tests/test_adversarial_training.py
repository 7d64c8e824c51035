"""Adversarial training: gradients against central differences, attacks inside their cubes, and what training does."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.networks.adversarial_training import loss_gradient, train_adversarially, worst_points
from experiments.networks.relu import ReluNetwork
from experiments.suite.adversarial_training import Params, run


def network(rng: np.random.Generator, width: int = 5) -> ReluNetwork:
    return ReluNetwork(
        (rng.standard_normal((2, width)), rng.standard_normal((width, 1))),
        (rng.standard_normal(width), rng.standard_normal(1)),
    )


def test_gradients_are_those_of_central_differences() -> None:
    rng = np.random.default_rng(0)
    net, x, side = network(rng), rng.standard_normal((7, 2)), rng.choice([-1.0, 1.0], 7)
    _, gradients = loss_gradient(net, x, side)
    arrays = [net.weights[0], net.biases[0], net.weights[1], net.biases[1]]
    for array, gradient in zip(arrays, gradients, strict=True):
        for place in np.ndindex(array.shape):
            kept = array[place]
            array[place] = kept + 1e-6
            up, _ = loss_gradient(net, x, side)
            array[place] = kept - 1e-6
            down, _ = loss_gradient(net, x, side)
            array[place] = kept
            assert gradient[place] == pytest.approx((up - down) / 2e-6, abs=1e-8)


def test_attacks_stay_in_the_cube_and_raise_the_loss() -> None:
    rng = np.random.default_rng(0)
    net, x, side = network(rng), rng.standard_normal((50, 2)), rng.choice([-1.0, 1.0], 50)
    worst = worst_points(net, x, side, 0.2, 5, rng)
    assert np.abs(worst - x).max() <= 0.2 + 1e-15
    assert loss_gradient(net, worst, side)[0] > loss_gradient(net, x, side)[0]


def test_training_fits_separable_points_and_starts_alike_with_and_without_attacks() -> None:
    x = np.array([[-1.0, 0.0], [-1.2, 0.3], [1.0, 0.1], [1.3, -0.2]])
    side = np.array([-1.0, -1.0, 1.0, 1.0])
    fitted, loss = train_adversarially(x, side, width=6, epsilon=0.0, rng=np.random.default_rng(0), steps=200)
    assert loss[-1] < 0.05 < 0.5 * loss[0]
    assert (np.sign(fitted(x)) == side).all()
    one, _ = train_adversarially(x, side, width=6, epsilon=0.0, rng=np.random.default_rng(0), steps=0)
    two, _ = train_adversarially(x, side, width=6, epsilon=0.3, rng=np.random.default_rng(0), steps=0)
    assert one.weights[0].tolist() == two.weights[0].tolist()


def test_same_seed_gives_the_same_bits() -> None:
    params = Params(width=4, attack=0.2)
    first, again, other = (run(params, np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert first.metrics == again.metrics
    assert first.metrics != other.metrics
