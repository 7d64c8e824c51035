"""Adam's numbers (Kingma and Ba 2015) as both trainers take them, rounded as scikit-learn rounds them."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
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


SETTLING = 8
"""Steps after which moments that no weight can tell from zero are set to zero, and small weights are looked for."""


def constants(problem: Problem) -> NDArray[Any]:
    """Beta_1, 1 − beta_1, beta_2, 1 − beta_2, epsilon, the size below which a moment may be set to zero, and the weight
    that counts as small (7,).

    A dead unit's moments decay until they are denormal, where arithmetic is 15 to 20 times slower, unless they are set
    to zero. In float64 that changes no bit of a weight:

    - A moment that was set to zero differs from the true one by less than L = 1e-290, and by less and less as both
      decay. The next gradient that adds 2^54 L = 2e-274 or more rounds both to the same number, which ends the
      difference. Smaller ones leave both small: the difference grows only where one of the sums is rounded up and the
      other down, though they are that close, and then by 2^56 at most, to their last bit; so moments of 1e-200 that
      differ would take five such accidents, together of probability 1e-70.
    - Second moments below 1e-200 have roots below 1e-100, which epsilon >= 1e-80 rounds away; for a smaller epsilon
      nothing is set to zero.
    - First moments below 1e-200 move a weight by at most 1e-200 rate / epsilon, where rate = learning rate / (1 −
      beta_1) bounds Adam's. They are set to zero only where the weight is not small, above 1e-150 rate / epsilon, of
      which that is 1e-50: it is rounded away, so the weight stays where it is for as long as the moments differ. (A
      weight that decays through alpha becomes small itself, and then such moments do move it.)

    Weights that are small are also those that a denormal gradient, which has to be divided exactly, may move. A sum of
    two numbers is zero or at least 2^-54 of either, so in the SETTLING steps from one look to the next a weight that
    was not small, and does not fall on zero, stays above 1e-281 rate / epsilon: what moves it is above 1e-298.

    float32, with less room (1e-35, epsilon >= 1e-9, weights of 1e-16 rate / epsilon), has the same rule in both back
    ends, and no other bits to agree with.
    """
    job, dtype = problem.job, problem.X.dtype
    limit, least_epsilon, moved = (1e-290, 1e-80, 1e-150) if dtype == np.float64 else (1e-35, 1e-9, 1e-16)
    small = largest = float(np.finfo(dtype).max)
    if job.epsilon >= least_epsilon:
        small = min(moved * greatest_rate(job) / float(job.epsilon), largest)
    else:
        limit = 0.0
    return np.array([job.beta_1, 1 - job.beta_1, job.beta_2, 1 - job.beta_2, job.epsilon, limit, small]).astype(dtype)


def greatest_rate(job: FitJob) -> float:
    """A bound of `learning_rate` at every step."""
    return float(job.learning_rate_init) / (1 - float(job.beta_1))


def squares_may_overflow(problem: Problem) -> bool:
    """Whether the sum of squares of the coefficients may overflow in training, so that alpha times it is NaN for alpha
    = 0 too, and has to be computed as scikit-learn does.

    A weight starts within ± 2. A step moves it by rate |m| / (sqrt(v) + epsilon), and by the Cauchy-Schwarz inequality
    |m| / sqrt(v) <= (1 − beta_1) / sqrt((1 − beta_2) (1 − beta_1² / beta_2)) where beta_1² < beta_2; squares of
    gradients that underflow or are set to zero add at most sqrt(limit / (1 − beta_2)) / epsilon. Where these bounds
    do not hold the answer is yes.
    """
    job = problem.job
    beta_1, rest_1, beta_2, rest_2, _, limit, _ = map(float, constants(problem).astype(np.float64))
    if limit == 0 or beta_1**2 >= beta_2 or rest_2 == 0:
        return True
    step = rest_1 / np.sqrt(rest_2 * (1 - beta_1**2 / beta_2)) + np.sqrt(limit / rest_2) / job.epsilon
    steps = job.max_iter * -(-len(problem.X) // problem.batch)
    largest = 2 + 2.0 * steps * greatest_rate(job) * float(step)  # twice that for all roundings
    coefs = sum(fan_in * fan_out for fan_in, fan_out in pairwise(problem.units))
    return not largest < np.sqrt(float(np.finfo(problem.X.dtype).max) / coefs)
