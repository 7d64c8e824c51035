"""Tiles of matrix products and transpositions in vector registers: what compilers do not make of loops by themselves.

The code is written in LLVM's terms and compiled where it is called. Addresses and steps are in bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any, cast

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped] # llvmlite has no types
from numba.core import cgutils, types
from numba.extending import intrinsic

from experiments.networks.ensemble.calls import Reals, jit

ROWS = 4
"""Rows of a tile: with three vectors a row, its sums fill twelve of the sixteen vector registers of AVX2."""
BYTES = 32
"""Bytes of a vector."""
WAYS: Any = np.arange(4)  # not ints, for each of which numba would compile a version of its own
NOTHING, ADD, RECTIFY, MASK = WAYS
"""What is done to the sums of a tile before they are stored: nothing; its operand is added (the bias); that, and the
positive part is taken (a NaN stays); they become zero where the operand is zero."""

Cells = list[list[Any]]


def _fma(context: Any, a: Any, b: Any, c: Any) -> Any:
    """A b + c, rounded once."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        real = values[0].type
        name = f"llvm.fma.f{signature.return_type.bitwidth}"
        return builder.call(_declared(builder, name, real), values)

    return a(a, a, a), generate


fma = cast(Callable[[Any, Any, Any], Any], intrinsic(_fma))


def _declared(builder: Any, name: str, operand: Any) -> Any:
    return cgutils.get_or_insert_function(builder.module, ir.FunctionType(operand, [operand] * 3), name)


class Writer:
    """Writes loads, stores and arithmetic on vectors of the numbers of an array type."""

    def __init__(self, context: Any, builder: Any, like: Any) -> None:
        self.builder = builder
        self.real = context.get_value_type(like.dtype)
        self.size = like.dtype.bitwidth // 8
        self.lanes = BYTES // self.size
        self.vector = ir.VectorType(self.real, self.lanes)
        self.zeros = ir.Constant(self.vector, None)
        self.multiply_add = _declared(builder, f"llvm.fma.v{self.lanes}f{like.dtype.bitwidth}", self.vector)

    def places(self, base: Any, step: Any, rows: int, vectors: int) -> Cells:
        """Pointers to `vectors` neighbouring vectors in each of `rows` rows."""
        starts = [self.builder.add(base, self.builder.mul(step, word(i))) for i in range(rows)]
        return [[self.pointer(start, BYTES * j) for j in range(vectors)] for start in starts]

    def pointer(self, base: Any, offset: int) -> Any:
        return self.builder.inttoptr(self.builder.add(base, word(offset)), self.vector.as_pointer())

    def load(self, place: Any) -> Any:
        return self.builder.load(place, align=self.size)

    def store(self, value: Any, place: Any) -> None:
        self.builder.store(value, place, align=self.size)

    def everywhere(self, address: Any) -> Any:
        """The number at an address in every lane."""
        number = self.builder.load(self.builder.inttoptr(address, self.real.as_pointer()))
        undefined = ir.Constant(self.vector, ir.Undefined)
        first = self.builder.insert_element(undefined, number, ir.Constant(ir.IntType(32), 0))
        return self.builder.shuffle_vector(first, undefined, lane_numbers([0] * self.lanes))

    def finished(self, finish: int, value: Any, place: Any) -> Any:
        """The value after one of the ways to finish, with the operand at a place."""
        if finish == NOTHING:
            return value
        operand = self.load(place)
        if finish == MASK:
            return self.builder.select(self.builder.fcmp_ordered("==", operand, self.zeros), self.zeros, value)
        value = self.builder.fadd(value, operand)
        if finish == ADD:
            return value
        return self.builder.select(self.builder.fcmp_ordered("<", value, self.zeros), self.zeros, value)

    def store_finished(
        self, finish: Any, values: Iterable[Any], operands: Iterable[Any], targets: Iterable[Any]
    ) -> None:
        """Store values after the way to finish that `finish` is at run time. It is compared with one after another: in
        the time of a jump by a table a row of sums would be half done."""
        cells = list(zip(values, operands, targets, strict=True))
        stored = self.builder.append_basic_block("stored")
        *first, last = WAYS
        for way in first:
            this, others = (self.builder.append_basic_block(f"{name}_{way}") for name in ("finish", "not"))
            self.builder.cbranch(self.builder.icmp_signed("==", finish, word(int(way))), this, others)
            self.builder.position_at_end(this)
            self._store_all(way, cells, stored)
            self.builder.position_at_end(others)
        self._store_all(last, cells, stored)
        self.builder.position_at_end(stored)

    def _store_all(self, way: int, cells: list[tuple[Any, Any, Any]], then: Any) -> None:
        for value, operand, target in cells:
            self.store(self.finished(way, value, operand), target)
        self.builder.branch(then)


@contextmanager
def downwards(builder: Any, count: Any, *steps: tuple[Any, Any]) -> Iterator[list[Any]]:
    """What is done `count` times, from addresses that move on by their steps. They are added up: to multiply them takes
    more registers than there are beside the sums."""
    starts = [cgutils.alloca_once_value(builder, start) for start, _ in steps]
    with cgutils.for_range(builder, count):
        places = [builder.load(start) for start in starts]
        for start, place, (_, step) in zip(starts, places, steps, strict=True):
            builder.store(builder.add(place, step), start)
        yield places


def word(value: int) -> Any:
    return ir.Constant(ir.IntType(64), value)


