"""Training of a shallow ReLU classifier on the worst points that an attack finds in the cube around each."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from experiments.networks.relu import ReluNetwork

Floats = NDArray[np.float64]

DECAY = (0.9, 0.999)
"""Adam's (D. Kingma and J. Ba, Adam: a method for stochastic optimization, 2015)."""


def train_adversarially(
    x: Floats,
    side: Floats,
    *,
    width: int,
    epsilon: float,
    rng: Generator,
    steps: int = 500,
    attack_steps: int = 5,
    rate: float = 0.02,
) -> tuple[ReluNetwork, Floats]:
    """Minimise the mean of max over |z − x|_inf <= epsilon of log(1 + exp(−side·f(z))), the maximum by projected
    gradient ascent from a random point of the cube (A. Madry et al., Towards deep learning models resistant to
    adversarial attacks, 2018); x (n, inputs), side (n,) of ±1.

    Full batches and Adam. Returns the network and the loss (steps,) at the attacked points. epsilon = 0 is ordinary
    training, from the same first weights for the same generator.
    """
    weights = [
        rng.standard_normal((x.shape[1], width)),
        np.zeros(width),
        rng.standard_normal((width, 1)) * np.sqrt(2 / width),
        np.zeros(1),
    ]
    first, second = [np.zeros_like(w) for w in weights], [np.zeros_like(w) for w in weights]
    loss = np.empty(steps)
    for step in range(steps):
        network = ReluNetwork((weights[0], weights[2]), (weights[1], weights[3]))
        at = worst_points(network, x, side, epsilon, attack_steps, rng) if epsilon else x
        loss[step], gradients = loss_gradient(network, at, side)
        for i, gradient in enumerate(gradients):
            first[i] = DECAY[0] * first[i] + (1 - DECAY[0]) * gradient
            second[i] = DECAY[1] * second[i] + (1 - DECAY[1]) * gradient**2
            mean, square = first[i] / (1 - DECAY[0] ** (step + 1)), second[i] / (1 - DECAY[1] ** (step + 1))
            weights[i] = weights[i] - rate * mean / (np.sqrt(square) + 1e-8)
    return ReluNetwork((weights[0], weights[2]), (weights[1], weights[3])), loss


def worst_points(network: ReluNetwork, x: Floats, side: Floats, epsilon: float, steps: int, rng: Generator) -> Floats:
    """Points of the cubes of half-width epsilon around x (n, inputs) where side·f is small, by signed gradient steps of
    epsilon/2 from a random point; the network has one hidden layer."""
    weight, bias = network.weights[0], network.biases[0]
    slopes = (weight * network.weights[1][:, 0]).T  # of each neuron where it is on: (width, inputs)
    stride = epsilon / 2 * side[:, np.newaxis]
    low, high = x - epsilon, x + epsilon
    at = x + epsilon * rng.uniform(-1, 1, x.shape)
    for _ in range(steps):
        on = (at @ weight + bias > 0).astype(np.float64)
        at = np.minimum(np.maximum(at - stride * np.sign(on @ slopes), low), high)
    return at


def loss_gradient(network: ReluNetwork, x: Floats, side: Floats) -> tuple[float, list[Floats]]:
    """The mean log loss at x (n, inputs), and its gradients by W_1, b_1, w_2, b_2 in their own shapes."""
    z = x @ network.weights[0] + network.biases[0]
    hidden = np.maximum(z, 0)
    margin = side * (hidden @ network.weights[1] + network.biases[1])[:, 0]
    out = (-side / (1 + np.exp(margin)) / len(x))[:, np.newaxis]
    back = (z > 0) * (out @ network.weights[1].T)
    gradients = [x.T @ back, back.sum(axis=0), hidden.T @ out, out.sum(axis=0)]
    return float(np.logaddexp(0, -margin).mean()), gradients
