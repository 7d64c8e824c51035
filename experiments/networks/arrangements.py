"""Regions of arrangements of lines and hyperplanes, counted exactly in integer arithmetic.

A hyperplane {x : w·x + b = 0} in dimension d is a row of d + 1 integers, w first and b last; w is not 0. Rows that are
multiples of one another are one hyperplane.
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

LARGEST = 2**23
"""Coefficients up to here keep all products and sums of the counts in the plane below 2^53: exact as floats, too."""


def regions_in_space(planes: Integers) -> int:
    """The number of regions of R^d that hyperplanes (n, d + 1) leave, by deletion and restriction.

    A new hyperplane adds as many regions as the others cut it into: r(A) = r(A without H) + r(the traces of A on H)
    (T. Zaslavsky, "Facing up to arrangements", 1975). The traces are found by eliminating a variable, in integers.
    Exact in any position; the effort grows as the count does.
    """
    rows = _distinct([[int(value) for value in row] for row in planes])
    return _regions(rows)


def _regions(rows: list[tuple[int, ...]]) -> int:
    total = 1
    for i, row in enumerate(rows):
        pivot = next(k for k, value in enumerate(row) if value)
        traces = [_eliminated(other, row, pivot) for other in rows[:i]]
        total += _regions(_distinct([trace for trace in traces if any(trace[:-1])]))
    return total


def _eliminated(row: tuple[int, ...], by: tuple[int, ...], pivot: int) -> list[int]:
    """The trace of `row` on the hyperplane `by`: the variable of the pivot is expressed by the others."""
    kept = [k for k in range(len(row)) if k != pivot]
    return [by[pivot] * row[k] - row[pivot] * by[k] for k in kept]


def _distinct(rows: list[list[int]]) -> list[tuple[int, ...]]:
    """The rows as primitive integer vectors whose first entry that is not 0 is positive, each once."""
    found: dict[tuple[int, ...], None] = {}
    for row in rows:
        divisor = math.gcd(*row) * (1 if next(value for value in row if value) > 0 else -1)
        found[tuple(value // divisor for value in row)] = None
    return list(found)


def regions_in_plane(lines: Integers, half: int | None = None) -> int:
    """The number of regions that lines (n, 3) leave of the plane, or of the open square (−half, half)².

    1 + lines that meet it + for each point inside where m >= 2 of them meet, m − 1 (L. Euler's formula). Coefficients
    up to LARGEST in size, half at most 8: ValueError beyond.
    """
    if np.abs(lines).max(initial=0) > LARGEST or (half or 0) > 8:
        raise ValueError(f"coefficients up to {LARGEST} and squares up to half = 8 are counted exactly")
    kept = _apart(lines[np.ones(len(lines), dtype=bool) if half is None else _hits(lines, half)])
    return 1 + len(kept) + int(np.sum(_multiplicities(kept, half) - 1))


def _apart(lines: Integers) -> Integers:
    return np.array(_distinct(lines.tolist()), dtype=np.int64).reshape(-1, 3)


def _hits(lines: Integers, half: int) -> NDArray[np.bool_]:
    """Whether a line meets the open square: at its corners ux + vy reaches from −s to s, s = half (|u| + |v|)."""
    return np.asarray(np.abs(lines[:, 2]) < half * np.abs(lines[:, :2]).sum(axis=1))


def _multiplicities(lines: Integers, half: int | None) -> Integers:
    """Of each point (inside the square) where two or more of the lines meet, how many do.

    The coordinates are quotients of exact integers below 2^53: equal points have equal floats. Only where two points'
    floats are equal, too, are fractions needed to tell them apart.
    """
    u, v, b = lines.T
    i, j = np.triu_indices(len(lines), 1)
    determinant = u[i] * v[j] - u[j] * v[i]
    x, y = v[i] * b[j] - v[j] * b[i], b[i] * u[j] - b[j] * u[i]
    meet = determinant != 0
    if half is not None:
        reach = half * np.abs(determinant)
        meet &= (np.abs(x) < reach) & (np.abs(y) < reach)
    i, j, x, y, determinant = i[meet], j[meet], x[meet], y[meet], determinant[meet]
    points = x / determinant + 1j * (y / determinant)
    _, place, count = np.unique(points, return_inverse=True, return_counts=True)
    shared = np.flatnonzero(count[place] > 1)
    together: dict[tuple[Fraction, Fraction], set[int]] = {}
    for k in shared.tolist():
        point = Fraction(int(x[k]), int(determinant[k])), Fraction(int(y[k]), int(determinant[k]))
        together.setdefault(point, set()).update((int(i[k]), int(j[k])))
    alone = np.full(len(x) - len(shared), 2, dtype=np.int64)
    return np.concatenate([alone, np.array([len(members) for members in together.values()], dtype=np.int64)])


def patterns_on_grid(lines: Integers, half: float, side: int, hashes: NDArray[np.uint64]) -> int:
    """How many activation patterns the side × side points of an even grid of [−half, half]² show, in float64.

    Along a row of the grid each neuron changes sign at most once, between two columns; a pattern is the xor of the
    random 64-bit `hashes` (n,) of the neurons that are on, and two patterns fall on one hash with probability 2^-64.
    """
    axis = np.linspace(-half, half, side)
    u, v, b = lines.astype(np.float64).T
    rest = np.outer(axis, v) + b  # what the row adds, (side, n)
    on = (rest - half * u > 0) * hashes[np.newaxis]
    with np.errstate(divide="ignore", invalid="ignore"):
        crossing = (-rest / u + half) * ((side - 1) / (2 * half))
    changes = np.where(np.isfinite(crossing), crossing, side)
    # the first column at which the neuron has its new sign: it is on strictly beyond the line
    column = np.where(u > 0, np.floor(changes) + 1, np.ceil(changes))
    column = np.where((column > 0) & (column < side), column, side).astype(np.int64)
    order = np.argsort(column, axis=1)
    column = np.take_along_axis(column, order, axis=1)
    flips = np.bitwise_xor.accumulate(hashes[order], axis=1)
    start = np.bitwise_xor.reduce(on, axis=1)
    # a pattern is seen after the last change at its column, if that column is on the grid
    last = np.concatenate([column[:, 1:] != column[:, :-1], np.ones((side, 1), dtype=bool)], axis=1)
    seen = (start[:, np.newaxis] ^ flips)[last & (column < side)]
    return len(np.unique(np.concatenate([start, seen])))
