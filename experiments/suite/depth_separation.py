r"""
Depth can multiply. The *sawtooth* $h(x) = 2\,\mathrm{relu}(x) - 4\,\mathrm{relu}(x-\frac12)$ folds $[0,1]$ onto itself
twice, and $L$ layers of two neurons fold it $2^L$ times:

$$ h_L = h\circ\dots\circ h \quad\text{has}\quad 2^L \text{ affine pieces on } [0,1] , $$

where a network with one hidden layer has at most one piece more than neurons and needs $2^L - 1$ of them (M. Telgarsky,
*Benefits of depth in neural networks*, 2016). Folds of width $w$ give $w^L$ pieces; no network with hidden layers of
widths $n_1, \dots, n_L$ has more than $\prod_l (n_l+1)$ on a line. Out of sawteeth one builds the square,

$$ s_n(x) = x - \sum_{j=1}^n \frac{h_j(x)}{4^j}, \qquad \max_{[0,1]}|x^2 - s_n(x)| = 4^{-(n+1)} \text{ exactly} $$

(D. Yarotsky, *Error bounds for approximations with deep ReLU networks*, 2017), with depth $n$, width 3 and $7n-2$
weights and biases that are not 0 if the sum is carried with a delay: what a shallow network reaches with $2^n$ pieces.
And in the plane, layers that fold each coordinate make $4^{L-1}$ copies of whatever the last layer draws, in all
$\prod_{l<L}\lfloor n_l/n_0\rfloor^{n_0}\sum_{j\le n_0}\binom{n_L}{j}$ regions (G. Montúfar, R. Pascanu, K. Cho and Y.
Bengio, *On the number of linear regions of deep neural networks*, 2014).

**What the guide did.** It draws filled contours of a 2-2-2-1 network with integer weights, to show that depth makes
"complex partitions". Beside the missing import its example is degenerate: of its second layer's two neurons one,
$\mathrm{relu}(a+b)$ of $a, b\ge0$, is never off, and the relu on its output never acts. It has 5 regions of constant
activation in $[-2,2]^2$ but only **4 affine pieces**, $0$, $x+y$, $2(y-x-1)$ and $2y-1$: as many as the two neurons of
the section before. It refutes the sentence it illustrates.

**What is measured here.** The constructions and the guide's network in rational arithmetic: every breakpoint, corner
and slope is exact. Three numbers are told apart: *regions* of constant activation; *pieces*, the fewest connected sets
on which the function is affine; formulas. For the fold of three layers they are 176 and 165, since some neighbours
happen to have one formula. Only the random networks differ from seed to seed: ones of the same widths with random
integer weights, which have few pieces (*random_depth* says why), and the last layer's lines drawn at random.

*Trap.* The count belongs to an interval: on $[-1,2]$ the sawtooth has $2^L+2$ pieces ($L\ge2$), the two outer ones
constant. In floating point the error of $s_n$ levels off near $n = 26$.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, partial
from typing import Annotated

import numpy as np
from numpy.random import Generator

from experiments.claims import Always, Claim, Ordered, exactly
from experiments.networks.constructions import UNIT, UNIT_SQUARE, construct, random_twin, randomly_folded, square_error
from experiments.networks.rational import Region, by_steepness, output, pieces, regions, size
from experiments.spec import Arrays, Axes, Curve, Experiment, FieldSpec, Grid, Metric, Outcome, Snippet, product
from experiments.theory.random_depth import most_pieces

BEYOND = ((-1,), (2,))
"""An interval on which the sawtooth is more than its folds."""
SHOWN_CORNERS = 400


@dataclass(frozen=True, kw_only=True)
class Params:
    depth: Annotated[int, "hidden layers L"]
    width: Annotated[int, "neurons of a hidden layer"] = 2
    construction: Annotated[str, "zigzag (width 2: the sawtooth), square, folded (the plane) or guide network"] = (
        "zigzag"
    )


@dataclass(frozen=True)
class Built:
    """What a construction is, for every seed: its metrics, its curves and its regions."""

    metrics: Mapping[str, float]
    curves: Mapping[str, Curve]
    regions: Sequence[Region]


@cache
def built(params: Params) -> Built:
    layers, domain = construct(params.construction, params.width, params.depth)
    found = regions(layers, domain)
    metrics: dict[str, float] = {"regions": len(found), "pieces": len(pieces(found)), "nonzero": size(layers)}
    if params.construction == "zigzag" and params.width == 2:
        metrics["pieces_beyond"] = len(pieces(regions(layers, BEYOND)))
    if params.construction == "square":
        points = [Fraction(k, 2**params.depth) for k in range(2**params.depth + 1)]
        metrics["log2_error"] = math.log2(square_error(found))
        metrics["grid_error"] = float(max(abs(x**2 - output(layers, (x,))) for x in points))
    curves = {}
    if domain == UNIT and len(found) < SHOWN_CORNERS:
        corners = sorted({point for region in found for point in region.corners})
        y = [float(output(layers, point)) for point in corners]
        curves["function"] = Curve(np.array([float(point[0]) for point in corners]), np.array(y))
    return Built(metrics, curves, found)


def run(params: Params, rng: Generator) -> Outcome:
    construction = built(params)
    metrics = dict(construction.metrics)
    match params.construction:
        case "zigzag":
            metrics["random_pieces"] = len(pieces(regions(random_twin(params.width, params.depth, rng), UNIT)))
        case "folded":
            found = regions(randomly_folded(params.depth, rng), UNIT_SQUARE)
            metrics |= {"random_regions": len(found), "random_pieces": len(pieces(found))}

    def fields() -> Mapping[str, Arrays]:
        return {} if len(construction.regions[0].corners) == 2 else {"regions": by_steepness(construction.regions)}

    return Outcome(metrics=metrics, curves=construction.curves, fields=fields)


GUIDE = Params(depth=2, construction="guide network")


def cells(sawtooth: int, zigzags: tuple[tuple[int, int], ...], squares: int, folds: int) -> tuple[Params, ...]:
    """The guide's network; the sawtooth, the square and the folds to these depths; zigzags of (width, depth)."""
    return (
        GUIDE,
        *product(Params, depth=range(1, sawtooth + 1)),
        *(Params(width=width, depth=depth) for width, depth in zigzags),
        *product(Params, depth=range(1, squares + 1), width=(3,), construction=("square",)),
        *product(Params, depth=range(1, folds + 1), width=(4,), construction=("folded",)),
    )


