"""The set of networks: kinks counted by hand, distances against quadrature."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy import integrate

from experiments.claims import Always, Runs
from experiments.networks.pieces import shallow_output
from experiments.suite.function_set import EXPERIMENT, Params, draw_steps, ramp_network, run, step_error


@pytest.mark.parametrize("ramps", ["beside", "centred"])
@pytest.mark.parametrize(("width", "steepness"), [(2, 8), (10, 40)])
def test_the_distance_is_the_integral_of_the_squared_error(width: int, steepness: int, ramps: str) -> None:
    params = Params(width=width, steepness=steepness, ramps=ramps)
    places, heights = draw_steps(params, np.random.default_rng(0))
    network = ramp_network(params, places, heights)
    kinks = -network[1]
    square = 0.0
    for low, high in zip(np.append(0, places), np.append(places, 1), strict=True):
        square += integrate.quad(
            lambda x: float((shallow_output(*network, np.array([x]))[0] - heights @ (x > places)) ** 2),
            low + 1e-13,
            high - 1e-13,
            points=[kink for kink in kinks if low < kink < high],
            limit=200,
        )[0]
    assert step_error(network, places, heights) == pytest.approx(np.sqrt(square), rel=1e-6)
    expected = 1 / (3 * steepness) if ramps == "beside" else np.sum(np.abs(heights) ** 3) / (12 * steepness)
    assert square == pytest.approx(expected, rel=1e-6)


def test_ramps_do_not_overlap_and_end_inside() -> None:
    for seed in range(50):
        places, heights = draw_steps(Params(width=50, steepness=32), np.random.default_rng(seed))
        assert (np.diff(places) >= 1 / 32).all()
        assert places[0] > 0
        assert places[-1] + 1 / 32 <= 1
        assert heights @ heights == pytest.approx(1)


def test_centred_ramps_do_not_overlap_either() -> None:
    params = Params(width=50, steepness=32, ramps="centred")
    for seed in range(50):
        places, heights = draw_steps(params, np.random.default_rng(seed))
        starts, ends = np.split(-ramp_network(params, places, heights)[1], 2)
        assert starts[0] >= 0
        assert ends[-1] <= 1
        assert (starts[1:] >= ends[:-1]).all()


def test_a_bound_one_percent_higher_is_refuted_on_the_same_runs() -> None:
    claim = EXPERIMENT.claims["weights_must_grow"]
    assert isinstance(claim, Always)
    cell = Params(width=10, steepness=64, ramps="centred")
    found = run(cell, np.random.default_rng(0)).metrics["step_error_over_floor"]
    runs = Runs((cell,), {"step_error_over_floor": np.array([[found]])})
    assert claim.judge(runs).status == "supported"
    assert dataclasses.replace(claim, low=1.01).judge(runs).status == "refuted"


def test_unknown_ramps_are_refused() -> None:
    with pytest.raises(ValueError, match="no ramps called 'steep'"):
        run(Params(width=2, steepness=8, ramps="steep"), np.random.default_rng(0))


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
