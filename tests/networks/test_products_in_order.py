"""Products in float32 are taken in pieces, in which OpenBLAS adds up every element in order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_info, threadpool_limits

from experiments.networks.ensemble.order import in_order, is_cut

SIZES = st.integers(1, 340)


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(m=SIZES, n=st.integers(1, 270), p=SIZES, transposed=st.sampled_from(["", "a", "b"]), seed=st.integers(0, 9))
def test_the_pieces_make_up_the_product(m: int, n: int, p: int, transposed: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    a = rng.normal(size=(2, n, m)).swapaxes(1, 2) if transposed == "a" else rng.normal(size=(2, m, n))
    b = rng.normal(size=(2, p, n)).swapaxes(1, 2) if transposed == "b" else rng.normal(size=(2, n, p))
    single = in_order(a.astype(np.float32), b.astype(np.float32))
    # n products of unit normals, each rounded to 2^-24 of a sum that is far below 10 sqrt(n)
    np.testing.assert_allclose(single, np.matmul(a, b), rtol=0, atol=2e-6 * n)
    assert in_order(a, b).tobytes() == np.matmul(a, b).tobytes()  # float64 needs no pieces


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(m=SIZES, n=st.integers(2, 256), p=SIZES)
def test_every_sum_is_taken_in_order(m: int, n: int, p: int) -> None:
    """One added to 2^24 is lost, in float32, before 2^24 is taken away; even and odd summands apart would keep it."""
    if "Haswell" not in {library.get("architecture") for library in threadpool_info()}:
        pytest.skip("the pieces are made for OpenBLAS's sgemm for AVX2")
    if not is_cut(m, n, p, 4) or n < 4:
        return
    a = np.zeros((m, n), np.float32)
    for first in (0, n // 2 - 1, n - 3):
        a[:, first : first + 3] = 2.0**24, 1.0, -(2.0**24)
        with threadpool_limits(limits=1, user_api="blas"):
            assert (in_order(a, np.ones((n, p), np.float32)) == 0).all()
        a[:] = 0


def test_whole_products_are_not_in_order_with_the_blas_that_the_pieces_are_for() -> None:
    """Otherwise there would be no need for pieces."""
    if "Haswell" not in {library.get("architecture") for library in threadpool_info()}:
        pytest.skip("the pieces are made for OpenBLAS's sgemm for AVX2")
    a = np.zeros((20, 50), np.float32)
    a[:, :3] = 2.0**24, 1.0, -(2.0**24)
    with threadpool_limits(limits=1, user_api="blas"):
        assert (a @ np.ones((50, 100), np.float32)).any()
