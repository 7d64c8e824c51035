r"""
A model with as many parameters as data can be far worse than one with half or with ten times as many. For linear
regression this *double descent* is a theorem, and exact at every finite size.

**Gaussian features.** $n$ points, $p$ independent $N(0,1)$ features, $y = X\beta + e$ with $|\beta|^2 = r^2$ and
noise of variance $s^2$; $\hat\beta = X^+y$ is least squares for $p \le n$ and, beyond, the interpolating solution of
least norm, which is what gradient descent from zero finds. By the mean of the inverse Wishart law the expected excess
risk is

$$E\,|\hat\beta-\beta|^2 = \frac{s^2\,p}{n-p-1}\quad(p<n-1),\qquad
r^2\Bigl(1-\frac np\Bigr)+\frac{s^2\,n}{p-n-1}\quad(p>n+1),$$

and infinite at $|n-p|\le 1$; its limit for $p/n \to g$, $s^2g/(1-g)$ and $r^2(1-1/g)+s^2/(g-1)$, is a fifth too small
at $n = 100$, $|p-n| = 5$. With $r^2 = 1$, $s^2 = 1/4$ the second descent ends near $p = 2n$ and the risk climbs again,
towards the $r^2$ of the estimator that always says zero: more parameters are not better for ever.

**Random ReLU features** $\phi_j(x)=\max(0, w_j\cdot x)$ of $x\in\mathbb R^{20}$ with the same $r^2$ and $s^2$, a
linear target, a hidden layer that stays as drawn: the peak at $p=n$ is there, and now width keeps helping beyond it.
Since $E\,\phi\phi^T$ is an arc-cosine kernel, the risk of every fit is an exact integral and not a sample.

**What the guide does.** Its snippet fits a network of 1000 neurons, 3001 parameters, to 20 points of a noisy sine and
draws a smooth curve as the benefit of overparameterization. As written it stops after 83 iterations on a plateau, with
a training error seventeen times the noise: the picture shows *underfitting*. In its place stands the solution that the
argument is about: the guide's data, a hidden layer as scikit-learn draws it, output weights that interpolate with least
norm (`features = sine`). Here is a trap: in one dimension there is **no** peak at $p = n$. ReLU features whose kinks
fall between the same two points, or outside the data, are collinear on the sample, so that twenty features never span
twenty dimensions; 20 points are interpolated only by hundreds of features. The risk falls until
$p = 40$, a bump follows, half as high again at $p = 100$, where the squared norm of the weights is ten times that at
$p = 20$ and a hundred times that at $p = 1000$, and then the second descent: a small double descent, far beyond $n$.

**How it is measured.** A run averages independent data sets, more where the law is wider. The mean over the noise is
taken exactly, $s^2\,\mathrm{tr}\,(X^+X^{+T})$, and over $X$ by sampling. Within three of $p = n$ the mean does not
exist or has no variance: there the **median** of $|\hat\beta-\beta|^2$ is compared with the exact law. The curve
`descent` is the risk of one fit to the first of one data set's features, as their number grows: a single double
descent, where features that are left out are noise.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated

import numpy as np
from numpy.random import Generator

from experiments.claims import Always, Equals, Ordered, PeakAt
from experiments.networks.random_features import draw_problem, noisy_fits, spectrum
from experiments.networks.ridgeless import nested_risks
from experiments.spec import Axes, Curve, Experiment, FieldSpec, Grid, Metric, Outcome, Snippet, product
from experiments.theory import least_squares

NOISE_DRAWS = 10
"""Noise vectors for each drawn design: they are cheap, and near p = n most of the spread is the noise's."""


@dataclass(frozen=True, kw_only=True)
class Params:
    features: Annotated[str, "gaussian, relu (random, of 20 inputs) or sine (random ReLU features of the guide's data)"]
    n: Annotated[int, "training points"] = 100
    p: Annotated[int, "features, fitted by least squares of least norm"]
    signal: Annotated[float, "mean square of the target; the sine's own is 0.5 whatever this says"] = 1.0
    noise: Annotated[float, "variance of the noise"] = 0.25


