"""Adam's numbers (Kingma and Ba 2015) as both trainers take them, rounded as scikit-learn rounds them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.networks.ensemble.jobs import FitJob, Problem


def learning_rate(rate: float, beta_1: float, beta_2: float, step: int) -> float:
    """The bias-corrected rate of a step (from 1), by Python's power: NumPy's differs in the last bit on some CPUs."""
    return float(rate * np.sqrt(1 - beta_2**step) / (1 - beta_1**step))


def learning_rates(job: FitJob, start: int, stop: int, dtype: np.dtype[Any]) -> NDArray[Any]:
    """The rates of the steps start + 1 … stop."""
    return _table(float(job.learning_rate_init), float(job.beta_1), float(job.beta_2), start, stop, dtype.str)


@lru_cache(maxsize=64)
def _table(rate: float, beta_1: float, beta_2: float, start: int, stop: int, dtype: str) -> NDArray[Any]:
    return np.array([learning_rate(rate, beta_1, beta_2, t) for t in range(start + 1, stop + 1)]).astype(dtype)


def constants(problem: Problem) -> NDArray[Any]:
    """Beta_1, 1 − beta_1, beta_2, 1 − beta_2, epsilon, and the limit below which a moment becomes zero (6,).

    The limit is so far below epsilon that no bit of a weight can tell; where epsilon itself is tiny there is none.
    """
    job, dtype = problem.job, problem.X.dtype
    limit, smallest_epsilon = (1e-290, 1e-100) if dtype == np.float64 else (1e-35, 1e-12)
    flush = limit if job.epsilon >= smallest_epsilon else 0.0
    return np.array([job.beta_1, 1 - job.beta_1, job.beta_2, 1 - job.beta_2, job.epsilon, flush]).astype(dtype)
