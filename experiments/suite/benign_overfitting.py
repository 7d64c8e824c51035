r"""
A fit that runs through every noisy point ought to be bad. It need not be: if a few directions carry the signal and very
many weak ones are left to carry the noise, least squares of least norm interpolates **and** its risk tends to that of
the truth (P. L. Bartlett, P. M. Long, G. Lugosi and A. Tsigler, *Benign overfitting in linear regression*, 2020). The
guide says that interpolation "often leads to good generalization". It depends, and on what is known:

$$ \text{excess risk} \approx \Bigl(\frac{T}{n+T}\Bigr)^2 + \frac{k\,n\,\sigma^2}{(n+T)^2} + \frac{\sigma^2 n}{p} $$

for $k$ unit directions that carry the signal $|\beta| = 1$, and $p$ weak ones of total variance $T$. The first term
is the signal that is lost, the second the noise in the strong directions, the third the noise that the weak ones
absorb. All three vanish only if $1 \ll p/n$ and $T \ll n$:

| family | $p$ | $T$ | what happens |
|---|---|---|---|
| benign | $n^2$ | $\sqrt n$ | the excess falls nearly as $1/n$ |
| slow | $n^{3/2}$ | $\sqrt n$ | it falls as $n^{-1/2}$ in the end |
| few | $2n$ | $\sqrt n$ | it stays near 1: there is no room for the noise |
| heavy | $n^2$ | $n$ | it stays near 1/4: half of the signal is shrunk away |

**The guide's snippet** (a network on 20 points, see *interpolation*) shows nothing of this: it does not interpolate,
and in one dimension interpolation is never benign (*noisy_interpolation*).

**What is measured here.** $n$ points, $k = 3$, $\sigma^2 = 1$. Only the Gram matrix of the weak features is needed,
which is Wishart: it is drawn by its Cholesky factor (M. S. Bartlett, 1933), so that $p = n^2$ costs nothing. A run
averages the conditional expectation of the risk over the noise, given the features: a trace, no sampled noise. That
the fit interpolates is measured, on one noisy sample.

Beside it the isotropic law, $n = 50$ points and $p$ equal features: variance $\sigma^2n/(p-n-1)$, bias
$|\beta|^2(1-n/p)$, exact at every $n$ (the limit: T. Hastie, A. Montanari, S. Rosset and R. Tibshirani, *Surprises in
high-dimensional ridgeless least squares interpolation*, 2022). There is no choice of $p$ at which both are small.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import Annotated

import numpy as np
from numpy.random import Generator

from experiments.claims import Always, Equals, Ordered, PowerLaw
from experiments.networks.least_norm_risk import Risk, isotropic_risk, spiked_risk
from experiments.spec import Axes, Curve, Experiment, Grid, Metric, Outcome, product
from experiments.theory import benign, least_squares

SPIKES = 3
NOISE = 1.0
FAMILIES = ("benign", "slow", "few", "heavy")


@dataclass(frozen=True, kw_only=True)
class Params:
    family: Annotated[str, "benign (p = n², T = √n), slow (p = n^1.5), few (p = 2n), heavy (T = n), or isotropic"]
    n: Annotated[int, "training points"]
    p: Annotated[int, "features where isotropic; else 0, and the family gives their number"] = 0


def weak_features(params: Params) -> int:
    match params.family:
        case "benign" | "heavy":
            return params.n * params.n
        case "slow":
            return round(params.n * math.sqrt(params.n))
        case "few":
            return 2 * params.n
    raise ValueError(f"no family called {params.family!r}")


def total_variance(params: Params) -> float:
    return float(params.n if params.family == "heavy" else math.sqrt(params.n))


def replicates(params: Params) -> int:
    """Draws of the features in a run: the trace averages over n points by itself."""
    if params.family == "isotropic":
        return max(10, math.ceil(700 / (params.p - params.n)))
    return max(3, min(100, 3200 // params.n))


def draw(params: Params, rng: Generator) -> Risk:
    if params.family == "isotropic":
        return isotropic_risk(params.n, params.p, NOISE, rng)
    return spiked_risk(params.n, weak_features(params), total_variance(params), SPIKES, NOISE, rng)


def run(params: Params, rng: Generator) -> Outcome:
    risks = [draw(params, rng) for _ in range(replicates(params))]
    signal, strong, weak = (float(np.mean([getattr(risk, part) for risk in risks])) for part in PARTS)
    totals = np.sort([risk.signal + risk.strong + risk.weak for risk in risks])
    return Outcome(
        metrics={
            "excess_risk": signal + strong + weak,
            "bias": signal,
            "variance": strong + weak,
            "strong_variance": strong,
            "weak_variance": weak,
            "max_residual": max(risk.residual for risk in risks),
        },
        curves={"risk_quantiles": Curve((np.arange(len(totals)) + 0.5) / len(totals), totals)},
    )


PARTS = ("signal", "strong", "weak")


def spiked(sizes: tuple[int, ...], families: tuple[str, ...] = FAMILIES) -> tuple[Params, ...]:
    return product(Params, family=families, n=sizes)


def isotropic(*p: int) -> tuple[Params, ...]:
    return product(Params, family=["isotropic"], n=[50], p=p)


def law(params: Params) -> float:
    return benign.excess_risk(params.n, weak_features(params), total_variance(params), SPIKES, NOISE)


def limit(params: Params) -> float:
    """What the excess tends to where it does not vanish."""
    return {"few": NOISE, "heavy": 0.25}[params.family]


def large_enough(params: Params) -> bool:
    return params.family != "isotropic" and params.n >= 32


def equal_features(params: Params) -> bool:
    return params.family == "isotropic"


BARTLETT = "P. L. Bartlett, P. M. Long, G. Lugosi and A. Tsigler, Benign overfitting in linear regression, 2020"
FINITE = f"{BARTLETT}, for the phenomenon; the law at finite n is derived here"
HASTIE = (
    "exact by the inverse Wishart mean, derived here; the limit: T. Hastie, A. Montanari, S. Rosset and R. Tibshirani,"
    " Surprises in high-dimensional ridgeless least squares interpolation, 2022"
)
SIZES = (10, 32, 64, 128, 256, 512, 1000)

excess_falls = partial(
    PowerLaw[Params],
    source=FINITE,
    reason="±0.03 around the slope of the law at finite n on the same sizes",
    tolerance=0.03,
    metric="excess_risk",
    theory=law,
    x="n",
)
isotropic_equals = partial(
    Equals[Params], source=HASTIE, reason="the usual 5 % of an equality", x="p", where=equal_features
)

EXPERIMENT = Experiment(
    title="Benign overfitting",
    chapter=9,
    section="Interpolation in Neural Networks",
    params=Params,
    size="n",
    revision=2,
    profiles={
        "quick": Grid((*spiked((32, 100)), *isotropic(100, 200)), 8),
        "standard": Grid((*spiked(SIZES), *isotropic(60, 75, 100, 200, 400)), 20),
        "deep": Grid((*spiked((*SIZES, 2000)), *isotropic(60, 75, 100, 200, 400, 1000)), 100),
    },
    metrics={
        "excess_risk": Metric("expected squared error above the noise floor, given the features, mean over draws"),
        "bias": Metric("its part from the signal: shrunken, or outside the row space"),
        "variance": Metric("its part from the noise"),
        "strong_variance": Metric("variance in the strong directions; all of it where features are isotropic"),
        "weak_variance": Metric("variance in the weak directions"),
        "max_residual": Metric("greatest residual at a training point, of one noisy sample for each draw"),
    },
    curves={"risk_quantiles": Axes(x="quantile", y="excess risk given the features, over draws", y_log=True)},
    run=run,
    claims={
        "finite_n_law": Equals(
            statement=r"In all four families the excess risk is that of the law at finite $n$ and $p$: with $g ="
            r" n/(\lambda(p-n-1))$, $\lambda = T/p$, to leading order $(1+g)^{-2} + k\sigma^2\frac{g^2}{n(1+g)^2} +"
            r" \sigma^2\frac{n}{p-n-1}$, and to second order in the fluctuations of the strong directions.",
            source=FINITE,
            reason="the usual 5 % of an equality; the third order is below 2 % from n = 32 on",
            metric="excess_risk",
            theory=law,
            x="n",
            series=("family",),
            where=large_enough,
        ),
        "benign_slope": excess_falls(
            statement=r"With $p = n^2$ weak directions of total variance $\sqrt n$ interpolation is benign: the excess"
            r" risk falls nearly as $1/n$.",
            where=lambda p: p.family == "benign",
        ),
        "slow_slope": excess_falls(
            statement=r"With $p = n^{3/2}$ it is benign, but slowly: the noise in the weak directions is $n/p ="
            r" n^{-1/2}$.",
            where=lambda p: p.family == "slow",
        ),
        "not_benign": Equals(
            statement=r"It is not benign with $p = 2n$ (the excess tends to $\sigma^2 = 1$: too few weak directions to"
            r" dilute the noise) nor with $T = n$ (it tends to $\frac14$: half of the signal is shrunk away).",
            source=FINITE,
            reason="the usual 5 % around the limit, at n = 1000, where the law at finite n is 1 % above it",
            metric="excess_risk",
            theory=limit,
            x="n",
            series=("family",),
            where=lambda p: p.family in ("few", "heavy") and p.n >= 1000,
        ),
        "isotropic_variance": isotropic_equals(
            statement=r"With $p$ equal Gaussian features the variance is $\sigma^2n/(p-n-1)$.",
            metric="variance",
            theory=lambda p: least_squares.excess_risk(p.n, p.p, 0.0, NOISE),
        ),
        "isotropic_bias": isotropic_equals(
            statement=r"With $p$ equal Gaussian features the squared bias is $|\beta|^2(1-n/p)$: the part of the signal"
            r" outside the row space. Where the variance is small nothing is left of the signal.",
            metric="bias",
            theory=lambda p: least_squares.excess_risk(p.n, p.p, 1.0, 0.0),
        ),
        "interpolates": Always(
            statement=r"All of them interpolate: no residual at a training point exceeds $10^{-10}$.",
            source="linear algebra: a matrix of full row rank has a right inverse",
            reason="rounding times a condition number below 1e4",
            metric="max_residual",
            high=1e-10,
            x="n",
        ),
        "dilution": Ordered(
            statement=r"The more weak directions dilute the noise the better: at every $n$ the excess with $p = n^2$"
            r" is below that with $p = 2n$.",
            source=BARTLETT,
            reason="an order: no tolerance",
            lower="excess_risk",
            upper="excess_risk",
            lower_where=lambda p: p.family == "benign",
            upper_where=lambda p: p.family == "few",
            x="n",
        ),
    },
)
