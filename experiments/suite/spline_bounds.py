r"""
A broken line through $n$ points is a ReLU network with $n-2$ hinges and an affine part; a cubic spline is smoother. How
much closer does it come to a smooth function on points at distance $h$? The classical errors are

$$\text{broken line}\le\tfrac{h^2}8\max|f''|,\qquad
\text{clamped cubic}\le\tfrac{5h^4}{384}\max|f''''|,$$

the second by C. A. Hall and W. W. Meyer (*Optimal error bounds for cubic spline interpolation*, 1976). Equispaced knots
make it $\frac{h^4}{384}\max|f''''|$ to leading order.

**What the guide did.** It compares a spline through noise with a network that was never trained (see *splines*); no
error is computed, and none would show an order.

**What is measured here.** The three interpolants without noise, of $\sin(x+\varphi)$ on $[0,10]$ with a random phase,
so that the bounds are tried on many functions; in some cells the phase is the guide's, 0. On a sine a clamped spline
uses a fifth of its bound. The function that takes all of it is Euler's: $f''''=\pm1$, its sign changing at every point,
$f=\pm\frac{h^4}{24}u(1-u)(1+u-u^2)$ in a cell ($0\le u\le1$). It is zero at all points, so that away from the ends the
spline is zero and the error $\max|f|=\frac{5h^4}{384}$. The bound is for clamped ends. scipy's default is
*not-a-knot*, which breaks it: its error sits at the ends, $10.85\,\frac{h^4}{384}|f''''(\text{end})|$ (derived here),
six times the clamped one's for the guide's function. Points beyond a few thousand are not tried: rounding would hide
the order $h^4$.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated

import numpy as np
from numpy.random import Generator

from experiments.claims import Always, Equals, PowerLaw
from experiments.networks.spline_fits import LENGTH, Fit, interpolant, network_output, quadrature
from experiments.spec import Arrays, Axes, Curve, Experiment, FieldSpec, Grid, Metric, Outcome, product
from experiments.theory import splines as theory

SHOWN_X = np.linspace(0, LENGTH, 101)
"""Where curves are kept."""


@dataclass(frozen=True, kw_only=True)
class Params:
    points: Annotated[int, "equispaced points of [0, 10]"]
    method: Annotated[str, "line, clamped or cubic (not-a-knot, the guide's)"]
    phase: Annotated[str, "random or zero: the function is sin(x + phase); alternating: it is Euler's"] = "random"

    @property
    def h(self) -> float:
        return LENGTH / (self.points - 1)


def draw_function(params: Params, rng: Generator) -> tuple[Fit, tuple[float, float], float]:
    """The function to interpolate, its slopes at the two ends, and its phase."""
    if params.phase == "alternating":
        slope = params.h**3 / 24
        return partial(theory.euler, h=params.h), (slope, slope * (-1) ** (params.points - 1)), 0.0
    phase = rng.uniform(0, 2 * np.pi) if params.phase == "random" else 0.0
    return lambda x: np.sin(x + phase), (float(np.cos(phase)), float(np.cos(LENGTH + phase))), phase


def run(params: Params, rng: Generator) -> Outcome:
    target, slopes, phase = draw_function(params, rng)
    x = np.linspace(0, LENGTH, params.points)
    y = target(x)
    fit = interpolant(params.method, x, y, slopes)
    dense = np.unique(np.concatenate((np.linspace(0, LENGTH, 40 * (params.points - 1) + 1), x)))
    sup = float(np.abs(fit(dense) - target(dense)).max())
    nodes, weights = quadrature(params.points - 1)
    line = params.method == "line"
    metrics = {
        "sup": sup,
        "mse": float(weights @ np.square(fit(nodes) - target(nodes))),
        "over_bound": sup / (theory.line_bound(params.h) if line else theory.hall_meyer(params.h)),
        "over_leading": sup / (theory.line_bound(params.h) if line else theory.cubic_leading(params.h)),
    }
    if line:
        between = np.sort(np.concatenate((x, (x[1:] + x[:-1]) / 2)))[:: max(1, params.points // 200)]
        metrics["network_gap"] = float(np.abs(network_output(x, y)(between) - fit(between)).max())
    if params.method == "cubic":
        steepest = max(abs(np.sin(phase)), abs(np.sin(LENGTH + phase)))
        metrics["over_ends"] = metrics["over_leading"] / max(1.0, theory.end_constant() * float(steepest))

    def fields() -> Mapping[str, Arrays]:
        return {"errors": {"x": dense[::10], "y": fit(dense)[::10], "value": (fit(dense) - target(dense))[::10]}}

    values = fit(SHOWN_X)
    error = Curve(SHOWN_X, values - target(SHOWN_X))
    return Outcome(metrics=metrics, curves={"fit": Curve(SHOWN_X, values), "error": error}, fields=fields)


def of(method: str, phase: str = "random", fewest: int = 0) -> Callable[[Params], bool]:
    return lambda p: (p.method, p.phase) == (method, phase) and p.points >= fewest


def cells(*sizes: int) -> tuple[Params, ...]:
    return (
        *product(Params, points=sizes, method=("line", "clamped", "cubic")),
        *product(Params, points=sizes, method=("cubic",), phase=("zero",)),
        *product(Params, points=sizes, method=("clamped",), phase=("alternating",)),
    )


SIZES = (10, 20, 40, 80, 160, 320, 640, 1280, 2560)
DERIVED = "derived here"
HALL_MEYER = "C. A. Hall and W. W. Meyer, Optimal error bounds for cubic spline interpolation, 1976"
CLASSICAL = "C. de Boor, A practical guide to splines, 1978"

bounded = partial(Always[Params], metric="over_bound", x="points")
error_falls = partial(PowerLaw[Params], metric="sup", x="points")
is_one = partial(Equals[Params], theory=lambda p: 1.0, x="points")

EXPERIMENT = Experiment(
    title="Orders of splines and broken lines",
    chapter=4,
    section="Splines and Neural Networks",
    params=Params,
    size="points",
    revision=2,
    profiles={
        "quick": Grid(cells(20, 160, 640), 8),
        "standard": Grid(cells(*SIZES), 20),
        "deep": Grid(cells(*SIZES), 100),
    },
    metrics={
        "sup": Metric("greatest error, at 40 points a cell"),
        "over_bound": Metric("that error over its bound: h²/8 for the line, (5/384) h⁴ for cubics"),
        "over_leading": Metric("that error over its leading term: h²/8 for the line, h⁴/384 for cubics"),
        "over_ends": Metric("not-a-knot's error over the greater of h⁴/384 and its leading term at the two ends"),
        "network_gap": Metric("greatest distance between the broken line and the ReLU network that it is"),
        "mse": Metric("mean over [0, 10] of the squared error"),
    },
    curves={
        "fit": Axes(x="x", y="the interpolant"),
        "error": Axes(x="x", y="its error"),
    },
    fields={"errors": FieldSpec("points", "the interpolant; the colour is its error")},
    run=run,
    claims={
        "line_bound": bounded(
            statement=r"The broken line misses by at most $\frac{h^2}8\max|f''|$.",
            source=CLASSICAL,
            reason="a bound: no tolerance",
            high=1,
            where=of("line"),
        ),
        "line_slope": error_falls(
            statement=r"Its greatest error falls like $h^2$.",
            source=CLASSICAL,
            reason="±0.05 around the slope of h² on the same points",
            theory=lambda p: theory.line_bound(p.h),
            where=of("line"),
        ),
        "line_is_a_network": Always(
            statement=r"The broken line through $n$ points is a ReLU network with a hinge at each inner point.",
            source=DERIVED,
            reason="1e-11, for rounding in sums of up to 2560 terms",
            metric="network_gap",
            high=1e-11,
            x="points",
            where=of("line"),
        ),
        "clamped_bound": bounded(
            statement=r"The clamped cubic spline misses by at most $\frac{5}{384}h^4\max|f''''|$.",
            source=HALL_MEYER,
            reason="a bound; 1e-9 relative is for rounding, as Euler's function attains it",
            high=1 + 1e-9,
            series=("phase",),
            where=lambda p: p.method == "clamped",
        ),
        "clamped_bound_is_sharp": bounded(
            statement=r"Euler's function, whose fourth derivative is $\pm1$ and changes its sign at every point, takes"
            r" all of that bound, from $n=20$ on.",
            source="derived here; the function is L. Euler's polynomial of degree 4, cell by cell",
            reason="1e-4: the ends are felt by a factor of 0.268 less in each cell, 1e-5 in the middle of 19",
            low=1 - 1e-4,
            where=of("clamped", "alternating", fewest=20),
        ),
        "clamped_slope": error_falls(
            statement=r"Its greatest error falls like $h^4$.",
            source=HALL_MEYER,
            reason="±0.05 around the slope of h⁴ on the same points",
            theory=lambda p: theory.cubic_leading(p.h),
            where=of("clamped", fewest=20),
        ),
        "clamped_leading": is_one(
            statement=r"For equispaced points its error is $\frac1{384}h^4\max|f''''|$ to leading order, a fifth of the"
            r" bound.",
            source=f"{DERIVED}; compare {CLASSICAL}",
            reason="2 %: the next order is 1.6 % at n = 40, and 4.4 % at n = 20",
            metric="over_leading",
            tolerance=0.02,
            where=of("clamped", fewest=40),
        ),
        "not_a_knot_exceeds": Always(
            statement=r"The bound is for clamped ends: scipy's default, not-a-knot, exceeds it for the guide's"
            r" $\sin x$ at $n=20$ and from $n=160$ on.",
            source=f"{DERIVED}: 10.85 |sin 10| = 5.90 is more than the 5 of the bound",
            reason="an inequality: no tolerance",
            metric="over_bound",
            low=1,
            x="points",
            where=lambda p: of("cubic", "zero")(p) and (p.points == 20 or p.points >= 160),
        ),
        "not_a_knot_ends": is_one(
            statement=r"The error of not-a-knot sits at the ends, $10.85\,\frac{h^4}{384}|f''''(\text{end})|$, unless"
            r" both are nearly straight: for the guide's $\sin x$ it is $5.90$ times $h^4/384$.",
            source=DERIVED,
            reason="5 %: the correction of first order in h is 2.6 % at n = 640",
            metric="over_ends",
            series=("phase",),
            where=lambda p: p.method == "cubic" and p.points >= 640,
        ),
        "not_a_knot_slope": error_falls(
            statement=r"The error of not-a-knot falls like $h^4$ too, from $n=20$ on.",
            source=CLASSICAL,
            reason="±0.1 around the slope of h⁴: the constant is still on its way at n = 160, 10 % below its limit, and"
            " at n = 40 it is 44 % below",
            theory=lambda p: theory.cubic_leading(p.h),
            tolerance=0.1,
            series=("phase",),
            where=lambda p: p.method == "cubic" and p.points >= 20,
        ),
    },
)
