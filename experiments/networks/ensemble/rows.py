"""Rows of matrix products in vector registers, skipping the zeros of the first factor.

About half of what a rectified layer gives, and of what comes back through it, is zero. For finite b the fused
multiply-add 0 b + s is s, bit for bit, unless s is -0; and a sum that starts from +0 becomes -0 only where a product
underflows, since exact cancellation gives +0. So skipping zeros changes at most the sign of a sum that is zero, and no
weight can tell: a bias is never -0 (an addition gives -0 only from two of them), so adding it makes one number of both
zeros; elsewhere such a sum is a factor or a summand of further sums, or ends in Adam's moments, where zeros of both
signs move a weight by nothing.

Where b is not finite, 0 b is NaN and is missed. In the forward product and the backward one b holds weights: once not
finite they stay so, and training ends in an error in any case. In a gradient b holds what comes back to a layer, whose
column sums make the same layer's biases not finite in the same step; or the inputs, which are finite (see
`compiled.train`). What comes before the first missed NaN is the same, so no error is added or lost.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from llvmlite import ir  # type: ignore[import-untyped] # llvmlite has no types
from numba.core import types
from numba.extending import intrinsic

from experiments.networks.ensemble.calls import Reals, jit
from experiments.networks.ensemble.tiles import BYTES, Writer, downwards, word

FEWEST, MOST = 5, 13
"""Vectors of a row: fewer sums than five leave the multipliers waiting for each other; with thirteen, and what
multiplies them, fourteen of the sixteen vector registers of AVX2 are taken, and b comes straight from the cache."""


def _rows(  # type: ignore[no-untyped-def] # numba reads these names
    context,
    like,
    vectors,
    count,
    marks,
    a,
    a_row,
    a_inner,
    b,
    b_row,
    out,
    out_row,
    last,
    resumed,
    finish,
    operand,
    operand_row,
):
    """`count` rows below each other, each out (FEWEST <= `vectors` <= MOST of columns) = a @ b with its finish, or one
    part of its sums.

    Arguments: any array of the dtype; vectors; count; address of the first row's word of marks, the next rows' follow;
    address of a and its steps from row to row and along the inner index; address of b and its step along the inner
    index; address of out and its step from row to row; the place of the last vector in a row of out
    and of the operand, in bytes (the others lie side by side); whether to go on from the sums that are in out; how to
    finish, the address of the operand for that, and its step from row to row.
    """

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        write = Writer(context, builder, like)
        done = builder.append_basic_block("done")
        widths = builder.switch(values[1], done)
        for vectors in range(FEWEST, MOST + 1):
            block = builder.append_basic_block(f"vectors_{vectors}")
            widths.add_case(word(vectors), block)
            builder.position_at_end(block)
            _rows_of(write, vectors, *values[2:])
            builder.branch(done)
        builder.position_at_end(done)
        return context.get_dummy_value()

    return types.void(like, *[types.int64] * 15), generate


rows = cast(Callable[..., None], intrinsic(_rows))


def _rows_of(
    write: Writer, vectors: int, count: Any, marks: Any, a: Any, a_row: Any, a_inner: Any, b: Any, b_row: Any, out: Any,
    out_row: Any, last: Any, resumed: Any, finish: Any, operand: Any, operand_row: Any,
) -> None:  # fmt: skip
    builder = write.builder
    steps = ((marks, word(8)), (a, a_row), (out, out_row), (operand, operand_row))
    with downwards(builder, count, *steps) as (at_marks, at_a, at_out, at_operand):
        targets, operands = (
            [write.pointer(start, BYTES * j) for j in range(vectors - 1)] + [write.pointer(builder.add(start, last), 0)]
            for start in (at_out, at_operand)
        )
        sums = _sums(write, at_marks, at_a, a_inner, b, b_row, resumed, targets)
        write.store_finished(finish, sums, operands, targets)


def _sums(
    write: Writer, at_marks: Any, a: Any, a_inner: Any, b: Any, b_row: Any, resumed: Any, targets: list[Any]
) -> list[Any]:
    """The sums of a row in registers, from zero or from what is in the targets: one step for every bit of its word."""
    builder = write.builder
    begin = builder.block
    resume, check, inner, end = (builder.append_basic_block(name) for name in ("resume", "check", "inner", "end"))
    marks = builder.load(builder.inttoptr(at_marks, ir.IntType(64).as_pointer()))
    builder.cbranch(builder.icmp_signed("!=", resumed, word(0)), resume, check)

    def either(one: Any, from_one: Any, two: Any, from_two: Any) -> Any:
        value = builder.phi(one.type)
        value.add_incoming(one, from_one)
        value.add_incoming(two, from_two)
        return value

    builder.position_at_end(resume)
    earlier = [write.load(place) for place in targets]
    builder.branch(check)

    builder.position_at_end(check)
    starts = [either(write.zeros, begin, value, resume) for value in earlier]
    builder.cbranch(builder.icmp_unsigned("!=", marks, word(0)), inner, end)

    builder.position_at_end(inner)
    left, *sums = (builder.phi(start.type) for start in (marks, *starts))
    index = builder.cttz(left, ir.Constant(ir.IntType(1), 1))
    factor = write.everywhere(builder.add(a, builder.mul(index, a_inner)))
    at_b = builder.add(b, builder.mul(index, b_row))
    new = [
        builder.call(write.multiply_add, [factor, write.load(write.pointer(at_b, BYTES * j)), value])
        for j, value in enumerate(sums)
    ]
    rest = builder.and_(left, builder.sub(left, word(1)))
    for value, start, following in zip((left, *sums), (marks, *starts), (rest, *new), strict=True):
        value.add_incoming(start, check)
        value.add_incoming(following, inner)
    builder.cbranch(builder.icmp_unsigned("!=", rest, word(0)), inner, end)

    builder.position_at_end(end)
    return [either(start, check, value, inner) for start, value in zip(starts, new, strict=True)]


def _move_vector(context, like, source, out):  # type: ignore[no-untyped-def] # numba reads these names
    """Copy a vector from one address to another."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        write = Writer(context, builder, like)
        write.store(write.load(write.pointer(values[1], 0)), write.pointer(values[2], 0))
        return context.get_dummy_value()

    return types.void(like, types.int64, types.int64), generate


_move = cast(Callable[[Reals, int, int], None], intrinsic(_move_vector))


@jit
def pack(like: Reals, source: int, n: int, source_row: int, vectors: int, last: int, out: int) -> None:
    """N rows of vectors, the last of which is at `last` in a row of the source, one after another."""
    for i in range(n):
        at, to = source + i * source_row, out + i * vectors * BYTES
        for j in range(vectors - 1):
            _move(like, at + j * BYTES, to + j * BYTES)
        _move(like, at + last, to + (vectors - 1) * BYTES)
