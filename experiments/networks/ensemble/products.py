"""Products of small matrices without BLAS's packing, used only where they are seen to give BLAS's own bits.

OpenBLAS's kernels add up each element of a product in the order of the inner index with fused multiply-adds, as long
as the inner dimension fits one of its blocks; so do the tiles here, on rows of the operands as they lie in memory, and
they finish with the bias, the positive part or the mask while the sums are still in registers. Where zeros of rectified
layers are marked, rows that skip them do the same work in about two thirds of the time. Whether the BLAS at hand
rounds in this way is not assumed: `seen_equal` tries the very shape, and where one bit differs BLAS does the work.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np

from experiments.networks.ensemble.calls import Ints, Reals, jit, jit_kept, multiply
from experiments.networks.ensemble.jobs import Real
from experiments.networks.ensemble.marks import mark, parts
from experiments.networks.ensemble.order import INNER, LARGEST, PIECES, in_order, piece
from experiments.networks.ensemble.rows import FEWEST, MOST, pack, rows
from experiments.networks.ensemble.tiles import BYTES, NOTHING, ROWS, tiles, transpose

KINDS: Any = np.arange(3)  # not ints, as with the ways to finish
FORWARD, GRADIENT, BACKWARD = KINDS

tiles_1, tiles_2, tiles_3 = tiles(1), tiles(2), tiles(3)
piece_of = jit(piece)


@jit_kept
def product(
    kind: int, like: Reals, a: int, b: int, out: int, scratch: int, m: int, n: int, p: int, size: int,
    finish: int, operand: int,
) -> None:  # fmt: skip
    """Forward a @ b, gradient aᵀ @ b, or backward a @ bᵀ, giving out (m, p); all lie C-ordered at addresses.

    M >= ROWS, n >= 2 and p, for BACKWARD n too, at least a vector. `finish` is one of `tiles`' ways; its operand is one
    row (p,) for all in the forward product, and (m, p) otherwise. `scratch` (n, p) is used by BACKWARD.

    The last columns are moved back to end at the edge, and so is the last tile below: what is computed twice is the
    same. That last tile takes the inner index whole, as sums that are in part another tile's cannot be resumed.
    """
    width, row = BYTES // size, p * size
    a_row, a_inner = (size, m * size) if kind == GRADIENT else (n * size, size)
    operand_row = 0 if kind == FORWARD else row
    if kind == BACKWARD:
        transpose(like, b, p, n, scratch, row, size)
        b = scratch
    steps = parts(n)
    part = (n + steps - 1) // steps
    column = 0
    while column < p:
        left = (p - column + width - 1) // width
        # four vectors as two and two: a tile of one vector does half the work in the same time
        vectors = 2 if left == 4 else min(left, 3)
        vectors = min(vectors, p // width)
        first = min(column, p - vectors * width)
        for step in range(steps + int(m % ROWS > 0)):
            start, length, top, count = step * part, min(part, n - step * part), 0, m // ROWS
            if step == steps:
                start, length, top, count = 0, n, m - ROWS, 1
            way = finish if start + length == n else NOTHING
            at_a, at_b = a + top * a_row + start * a_inner, b + start * row + first * size
            at, at_operand = out + top * row + first * size, operand + top * operand_row + first * size
            resumed = int(start > 0)
            if vectors == 3:
                tiles_3(
                    like, count, at_a, a_row, a_inner, at_b, row, at, row, length, resumed, way, at_operand, operand_row
                )
            elif vectors == 2:
                tiles_2(
                    like, count, at_a, a_row, a_inner, at_b, row, at, row, length, resumed, way, at_operand, operand_row
                )
            else:
                tiles_1(
                    like, count, at_a, a_row, a_inner, at_b, row, at, row, length, resumed, way, at_operand, operand_row
                )
        column = first + vectors * width


@jit_kept
def skipping_product(
    kind: int, like: Reals, marks: int, a: int, b: int, out: int, panel: int, m: int, n: int, p: int, size: int,
    finish: int, operand: int,
) -> None:  # fmt: skip
    """As `product`, with the bits of the factors of a that are not zero, (parts(n), m) words at an address, which are
    all that is read of it; FEWEST vectors or more of columns. `panel` is room for n rows of MOST vectors, at a
    multiple of BYTES."""
    width, row = BYTES // size, p * size
    a_row, a_inner = (size, m * size) if kind == GRADIENT else (n * size, size)
    operand_row = 0 if kind == FORWARD else row
    steps = parts(n)
    part = (n + steps - 1) // steps
    total = (p + width - 1) // width
    passes = (total + MOST - 1) // MOST
    vectors = (total + passes - 1) // passes
    columns = min(p, vectors * width)
    last = (columns - width) * size
    for i in range(passes):
        first = min(i * columns, p - columns)
        at_b, b_row = panel, vectors * BYTES
        if kind == BACKWARD:
            transpose(like, b + first * n * size, columns, n, panel, b_row, size)
        elif (b | row | first * size | last) % BYTES == 0:
            at_b, b_row = b + first * size, row
        else:
            pack(like, b + first * size, n, row, vectors, last, panel)
        for step in range(steps):
            start = step * part
            way = finish if step == steps - 1 else NOTHING
            rows(
                like, vectors, m, marks + step * m * 8, a + start * a_inner, a_row, a_inner,
                at_b + start * b_row, b_row, out + first * size, row, last, int(step > 0), way,
                operand + first * size, operand_row,
            )  # fmt: skip


@jit
def marked_product(
    marks: int, kind: int, like: Reals, a: int, b: int, out: int, scratch: int, m: int, n: int, p: int, size: int,
    finish: int, operand: int,
) -> None:  # fmt: skip
    """`skipping_product` where there are marks (not 0), and `product` otherwise."""
    if marks != 0:
        skipping_product(kind, like, marks, a, b, out, scratch, m, n, p, size, finish, operand)
    else:
        product(kind, like, a, b, out, scratch, m, n, p, size, finish, operand)


@jit
def blas_product(
    cut: bool, loops: Ints, call: Ints, a: int, a_row: int, a_column: int, b: int, b_row: int, b_column: int,
    out: int, m: int, n: int, p: int, size: int,
) -> None:  # fmt: skip
    """Out (m, p) = a (m, n) @ b (n, p) by BLAS, in the pieces of `order` if it is cut."""
    out_row = p * size
    if not cut:
        multiply(loops, call, a, a_row, a_column, b, b_row, b_column, out, out_row, m, n, p, size)
        return
    for i in range(PIECES):
        top, rows, left, columns = piece_of(i, m, p)
        multiply(
            loops, call, a + top * a_row, a_row, a_column, b + left * b_column, b_row, b_column,
            out + top * out_row + left * size, out_row, rows, n, columns, size,
        )  # fmt: skip


TRIALS = 4


def telling(m: int, n: int, p: int, dtype: str, skipping: bool) -> Iterator[tuple[Real, Real]]:
    """Random factors (m, n) and (n, p), TRIALS pairs, for skipping with half of the first zeros of both signs, one row
    of it all zero and one all not.

    Where sums are taken in another order, or a product is rounded before it is added, about a third of the elements of
    a random product keep their bits, and it may be in one row and four columns only that the order is another. So from
    the second pair on the second half of each sum takes away what the first adds: what is left are its rounding errors,
    and with another order nearly every element is another.
    """
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=(m, n)).astype(dtype), rng.normal(size=(n, p)).astype(dtype)
    kept = rng.random((m, n)) < np.array([0, 1, *[0.5] * (m - 2)])[:, None] if skipping else np.ones((m, n), bool)
    half = n // 2
    for i in range(TRIALS):
        a, b = np.roll(first, i) * kept, np.roll(second, i)
        if i > 0:
            a[:, half : 2 * half], b[half : 2 * half] = -a[:, :half], b[:half]
            a[:, 2 * half :] *= np.finfo(dtype).eps
        yield a, b


@cache
def seen_equal(kind: int, m: int, n: int, p: int, dtype: str, skipping: bool = False) -> bool:
    """Whether `product`, or `skipping_product`, of this shape is possible and gives the bits of `in_order` on all pairs
    of `telling` factors. To be called with one BLAS thread."""
    size = np.dtype(dtype).itemsize
    width = BYTES // size
    fits = 2 <= n <= INNER and n * p * size <= LARGEST
    if not fits or m < ROWS or p < width or (kind == BACKWARD and n < width):
        return False
    if skipping and (p <= (FEWEST - 1) * width or min(m, n) < width):
        return False
    out: Any = np.empty((m, p), dtype)
    scratch = np.empty(n * max(p, MOST * width) + width, dtype)
    for a, b in telling(m, n, p, dtype, skipping):
        # each as it lies in training
        a = np.ascontiguousarray(a.T).T if kind == GRADIENT else a
        b = np.ascontiguousarray(b.T).T if kind == BACKWARD else b
        at_a, at_b, at_out, at_scratch = (array.ctypes.data for array in (a, b, out, scratch))
        if skipping:
            active, units = (n, m) if kind == GRADIENT else (m, n)
            by_row, by_column = np.empty(parts(units) * active, np.uint64), np.empty(parts(active) * units, np.uint64)
            mark(scratch, at_a, active, units, size, by_row, by_column)
            at_marks = (by_column if kind == GRADIENT else by_row).ctypes.data
            at_scratch += -at_scratch % BYTES
            skipping_product(kind, scratch, at_marks, at_a, at_b, at_out, at_scratch, m, n, p, size, NOTHING, 0)
        else:
            product(kind, scratch, at_a, at_b, at_out, at_scratch, m, n, p, size, NOTHING, 0)
        if out.tobytes() != in_order(a, b).tobytes():
            return False
    return True
