r"""
What does interpolation promise when nothing is known of the function but that it does not change too fast? For an
$M$-Lipschitz function with the values $y_i$ at $x_i$ all that can be said is

$$ f_\text{low}(x) = \max_i\,(y_i - M|x-x_i|) \;\le\; f(x) \;\le\; f_\text{up}(x) = \min_i\,(y_i + M|x-x_i|), $$

and both ends are themselves possible (E. J. McShane, *Extension of range of functions*, 1934). Hence **no** method
has a smaller worst-case error than $\sup(f_\text{up}-f_\text{low})/2$: at the place where the two are farthest apart
whatever it says is that far from one of them. The middle $(f_\text{up}+f_\text{low})/2$, which interpolates and is
itself $M$-Lipschitz, attains it (G. Beliakov, *Interpolation of Lipschitz functions*, 2006;
P. Petersen and J. Zech, *Mathematical theory of deep learning*, 2024, chapter 9). On $[0,1]$ with $n$ equispaced
points and $y = 0$ it is $M/(2(n-1))$; in $d$ dimensions it falls no faster than $n^{-1/d}$: the curse of dimension in
its plainest form.

**The guide** says of its own interpolating network (see *interpolation*) that it "often leads to good
generalization", and gives no condition under which anything must.

**What is measured here.** Data of three kinds: equispaced points with the value 0; and points at random in $[0,1]^d$
with values of a random $M$-Lipschitz function, the distance to a random set. The two ends are tried as functions: do
they interpolate, are they $M$-Lipschitz over thousands of pairs, how far apart are they (on the line the answer is
known exactly)? Then the same of the middle, and its error against the function that gave the data. The nearest
neighbour's value and (on the line) the broken line interpolate too, and how much worse they are at their worst is
recorded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from experiments.claims import Always, PowerLaw, exactly
from experiments.spec import Arrays, Axes, Curve, Experiment, FieldSpec, Grid, Metric, Outcome, product
from experiments.theory import lipschitz as theory

Array = NDArray[np.float64]

SAMPLE = 2000
"""Random points at which errors are measured where there is no grid."""
LINE = 4001


@dataclass(frozen=True, kw_only=True)
class Params:
    data: Annotated[str, "zero (equispaced points of [0, 1], values 0) or random (points and function)"]
    n: Annotated[int, "data points"]
    dimension: Annotated[int, "dimension of the cube"] = 1
    constant: Annotated[float, "M, the Lipschitz constant"] = 3.0


def run(params: Params, rng: Generator) -> Outcome:
    constant = params.constant
    anchors = rng.random((5, params.dimension))

    def truth(x: Array) -> Array:
        """M times the distance to a random set: M-Lipschitz, and nowhere less steep where it can be differentiated."""
        if params.data == "zero":
            return np.zeros(len(x))
        return np.asarray(constant * np.linalg.norm(x[:, np.newaxis] - anchors, axis=2).min(axis=1))

    match params.data:
        case "zero":
            points = np.linspace(0, 1, params.n)[:, np.newaxis]
        case "random":
            points = rng.random((params.n, params.dimension))
        case _:
            raise ValueError(f"no data called {params.data!r}")
    points = points[np.argsort(points[:, 0])]
    values = truth(points)
    line = params.dimension == 1
    x = np.linspace(0, 1, LINE)[:, np.newaxis] if line else rng.random((SAMPLE, params.dimension))
    if line:  # the peaks of f_up − f_low lie between the points, not on the grid
        x = np.unique(np.concatenate([x, (points[1:] + points[:-1]) / 2]))[:, np.newaxis]
    found = theory.envelope(points, values, constant, x)
    radius = float(found.uncertainty.max())
    nearest = values[np.linalg.norm(x[:, np.newaxis] - points, axis=2).argmin(axis=1)]

    def worst(reconstruction: Array) -> float:
        return float(np.maximum(found.high - reconstruction, reconstruction - found.low).max())

    first, second = rng.integers(len(x), size=(2, SAMPLE))
    if line:
        first, second = (
            np.append(some, np.arange(start, len(x) - 1 + start)) for start, some in enumerate((first, second))
        )
    apart = np.linalg.norm(x[first] - x[second], axis=1)

    def steepest(values: Array) -> float:
        """The Lipschitz constant over pairs of points, over M."""
        rise = np.abs(values[first] - values[second])
        return float(np.max(rise[apart > 0] / apart[apart > 0]) / constant)

    at_data = theory.envelope(points, values, constant, points)
    error = np.abs(found.middle - truth(x))
    metrics = {
        "radius": radius,
        "error_over_uncertainty": float(np.max((error - 1e-12) / np.maximum(found.uncertainty, 1e-12))),
        "error": float(error.max()),
        "worst_error": worst(found.middle),
        "lipschitz_ratio": steepest(found.middle),
        "ends_lipschitz_ratio": max(steepest(found.low), steepest(found.high)),
        "residual": float(np.abs(at_data.middle - values).max()),
        "ends_residual": float(max(np.abs(end - values).max() for end in (at_data.low, at_data.high))),
        "nearest_excess": worst(nearest) - radius,
    }
    curves = {}
    if line:
        metrics["broken_line_excess"] = worst(np.interp(x[:, 0], points[:, 0], values)) - radius
        metrics["radius_error"] = radius - theory.radius_on_interval(points[:, 0], values, constant)
        shown = np.unique(np.linspace(0, len(x) - 1, 300).astype(int))
        for name, y in (("low", found.low), ("high", found.high), ("middle", found.middle), ("truth", truth(x))):
            curves[name] = Curve(x[shown, 0], y[shown])

    def fields() -> Mapping[str, Arrays]:
        if params.dimension != 2:
            return {}
        side = np.linspace(0, 1, 40)
        plane = np.stack([grid.ravel() for grid in np.meshgrid(side, side)], axis=1)
        z = theory.envelope(points, values, constant, plane).uncertainty.reshape(40, 40)
        return {"uncertainty": {"x": side, "y": side, "z": z}}

    return Outcome(metrics=metrics, curves=curves, fields=fields)


def zero(params: Params) -> bool:
    return params.data == "zero"


def on_a_line(params: Params) -> bool:
    return params.dimension == 1


OPTIMAL = (
    "E. J. McShane, Extension of range of functions, 1934; G. Beliakov, Interpolation of Lipschitz functions, 2006"
)
ROUNDING = "a hard bound; 1e-9 is for rounding"


def cells(zeros: tuple[int, ...], sizes: tuple[int, ...], dimensions: tuple[int, ...]) -> tuple[Params, ...]:
    return (
        *product(Params, data=["zero"], n=zeros),
        *product(Params, data=["random"], dimension=dimensions, n=sizes),
    )


always = partial(Always[Params], source=OPTIMAL, x="n")

EXPERIMENT = Experiment(
    title="Optimal interpolation of Lipschitz functions",
    chapter=9,
    section="Interpolation in Neural Networks",
    params=Params,
    size="n",
    revision=2,
    profiles={
        "quick": Grid(cells((5, 21), (10, 100), (1, 2)), 8),
        "standard": Grid(cells((5, 11, 21, 101, 501), (5, 50, 500), (1, 2, 5)), 20),
        "deep": Grid(cells((5, 11, 21, 101, 501), (5, 50, 500, 2000), (1, 2, 5, 10)), 100),
    },
    metrics={
        "radius": Metric("greatest (f_up − f_low)/2: the least possible worst-case error"),
        "error": Metric("greatest error of the reconstruction against the function that gave the data"),
        "error_over_uncertainty": Metric("greatest ratio of its error to (f_up − f_low)/2 at the same point"),
        "worst_error": Metric("greatest error of the reconstruction against f_up and f_low"),
        "lipschitz_ratio": Metric("Lipschitz constant of the reconstruction, over pairs of points, over M"),
        "ends_lipschitz_ratio": Metric(
            "Lipschitz constant of f_up or f_low, the greater, over pairs of points, over M"
        ),
        "residual": Metric("greatest residual of the reconstruction at a data point"),
        "ends_residual": Metric("greatest residual of f_up or f_low at a data point"),
        "nearest_excess": Metric("worst-case error of the nearest neighbour's value, above the radius"),
        "broken_line_excess": Metric("worst-case error of the broken line through the data, above the radius"),
        "radius_error": Metric("radius on the grid minus its exact value (1/2) max (M gap − |Δy|)"),
    },
    curves={
        "low": Axes(x="x", y="lowest possible value"),
        "high": Axes(x="x", y="highest possible value"),
        "middle": Axes(x="x", y="the reconstruction, midway"),
        "truth": Axes(x="x", y="the function that gave the data"),
    },
    fields={"uncertainty": FieldSpec("surface", "best worst-case error on the unit square (two dimensions)")},
    run=run,
    claims={
        "equispaced_radius": exactly(
            statement=r"With $n$ equispaced points of $[0,1]$ and values 0 the best worst-case error is $M/(2(n-1))$.",
            source=OPTIMAL,
            reason="an identity; 1e-12 is for rounding",
            metric="radius",
            value=lambda p: theory.equispaced_radius(p.n, p.constant),
            within=1e-12,
            x="n",
            where=zero,
        ),
        "middle_is_optimal": always(
            statement=r"The middle $(f_{up}+f_{low})/2$ errs against the function that gave the data by at most"
            r" $(f_{up}-f_{low})/2$, at every point.",
            reason=ROUNDING,
            metric="error_over_uncertainty",
            high=1 + 1e-9,
        ),
        "middle_is_lipschitz": always(
            statement=r"It is itself $M$-Lipschitz.",
            reason="1e-6 of M, for differences between neighbours on a grid of spacing 2.5e-4",
            metric="lipschitz_ratio",
            high=1 + 1e-6,
        ),
        "middle_interpolates": always(
            statement="It interpolates: its residual at the data is rounding.",
            reason="1e-12, for rounding",
            metric="residual",
            high=1e-12,
        ),
        "ends_interpolate": always(
            statement=r"Both $f_{up}$ and $f_{low}$ run through the data ...",
            reason="1e-12, for rounding",
            metric="ends_residual",
            high=1e-12,
        ),
        "ends_are_lipschitz": always(
            statement=r"... and are $M$-Lipschitz: each may be the function, so that no method errs by less than half"
            r" their distance in the worst case.",
            reason="1e-6 of M, as for the middle",
            metric="ends_lipschitz_ratio",
            high=1 + 1e-6,
        ),
        "radius_on_the_line": exactly(
            statement=r"On the line they are $M(x_{i+1}-x_i)-|y_{i+1}-y_i|$ apart between neighbours, $2M$ times the"
            r" distance to the nearest point at the ends of $[0,1]$: half of the greatest of these is the best"
            r" worst-case error.",
            source="derived here: two cones of slope M meet half-way",
            reason="1e-12, for rounding",
            metric="radius_error",
            value=0,
            within=1e-12,
            x="n",
            where=on_a_line,
        ),
        "first_order": PowerLaw(
            statement=r"On equispaced points the worst case falls as $1/(n-1)$ and no faster, however smooth the"
            r" data look.",
            source=OPTIMAL,
            reason="±0.001 around the slope of the exact formula, for an identity",
            tolerance=0.001,
            metric="radius",
            theory=lambda p: theory.equispaced_radius(p.n, p.constant),
            x="n",
            where=zero,
        ),
    },
)
