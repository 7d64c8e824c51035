"""A feedforward ReLU network with one output, as a function with its exact gradient."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ReluNetwork:
    """f(x) = w_L·relu(… relu(x W_1 + b_1) …) + b_L.

    `weights[l]` has shape (units of layer l, units of layer l + 1), the last with one column; `biases[l]` has shape
    (units of layer l + 1,). As a classifier it says 1 where f > 0, and its decision boundary is {f = 0}.
    """

    weights: tuple[Floats, ...]
    biases: tuple[Floats, ...]

    def __post_init__(self) -> None:
        shapes = [w.shape for w in self.weights]
        if any(a[1] != b[0] for a, b in pairwise(shapes)) or shapes[-1][1] != 1:
            raise ValueError(f"layers of shapes {shapes} do not make a network with one output")
        if [(w.shape[1],) for w in self.weights] != [b.shape for b in self.biases]:
            raise ValueError("every layer needs one bias for each of its units")

    @property
    def inputs(self) -> int:
        return int(self.weights[0].shape[0])

    def __call__(self, x: Floats) -> Floats:
        """f at points x (n, inputs): shape (n,)."""
        return self._forward(x)[0]

    def value_and_gradient(self, x: Floats) -> tuple[Floats, Floats]:
        """f (n,) and its gradient (n, inputs) at points x (n, inputs); at a kink, that of the side where relu is 0."""
        value, active = self._forward(x)
        back = np.broadcast_to(self.weights[-1][:, 0], active[-1].shape) if active else self.weights[-1].T
        for weight, on in zip(reversed(self.weights[:-1]), reversed(active), strict=True):
            back = (back * on) @ weight.T
        return value, np.broadcast_to(back, x.shape)

    def _forward(self, x: Floats) -> tuple[Floats, list[NDArray[np.bool_]]]:
        active = []
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            z = x @ weight
            z += bias
            active.append(z > 0)
            x = np.maximum(z, 0.0, out=z)
        return (x @ self.weights[-1] + self.biases[-1])[:, 0], active
