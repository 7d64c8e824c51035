r"""
Can gradient descent be trapped in a wide network? With at least as many hidden neurons as points, $h \ge m$, **no**
point of weight space is separated from the bottom by a hill: the loss has no spurious valleys (L. Venturi, A.
Bandeira and J. Bruna, *Spurious valleys in one-hidden-layer neural network optimization landscapes*, 2019). The path
is a straight line. Leave the hidden layer as it is, with features $\Phi$ of shape $m\times h$, and move the readout
$v$ to a least-squares solution: along it the loss $\tfrac12|\Phi v-y|^2$ is a convex quadratic that ends at its
minimum, hence it never rises. It ends at **zero** for all labels if and only if the features have rank $m$.

For tanh and $h \ge m$ that is so for almost every hidden layer. For ReLU it is **not**: a neuron that is off at all
points contributes nothing, and all that are on at all of them together contribute the rank of an affine function,
$d+1$. At $h = m$ a random hidden ReLU layer often leaves a loss above zero; then its neurons must be moved first, and
width $m$ is no guarantee for the straight path. Twice the width nearly always is. How often depends on the biases: at
$h = m$ a quarter of the paths end at zero with biases $N(0,1)$, and half of them with biases of standard deviation
$\frac12$, whose kinks lie among the points. Not even at $h = 2m$ do all (97 and 98 of a hundred).

**The guide's text** names saddle points and flat minima as the properties of neural loss landscapes; its picture has
neither a network nor a saddle (*loss_landscape*).

**What is measured here.** $m = 10$ Gaussian points in the plane, Gaussian labels, hidden weights and biases $N(0,1)$, a
random readout as the start. The loss at 101 places of the path, whether it rises anywhere, where it ends, and the
rank of the features by their singular values, over many hidden layers a run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from experiments.claims import Always, AtLeast, Equals, Ordered
from experiments.spec import Axes, Curve, Experiment, Grid, Metric, Outcome, product

Array = NDArray[np.float64]

POINTS = 10
ZERO = 1e-16
"""A loss of zero: what rounding leaves of labels of size 1."""
FULL = 1e-9
"""Singular values below this share of the greatest count as zero."""
PLACES = np.linspace(0, 1, 101)


@dataclass(frozen=True, kw_only=True)
class Params:
    hidden: Annotated[int, "hidden neurons"]
    activation: Annotated[str, "tanh or relu"]
    bias: Annotated[float, "standard deviation of the hidden biases"] = 1.0
    layers: Annotated[int, "hidden layers drawn in a run, each with data of its own"] = 100
    points: Annotated[int, "data points m"] = POINTS


def features(params: Params, X: Array, rng: Generator) -> Array:
    """Activations (m, h) of a random hidden layer."""
    weights, biases = rng.standard_normal((X.shape[1], params.hidden)), rng.standard_normal(params.hidden)
    z = X @ weights + params.bias * biases
    match params.activation:
        case "tanh":
            return np.tanh(z)
        case "relu":
            return np.maximum(z, 0)
    raise ValueError(f"no activation called {params.activation!r}")


def run(params: Params, rng: Generator) -> Outcome:
    rises, ends, full, first = [], [], [], np.empty(0)
    for _ in range(params.layers):
        X, y = rng.standard_normal((params.points, 2)), rng.standard_normal(params.points)
        phi = features(params, X, rng)
        start = rng.standard_normal(params.hidden) / np.sqrt(params.hidden)
        singular = np.linalg.svd(phi, compute_uv=False)
        end = np.linalg.lstsq(phi, y)[0]
        residuals = phi @ (start + PLACES[:, np.newaxis] * (end - start)).T - y[:, np.newaxis]
        losses = np.sum(residuals**2, axis=0) / 2
        rises.append(float(np.diff(losses).max() / losses[0]))
        ends.append(float(losses[-1]))
        full.append(np.sum(singular > FULL * singular[0]) == params.points)
        if not first.size:
            first = losses
    reached = np.array(ends) < ZERO
    return Outcome(
        metrics={
            "greatest_rise": max(rises),
            "reached": float(np.mean(reached)),
            "full_rank": float(np.mean(full)),
            "disagreements": float(np.sum(reached != np.array(full))),
        },
        curves={"path": Curve(PLACES, np.maximum(first, 1e-300))},
    )


def as_wide_as_points(params: Params) -> bool:
    return params.hidden == params.points


VENTURI = (
    "L. Venturi, A. Bandeira and J. Bruna, Spurious valleys in one-hidden-layer neural network optimization landscapes,"
    " 2019"
)
WIDTHS = (5, 8, 10, 12, 16, 20, 30, 40)
NEAR = product(Params, activation=["relu"], hidden=[10, 20], bias=[0.5])
"""Hidden layers whose kinks lie among the points."""

EXPERIMENT = Experiment(
    title="No spurious valleys in wide networks",
    chapter=12,
    section="Loss Landscape Analysis",
    params=Params,
    size="hidden",
    profiles={
        "quick": Grid(product(Params, activation=["tanh", "relu"], hidden=[5, 10, 20], layers=[50]), 8),
        "standard": Grid((*product(Params, activation=["tanh", "relu"], hidden=WIDTHS), *NEAR), 20),
        "deep": Grid((*product(Params, activation=["tanh", "relu"], hidden=[*WIDTHS, 80], layers=[400]), *NEAR), 100),
    },
    metrics={
        "greatest_rise": Metric("greatest rise of the loss between neighbouring places of a path, over the first loss"),
        "reached": Metric("share of the paths that end at a loss of zero"),
        "full_rank": Metric("share of the hidden layers whose features have as high a rank as there are points"),
        "disagreements": Metric("paths that end at zero without full rank, or do not with it"),
    },
    curves={"path": Axes(x="place on the path", y="loss ½ |Φv − y|², first hidden layer", y_log=True)},
    run=run,
    claims={
        "never_rises": Always(
            statement="On the straight path of the readout to least squares the loss never rises, at any width.",
            source=VENTURI,
            reason="1e-12 of the first loss, for rounding",
            metric="greatest_rise",
            high=1e-12,
            x="hidden",
        ),
        "zero_iff_full_rank": Always(
            statement="It ends at zero if and only if the features have rank $m$.",
            source=VENTURI,
            reason="almost surely in the labels; a count of disagreements",
            metric="disagreements",
            high=0,
            x="hidden",
        ),
        "tanh_width": Always(
            statement=r"With tanh and $h\ge m$ it ends at zero from everywhere: no spurious valleys.",
            source=VENTURI,
            reason="almost surely: no tolerance",
            metric="reached",
            low=1,
            x="hidden",
            where=lambda p: p.activation == "tanh" and p.hidden >= p.points,
        ),
        "too_narrow": Always(
            statement=r"With $h<m$ it never does, for noise as labels.",
            source="linear algebra: m labels in general position lie in no subspace of h dimensions",
            reason="almost surely: no tolerance",
            metric="reached",
            high=0,
            x="hidden",
            where=lambda p: p.hidden < p.points,
        ),
        "relu_width": Ordered(
            statement=r"With ReLU width $m$ is no guarantee: at $h=m$ fewer paths end at zero than with tanh, by at"
            r" least a third of all.",
            source="derived here: neurons that are off everywhere, or on everywhere, add no rank",
            reason="a third of all paths, where the differences are three quarters and one half",
            lower="reached",
            upper="reached",
            lower_where=lambda p: p.activation == "relu",
            upper_where=lambda p: p.activation == "tanh",
            margin=1 / 3,
            x="hidden",
            where=as_wide_as_points,
        ),
        "relu_half": Equals(
            statement=r"Of ReLU layers with $h=m=10$ and biases of standard deviation $\frac12$ half do.",
            source="measured here",
            reason="±0.05 absolute; the number is no theorem",
            metric="reached",
            theory=lambda p: 0.5,
            tolerance=0.05,
            relative=False,
            x="hidden",
            where=lambda p: as_wide_as_points(p) and p.bias == 0.5,
        ),
        "relu_twice": AtLeast(
            statement=r"With ReLU and $h\ge2m$ at least 95 % of them do.",
            source="measured here",
            reason="5 % for hidden layers with many dead neurons",
            metric="reached",
            bound=lambda p: 0.95,
            x="hidden",
            where=lambda p: p.activation == "relu" and p.hidden >= 2 * p.points,
        ),
    },
)
