r"""
One hidden layer of enough neurons approximates any continuous function on an interval as well as one likes. How many
neurons for how small an error? A ReLU network with $N$ neurons is a broken line with at most $N+1$ pieces, so the
question has an exact answer on both sides, here for the guide's function $f(x) = \sin x + \tfrac12\cos 2x$ on $[-5,5]$.

**From above.** The broken line through $N+1$ equispaced points is a network of $N$ neurons, and misses by at most

$$\frac{h^2}8\max|f''| = \frac{37.5}{N^2},\qquad h=\tfrac{10}N,\quad \max|f''|=3 .$$

Knots that share $\int\!\sqrt{|f''|}$ evenly do twice as well.

**From below.** No function with $p$ affine pieces, whether they join or not, however it was trained, has an error below
$E_p$, and (C. de Boor, *Good approximation by splines with variable knots*, 1973)

$$p^2E_p\to\tfrac1{16}\Bigl(\int_{-5}^5\sqrt{|f''|}\Bigr)^2 = 7.6972 .$$

At finite $p$ inflections help, $p^2E_p$ is $6.1$ at $p=9$, so that the limit would be no bound. $E_p$ itself is
computed, with a **certificate**: $p$ intervals in $[-5,5]$, each with three points that every line misses by $E_p$.
Whatever the pieces are, one of them holds one of these intervals. Lines that attain $E_p$ come with it.

**What the guide did.** It trains 20 neurons, and says that "this theorem provides theoretical justification". Its
training diverges: see *trained_approximation*, which asks what training finds of what is there.

**What is measured here.** Interpolants at equispaced and at equidistributed knots; the oracle; and random features: the
guide's hidden layer with $N(0,1)$ weights and biases as drawn, and the best output weights (least squares on 1000
points, columns scaled to length 1, singular directions below $10^{-12}$ left out). Their knots are Cauchy, dense in the
middle and scarce at the ends, and their error falls more slowly at first. Their slope is taken up to 400 neurons: as
many features as points would interpolate them. Greatest errors are exact: a broken line is farthest from $f$ at a knot
or where the slopes agree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from experiments.claims import Always, Equals, PowerLaw
from experiments.networks.broken_lines import BrokenLine, random_features
from experiments.spec import Arrays, Axes, Curve, Experiment, FieldSpec, Grid, Metric, Outcome, product
from experiments.theory import best_lines as theory

Floats = NDArray[np.float64]

FITTED_X = theory.LOW + (theory.HIGH - theory.LOW) * (np.arange(1000) + 0.5) / 1000
SHOWN_X = np.linspace(theory.LOW, theory.HIGH, 201)
ROUNDING = 1e-9
"""Relative: the oracle is certified to twice that, and errors of 1e-4 are computed to 1e-12."""


@dataclass(frozen=True, kw_only=True)
class Params:
    neurons: Annotated[int, "neurons of the hidden layer"]
    method: Annotated[
        str, "uniform or equidistributed (interpolating at N + 1 knots), random (features, least squares), or oracle"
    ]


def broken_line(params: Params, rng: Generator) -> BrokenLine:
    match params.method:
        case "random":
            return random_features(params.neurons, FITTED_X, theory.values(FITTED_X), (theory.LOW, theory.HIGH), rng)
        case "uniform":
            knots = np.linspace(theory.LOW, theory.HIGH, params.neurons + 1)
        case "equidistributed":
            knots = theory.equidistributed(params.neurons)
        case _:
            raise ValueError(f"no method called {params.method!r}: uniform, equidistributed, random or oracle")
    return BrokenLine(knots, theory.values(knots))


def run(params: Params, rng: Generator) -> Outcome:
    pieces = params.neurons + 1
    oracle = theory.oracle(pieces)
    if params.method == "oracle":
        return best_possible(oracle, pieces)
    line = broken_line(params, rng)
    sup = theory.greatest_error(line.knots, line.heights)
    h = (theory.HIGH - theory.LOW) / params.neurons
    mse = theory.mean_squared_error(line.knots, line.heights)
    metrics = {
        "sup": sup,
        "scaled_sup": sup * params.neurons**2,
        "mse": mse,
        "over_oracle": sup / oracle.lower,
        "pieces": float(len(line.knots) - 1),
    }
    if params.method == "uniform":
        metrics["over_bound"] = sup / (theory.STEEPEST * h**2 / 8)
        metrics["mse_over_leading"] = mse / (h**4 / 120 * theory.mean_square_curvature())

    def fields() -> Mapping[str, Arrays]:
        errors = line.heights - theory.values(line.knots)
        return {"knots": {"x": line.knots, "y": line.heights, "value": errors}}

    return Outcome(metrics=metrics, curves=pictures(line(SHOWN_X)), fields=fields)


def pictures(values: Floats) -> Mapping[str, Curve]:
    return {"fit": Curve(SHOWN_X, values), "error": Curve(SHOWN_X, values - theory.values(SHOWN_X))}


def best_possible(oracle: theory.Oracle, pieces: int) -> Outcome:
    """The oracle and its lines, as if it were a network."""
    starts = np.array([line.a for line in oracle.pieces])
    m, c = (np.array([getattr(line, name) for line in oracle.pieces]) for name in ("m", "c"))
    at = np.searchsorted(starts, SHOWN_X, side="right") - 1

    def fields() -> Mapping[str, Arrays]:
        touched = np.array([x for cell in oracle.cells for x in cell.alternation])
        levels = np.repeat([cell.level for cell in oracle.cells], 3)
        return {"certificate": {"x": touched, "y": theory.values(touched), "value": levels}}

    return Outcome(
        metrics={
            "sup": oracle.upper,
            "scaled_sup": oracle.upper * (pieces - 1) ** 2,
            "pieces": float(len(oracle.pieces)),
            "over_oracle": oracle.upper / oracle.lower,
            "limit_ratio": oracle.lower * pieces**2 / theory.limit_constant(),
            "certified_gap": oracle.upper / oracle.lower - 1,
        },
        curves=pictures(c[at] + m[at] * SHOWN_X),
        fields=fields,
    )


def is_method(*methods: str, least: int = 1) -> Callable[[Params], bool]:
    return lambda p: p.method in methods and p.neurons >= least


METHODS = ("random", "uniform", "equidistributed", "oracle")
SIZES = (4, 8, 16, 20, 32, 64, 128, 256)
WIDEST = (Params(neurons=400, method="random"), *product(Params, neurons=(800,), method=METHODS[1:]))
"""Where the sizes of each method end, two decades above where its slope is claimed from."""
CLASSICAL = "C. de Boor, A practical guide to splines, 1978"
DE_BOOR = "C. de Boor, Good approximation by splines with variable knots, 1973"

uniform_equals = partial(Equals[Params], x="neurons", where=is_method("uniform", least=64))
uniform_falls = partial(PowerLaw[Params], x="neurons", where=is_method("uniform", least=8))

EXPERIMENT = Experiment(
    title="How many neurons for how small an error",
    chapter=3,
    section="Universal Approximation",
    params=Params,
    size="neurons",
    profiles={
        "quick": Grid(product(Params, neurons=(8, 20, 64), method=METHODS), 8),
        "standard": Grid(product(Params, neurons=SIZES, method=METHODS) + WIDEST, 20),
        "deep": Grid(product(Params, neurons=(*SIZES, 512), method=METHODS) + WIDEST, 100),
    },
    metrics={
        "sup": Metric("greatest error on [−5, 5], exact"),
        "scaled_sup": Metric("greatest error times N²"),
        "mse": Metric("mean squared error on [−5, 5]"),
        "over_oracle": Metric("greatest error over the certified lower bound for N + 1 pieces"),
        "pieces": Metric("affine pieces on [−5, 5]"),
        "over_bound": Metric("greatest error of the uniform interpolant over its bound 37.5/N²"),
        "mse_over_leading": Metric("mean squared error of the uniform interpolant over (h⁴/120) mean f''²"),
        "limit_ratio": Metric("p² E over its limit 7.6972, p = N + 1 pieces"),
        "certified_gap": Metric(
            "relative distance between the error that p lines attain and the certified lower bound"
        ),
    },
    curves={
        "fit": Axes(x="x", y="the approximation"),
        "error": Axes(x="x", y="its error"),
    },
    fields={
        "knots": FieldSpec("points", "the knots of the broken line; the colour is the error there"),
        "certificate": FieldSpec("points", "three points of each interval, which every line misses by the colour"),
    },
    run=run,
    claims={
        "uniform_bound": Always(
            statement=r"$N$ neurons with equispaced knots reach the error $\frac{h^2}8\max|f''| = 37.5/N^2$.",
            source=CLASSICAL,
            reason="a bound: no tolerance",
            metric="over_bound",
            high=1,
            x="neurons",
            where=is_method("uniform"),
        ),
        "uniform_ratio": uniform_equals(
            statement=r"For $N\ge64$ that is their error.",
            source=f"{CLASSICAL}: f'' is nearly constant on the cell at −π/2",
            reason="1 %: the cell that is nearest to −π/2 lies up to half of itself beside it",
            metric="over_bound",
            theory=lambda p: 1.0,
            tolerance=0.01,
        ),
        "uniform_slope": uniform_falls(
            statement=r"Their greatest error falls like $N^{-2}$, from $N=8$ on.",
            source=CLASSICAL,
            reason="±0.05 on the slope",
            metric="sup",
            slope=-2.0,
            theory=lambda p: 37.5 / p.neurons**2,
        ),
        "uniform_mse": uniform_equals(
            statement=r"Their mean squared error is $\frac{h^4}{120}\overline{f''^2}$, for $N\ge64$.",
            source="derived here: the integral of t²(1 − t)² is 1/30",
            reason="1 %: the next order in h is 0.3 % at N = 64",
            metric="mse_over_leading",
            theory=lambda p: 1.0,
            tolerance=0.01,
        ),
        "uniform_mse_slope": uniform_falls(
            statement=r"It falls like $N^{-4}$, from $N=8$ on.",
            source="derived here",
            reason="±0.05 on the slope",
            metric="mse",
            slope=-4.0,
        ),
        "nobody_beats_the_oracle": Always(
            statement=r"No network with $N$ neurons has a greatest error below $E_{N+1}$.",
            source="derived here: a certificate of the least error of N + 1 affine pieces",
            reason="1e-9 relative, for rounding",
            metric="over_oracle",
            low=1 - ROUNDING,
            x="neurons",
            series=("method",),
        ),
        "certificate": Always(
            statement=r"$E_p$ is known: $p$ lines attain, within a relative $10^{-8}$, what three points in each of $p$"
            r" intervals certify as a lower bound.",
            source="derived here, from C.-J. de la Vallée Poussin, Sur la méthode de l'approximation minimum, 1910",
            reason="1e-8: the greedy cut is made 1e-9 below and above the error that it finds",
            metric="certified_gap",
            low=0,
            high=1e-8,
            x="neurons",
            where=is_method("oracle"),
        ),
        "oracle_limit": Equals(
            statement=r"$p^2E_p\to\frac1{16}\left(\int\sqrt{|f''|}\right)^2=7.6972$.",
            source=DE_BOOR,
            reason="5 % for p ≥ 65: inflections, where a piece is longer than its share, help at finite p",
            metric="limit_ratio",
            theory=lambda p: 1.0,
            x="neurons",
            where=is_method("oracle", least=64),
        ),
        "uniform_over_oracle": uniform_equals(
            statement=r"Equispaced knots miss the best possible error of $N+1$ pieces by a factor"
            r" $\frac{37.5}{7.6972}\left(\frac{N+1}N\right)^2 \to 4.87$, for $N\ge64$.",
            source=f"{CLASSICAL}; {DE_BOOR}",
            reason="5 %, as for the limit of the oracle",
            metric="over_oracle",
            theory=lambda p: 37.5 / theory.limit_constant() * ((p.neurons + 1) / p.neurons) ** 2,
        ),
        "equidistributed": Always(
            statement=r"Knots that share $\int\sqrt{|f''|}$ evenly have $N^2$ times their error between"
            r" $\frac18\left(\int\sqrt{|f''|}\right)^2 = 15.39$ and $20$, for $N\ge8$.",
            source=f"{DE_BOOR} for the limit 15.39; the band is measured here",
            reason="a band and not the limit: cells with an inflection stay worse than the others",
            metric="scaled_sup",
            low=lambda p: 2 * theory.limit_constant(),
            high=20,
            x="neurons",
            where=is_method("equidistributed", least=8),
        ),
        "random_features": PowerLaw(
            statement=r"With random features the mean squared error falls about as $N^{-2}$, half the exponent of"
            r" chosen knots (median over seeds, $N = 4,\dots,400$).",
            source="measured here; the Cauchy law of the knots leaves the ends empty",
            reason="descriptive: no theorem gives an exponent, and it steepens with N; −2 ± 1/4 tells it from −1 and"
            " −4",
            metric="mse",
            slope=(-2.25, -1.75),
            statistic="median",
            x="neurons",
            # at 512 neurons, of deep, the fit is half way to interpolating its 1000 points
            where=lambda p: p.method == "random" and p.neurons <= 400,
        ),
    },
)
