"""Values that theory gives come out of the store by SQL, at the configurations for which it gives them.

Each is an identity, a bound that is attained, or an expectation: a number from the literature or of a derivation that
the experiment's text or its formula gives, here written out again. The tolerance is that of the number as it is
written, and where the value is an expectation five standard errors more of the mean of two runs, by the spread of
twenty: with 45 expectations a false alarm comes about once in 40,000 times.
"""

from __future__ import annotations

import contextlib
import math
import sqlite3
from pathlib import Path

import pytest

from tests.command import run_all

RELU = "activation = 'relu' AND readout = 'gaussian' AND layers = 1"
CONSTANT_STEP = "schedule = 'constant' AND law = 'normal' AND curvature = 1 AND noise = 1"
VALUES = {
    "parameters of the guide's architecture": ("max(parameters) FROM runs_architecture WHERE hidden = '5-6-5'", 114, 0),
    "its weights": ("max(weights) FROM runs_architecture WHERE hidden = '5-6-5'", 95, 0),
    "its nodes": ("max(nodes) FROM runs_architecture WHERE hidden = '5-6-5'", 23, 0),
    "its biases": ("max(biases) FROM runs_architecture WHERE hidden = '5-6-5'", 19, 0),
    "orders of its neurons": (
        "max(log10_orders) FROM runs_architecture WHERE hidden = '5-6-5'",
        math.log10(10_368_000),
        1e-09,
    ),
    "E z² of the guide's hidden layer": (
        "avg(hidden_square) FROM runs_forward_pass WHERE weights = 'guide network'",
        6,
        0.26,
    ),
    "E z² of the guide's output": ("avg(last_square) FROM runs_forward_pass WHERE weights = 'guide network'", 10, 1.2),
    "P(output = 0)": ("avg(zero_share) FROM runs_forward_pass WHERE weights = 'guide network'", 0.5, 0.028),
    "E output²": ("avg(output_square) FROM runs_forward_pass WHERE weights = 'guide network'", 5, 0.4),
    "uniform interpolant of 8 pieces over its bound 37.5/K²": (
        "avg(over_bound) FROM runs_universal_approximation WHERE method = 'uniform' AND neurons = 8",
        0.795,
        0.0005,
    ),
    "interpolant of 256 pieces over its bound": (
        "avg(over_bound) FROM runs_universal_approximation WHERE method = 'uniform' AND neurons = 256",
        0.9999,
        0.0001,
    ),
    "oracle of 17 pieces": (
        "avg(sup) FROM runs_universal_approximation WHERE method = 'oracle' AND neurons = 16",
        0.026007,
        2e-06,
    ),
    "oracle of 33 pieces": (
        "avg(sup) FROM runs_universal_approximation WHERE method = 'oracle' AND neurons = 32",
        0.0064622,
        1e-06,
    ),
    "not-a-knot at 20 points": (
        "avg(sup) FROM runs_spline_bounds WHERE phase = 'zero' AND points = 20",
        0.001117,
        5e-07,
    ),
    "not-a-knot over h⁴/384": (
        "avg(over_leading) FROM runs_spline_bounds WHERE phase = 'zero' AND points = 2560",
        5.9,
        0.05,
    ),
    "noise floor of the line": ("avg(floor) FROM runs_splines WHERE method = 'line' AND points = 640", 2 / 3, 0.026),
    "noise floor of the cubic": (
        "avg(floor) FROM runs_splines WHERE method = 'cubic' AND points = 640",
        0.8742307489 + 0.42 / 640,
        0.029,
    ),
    "the guide's line, in variances of its noise": (
        "avg(over_noise) FROM runs_splines WHERE method = 'line' AND points = 20",
        0.698,
        0.04,
    ),
    "the guide's cubic, in variances of its noise": (
        "avg(over_noise) FROM runs_splines WHERE method = 'cubic' AND points = 20",
        0.896,
        0.045,
    ),
    "hinges on 32 cells": ("avg(mse) FROM runs_splines WHERE method = 'hinges' AND cells = 32", 0.001038, 7e-05),
    "the guide's untrained network": ("avg(untrained_mse) FROM runs_splines WHERE method = 'network'", 344.8, 45),
    "pieces of the guide's network": ("avg(pieces) FROM runs_relu_pieces WHERE init = 'guide network'", 4, 0),
    "variation of its slope": ("avg(variation) FROM runs_relu_pieces WHERE init = 'guide network'", 2.5, 0),
    "share of knots in [-5, 5]": (
        "avg(inside_share) FROM runs_relu_pieces WHERE init = 'normal' AND neurons = 100",
        0.8743340836,
        0.009,
    ),
    "regions of the guide's two lines": (
        "avg(regions_in_square) FROM runs_affine_regions WHERE layer = 'guide network'",
        4,
        0,
    ),
    "regions of 20 lines in the square": (
        "avg(regions_in_square) FROM runs_affine_regions WHERE dimension = 2 AND layer = 'normal' AND neurons = 20",
        1 + 0.9291181088 * 20 + 0.5903344706 * 190,
        18,
    ),
    "regions of 40 lines in the square": (
        "avg(regions_in_square) FROM runs_affine_regions WHERE dimension = 2 AND layer = 'normal' AND neurons = 40",
        498.626,
        59,
    ),
    "regions of 12 planes in five dimensions": (
        "avg(regions_in_space) FROM runs_affine_regions WHERE dimension = 5 AND layer = 'normal' AND neurons = 12",
        1586,
        0,
    ),
    "pieces of the sawtooth of depth 10": (
        "avg(pieces) FROM runs_depth_separation WHERE construction = 'zigzag' AND depth = 10",
        1024,
        0,
    ),
    "pieces of the sawtooth on [-1, 2]": (
        "avg(pieces_beyond) FROM runs_depth_separation WHERE construction = 'zigzag' AND depth = 10",
        1026,
        0,
    ),
    "regions of three folds": (
        "avg(regions) FROM runs_depth_separation WHERE construction = 'folded' AND depth = 3",
        176,
        0,
    ),
    "pieces of three folds": (
        "avg(pieces) FROM runs_depth_separation WHERE construction = 'folded' AND depth = 3",
        165,
        0,
    ),
    "regions of the guide's deep network": (
        "avg(regions) FROM runs_depth_separation WHERE construction = 'guide network'",
        5,
        0,
    ),
    "pieces of the guide's deep network": (
        "avg(pieces) FROM runs_depth_separation WHERE construction = 'guide network'",
        4,
        0,
    ),
    "log2 error of the square, depth 10": (
        "avg(log2_error) FROM runs_depth_separation WHERE construction = 'square' AND depth = 10",
        -22,
        0,
    ),
    "N times the error of N random neurons, d = 10": (
        "avg(scaled_error) FROM runs_barron_rate WHERE dimension = 10 AND readout = 'average'",
        0.3408450569,
        0.019,
    ),
    "variance of 100 equal features": (
        "avg(variance) FROM runs_benign_overfitting WHERE family = 'isotropic' AND p = 100",
        1.0204,
        0.037,
    ),
    "variance of 200 equal features": (
        "avg(variance) FROM runs_benign_overfitting WHERE family = 'isotropic' AND p = 200",
        0.33557,
        0.007,
    ),
    "bias of 200 equal features": (
        "avg(bias) FROM runs_benign_overfitting WHERE family = 'isotropic' AND p = 200",
        0.75,
        0.059,
    ),
    "excess of a heavy tail": (
        "avg(excess_risk) FROM runs_benign_overfitting WHERE family = 'heavy' AND n = 1000",
        0.253,
        0.023,
    ),
    "worst error of five points": (
        "avg(radius) FROM runs_lipschitz_reconstruction WHERE data = 'zero' AND n = 5",
        0.375,
        1e-12,
    ),
    "worst error of 21 points": (
        "avg(radius) FROM runs_lipschitz_reconstruction WHERE data = 'zero' AND n = 21",
        0.075,
        1e-12,
    ),
    "accelerated descent on the worst quadratic": (
        "avg(accelerated_gap) FROM runs_convex_bounds WHERE function = 'tridiagonal' AND dimension = 0 AND steps = 100",
        0.0079095,
        5e-08,
    ),
    "gradient descent on the worst quadratic": (
        "avg(gradient_gap) FROM runs_convex_bounds WHERE function = 'tridiagonal' AND dimension = 0 AND steps = 100",
        0.0372949,
        5e-08,
    ),
    "lower bound of the worst quadratic": (
        "avg(lower_bound) FROM runs_convex_bounds WHERE function = 'tridiagonal' AND dimension = 0 AND steps = 100",
        0.0024569,
        5e-08,
    ),
    "stationary variance, h = 0.4": (
        f"avg(mean_square) FROM runs_stochastic_gradient WHERE {CONSTANT_STEP} AND step = 0.4",
        0.25,
        0.021,
    ),
    "stationary variance, h = 0.05": (
        f"avg(mean_square) FROM runs_stochastic_gradient WHERE {CONSTANT_STEP} AND step = 0.05",
        0.025641,
        0.002,
    ),
    "excess kurtosis at width 8": (
        f"avg(excess_kurtosis) FROM runs_gaussian_limit WHERE {RELU} AND width = 8",
        1.875,
        0.029,
    ),
    "excess kurtosis at width 512": (
        f"avg(excess_kurtosis) FROM runs_gaussian_limit WHERE {RELU} AND width = 512",
        15 / 512,
        0.0032,
    ),
    "excess kurtosis of tanh at width 256": (
        "avg(excess_kurtosis) FROM runs_gaussian_limit WHERE activation = 'tanh' AND width = 256",
        1.88187 / 256,
        0.00083,
    ),
    "excess kurtosis of the sigmoid at width 256": (
        "avg(excess_kurtosis) FROM runs_gaussian_limit WHERE activation = 'sigmoid' AND width = 256",
        1.58670 / 256,
        0.00065,
    ),
    "excess kurtosis with random signs": (
        "avg(excess_kurtosis) FROM runs_gaussian_limit WHERE readout = 'rademacher' AND width = 16",
        3 / 16,
        0.016,
    ),
    "Kolmogorov distance at width 128": (
        f"avg(ks) FROM runs_gaussian_limit WHERE {RELU} AND width = 128",
        0.00274,
        0.00034,
    ),
    "Wasserstein distance": (
        f"avg(w1) FROM runs_gaussian_limit WHERE {RELU} AND width = 128",
        0.00739,
        0.00088,
    ),
    "the guide's statistic at width 100": (
        "avg(variance_rmse) FROM runs_gaussian_limit WHERE activation = 'linear' AND width = 100",
        0.1485,
        0.021,
    ),
    "NNGP kernel at 60 degrees": (
        "avg(nngp) FROM runs_kernel_limit WHERE degrees = 60 AND width = 2048",
        0.304498890522,
        0.0028,
    ),
    "NTK at 60 degrees": (
        "avg(ntk) FROM runs_kernel_limit WHERE degrees = 60 AND width = 2048",
        0.471165557189,
        0.0049,
    ),
    "error of the NTK at 60 degrees": (
        "avg(ntk_rmse) FROM runs_kernel_limit WHERE degrees = 60 AND width = 2048",
        1.019436238 / math.sqrt(2048),
        0.0032,
    ),
    "NTK of three layers": ("avg(ntk) FROM runs_deep_kernels WHERE width = 800", 1.737844679215, 0.25),
    "the guide's minimum": ("avg(lowest) FROM runs_loss_landscape WHERE amplitude = 0.2", -0.129855770907662, 1e-12),
    "where the guide's minimum is": (
        "avg(lowest_a) FROM runs_loss_landscape WHERE amplitude = 0.2",
        -0.22210210071622,
        1e-07,
    ),
    "curvature there": ("avg(flattest) FROM runs_loss_landscape WHERE amplitude = 0.2", 6.47962785, 1e-06),
    "minima at amplitude 1": ("avg(minima) FROM runs_loss_landscape WHERE amplitude = 1", 16, 0),
    "saddles at amplitude 2": ("avg(saddles) FROM runs_loss_landscape WHERE amplitude = 2", 112, 0),
    "maxima in the square at amplitude 2": ("avg(maxima_inside) FROM runs_loss_landscape WHERE amplitude = 2", 21, 0),
    "correlation with the index": (
        "avg(index_correlation) FROM runs_loss_landscape WHERE amplitude = 1",
        0.419,
        0.0005,
    ),
    "descents that reach it at amplitude 0.5": (
        "avg(reached) FROM runs_loss_landscape WHERE amplitude = 0.5",
        0.0773,
        0.0043,
    ),
    "share of the first component of noise": (
        "avg(top_share) FROM runs_parameter_space WHERE parameters = 50",
        0.0293619,
        0.00012,
    ),
    "first component of functions": ("avg(component_1) FROM runs_function_space WHERE width = 50", 0.405285, 0.02),
    "components 1 to 3": ("avg(components_1_to_3) FROM runs_function_space WHERE width = 50", 0.905285, 0.0064),
    "kinks of a midpoint": ("min(midpoint_kinks_least) FROM runs_function_set WHERE width = 10", 20, 0),
    "test error of least squares": ("avg(test_error) FROM runs_ols_learning_curve WHERE n = 20", 0.021111, 0.0015),
    "training error of least squares": (
        "avg(train_error) FROM runs_ols_learning_curve WHERE n = 640",
        0.0098438,
        0.00015,
    ),
    "double descent at p = 50": (
        "avg(excess_risk) FROM runs_double_descent WHERE features = 'gaussian' AND p = 50",
        0.2551,
        0.013,
    ),
    "double descent at p = 110": (
        "avg(excess_risk) FROM runs_double_descent WHERE features = 'gaussian' AND p = 110",
        2.86869,
        0.31,
    ),
    "double descent at p = 200": (
        "avg(excess_risk) FROM runs_double_descent WHERE features = 'gaussian' AND p = 200",
        0.752525,
        0.08,
    ),
    "double descent at p = 1000": (
        "avg(excess_risk) FROM runs_double_descent WHERE features = 'gaussian' AND p = 1000",
        0.927809,
        0.024,
    ),
    "robust accuracy at ε = 0.1": (
        "avg(robust_accuracy) FROM runs_linear_margin WHERE dimension = 20 AND epsilon = 0.1 AND samples = 0",
        0.963181,
        0.0052,
    ),
    "robust accuracy at ε = 0.4": (
        "avg(robust_accuracy) FROM runs_linear_margin WHERE dimension = 20 AND epsilon = 0.4 AND samples = 0",
        0.67264,
        0.014,
    ),
    "ratio of distances at d = 1000": (
        "avg(radius_ratio) * sqrt(1000) FROM runs_linear_margin WHERE dimension = 1000",
        1.253314 * (1 - 0.18 / 1000),
        0.0039,
    ),
    "95 % quantile of the gap of 1000 classifiers below its bound": (
        "avg(sup_gap_q95) <= 0.2302 FROM runs_uniform_bounds WHERE family = 'coins' AND points = 100",
        1,
        0,
    ),
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seeds of `standard` of the experiments that the table speaks of."""
    folder = tmp_path_factory.mktemp("values")
    names = {query.partition("FROM runs_")[2].partition(" ")[0] for query, _, _ in VALUES.values()}
    done = run_all(folder, "--seeds", "2", "--only", *sorted(names), timeout=600)
    assert done.returncode == 0, done.stderr
    return folder / "results.db"


@pytest.mark.parametrize("what", VALUES)
def test_a_value_of_theory_comes_out_of_the_store(store: Path, what: str) -> None:
    query, expected, tolerance = VALUES[what]
    with contextlib.closing(sqlite3.connect(store)) as connection:
        (found,) = connection.execute(f"SELECT {query}").fetchone()
    assert found == pytest.approx(expected, rel=1e-14, abs=tolerance)


def test_the_store_is_whole(store: Path) -> None:
    with contextlib.closing(sqlite3.connect(store)) as connection:
        assert connection.execute("SELECT count(*) FROM run WHERE status <> 'ok'").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM verdict WHERE status = 'refuted'").fetchone() == (0,)
