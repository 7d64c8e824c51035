"""What an experiment is: a value that a suite file defines and nothing else needs to know of.

A suite file holds a module docstring (Markdown with LaTeX, printed by the dashboard), a frozen dataclass of parameters,
a function that makes one run, and one `EXPERIMENT = Experiment(...)`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from experiments.claims import Claim
from experiments.networks.datasets import Shape
from storage.records import Value

P = TypeVar("P")
"""The experiment's parameters: a frozen dataclass whose fields are `Annotated[int | float | str | bool, "text"]`."""

PROFILES = ("quick", "standard", "deep")


@dataclass(frozen=True)
class Metric:
    """A number of a run: its meaning, and its unit ("" for a pure number)."""

    text: str
    unit: str = ""


@dataclass(frozen=True, kw_only=True)
class Axes:
    """The axes of a curve. One of role `robustness` is named METHOD_NORM: method is certified, exact, pgd or fgsm."""

    x: str
    y: str
    unit: str = ""
    x_log: bool = False
    y_log: bool = False
    role: Literal["learning", "robustness"] | None = None


@dataclass(frozen=True)
class FieldSpec:
    """How a field is drawn, by the arrays it holds.

    surface: x (nx,), y (ny,), z (ny, nx) · polygons: vertices (v, 2), offsets (regions + 1,), value (regions,) ·
    points: x (n,), y (n,), value (n,) · arrows: x0, y0, x1, y1 (n,) · histogram: edges (bins + 1,), density (bins,) ·
    network: sizes (layers,), weights (edges,) layer by layer, input-major, and where it has any biases (neurons after
    the inputs,) · matrix: z (n, m), drawn as a heat map, and where they have names that are numbers labels (n,)
    """

    kind: Literal["surface", "polygons", "points", "arrows", "histogram", "network", "matrix"]
    text: str


@dataclass(frozen=True)
class Curve:
    """y over x: two arrays of one length, every number finite."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]


Arrays = Mapping[str, NDArray[Any]]


def no_fields() -> Mapping[str, Arrays]:
    return {}


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one run produced. Every number is finite: divergence is a metric, and a curve ends where it happened.

    A metric that has no value in this run is left out. `fields` is called only for the seeds whose fields are kept,
    so it may be slow; it draws from no generator.
    """

    metrics: Mapping[str, float]
    curves: Mapping[str, Curve] = field(default_factory=dict)
    fields: Callable[[], Mapping[str, Arrays]] = no_fields


@dataclass(frozen=True)
class Grid(Generic[P]):
    """The cells of a profile and the number of seeds (0 … seeds − 1) of each cell."""

    cells: tuple[P, ...]
    seeds: int


def product(params: Callable[..., P], **values: Iterable[Value]) -> tuple[P, ...]:
    """One cell for every combination of the values, the last named varying fastest."""
    names = tuple(values)
    return tuple(params(**dict(zip(names, point, strict=True))) for point in itertools.product(*values.values()))


@dataclass(frozen=True, kw_only=True)
class Snippet:
    """One of the guide's code examples (`number` 1 to 17): how it ends as written, what is wrong, what was measured."""

    number: int
    heading: str
    outcome: str
    fault: str
    measured: str


@dataclass(frozen=True, kw_only=True)
class Experiment(Generic[P]):
    """Give `run` (one seed) or `run_ensemble` (one outcome a generator, whatever their number), not both.

    The generator depends on the experiment's name and the seed, not on the cell: runs of one seed are paired across
    sizes. `section` is the guide's heading, `size` the parameter that is the size axis, `guide` the guide's own cell.
    `revision` is raised by hand when `run` changes meaning: runs of an older revision are kept, but no longer judged.
    `own` gives the cells to run on a table of the user's own (`run_all.py --data`), where the experiment takes one.
    """

    title: str
    chapter: int
    section: str
    params: type[P]
    profiles: Mapping[str, Grid[P]]
    metrics: Mapping[str, Metric]
    claims: Mapping[str, Claim[P]]
    run: Callable[[P, Generator], Outcome] | None = None
    run_ensemble: Callable[[P, Sequence[Generator]], Sequence[Outcome]] | None = None
    curves: Mapping[str, Axes] = field(default_factory=dict)
    fields: Mapping[str, FieldSpec] = field(default_factory=dict)
    size: str | None = None
    guide: P | None = None
    revision: int = 1
    own: Callable[[Shape], tuple[P, ...]] | None = None
    snippets: tuple[Snippet, ...] = ()
