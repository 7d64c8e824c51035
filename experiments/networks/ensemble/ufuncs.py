"""The compiled inner loops of NumPy's and SciPy's ufuncs, as addresses that compiled code can call.

Two BLAS builds, or two versions of exp, need not agree in the last bit. scikit-learn's bits are those of `np.matmul`
(which picks gemm, gemv or dot by shape and strides), `np.exp`, and SciPy's `expit` and `xlogy`; so the compiled
trainer calls these very loops, on whatever machine and with whatever BLAS NumPy was built. A ufunc keeps them in the
public C struct PyUFuncObject (numpy/ufuncobject.h), part of NumPy's stable binary interface.
"""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
from numpy.typing import NDArray


class _UFuncStruct(ctypes.Structure):
    _fields_ = (
        ("head", ctypes.c_byte * object.__basicsize__),
        ("nin", ctypes.c_int),
        ("nout", ctypes.c_int),
        ("nargs", ctypes.c_int),
        ("identity", ctypes.c_int),
        ("functions", ctypes.POINTER(ctypes.c_void_p)),
        ("data", ctypes.POINTER(ctypes.c_void_p)),
        ("ntypes", ctypes.c_int),
        ("reserved", ctypes.c_int),
        ("name", ctypes.c_char_p),
    )


def loop_addresses(dtype: np.dtype[Any]) -> NDArray[np.int64]:
    """Addresses (8,) of function and data of matmul, exp, expit and xlogy, for float64 or float32.

    Raises RuntimeError where the struct is not laid out as expected.
    """
    from scipy.special import expit, xlogy

    pairs = [_loop(ufunc, dtype.char) for ufunc in (np.matmul, np.exp, expit, xlogy)]
    return np.array([address for pair in pairs for address in pair], dtype=np.int64)


def _loop(ufunc: np.ufunc, char: str) -> tuple[int, int]:
    struct = _UFuncStruct.from_address(id(ufunc))
    expected = (ufunc.nin, ufunc.nout, ufunc.nargs, ufunc.ntypes)
    if (struct.nin, struct.nout, struct.nargs, struct.ntypes) != expected or struct.name != ufunc.__name__.encode():
        raise RuntimeError(f"The loops of the ufunc {ufunc.__name__} are not where NumPy's header says.")
    index = ufunc.types.index(char * ufunc.nin + "->" + char)
    function = struct.functions[index]
    if function is None:
        raise RuntimeError(f"The ufunc {ufunc.__name__} has no loop for {char}.")
    return function, struct.data[index] or 0
