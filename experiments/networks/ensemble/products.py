"""Products of small matrices without BLAS's packing, used only where they are seen to give BLAS's own bits.

OpenBLAS's kernels add up each element of a product in the order of the inner index with fused multiply-adds, as long
as the inner dimension fits one of its blocks; so do the tiles here, on rows of the operands as they lie in memory, and
they finish with the bias, the positive part or the mask while the sums are still in registers. Whether the BLAS at
hand rounds in this way is not assumed: `seen_equal` tries the very shape on random numbers, and where one bit differs
BLAS does the work.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from experiments.networks.ensemble.calls import Reals, jit_kept
from experiments.networks.ensemble.tiles import BYTES, NOTHING, ROWS, tiles, transpose

PART = 64
"""Inner indices taken at once, so that what a row of tiles reads of b stays in the first-level cache."""
INNER, LARGEST = 256, 2**18
"""What the operands may measure, as they are not packed: OpenBLAS's own blocks have 256 inner indices or more (beyond,
the bits differ), and b, in bytes, has to stay in the second-level cache."""


KINDS: Any = np.arange(3)  # not ints, as with the ways to finish
FORWARD, GRADIENT, BACKWARD = KINDS

tiles_1, tiles_2, tiles_3 = tiles(1), tiles(2), tiles(3)


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
        transpose(like, b, p, n, scratch, size)
        b = scratch
    parts = (n + PART - 1) // PART
    part = (n + parts - 1) // parts
    column = 0
    while column < p:
        left = (p - column + width - 1) // width
        # four vectors as two and two: a tile of one vector does half the work in the same time
        vectors = 2 if left == 4 else min(left, 3)
        vectors = min(vectors, p // width)
        first = min(column, p - vectors * width)
        for step in range(parts + int(m % ROWS > 0)):
            start, length, top, count = step * part, min(part, n - step * part), 0, m // ROWS
            if step == parts:
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


@cache
def seen_equal(kind: int, m: int, n: int, p: int, dtype: str) -> bool:
    """Whether `product` of this shape is possible and gives the bits of np.matmul on random numbers.

    Another order of summation, or rounding between multiplication and addition, would change about a third of the
    elements; at least 500 are compared. To be called with one BLAS thread.
    """
    size = np.dtype(dtype).itemsize
    width = BYTES // size
    fits = 2 <= n <= INNER and n * p * size <= LARGEST
    if not fits or m < ROWS or p < width or (kind == BACKWARD and n < width):
        return False
    rng = np.random.default_rng(0)
    for _ in range(1 + 500 // (m * p)):
        a = rng.normal(size=(n, m) if kind == GRADIENT else (m, n)).astype(dtype)
        b = rng.normal(size=(p, n) if kind == BACKWARD else (n, p)).astype(dtype)
        out: Any = np.empty((m, p), dtype)
        scratch = np.empty(n * p, dtype)
        at_a, at_b, at_out, at_scratch = (array.ctypes.data for array in (a, b, out, scratch))
        product(kind, scratch, at_a, at_b, at_out, at_scratch, m, n, p, size, NOTHING, 0)
        expected = np.matmul(a.T if kind == GRADIENT else a, b.T if kind == BACKWARD else b)
        if out.tobytes() != expected.tobytes():
            return False
    return True
