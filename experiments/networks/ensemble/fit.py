"""Training many networks: which back end serves, threads over the networks, results in order."""

from __future__ import annotations

import os
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from functools import cache, partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from experiments.networks.ensemble import compiled, stacked
from experiments.networks.ensemble.jobs import DType, FitJob, FitResult, Problem, check_all, unfitted
from experiments.networks.ensemble.turns import Threads

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

Backend = Literal["auto", "numba", "numpy", "sklearn"]

BLOCK = 64
"""Networks planned together."""
BLOCK_BYTES = 2**28
"""A block of large networks is shorter: its parameters and moments take at most this, or it is one network."""


def fit_many(
    jobs: Iterable[FitJob], *, workers: int | None = None, dtype: DType = "float64", backend: Backend = "auto"
) -> Iterator[FitResult]:
    """Train every job and yield the results in the order of the jobs.

    All jobs are checked first: an invalid one raises scikit-learn's own error before any is trained. Results do not
    depend on `workers`, on the order or on how the jobs are grouped; in float64 they are scikit-learn's to the last bit
    for the same `random_state` and one BLAS thread (`X` taken in C order and in float64). `float32` is faster and has
    bits of its own.

    `workers` threads train at once; None means the cores that this process may use, or OMP_NUM_THREADS if that is
    fewer. `backend` "auto" takes compiled code where numba is installed, and NumPy otherwise, for Adam with ReLU on
    dense data, and scikit-learn for all else; naming one insists on it (ValueError if it cannot). At most two blocks
    of results exist besides those that the caller keeps. BLAS runs on one thread until the iterator ends; closing it,
    or an interrupt, ends the training within one step.

    Raises scikit-learn's ValueError when it reaches a network whose training has diverged to non-finite weights.
    """
    jobs = list(jobs)
    if dtype not in ("float64", "float32"):
        raise ValueError(f"dtype must be 'float64' or 'float32', got {dtype!r}.")
    if backend not in ("auto", "numba", "numpy", "sklearn"):
        raise ValueError(f"backend must be 'auto', 'numba', 'numpy' or 'sklearn', got {backend!r}.")
    if workers is not None and workers < 1:
        raise ValueError(f"workers must be at least 1, got {workers}.")
    problems = check_all(jobs, dtype)
    if backend in ("numba", "numpy") and None in problems:
        raise ValueError(f"The {backend} back end trains dense data by Adam with ReLU and no early stopping.")
    fast = any(problem is not None for problem in problems)
    if backend == "auto" and fast:
        backend = "numpy" if compiled.load_kernel() is None else "numba"
    if backend == "numba" and compiled.load_kernel() is None:
        raise ValueError("The numba back end needs numba.")
    return _results(jobs, problems, workers or available_cores(), dtype, backend)


def available_cores() -> int:
    """The cores that this process may use, at most OMP_NUM_THREADS: one inside a worker that sets it so."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    cap = os.environ.get("OMP_NUM_THREADS", "")
    return min(cores, int(cap)) if cap.isdecimal() and int(cap) > 0 else cores


def _results(
    jobs: Sequence[FitJob], problems: Sequence[Problem | None], workers: int, dtype: DType, backend: Backend
) -> Iterator[FitResult]:
    if backend == "numba":
        compiled.prepare(dtype)
    one_thread = _thread_pools().limit(limits=1, user_api="blas")
    with one_thread, closing(Threads(workers if backend == "numba" else 0)) as threads:
        waiting: deque[list[Callable[[], FitResult]]] = deque()
        for block in _blocks(problems):
            waiting.append(_start(jobs, problems, block, dtype, backend, threads))
            if len(waiting) == 2:
                yield from _drained(waiting.popleft())
        while waiting:
            yield from _drained(waiting.popleft())


@cache
def _thread_pools() -> ThreadpoolController:
    """What sets the number of BLAS threads; kept, since to look for the libraries takes as long as a small network."""
    import sklearn.neural_network  # noqa: F401 — what training calls has to be loaded when they are looked for
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def _drained(results: list[Callable[[], FitResult]]) -> Iterator[FitResult]:
    """Each result once, forgotten as it is handed over."""
    results.reverse()
    while results:
        yield results.pop()()


def _blocks(problems: Sequence[Problem | None]) -> Iterator[range]:
    start, size = 0, 0
    for i, problem in enumerate(problems):
        bytes_needed = _size(problem) // 2
        if i > start and (i - start == BLOCK or size + bytes_needed > BLOCK_BYTES):
            yield range(start, i)
            start, size = i, 0
        size += bytes_needed
    if problems:
        yield range(start, len(problems))


def _parameters(problem: Problem | None) -> int:
    if problem is None:
        return 0
    return sum((fan_in + 1) * fan_out for fan_in, fan_out in pairwise(problem.units))


def _size(problem: Problem | None) -> int:
    """Bytes that a network takes in training, roughly: its parameters and their moments, and as much to work in."""
    return 2 * 3 * _parameters(problem) * 8


def _start(
    jobs: Sequence[FitJob],
    problems: Sequence[Problem | None],
    block: range,
    dtype: DType,
    backend: Backend,
    threads: Threads,
) -> list[Callable[[], FitResult]]:
    """Begin a block; calling the i-th of what is returned gives the i-th result, waiting for it or computing it."""
    results: dict[int, Callable[[], FitResult]] = {}
    stacks: dict[tuple[object, ...], list[int]] = {}
    for i in block:
        problem = problems[i]
        if problem is None or backend == "sklearn":
            results[i] = partial(_by_sklearn, jobs[i], dtype)
        elif backend == "numba":
            turns = compiled.train(problem, threads.stop)
            results[i] = threads.submit(block.start, _work(problem), _size(problem), turns).result
        else:
            stacks.setdefault(stacked.stack_key(problem), []).append(i)
    for members in stacks.values():
        train = cache(partial(stacked.train, [p for i in members if (p := problems[i]) is not None]))
        for place, i in enumerate(members):
            results[i] = partial(_nth, train, place)
    return [results[i] for i in block]


def _nth(train: Callable[[], list[Callable[[], FitResult]]], place: int) -> FitResult:
    return train()[place]()


def _work(problem: Problem | None) -> float:
    """Roughly how long a network takes, if it does not converge."""
    return 0.0 if problem is None else float(problem.job.max_iter) * len(problem.X) * _parameters(problem)


def _by_sklearn(job: FitJob, dtype: DType) -> FitResult:
    from scipy.sparse import issparse

    model = unfitted(job)
    X: Any = job.X if issparse(job.X) else np.ascontiguousarray(job.X, dtype)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # whether it converged is in the result
        # scikit-learn turns Ctrl-C into this warning and returns the network as it is
        warnings.filterwarnings("error", "Training interrupted by user", UserWarning)
        try:
            model.fit(X, job.y)
        except UserWarning as interrupted:
            raise KeyboardInterrupt from interrupted
    return FitResult(
        coefs_=tuple(model.coefs_),
        intercepts_=tuple(model.intercepts_),
        loss_curve_=np.array(getattr(model, "loss_curve_", []), dtype=np.float64),
        n_iter_=int(model.n_iter_),
        converged=int(model.n_iter_) < job.max_iter,
        classes_=model.classes_ if job.task == "classification" else None,
        backend="sklearn",
        activation=job.activation,
        output=model.out_activation_,
    )
