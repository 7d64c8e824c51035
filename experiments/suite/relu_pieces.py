r"""
A ReLU network with one hidden layer on the line,

$$ f(x) = \sum_{i=1}^N v_i\,\mathrm{relu}(w_i x + b_i), $$

is affine but for a kink at each *knot* $t_i = -b_i/w_i$, where its slope jumps by $v_i|w_i|$. Hence the summation
rule: at most $N + 1$ affine pieces, and exactly $N+1$ when the knots are distinct (P. Petersen and J. Zech,
*Mathematical theory of deep learning*, 2024). Distinct knots also make the total variation of the slope equal to the
path norm of the weights,

$$ \mathrm{TV}(f') = \sum_i |v_i|\,|w_i| , $$

which is why small weights mean a simple function (P. Savarese, I. Evron, D. Soudry and N. Srebro, *How do infinite
width bounded norm networks look in function space?*, 2019).

**What the guide did.** It evaluates one fixed network,
$f(x) = \mathrm{relu}(x) + \mathrm{relu}(1-x) + \mathrm{relu}(x/2-1)$, at 1000 points of $[-5, 5]$ and draws it over a
"single ReLU". Beside the missing import nothing is wrong and nothing is said: the text promises a hinge a neuron and
counts none. Exactly: knots $0, 1, 2$, slopes $-1, 0, 1, \tfrac32$, four pieces, $f(-5) = 6$, $f = 1$ on $[0, 1]$,
$f(2) = 2$, $f(5) = 6.5$ and $\mathrm{TV}(f') = 2.5$. It is a cell of this experiment.

**What is measured here.** Random networks of $N$ neurons. Pieces are counted exactly: rounding a quotient keeps the
order of the knots, and the few that round to one number are told apart in rational arithmetic. The slope is taken
from the network itself, at one point of each piece, so that its variation is not the formula over again.

- *Where the pieces are.* With normal weights and biases (the guide's choice elsewhere) a knot is standard Cauchy, and
  $[-5, 5]$ holds a share $\tfrac2\pi\arctan 5 = 0.8743$ of them; with uniform ones, as PyTorch draws them, $0.9$.
- *The zero-bias trap.* Biases of 0, a usual initialisation, put **every knot at 0**: two pieces whatever $N$, and
  jumps that cancel, so that $\mathrm{TV}(f')$ grows as $\sqrt N$ while the path norm grows as $N$.
- *The grid trap.* Counting kinks by second differences on the guide's grid merges those that are close. How many are
  left can be predicted, too: a run of bent grid points begins in cell $c$ if it holds a knot and the two cells before
  it do not. With $p_c$ the chance of a knot in cell $c$ one expects
  $\sum_c (1 - p_{c-1} - p_{c-2})^N - (1 - p_c - p_{c-1} - p_{c-2})^N$ kinks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated

import numpy as np
from numpy.random import Generator

from experiments.claims import Always, Equals, exactly
from experiments.networks.pieces import shallow_output, shallow_slope
from experiments.networks.shallow_survey import draw_shallow, guide_function, kink_map, survey
from experiments.spec import Arrays, Axes, Curve, Experiment, FieldSpec, Grid, Metric, Outcome, Snippet
from experiments.theory import pieces as theory

HALF = 5.0
"""The guide looks at [-5, 5]."""
GUIDE_GRID = np.linspace(-HALF, HALF, 1000)
CURVE_GRID = np.linspace(-HALF, HALF, 201)
KNOT_EDGES = np.linspace(-HALF, HALF, 42)
DRAWN_NEURONS = 50
SHOWN_NETWORKS = 10


@dataclass(frozen=True, kw_only=True)
class Params:
    neurons: Annotated[int, "neurons in the hidden layer"]
    init: Annotated[str, "normal, uniform (on (−1, 1)), zero bias (normal weights) or guide network (fixed, 3 neurons)"]
    networks: Annotated[int, "networks drawn in a run"]


def run(params: Params, rng: Generator) -> Outcome:
    w, b, v = draw_shallow(params.init, params.networks, params.neurons, rng)
    first = w[0], b[0], v[0]
    found = survey(w, b, v, GUIDE_GRID)
    metrics = {
        "pieces": float(found.pieces.mean()),
        "pieces_most": float(found.pieces.max()),
        "pieces_inside": float(found.pieces_inside.mean()),
        "inside_share": float(np.mean(found.pieces_inside - 1) / params.neurons),
        "variation": float(found.variation.mean()),
        "path_norm": float(found.path_norm.mean()),
        "variation_error": float(np.max(np.abs(found.variation / found.path_norm[: len(found.variation)] - 1))),
        "grid_kinks": float(found.seen.mean()),
        "grid_excess": float(np.max(found.seen - (found.pieces_inside[: len(found.seen)] - 1))),
    }
    curves = {
        "output": Curve(CURVE_GRID, shallow_output(*first, CURVE_GRID)),
        "slope": Curve(CURVE_GRID, shallow_slope(*first, CURVE_GRID)),
    }
    if params.init == "guide network":
        metrics["guide_error"] = float(np.abs(shallow_output(*first, GUIDE_GRID) - guide_function(GUIDE_GRID)).max())
    if spread_knots(params):
        centres, widths = (KNOT_EDGES[1:] + KNOT_EDGES[:-1]) / 2, np.diff(KNOT_EDGES)
        counts, _ = np.histogram(np.concatenate([kinks.at for kinks in found.inside]), KNOT_EDGES)
        curves["knot_density"] = Curve(centres, counts / (found.pieces - 1).sum() / widths)
        curves["knot_law"] = Curve(centres, np.diff(theory.knot_cdf(params.init, KNOT_EDGES)) / widths)

    def fields() -> Mapping[str, Arrays]:
        drawn: dict[str, Arrays] = {"kinks": kink_map(found.inside[:SHOWN_NETWORKS])}
        if params.neurons <= DRAWN_NEURONS:
            sizes, weights = np.array([1, params.neurons, 1]), np.concatenate([w[0], v[0]])
            drawn["network"] = {"sizes": sizes, "weights": weights, "biases": np.append(b[0], 0.0)}
        return drawn

    return Outcome(metrics=metrics, curves=curves, fields=fields)


def cells(neurons: tuple[int, ...], inits: tuple[str, ...]) -> tuple[Params, ...]:
    """Random cells: 600 networks or more for the cancelling jumps of zero biases, at least 400 knots elsewhere."""

    def networks(size: int, init: str) -> int:
        return max(600, 2048 // size) if init == "zero bias" else max(100, 400 // size)

    return tuple(Params(neurons=size, init=init, networks=networks(size, init)) for size in neurons for init in inits)


GUIDE = Params(neurons=3, init="guide network", networks=1)
INITS = ("normal", "uniform", "zero bias")
SIZES = (1, 2, 5, 10, 20, 50, 100, 200)


def spread_knots(params: Params) -> bool:
    return params.init in ("normal", "uniform")


exact = partial(exactly, x="neurons", series=("init",))
equals = partial(Equals[Params], x="neurons", series=("init",))
always = partial(Always[Params], x="neurons", series=("init",))

EXPERIMENT = Experiment(
    title="Pieces of a shallow ReLU network",
    chapter=5,
    section="ReLU Neural Networks",
    params=Params,
    revision=2,
    size="neurons",
    guide=GUIDE,
    profiles={
        "quick": Grid((GUIDE, *cells((10, 50), ("normal", "zero bias"))), 8),
        "standard": Grid((GUIDE, *cells(SIZES, INITS)), 20),
        "deep": Grid((GUIDE, *cells((*SIZES, 500, 1000), INITS)), 100),
    },
    metrics={
        "pieces": Metric("mean number of affine pieces on the real line, exact"),
        "pieces_most": Metric("greatest number of affine pieces on the real line, exact"),
        "pieces_inside": Metric("mean number of affine pieces on [−5, 5], exact"),
        "inside_share": Metric("share of the N possible kinks that lie in [−5, 5]: (pieces there − 1)/N"),
        "variation": Metric("mean total variation of the slope f′ on the real line, from the network's own slopes"),
        "path_norm": Metric("mean path norm, the sum of |v||w| over the neurons"),
        "variation_error": Metric("largest relative difference between the variation of the slope and the path norm"),
        "grid_kinks": Metric("mean number of kinks that second differences see on the guide's 1000 points of [−5, 5]"),
        "grid_excess": Metric("largest surplus of the kinks seen on the grid over those that are there"),
        "guide_error": Metric(
            "largest deviation of the guide's network from its four pieces, at the guide's 1000 points"
        ),
    },
    curves={
        "output": Axes(x="input x", y="output f(x) of the first network"),
        "slope": Axes(x="input x", y="slope f′(x) of the first network"),
        "knot_density": Axes(x="knot t = −b/w", y="density of the knots, measured"),
        "knot_law": Axes(x="knot t = −b/w", y="density of the knots, theory"),
    },
    fields={
        "kinks": FieldSpec("points", "kinks of ten networks, one a row, coloured by the jump of the slope"),
        "network": FieldSpec("network", "the first network (up to 50 neurons), with its biases"),
    },
    run=run,
    claims={
        "summation_rule": always(
            statement=r"A shallow ReLU network with $N$ neurons has at most $N+1$ affine pieces on $\mathbb R$.",
            source="P. Petersen and J. Zech, Mathematical theory of deep learning, 2024, on affine pieces",
            reason="a count, made exactly: no tolerance",
            metric="pieces_most",
            high=lambda p: p.neurons + 1,
        ),
        "general_position": exact(
            statement=r"Random biases make all $N$ knots distinct: almost surely there are exactly $N+1$ pieces (the"
            r" mean over the networks of a run reaches the upper bound only if each network does).",
            source="derived here: quotients of independent continuous variables differ almost surely",
            reason="a count, made exactly: no tolerance",
            metric="pieces",
            value=lambda p: p.neurons + 1,
            where=spread_knots,
        ),
        "knots_inside": equals(
            statement=r"The share of the kinks in $[-5,5]$ is $\frac2\pi\arctan 5 = 0.87433$ for normal weights and"
            r" biases (a knot is standard Cauchy), so that one expects $1 + 0.87433\,N$ pieces there; for uniform"
            r" ones it is $0.9$.",
            source="derived here: laws of quotients of two normal and of two uniform variables",
            reason="±0.02 absolute, a fifth of the difference to the whole and less than that between the two laws",
            metric="inside_share",
            theory=lambda p: theory.inside_share(p.init, HALF),
            tolerance=0.02,
            relative=False,
            where=spread_knots,
        ),
        "path_norm_identity": always(
            statement=r"With distinct knots the total variation of the slope is the path norm, $\mathrm{TV}(f') ="
            r" \sum_i |v_i||w_i|$.",
            source="P. Savarese, I. Evron, D. Soudry and N. Srebro, How do infinite width bounded norm networks look in"
            " function space?, 2019",
            reason="1e-12 relative, for rounding in sums of up to 1000 terms",
            metric="variation_error",
            high=1e-12,
            where=lambda p: p.init != "zero bias",
        ),
        "zero_bias_pieces": exact(
            statement=r"With biases of 0 every knot is at 0: exactly **two** pieces, whatever the number of neurons.",
            source="derived here",
            reason="a count, made exactly: no tolerance",
            metric="pieces",
            value=2,
            where=lambda p: p.init == "zero bias",
        ),
        "zero_bias_variation": equals(
            statement=r"Jumps at one knot cancel: with biases of 0, $\mathbb E\,\mathrm{TV}(f') ="
            r" \frac2{\sqrt\pi}\,\Gamma(\tfrac{N+1}2)/\Gamma(\tfrac N2) \approx \sqrt{2N/\pi}$, far below the path"
            r" norm $2N/\pi$.",
            source="derived here: given w the sum of the jumps is normal with variance |w|²",
            reason="the usual 5 % of an equality: a run averages at least 600 networks, which leaves a spread of 3 %",
            metric="variation",
            theory=lambda p: theory.zero_bias_variation(p.neurons),
            where=lambda p: p.init == "zero bias",
        ),
        "grid_never_more": always(
            statement=r"Second differences on the guide's grid of 1000 points never see more kinks than there are.",
            source="derived here: a kink bends one grid point or two neighbours",
            reason="a count: no tolerance",
            metric="grid_excess",
            high=0,
        ),
        "grid_merges": equals(
            statement=r"They merge close kinks: with $p_c$ the chance of a knot in cell $c$ of the grid, the expected"
            r" number seen is $\sum_c (1-p_{c-1}-p_{c-2})^N - (1-p_c-p_{c-1}-p_{c-2})^N$. Of the 175 kinks that 200"
            r" normal neurons have in $[-5,5]$ this leaves 81.",
            source="derived here",
            reason="the usual 5 % of an equality",
            metric="grid_kinks",
            theory=lambda p: theory.grid_kinks(p.init, p.neurons, GUIDE_GRID),
            where=spread_knots,
        ),
        "guide_pieces": exact(
            statement=r"The guide's network, $\mathrm{relu}(x)+\mathrm{relu}(1-x)+\mathrm{relu}(x/2-1)$, has four"
            r" pieces.",
            source="derived here: knots 0, 1, 2 with jumps 1, 1, 1/2 of the slope",
            reason="a count, made exactly: no tolerance",
            metric="pieces",
            value=4,
            where=lambda p: p == GUIDE,
        ),
        "guide_variation": exact(
            statement=r"Its slope goes from $-1$ through $0$ and $1$ to $\tfrac32$: $\mathrm{TV}(f') = 2.5$.",
            source="derived here",
            reason="all numbers are multiples of 1/2: no tolerance",
            metric="variation",
            value=2.5,
            where=lambda p: p == GUIDE,
        ),
        "guide_values": always(
            statement=r"At the guide's 1000 points its network is $1-x$ for $x<0$, $1$ on $[0,1]$, $x$ on $[1,2]$ and"
            r" $\tfrac32x-1$ beyond, so that $f(-5)=6$ and $f(5)=6.5$.",
            source="derived here",
            reason="1e-14, for rounding of numbers up to 6.5",
            metric="guide_error",
            high=1e-14,
            where=lambda p: p == GUIDE,
        ),
    },
    snippets=(
        Snippet(
            number=5,
            heading="ReLU Neural Networks",
            outcome="Stops with NameError: name 'np' is not defined. With `import numpy as np` it draws the network"
            " over a single ReLU.",
            fault="Only the import is wrong. But nothing is counted, and the comparison with a single ReLU is left"
            " without a word.",
            measured="Four pieces, knots 0, 1, 2, slopes −1, 0, 1, 3/2; f(−5) = 6, f = 1 on [0, 1], f(2) = 2, f(5) ="
            " 6.5; total variation of the slope 2.5. Second differences on the guide's 1000 points see the three"
            " kinks, each as two bent neighbours. The greatest distance to the single ReLU is 6, at −5.",
        ),
    ),
)
