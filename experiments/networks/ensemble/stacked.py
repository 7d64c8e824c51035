"""The same training in NumPy alone, for machines without numba: networks of one shape advance together in stacks.

A stack of products calls BLAS once a network with the shapes of a single one, and a reduction along an axis of a stack
adds in the order of a single one, so the bits are those of scikit-learn, however the networks are grouped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.networks.ensemble.adam import SETTLING, constants, learning_rates
from experiments.networks.ensemble.jobs import FitResult, Problem, Real, finished, initial, layers
from experiments.networks.ensemble.order import in_order


def stack_key(problem: Problem) -> tuple[object, ...]:
    """Problems with equal keys can be stacked: one shape of data, network and batch, one order of sampling."""
    return problem.X.shape, problem.units, problem.batch, problem.output, bool(problem.job.shuffle)


def product(a: Real, b: Real, matmul: Callable[[Real, Real], Real] = np.matmul) -> Real:
    """A (…, m, n) @ b (…, n, p), avoiding NumPy's slow loop for n = 1, which computes 0 + a b."""
    if a.shape[-1] != 1:
        return matmul(a, b)
    products: Real = a * b
    products += 0.0
    return products


def column_sums(a: Real) -> Real:
    """np.sum(a[i], axis=0) for every i of a (models, n, columns): pairwise where there is one column."""
    sums: Real = a[:, :, 0].sum(axis=1)[:, None] if a.shape[2] == 1 else a.sum(axis=1)
    return sums


def mean_loss(output: str, target: Real, predicted: Real) -> Real:
    """Half the mean squared error, or the log loss, of each network (models,)."""
    from scipy.special import xlogy

    n, outputs = target.shape[1:]
    losses: Real
    if output == "identity":
        means = column_sums((target - predicted) ** 2) / n
        losses = 0.5 * (means.sum(axis=1) / outputs)
        return losses
    least = np.finfo(predicted.dtype).eps
    p = np.clip(predicted, least, 1 - least)
    terms = xlogy(target, p) + (xlogy(1 - target, 1 - p) if output == "logistic" else 0)
    losses = -(column_sums(terms) / n).sum(axis=1)
    return losses


def activate(output: str, values: Real) -> Real:
    """The last layer's activation: identity, logistic or softmax over the last axis, or exp (Poisson loss)."""
    from scipy.special import expit

    if output == "logistic":
        values = expit(values)
    elif output == "exp":
        values = np.exp(values)
    elif output == "softmax":
        values = np.exp(values - values.max(axis=-1, keepdims=True))
        values /= values.sum(axis=-1, keepdims=True)
    return values


def train(problems: Sequence[Problem]) -> list[Callable[[], FitResult]]:
    """Train networks of one stack_key; in the order of the problems, what gives the result or raises the error."""
    results: dict[int, Callable[[], FitResult]] = {}
    stack = _Stack(problems)
    while len(stack.alive):
        with np.errstate(all="ignore"):  # a network that diverges is told of when its result is asked for
            stack.epoch()
        for i in np.flatnonzero(stack.ended()):
            index = int(stack.alive[i])
            curve = np.array([losses[i] for losses in stack.curve])
            results[index] = partial(finished, problems[index], stack.weights[i].copy(), curve, "numpy")
        stack.keep(~stack.ended())
    return [results[i] for i in range(len(problems))]