def replicates(params: Params) -> int:
    """Independent data sets a run. The trace of an inverse Wishart matrix has, with c = |p − n| and m = min(n, p), the
    squared relative deviation 2(c + m − 1)/(m c (c − 3)); 350/c of them bring it to .04 or less for c ≥ 10."""
    apart = abs(params.p - params.n)
    return 120 if apart <= 3 else max(5, math.ceil(350 / apart))


def run(params: Params, rng: Generator) -> Outcome:
    fits = []
    for replicate in range(replicates(params)):
        problem = draw_problem(params.features, params.n, params.p, params.signal, rng)
        if replicate == 0:
            first = problem
        fits.append(noisy_fits(problem, params.noise, NOISE_DRAWS, rng))

    risks = np.concatenate([fit.risks for fit in fits])
    metrics = {
        "median_excess_risk": float(np.median(risks)),
        "log10_norm": float(np.log10(np.median([fit.norms for fit in fits]))),
        "max_residual": max(fit.residual for fit in fits),
    }
    if has_mean(params):
        metrics["excess_risk"] = float(np.mean([fit.expected_risk for fit in fits]))
        metrics["squared_norm"] = float(np.mean([fit.expected_norm for fit in fits]))
    levels = np.arange(1, 100) / 100
    curves = {"risk_quantiles": Curve(levels, np.quantile(risks, levels))}
    if params.p > params.n:
        sizes = np.unique(np.append(np.geomspace(1, params.p, 60).round().astype(int), params.n))
        curves["descent"] = Curve(sizes.astype(np.float64), nested_risks(first, fits[0].labels[:, 0], sizes.tolist()))
    return Outcome(metrics=metrics, curves=curves, fields=lambda: {"spectrum": spectrum(first.features)})


def has_mean(params: Params) -> bool:
    """Whether an average estimates the risk's mean: near p = n its variance is infinite, and on the line features may
    be as nearly collinear as one likes."""
    return params.features != "sine" and abs(params.p - params.n) > 3


GUIDE = Params(features="sine", n=20, p=1000, signal=0.5, noise=0.01)


def of(features: str, *p: int, n: int = 100) -> tuple[Params, ...]:
    return product(Params, features=[features], n=[n], p=p)


def sine(*p: int) -> tuple[Params, ...]:
    return product(Params, features=["sine"], n=[20], signal=[0.5], noise=[0.01], p=p)


PROFILES: Mapping[str, Grid[Params]] = {
    "quick": Grid((*of("gaussian", 50, 100, 200), *of("relu", 50, 100, 200), *sine(5, 20, 1000)), seeds=3),
    "standard": Grid(
        (
            *of("gaussian", 10, 25, 50, 75, 90, 97, 100, 103, 110, 125, 150, 200, 400, 1000),
            *of("relu", 10, 50, 90, 95, 100, 105, 110, 200, 1000),
            *sine(5, 10, 20, 40, 100, 1000),
        ),
        seeds=20,
    ),
    "deep": Grid(
        (
            *of("gaussian", 5, 10, 25, 50, 75, 90, 95, *range(97, 104), 105, 110, 125, 150, 200, 400, 1000, 4000),
            *of("gaussian", 40, 100, 200, 300, 380, 400, 420, 500, 600, 800, 1600, 4000, n=400),
            *of("relu", 10, 25, 50, 75, 90, 95, 97, 100, 103, 105, 110, 150, 200, 400, 1000, 2000),
            *sine(5, 8, 10, 15, 20, 25, 40, 60, 100, 200, 400, 1000),
        ),
        seeds=100,
    ),
}

HASTIE = (
    "exact at finite n, derived here from the inverse Wishart mean; the limit is of T. Hastie, A. Montanari, S. "
    'Rosset, R. Tibshirani, "Surprises in high-dimensional ridgeless least squares interpolation", 2022'
)
BELKIN = (
    'M. Belkin, D. Hsu, S. Ma, S. Mandal, "Reconciling modern machine-learning practice and the classical '
    'bias-variance trade-off", 2019'
)