def on_the_line(params: Params) -> bool:
    return params.construction in ("zigzag", "square")


FOLDED_PIECES = {1: 11, 2: 44, 3: 165, 4: 641}
MONTUFAR = (
    "G. Montúfar, R. Pascanu, K. Cho and Y. Bengio, On the number of linear regions of deep neural networks, 2014"
)
COUNT = "a count in rational arithmetic: no tolerance"


def guides(metric: str, count: int, statement: str) -> Claim[Params]:
    """A claim that the guide's network has exactly so many."""
    return exactly(
        statement=statement,
        source="derived here",
        reason=COUNT,
        metric=metric,
        value=count,
        x="depth",
        where=lambda p: p == GUIDE,
    )


counted = partial(exactly, reason=COUNT, x="depth")
squared = partial(
    exactly,
    source="D. Yarotsky, Error bounds for approximations with deep ReLU networks, 2017",
    x="depth",
    where=lambda p: p.construction == "square",
)

CLAIMS: Mapping[str, Claim[Params]] = {
    "sawtooth": counted(
        statement=r"$L$ layers of $w$ neurons that fold $[0,1]$ have $w^L$ pieces there, $2^L$ for the sawtooth: a"
        r" shallow network needs $w^L-1$ neurons for as many.",
        source="M. Telgarsky, Benefits of depth in neural networks, 2016",
        metric="pieces",
        value=lambda p: p.width**p.depth,
        series=("width",),
        where=lambda p: p.construction == "zigzag",
    ),
    "sawtooth_beyond": counted(
        statement=r"On $[-1,2]$ the sawtooth has $2^L+2$ pieces for $L\ge2$, and 3 for $L=1$.",
        source="derived here: h is 0 left of 0, and below 0 right of 1, where the next layer makes it 0",
        metric="pieces_beyond",
        value=lambda p: 2**p.depth + (2 if p.depth > 1 else 1),
        where=lambda p: p.construction == "zigzag" and p.width == 2,
    ),
    "below_the_bounds": Always(
        statement=r"On a line no network has more than $\prod_l(n_l+1)$ pieces, nor these more than $(2w)^L$.",
        source=f"{MONTUFAR}; P. Petersen and J. Zech, Mathematical theory of deep learning, 2024",
        reason=COUNT,
        metric="pieces",
        high=lambda p: min(most_pieces([p.width] * p.depth), (2 * p.width) ** p.depth),
        x="depth",
        series=("construction", "width"),
        where=on_the_line,
    ),
    "random_networks_do_not_fold": Ordered(
        statement=r"Random networks of the same widths have fewer pieces on $[0,1]$ than the folds, from three layers"
        r" on.",
        source="B. Hanin and D. Rolnick, Complexity of linear regions in deep networks, 2019: of the order of the"
        " number of neurons",
        reason="a difference of counts",
        lower="random_pieces",
        upper="pieces",
        x="depth",
        series=("width",),
        where=lambda p: p.construction == "zigzag" and p.depth >= 3,
    ),
    "square_error": squared(
        statement=r"$\max_{[0,1]}|x^2-s_n(x)|$ is exactly $4^{-(n+1)}$: each layer divides the error by four.",
        reason="rational arithmetic, and the logarithm of a power of two: no tolerance",
        metric="log2_error",
        value=lambda p: -2 * p.depth - 2,
    ),
    "square_interpolates": squared(
        statement=r"$s_n(x) = x^2$ at every multiple of $2^{-n}$ in $[0,1]$.",
        reason="rational arithmetic: no tolerance",
        metric="grid_error",
        value=0,
    ),
    "square_size": squared(
        statement=r"Depth $n$ and width 3 suffice, with $7n-2$ weights and biases that are not 0.",
        source="derived here: the sum is carried with a delay of one layer",
        reason="a count: no tolerance",
        metric="nonzero",
        value=lambda p: 7 * p.depth - 2,
    ),
    "folded_regions": counted(
        statement=r"Layers of four neurons that fold the unit square, and a last one that draws four lines, have"
        r" $11\cdot4^{L-1}$ regions.",
        source=MONTUFAR,
        metric="regions",
        value=lambda p: 11 * 4 ** (p.depth - 1),
        where=lambda p: p.construction == "folded",
    ),
    "folded_pieces": counted(
        statement=r"With the lines $x=\frac12$, $y=\frac{11}{20}$, $x+y=\frac65$, $x-y=\frac3{20}$ and readouts 1, 3,"
        r" 7, 19 they have 11, 44 and 165 affine pieces at $L = 1, 2, 3$: neighbours may share a formula.",
        source="computed here, for these lines",
        metric="pieces",
        value=lambda p: FOLDED_PIECES[p.depth],
        where=lambda p: p.construction == "folded",
    ),
    "other_lines": Always(
        statement=r"Whatever the last layer's four lines, there are at most $11\cdot4^{L-1}$ regions.",
        source=f"{MONTUFAR}; four lines make at most 11 regions of a square",
        reason=COUNT,
        metric="random_regions",
        high=lambda p: 11 * 4 ** (p.depth - 1),
        x="depth",
        where=lambda p: p.construction == "folded",
    ),
    "guide_regions": guides("regions", 5, r"The guide's network has 5 regions of constant activation in $[-2,2]^2$."),
    "guide_pieces": guides(
        "pieces", 4, "It has only 4 affine pieces, as many as one layer of two neurons: its depth adds none."
    ),
}

