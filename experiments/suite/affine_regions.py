r"""
One layer of ReLU neurons on the plane is an arrangement of lines, one a neuron; the network is affine on each region
that they leave. In $\mathbb R^d$ there are at most

$$ \sum_{i=0}^{d}\binom Ni $$

regions, and exactly so many in general position (T. Zaslavsky, *Facing up to arrangements*, 1975). In an open convex
part of the plane, Euler's formula counts one region, one more for each line that meets it, and one more for each
crossing inside it ($m-1$ more where $m$ lines meet in one point).

**What the guide did.** It fills the contours of $\mathrm{relu}(x+y-1)+\mathrm{relu}(x-y)$ over $200\times200$ points of
$[-2,2]^2$ with 20 colour levels and draws two lines. Beside the missing import, the line $x+y=1$ is drawn from
$(-2,3)$ to $(3,-2)$, out of the square that it divides, so that the axes stretch; the other line is white dashes, which
its legend shows on white; the colours suggest about twenty pieces, and nothing is counted. Exactly: **four** regions of
areas $\frac{23}4, \frac{23}4, \frac94, \frac94$, on which the function is $0$, $x-y$, $x+y-1$ and $2x-1$.

**What is measured here.** Random layers whose weights and biases are normal numbers rounded to multiples of $2^{-20}$:
all counts are exact, in integers. For independent $N(0,1)$ coefficients the lines are uniform in the sense of
projective geometry, and on $[-a,a]^2$

$$ \mathbb E\,\text{regions} = 1 + p_h N + p_i\tbinom N2, \qquad
   p_h = \tfrac4\pi\arctan\tfrac a{\sqrt{1+a^2}}, \quad p_i = \tfrac2\pi\arctan\tfrac{a^2}{\sqrt{1+2a^2}} , $$

at $a=2$: $p_h = 0.92912$ and $p_i = 0.59033$ (Crofton's formula and a solid angle). A second method, which cuts
polygons, must find as many regions as Euler's formula. In $\mathbb R^d$ the regions are counted by deletion and
restriction, in any position.

- *The grid trap.* Counting the activation patterns at grid points, as pictures do, misses the small regions, and these
  are ever more: the curve shows the share that a grid of given side sees.
- *The zero-bias trap.* Without biases all lines meet at the origin: $2N$ regions in place of order $N^2$.
- *Three different numbers.* Regions of constant activation, affine pieces (the fewest connected sets on which $f$ is
  affine) and distinct affine functions agree here, but not in general: see *depth_separation*.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from experiments.claims import Always, Claim, Equals, PowerLaw, exactly
from experiments.networks.arrangements import patterns_on_grid, regions_in_plane, regions_in_space
from experiments.networks.regions import linear_regions
from experiments.networks.relu import ReluNetwork
from experiments.spec import Arrays, Axes, Curve, Experiment, FieldSpec, Grid, Metric, Outcome, Snippet
from experiments.theory import arrangements as theory

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

HALF = 2
"""The guide looks at [−2, 2]²."""
UNIT = 2**20
"""Coefficients are multiples of 1/UNIT."""
SIDES = (20, 50, 100, 200, 400, 800)
"""Points a side of the grids; 200 is the guide's. Even, so that no point is the origin, where lines may meet: the
pattern at a point on a line need not be that of a region."""
ON_GRIDS = 3
"""Networks of a run that are looked at on grids."""
CUT_NEURONS = 80
"""Up to so many neurons the first network of a run is cut into polygons: the effort grows as N³."""
DRAWN_NEURONS = 40


@dataclass(frozen=True, kw_only=True)
class Params:
    neurons: Annotated[int, "neurons N of the layer, one hyperplane each"]
    dimension: Annotated[int, "inputs d"] = 2
    layer: Annotated[str, "normal (weights and biases), through origin (no biases) or guide network (fixed)"] = "normal"
    networks: Annotated[int, "layers drawn in a run"]


def draw(params: Params, rng: Generator) -> Integers:
    """Hyperplanes (networks, neurons, dimension + 1) in units of 1/UNIT, the bias last."""
    match params.layer:
        case "normal" | "through origin":
            planes = rng.standard_normal((params.networks, params.neurons, params.dimension + 1))
            planes[:, :, -1] *= params.layer == "normal"
        case "guide network":
            planes = np.array([[[1.0, 1.0, -1.0], [1.0, -1.0, 0.0]]])
        case _:
            raise ValueError(f"no layer called {params.layer!r}")
    return np.rint(planes * UNIT).astype(np.int64)


def network(lines: Integers, readout: Array) -> ReluNetwork:
    layer = lines / UNIT
    return ReluNetwork((layer[:, :2].T.copy(), readout[:, np.newaxis]), (layer[:, 2].copy(), np.zeros(1)))


def run(params: Params, rng: Generator) -> Outcome:
    drawn = draw(params, rng)
    if params.dimension != 2:
        return Outcome(metrics={"regions_in_space": float(np.mean([regions_in_space(planes) for planes in drawn]))})
    counts = [regions_in_plane(lines, HALF) for lines in drawn]
    readout = rng.standard_normal(params.neurons) if params.layer != "guide network" else np.ones(2)
    hashes = rng.integers(2**64, size=params.neurons, dtype=np.uint64)
    seen = np.array([[patterns_on_grid(lines, HALF, side, hashes) for side in SIDES] for lines in drawn[:ON_GRIDS]])
    there = np.array(counts[:ON_GRIDS])[:, np.newaxis]
    missed = dict(zip(SIDES, np.mean(there - seen, axis=0), strict=True))
    metrics = {
        "regions_in_square": float(np.mean(counts)),
        "regions_in_space": float(np.mean([regions_in_plane(lines) for lines in drawn])),
        "grid_excess": float(np.max(seen - there)),
        **{f"missed_{side}": float(missed[side]) for side in (50, 200, 800)},
    }
    curves = {"share_seen": Curve(np.array(SIDES, dtype=np.float64), np.mean(seen / there, axis=0))}
    if params.neurons > CUT_NEURONS:
        return Outcome(metrics=metrics, curves=curves)

    cut = linear_regions(network(drawn[0], readout), (-HALF, -HALF), (HALF, HALF))
    metrics["cutter_difference"] = float(abs(counts[0] - len(cut)))
    if params.layer == "guide network":
        metrics["guide_area_error"] = float(np.abs(np.sort(cut.areas()) - [2.25, 2.25, 5.75, 5.75]).max())

    def fields() -> Mapping[str, Arrays]:
        return {"regions": cut.by_steepness()} if params.neurons <= DRAWN_NEURONS else {}

    return Outcome(metrics=metrics, curves=curves, fields=fields)


GUIDE = Params(neurons=2, layer="guide network", networks=1)


def cells(neurons: tuple[int, ...], space: tuple[tuple[int, int], ...]) -> tuple[Params, ...]:
    """Layers in the plane, as many a run as a spread of the count of 3 % needs, and in spaces (dimension, neurons)."""
    return (
        GUIDE,
        *(Params(neurons=n, networks=max(8, 200 // n)) for n in neurons),
        *(Params(neurons=n, layer="through origin", networks=3) for n in neurons[1::2]),
        *(Params(neurons=n, dimension=d, networks=1) for d, n in space),
    )


SIZES = (2, 5, 10, 20, 40, 80, 160)
WIDEST = Params(neurons=500, networks=1)
"""Two decades above five neurons; its count alone has a spread of about 3 %."""
SPACE = tuple((d, n) for d in (1, 3, 5, 10) for n in (5, 10, 12))


def in_plane(params: Params) -> bool:
    return params.dimension == 2 and params.layer == "normal"


counted = partial(exactly, reason="a count in integers: no tolerance", x="neurons")

CLAIMS: Mapping[str, Claim[Params]] = {
    "general_position": counted(
        statement=r"$N$ random hyperplanes cut $\mathbb R^d$ into exactly $\sum_{i\le d}\binom Ni$ regions: in the"
        r" plane $1+N+\binom N2$, and $2^N$ for $N \le d$.",
        source="T. Zaslavsky, Facing up to arrangements, 1975",
        metric="regions_in_space",
        value=lambda p: theory.zaslavsky(p.neurons, p.dimension),
        series=("dimension",),
        where=lambda p: p.layer == "normal",
    ),
    "polygons_agree": Always(
        statement=r"In the square $[-2,2]^2$, Euler's count, one region more for each line that meets it and for each"
        r" crossing inside, is the number of polygons that cutting along one line after the other leaves.",
        source="L. Euler's formula for planar graphs; derived here for lines in a convex set",
        reason="two counts: no tolerance",
        metric="cutter_difference",
        high=0,
        x="neurons",
        series=("layer",),
        where=lambda p: p.dimension == 2 and p.neurons <= CUT_NEURONS,
    ),
    "lines_through_a_point": counted(
        statement=r"Without biases all $N$ lines pass through the origin: exactly $2N$ regions.",
        source="derived here",
        metric="regions_in_square",
        value=lambda p: 2 * p.neurons,
        series=("layer",),
        where=lambda p: p.layer == "through origin",
    ),
    "expected_regions": Equals(
        statement=r"With normal weights and biases one expects $1 + 0.92912\,N + 0.59033\,\binom N2$ regions in"
        r" $[-2,2]^2$.",
        source="derived here: Crofton's formula and a solid angle; for the method L. A. Santaló, Integral Geometry and"
        " Geometric Probability, 1976",
        reason="the usual 5 % of an equality: a run averages so many networks that its spread is at most 5 %",
        metric="regions_in_square",
        theory=lambda p: theory.expected_regions(p.neurons, HALF),
        x="neurons",
        series=("layer",),
        where=in_plane,
    ),
    "grids_never_see_more": Always(
        statement="The activation patterns at the points of a grid, 20 to 800 a side, are never more than the regions,"
        " if no point lies on a line.",
        source="derived here: a pattern that is seen is a region",
        reason="a count: no tolerance",
        metric="grid_excess",
        high=0,
        x="neurons",
        series=("layer",),
        where=lambda p: p.dimension == 2,
    ),
    **{
        f"grids_of_{side}_fall_behind": PowerLaw(
            statement=rf"The regions that a grid of ${side}\times{side}$ misses grow faster than $N^2$, that is, than"
            r" the regions themselves: the share that is missed grows.",
            source="derived here: regions shrink as 1/N, and a grid misses those that are smaller than its cells",
            reason="one-sided: any slope above 2 will do",
            metric=f"missed_{side}",
            slope=(2, math.inf),
            x="neurons",
            series=("layer",),
            where=lambda p: in_plane(p) and p.neurons >= 5,
        )
        for side in (50, 200, 800)
    },
    "guide_regions": exactly(
        statement=r"The guide's network, $\mathrm{relu}(x+y-1)+\mathrm{relu}(x-y)$, has four regions in $[-2,2]^2$.",
        source="derived here: two lines that cross inside",
        reason="a count: no tolerance",
        metric="regions_in_square",
        value=4,
        x="neurons",
        where=lambda p: p == GUIDE,
    ),
    "guide_areas": Always(
        statement=r"Their areas are $\frac94, \frac94, \frac{23}4, \frac{23}4$.",
        source="derived here: elementary geometry",
        reason="1e-14, for rounding",
        metric="guide_area_error",
        high=1e-14,
        x="neurons",
        where=lambda p: p == GUIDE,
    ),
}

EXPERIMENT = Experiment(
    title="Regions of one layer of ReLU neurons",
    chapter=6,
    section="Affine Pieces for ReLU Neural Networks",
    params=Params,
    size="neurons",
    guide=GUIDE,
    profiles={
        "quick": Grid(cells((2, 10, 20, 40), ((1, 12), (3, 10), (5, 10))), 8),
        "standard": Grid((*cells(SIZES, SPACE), WIDEST), 20),
        "deep": Grid((*cells((*SIZES, 320), (*SPACE, (3, 40), (5, 20))), WIDEST), 100),
    },
    metrics={
        "regions_in_square": Metric("mean number of regions in [−2, 2]², exact (in the plane)"),
        "regions_in_space": Metric("mean number of regions of the whole space, exact"),
        "cutter_difference": Metric(
            "difference between Euler's count in the square and the polygons cut, first network"
        ),
        "grid_excess": Metric("largest surplus of activation patterns seen on a grid over the regions"),
        "missed_50": Metric("mean number of regions that a grid of 50 × 50 points misses"),
        "missed_200": Metric("mean number of regions that the guide's grid of 200 × 200 points misses"),
        "missed_800": Metric("mean number of regions that a grid of 800 × 800 points misses"),
        "guide_area_error": Metric("largest deviation of the guide's four areas from 9/4, 9/4, 23/4, 23/4"),
    },
    curves={"share_seen": Axes(x="points a side of the grid", y="share of the regions that are seen", x_log=True)},
    fields={"regions": FieldSpec("polygons", "the first network (up to 40 neurons) by the length of its gradient")},
    run=run,
    claims=CLAIMS,
    snippets=(
        Snippet(
            number=6,
            heading="Affine Pieces for ReLU Neural Networks",
            outcome="Stops with NameError: name 'np' is not defined. With `import numpy as np` it draws filled contours"
            " and two lines.",
            fault="The line x + y = 1 is drawn from (−2, 3) to (3, −2), outside the square, so that the axes stretch;"
            " the line x = y is white dashes, which the legend shows on white. Twenty contour levels suggest twenty"
            " pieces; nothing is counted.",
            measured="Four regions, of areas 23/4, 23/4, 9/4, 9/4, with the functions 0, x − y, x + y − 1 and 2x − 1;"
            " the values reach from 0 to 4. All four are seen on the guide's grid.",
        ),
    ),
)