gaussian_equals = partial(
    Equals[Params], source=HASTIE, x="p", where=lambda cell: cell.features == "gaussian" and abs(cell.p - cell.n) >= 10
)
peaks = partial(PeakAt[Params], x="p", metric="median_excess_risk")
median_equals = partial(
    Equals[Params],
    source=r"derived here; the one step that is not elementary, $z^TW^{-1}z=|z|^2/\chi^2$, is in R. J. Muirhead, "
    r'"Aspects of Multivariate Statistical Theory", 1982',
    x="p",
    metric="median_excess_risk",
    theory=lambda cell: least_squares.excess_risk_quantile(0.5, cell.n, cell.p, cell.signal, cell.noise),
)
below = partial(Ordered[Params], reason="An order of means: no tolerance.", x="n")

CLAIMS = {
    "exact_risk": gaussian_equals(
        statement=r"Least squares of least norm on $p$ Gaussian features and $n$ points has the expected excess risk "
        r"$s^2p/(n-p-1)$ for $p<n-1$ and $r^2(1-n/p)+s^2n/(p-n-1)$ for $p>n+1$ (judged for $|p-n|\ge 10$).",
        reason="the usual 5 % of an equality; nearer to p = n the variance grows without bound",
        metric="excess_risk",
        theory=lambda cell: least_squares.excess_risk(cell.n, cell.p, cell.signal, cell.noise),
    ),
    "exact_norm": gaussian_equals(
        statement=r"Its expected squared norm $E\,|\hat\beta|^2$ is $r^2+s^2p/(n-p-1)$ for $p<n-1$ and "
        r"$r^2n/p+s^2n/(p-n-1)$ for $p>n+1$: beyond the peak more features mean smaller weights.",
        reason="±5 %, as for the risk, whose random part is the same.",
        metric="squared_norm",
        theory=lambda cell: least_squares.squared_norm(cell.n, cell.p, cell.signal, cell.noise),
    ),
    "exact_median": median_equals(
        statement=r"Beside the threshold, $1\le|p-n|\le 3$, where the mean has no variance, the risk "
        r"$|\hat\beta-\beta|^2$ of one fit has the median of the law $r^2\,\mathrm{Beta}(\frac{p-n}{2},\frac "
        r"n2)+s^2\chi^2_n/\chi^2_{p-n+1}$ ($p\ge n$), $s^2\chi^2_p/\chi^2_{n-p+1}$ ($p\le n$).",
        reason="the usual 5 % of an equality",
        where=lambda cell: cell.features == "gaussian" and 1 <= abs(cell.p - cell.n) <= 3,
    ),
    "exact_median_at_the_threshold": median_equals(
        statement=r"At $p = n$, where the mean is infinite, the median is that of $s^2\chi^2_n/\chi^2_1$.",
        reason="±10 %: the quartiles of the law are a factor of 13 apart; ±5 % would need four times the data sets.",
        where=lambda cell: cell.features == "gaussian" and cell.p == cell.n,
        tolerance=0.1,
    ),
    "second_minimum": below(
        statement=r"With $r^2/s^2 = 4$ the second descent has its minimum near $p = 2n$, as the limit of the law has: "
        r"the expected risk is lower there than at $1.5\,n$ and at $4n$.",
        source=HASTIE,
        where=lambda cell: cell.features == "gaussian" and cell.n == 100,
        lower="excess_risk",
        upper="excess_risk",
        lower_where=lambda cell: cell.p == 200,
        upper_where=lambda cell: cell.p in (150, 400),
    ),
    "gaussian_peak": peaks(
        statement=r"With $n=100$ points the median risk on Gaussian features is greatest at $p=n$.",
        source=HASTIE,
        reason="The place of the peak is the claim.",
        where=lambda cell: cell.features == "gaussian" and cell.n == 100,
        at=100,
    ),
    "relu_peak": peaks(
        statement=r"A network of $p$ ReLU neurons with a random hidden layer, its output weights fitted to $n=100$ "
        r"points in $\mathbb R^{20}$ by least squares of least norm, has its greatest median risk at $p=n$.",
        source=BELKIN,
        reason="The place of the peak is the claim; its height depends on the target and the noise.",
        where=lambda cell: cell.features == "relu",
        at=100,
    ),
    "no_peak_on_the_line": peaks(
        statement="On the guide's data ($n=20$ points of a noisy sine on $[0,1]$) there is no peak at $p=n$: the "
        "median risk of random ReLU features is greatest at the smallest $p$.",
        source="derived here: collinear on the sample, p = n features do not reach rank n",
        reason="The place of the maximum is the claim.",
        where=lambda cell: cell.features == "sine",
        at=5,
    ),
    "bump_on_the_line": below(
        statement=r"Nor is it a single descent: from $p = 40$ to $p = 100$ the median risk rises again.",
        source="measured here",
        where=lambda cell: cell.features == "sine",
        lower="median_excess_risk",
        upper="median_excess_risk",
        lower_where=lambda cell: cell.p == 40,
        upper_where=lambda cell: cell.p == 100,
    ),
    "norm_on_the_line": Ordered[Params](
        statement=r"In that bump, and not at $p=n$, the weights are large: at $p = 100$ their median squared norm is "
        r"at least three times that at $p = n = 20$ and that at $p=1000$.",
        source="measured here",
        reason="log10 3 = 0.477; the norms are too widely spread for their own mean",
        x="n",
        where=lambda cell: cell.features == "sine",
        lower="log10_norm",
        upper="log10_norm",
        lower_where=lambda cell: cell.p in (20, 1000),
        upper_where=lambda cell: cell.p == 100,
        margin=math.log10(3),
    ),
    "interpolates": Always[Params](
        statement=r"In general position $p \ge n$ features interpolate: no residual at a training point exceeds "
        r"$10^{-6}$.",
        source="linear algebra: a matrix of full row rank has a right inverse",
        reason="In float64 the residual is about 1e-16 times the condition number, which seldom exceeds 1e5 here.",
        x="p",
        where=lambda cell: cell.features != "sine" and cell.p >= cell.n,
        metric="max_residual",
        high=1e-6,
    ),
}

