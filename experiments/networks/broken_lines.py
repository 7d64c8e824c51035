"""Broken lines on an interval, which is what shallow ReLU networks are there: by their knots and heights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from experiments.networks.pieces import shallow_kinks, shallow_output

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class BrokenLine:
    """A continuous function that is affine between knots (k,), which ascend from one end to the other, with these
    heights (k,)."""

    knots: Floats
    heights: Floats

    def __call__(self, x: Floats) -> Floats:
        return np.interp(x, self.knots, self.heights)


def random_features(neurons: int, x: Floats, y: Floats, ends: tuple[float, float], rng: Generator) -> BrokenLine:
    """The guide's hidden layer as drawn, N(0, 1) weights and biases, with the output weights and bias that fit points
    x, y (n,) best; neurons that are off at every x are left out. Columns are scaled to length 1, and singular
    directions below 1e-12 dropped."""
    from scipy.linalg import lstsq

    w, b = rng.standard_normal((2, neurons))
    hidden = np.maximum(np.outer(x, w) + b, 0)
    live = hidden.max(axis=0) > 0
    w, b = w[live], b[live]
    features = np.column_stack((hidden[:, live], np.ones(len(x))))
    lengths = np.linalg.norm(features, axis=0)
    head = lstsq(features / lengths, y, cond=1e-12, lapack_driver="gelsy")[0] / lengths
    inside = shallow_kinks(w, b, np.ones(len(w))).inside(*ends).at
    knots = np.concatenate(([ends[0]], inside, [ends[1]]))
    return BrokenLine(knots, shallow_output(w, b, head[:-1], knots) + head[-1])
