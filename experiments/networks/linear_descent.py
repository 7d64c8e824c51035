"""First-order methods on quadratics in many dimensions, many starts at once, in one compiled loop.

Importing this module imports numba; the loop is compiled once and kept on disk.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from experiments.networks.ensemble.calls import jit_kept

Floats = NDArray[np.float64]


@jit_kept
def _iterate(
    now: Floats,
    before: Floats,
    eigenvalues: Floats,
    step: float,
    momentum: float,
    ahead: float,
    recorded: NDArray[np.int64],
    squares: Floats,
) -> None:
    starts, dimension = now.shape
    k = 0
    for place in range(recorded.size):
        while k < recorded[place]:
            for s in range(starts):
                for i in range(dimension):
                    w = now[s, i]
                    inertia = w - before[s, i]
                    before[s, i] = w
                    now[s, i] = w + momentum * inertia - step * eigenvalues[i] * (w + ahead * inertia)
            k += 1
        for s in range(starts):
            total = 0.0
            for i in range(dimension):
                total += now[s, i] * now[s, i]
            squares[place, s] = total


def squared_errors(
    starts: Floats, eigenvalues: Floats, step: float, momentum: float, ahead: float, recorded: NDArray[np.int64]
) -> Floats:
    """|w_k|² of w_{k+1} = w_k + β (w_k − w_{k−1}) − h ∇f(w_k + γ (w_k − w_{k−1})), f(w) = ½ Σ λ_i w_i², w_{−1} = w_0.

    `starts` (starts, dimension) holds the w_0 in the eigenbasis, h = step, β = momentum, γ = ahead; `recorded` (m,) are
    increasing numbers of steps. Shape (m, starts).
    """
    squares = np.empty((recorded.size, len(starts)))
    now = starts.copy()
    _iterate(now, now.copy(), eigenvalues, float(step), float(momentum), float(ahead), recorded, squares)
    return squares
