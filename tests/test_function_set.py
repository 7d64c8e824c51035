"""The set of networks: kinks counted by hand, distances against quadrature."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate

from experiments.networks.pieces import shallow_output
from experiments.suite.function_set import Params, draw_steps, ramp_network, run, step_error


@pytest.mark.parametrize(("width", "steepness"), [(2, 8), (10, 40)])
def test_the_distance_is_the_integral_of_the_squared_error(width: int, steepness: int) -> None:
    params = Params(width=width, steepness=steepness)
    places, heights = draw_steps(params, np.random.default_rng(0))
    network = ramp_network(places, heights, steepness)
    square = 0.0
    for low, high in zip(np.append(0, places), np.append(places, 1), strict=True):
        square += integrate.quad(
            lambda x: float((shallow_output(*network, np.array([x]))[0] - heights @ (x > places)) ** 2),
            low + 1e-13,
            high - 1e-13,
            points=[low + 1 / steepness],
            limit=200,
        )[0]
    assert step_error(network, places, heights, steepness) == pytest.approx(np.sqrt(square), rel=1e-6)
    assert square == pytest.approx(1 / (3 * steepness), rel=1e-6)


def test_ramps_do_not_overlap_and_end_inside() -> None:
    for seed in range(50):
        places, heights = draw_steps(Params(width=50, steepness=32), np.random.default_rng(seed))
        assert (np.diff(places) >= 1 / 32).all()
        assert places[0] > 0
        assert places[-1] + 1 / 32 <= 1
        assert heights @ heights == pytest.approx(1)


def test_the_mean_of_two_networks_of_two_neurons_has_four_kinks() -> None:
    found = run(Params(width=2, steepness=8), np.random.default_rng(0)).metrics
    assert found["midpoint_kinks_least"] == found["midpoint_kinks_most"] == 4
    assert found["multiple_kinks_most"] == 2
    assert found["step_error_over_floor"] == pytest.approx(2)  # one ramp beside its step, not centred on it


def test_same_seed_gives_the_same_bits() -> None:
    params = Params(width=10, steepness=64)
    first, again, other = (run(params, np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert first.metrics == again.metrics
    assert first.metrics != other.metrics
