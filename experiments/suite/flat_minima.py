r"""
Why are the minima of large networks flat? Not by virtue of training, but by counting. Let a network with $P$
parameters run exactly through $m$ points. At zero residual the Hessian of $\tfrac12\sum(f-y)^2$ is $J^\top J$ with
the Jacobian $J$ of shape $m\times P$: its rank is at most $\min(P, m)$, so that at least $P-m$ directions are
**exactly flat**; and where $J$ has full rank the zeros of the loss form a manifold of dimension $P-m$ (Y. Cooper,
*The loss landscape of overparameterized neural networks*, 2018). Conversely fewer parameters than points cannot fit
general labels at all: the image of a smooth map from $\mathbb R^P$ to $\mathbb R^m$, $P < m$, has measure zero (A.
Sard, 1942).

**The guide's text** speaks of "wide, flat minima that correlate with good generalization" and shows a function of two
variables with one steep minimum (*loss_landscape*). The flat directions here have nothing to do with generalisation:
the labels are pure noise.

**What is measured here.** $f(x) = \sum_{j\le h} v_j\tanh(w_j\cdot x+b_j)$ on $m = 12$ Gaussian points in the plane with
Gaussian labels: $P = 4h$ parameters. Levenberg and Marquardt's method reduces the loss to $10^{-24}$ where it can (a
flat valley is found to rounding, or the count of zeros means nothing), from several starts a run. The Hessian there
is computed whole, second derivatives included, and its flat directions are the eigenvalues below $10^{-10}$ of the
greatest. A small eigenvalue may look like a zero: whether the rank is full is asked of the singular values of $J$,
whose squares they are. With $P = m$ the equations are square, and whether they have a solution is a matter of the
labels: most starts end in a local minimum.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.random import Generator

from experiments.claims import Always, AtLeast, exactly
from experiments.networks.tanh_network import fit, hessian, outputs_and_jacobian
from experiments.spec import Axes, Curve, Experiment, Grid, Metric, Outcome, product

POINTS = 12
GOAL = 1e-24
RELATIVE = 1e-10
PER_NEURON = 4


@dataclass(frozen=True, kw_only=True)
class Params:
    hidden: Annotated[int, "hidden neurons h; the network has 4 h parameters"]
    starts: Annotated[int, "networks trained in a run, each on data of its own"] = 5
    iterations: Annotated[int, "most trial steps of the Levenberg–Marquardt method"] = 500
    points: Annotated[int, "data points m, with noise as labels"] = POINTS


def run(params: Params, rng: Generator) -> Outcome:
    flat, ranks, negatives, losses = [], [], [], []
    spectrum, path = None, [1.0]
    for _ in range(params.starts):
        X, y = rng.standard_normal((params.points, 2)), rng.standard_normal(params.points)
        theta, history = fit(rng.standard_normal(parameters(params)), X, y, params.iterations, GOAL)
        losses.append(history[-1])
        if spectrum is not None and history[-1] >= GOAL:
            continue
        eigenvalues = np.linalg.eigvalsh(hessian(theta, X, y))[::-1]
        if history[-1] < GOAL:
            flat.append(int(np.sum(np.abs(eigenvalues) <= RELATIVE * eigenvalues[0])))
            singular = np.linalg.svd(outputs_and_jacobian(theta, X)[1], compute_uv=False)
            ranks.append(int(np.sum(singular > RELATIVE * singular[0])))
            negatives.append(float(-eigenvalues[-1] / eigenvalues[0]))
        if spectrum is None:
            spectrum, path = eigenvalues, history
    assert spectrum is not None
    metrics = {
        "interpolated": len(ranks) / params.starts,
        "median_loss": float(np.median(losses)),
        "least_loss": float(min(losses)),
    }
    if ranks:
        metrics |= {
            "least_rank": float(min(ranks)),
            "least_flat": float(min(flat)),
            "flat_directions": float(np.mean(flat)),
            "most_negative": float(max(negatives)),
        }
    order = np.arange(1, parameters(params) + 1, dtype=np.float64)
    steps = np.unique(np.rint(np.geomspace(1, len(path), 100)).astype(int))
    return Outcome(
        metrics=metrics,
        curves={
            "spectrum": Curve(order, np.maximum(np.abs(spectrum), 1e-30)),
            "loss": Curve(steps.astype(np.float64), np.maximum(np.array(path)[steps - 1], 1e-300)),
        },
    )


def parameters(params: Params) -> int:
    return PER_NEURON * params.hidden


def ample(params: Params) -> bool:
    """At least twice as many parameters as points: every run has starts that interpolate."""
    return parameters(params) >= 2 * params.points


COOPER = "Y. Cooper, The loss landscape of overparameterized neural networks, 2018; the count is linear algebra"
WIDTHS = (2, 3, 4, 6, 8, 12, 16)

EXPERIMENT = Experiment(
    title="Flat directions of interpolating networks",
    chapter=12,
    section="Loss Landscape Analysis",
    params=Params,
    size="hidden",
    profiles={
        "quick": Grid(product(Params, hidden=[2, 6, 16], starts=[1]), 8),
        "standard": Grid(product(Params, hidden=WIDTHS), 20),
        "deep": Grid(product(Params, hidden=[*WIDTHS, 32, 64]), 100),
    },
    metrics={
        "interpolated": Metric("share of the starts that reach a loss below 1e-24"),
        "median_loss": Metric("median over the starts of the loss at the end"),
        "least_loss": Metric("least loss over the starts"),
        "least_rank": Metric("least rank of the Jacobian where the network interpolates"),
        "least_flat": Metric("least number of flat directions of the Hessian where the network interpolates"),
        "flat_directions": Metric("mean number of flat directions of the Hessian where the network interpolates"),
        "most_negative": Metric("greatest −λ/λ₁ over the eigenvalues, where the network interpolates"),
    },
    curves={
        "spectrum": Axes(
            x="eigenvalue, from the greatest", y="size of the Hessian's eigenvalue, first start", y_log=True
        ),
        "loss": Axes(x="step", y="loss ½ Σ (f − y)², first start", x_log=True, y_log=True, role="learning"),
    },
    run=run,
    claims={
        "flat_directions": Always(
            statement=r"At every interpolating minimum at least $P-m$ directions are exactly flat.",
            source=COOPER,
            reason="a count of eigenvalues below 1e-10 of the greatest, at a loss below 1e-24",
            metric="least_flat",
            low=lambda p: parameters(p) - p.points,
            x="hidden",
            where=ample,
        ),
        "no_descent_direction": Always(
            statement=r"None leads downwards: at zero loss the Hessian is $J^\top J$, without negative eigenvalues.",
            source=COOPER,
            reason="1e-10 of the greatest eigenvalue, for rounding and the last residual of 1e-12",
            metric="most_negative",
            high=1e-10,
            x="hidden",
            where=ample,
        ),
        "full_rank": exactly(
            statement=r"The other $m$ directions are curved: the Jacobian has full rank $m$, so that the zeros of the"
            r" loss form a manifold of dimension $P-m$.",
            source="Y. Cooper, The loss landscape of overparameterized neural networks, 2018",
            reason="for almost all labels; a rank that counts singular values above 1e-10 of the greatest",
            metric="least_rank",
            value=lambda p: p.points,
            x="hidden",
            where=ample,
        ),
        "too_few_parameters": Always(
            statement=r"With fewer parameters than points, $4h < m$, no start interpolates noise.",
            source="A. Sard, The measure of the critical values of differentiable maps, 1942",
            reason="almost surely: no tolerance",
            metric="interpolated",
            high=0,
            x="hidden",
            where=lambda p: parameters(p) < p.points,
        ),
        "ample_parameters": AtLeast(
            statement=r"With twice as many parameters as points at least 95 % of the starts reach a loss below"
            r" $10^{-24}$.",
            source="measured here; no theorem for this width",
            reason="the few that fail stop at saturated neurons",
            metric="interpolated",
            bound=lambda p: 0.95,
            x="hidden",
            where=ample,
        ),
    },
)
