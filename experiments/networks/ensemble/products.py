"""Products of small matrices without BLAS's packing, used only where they are seen to give BLAS's own bits.

OpenBLAS's kernels add up each element of a product in the order of the inner index with fused multiply-adds, as long
as the inner dimension fits one of its blocks; so do the tiles here, on rows of the operands as they lie in memory,
which is up to 1.5 times faster at the sizes of small networks. Whether the BLAS at hand rounds in this way is not
assumed: `seen_equal` tries the very shape on random numbers, and where one bit differs BLAS does the work.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, cast

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped] # llvmlite has no types
from numba.core import cgutils, types
from numba.extending import intrinsic

from experiments.networks.ensemble.calls import Reals, jit

ROWS = 4
"""Rows of a tile: with three vectors a row, its sums fill twelve of the sixteen vector registers of AVX2."""
INNER, BYTES = 128, 2**18
"""What the operands may measure, as they are not packed: columns of them fit the first-level cache, all the second."""

Tile = Callable[[Reals, int, int, int, int, int, int, int, int], None]


def lanes(like: Any) -> int:
    """Numbers in a vector of 32 bytes."""
    return 32 // int(like.dtype.bitwidth // 8)


def tile(vectors: int) -> Tile:
    """Compiled code for out (ROWS, vectors of columns) = a @ b.

    Arguments: any array of the dtype, address of a and its steps from row to row and along the inner index, address of
    b and its step along the inner index (columns are contiguous), address of out and its step, inner length (> 0).
    """

    def typed(context: Any, like: Any, *_: Any) -> Any:
        width = lanes(like)

        def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            _, a, a_row, a_inner, b, b_inner, out, out_row, inner = values
            real = context.get_value_type(like.dtype)
            vector = ir.VectorType(real, width)
            word, size = ir.IntType(64), like.dtype.bitwidth // 8
            name = f"llvm.fma.v{width}f{like.dtype.bitwidth}"
            fma = cgutils.get_or_insert_function(builder.module, ir.FunctionType(vector, [vector] * 3), name)
            before = builder.block
            loop, after = builder.append_basic_block("inner"), builder.append_basic_block("store")
            builder.branch(loop)
            builder.position_at_end(loop)
            index, at_a, at_b = builder.phi(word), builder.phi(word), builder.phi(word)
            sums = [[builder.phi(vector) for _ in range(vectors)] for _ in range(ROWS)]
            columns = []
            for j in range(vectors):
                place = builder.add(at_b, ir.Constant(word, 32 * j))
                columns.append(builder.load(builder.inttoptr(place, vector.as_pointer()), align=size))
            new = []
            for i in range(ROWS):
                place = builder.add(at_a, builder.mul(a_row, ir.Constant(word, i)))
                factor = builder.load(builder.inttoptr(place, real.as_pointer()))
                undefined, zero = ir.Constant(vector, ir.Undefined), ir.Constant(ir.IntType(32), 0)
                first = builder.insert_element(undefined, factor, zero)
                spread = ir.Constant(ir.VectorType(ir.IntType(32), width), [0] * width)
                all_lanes = builder.shuffle_vector(first, undefined, spread)
                new.append([builder.call(fma, [all_lanes, columns[j], sums[i][j]]) for j in range(vectors)])
            following = builder.add(index, ir.Constant(word, 1))
            for phi, start, step in (
                (index, ir.Constant(word, 0), following),
                (at_a, a, builder.add(at_a, a_inner)),
                (at_b, b, builder.add(at_b, b_inner)),
            ):
                phi.add_incoming(start, before)
                phi.add_incoming(step, loop)
            for i in range(ROWS):
                for j in range(vectors):
                    sums[i][j].add_incoming(ir.Constant(vector, None), before)
                    sums[i][j].add_incoming(new[i][j], loop)
            builder.cbranch(builder.icmp_signed("<", following, inner), loop, after)
            builder.position_at_end(after)
            for i in range(ROWS):
                row = builder.add(out, builder.mul(out_row, ir.Constant(word, i)))
                for j in range(vectors):
                    place = builder.add(row, ir.Constant(word, 32 * j))
                    builder.store(new[i][j], builder.inttoptr(place, vector.as_pointer()), align=size)
            return context.get_dummy_value()

        return types.void(like, *[types.int64] * 8), generate

    def tile_of(context, like, a, a_row, a_inner, b, b_inner, out, out_row, inner):  # type: ignore[no-untyped-def] # numba reads these names
        return typed(context, like)

    return cast(Tile, intrinsic(tile_of))


def _transpose_block(context, like, source, source_row, out, out_row):  # type: ignore[no-untyped-def] # numba reads these names
    """Transpose a square of as many rows as a vector has lanes, by interleaving halves log2(lanes) times."""
    width = lanes(like)

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        _, source, source_row, out, out_row = values
        vector = ir.VectorType(context.get_value_type(like.dtype), width)
        word, size = ir.IntType(64), like.dtype.bitwidth // 8
        places = ir.VectorType(ir.IntType(32), width)
        halves = [
            ir.Constant(places, [start + i // 2 + width * (i % 2) for i in range(width)]) for start in (0, width // 2)
        ]
        rows = []
        for i in range(width):
            place = builder.add(source, builder.mul(source_row, ir.Constant(word, i)))
            rows.append(builder.load(builder.inttoptr(place, vector.as_pointer()), align=size))
        for _ in range(width.bit_length() - 1):
            pairs = zip(rows[: width // 2], rows[width // 2 :], strict=True)
            rows = [builder.shuffle_vector(one, two, half) for one, two in pairs for half in halves]
        for i, row in enumerate(rows):
            place = builder.add(out, builder.mul(out_row, ir.Constant(word, i)))
            builder.store(row, builder.inttoptr(place, vector.as_pointer()), align=size)
        return context.get_dummy_value()

    return types.void(like, *[types.int64] * 4), generate


transpose_block = cast(Callable[[Reals, int, int, int, int], None], intrinsic(_transpose_block))
tile_1, tile_2, tile_3 = tile(1), tile(2), tile(3)


@jit
def multiply_small(
    like: Reals, a: int, a_row: int, a_inner: int, b: int, out: int, m: int, n: int, p: int, size: int
) -> None:
    """Out (m, p) = a (m, n) @ b (n, p) for m >= ROWS, p >= lanes and contiguous b; addresses and steps in bytes.

    The last tile of a row or column is moved back to end at the edge: what it computes twice is the same.
    """
    width = 32 // size
    row = p * size
    column = 0
    while column < p:
        left = p - column
        vectors = min(3, (left + width - 1) // width)
        vectors = min(vectors, p // width)
        start = min(column, p - vectors * width)
        i = 0
        while i < m:
            first = min(i, m - ROWS)
            at_a, at_b, at = a + first * a_row, b + start * size, out + first * row + start * size
            if vectors == 3:
                tile_3(like, at_a, a_row, a_inner, at_b, row, at, row, n)
            elif vectors == 2:
                tile_2(like, at_a, a_row, a_inner, at_b, row, at, row, n)
            else:
                tile_1(like, at_a, a_row, a_inner, at_b, row, at, row, n)
            i += ROWS
        column = start + vectors * width


@jit
def transpose(like: Reals, source: int, rows: int, columns: int, out: int, size: int) -> None:
    """Out (columns, rows) = source (rows, columns) transposed; both at least as long as a vector has lanes."""
    width = 32 // size
    for i in range(0, rows, width):
        row = min(i, rows - width)
        for j in range(0, columns, width):
            column = min(j, columns - width)
            transpose_block(
                like, source + (row * columns + column) * size, columns * size,
                out + (column * rows + row) * size, rows * size,
            )  # fmt: skip


FORWARD, GRADIENT, BACKWARD = 0, 1, 2


@jit
def product(kind: int, like: Reals, a: int, b: int, out: int, scratch: int, m: int, n: int, p: int, size: int) -> None:
    """Forward a @ b, gradient aᵀ @ b, or backward a @ bᵀ, giving out (m, p); all lie C-ordered at addresses."""
    if kind == FORWARD:
        multiply_small(like, a, n * size, size, b, out, m, n, p, size)
    elif kind == GRADIENT:
        multiply_small(like, a, size, m * size, b, out, m, n, p, size)
    else:
        transpose(like, b, p, n, scratch, size)
        multiply_small(like, a, n * size, size, scratch, out, m, n, p, size)


@cache
def seen_equal(kind: int, m: int, n: int, p: int, dtype: str) -> bool:
    """Whether `product` of this shape is possible and gives the bits of np.matmul on random numbers.

    Another order of summation, or rounding between multiplication and addition, would change about a third of the
    elements; at least 500 are compared. To be called with one BLAS thread.
    """
    size = np.dtype(dtype).itemsize
    width = 32 // size
    fits = 2 <= n <= INNER and n * p * size <= BYTES
    if not fits or m < ROWS or p < width or (kind == BACKWARD and n < width):
        return False
    rng = np.random.default_rng(0)
    for _ in range(1 + 500 // (m * p)):
        a = rng.normal(size=(n, m) if kind == GRADIENT else (m, n)).astype(dtype)
        b = rng.normal(size=(p, n) if kind == BACKWARD else (n, p)).astype(dtype)
        out, scratch = np.empty((m, p), dtype), np.empty(n * p, dtype)
        product(kind, scratch, a.ctypes.data, b.ctypes.data, out.ctypes.data, scratch.ctypes.data, m, n, p, size)
        expected = np.matmul(a.T if kind == GRADIENT else a, b.T if kind == BACKWARD else b)
        if out.tobytes() != expected.tobytes():
            return False
    return True
