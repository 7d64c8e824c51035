"""Where the activations of a layer are not zero, in words of bits: what products need to skip their zeros.

The units of a row, or the rows of a unit, are cut into parts of at most 64, as even as can be; each part is a word,
whose lowest bit is the first. Words of one part lie side by side: marks[part, row] and marks[part, unit].
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped] # llvmlite has no types
from numba.core import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from experiments.networks.ensemble.calls import Reals, jit, jit_kept
from experiments.networks.ensemble.tiles import BYTES, Writer

PART = 64
"""Inner indices taken at once: their marks fit in a word, and what is read of b in the first-level cache."""

Words = NDArray[np.uint64]


@jit
def parts(n: int) -> int:
    """How many parts n indices are cut into; each but the last has ceil(n / parts) of them."""
    return (n + PART - 1) // PART


def _nonzero(context, like, address):  # type: ignore[no-untyped-def] # numba reads these names
    """Bits of the lanes of the vector at an address that are not zero; a NaN is not."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        write = Writer(context, builder, like)
        lanes = builder.fcmp_unordered("!=", write.load(write.pointer(values[1], 0)), write.zeros)
        return builder.zext(builder.bitcast(lanes, ir.IntType(write.lanes)), ir.IntType(64))

    return types.uint64(like, types.int64), generate


def _count(context, word):  # type: ignore[no-untyped-def] # numba reads these names
    """How many bits of a word are set."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return builder.ctpop(values[0])

    return types.int64(types.uint64), generate


nonzero = cast(Callable[[Reals, int], np.uint64], intrinsic(_nonzero))
count = cast(Callable[[np.uint64], int], intrinsic(_count))


@jit_kept
def mark(like: Reals, active: int, n: int, units: int, size: int, rows: Words, columns: Words, square: Words) -> int:
    """Mark the numbers that are not zero of a C-ordered (n, units) at an address, in its rows (parts(units), n) and
    in its columns (parts(n), units), and count them; at least a vector of units. `square` (64,) is scratch."""
    width = BYTES // size
    across, down = parts(units), parts(n)
    part, rows_part = (units + across - 1) // across, (n + down - 1) // down
    total = 0
    for k in range(across):
        length = min(part, units - k * part)
        vectors, edge = length // width, length - width
        for i in range(n):
            at = active + (i * units + k * part) * size
            # the last vector ends at the edge
            bits = nonzero(like, at + edge * size) << np.uint64(edge)
            for j in range(vectors):
                bits |= nonzero(like, at + j * BYTES) << np.uint64(j * width)
            rows[k * n + i] = bits
            total += count(bits)
    for k in range(across):
        length = min(part, units - k * part)
        for i in range(down):
            first = i * rows_part
            height = min(rows_part, n - first)
            for j in range(PART):
                square[j] = rows[k * n + first + j] if j < height else np.uint64(0)
            transpose_bits(square)
            for j in range(length):
                columns[i * units + k * part + j] = square[j]
    return total


@jit
def transpose_bits(square: Words) -> None:
    """Transpose a square (64,) of bits: halves are exchanged across the diagonal, then quarters, and so on to bits."""
    side = 32
    mask = np.uint64(0x00000000FFFFFFFF)
    while side > 0:
        shift = np.uint64(side)
        for start in range(0, PART, 2 * side):
            for j in range(start, start + side):
                other = ((square[j] >> shift) ^ square[j + side]) & mask
                square[j + side] ^= other
                square[j] ^= other << shift
        side //= 2
        mask ^= mask << np.uint64(side)
