"""The compiled training loop: scikit-learn's MLP with Adam and ReLU, operation by operation, without the interpreter.

Matrix products and transcendental functions are NumPy's and SciPy's own loops (or, for small products, tiles and rows
that were seen to give the same bits); sums follow the order of `np.sum`;
nothing fuses a multiplication with an addition or replaces a division by a multiplication.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.networks.ensemble.adam import SETTLING
from experiments.networks.ensemble.calls import Ints, Reals, jit_kept, multiply
from experiments.networks.ensemble.marks import Words, mark, parts
from experiments.networks.ensemble.order import INNER, is_cut
from experiments.networks.ensemble.products import (
    BACKWARD,
    FORWARD,
    GRADIENT,
    blas_product,
    marked_product,
    seen_equal,
)
from experiments.networks.ensemble.rows import MOST
from experiments.networks.ensemble.shuffling import shuffle
from experiments.networks.ensemble.steps import (
    activate,
    adam,
    add_bias,
    any_small,
    gather,
    mask,
    mean_loss,
    outer_biased,
    outer_masked,
    settle,
)
from experiments.networks.ensemble.sums import column_sums
from experiments.networks.ensemble.tiles import ADD, BYTES, MASK, NOTHING, RECTIFY, transpose

EPOCHS, STALE, STEPS = 1, 2, 3
BLAS, CUT, TILES, SKIPPING = 0, 1, 2, 3
"""Ways to compute a product: by BLAS whole or in pieces, or without it; the last skips zeros, and gives way to tiles
where too few of the activations are zero."""
MARKED: Any = np.int64(3)
"""A row of the table of ways beyond the kinds of products: whether the activations that a layer gives are marked."""
DENSE = 0.75
"""The share of activations that are not zero from which skipping the others takes longer than not to."""


@jit_kept
def train(
    loops: Ints, call: Ints, ways: NDArray[np.int8], units: Ints, kind: int, shuffled: bool, batch: int,
    X: Reals, Y: Reals, order: Ints, partners: Ints, key: NDArray[np.uint32], counters: Ints,
    weights: Reals, first: Reals, second: Reals, work: Reals, marks: Words,
    rates: Reals, constants: Reals, alpha: Any, penalised: bool, limits: NDArray[np.float64],
    curve: NDArray[np.float64], stop: NDArray[np.uint8],
) -> None:  # fmt: skip
    """Train for at most len(curve) further epochs; `counters[EPOCHS]` grows by the epochs done in this call.

    `weights`, `first`, `second`: all coefficients, then all intercepts. `rates`: Adam's rate at every step of this
    call. `penalised`: whether alpha's part of the loss may not be zero. `limits`: tol, n_iter_no_change and the best
    loss so far. `counters`: place in the key, epochs done, epochs without improvement, steps done. `ways` (4, 2,
    layers): how products are computed, by kind, for full batches and for a shorter last one. Returns early, in the
    middle of an epoch, once stop[0] is not 0.
    """
    depth = units.size - 1
    samples, features, outputs = X.shape[0], X.shape[1], units[depth]
    size = weights.itemsize
    widest = 0
    largest = 0
    total_units = 0
    coefs_size = 0
    for layer in range(depth + 1):
        widest = max(widest, units[layer])
        total_units += units[layer]
        if layer < depth:
            largest = max(largest, units[layer] * units[layer + 1])
            coefs_size += units[layer] * units[layer + 1]
    target = work[: batch * outputs]
    at_delta = target.size
    at_next = at_delta + batch * widest
    at_gradient = at_next + batch * widest
    at_scratch = at_gradient + largest
    at_activations = at_scratch + max(3 * batch * outputs, widest)
    scratch = work[at_scratch:at_activations]
    at_turned = at_activations + batch * total_units
    base: Any = np.int64(work.ctypes.data)  # unsigned otherwise
    base_weights: Any = np.int64(weights.ctypes.data)
    turned = base + at_turned * size
    room = turned + largest * size
    room += -room % BYTES
    base_marks: Any = np.int64(marks.ctypes.data)
    # addresses of the marks of every layer's activations, or 0 where there are none or too few are zero
    by_row, by_column = np.zeros(depth + 1, np.int64), np.zeros(depth + 1, np.int64)
    zero = weights.dtype.type(0)
    exact = any_small(weights, constants)
    step = 0
    for epoch in range(curve.size):
        if shuffled:
            shuffle(order, partners, key, counters)
        accumulated = 0.0
        for start in range(0, samples, batch):
            if stop[0] != 0:
                return
            n = min(batch, samples - start)
            count = weights.dtype.type(n)
            tail = int(n < batch)
            rows = order[start : start + n]
            gather(X, rows, work[at_activations : at_activations + n * features])
            gather(Y, rows, target)

            at = at_activations
            w = 0
            b = coefs_size
            marked = 0
            for layer in range(depth):
                fan_in, fan_out = units[layer], units[layer + 1]
                out = at + batch * fan_in
                bias, rectified = weights[b : b + fan_out], layer < depth - 1
                way = ways[FORWARD, tail, layer]
                if way >= TILES:
                    marked_product(
                        by_row[layer] * (way == SKIPPING),
                        FORWARD, work, base + at * size, base_weights + w * size, base + out * size, room,
                        n, fan_in, fan_out, size, RECTIFY if rectified else ADD, base_weights + b * size,
                    )  # fmt: skip
                elif fan_in == 1:
                    coefs = weights[w : w + fan_out]
                    outer_biased(work[at : at + n], coefs, bias, rectified, work[out : out + n * fan_out])
                else:
                    blas_product(
                        way == CUT, loops, call, base + at * size, fan_in * size, size,
                        base_weights + w * size, fan_out * size, size, base + out * size, n, fan_in, fan_out, size,
                    )  # fmt: skip
                    add_bias(work[out : out + n * fan_out], bias, rectified)
                if ways[MARKED, tail, layer]:
                    across = marked + parts(fan_out) * n
                    down = across + parts(n) * fan_out
                    nonzero = mark(work, base + out * size, n, fan_out, size, marks[marked:across], marks[across:down])
                    few = nonzero <= DENSE * n * fan_out
                    by_row[layer + 1] = (base_marks + 8 * marked) * few
                    by_column[layer + 1] = (base_marks + 8 * across) * few
                    marked = down
                at = out
                w += fan_in * fan_out
                b += fan_out
            predicted = work[at : at + n * outputs]
            activate(loops, call, kind, predicted, base + at * size, n, outputs, scratch, size)

            loss = mean_loss(loops, call, kind, target, predicted, n, outputs, scratch, size)
            if penalised:
                squares = zero
                w = 0
                for layer in range(depth):
                    length = units[layer] * units[layer + 1]
                    place = base_weights + w * size
                    multiply(
                        loops, call, place, length * size, size, place, size, size, base + at_scratch * size,
                        size, 1, length, 1, size,
                    )  # fmt: skip
                    squares += scratch[0]
                    w += length
                loss += np.float64((weights.dtype.type(0.5) * alpha) * squares / count)
            accumulated += loss * n

            for i in range(n * outputs):
                work[at_delta + i] = predicted[i] - target[i]
            w = coefs_size
            b = weights.size
            here, there = at_delta, at_next
            for layer in range(depth - 1, -1, -1):
                fan_in, fan_out = units[layer], units[layer + 1]
                at -= batch * fan_in
                w -= fan_in * fan_out
                b -= fan_out
                if layer > 0:
                    active, back = work[at : at + n * fan_in], work[there : there + n * fan_in]
                    way = ways[BACKWARD, tail, layer]
                    if way >= TILES:
                        marked_product(
                            by_row[layer + 1] * (way == SKIPPING),
                            BACKWARD, work, base + here * size, base_weights + w * size, base + there * size, room,
                            n, fan_out, fan_in, size, MASK, base + at * size,
                        )  # fmt: skip
                    elif fan_out == 1:
                        outer_masked(work[here : here + n], weights[w : w + fan_in], active, back)
                    else:
                        blas_product(
                            way == CUT, loops, call, base + here * size, fan_out * size, size,
                            base_weights + w * size, size, fan_out * size, base + there * size,
                            n, fan_out, fan_in, size,
                        )  # fmt: skip
                        mask(back, active, scratch[:fan_in])
                way = ways[GRADIENT, tail, layer]
                if way == SKIPPING and layer == 0 and by_column[1] != 0:
                    # the inputs have no zeros to skip, but what comes back to them has
                    marked_product(
                        by_column[1], GRADIENT, work, base + here * size, base + at * size, turned, room,
                        fan_out, n, fan_in, size, NOTHING, base,
                    )  # fmt: skip
                    transpose(
                        work, turned, fan_out, fan_in, base + at_gradient * size, fan_out * size, size,
                    )  # fmt: skip
                elif way >= TILES:
                    marked_product(
                        by_column[layer] * (way == SKIPPING),
                        GRADIENT, work, base + at * size, base + here * size, base + at_gradient * size, room,
                        fan_in, n, fan_out, size, NOTHING, base,
                    )  # fmt: skip
                else:
                    blas_product(
                        way == CUT, loops, call, base + at * size, size, fan_in * size,
                        base + here * size, fan_out * size, size, base + at_gradient * size, fan_in, n, fan_out, size,
                    )  # fmt: skip
                length = fan_in * fan_out
                gradient = work[at_gradient : at_gradient + length]
                adam(
                    weights[w : w + length], gradient, first[w : w + length], second[w : w + length],
                    count, alpha, rates[step], constants, exact,
                )  # fmt: skip
                column_sums(work[here : here + n * fan_out], n, fan_out, scratch)
                adam(
                    weights[b : b + fan_out], scratch[:fan_out], first[b : b + fan_out], second[b : b + fan_out],
                    count, zero, rates[step], constants, exact,
                )  # fmt: skip
                here, there = there, here
            step += 1
            counters[STEPS] += 1
            if counters[STEPS] % SETTLING == 0:
                settle(weights, first, second, constants)
                exact = any_small(weights, constants)

        mean = accumulated / samples
        curve[epoch] = mean
        counters[EPOCHS] += 1
        tol, patience, best = limits
        counters[STALE] = counters[STALE] + 1 if mean > best - tol else 0
        limits[2] = min(best, mean) if mean < best else best
        if counters[STALE] > patience:
            return


def work_size(units: tuple[int, ...], batch: int, size: int) -> int:
    """Elements of `size` bytes of the work space that `train` needs."""
    largest = max(a * b for a, b in pairwise(units))
    outputs, widest = units[-1], max(units)
    lanes = BYTES // size
    panel = min(INNER, max(widest, batch)) * min(MOST * lanes, widest + lanes)
    rooms = 2 * largest + max(largest, panel) + lanes
    return batch * outputs + 2 * batch * widest + max(3 * batch * outputs, widest) + batch * sum(units) + rooms


def marks_size(units: tuple[int, ...], batch: int) -> int:
    """Words of marks that `train` needs."""
    return sum(int(parts(width)) * batch + int(parts(batch)) * width for width in units)


@cache
def own_products(units: tuple[int, ...], samples: int, batch: int, dtype: str) -> NDArray[np.int8]:
    """How `train` may compute its products (4, 2, layers), and in the last row which layers are to be marked; to be
    called with one BLAS thread."""
    ways = np.zeros((4, 2, len(units) - 1), np.int8)
    last = len(units) - 2
    for tail, n in enumerate((batch, samples % batch)):
        for layer, (fan_in, fan_out) in enumerate(pairwise(units)):
            forward, gradient, backward = (n, fan_in, fan_out), (fan_in, n, fan_out), (n, fan_out, fan_in)
            for kind, shape, skipped in (
                (FORWARD, forward, forward if layer > 0 else None),
                (GRADIENT, gradient, gradient if layer > 0 else (fan_out, n, fan_in)),
                (BACKWARD, backward, backward if layer < last else None),
            ):
                if is_cut(*shape, np.dtype(dtype).itemsize):
                    ways[kind, tail, layer] = CUT
                if seen_equal(kind, *shape, dtype):
                    skips = skipped is not None and seen_equal(kind, *skipped, dtype, True)
                    ways[kind, tail, layer] = SKIPPING if skips else TILES
        skipping = ways[:MARKED, tail] == SKIPPING
        for layer in range(last):
            ways[MARKED, tail, layer] = skipping[(FORWARD, GRADIENT, BACKWARD), (layer + 1, layer + 1, layer)].any()
        if last > 0:
            ways[MARKED, tail, 0] |= skipping[GRADIENT, 0]
    return ways
