"""From stored curves to the lines of a figure: which runs a line has, at which x, and their statistic with its band."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from app.numbers.intervals import Summary, summaries
from app.numbers.series import Curves
from app.text.wording import params_text
from storage.records import Value

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]
Places = NDArray[np.int64]


CELL = " cell"
"""A column of runs that is equal in runs of one cell; no parameter has such a name."""
AT_ONCE = 200_000
"""Values that are summed at once: as many as stay in a processor's cache."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """The runs of a line, point by point: run `ids[run]` of seed `seeds[run]` has `value` at `x[place]`.

    `run`, `place`, `value` and `measured`, whether that is a point of the run itself, have shape (k,), runs one after
    another; x is strictly increasing, of shape (points,). `cells` is the number of different cells among the runs.
    """

    x: Array
    run: Places
    place: Places
    value: Array
    measured: NDArray[np.bool_]
    ids: Places
    seeds: Places
    cells: int

    @property
    def points(self) -> tuple[Places, Array, Array]:
        """The runs' own points, runs one after another: run, x and value."""
        own = self.measured
        return self.run[own], self.x[self.place[own]], self.value[own]

    def matrix(self) -> Array:
        """Shape (runs, points), nan where a run has no value."""
        made = np.full((len(self.ids), len(self.x)), np.nan)
        made[self.run, self.place] = self.value
        return made


@dataclass(frozen=True, kw_only=True)
class Line:
    """A statistic over runs along x with its band; x, value, low, high and n of shape (points,).

    `params` are the parameters that tell this line from the others of its curve. `smoothed` is the value as it is drawn
    where the figure smooths, else None. Whether runs were taken as straight between their points says `joined`.
    """

    experiment: str
    curve: str
    params: Mapping[str, Value]
    x: Array
    value: Array
    low: Array
    high: Array
    n: NDArray[np.int64]
    sample: Sample
    joined: bool = False
    smoothed: Array | None = None

    @property
    def key(self) -> str:
        """Unlike that of every other line of the figure."""
        return line_key(self.experiment, self.curve, self.params)


def line_key(experiment: str, curve: str, params: Mapping[str, Value]) -> str:
    """What names a line among all of a figure."""
    return f"{experiment}/{curve} {params_text(params)}".rstrip()


def lines_of(
    experiment: str,
    curve: str,
    groups: Sequence[tuple[Mapping[str, Value], pd.DataFrame]],
    curves: Curves,
    *,
    statistic: str = "mean",
    band: str = "ci",
    abscissa: str = "own",
    points: str = "auto",
) -> list[Line]:
    """A line for each group of runs (index run_id, columns seed and perhaps CELL), all of which have the curve.

    `abscissa` is what stands along x: `own` (the curve's x), `step` (its points, counted from 0) or `share` (of the way
    from the run's first x to its last). `points` says what a run counts for at an x where other runs of its line have
    points and it has none between its own ends: nothing (`stored`), or the straight line between its neighbouring
    points (`joined`); `auto` joins a curve where there is such an x. Before its first point and after its last a run
    counts for nothing.
    """
    along = _Abscissae(abscissa)
    drawn = [[(along(curves[run][0]), curves[run][1]) for run in members.index.tolist()] for _, members in groups]
    grids = [_grid([x for x, _ in each]) for each in drawn]
    monotonic = all(_increasing(x) for x in {id(x): x for each in drawn for x, _ in each}.values())
    joined = points != "stored" and monotonic and any(map(_has_gaps, drawn, grids))
    samples = [
        _sample(members, each, grid, joined=joined)
        for (_, members), each, grid in zip(groups, drawn, grids, strict=True)
    ]
    found = _summed(samples, statistic, band)
    return [
        Line(
            experiment=experiment, curve=curve, params=params, sample=sample, joined=joined, x=sample.x, **vars(summary)
        )
        for (params, _), sample, summary in zip(groups, samples, found, strict=True)
    ]


