"""Where the activations of a layer are not zero, in words of bits: what products need to skip their zeros.

The units of a row, or the rows of a unit, are cut into parts of at most 64, as even as can be; each part is a word,
whose lowest bit is the first. Words of one part lie side by side: marks[part, row] and marks[part, unit].
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped] # llvmlite has no types
from numba.core import cgutils, types
from numba.extending import intrinsic
from numpy.typing import NDArray

from experiments.networks.ensemble.calls import Reals, jit, jit_kept
from experiments.networks.ensemble.tiles import BYTES, Writer, word

PART = 64
"""Inner indices taken at once: their marks fit in a word, and what is read of b in the first-level cache."""

Words = NDArray[np.uint64]


@jit
def parts(n: int) -> int:
    """How many parts n indices are cut into; each but the last has ceil(n / parts) of them."""
    return (n + PART - 1) // PART


def _mark_vectors(context, like, active, row, height, rows, first_bit, columns):  # type: ignore[no-untyped-def] # numba reads these names
    """Mark a vector in each of `height` <= PART rows, `row` bytes apart, at an address: the rows' words, one after
    another, get its lanes from `first_bit` on; a word for every lane, one after another, has the rows in their order.
    What is not zero is marked, a NaN too."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        _, active, row, height, rows, first_bit, columns = values
        write = Writer(context, builder, like)
        side = 8 * write.size
        lanes, words = (ir.VectorType(ir.IntType(bits), write.lanes) for bits in (side, PART))
        down = ir.Constant(words, None)
        for start in range(0, PART, side):  # as many rows at a time as a lane has bits
            bit = cgutils.alloca_once_value(builder, ir.Constant(lanes, [1] * write.lanes))
            marked = cgutils.alloca_once_value(builder, ir.Constant(lanes, None))
            left = builder.sub(height, word(start))
            few = builder.select(builder.icmp_signed("<", left, word(side)), left, word(side))
            with cgutils.for_range(builder, few) as loop:
                i = builder.add(loop.index, word(start))
                number = write.load(write.pointer(builder.add(active, builder.mul(i, row)), 0))
                nonzero = builder.fcmp_unordered("!=", number, write.zeros)
                place = builder.inttoptr(builder.add(rows, builder.mul(i, word(8))), ir.IntType(PART).as_pointer())
                across = builder.zext(builder.bitcast(nonzero, ir.IntType(write.lanes)), ir.IntType(PART))
                builder.store(builder.or_(builder.load(place), builder.shl(across, first_bit)), place)
                here = builder.load(bit)
                kept = builder.select(nonzero, here, ir.Constant(lanes, None))
                builder.store(builder.or_(builder.load(marked), kept), marked)
                builder.store(builder.add(here, here), bit)
            shift = ir.Constant(words, [start] * write.lanes)
            down = builder.or_(down, builder.shl(builder.zext(builder.load(marked), words), shift))
        builder.store(down, builder.inttoptr(columns, words.as_pointer()), align=8)
        return context.get_dummy_value()

    return types.void(like, *[types.int64] * 6), generate


def _count(context, word):  # type: ignore[no-untyped-def] # numba reads these names
    """How many bits of a word are set."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return builder.ctpop(values[0])

    return types.int64(types.uint64), generate


mark_vectors = cast(Callable[[Reals, int, int, int, int, int, int], None], intrinsic(_mark_vectors))
count = cast(Callable[[np.uint64], int], intrinsic(_count))


@jit_kept
def mark(like: Reals, active: int, n: int, units: int, size: int, rows: Words, columns: Words) -> int:
    """Mark the numbers that are not zero of a C-ordered (n, units) at an address, in its rows (parts(units), n) and
    in its columns (parts(n), units), and count them; at least a vector of units."""
    width = BYTES // size
    across, down = parts(units), parts(n)
    part, rows_part = (units + across - 1) // across, (n + down - 1) // down
    at_rows: Any = np.int64(rows.ctypes.data)  # unsigned otherwise
    at_columns: Any = np.int64(columns.ctypes.data)
    rows[:] = 0
    for k in range(across):
        length = min(part, units - k * part)
        for j in range(0, length, width):
            bit = min(j, length - width)  # the last vector ends at the edge
            unit = k * part + bit
            for i in range(down):
                first = i * rows_part
                mark_vectors(
                    like, active + (first * units + unit) * size, units * size, min(rows_part, n - first),
                    at_rows + 8 * (k * n + first), bit, at_columns + 8 * (i * units + unit),
                )  # fmt: skip
    total = 0
    for j in range(rows.size):
        total += count(rows[j])
    return total
