"""The kernels of random networks: the run against whole networks."""

from __future__ import annotations

import math

import numpy as np
import pytest

from experiments.networks.kernels import shallow_kernels
from experiments.suite.kernel_limit import Params, run


def test_the_run_measures_the_kernels_of_its_networks() -> None:
    outcome = run(Params(width=2**13, degrees=60), np.random.default_rng(0))
    rng = np.random.default_rng(0)
    x = np.array([[1.0, 0.0]])
    y = np.array([[0.5, math.sqrt(3) / 2]])
    found = []
    for _ in range(32):
        for w, v in zip(rng.standard_normal((4, 2, 2**13)), rng.standard_normal((4, 2**13)), strict=True):
            kernels = shallow_kernels(x, y, w.T, v)
            found.append([kernels.nngp[0, 0], kernels.ntk[0, 0]])
    nngp, ntk = np.array(found).T
    assert outcome.metrics["nngp"] == pytest.approx(nngp.mean(), rel=1e-12)
    assert outcome.metrics["ntk"] == pytest.approx(ntk.mean(), rel=1e-12)
    assert outcome.metrics["nngp_rmse"] == pytest.approx(math.sqrt(np.mean((nngp - 0.304498890522) ** 2)), rel=1e-9)
    assert outcome.curves["ntk"].y[20] == pytest.approx(ntk[0], rel=1e-12)


def test_same_seed_gives_the_same_bits() -> None:
    params = Params(width=64, degrees=120)
    first, again, other = (run(params, np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert first.metrics == again.metrics
    assert first.metrics != other.metrics
    assert first.fields()["ntk"]["z"].tolist() == again.fields()["ntk"]["z"].tolist()
