"""Attacks on a binary ReLU classifier: upper bounds on the distance to its decision boundary.

All follow the gradient of the margin s·f with s = 1 where the network says 1 and −1 where it says 0. The gradient of
the logistic loss has the same direction but vanishes where the network is sure, and leads nowhere in floating point.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from experiments.networks.distances import Norm, length
from experiments.networks.relu import ReluNetwork

Floats = NDArray[np.float64]


class Attack(NamedTuple):
    """`success` (radii, n): whether the decision was changed within the radius; `point` (radii, n, inputs): the first
    point found that changes it, or the last one tried."""

    success: NDArray[np.bool_]
    point: Floats


def fgsm(network: ReluNetwork, x: Floats, radii: Floats, norm: Norm) -> Attack:
    """One step as long as the radius against the margin's gradient: by its sign in Linf, along it in L2 (Goodfellow,
    Shlens and Szegedy, Explaining and harnessing adversarial examples, 2015). x is (n, inputs), radii (m,)."""
    value, gradient = network.value_and_gradient(x)
    sides = np.where(value > 0, 1.0, -1.0)
    point = x + radii[:, np.newaxis, np.newaxis] * _direction(gradient, sides, norm)
    return Attack(_changed(network, point, sides), point)


def pgd(
    network: ReluNetwork, x: Floats, radii: Floats, norm: Norm, rng: Generator, *, steps: int = 20, restarts: int = 1
) -> Attack:
    """Projected gradient descent on the margin (Madry et al., Towards deep learning models resistant to adversarial
    attacks, 2018), every iterate of which counts.

    It starts with the step of FGSM, so it changes every decision that FGSM changes; then from `restarts` random points
    of the ball. The step is a quarter of the radius at first and shrinks to a fortieth.
    """
    first = fgsm(network, x, radii, norm)
    sides = _sides(network, x)
    centre = np.broadcast_to(x, first.point.shape).reshape(-1, x.shape[1])
    side, radius = np.tile(sides, radii.size), np.repeat(radii, x.shape[0])
    best, done = first.point.reshape(centre.shape).copy(), first.success.ravel().copy()
    for restart in range(restarts + 1):
        # Drawn for all, so that the numbers used do not depend on which attacks had already succeeded.
        random = centre + _in_ball(rng, radius, x.shape[1], norm) if restart else best
        left = np.flatnonzero(~done)
        point = random[left]
        for step in range(steps):
            value, gradient = network.value_and_gradient(point)
            changed = (value > 0) != (side[left] > 0)
            best[left], done[left] = point, changed
            left, point, gradient = left[~changed], point[~changed], gradient[~changed]
            if left.size == 0:
                break
            rate = 0.25 * 0.1 ** (step / (steps - 1)) if steps > 1 else 0.25
            moved = point + rate * radius[left, np.newaxis] * _direction(gradient, side[left], norm)
            point = centre[left] + _project(moved - centre[left], radius[left], norm)
    return Attack(done.reshape(first.success.shape), best.reshape(first.point.shape))


def attack_radius(network: ReluNetwork, x: Floats, attack: Attack, norm: Norm, halvings: int = 50) -> Floats:
    """The length (n,) of the shortest change that an attack found, after bisecting each from x to its adversarial
    point; infinite where it found none."""
    which, own = np.nonzero(attack.success)
    start, change, side = x[own], attack.point[which, own] - x[own], _sides(network, x)[own]
    low, high = np.zeros(own.size), np.ones(own.size)
    for _ in range(halvings):
        middle = (low + high) / 2
        changed = _changed(network, start + middle[:, np.newaxis] * change, side)
        low, high = np.where(changed, low, middle), np.where(changed, middle, high)
    shortest = np.full(x.shape[0], np.inf)
    np.minimum.at(shortest, own, high * length(change, norm))
    return shortest


def _sides(network: ReluNetwork, x: Floats) -> Floats:
    return np.where(network(x) > 0, 1.0, -1.0)


def _changed(network: ReluNetwork, point: Floats, sides: Floats) -> NDArray[np.bool_]:
    value = network(point.reshape(-1, point.shape[-1])).reshape(point.shape[:-1])
    return np.asarray((value > 0) != (sides > 0))


def _direction(gradient: Floats, sides: Floats, norm: Norm) -> Floats:
    """The unit step that lowers the margin fastest to first order, given gradients (n, inputs) of f; zero at a zero."""
    downhill = -sides[:, np.newaxis] * gradient
    if norm == "linf":
        return np.asarray(np.sign(downhill))
    size = length(downhill, norm)[:, np.newaxis]
    return np.divide(downhill, size, out=np.zeros_like(downhill), where=size > 0)


def _project(change: Floats, radius: Floats, norm: Norm) -> Floats:
    if norm == "linf":
        return np.clip(change, -radius[:, np.newaxis], radius[:, np.newaxis])
    size = length(change, norm)
    scale = np.divide(radius, size, out=np.ones_like(size), where=size > radius)
    return np.asarray(change * scale[:, np.newaxis])


def _in_ball(rng: Generator, radius: Floats, inputs: int, norm: Norm) -> Floats:
    """Uniform points in balls of the given radii (n,) around 0: shape (n, inputs)."""
    if norm == "linf":
        return radius[:, np.newaxis] * rng.uniform(-1.0, 1.0, (radius.size, inputs))
    gauss = rng.standard_normal((radius.size, inputs))
    share = rng.random(radius.size) ** (1 / inputs)
    return np.asarray((radius * share / np.linalg.norm(gauss, axis=1))[:, np.newaxis] * gauss)
