"""The parts of a training step in compiled code: gathering, layers, losses, Adam.

Each loop is a function of its own on plain slices, so that the compiler sees that nothing overlaps and vectorises it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from experiments.networks.ensemble.calls import EXP, EXPIT, XLOGY, Ints, Reals, apply, jit
from experiments.networks.ensemble.sums import column_sums, pairwise_sum
from experiments.networks.ensemble.tiles import fma

IDENTITY, LOGISTIC, SOFTMAX = 0, 1, 2


@jit
def gather(source: Reals, rows: Ints, out: Reals) -> None:
    """The chosen rows of source, one after another."""
    columns = source.shape[1]
    for i in range(rows.size):
        row, place = source[rows[i]], out[i * columns : (i + 1) * columns]
        for j in range(columns):
            place[j] = row[j]


@jit
def outer_biased(a: Reals, b: Reals, bias: Reals, rectified: bool, out: Reals) -> None:
    """Out = a (m, 1) @ b (1, p), then `add_bias`. np.matmul does it in a slow loop of its own, as 0 + a b."""
    zero = out.dtype.type(0)
    for i in range(a.size):
        row, x = out[i * b.size : (i + 1) * b.size], a[i]
        if rectified:
            for j in range(b.size):
                value = (zero + x * b[j]) + bias[j]
                row[j] = zero if value < zero else value
        else:
            for j in range(b.size):
                row[j] = (zero + x * b[j]) + bias[j]


@jit
def outer_masked(a: Reals, b: Reals, active: Reals, out: Reals) -> None:
    """Out = a (m, 1) @ b (1, p), zero where the unit is not active."""
    zero = out.dtype.type(0)
    for i in range(a.size):
        row, units, x = out[i * b.size : (i + 1) * b.size], active[i * b.size : (i + 1) * b.size], a[i]
        for j in range(b.size):
            value = zero + x * b[j]
            row[j] = zero if units[j] == zero else value


@jit
def add_bias(values: Reals, bias: Reals, rectified: bool) -> None:
    """Add the bias to every row and, in hidden layers, take the positive part; a NaN stays."""
    zero = values.dtype.type(0)
    for start in range(0, values.size, bias.size):
        row = values[start : start + bias.size]
        if rectified:
            for j in range(bias.size):
                value = row[j] + bias[j]
                row[j] = zero if value < zero else value
        else:
            for j in range(bias.size):
                row[j] += bias[j]


@jit
def mask(delta: Reals, active: Reals, row: Reals) -> None:
    """Zero delta (n * row.size,) where the unit is not active, by way of `row`: done in place, it would become masked
    stores, which some processors do ten times slower."""
    zero = delta.dtype.type(0)
    for start in range(0, delta.size, row.size):
        values, units = delta[start : start + row.size], active[start : start + row.size]
        for j in range(row.size):
            value, unit = values[j], units[j]
            row[j] = zero if unit == zero else value
        for j in range(row.size):
            values[j] = row[j]


@jit
def activate(
    loops: Ints, call: Ints, kind: int, values: Reals, at: int, n: int, outputs: int, scratch: Reals, size: int
) -> None:
    """The last layer's activation of values (n * outputs,) at address `at`, in place."""
    if kind == LOGISTIC:
        apply(loops, EXPIT, call, at, 0, at, n * outputs, size)
    elif kind == SOFTMAX:
        for i in range(n):
            row = values[i * outputs : (i + 1) * outputs]
            top = row[0]
            for j in range(1, outputs):
                # not (<=): like np.max, a NaN must win
                if not row[j] <= top:
                    top = row[j]
            for j in range(outputs):
                row[j] -= top
        apply(loops, EXP, call, at, 0, at, n * outputs, size)
        for i in range(n):
            row = values[i * outputs : (i + 1) * outputs]
            total = pairwise_sum(row, outputs)
            for j in range(outputs):
                row[j] /= total


@jit
def mean_loss(
    loops: Ints, call: Ints, kind: int, target: Reals, predicted: Reals, n: int, outputs: int, scratch: Reals,
    size: int,
) -> float:  # fmt: skip
    """Half the mean squared error, or the log loss, of (n * outputs,) values; scratch is (3 * n * outputs,)."""
    count = n * outputs
    terms, sums = scratch[:count], scratch[count : 2 * count]
    one = target.dtype.type(1)
    if kind == IDENTITY:
        for i in range(count):
            difference = target[i] - predicted[i]
            terms[i] = difference * difference
    else:
        # the summands x log p with x = 0 vanish exactly: p is clipped, so that its logarithm is finite
        least = target.dtype.type(np.finfo(target.dtype).eps)
        most = one - least
        ones = scratch[2 * count : 3 * count]
        for i in range(count):
            p = predicted[i]
            p = least if p < least else p
            p = most if p > most else p
            if kind == LOGISTIC:
                p = p if target[i] == one else one - p
            terms[i] = p
            ones[i] = one
        base = scratch.ctypes.data
        apply(loops, XLOGY, call, base + 2 * count * size, base, base, count, size)
        if kind == SOFTMAX:
            for i in range(count):
                terms[i] = terms[i] if target[i] == one else target.dtype.type(0)
    column_sums(terms, n, outputs, sums)
    for j in range(outputs):
        sums[j] /= target.dtype.type(n)
    total = pairwise_sum(sums, outputs)
    if kind == IDENTITY:
        return np.float64(target.dtype.type(0.5) * (total / target.dtype.type(outputs)))
    return np.float64(-total)


@jit
def adam(
    weights: Reals, gradient: Reals, first: Reals, second: Reals, count: Any, alpha: Any, rate: Any, constants: Reals,
    exact: bool,
) -> None:  # fmt: skip
    """One step of Adam on a layer, given the gradient of the summed loss, and `adam.constants`; the gradient is lost.

    Division by the batch's count is a multiplication by its inverse and two fused multiply-adds, which is the rounded
    quotient itself (N. Brisebarre, J.-M. Muller, S. Raina, "Accelerating correctly rounded floating-point division when
    the divisor is known in advance", 2004), but for the sign of zero, and for a denormal quotient in the middle between
    two numbers, where the rounded inverse decides. `exact` is to be set where that could matter.
    """
    beta_1, rest_1, beta_2, rest_2, epsilon = constants[0], constants[1], constants[2], constants[3], constants[4]
    one = weights.dtype.type(1)
    if exact:
        for i in range(weights.size):
            gradient[i] = (gradient[i] + alpha * weights[i]) / count
        count, alpha = one, weights.dtype.type(0)
    inverse = one / count
    for i in range(weights.size):
        total = gradient[i] + alpha * weights[i]
        g = total * inverse
        g = fma(fma(-g, count, total), inverse, g)
        m = beta_1 * first[i] + rest_1 * g
        v = beta_2 * second[i] + rest_2 * (g * g)
        first[i] = m
        second[i] = v
        weights[i] += (-rate * m) / (np.sqrt(v) + epsilon)


@jit
def settle(weights: Reals, first: Reals, second: Reals, constants: Reals) -> None:
    """Set to zero the moments that no weight can tell from zero: see `adam.constants`."""
    zero, limit, small = weights.dtype.type(0), constants[5], constants[6]
    for i in range(weights.size):
        m, v = first[i], second[i]
        first[i] = zero if (abs(m) < limit) & (abs(weights[i]) > small) else m
        second[i] = zero if v < limit else v


@jit
def any_small(weights: Reals, constants: Reals) -> bool:
    """Whether a weight is so small that the least bits of its moments may move it."""
    found = 0
    for i in range(weights.size):
        found |= int(abs(weights[i]) <= constants[6])
    return found != 0
