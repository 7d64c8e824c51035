"""Full-batch training of a shallow ReLU network on equispaced points of the line, compiled.

f(x) = sum_i v_i relu(w_i x + b_i) + c. A neuron is active on all points right of its knot or on all left of it, so that
outputs and gradients follow from sums over runs of points: a step takes n + N operations and not n N.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.networks.ensemble.calls import jit_kept

Floats = NDArray[np.float64]

HUGE = 1e12
"""A mean squared error beyond it is divergence."""


@jit_kept
def descend(
    theta: Floats, x: Floats, y: Floats, rates: Floats, head_only: bool, adam: bool, recorded: Any, losses: Floats
) -> int:
    """Train theta = (w, b, v, c), of length 3 N + 1, in place, on the mean squared error at x (n,), equispaced.

    One step for each of `rates`: of gradient descent, or of Adam with its usual constants; `head_only` moves v and c
    alone. losses[k] is the loss before step recorded[k], and nan beyond a divergence. Returns the steps done: fewer
    than len(rates) if the loss exceeded HUGE or was not a number.
    """
    n, neurons = x.size, theta.size // 3
    origin, gap = x[0], (x[-1] - x[0]) / (n - 1)
    slopes, levels = np.zeros(n + 1), np.zeros(n + 1)
    sums, moments = np.zeros(n + 1), np.zeros(n + 1)
    start, end = np.zeros(neurons, np.int64), np.zeros(neurons, np.int64)
    gradient = np.zeros(theta.size)
    first, second = np.zeros(theta.size), np.zeros(theta.size)
    decay_first, decay_second = 1.0, 1.0
    record = 0
    losses[:] = np.nan
    for step in range(rates.size):
        slopes[:] = 0.0
        levels[:] = 0.0
        for i in range(neurons):
            w, b, v = theta[i], theta[neurons + i], theta[2 * neurons + i]
            start[i], end[i] = 0, n
            if w == 0.0:
                if b <= 0.0:
                    end[i] = 0
            else:
                place = min(max((-b / w - origin) / gap, -1.0), n + 1.0)
                if w > 0.0:
                    start[i] = min(max(int(np.floor(place)) + 1, 0), n)
                else:
                    end[i] = min(max(int(np.ceil(place)), 0), n)
            slopes[start[i]] += v * w
            slopes[end[i]] -= v * w
            levels[start[i]] += v * b
            levels[end[i]] -= v * b
        slope, level, loss = 0.0, theta[3 * neurons], 0.0
        for j in range(n):
            slope += slopes[j]
            level += levels[j]
            residual = slope * x[j] + level - y[j]
            loss += residual * residual
            sums[j + 1] = sums[j] + residual
            moments[j + 1] = moments[j] + residual * x[j]
        loss /= n
        if record < recorded.size and recorded[record] == step:
            if loss < HUGE:
                losses[record] = loss
            record += 1
        if not loss < HUGE:
            return step
        for i in range(neurons):
            w, b, v = theta[i], theta[neurons + i], theta[2 * neurons + i]
            total = 2.0 / n * (sums[end[i]] - sums[start[i]])
            moment = 2.0 / n * (moments[end[i]] - moments[start[i]])
            if not head_only:
                gradient[i] = v * moment
                gradient[neurons + i] = v * total
            gradient[2 * neurons + i] = w * moment + b * total
        gradient[3 * neurons] = 2.0 / n * sums[n]
        if adam:
            decay_first *= 0.9
            decay_second *= 0.999
            for i in range(theta.size):
                first[i] = 0.9 * first[i] + 0.1 * gradient[i]
                second[i] = 0.999 * second[i] + 0.001 * gradient[i] * gradient[i]
                root = np.sqrt(second[i] / (1.0 - decay_second)) + 1e-8
                theta[i] -= rates[step] * first[i] / (1.0 - decay_first) / root
        else:
            for i in range(theta.size):
                theta[i] -= rates[step] * gradient[i]
    return int(rates.size)
