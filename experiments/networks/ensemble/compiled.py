"""Driving the compiled loop: whether it is there, its arguments, and one job from start to result."""

from __future__ import annotations

import logging
from collections.abc import Generator
from concurrent.futures import CancelledError
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.networks.ensemble.adam import constants, learning_rates, squares_may_overflow
from experiments.networks.ensemble.cache import announcing
from experiments.networks.ensemble.jobs import FitResult, Problem, finished, initial
from experiments.networks.ensemble.ufuncs import loop_addresses

log = logging.getLogger(__name__)

STEPS = 4096
"""Steps whose learning rates are tabulated at a time, at least one epoch."""
TURN = 1.5e8
"""Samples times parameters times epochs of a turn: about 15 ms or more, of which handing over takes a hundredth."""


@cache
def load_kernel() -> ModuleType | None:
    """The module of compiled functions, or None where numba is not installed or NumPy's loops cannot be reached."""
    try:
        import numba  # noqa: F401 — only whether it is there

        loop_addresses(np.dtype(np.float64))
    except (ImportError, RuntimeError) as error:
        log.warning("training without compiled code: %s", error)
        return None
    from experiments.networks.ensemble import kernel

    return kernel


@cache
def prepare(dtype: str) -> None:
    """Compile the loop for a dtype, or load it from the cache; says so before it compiles (about ten seconds)."""
    kernel = load_kernel()
    if kernel is None:
        raise RuntimeError("The compiled trainer needs numba.")
    with announcing(f"compiling the training loop for {dtype}: about 20 s, once"):
        real, ints, words = np.empty(0, dtype), np.empty(0, np.int64), np.empty(0, np.uint32)
        table, doubles = np.empty((0, 1), dtype), np.empty(0)
        # no epochs: compiles for these types and returns
        kernel.train(
            ints, ints, np.zeros((4, 2, 1), np.int8), np.ones(2, np.int64), 0, True, 1, table, table,
            ints, ints, words, ints, real, real, real, np.empty(16, dtype), np.empty(0, np.uint64),
            real, real, np.dtype(dtype).type(0), True, doubles, doubles, np.zeros(1, np.uint8),
        )  # fmt: skip


def train(problem: Problem, stop: NDArray[np.uint8]) -> Generator[float, None, FitResult]:
    """Train one network in compiled code, by turns: yields the share of the epochs that is left at most, and returns
    the network. Raises CancelledError once stop[0] is set, from any thread."""
    kernel = load_kernel()
    assert kernel is not None
    job, dtype, samples = problem.job, problem.X.dtype, len(problem.X)
    start, random = initial(problem)
    weights = _aligned(start.size, dtype)
    weights[:] = start
    _, key, position, *_ = random.get_state()
    counters = np.array([position, 0, 0, 0], np.int64)
    limits = np.array([job.tol, job.n_iter_no_change, np.inf])
    steps_an_epoch = -(-samples // problem.batch)
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    order, partners = np.arange(samples), np.empty(samples, np.int64)
    work = _aligned(kernel.work_size(problem.units, problem.batch, dtype.itemsize), dtype)
    marks = np.empty(kernel.marks_size(problem.units, problem.batch), np.uint64)
    loops, call = loop_addresses(dtype), np.empty(16, np.int64)
    ways = kernel.own_products(problem.units, samples, problem.batch, dtype.str)
    if not np.isfinite(problem.X).all():
        # too large for float32: zero times infinity is not to be skipped
        ways = np.minimum(ways, kernel.TILES)
    kind = ("identity", "logistic", "softmax").index(problem.output)
    numbers, alpha = constants(problem), dtype.type(job.alpha)
    penalised = bool(alpha != 0) or squares_may_overflow(problem)
    curves: list[NDArray[np.float64]] = []
    turn = max(1, int(TURN / (samples * start.size)))
    table = max(1, STEPS // steps_an_epoch)
    done = 0
    while done < job.max_iter and counters[kernel.STALE] <= job.n_iter_no_change:
        if done > 0:
            yield 1 - done / job.max_iter
        first_epoch = done // table * table
        rates = learning_rates(
            job, first_epoch * steps_an_epoch, min(first_epoch + table, job.max_iter) * steps_an_epoch, dtype
        )
        epochs = min(turn, table - (done - first_epoch), job.max_iter - done)
        curve = np.empty(epochs)
        kernel.train(
            loops, call, ways, np.array(problem.units), kind, bool(job.shuffle), problem.batch,
            problem.X, problem.Y, order, partners, key, counters, weights, first, second, work, marks,
            rates[(done - first_epoch) * steps_an_epoch :], numbers, alpha, penalised, limits, curve, stop,
        )  # fmt: skip
        if stop[0]:
            raise CancelledError
        curves.append(curve[: counters[kernel.EPOCHS] - done])
        done = int(counters[kernel.EPOCHS])
    return finished(problem, weights, np.concatenate(curves), "numba")


def _aligned(size: int, dtype: np.dtype[Any]) -> NDArray[Any]:
    """An empty array (size,) that begins on a cache line: vectors that lie across two lines take twice the time."""
    line = 64
    room = np.empty(size * dtype.itemsize + line, np.uint8)
    start = -room.ctypes.data % line
    return room[start : start + size * dtype.itemsize].view(dtype)
