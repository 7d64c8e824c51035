"""Products in float32 whose sums are taken in order, which is what both trainers call a product there.

OpenBLAS's sgemm for AVX2 adds up most elements in the order of the inner index, but some as the sum of the even ones
plus that of the odd ones: in the first and the last eight columns of each block of sixteen or more, and in the rows
beyond the last dozen (kernel/x86_64/sgemm_kernel_8x4_haswell_2.c, which swaps rows and columns). Taken from pieces that
have no such place, every element is added up in order: then `products` can have the same bits without BLAS, and skip
zeros. With another BLAS the pieces are as good as any, and dgemm needs none.
"""

from __future__ import annotations

import numpy as np

from experiments.networks.ensemble.jobs import Real

INNER, LARGEST = 256, 2**18
"""What the operands of small products may measure: OpenBLAS's own blocks have 256 inner indices or more, beyond which
sums are taken in parts; and the second operand, in bytes, has to stay in the second-level cache."""
PIECES = 6
_ROWS, _COLUMNS, _MOST_COLUMNS = 12, 8, 320
"""Rows and columns of a block of sgemm, and how many columns it takes at once."""


def is_cut(m: int, n: int, p: int, size: int) -> bool:
    """Whether the product (m, n) @ (n, p) of numbers of `size` bytes is taken in pieces."""
    small = 2 <= n <= INNER and n * p * size <= LARGEST
    return size == 4 and small and m >= _ROWS and _COLUMNS <= p <= _MOST_COLUMNS


def piece(i: int, m: int, p: int) -> tuple[int, int, int, int]:
    """The i-th of PIECES of a product (m, p): first row, rows, first column, columns; later ones replace earlier.

    Whole dozens of rows, then the last dozen; of each all columns, then the first block, then the last full one with
    what is beyond it, alone.
    """
    top, rows = (0, m - m % _ROWS) if i < PIECES // 2 else (m - _ROWS, _ROWS)
    edge = _COLUMNS + p % _COLUMNS
    if i % 3 == 0:
        return top, rows, 0, p
    return (top, rows, 0, _COLUMNS) if i % 3 == 1 else (top, rows, p - edge, edge)


def in_order(a: Real, b: Real, out: Real | None = None) -> Real:
    """A (…, m, n) @ b (…, n, p) by np.matmul, in pieces where that is how products are taken."""
    (m, n), p = a.shape[-2:], b.shape[-1]
    if out is None:
        out = np.empty((*a.shape[:-1], p), a.dtype)
    if not is_cut(m, n, p, a.itemsize):
        np.matmul(a, b, out=out)
        return out
    for i in range(PIECES):
        top, rows, left, columns = piece(i, m, p)
        here = out[..., top : top + rows, left : left + columns]
        np.matmul(a[..., top : top + rows, :], b[..., left : left + columns], out=here)
    return out