EXPERIMENT = Experiment(
    title="What depth can do: folds counted exactly",
    chapter=7,
    section="Deep ReLU Neural Networks",
    params=Params,
    size="depth",
    guide=GUIDE,
    profiles={
        "quick": Grid(cells(6, ((3, 3), (4, 3)), 6, 2), 8),
        "standard": Grid(cells(10, ((3, 3), (4, 3), (3, 5), (5, 4)), 10, 3), 20),
        "deep": Grid(cells(12, ((3, 3), (4, 3), (3, 5), (5, 4), (3, 7)), 12, 4), 100),
    },
    metrics={
        "regions": Metric("regions of constant activation of the construction, exact"),
        "pieces": Metric("affine pieces of the construction, exact"),
        "pieces_beyond": Metric("affine pieces of the sawtooth on [−1, 2], exact"),
        "nonzero": Metric("weights and biases of the construction that are not 0"),
        "log2_error": Metric("log2 of the largest distance of the square network to x² on [0, 1]"),
        "grid_error": Metric("largest distance of the square network to x² at the multiples of 2^−n"),
        "random_pieces": Metric("affine pieces of a random network of the same widths, or of other lines, exact"),
        "random_regions": Metric("regions of the folds with random lines in the last layer, exact"),
    },
    curves={"function": Axes(x="input x", y="output of the construction, at its breakpoints")},
    fields={"regions": FieldSpec("polygons", "regions of the construction by the length of the gradient")},
    run=run,
    claims=CLAIMS,
    snippets=(
        Snippet(
            number=7,
            heading="Deep ReLU Neural Networks",
            outcome="Stops with NameError: name 'np' is not defined. With `import numpy as np` it draws filled"
            " contours.",
            fault="The example is degenerate: a neuron of its second layer is never off, and the relu on its output"
            " never acts. Its two hidden layers make as many affine pieces as the one layer of the section before,"
            " which contradicts the sentence that it illustrates.",
            measured="Five regions of constant activation in [−2, 2]², of areas 23/4, 23/4, 9/4, 9/8, 9/8, but four"
            " affine pieces: 0, x + y, 2(y − x − 1) on a piece of area 27/8 that is not convex, and 2y − 1. The"
            " greatest value is 6, at (−2, 2).",
        ),
    ),
)