class _Stack:
    """The state of the networks still in training; the first axis of every array runs over them."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        first = problems[0]
        self.units, self.batch, self.output, self.shuffled = first.units, first.batch, first.output, first.job.shuffle
        self.problems = list(problems)
        self.alive = np.arange(len(problems))
        starts = [initial(problem) for problem in problems]
        self.weights = np.stack([weights for weights, _ in starts])
        self.randoms = [random for _, random in starts]
        self.first, self.second = np.zeros_like(self.weights), np.zeros_like(self.weights)
        self.X, self.Y = np.stack([p.X for p in problems]), np.stack([p.Y for p in problems])
        self.order = np.tile(np.arange(len(first.X)), (len(problems), 1))
        self.constants = np.stack([constants(problem) for problem in problems])
        self.alpha = np.array([p.job.alpha for p in problems]).astype(first.X.dtype)
        self.best, self.stale = np.full(len(problems), np.inf), np.zeros(len(problems))
        self.curve: list[NDArray[np.float64]] = []
        self.steps = 0

    def keep(self, chosen: NDArray[np.bool_]) -> None:
        """Drop the networks that are not chosen."""
        if chosen.all():
            return
        for name in ("alive", "weights", "first", "second", "X", "Y", "order", "constants", "alpha", "best", "stale"):
            setattr(self, name, getattr(self, name)[chosen])
        self.problems = [p for p, c in zip(self.problems, chosen, strict=True) if c]
        self.randoms = [r for r, c in zip(self.randoms, chosen, strict=True) if c]
        self.curve = [losses[chosen] for losses in self.curve]

    def ended(self) -> NDArray[np.bool_]:
        """Which networks have converged or reached max_iter."""
        patience = np.array([p.job.n_iter_no_change for p in self.problems])
        limit = np.array([p.job.max_iter for p in self.problems])
        return (self.stale > patience) | (len(self.curve) >= limit)

    def epoch(self) -> None:
        """One pass over the data of every network."""
        samples = self.X.shape[1]
        if self.shuffled:
            for random, order in zip(self.randoms, self.order, strict=True):
                random.shuffle(order)
        accumulated = np.zeros(len(self.alive))
        model = np.arange(len(self.alive))[:, None]
        for start in range(0, samples, self.batch):
            rows = self.order[:, start : start + self.batch]
            accumulated += self.step(self.X[model, rows], self.Y[model, rows]) * rows.shape[1]
        mean = accumulated / samples
        tol = np.array([p.job.tol for p in self.problems])
        self.stale = np.where(mean > self.best - tol, self.stale + 1, 0)
        self.best = np.where(mean < self.best, mean, self.best)
        self.curve.append(mean)

    def step(self, X: Real, Y: Real) -> NDArray[np.float64]:
        """One step of Adam on the batches X (models, n, features), Y (models, n, outputs); losses (models,)."""
        n = X.shape[1]
        coefs, intercepts = layers(self.weights, self.units)
        active = [X]
        for layer, (coef, intercept) in enumerate(zip(coefs, intercepts, strict=True)):
            values = product(active[-1], coef, in_order)
            values += intercept[:, None, :]
            active.append(np.maximum(values, 0) if layer < len(coefs) - 1 else activate(self.output, values))
        penalty = 0.5 * self.alpha * self.squares(coefs) / n
        loss = np.asarray(mean_loss(self.output, Y, active[-1]), np.float64) + np.asarray(penalty, np.float64)

        gradient = np.empty_like(self.weights)
        coef_gradients, intercept_gradients = layers(gradient, self.units)
        delta: Real = active[-1] - Y
        for layer in range(len(coefs) - 1, -1, -1):
            in_order(active[layer].swapaxes(1, 2), delta, coef_gradients[layer])
            intercept_gradients[layer][...] = column_sums(delta)
            if layer > 0:
                delta = product(delta, coefs[layer].swapaxes(1, 2), in_order)
                delta[active[layer] == 0] = 0
        self.update(gradient, sum(coef[0].size for coef in coefs), n)
        return loss

    def squares(self, coefs: Sequence[Real]) -> Any:
        """The sum of squares of all coefficients, layer by layer (models,)."""
        total: Any = 0
        for coef in coefs:
            flat = coef.reshape(len(coef), -1)
            total = total + np.matmul(flat[:, None, :], flat[:, :, None])[:, 0, 0]
        return total

    def update(self, gradient: Real, coefs: int, n: int) -> None:
        """Adam, given the gradient of the summed loss (models, parameters) of which `coefs` are coefficients."""
        beta_1, rest_1, beta_2, rest_2, epsilon, limit, small = self.constants.T[:, :, None]
        gradient[:, :coefs] += self.alpha[:, None] * self.weights[:, :coefs]
        gradient /= n
        self.first = beta_1 * self.first + rest_1 * gradient
        self.second = beta_2 * self.second + rest_2 * gradient**2
        self.steps += 1
        rate = np.array([learning_rates(p.job, self.steps - 1, self.steps, gradient.dtype) for p in self.problems])
        self.weights += -rate * self.first / (np.sqrt(self.second) + epsilon)
        if self.steps % SETTLING == 0:
            self.first[(np.abs(self.first) < limit) & (np.abs(self.weights) > small)] = 0
            self.second[self.second < limit] = 0
