r"""
With more weights than data the training error has infinitely many minimisers. Which one does gradient descent find?
For a linear model the answer is a theorem, and it is the reason why the least-norm solution stands for "training" in
every theory of the overparameterized regime.

**Theory.** Let $X\in\mathbb R^{n\times p}$, $p>n$, have full rank and singular values $s_1\ge\dots\ge s_n>0$, and let
gradient descent on $\tfrac12|Xb-y|^2$ take steps of $1/s_1^2$ from $b_0$. Every step moves $b$ inside the row space of
$X$; what lies outside, $(I-P)b_0$, stays for ever. Inside, the error is multiplied by $I-X^\top X/s_1^2$, hence

$$\|b_k-b_\infty\|\;\le\;\rho^k\,\|b_0-b_\infty\|,\qquad \rho=1-(s_n/s_1)^2,\qquad b_\infty=X^+y+(I-P)\,b_0 .$$

From $b_0=0$ the limit is the interpolating solution of *least norm* $X^+y$: no penalty asks for it, the algorithm
brings it (H. W. Engl, M. Hanke, A. Neubauer, *Regularization of inverse problems*, 1996, for the Landweber iteration;
S. Gunasekar, J. Lee, D. Soudry, N. Srebro, *Characterizing implicit bias in terms of optimization geometry*, 2018).
The bound cannot be improved: with $y$ along the last left singular vector it is an equality at every step, and for any
other $y$ the error shrinks by $\rho$ a step in the end.

**What the guide says.** Its section credits "implicit regularization and the dynamics of gradient descent" for the
generalization of large models, and shows neither: its network is stopped long before it interpolates (see the
experiment *double_descent*), so that there is no limit whose norm one could look at. Started elsewhere than at 0,
as networks are, gradient descent does *not* find the solution of least norm, and this is measured, too.

**What is measured here.** Gradient descent as written, step by step, on Gaussian $X$ and random $y$, until the error
has fallen by $10^{-10}$: the error against its bound at every step, the rate at which it falls in the end, and where
it arrives. $X^+y$ comes from the singular value decomposition. A trap: below about $10^{-14}$ there is only rounding,
and a rate fitted there is that of nothing; the rate is read between $10^{-7}$ and $10^{-10}$ of the first error.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated, NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from experiments.claims import Always, Claim, Equals, exactly
from experiments.spec import Axes, Curve, Experiment, Grid, Metric, Outcome, product

Floats = NDArray[np.float64]

FLOOR = 1e-10
"""Of the first error: descent ends here, four decades above the rounding of the limit."""
RATE_FROM = 1e-7
MOST_STEPS = 200_000
CURVE_POINTS = 200


@dataclass(frozen=True, kw_only=True)
class Params:
    p: Annotated[int, "weights"]
    n: Annotated[int, "data points"] = 20
    target: Annotated[str, "y: random, or worst (the last left singular vector of X, for which the bound is attained)"]
    start: Annotated[str, "first weights: zero, or random (normal, as long as the solution of least norm on average)"]


class Descent(NamedTuple):
    """`errors` and `norms` (steps + 1,): the distance to the limit and the norm of the weights, from the start on;
    `weights` (p,) the last ones; `outside` the largest change of the part of the weights outside the row space."""

    errors: Floats
    norms: Floats
    weights: Floats
    outside: float


def descend(X: Floats, y: Floats, start: Floats, limit: Floats, step: float) -> Descent:
    """Gradient descent on |Xb − y|²/2 from b = start until the distance to `limit` has fallen to FLOOR of the first."""
    rows = np.linalg.qr(X.T)[0]
    weights = start.copy()
    errors, norms = [float(np.linalg.norm(start - limit))], [float(np.linalg.norm(start))]
    while errors[-1] > FLOOR * errors[0] and len(errors) <= MOST_STEPS:
        weights += step * (X.T @ (y - X @ weights))
        errors.append(float(np.linalg.norm(weights - limit)))
        norms.append(float(np.linalg.norm(weights)))
    moved = weights - start
    return Descent(np.array(errors), np.array(norms), weights, float(np.linalg.norm(moved - rows @ (rows.T @ moved))))


def run(params: Params, rng: Generator) -> Outcome:
    X = rng.standard_normal((params.n, params.p))
    y = rng.standard_normal(params.n)
    U, singular, Vt = np.linalg.svd(X, full_matrices=False)
    if params.target == "worst":
        y = np.linalg.norm(y) * U[:, -1]
    least = Vt.T @ ((U.T @ y) / singular)
    start = np.zeros(params.p)
    if params.start == "random":
        start = np.linalg.norm(least) / np.sqrt(params.p) * rng.standard_normal(params.p)
    limit = least + start - Vt.T @ (Vt @ start)
    contraction = 1 - (singular[-1] / singular[0]) ** 2
    found = descend(X, y, start, limit, 1 / singular[0] ** 2)

    steps = np.arange(len(found.errors))
    bound = contraction**steps * found.errors[0]
    ratio = found.errors / bound
    late = found.errors < RATE_FROM * found.errors[0]
    rate = np.log(found.errors[late][-1] / found.errors[late][0]) / (late.sum() - 1)
    shown = np.unique(np.geomspace(1, len(steps) - 1, CURVE_POINTS).round().astype(int))
    return Outcome(
        metrics={
            "steps": float(steps[-1]),
            "contraction": float(contraction),
            "error_over_bound": float(ratio.max()),
            "least_error_over_bound": float(ratio.min()),
            "rate_over_theory": float(rate / np.log(contraction)),
            "limit_error": float(np.linalg.norm(found.weights - limit) / np.linalg.norm(limit)),
            "norm_over_least": float(found.norms[-1] / np.linalg.norm(least)),
            "excess_norm_error": float(
                abs(found.norms[-1] ** 2 - least @ least - np.sum((limit - least) ** 2)) / (limit @ limit)
            ),
            "outside": found.outside / float(np.linalg.norm(limit)),
            "residual": float(np.abs(X @ found.weights - y).max()),
        },
        curves={
            "error": Curve(shown.astype(float), found.errors[shown] / found.errors[0]),
            "bound": Curve(shown.astype(float), bound[shown] / found.errors[0]),
            "norm": Curve(shown.astype(float), found.norms[shown] / float(np.linalg.norm(least))),
        },
    )


ARMS = (("random", "zero"), ("worst", "zero"), ("random", "random"))


def cells(*p: int) -> tuple[Params, ...]:
    return tuple(cell for target, start in ARMS for cell in product(Params, p=p, target=[target], start=[start]))


PROFILES: Mapping[str, Grid[Params]] = {
    "quick": Grid(cells(40, 60, 200), seeds=8),
    "standard": Grid(cells(30, 40, 60, 100, 200, 400, 1000, 3000), seeds=20),
    "deep": Grid(
        cells(25, 30, 40, 60, 100, 200, 400, 1000, 3000)
        + tuple(Params(p=p, n=200, target="random", start="zero") for p in (300, 600, 2000)),
        seeds=100,
    ),
}

LANDWEBER = "H. W. Engl, M. Hanke, A. Neubauer, Regularization of inverse problems, 1996; derived here"

vanishes = partial(Always[Params], reason="1e-9 relative: descent ends at 1e-10 of the first error.", x="p", high=1e-9)

CLAIMS: Mapping[str, Claim[Params]] = {
    "geometric_bound": Always(
        statement=r"Gradient descent with steps of $1/s_1^2$ satisfies $\|b_k-b_\infty\|\le\rho^k\|b_0-b_\infty\|$ "
        r"with $\rho=1-(s_n/s_1)^2$, at every step $k$.",
        source=LANDWEBER,
        reason="1e-3 for rounding: the last errors, 1e-10 of the first, are differences of weights that rounding moves "
        "by 1e-14.",
        x="p",
        metric="error_over_bound",
        high=1 + 1e-3,
    ),
    "bound_is_attained": Always(
        statement=r"With $y$ along the last left singular vector the bound is an equality at every step.",
        source="derived here: the error is then an eigenvector of $I-X^\\top X/s_1^2$",
        reason="1e-3, as for the bound.",
        x="p",
        where=lambda cell: cell.target == "worst",
        metric="least_error_over_bound",
        low=1 - 1e-3,
    ),
    "rate": Equals(
        statement=r"For any other $y$ the error falls by a factor $\rho$ a step in the end: the ratio of the measured "
        r"$\log$ rate to $\log\rho$ is 1.",
        source=LANDWEBER,
        reason="±5 %: between 1e-7 and 1e-10 of the first error the next singular value still has a little weight, "
        "the more the wider X is, as its singular values draw together.",
        x="p",
        where=lambda cell: cell.target == "random",
        metric="rate_over_theory",
        theory=lambda _: 1.0,
    ),
    "least_norm": exactly(
        statement=r"From $b_0=0$ gradient descent finds the interpolating solution of least norm, $X^+y$.",
        source="S. Gunasekar, J. Lee, D. Soudry, N. Srebro, Characterizing implicit bias in terms of optimization "
        "geometry, 2018; derived here",
        reason="1e-9 relative: descent ends at 1e-10 of the first error.",
        x="p",
        where=lambda cell: cell.start == "zero",
        metric="norm_over_least",
        value=1,
        within=1e-9,
    ),
    "start_is_remembered": vanishes(
        statement=r"From $b_0$ it finds $X^+y+(I-P)b_0$: what of the start lies outside the row space of $X$ stays for "
        "ever, and the solution is not that of least norm.",
        source=LANDWEBER,
        metric="limit_error",
    ),
    "never_outside": Always(
        statement=r"No step leaves the row space of $X$: $b_k-b_0$ has no part outside it.",
        source="derived here: every gradient is $X^\\top$ times something",
        reason="Zero up to the rounding of all steps: 1e-10 of the weights.",
        x="p",
        metric="outside",
        high=1e-10,
    ),
    "pythagoras": vanishes(
        statement=r"The square of its norm is $\|X^+y\|^2+\|(I-P)b_0\|^2$: least where the start is 0.",
        source="derived here: row space and null space are orthogonal",
        metric="excess_norm_error",
    ),
}

EXPERIMENT = Experiment(
    title="The implicit bias of gradient descent",
    chapter=15,
    section="Generalization in the Overparameterized Regime",
    params=Params,
    profiles=PROFILES,
    size="p",
    run=run,
    metrics={
        "steps": Metric("steps until the error has fallen to 1e-10 of the first", "steps"),
        "contraction": Metric("ρ = 1 − (smallest/largest singular value of X)²"),
        "error_over_bound": Metric("largest ratio, over the steps, of error to bound"),
        "least_error_over_bound": Metric("smallest ratio, over the steps, of error to bound"),
        "rate_over_theory": Metric("log of the factor by which a late step shrinks the error, over log ρ"),
        "limit_error": Metric("distance of the last weights from the predicted limit, over its norm"),
        "norm_over_least": Metric("norm of the last weights over that of the interpolating solution of least norm"),
        "excess_norm_error": Metric("relative error of the predicted squared norm of the last weights"),
        "outside": Metric("part of the weights' change that lies outside the row space of X, over the limit's norm"),
        "residual": Metric("largest residual at a data point in the end"),
    },
    curves={
        "error": Axes(x="step", y="error/first error", x_log=True, y_log=True, role="learning"),
        "bound": Axes(x="step", y="bound on error/first error", x_log=True, y_log=True),
        "norm": Axes(x="step", y="norm of the weights/least norm", x_log=True),
    },
    claims=CLAIMS,
)
