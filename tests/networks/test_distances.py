"""Exact distances against fine sampling, closed forms and a referee who looks inside the ball."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.networks.distances import NORMS, Norm, decision_boundary, length, nearest_on_segments
from experiments.networks.relu import ReluNetwork
from tests.networks.random_relu import random_network

both_norms = pytest.mark.parametrize("norm", NORMS)


@both_norms
def test_the_nearest_point_of_a_segment_agrees_with_fine_sampling(norm: Norm) -> None:
    rng = np.random.default_rng(0)
    points, starts, ends = rng.standard_normal((40, 2)), rng.standard_normal((15, 2)), rng.standard_normal((15, 2))
    starts[0], ends[1, 0], ends[2, 1] = ends[0], starts[1, 0], starts[2, 1]  # a point, and segments along the axes
    nearest = nearest_on_segments(points, starts, ends, norm)
    share = np.linspace(0, 1, 20_001)[:, np.newaxis, np.newaxis]
    sampled = (starts + share * (ends - starts)).reshape(-1, 2)
    for point, distance, at in zip(points, nearest.distance, nearest.point, strict=True):
        best = length(sampled - point, norm).min()
        assert distance <= best + 1e-12
        assert distance == pytest.approx(best, abs=5e-4)
        assert length(at - point, norm) == pytest.approx(distance, abs=1e-14)


@both_norms
def test_the_distance_to_a_line_is_the_margin_over_the_dual_norm(norm: Norm) -> None:
    w, b = np.array([[3.0], [-4.0]]), np.array([0.5])
    x = np.random.default_rng(0).standard_normal((50, 2))
    line = ReluNetwork((w,), (b,))
    distance = nearest_on_segments(x, *decision_boundary(line, x), norm).distance
    np.testing.assert_allclose(distance, np.abs(x @ w + b)[:, 0] / (5 if norm == "l2" else 7), rtol=1e-12)


@both_norms
@pytest.mark.parametrize("units", [(2, 6), (2, 20), (2, 8, 8)])
def test_no_decision_changes_inside_the_exact_ball_and_some_do_just_outside(norm: Norm, units: tuple[int, ...]) -> None:
    network = random_network(*units, seed=1)
    rng = np.random.default_rng(0)
    x = rng.uniform(-2, 2, (40, 2))
    nearest = nearest_on_segments(x, *decision_boundary(network, x), norm)
    angle = np.linspace(0, 2 * np.pi, 20_001)
    direction = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    direction /= length(direction, norm)[:, np.newaxis]
    for point, distance in zip(x, nearest.distance, strict=True):
        says = network(point[np.newaxis])[0] > 0
        for share in (0.999999, 0.7, 0.3):
            assert np.all((network(point + share * distance * direction) > 0) == says)
        assert np.any((network(point + 1.001 * distance * direction) > 0) != says)
    np.testing.assert_allclose(network(nearest.point), 0.0, atol=1e-12)


def test_a_boundary_far_outside_the_first_square_is_found() -> None:
    line = ReluNetwork((np.array([[1.0], [0.0]]),), (np.array([-700.0]),))
    x = np.zeros((1, 2))
    assert nearest_on_segments(x, *decision_boundary(line, x), "l2").distance[0] == pytest.approx(700, rel=1e-12)


def test_a_boundary_near_the_squares_side_does_not_hide_a_nearer_one_outside() -> None:
    # f = relu(x - 9.9) + relu(-x - 10.5) - 0.05: zero at x = 9.95, inside, and at x = -10.55, outside.
    network = ReluNetwork(
        (np.array([[1.0, -1.0], [0.0, 0.0]]), np.ones((2, 1))), (np.array([-9.9, -10.5]), np.array([-0.05]))
    )
    x = np.array([[-9.0, 0.0]])
    assert nearest_on_segments(x, *decision_boundary(network, x), "linf").distance[0] == pytest.approx(1.55)


def test_without_a_boundary_the_distance_is_infinite() -> None:
    constant = ReluNetwork((np.array([[1.0], [0.0]]), np.ones((1, 1))), (np.zeros(1), np.ones(1)))
    x = np.array([[0.3, 0.4]])
    nearest = nearest_on_segments(x, *decision_boundary(constant, x), "l2")
    assert np.isposinf(nearest.distance).all()
    assert np.isnan(nearest.point).all()
