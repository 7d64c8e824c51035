r"""
Does the peak of double descent need Gaussian data and a linear target? In *double_descent* both are drawn, so that
every risk is an integral; here the data are **real**, and the risk is the error on the points that were held out.

**Theory.** $p$ random ReLU features $\phi_j(x)=\max(0, w_j\cdot x)$ of points $x\in\mathbb R^d$, that is a network
whose hidden layer stays as drawn, and output weights of least norm among those of least squared error,
$\hat v=\Phi^+y$. In general position they interpolate $n$ points as soon as $p\ge n$. Whatever the data are, the error
holds $\Phi^+$ times what no feature explains, and the singular values of a random $n\times p$ matrix come closest to 0
where it is square: the error peaks at $p=n$, as M. Belkin, D. Hsu, S. Ma and S. Mandal first drew it for random
features of real data (*Reconciling modern machine-learning practice and the classical bias-variance trade-off*, 2019).
With it peaks the norm of the weights. How far the second descent goes is not a theorem: it depends on the data.

**What the guide did.** It has one data set, a noisy sine of 20 points, and invites its readers to "try implementing
these examples with your own datasets"; its network stops long before it interpolates (see *double_descent*).

**What is measured here.** Data sets that scikit-learn carries: diabetes (442 patients, 10 inputs), wine (178, 13),
breast cancer (569, 30) and digits (1797 images of 64 pixels); classes become $\pm1$, the first against the others.
Inputs and target are scaled to mean 0 and variance 1, so that an error of 1 is that of always guessing the mean. A run
averages over divisions into 100 training points and (at most 500) others, each with directions of its own, and takes
the **median**: near $p=n$ the error has no useful mean. A table of one's own does as well: `run_all.py --data FILE`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.random import Generator

from experiments.claims import Always, Ordered, PeakAt
from experiments.networks.datasets import REAL, Shape, load
from experiments.networks.random_features import minimum_norm_map, random_directions, spectrum
from experiments.spec import Arrays, Axes, Curve, Experiment, FieldSpec, Grid, Metric, Outcome, product

DIVISIONS = 15
"""Divisions into training and other points in a run."""
HELD_OUT = 500


@dataclass(frozen=True, kw_only=True)
class Params:
    data: Annotated[str, "diabetes, wine, breast cancer, digits, or an own table"]
    p: Annotated[int, "random ReLU features, fitted by least squares of least norm"]
    n: Annotated[int, "training points"] = 100


def run(params: Params, rng: Generator) -> Outcome:
    whole = load(params.data)
    if params.n >= len(whole.y):
        raise ValueError(f"the data set {params.data} has {len(whole.y)} points: {params.n} leave none to be held out")
    errors, norms, residuals = [], [], []
    for division in range(DIVISIONS):
        rows = rng.permutation(len(whole.y))
        directions = random_directions(params.p, whole.X.shape[1], rng)
        training, others = rows[: params.n], rows[params.n : params.n + HELD_OUT]
        features = np.maximum(whole.X[training] @ directions.T, 0)
        if division == 0:
            first = features
        weights = minimum_norm_map(features) @ whole.y[training]
        guess = np.maximum(whole.X[others] @ directions.T, 0) @ weights
        errors.append(np.mean((guess - whole.y[others]) ** 2))
        norms.append(weights @ weights)
        residuals.append(np.abs(features @ weights - whole.y[training]).max())

    def fields() -> Mapping[str, Arrays]:
        return {"spectrum": spectrum(first)}

    return Outcome(
        metrics={
            "median_error": float(np.median(errors)),
            "median_squared_norm": float(np.median(norms)),
            "max_residual": float(max(residuals)),
        },
        curves={"error_quantiles": Curve((np.arange(DIVISIONS) + 0.5) / DIVISIONS, np.sort(errors))},
        fields=fields,
    )


def own(table: Shape) -> tuple[Params, ...]:
    """On both sides of a peak at two thirds of the points, or at 100."""
    n = min(100, table.points * 2 // 3)
    return product(Params, data=[table.name], n=[n], p=[max(2, n // 10), n // 2, n, 2 * n, 4 * n])


BELKIN = (
    "M. Belkin, D. Hsu, S. Ma and S. Mandal, Reconciling modern machine-learning practice and the classical "
    "bias-variance trade-off, 2019"
)

EXPERIMENT = Experiment(
    title="Random features of real data",
    chapter=15,
    section="Generalization in the Overparameterized Regime",
    params=Params,
    size="p",
    own=own,
    profiles={
        "quick": Grid(product(Params, data=["diabetes"], p=[10, 100, 400]), 8),
        "standard": Grid(product(Params, data=REAL, p=[10, 50, 100, 200, 400]), 20),
        "deep": Grid(product(Params, data=REAL, p=[10, 25, 50, 80, 95, 100, 105, 120, 200, 400, 1000, 4000]), 100),
    },
    metrics={
        "median_error": Metric("median over divisions of the squared error on held-out points, in variances of y"),
        "median_squared_norm": Metric("median over divisions of the squared norm of the fitted weights"),
        "max_residual": Metric("greatest residual at a training point, over all divisions of the run"),
    },
    curves={"error_quantiles": Axes(x="quantile", y="squared error on held-out points", y_log=True)},
    fields={
        "spectrum": FieldSpec(
            "histogram", "log10 of the nonzero eigenvalues of the features' Gram matrix over n, first division"
        )
    },
    run=run,
    claims={
        "peak_on_real_data": PeakAt(
            statement=r"On each of the real data sets the held-out error of random ReLU features, fitted to $n=100$"
            r" points by least squares of least norm, is greatest at $p=n$.",
            source=BELKIN,
            reason="The place of the peak is the claim; its height has no mean.",
            metric="median_error",
            at=100,
            x="p",
            series=("data",),
        ),
        "norm_peaks": Ordered(
            statement=r"Beyond the peak more features mean smaller weights: with $p=400$ the squared norm is below"
            r" that with $p=100$, though both interpolate.",
            source=BELKIN,
            reason="an order: no tolerance",
            lower="median_squared_norm",
            upper="median_squared_norm",
            lower_where=lambda cell: cell.p == 400,
            upper_where=lambda cell: cell.p == 100,
            x="n",
            series=("data",),
        ),
        "interpolates": Always(
            statement=r"$p \ge n$ features interpolate the real data too: no residual at a training point exceeds"
            r" $10^{-6}$.",
            source="linear algebra: a matrix of full row rank has a right inverse",
            reason="In float64 the residual is about 1e-16 times the condition number.",
            metric="max_residual",
            high=1e-6,
            x="p",
            series=("data",),
            where=lambda cell: cell.p >= cell.n,
        ),
    },
)
