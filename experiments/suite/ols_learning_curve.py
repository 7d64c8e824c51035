r"""
Before asking what the learning curve of a network looks like, it pays to know one that is exact. Ordinary least
squares on $n$ independent Gaussian rows of dimension $p$, $y = X\beta + e$ with noise of variance $s^2$ and no
intercept, has, for every $n > p+1$,

$$E\,\text{train} = s^2\Bigl(1-\frac pn\Bigr),\qquad E\,\text{test} = s^2\Bigl(1+\frac p{n-p-1}\Bigr),\qquad
E\,\text{gap} = s^2 p\Bigl(\frac1n+\frac1{n-p-1}\Bigr)\approx\frac{2s^2p}{n}.$$

The training error is below the noise because the fit spends $p$ of the $n$ dimensions of the noise on itself; the
test error is above it by $E\,\mathrm{tr}(X^TX)^{-1} = p/(n-p-1)$, the mean of the inverse Wishart law (R. J.
Muirhead, "Aspects of Multivariate Statistical Theory", 1982). Neither depends on $\beta$. At $p = 10$, $n = 20$ the
test error is 4.2 times the training error, and the naive picture of two curves meeting at the noise floor is a factor
of two off on both sides.

The gap falls like $1/n$, twice as fast in the exponent as the $n^{-1/2}$ of uniform bounds (Hoeffding's inequality
and a union over the class): a bound that covers every function of the class says little about the one that was
fitted. On a finite grid the slope of the exact gap is steeper than $-1$, $-1.056$ over $n = 40\dots640$, and it is
this slope, not the asymptotic one, that the measurement is held against.

The guide has no such example; its own learning curve, of a network, is the experiment *learning_curves*, and this one
shows what a trustworthy curve looks like.

**How it is measured.** A run draws `replicates` data sets of $n$ rows and fits each by solving the normal equations
of its first $k$ rows, for $k$ from $2p$ to $n$: that is the learning curve it stores. The test error is
$s^2 + |\hat\beta-\beta|^2$, an exact integral over fresh points. The gap is measured as
$|\hat\beta-\beta|^2 + (e^Te - r^Tr)/n$ with residuals $r$, which has the expectation of test minus train but not the
fluctuation of $e^Te/n$ that both share.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from experiments.claims import Equals, PowerLaw
from experiments.spec import Axes, Curve, Experiment, Grid, Metric, Outcome, product
from experiments.theory import least_squares

Floats = NDArray[np.float64]

CURVE_SIZES = 12


@dataclass(frozen=True, kw_only=True)
class Params:
    n: Annotated[int, "training points"]
    p: Annotated[int, "coefficients"] = 10
    noise: Annotated[float, "variance of the noise"] = 0.01
    replicates: Annotated[int, "independent data sets that a run averages"] = 200


def run(params: Params, rng: Generator) -> Outcome:
    X = rng.standard_normal((params.replicates, params.n, params.p))
    noise = np.sqrt(params.noise) * rng.standard_normal((params.replicates, params.n))
    sizes = np.unique(np.geomspace(2 * params.p, params.n, CURVE_SIZES).round().astype(int))
    errors = [mean_errors(X[:, :k], noise[:, :k], params.noise) for k in sizes]
    train, test, gap = np.array(errors).T
    k = sizes.astype(float)
    return Outcome(
        metrics={
            "train_error": float(train[-1]),
            "test_error": float(test[-1]),
            "test_over_train": float(test[-1] / train[-1]),
            "gap": float(gap[-1]),
        },
        curves={"train": Curve(k, train), "test": Curve(k, test)},
    )


def mean_errors(X: Floats, noise: Floats, variance: float) -> tuple[float, float, float]:
    """Mean training error, test error and gap over data sets: X (replicates, k, p), noise (replicates, k).

    Taking beta = 0 loses nothing: the errors of least squares do not depend on it.
    """
    moments = np.einsum("rki,rk->ri", X, noise)
    gram = X.transpose(0, 2, 1) @ X
    deviation = np.linalg.solve(gram, moments[..., np.newaxis])[..., 0]
    explained = np.einsum("ri,ri->r", moments, deviation) / X.shape[1]
    excess = np.square(deviation).sum(axis=1)
    train = np.square(noise).mean(axis=1) - explained
    return float(train.mean()), float(variance + excess.mean()), float((excess + explained).mean())


PROFILES: Mapping[str, Grid[Params]] = {
    "quick": Grid(product(Params, n=[20, 40, 80, 160]), seeds=8),
    "standard": Grid(product(Params, n=[20, 40, 80, 160, 320, 640, 1280, 2560, 5120]), seeds=20),
    "deep": Grid(
        product(Params, n=[20, 40, 80, 160, 320, 640, 1280, 2560, 5120, 10240])
        + product(Params, n=[100, 200, 400, 800, 1600, 3200], p=[50]),
        seeds=100,
    ),
}

SOURCE = (
    'derived here from the inverse Wishart mean (R. J. Muirhead, "Aspects of Multivariate Statistical Theory", '
    '1982); for the decomposition see T. Hastie, R. Tibshirani, J. Friedman, "The Elements of Statistical Learning", '
    "2009, section 7.4"
)

equals = partial(Equals[Params], source=SOURCE, x="n")

CLAIMS = {
    "training_error": equals(
        statement=r"Least squares with $p$ coefficients on $n$ points has the expected training error $s^2(1-p/n)$.",
        reason="±5 %, the width to which the number of data sets a run was chosen.",
        metric="train_error",
        theory=lambda cell: least_squares.training_error(cell.n, cell.p, cell.noise),
    ),
    "test_error": equals(
        statement=r"On Gaussian rows its expected squared error at a fresh point is $s^2(1+p/(n-p-1))$.",
        reason="±5 %, as for the training error.",
        metric="test_error",
        theory=lambda cell: least_squares.test_error(cell.n, cell.p, cell.noise),
    ),
    "test_over_train": equals(
        statement=r"The ratio of the two is $\bigl(1+\frac{p}{n-p-1}\bigr)/\bigl(1-\frac pn\bigr)$: 4.22 at $n=2p=20$.",
        reason="±5 %; a run divides means over 200 data sets, which biases the ratio by 0.1 %.",
        metric="test_over_train",
        theory=lambda cell: (
            least_squares.test_error(cell.n, cell.p, cell.noise)
            / least_squares.training_error(cell.n, cell.p, cell.noise)
        ),
    ),
    "gap_slope": PowerLaw[Params](
        statement=r"From $n=4p$ on the gap between test and training error falls with the slope of "
        r"$s^2p\bigl(\frac1n+\frac1{n-p-1}\bigr)$, a little steeper than $-1$ and twice the $-1/2$ of uniform bounds.",
        source=SOURCE,
        reason="±0.06 on the slope: enough to tell -1 from -1/2 many times over, and to see the excess over -1 on "
        "short grids.",
        x="n",
        where=lambda cell: cell.p == 10 and cell.n >= 40,
        metric="gap",
        theory=lambda cell: least_squares.generalization_gap(cell.n, cell.p, cell.noise),
        tolerance=0.06,
    ),
}

EXPERIMENT = Experiment(
    title="The exact learning curve of least squares",
    chapter=14,
    section="Generalization Properties of Deep Neural Networks",
    params=Params,
    profiles=PROFILES,
    size="n",
    run=run,
    metrics={
        "train_error": Metric("mean squared residual at the training points"),
        "test_error": Metric("expected squared error at a fresh point"),
        "test_over_train": Metric("test error over training error"),
        "gap": Metric("test error minus training error, without the fluctuation of the noise that both share"),
    },
    curves={
        "train": Axes(x="training points", y="mean squared error", x_log=True, y_log=True, role="learning"),
        "test": Axes(x="training points", y="mean squared error", x_log=True, y_log=True, role="learning"),
    },
    claims=CLAIMS,
)
