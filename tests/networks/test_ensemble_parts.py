"""The compiled parts against NumPy, on sizes that whole trainings reach too rarely."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from experiments.networks.ensemble.ufuncs import loop_addresses

pytest.importorskip("numba")

from experiments.networks.ensemble import calls, marks, products, shuffling, sums, tiles
from experiments.networks.ensemble.order import in_order
from experiments.networks.ensemble.rows import MOST


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
        b.ctypes.data, b.strides[0], b.strides[1], out.ctypes.data, 8 * p, m, n, p, 8,
    )  # fmt: skip
    # NumPy may run on several BLAS threads here, which changes no bit of products as small as these
    assert out.tobytes() == (a @ b).tobytes()


SHAPES = [(4, 2, 8), (5, 9, 8), (7, 8, 13), (16, 100, 100), (20, 16, 51), (33, 128, 24), (50, 200, 11), (161, 64, 9)]
KINDS = {"forward": products.FORWARD, "gradient": products.GRADIENT, "backward": products.BACKWARD}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_products_without_blas_are_right_and_have_its_bits_where_they_were_seen_to(
    shape: tuple[int, int, int], name: str, dtype: str
) -> None:
    m, n, p = shape
    kind = KINDS[name]
    rng = np.random.default_rng(1)
    a = rng.normal(size=(n, m) if name == "gradient" else (m, n)).astype(dtype)
    b = rng.normal(size=(p, n) if name == "backward" else (n, p)).astype(dtype)
    with threadpool_limits(limits=1, user_api="blas"):
        expected = in_order(a.T if name == "gradient" else a, b.T if name == "backward" else b)
        equal = products.seen_equal(kind, m, n, p, dtype)
    if name == "backward" and n < 32 // a.itemsize:
        assert not equal  # too narrow to transpose
        return
    out, scratch = np.full((m + 2, p), np.nan, dtype), np.empty(n * p, dtype)
    places = [array.ctypes.data for array in (a, b, out, scratch)]

    def finished(way: int, operand: Any) -> Any:
        products.product(kind, scratch, *places, m, n, p, a.itemsize, way, operand.ctypes.data)  # type: ignore[call-arg] # the places are four
        assert np.isnan(out[m:]).all()  # nothing is written beyond the edge
        return out[:m].copy()

    sums = finished(tiles.NOTHING, out)
    # sums of n products of unit normals in another order: n roundings of at most n
    np.testing.assert_allclose(sums, expected, rtol=0, atol=float(n * n * np.finfo(dtype).eps))
    if equal:
        assert sums.tobytes() == expected.tobytes()
    bias = rng.normal(size=p if name == "forward" else (m, p)).astype(dtype)
    assert finished(tiles.ADD, bias).tobytes() == (sums + bias).tobytes()
    assert finished(tiles.RECTIFY, bias).tobytes() == np.maximum(sums + bias, 0).tobytes()
    if name != "forward":
        active = np.maximum(bias, 0)
        assert finished(tiles.MASK, active).tobytes() == np.where(active == 0, 0, sums).astype(dtype).tobytes()


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("n", [2, 3, 8, 11, 16, 50])
@pytest.mark.parametrize("p", [4, 7, 9, 15])
def test_another_order_in_one_corner_is_seen(p: int, n: int, name: str) -> None:
    """OpenBLAS adds up the last row of 123 in another order, in four of seven columns: too few for one random product
    to tell, as a third of all elements are the same in any order. Twenty products miss four with probability 1e-38."""
    rng = np.random.default_rng(2)
    kind = KINDS[name]
    with threadpool_limits(limits=1, user_api="blas"):
        if not products.seen_equal(kind, 123, n, p, "float64"):
            return
        for _ in range(20):
            a = rng.normal(size=(n, 123) if name == "gradient" else (123, n))
            b = rng.normal(size=(p, n) if name == "backward" else (n, p))
            out, scratch = np.empty((123, p)), np.empty(n * p)
            places = [array.ctypes.data for array in (a, b, out, scratch)]
            products.product(kind, scratch, *places, 123, n, p, 8, tiles.NOTHING, 0)  # type: ignore[call-arg] # the places are four
            expected = np.matmul(a.T if name == "gradient" else a, b.T if name == "backward" else b)
            assert out.tobytes() == expected.tobytes()


def marked(a: Any) -> tuple[Any, Any, int]:
    """Words by row and by column of a (n, units), and how many numbers are marked."""
    n, units = a.shape
    by_row, by_column = (np.empty((marks.parts(i), j), np.uint64) for i, j in ((units, n), (n, units)))
    count = marks.mark(a.ravel(), a.ctypes.data, n, units, a.itemsize, by_row.ravel(), by_column.ravel())
    return by_row, by_column, count


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("shape", [(1, 8), (3, 13), (64, 64), (65, 9), (70, 130), (200, 100)], ids=str)
def test_marks_are_where_numbers_are_not_zero(shape: tuple[int, int], dtype: str) -> None:
    rng = np.random.default_rng(5)
    a = np.where(rng.random(shape) < 0.5, rng.normal(size=shape), 0.0).astype(dtype)
    a[0, :3] = -0.0, np.nan, np.inf
    by_row, by_column, count = marked(a)
    assert count == np.count_nonzero(a)
    for words, values in ((by_row, a), (by_column, a.T)):
        part = -(-values.shape[1] // len(words))
        bits = [(words[j // part] >> np.uint64(j % part)) & np.uint64(1) for j in range(values.shape[1])]
        assert np.array_equal(np.array(bits).T, values != 0)
        assert np.bitwise_count(words).sum() == count  # no bit beyond the edge


SKIPPED = [(8, 8, 36), (4, 9, 40), (9, 65, 41), (16, 100, 100), (20, 16, 104), (33, 128, 105), (50, 200, 61)]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("shape", SKIPPED, ids=str)
def test_skipping_zeros_changes_no_bit(shape: tuple[int, int, int], name: str, dtype: str) -> None:
    """Against the tiles, which skip nothing; zeros of both signs, rows without and full of zeros, nothing but zeros."""
    m, n, p = (max(size, 8) for size in shape)
    kind = KINDS[name]
    rng = np.random.default_rng(6)
    b = rng.normal(size=(p, n) if name == "backward" else (n, p)).astype(dtype)
    for share in (0.0, 0.5, 1.0):
        a = (rng.normal(size=(m, n)) * (rng.random((m, n)) < share)).astype(dtype)
        a[0], a[1] = 1, -0.0
        a = np.ascontiguousarray(a.T if name == "gradient" else a)
        by_row, by_column, _ = marked(a)
        words = by_column if name == "gradient" else by_row
        scratch = np.empty(n * max(p, MOST * 8) + 8, dtype)
        panel = scratch.ctypes.data + -scratch.ctypes.data % 32
        ways = (tiles.ADD, tiles.RECTIFY) if name == "forward" else tiles.WAYS
        for way in ways:
            operand = np.maximum(rng.normal(size=p if name == "forward" else (m, p)), 0).astype(dtype)
            ours, dense = np.full((2, m + 2, p), np.nan, dtype)
            sizes = (m, n, p, a.itemsize, way, operand.ctypes.data)
            at_a, at_b = a.ctypes.data, b.ctypes.data
            products.product(kind, scratch, at_a, at_b, dense.ctypes.data, panel, *sizes)
            products.skipping_product(
                kind, scratch, words.ctypes.data, at_a, at_b, ours.ctypes.data, panel, *sizes
            )  # fmt: skip
            assert ours[:m].tobytes() == dense[:m].tobytes()
            assert np.isnan(ours[m:]).all()  # nothing is written beyond the edge


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_division_by_a_known_count_is_rounded_as_division_is(dtype: Any) -> None:
    """Adam divides by the batch's count without dividing: all counts to 2000, 500 numbers of all sizes each."""

    @calls.jit
    def divided(numbers: Any, count: Any, inverse: Any, out: Any) -> None:
        for i in range(numbers.size):
            quotient = numbers[i] * inverse
            out[i] = tiles.fma(tiles.fma(-quotient, count, numbers[i]), inverse, quotient)

    rng = np.random.default_rng(4)
    for n in range(1, 2001):
        count = dtype(n)
        numbers = (rng.normal(size=500) * 10.0 ** rng.uniform(-20, 10, 500)).astype(dtype)
        out = np.empty_like(numbers)
        divided(numbers, count, dtype(1) / count, out)
        assert np.array_equal(out, numbers / count), n
