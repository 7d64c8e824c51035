r"""
A deep ReLU network *can* have a number of affine pieces that is exponential in its depth (*depth_separation*). Does a
random one? Without biases, with normal weights and any number of inputs, follow a path that turns about the origin by
the angle $\alpha$. The neurons of $L$ hidden layers change sign along it

$$ \frac\alpha\pi \sum_{l=1}^{L} n_l \prod_{j<l}\left(1-(n_j+1)\,2^{-n_j}\right) $$

times on average: **exactly, at every width**, and for wide layers simply $\alpha/\pi$ times the number of hidden
neurons. Linear in the neurons, however they are stacked: what counts is how fast the layers' output turns, and a random
layer keeps that speed in the mean ($\mathbb E\,\chi_{k-1}\cdot\mathbb E\,\chi_k^{-1} = 1$ for $k \ge 2$ active
neurons). The order of magnitude is that of B. Hanin and D. Rolnick, *Complexity of linear regions in deep networks*,
2019: on average about as many pieces on a line as neurons, and no exponential in the depth.

**What the guide did.** It says that deep networks create "increasingly complex partitions" and shows one fixed network
with two hidden layers whose second does nothing (see *depth_separation*).

**What is measured here.** Random networks and the exact points where neurons change sign along a path, by propagation
of breakpoints from layer to layer. *Circle*: once around the origin in the plane of two inputs ($\alpha = 2\pi$; the
zero-bias network is homogeneous, so that the square through the unit vectors is met by the same rays). *Quarter
circle*: the segment between two unit vectors of ten inputs, $\alpha = \pi/2$. *Segment*: from $(-1, 0)$ to $(1, 0)$,
with normal biases of standard deviation 0.1, or uniform on $(-\frac12,\frac12)$.

- Two inputs and no bias: about $2nL$ regions of the plane, all of them cones.
- `kinks` counts where the slope of the *output* changes: a few crossings are not seen in it, where a layer downstream
  is off (1 % at width 8, depth 8).
- With normal biases of standard deviation $\sigma$ a wide layer $l$ changes sign
  $n\,\frac2\pi\arctan\frac1{\sigma\sqrt l}$ times along the segment: biases add up from layer to layer, and hide the
  origin a little more with each. From width $8L$ on that is the mean to about 1 %; at width 16 and depth 8 it is 5 %
  lower, at width 8, where layers die, 6 % at depth 4. *Uniform* biases at width 16 leave 13.7, 25.4, 45.0 and 76.1
  stretches at depths 1, 2, 4 and 8, against bounds $\prod_l(n_l+1)$ of 17 to $7\cdot10^9$.
- *No slope is claimed along the depth.* It would take two decades, but with each layer the logarithm of the rate of
  turning varies by about $2/n$, so that at a hundred layers of less than some thousand neurons rare networks make the
  mean. The laws are held against every depth instead, within 5 %; between depths 1 and 8 they have themselves slopes of
  0.94 (circle, width 8), 0.97 (with biases) and 1. Along the width there are two decades at depths 1, 2 and 4.
- *The line trap.* In one dimension without biases $\alpha = 0$: one or two pieces, whatever the network.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from experiments.claims import Always, Equals, PowerLaw
from experiments.networks.along import pieces_along
from experiments.networks.regions import linear_regions
from experiments.networks.relu import ReluNetwork
from experiments.spec import Arrays, Axes, Curve, Experiment, FieldSpec, Grid, Metric, Outcome, product
from experiments.theory import random_depth as theory

Array = NDArray[np.float64]

ANGLES = {"circle": 2 * math.pi, "quarter circle": math.pi / 2}
NETWORKS = {8: 160, 16: 60, 32: 20, 64: 10, 128: 5}
"""Networks of a run at depth 8, by width, for a spread of 4 %; the spread of one grows with the depth."""
QUARTERS = 128
"""Networks of a run along a quarter circle at width 16, where fewer crossings fluctuate more."""
SPREAD = 0.1
"""Standard deviation of normal biases."""
SHOWN_POINTS = 200
DRAWN_NEURONS = 64


@dataclass(frozen=True, kw_only=True)
class Params:
    width: Annotated[int, "neurons n in each hidden layer"]
    depth: Annotated[int, "hidden layers L"]
    inputs: Annotated[int, "inputs of the network"] = 2
    path: Annotated[str, "circle (once about the origin), quarter circle, or segment (of length 2)"] = "circle"
    biases: Annotated[str, "zero, normal (standard deviation 0.1) or uniform (on (−1/2, 1/2))"] = "zero"
    networks: Annotated[int, "networks drawn in a run"]


def draw(params: Params, rng: Generator) -> ReluNetwork:
    """Normal weights of variance 2/(inputs of the layer), as K. He and others have them, and the biases."""
    units = (params.inputs, *[params.width] * params.depth, 1)
    weights = tuple(rng.standard_normal(shape) * math.sqrt(2 / shape[0]) for shape in pairwise(units))
    match params.biases:
        case "zero":
            biases = tuple(np.zeros(n) for n in units[1:])
        case "normal":
            biases = tuple(SPREAD * rng.standard_normal(n) for n in units[1:])
        case "uniform":
            biases = tuple(rng.uniform(-0.5, 0.5, n) for n in units[1:])
        case _:
            raise ValueError(f"biases are zero, normal or uniform, not {params.biases!r}")
    return ReluNetwork(weights, biases)


def corners(params: Params) -> Array:
    """The corners of the path, (corners, inputs); it lies in the plane of the first two inputs."""
    match params.path:
        case "circle":
            plane = [[1, 0], [0, 1], [-1, 0], [0, -1], [1, 0]]
        case "quarter circle":
            plane = [[1, 0], [0, 1]]
        case "segment":
            plane = [[-1, 0], [1, 0]]
        case _:
            raise ValueError(f"the path is a circle, a quarter circle or a segment, not {params.path!r}")
    points = np.zeros((len(plane), params.inputs))
    points[:, :2] = plane
    return points


def run(params: Params, rng: Generator) -> Outcome:
    path = corners(params)
    networks = [draw(params, rng) for _ in range(params.networks)]
    found = [pieces_along(network, path) for network in networks]
    by_layer = np.mean([pieces.crossings for pieces in found], axis=0)
    shown = found[0]
    chosen = np.unique(np.linspace(0, len(shown.at) - 1, min(SHOWN_POINTS, len(shown.at))).round().astype(int))
    chosen = chosen[np.diff(shown.at[chosen], prepend=-1.0) > 0]

    def fields() -> Mapping[str, Arrays]:
        if params.inputs != 2 or params.width * params.depth > DRAWN_NEURONS:
            return {}
        regions = linear_regions(networks[0], (-1.0, -1.0), (1.0, 1.0))
        slope = np.linalg.norm(regions.gradient, axis=1)
        return {"regions": {"vertices": regions.vertices, "offsets": regions.offsets, "value": slope}}

    return Outcome(
        metrics={
            "crossings": float(by_layer.sum()),
            "kinks": float(np.mean([pieces.kinks for pieces in found])),
            "most_regions": float(max(pieces.crossings.sum() for pieces in found)) + (params.path != "circle"),
        },
        curves={
            "by_layer": Curve(np.arange(1.0, params.depth + 1), by_layer),
            "output": Curve(shown.at[chosen], shown.output[chosen]),
        },
        fields=fields,
    )


def crossings_law(params: Params) -> float:
    return theory.expected_crossings([params.width] * params.depth, ANGLES[params.path])


def cells(
    widths: tuple[int, ...],
    depths: tuple[int, ...],
    biased: tuple[int, ...],
    ends: tuple[tuple[int, int], ...] = (),
) -> tuple[Params, ...]:
    """Circles of two inputs, quarter circles of ten, and segments with biases, at other widths (with so many networks a
    run) shallow ones only."""
    return (
        *(Params(width=n, depth=depth, networks=networks(n, depth)) for n in widths for depth in depths),
        *product(Params, width=(16,), depth=depths, inputs=(10,), path=("quarter circle",), networks=(QUARTERS,)),
        *product(Params, width=biased, depth=depths, path=("segment",), biases=("normal",), networks=(10,)),
        *(
            Params(width=n, depth=depth, path="segment", biases="normal", networks=k)
            for n, k in ends
            for depth in SHALLOW
        ),
        *product(Params, width=(16,), depth=depths, path=("segment",), biases=("uniform",), networks=(10,)),
    )


def networks(width: int, depth: int) -> int:
    return max(4, round(NETWORKS[width] * (depth / 8) ** 2))


SHALLOW = (1, 2, 4)
ENDS = ((8, 10), (800, 1))
"""Widths that make two decades at these depths (wide and deep networks have too many breakpoints), and networks of a
run."""
HANIN = "B. Hanin and D. Rolnick, Complexity of linear regions in deep networks, 2019"


def law(
    expected: Callable[[Params], float], where: Callable[[Params], bool], source: str, statement: str
) -> Equals[Params]:
    return Equals(
        statement=statement,
        source=source,
        reason="the usual 5 % of an equality: a run averages so many networks that its spread is about 4 %",
        metric="crossings",
        theory=expected,
        x="depth",
        series=("width",),
        where=where,
    )


EXPERIMENT = Experiment(
    title="Pieces of random deep networks",
    chapter=7,
    section="Deep ReLU Neural Networks",
    params=Params,
    size="depth",
    profiles={
        "quick": Grid(cells((8, 16), (1, 2, 4), (16,)), 8),
        "standard": Grid(cells((8, 16, 32, 64), (1, 2, 4, 8), (16, 32, 64), ENDS), 20),
        "deep": Grid(cells((8, 16, 32, 64, 128), (1, 2, 4, 8, 16), (16, 32, 64, 128), ENDS), 100),
    },
    metrics={
        "crossings": Metric("mean number of sign changes of hidden neurons along the path"),
        "kinks": Metric("mean number of points along the path where the slope of the output changes"),
        "most_regions": Metric("greatest number of stretches of the path on which no neuron changes sign"),
    },
    curves={
        "by_layer": Axes(x="hidden layer", y="mean number of sign changes of its neurons"),
        "output": Axes(x="distance along the path, in segments", y="output of the first network (at most 200 points)"),
    },
    fields={
        "regions": FieldSpec(
            "polygons", "regions of the first network (up to 64 neurons) by the length of its gradient"
        )
    },
    run=run,
    claims={
        "one_layer_circle": Always(
            statement=r"Around the origin, the $n$ neurons of one layer without biases change sign exactly $2n$ times.",
            source="derived here: each neuron's line passes through the origin",
            reason="a count: no tolerance",
            metric="crossings",
            low=lambda p: 2 * p.width,
            high=lambda p: 2 * p.width,
            x="width",
            series=("path",),
            where=lambda p: p.path == "circle" and p.depth == 1,
        ),
        "angle_law": law(
            crossings_law,
            lambda p: p.path == "circle",
            f"derived here; cf. {HANIN}",
            r"Around the origin one expects $2\sum_l n\,(1-(n+1)2^{-n})^{l-1}$ sign changes, about two a hidden neuron"
            r" at any depth, so that a random network without biases has about $2nL$ regions of the plane.",
        ),
        "angle_law_quarter": law(
            crossings_law,
            lambda p: p.path == "quarter circle",
            f"derived here; cf. {HANIN}",
            r"Seen under a right angle, a segment in ten inputs is crossed a quarter as often by layers of 16: the"
            r" law knows the angle"
            r" and not the dimension.",
        ),
        "biases_law": law(
            lambda p: theory.biased_crossings(p.width, p.depth, SPREAD),
            lambda p: p.biases == "normal" and p.width >= 8 * p.depth,
            "derived here, for wide layers, from S. O. Rice, Mathematical analysis of random noise, 1944",
            r"With normal biases of standard deviation $\sigma$ one expects $n\sum_l\frac2\pi\arctan\frac1"
            r"{\sigma\sqrt l}$ sign changes along a segment of length 2 through the origin, if $n\ge8L$: a little less"
            " than in proportion to the depth.",
        ),
        "biases_linear_in_width": PowerLaw(
            statement=r"With biases the sign changes are proportional to the width, from 8 to 800.",
            source=f"{HANIN}: of the order of the number of neurons",
            reason="±0.05, over two decades: the usual of a slope. The theorem is one of order of magnitude; narrow"
            " deep networks, whose layers may die, stay a little below proportion.",
            metric="crossings",
            slope=1.0,
            x="width",
            series=("depth",),
            where=lambda p: p.biases == "normal" and p.depth in SHALLOW,
        ),
        "far_below_the_most": Always(
            statement=r"Along a segment no network exceeds $\prod_l(n_l+1)$ pieces; random ones stay orders of"
            r" magnitude below it as soon as they are deep.",
            source="G. Montúfar, R. Pascanu, K. Cho and Y. Bengio, On the number of linear regions of deep neural"
            " networks, 2014",
            reason="a count: no tolerance",
            metric="most_regions",
            high=lambda p: theory.most_pieces([p.width] * p.depth),
            x="depth",
            series=("width", "biases"),
            where=lambda p: p.path == "segment",
        ),
    },
)