def lane_numbers(values: list[int]) -> Any:
    return ir.Constant(ir.VectorType(ir.IntType(32), len(values)), values)


def tiles(vectors: int) -> Callable[..., None]:
    """Compiled code for `count` tiles below each other, each out (ROWS, vectors of columns) = a @ b with its finish, or
    one part of its sums.

    Arguments: any array of the dtype; count (> 0); address of a and its steps from row to row and along the inner
    index; address of b and its step along the inner index (columns are contiguous); address of out and its step from
    row to row; length of the inner index (> 0); whether to go on from the sums that are in out; how to finish, the
    address of the operand for that, and its step from row to row.
    """

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        _, count, a, a_row, a_inner, b, b_row, out, out_row, length, resumed, finish, operand, operand_row = values
        write = Writer(context, builder, signature.args[0])
        height = word(ROWS)
        steps = [(a, builder.mul(a_row, height)), (out, builder.mul(out_row, height))]
        with downwards(builder, count, *steps, (operand, builder.mul(operand_row, height))) as places:
            at_a, at_out, at_operand = places
            targets = write.places(at_out, out_row, ROWS, vectors)
            operands = write.places(at_operand, operand_row, ROWS, vectors)
            sums = _sums(write, at_a, a_row, a_inner, b, b_row, length, resumed, targets)
            write.store_finished(finish, *map(chain.from_iterable, (sums, operands, targets)))
        return context.get_dummy_value()

    def tiles_of(  # type: ignore[no-untyped-def] # numba reads these names
        context, like, count, a, a_row, a_inner, b, b_row, out, out_row, length, resumed, finish, operand, operand_row
    ):
        return types.void(like, *[types.int64] * 13), generate

    return cast(Callable[..., None], intrinsic(tiles_of))


def _sums(
    write: Writer, a: Any, a_row: Any, a_inner: Any, b: Any, b_row: Any, length: Any, resumed: Any, targets: Cells
) -> Cells:
    """The sums of a tile in registers, from zero or from what is in the targets."""
    builder = write.builder
    begin = builder.block
    resume, inner, end = (builder.append_basic_block(name) for name in ("resume", "inner", "end"))
    builder.cbranch(builder.icmp_signed("!=", resumed, word(0)), resume, inner)

    builder.position_at_end(resume)
    earlier = [[write.load(place) for place in row] for row in targets]
    builder.branch(inner)

    builder.position_at_end(inner)

    def from_step_to_step(start: Any, resumed: Any) -> Any:
        value = builder.phi(start.type)
        value.add_incoming(start, begin)
        value.add_incoming(resumed, resume)
        return value

    index, at_a, at_b = (from_step_to_step(start, start) for start in (word(0), a, b))
    sums = [[from_step_to_step(write.zeros, value) for value in row] for row in earlier]
    columns = [write.load(write.pointer(at_b, BYTES * j)) for j in range(len(targets[0]))]
    new: Cells = []
    for i, row in enumerate(sums):
        factor = write.everywhere(builder.add(at_a, builder.mul(a_row, word(i))))
        new.append([builder.call(write.multiply_add, [factor, *pair]) for pair in zip(columns, row, strict=True)])
    for old, value in zip(chain.from_iterable(sums), chain.from_iterable(new), strict=True):
        old.add_incoming(value, inner)
    following = builder.add(index, word(1))
    index.add_incoming(following, inner)
    at_a.add_incoming(builder.add(at_a, a_inner), inner)
    at_b.add_incoming(builder.add(at_b, b_row), inner)
    builder.cbranch(builder.icmp_signed("<", following, length), inner, end)
    builder.position_at_end(end)
    return new


def _transpose_block(context, like, source, source_row, out, out_row):  # type: ignore[no-untyped-def] # numba reads these names
    """Transpose a square of as many rows as a vector has lanes, by interleaving halves log2(lanes) times."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        _, source, source_row, out, out_row = values
        write = Writer(context, builder, like)
        n = write.lanes
        halves = [lane_numbers([start + i // 2 + n * (i % 2) for i in range(n)]) for start in (0, n // 2)]
        rows = [write.load(place) for (place,) in write.places(source, source_row, n, 1)]
        for _ in range(n.bit_length() - 1):
            pairs = zip(rows[: n // 2], rows[n // 2 :], strict=True)
            rows = [builder.shuffle_vector(one, two, half) for one, two in pairs for half in halves]
        for row, (place,) in zip(rows, write.places(out, out_row, n, 1), strict=True):
            write.store(row, place)
        return context.get_dummy_value()

    return types.void(like, *[types.int64] * 4), generate


_block = cast(Callable[[Reals, int, int, int, int], None], intrinsic(_transpose_block))


@jit
def transpose(like: Reals, source: int, rows: int, columns: int, out: int, out_row: int, size: int) -> None:
    """Out (columns, rows) = source (rows, columns) transposed; both at least as long as a vector has lanes.

    A row of out takes `out_row` bytes; where these are whole vectors, its last vector ends there, and what is not
    filled by rows of the source repeats some.
    """
    width = BYTES // size
    for i in range(0, rows, width):
        row = min(i, rows - width)
        place = min(i, out_row // size - width)
        for j in range(0, columns, width):
            column = min(j, columns - width)
            _block(
                like, source + (row * columns + column) * size, columns * size,
                out + column * out_row + place * size, out_row,
            )  # fmt: skip
