"""What a user of torch or jax would write for many networks: all of one shape in one stack, for a number of epochs.

Adam and ReLU on one data set, in float64, with the batches and the losses of scikit-learn. Neither stops a network that
has converged before the others, nor has scikit-learn's bits.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from importlib import import_module
from itertools import pairwise
from typing import Any

import numpy as np

from experiments.networks.ensemble import FitJob


def installed() -> dict[str, Callable[[Sequence[FitJob], int], Any]]:
    """The trainers whose library can be imported."""
    found: dict[str, Callable[[Sequence[FitJob], int], Any]] = {}
    for name, trainer in (("torch", by_torch), ("jax", by_jax)):
        with contextlib.suppress(ImportError):
            import_module(name)
            found[name] = trainer
    return found


def same_shape(jobs: Sequence[FitJob]) -> bool:
    return len({(id(job.X), tuple(job.widths)) for job in jobs}) == 1


def _starts(jobs: Sequence[FitJob]) -> list[np.ndarray[Any, Any]]:
    """Weights (models, fan in, fan out) and biases (models, 1, fan out) of every layer in turn, uniform as
    scikit-learn's."""
    rng = np.random.default_rng(0)
    arrays = []
    for fan_in, fan_out in pairwise((np.shape(jobs[0].X)[1], *jobs[0].widths, 1)):
        bound = np.sqrt(6 / (fan_in + fan_out))
        arrays += [rng.uniform(-bound, bound, (len(jobs), rows, fan_out)) for rows in (fan_in, 1)]
    return arrays


def by_torch(jobs: Sequence[FitJob], epochs: int) -> Any:
    """Batched products on all threads, autograd, and torch's fused Adam."""
    torch: Any = import_module("torch")

    job = jobs[0]
    X, y = torch.tensor(job.X, dtype=torch.float64), torch.tensor(np.asarray(job.y, float))[:, None]
    weights = [torch.tensor(array, requires_grad=True) for array in _starts(jobs)]
    adam = torch.optim.Adam(weights, lr=job.learning_rate_init, weight_decay=job.alpha / len(X), fused=True)
    for _ in range(epochs):
        order = torch.argsort(torch.rand(len(jobs), len(X)), dim=1)
        for start in range(0, len(X), 200):
            rows = order[:, start : start + 200]
            values, target = X[rows], y[rows]
            for layer in range(0, len(weights), 2):
                values = torch.baddbmm(weights[layer + 1], values, weights[layer])
                if layer < len(weights) - 2:
                    values = values.relu()
            if job.task == "regression":
                loss = (values - target).square().mean(dim=(1, 2)).sum() / 2
            else:
                loss = torch.nn.functional.binary_cross_entropy_with_logits(values, target) * len(jobs)
            adam.zero_grad()
            loss.backward()
            adam.step()
    return weights


def by_jax(jobs: Sequence[FitJob], epochs: int) -> Any:
    """One compiled scan over the epochs and batches; the compilation is kept for the next round."""
    jax: Any = import_module("jax")

    jax.config.update("jax_enable_x64", True)
    job = jobs[0]
    key = (len(jobs), np.shape(job.X), tuple(job.widths), job.task, epochs)
    if key not in _COMPILED:
        _COMPILED[key] = jax.jit(_jax_trainer(job, len(jobs), epochs))
    X, y = np.asarray(job.X, float), np.asarray(job.y, float)[:, None]
    return jax.block_until_ready(_COMPILED[key](_starts(jobs), X, y, jax.random.key(0)))


_COMPILED: dict[tuple[Any, ...], Any] = {}


def _jax_trainer(job: FitJob, models: int, epochs: int) -> Callable[..., Any]:
    jax: Any = import_module("jax")
    jnp: Any = import_module("jax.numpy")

    n = len(job.X)
    batch = min(n, 200)

    def loss(weights: Any, X: Any, y: Any) -> Any:
        values = X
        for layer in range(0, len(weights), 2):
            values = values @ weights[layer] + weights[layer + 1]
            values = jax.nn.relu(values) if layer < len(weights) - 2 else values
        losses = (values - y) ** 2 / 2 if job.task == "regression" else jnp.logaddexp(0, values) - y * values
        return losses.mean(axis=(1, 2)).sum()

    def step(state: Any, rows: Any, X: Any, y: Any) -> Any:
        t, weights, first, second = state
        t = t + 1
        slopes = jax.grad(loss)(weights, X[rows], y[rows])
        slopes = [g + job.alpha / n * w for g, w in zip(slopes, weights, strict=True)]
        first = [0.9 * m + 0.1 * g for m, g in zip(first, slopes, strict=True)]
        second = [0.999 * v + 0.001 * g * g for v, g in zip(second, slopes, strict=True)]
        rate = job.learning_rate_init * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        moved = zip(weights, first, second, strict=True)
        return t, [w - rate * m / (jnp.sqrt(v) + 1e-8) for w, m, v in moved], first, second

    def trainer(weights: Any, X: Any, y: Any, key: Any) -> Any:
        def epoch(state: Any, key: Any) -> Any:
            order = jax.vmap(lambda k: jax.random.permutation(k, n))(jax.random.split(key, models))
            for start in range(0, n, batch):
                state = step(state, order[:, start : start + batch], X, y)
            return state, None

        zeros = [jnp.zeros_like(w) for w in weights]
        state, _ = jax.lax.scan(epoch, (0.0, weights, zeros, zeros), jax.random.split(key, epochs))
        return state[1]

    return trainer
