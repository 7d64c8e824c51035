"""The compiled parts against NumPy, on sizes that whole trainings reach too rarely."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from experiments.networks.ensemble import compiled
from experiments.networks.ensemble.ufuncs import loop_addresses

pytest.importorskip("numba")
compiled.load_kernel()

from experiments.networks.ensemble import calls, shuffling, sums  # noqa: E402 — after numba is told of its cache


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_sums_are_numpys_for_every_length(dtype: type) -> None:
    values = np.random.default_rng(0).normal(size=40_000).astype(dtype) * 10.0 ** np.arange(-5, 5).repeat(4000)
    values = values.astype(dtype)
    for n in (*range(1, 300), 511, 512, 1023, 1025, 4097, 10_000, 39_999):
        assert sums.pairwise_sum(values, n) == values[:n].sum(), n
    for rows, columns in ((1, 5), (7, 1), (300, 1), (9, 2), (200, 100), (3, 4000)):
        out: Any = np.empty(columns, dtype)
        sums.column_sums(values, rows, columns, out)
        assert out.tobytes() == values[: rows * columns].reshape(rows, columns).sum(axis=0).tobytes()


@pytest.mark.parametrize("n", [1, 2, 3, 8, 9, 20, 128, 1000, 70_000])
def test_shuffles_are_numpys(n: int) -> None:
    theirs = np.random.RandomState(n)  # the legacy generator is what is copied
    state: Any = theirs.get_state()
    key, position = state[1:3]
    ours, partners, counters = np.arange(n), np.empty(n, np.int64), np.array([position])
    expected = np.arange(n)
    for _ in range(5):
        shuffling.shuffle(ours, partners, key, counters)
        theirs.shuffle(expected)
        assert np.array_equal(ours, expected)
    state = theirs.get_state()
    end, place = state[1:3]
    assert place == counters[0]
    assert np.array_equal(key, end)


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 5, 1), (1, 5, 7), (6, 5, 1), (6, 5, 4), (200, 50, 100), (3, 700, 2)])
@pytest.mark.parametrize("transposed", ["", "a", "b"])
def test_products_are_numpys(shape: tuple[int, int, int], transposed: str) -> None:
    m, n, p = shape
    rng = np.random.default_rng(0)
    a = rng.normal(size=(n, m)).T if transposed == "a" else rng.normal(size=(m, n))
    b = rng.normal(size=(p, n)).T if transposed == "b" else rng.normal(size=(n, p))
    out = np.empty((m, p))
    calls.multiply(
        loop_addresses(a.dtype), np.empty(16, np.int64), a.ctypes.data, a.strides[0], a.strides[1],
        b.ctypes.data, b.strides[0], b.strides[1], out.ctypes.data, m, n, p, 8,
    )  # fmt: skip
    # NumPy may run on several BLAS threads here, which changes no bit of products as small as these
    assert out.tobytes() == (a @ b).tobytes()
