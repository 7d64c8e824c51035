"""Lines beside one another: smoothed beside measured, and each against a reference."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from app.numbers.intervals import summaries
from app.numbers.lines.averaging import Array, Line


def smooth(line: Line, kind: str) -> Line:
    """The line with its smoothed values: `mean K` over K neighbouring points (fewer at the ends), `ema W` of weight W.

    The exponential average of weight W is Σ Wᵏ v(i − k) / Σ Wᵏ over the points so far, unbiased from the first on.
    """
    word, _, size = kind.partition(" ")
    if word == "mean":
        half = int(size) // 2
        sums = np.concatenate([[0.0], np.cumsum(line.value - line.value.mean())])
        place = np.arange(len(line.value))
        first, last = np.maximum(place - half, 0), np.minimum(place + half + 1, len(place))
        return replace(line, smoothed=(sums[last] - sums[first]) / (last - first) + line.value.mean())
    from scipy.signal import lfilter

    weight = float(size)
    weights = np.cumsum(weight ** np.arange(len(line.value)))
    return replace(line, smoothed=lfilter([1.0], [1.0, -weight], line.value) / weights)


@dataclass(frozen=True, kw_only=True)
class Beside:
    """A line against a reference, x by x: difference or ratio; low and high nan where it has no band.

    `n` is the number of seeds that both have at x where the difference is `paired`, else nothing is known of it (0).
    """

    x: Array
    value: Array
    low: Array
    high: Array
    n: NDArray[np.int64]
    paired: bool


def difference(line: Line, reference: Line, statistic: str, band: str) -> Beside:
    """Paired where both lines have one run a seed of one experiment: the statistic of y − reference over common seeds.

    One generator serves all cells of a seed, so that such runs share their random numbers. Elsewhere it is the
    difference of the two statistics, which has no band here.
    """
    ours, theirs = line.sample, reference.sample
    lone = all(len(np.unique(each.seeds)) == len(each.seeds) for each in (ours, theirs))
    if not lone or line.experiment != reference.experiment:
        return _against(line, reference, np.subtract)
    _, mine, other = np.intersect1d(ours.seeds, theirs.seeds, return_indices=True)
    x, left, right = np.intersect1d(ours.x, theirs.x, return_indices=True)
    values = ours.matrix()[np.ix_(mine, left)] - theirs.matrix()[np.ix_(other, right)]
    place = np.broadcast_to(np.arange(len(x)), values.shape)
    known = np.isfinite(values)
    found = summaries(values[known], place[known], len(x), statistic, band)
    some = found.n > 0
    return Beside(x=x[some], paired=True, **{name: part[some] for name, part in vars(found).items()})


def counts(line: Line) -> Beside:
    """The line's n along x."""
    none = np.full(len(line.x), np.nan)
    return Beside(x=line.x, value=line.n.astype(np.float64), low=none, high=none, n=line.n, paired=False)


def ratio(line: Line, reference: Line) -> Beside:
    """The statistic over that of the reference; it has no band here."""
    return _against(line, reference, np.divide)


def _against(line: Line, reference: Line, operation: np.ufunc) -> Beside:
    x, left, right = np.intersect1d(line.x, reference.x, return_indices=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = operation(line.value[left], reference.value[right])
    known = np.isfinite(value)
    none = np.full(int(known.sum()), np.nan)
    n = np.zeros(len(none), dtype=np.int64)
    return Beside(x=x[known], value=value[known], low=none, high=none, n=n, paired=False)