EXPERIMENT = Experiment(
    title="Double descent",
    chapter=15,
    section="Generalization in the Overparameterized Regime",
    params=Params,
    revision=2,
    profiles=PROFILES,
    size="p",
    guide=GUIDE,
    run=run,
    metrics={
        "excess_risk": Metric("mean over data sets of the expected squared error above the noise; none near p = n"),
        "median_excess_risk": Metric("median over data sets and noise of the squared error above the noise floor"),
        "squared_norm": Metric("mean over data sets of the expected squared norm of the weights; none near p = n"),
        "log10_norm": Metric("log10 of the median over data sets and noise of the squared norm of the fitted weights"),
        "max_residual": Metric("greatest residual at a training point, over all data sets of the run"),
    },
    curves={
        "risk_quantiles": Axes(x="quantile", y="squared error above the noise floor", y_log=True),
        "descent": Axes(x="first features of one data set", y="excess risk of one fit", x_log=True, y_log=True),
    },
    fields={
        "spectrum": FieldSpec("histogram", "log10 of the nonzero eigenvalues of the features' Gram matrix over n"),
    },
    claims=CLAIMS,
    snippets=(
        Snippet(
            number=16,
            heading="Generalization in the Overparameterized Regime",
            outcome="NameError: name 'np' is not defined",
            fault="Adam stops when the loss falls by less than 1e-4 for ten iterations, long before 3001 parameters "
            "interpolate 20 points: the picture is of an underfit. The network has no random_state and draws from "
            "NumPy's global generator.",
            measured="With legacy seed 0 throughout it stops after 83 iterations at a training error of 0.180 (the "
            "noise has a mean square of 0.0105) and an excess risk of 0.170. On the same data, of random_state 0 to "
            "19, nine stop after 76 to 89 iterations at 0.173 to 0.178, the others after 471 to 522 at 0.0140 to "
            "0.0175: none interpolates. L-BFGS reaches 0.0016 and an excess of 0.0070; least squares of least norm "
            "on the hidden layer as drawn 1e-28 and 0.009.",
        ),
    ),
)
