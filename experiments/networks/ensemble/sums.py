"""np.sum in compiled code, bit for bit: pairwise along a contiguous axis, row by row down the columns of a matrix."""

from __future__ import annotations

from typing import Any

import numpy as np

from experiments.networks.ensemble.calls import Reals, jit


@jit
def block_sum(a: Reals, start: int, n: int) -> Any:
    """np.sum of at most 128 contiguous numbers: eight running sums, added as a tree."""
    if n < 8:
        total = a.dtype.type(0)
        for i in range(start, start + n):
            total += a[i]
        return total
    r0, r1, r2, r3 = a[start], a[start + 1], a[start + 2], a[start + 3]
    r4, r5, r6, r7 = a[start + 4], a[start + 5], a[start + 6], a[start + 7]
    end = start + n - n % 8
    for i in range(start + 8, end, 8):
        r0 += a[i]
        r1 += a[i + 1]
        r2 += a[i + 2]
        r3 += a[i + 3]
        r4 += a[i + 4]
        r5 += a[i + 5]
        r6 += a[i + 6]
        r7 += a[i + 7]
    total = ((r0 + r1) + (r2 + r3)) + ((r4 + r5) + (r6 + r7))
    for i in range(end, start + n):
        total += a[i]
    return total


@jit
def pairwise_sum(a: Reals, n: int) -> Any:
    """np.sum of a[:n]. Halves (rounded down to eights) are summed alone; a stack, because recursion cannot be cached.

    The tree is walked left to right; two sums of one depth on top of the stack are always the halves of one parent.
    """
    if n <= 128:
        return block_sum(a, 0, n)
    starts, lengths, depths = np.empty(64, np.int64), np.empty(64, np.int64), np.empty(64, np.int64)
    sums, levels = np.empty(64, a.dtype), np.empty(64, np.int64)
    starts[0], lengths[0], depths[0] = 0, n, 0
    waiting, summed = 1, 0
    while waiting > 0:
        waiting -= 1
        start, length, depth = starts[waiting], lengths[waiting], depths[waiting]
        if length > 128:
            half = length // 2
            half -= half % 8
            starts[waiting], lengths[waiting], depths[waiting] = start + half, length - half, depth + 1
            starts[waiting + 1], lengths[waiting + 1], depths[waiting + 1] = start, half, depth + 1
            waiting += 2
            continue
        sums[summed], levels[summed] = block_sum(a, start, length), depth
        summed += 1
        while summed > 1 and levels[summed - 1] == levels[summed - 2]:
            sums[summed - 2] += sums[summed - 1]
            levels[summed - 2] -= 1
            summed -= 1
    return sums[0]


@jit
def column_sums(a: Reals, n: int, columns: int, out: Reals) -> None:
    """np.sum(a, axis=0) of a C-ordered (n, columns): row after row, but pairwise where there is one column.

    Four rows are taken at a time, so that the sums are read and written a quarter as often.
    """
    if columns == 1:
        out[0] = pairwise_sum(a, n)
        return
    for j in range(columns):
        out[j] = a[j]
    fours = 1 + (n - 1) // 4 * 4
    for i in range(1, fours, 4):
        at = i * columns
        one, two = a[at : at + columns], a[at + columns : at + 2 * columns]
        three, four = a[at + 2 * columns : at + 3 * columns], a[at + 3 * columns : at + 4 * columns]
        for j in range(columns):
            out[j] = (((out[j] + one[j]) + two[j]) + three[j]) + four[j]
    for i in range(fours, n):
        row = a[i * columns : (i + 1) * columns]
        for j in range(columns):
            out[j] += row[j]
