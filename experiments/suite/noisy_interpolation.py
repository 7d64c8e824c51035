r"""
With enough directions to hide it in, noise that is interpolated does no harm (*benign_overfitting*). On the line
there is nowhere to hide. An interpolant is linear in its values: to its error for $f$ itself comes $\sum_i
e_i\varphi_i(x)$, and each $\varphi_i$ is 1 at its own point. For equispaced points and noise of variance $\sigma^2$
the mean squared error tends to

$$ \tfrac23\,\sigma^2 \quad\text{(broken line)}, \qquad 0.87423\,\sigma^2 \quad\text{(cubic spline)}, $$

**however many points there are.** More data make the curve through them no better; for the broken line the share of
$\tfrac23$ is even exact at every $n$, since $\int\varphi_i^2$ is $2h/3$ inside and $h/3$ at the ends. A ReLU network
that interpolates in one dimension with the fewest bends is such a broken line.

**The guide's setting** (snippet 10: 20 points of $[0,10]$, a sine, noise of standard deviation 0.1) is a cell: to
$\tfrac23\sigma^2$ it adds the line's own error for the sine, about $h^4/120$ times the mean of $f''^2$. Its network
comes out worse, since it does not interpolate (*interpolation*).

**What is measured here.** The mean squared error against the sine over the whole interval, by Gauss's rule in each
cell, averaged over many draws of the noise (the floor of noise alone is in *splines*). Theory is the exact
expectation at every $n$: bias by quadrature, noise by the trace of the interpolation operator.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.random import Generator

from experiments.claims import Always, AtLeast, Equals, PowerLaw
from experiments.spec import Axes, Curve, Experiment, Grid, Metric, Outcome, product
from experiments.theory import noisy_interpolation as theory
from experiments.theory import splines

LENGTH = 10.0
"""The guide's interval is [0, 10]."""


@dataclass(frozen=True, kw_only=True)
class Params:
    interpolant: Annotated[str, "line (broken line) or cubic (scipy's cubic spline, not-a-knot)"]
    n: Annotated[int, "equispaced points of [0, 10]"]
    deviation: Annotated[float, "standard deviation of the noise on the sine"] = 0.1


def replicates(params: Params) -> int:
    """Draws of the noise in a run. One has a relative spread of about √(2.4/n): so many bring it to 0.02."""
    return max(10, 6000 // params.n)


def run(params: Params, rng: Generator) -> Outcome:
    t = np.linspace(0, LENGTH, params.n)
    noise = params.deviation * rng.standard_normal((params.n, replicates(params)))
    values = np.sin(t)[:, np.newaxis] + noise
    x, weights = theory.quadrature(params.n, LENGTH)
    found = theory.interpolate(params.interpolant, params.n, LENGTH, values, x)
    errors = weights @ (found - np.sin(x)[:, np.newaxis]) ** 2
    at_points = theory.interpolate(params.interpolant, params.n, LENGTH, values, t)
    shown = np.linspace(0, LENGTH, 301)
    return Outcome(
        metrics={
            "excess": float(errors.mean()),
            "excess_share": float(errors.mean() / params.deviation**2),
            "max_residual": float(np.abs(at_points - values).max()),
        },
        curves={
            "fit": Curve(shown, theory.interpolate(params.interpolant, params.n, LENGTH, values[:, :1], shown)[:, 0]),
            "truth": Curve(shown, np.sin(shown)),
        },
    )


def exact_share(params: Params) -> float:
    return theory.excess(params.interpolant, params.n, LENGTH, params.deviation**2) / params.deviation**2


def limit(params: Params) -> float:
    return splines.LINE_NOISE if params.interpolant == "line" else splines.cubic_noise()


SIZES = (20, 40, 80, 160, 320, 640, 1280)
GUIDE = Params(interpolant="line", n=20)
TRACE = "derived here: the trace of the interpolation operator"

EXPERIMENT = Experiment(
    title="Interpolating noise on the line is not benign",
    chapter=9,
    section="Interpolation in Neural Networks",
    params=Params,
    size="n",
    guide=GUIDE,
    profiles={
        "quick": Grid(product(Params, interpolant=theory.INTERPOLANTS, n=[20, 80, 320]), 8),
        "standard": Grid(product(Params, interpolant=theory.INTERPOLANTS, n=[*SIZES, 8000]), 20),
        "deep": Grid(product(Params, interpolant=theory.INTERPOLANTS, n=[*SIZES, 8000], deviation=[0.1, 1.0]), 100),
    },
    metrics={
        "excess": Metric("mean squared error against the sine over [0, 10], mean over draws of the noise"),
        "excess_share": Metric("the same over the variance of the noise"),
        "max_residual": Metric("greatest residual at a data point"),
    },
    curves={
        "fit": Axes(x="x", y="interpolant of the first draw"),
        "truth": Axes(x="x", y="sine, without noise"),
    },
    run=run,
    claims={
        "exact_excess": Equals(
            statement=r"The mean squared error is the bias of the sine plus $\sigma^2$ times the trace of the"
            r" interpolation operator: with the guide's 20 points 0.697 $\sigma^2$ for the broken line and 0.896"
            r" $\sigma^2$ for the cubic spline.",
            source=TRACE,
            reason="the usual 5 % of an equality: draws are so many that a run's own spread is about 2 %",
            metric="excess_share",
            theory=exact_share,
            x="n",
            series=("interpolant", "deviation"),
        ),
        "noise_floor": Equals(
            statement=r"It tends to $\frac23\sigma^2$ (broken line) and $0.87423\,\sigma^2$ (cubic spline), not to 0.",
            source=f"{TRACE}, and of the cardinal spline, I. J. Schoenberg, Cardinal Spline Interpolation, 1973",
            reason="±0.03 absolute, from 80 points on, where the exact value is within 0.01 of its limit",
            metric="excess_share",
            theory=limit,
            tolerance=0.03,
            relative=False,
            x="n",
            series=("interpolant", "deviation"),
            where=lambda p: p.n >= 80,
        ),
        "no_decay": PowerLaw(
            statement=r"From 80 points on it does not fall with $n$ at all: the slope is 0, over two decades.",
            source=TRACE,
            reason="±0.02: a consistent estimate would have a slope of −0.8 or so",
            slope=0.0,
            tolerance=0.02,
            metric="excess_share",
            x="n",
            series=("interpolant", "deviation"),
            where=lambda p: p.n >= 80,
        ),
        "never_below": AtLeast(
            statement=r"No number of points brings the interpolant below $0.6\,\sigma^2$.",
            source=TRACE,
            reason="a tenth below the limit of the broken line",
            metric="excess_share",
            bound=lambda p: 0.6,
            x="n",
            series=("interpolant", "deviation"),
        ),
        "interpolates": Always(
            statement=r"Both do interpolate: no residual exceeds $10^{-11}$.",
            source="by construction",
            reason="rounding: the place of a point among up to 8000 cells is known to 2e-12 of a cell",
            metric="max_residual",
            high=1e-11,
            x="n",
        ),
    },
)