class _Abscissae:
    """What stands along x, made once for each abscissa that runs share."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._made: dict[int, Array] = {}

    def __call__(self, x: Array) -> Array:
        if self._kind == "own":
            return x
        if id(x) not in self._made:
            steps = np.arange(len(x), dtype=np.float64)
            length = np.ptp(x) if len(x) else 0.0
            self._made[id(x)] = steps if self._kind == "step" else (x - x.min()) / length if length else 0 * steps
        return self._made[id(x)]


def _increasing(x: Array) -> bool:
    return bool((np.diff(x) > 0).all())


def _grid(xs: Sequence[Array]) -> Array:
    """Every x that any run has, in order."""
    different = list({id(x): x for x in xs}.values())
    if len(different) == 1 and _increasing(different[0]):
        return different[0]
    return np.unique(np.concatenate(different))


def _has_gaps(drawn: Sequence[tuple[Array, Array]], grid: Array) -> bool:
    """Whether between the ends of some run there is an x of the others at which it has no point."""
    different = {id(x): x for x, _ in drawn}.values()
    return any(np.searchsorted(grid, x[-1], "right") - np.searchsorted(grid, x[0]) > len(x) for x in different)


def _sample(members: pd.DataFrame, drawn: Sequence[tuple[Array, Array]], grid: Array, *, joined: bool) -> Sample:
    different = {id(x): x for x, _ in drawn}
    own = {of: _between_ends(grid, x) if joined else np.searchsorted(grid, x) for of, x in different.items()}
    there = {of: np.isin(grid[own[of]], x, assume_unique=True) for of, x in different.items()}
    places = [own[id(x)] for x, _ in drawn]
    return Sample(
        x=grid,
        run=np.repeat(np.arange(len(drawn)), [len(place) for place in places]),
        place=np.concatenate(places),
        value=np.concatenate(_joined(drawn, grid, own) if joined else [y for _, y in drawn]),
        measured=np.concatenate([there[id(x)] for x, _ in drawn]),
        ids=members.index.to_numpy(dtype=np.int64),
        seeds=members["seed"].to_numpy(dtype=np.int64),
        cells=int(members[CELL].nunique()) if CELL in members else 1,
    )


def _joined(drawn: Sequence[tuple[Array, Array]], grid: Array, own: Mapping[int, Places]) -> list[Array]:
    """The values of each run at its own places of the grid: those of runs that share their x are found at once."""
    sharing: dict[int, list[int]] = {}
    for run, (x, _) in enumerate(drawn):
        sharing.setdefault(id(x), []).append(run)
    values: dict[int, Array] = {}
    for of, runs in sharing.items():
        x = drawn[runs[0]][0]
        found = straight(grid[own[of]], x, np.stack([drawn[run][1] for run in runs]))
        values.update(zip(runs, found, strict=True))
    return [values[run] for run in range(len(drawn))]


def straight(at: Array, x: Array, y: Array) -> Array:
    """The bits of np.interp at `at` (shape (k,), from x[0] to x[-1]) for each row of y (rows, points): (rows, k)."""
    left = np.searchsorted(x, at, "right") - 1
    first = np.minimum(left, max(len(x) - 2, 0))
    last = np.minimum(first + 1, len(x) - 1)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # where a point is met, no slope is asked for
        between = (y[:, last] - y[:, first]) / (x[last] - x[first]) * (at - x[first]) + y[:, first]
    return np.where(x[left] == at, y[:, left], between)


def _between_ends(grid: Array, x: Array) -> NDArray[np.int64]:
    """The places of all x of the grid from the run's first to its last."""
    return np.arange(np.searchsorted(grid, x[0]), np.searchsorted(grid, x[-1], "right"))


def _summed(samples: Sequence[Sample], statistic: str, band: str) -> list[Summary]:
    """The statistic of every sample at each of its x, in portions of about AT_ONCE values."""
    portions = np.cumsum([len(sample.value) for sample in samples]) // AT_ONCE
    made: list[Summary] = []
    for portion in np.unique(portions):
        made += _summed_at_once(
            [sample for sample, own in zip(samples, portions, strict=True) if own == portion], statistic, band
        )
    return made


def _summed_at_once(samples: Sequence[Sample], statistic: str, band: str) -> list[Summary]:
    ends = np.cumsum([len(sample.x) for sample in samples])
    starts = ends - [len(sample.x) for sample in samples]
    found = summaries(
        np.concatenate([sample.value for sample in samples]),
        np.concatenate([sample.place + start for sample, start in zip(samples, starts, strict=True)]),
        int(ends[-1]),
        statistic,
        band,
    )
    return [
        Summary(**{name: part[start:end] for name, part in vars(found).items()})
        for start, end in zip(starts, ends, strict=True)
    ]
