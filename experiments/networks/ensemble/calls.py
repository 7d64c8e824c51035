"""Compiled code that calls the loops of NumPy's and SciPy's ufuncs (see `ufuncs`), and how functions are compiled.

Addresses and steps are in bytes, sizes in elements.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
from llvmlite import ir  # type: ignore[import-untyped] # llvmlite has no types
from numba.core import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from experiments.networks.ensemble.cache import kept

F = TypeVar("F", bound=Callable[..., Any])
Ints = NDArray[np.int64]
Reals = NDArray[np.floating[Any]]

MATMUL, EXP, EXPIT, XLOGY = 0, 2, 4, 6


def jit(function: F) -> F:
    """Compile on first use, without the GIL; IEEE division instead of Python's exception keeps loops vectorised.

    Multiplications and additions are never contracted, nor sums reordered: that is numba's default.
    """
    return cast(F, numba.njit(nogil=True, error_model="numpy")(function))


def jit_kept(function: F) -> F:
    """The same, and the machine code, with that of all that it calls, is kept in `cache_folder`."""
    with kept():
        return cast(F, numba.njit(nogil=True, error_model="numpy", cache=True)(function))


def _call_loop(context: Any, function: Any, data: Any, arguments: Any, sizes: Any, steps: Any) -> Any:
    """Call the ufunc loop at an address: void (*)(char **args, npy_intp *sizes, npy_intp *steps, void *data)."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        word = ir.IntType(64)
        pointer = ir.FunctionType(ir.VoidType(), [word] * 4).as_pointer()
        address, data, arguments, sizes, steps = values
        builder.call(builder.inttoptr(address, pointer), [arguments, sizes, steps, data])
        return context.get_dummy_value()

    return types.void(*[types.int64] * 5), generate


call_loop = cast(Callable[[int, int, int, int, int], None], intrinsic(_call_loop))


@jit
def multiply(
    loops: Ints, call: Ints, a: int, a_row: int, a_column: int, b: int, b_row: int, b_column: int, out: int,
    out_row: int, m: int, n: int, p: int, size: int,
) -> None:  # fmt: skip
    """Out (m, p) = a (m, n) @ b (n, p) at addresses; `call` (16,) is room for the arguments."""
    call[0], call[1], call[2] = a, b, out
    call[3], call[4], call[5], call[6] = 1, m, n, p
    call[7], call[8], call[9] = 0, 0, 0
    call[10], call[11] = a_row, a_column
    call[12], call[13] = b_row, b_column
    call[14], call[15] = out_row, size
    at = call.ctypes.data
    call_loop(loops[MATMUL], loops[MATMUL + 1], at, at + 3 * 8, at + 7 * 8)


@jit
def apply(loops: Ints, which: int, call: Ints, first: int, second: int, out: int, n: int, size: int) -> None:
    """Out (n,) = f(first (n,)) or, where `second` is not 0, f(first, second): contiguous arrays at addresses."""
    if second == 0:
        call[0], call[1] = first, out
    else:
        call[0], call[1], call[2] = first, second, out
    call[3] = n
    call[7], call[8], call[9] = size, size, size
    at = call.ctypes.data
    call_loop(loops[which], loops[which + 1], at, at + 3 * 8, at + 7 * 8)
