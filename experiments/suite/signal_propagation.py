r"""
How large is the signal after many random layers? With weights of variance $s/n$ and no biases the mean square
$q_l = \frac1n|z_l|^2$ of the preactivations obeys

$$\mathbb E\,q_{l+1} = \tfrac s2\, q_l ,$$

since a ReLU keeps half of the squares. He's variance $2/n$ preserves the mean (K. He, X. Zhang, S. Ren and J. Sun,
*Delving deep into rectifiers*, 2015); Glorot's and LeCun's $1/n$ halve it in each layer; weights of variance 1, as the
guide draws them, multiply it by $n/2$, and unit biases add 1: $q_{l+1} = \frac n2 q_l + 1$.

**What the guide did.** Its forward pass (experiment *forward_pass*) has such weights in a network $2$–$3$–$1$, too
small to show what becomes of them: at width 256 they multiply squares by 128 in every layer.

**The mean is not the whole story.** In He's network without biases $|h_L|^2/|h_0|^2$ is a product of independent
factors $M_l = \frac2n\sum_i\mathrm{relu}(g_i)^2$ with

$$\mathbb E M = 1,\qquad \mathbb E M^2 = 1+\frac5n,\qquad \mathbb E\log M \approx -\frac5{2n},$$

so that the mean stays 1 while the typical signal falls like $e^{-5L/2n}$, and $\mathbb E(\cdot)^2 = (1+5/n)^L$: it is
depth over width that counts (derived here; compare B. Hanin and D. Rolnick, *How to start training*, 2018). The mean of
such a product over a few networks lies far below its expectation once $L/n$ is near a half: twenty draws look like a
*vanishing* signal, and nothing vanishes in the mean. With probability $2^{-n}$ a layer has no active neuron at all, and
the signal ends there; logarithms are taken of what is alive, and the dead are counted apart.

**What is measured here.** A run draws thousands of networks layer by layer: given a layer, the preactivations above are
independent normal numbers (for Glorot's uniform weights whole matrices are drawn). The factors $M_l$ are pooled over
layers and networks. Where a mean is known exactly it is used to reduce noise: the variance of $M$ is measured as
$\mathbb E(M-1)^2$, and $\log M$ as $\log M-(M-\mathbb E M)$, which has the same mean and a fifth of the spread or less.
The second moment of the product is the product of the layers' own, $1+\mathbb E(M_l-1)^2$. The curves have
the mean and the typical size layer by layer, beside theory; the surface has their whole distribution.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Annotated

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from experiments.claims import AtMost, Equals, PowerLaw
from experiments.spec import Arrays, Axes, Curve, Experiment, FieldSpec, Grid, Metric, Outcome
from experiments.theory import signal_propagation as theory

Array = NDArray[np.float64]

BINS = 48


@dataclass(frozen=True, kw_only=True)
class Params:
    width: Annotated[int, "neurons in each hidden layer, and inputs"]
    layers: Annotated[int, "hidden layers"] = 8
    init: Annotated[str, "normal (weights and biases of variance 1), he, lecun (normal) or glorot (uniform)"] = "he"
    networks: Annotated[int, "networks drawn in a run"]


@dataclass(frozen=True)
class Signal:
    """Of each layer and network: mean of z² over the neurons, q, and mean of relu(z)², active; both (layers,
    networks)."""

    q: Array
    active: Array


def propagate(params: Params, rng: Generator) -> Signal:
    """Draws networks with inputs of mean square 1, layer by layer."""
    n, count = params.width, params.networks
    spread = math.sqrt(theory.weight_factor(params.init, n) / n)
    bias = bias_variance(params.init)
    q, active = np.empty((params.layers, count)), np.empty((params.layers, count))
    rows = max(1, 2**14 // n)  # blocks that stay in the cache
    for start in range(0, count, rows):
        part = slice(start, min(start + rows, count))
        h = np.ones((part.stop - part.start, n))
        for layer in range(params.layers):
            if params.init == "glorot":
                weights = rng.uniform(-spread * math.sqrt(3), spread * math.sqrt(3), (len(h), n, n))
                z = np.einsum("kij,kj->ki", weights, h)
            else:
                scale = np.sqrt(spread**2 * np.square(h).sum(axis=1) + bias)
                z = rng.standard_normal(h.shape) * scale[:, np.newaxis]
            h = np.maximum(z, 0)
            q[layer, part] = np.square(z).mean(axis=1)
            active[layer, part] = np.square(h).mean(axis=1)
    return Signal(q, active)


def bias_variance(init: str) -> float:
    return 1.0 if init == "normal" else 0.0


def run(params: Params, rng: Generator) -> Outcome:
    signal = propagate(params, rng)
    q, layers = signal.q, np.arange(1.0, params.layers + 1)
    bias = bias_variance(params.init)
    below = q[:-1] > 0
    metrics = {
        "growth": float(((q[1:] - bias)[below] / q[:-1][below]).mean()),
        "dead_share": float(np.mean(q[-1] == 0)),
    }
    predicted = [theory.mean_square(params.init, params.width, layer, bias, 1.0) for layer in range(1, len(q) + 1)]
    typical = np.array([np.exp(np.log(values[values > 0]).mean()) for values in q])
    curves = {
        "mean_square": Curve(layers, q.mean(axis=1)),
        "typical_square": Curve(layers, typical),
        "predicted_square": Curve(layers, np.array(predicted)),
    }
    if params.init == "he":
        metrics |= factors(signal.active, params.width)
        logs = [theory.log_typical_square(params.width, layer) for layer in range(1, params.layers + 1)]
        curves["predicted_typical"] = Curve(layers, np.exp(logs))

    def fields() -> Mapping[str, Arrays]:
        return {"sizes": distribution(q, np.array(predicted))}

    return Outcome(metrics=metrics, curves=curves, fields=fields)


def factors(active: Array, width: int) -> dict[str, float]:
    """What the factors M of He's networks say; active (layers, networks) as in Signal."""
    lengths = np.concatenate([np.ones((1, active.shape[1])), active])
    steps = [above[below > 0] / below[below > 0] for below, above in pairwise(lengths)]
    M = np.concatenate(steps)
    living = M[M > 0]
    mean_of_living = 1 / (1 - theory.dead_step(width))
    return {
        "factor_variance": float(np.mean((M - 1) ** 2)),
        "factor_log": float(np.mean(np.log(living) - (living - mean_of_living))),
        "product_square": float(np.prod([1 + np.mean((step - 1) ** 2) for step in steps])),
        "median_product": float(np.median(lengths[-1])),
        "mean_of_twenty": float(np.median(lengths[-1][: len(lengths[-1]) // 20 * 20].reshape(-1, 20).mean(axis=1))),
    }


def distribution(q: Array, predicted: Array) -> Arrays:
    """Density of log10(q/E q) in each layer, over networks whose signal is alive."""
    edges = np.linspace(-3, 2, BINS + 1)
    with np.errstate(divide="ignore"):
        logs = np.log10(q / predicted[:, np.newaxis])
    counts = np.array([np.histogram(values, edges)[0] for values in logs])
    density = counts / q.shape[1] / (edges[1] - edges[0])
    return {"x": np.arange(1.0, len(q) + 1), "y": (edges[1:] + edges[:-1]) / 2, "z": density.T}


NUMBERS = 2**16
"""Preactivations drawn in a layer, networks times width; of uniform weights, whose matrices are drawn, weights."""

FACTORS = 2048
"""At least so many factors M: the relative spread of (M − 1)² is about sqrt 2, that of its mean then 3 %."""


def cell(width: int, layers: int = 8, init: str = "he") -> Params:
    networks = max(8 * NUMBERS // width**2, 4) if init == "glorot" else max(NUMBERS // width, FACTORS // layers)
    return Params(width=width, layers=layers, init=init, networks=networks)


def cells(widths: tuple[int, ...], depths: tuple[int, ...]) -> tuple[Params, ...]:
    """He's networks, whose slopes are claimed over two decades, also at the greatest width."""
    return (
        *(cell(width, layers) for layers in depths for width in (*widths, WIDEST)),
        *(cell(width, 8, init) for init in ("normal", "lecun", "glorot") for width in widths),
    )


def is_he(params: Params) -> bool:
    return params.init == "he"


def wide_he(params: Params) -> bool:
    return params.init == "he" and params.width >= 64


SERIES = ("layers", "init")
HE = "K. He, X. Zhang, S. Ren and J. Sun, Delving deep into rectifiers, 2015"
FIVE_PERCENT = "the usual 5 % of an equality: a run averages so many factors that its own spread is below 4 %"
WIDTHS = (8, 16, 32, 64, 128, 256)
WIDEST = 800

equals = partial(Equals[Params], reason=FIVE_PERCENT, x="width", series=SERIES)

EXPERIMENT = Experiment(
    title="The size of a signal in a deep random network",
    chapter=2,
    section="Feedforward Neural Networks",
    params=Params,
    size="width",
    profiles={
        "quick": Grid((cell(16), cell(64), cell(64, 20), cell(64, 8, "normal")), 8),
        "standard": Grid(cells(WIDTHS, (2, 8, 20)), 20),
        "deep": Grid(cells((*WIDTHS, 512), (2, 8, 20, 50)), 100),
    },
    metrics={
        "growth": Metric("mean factor by which a layer multiplies the mean square (less the biases' share)"),
        "dead_share": Metric("share of the networks in which a layer has no active neuron"),
        "factor_variance": Metric("mean of (M − 1)² over layers and networks, M = |h(l+1)|²/|h(l)|², He weights"),
        "factor_log": Metric("mean of log M where M > 0, with M − E M taken off to reduce noise"),
        "product_square": Metric("second moment of |h(L)|²/|h(0)|², as the product of the layers' second moments"),
        "median_product": Metric("median over networks of |h(L)|²/|h(0)|², whose mean is 1"),
        "mean_of_twenty": Metric("what the mean of |h(L)|²/|h(0)|² over 20 networks comes to in half of all attempts"),
    },
    curves={
        "mean_square": Axes(x="layer", y="mean over networks of the mean square q", y_log=True),
        "typical_square": Axes(x="layer", y="geometric mean over living networks of q", y_log=True),
        "predicted_square": Axes(x="layer", y="E q, theory", y_log=True),
        "predicted_typical": Axes(x="layer", y="exp E log q, theory", y_log=True),
    },
    fields={"sizes": FieldSpec("surface", "x: layer; y: log10 of q over its expectation; colour: density")},
    run=run,
    claims={
        "growth": equals(
            statement=r"A layer with weights of variance $s/n$ multiplies the mean square by $s/2$ in the mean: by 1"
            r" for He, $\tfrac12$ for Glorot and LeCun, and $q_{l+1}=\frac n2q_l+1$ for the guide's unit variances.",
            source=HE,
            metric="growth",
            theory=lambda p: theory.growth(p.init, p.width),
        ),
        "factor_variance": equals(
            statement=r"In a He network $M=|h_{l+1}|^2/|h_l|^2$ has $\mathbb E M^2 = 1+5/n$ with $n$ the width above:"
            r" its variance is $5/n$.",
            source="derived here: E relu(g)⁴ = 3/2",
            metric="factor_variance",
            theory=lambda p: theory.step_variance(p.width),
            where=is_he,
        ),
        "factor_variance_slope": PowerLaw(
            statement=r"The variance of $M$ falls with the width as $n^{-1}$.",
            source="derived here",
            reason="±0.05 on the slope",
            metric="factor_variance",
            slope=-1.0,
            x="width",
            series=SERIES,
            where=is_he,
        ),
        "product_square": equals(
            statement=r"$\mathbb E\left(|h_L|^2/|h_0|^2\right)^2 = (1+5/n)^L$, for $n\ge64$.",
            source="derived here; compare B. Hanin and D. Rolnick, How to start training, 2018",
            reason="±6 %; the sample mean of the product itself, whose tail is heavy, would be falsely refuted in most"
            " laboratories of 20 seeds",
            metric="product_square",
            theory=lambda p: theory.second_moment(p.width, p.layers),
            tolerance=0.06,
            where=wide_he,
        ),
        "factor_log": equals(
            statement=r"$\mathbb E\log M = \mathbb E\,\psi(k/2)+\log(4/n)$ with $k$ the number of active neurons,"
            r" binomial and not 0: $-3.19/n$ at $n=8$, $-2.57/n$ at $n=64$, $-\tfrac52/n$ in the limit. The typical"
            r" signal shrinks though the mean does not.",
            source="derived here",
            metric="factor_log",
            theory=lambda p: theory.log_growth(p.width),
            where=is_he,
        ),
        "few_networks_mislead": AtMost(
            statement=r"At $L/n > 0.5$ the mean of $|h_L|^2/|h_0|^2$ over 20 networks, whose expectation is 1, lies"
            r" below $0.9$ in more than half of all attempts: a stable signal looks like a vanishing one.",
            source="measured here; the cause is the heavy tail of a product",
            reason="0.9 is a fall that a reader of twenty runs would believe",
            metric="mean_of_twenty",
            bound=lambda p: 0.9,
            x="width",
            series=SERIES,
            where=lambda p: is_he(p) and p.layers / p.width > 0.5,
        ),
    },
)
