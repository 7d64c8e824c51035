r"""
The kernels of a network with one hidden layer are means of independent terms, and everything about their errors is
exact (see *kernel_limit*). A deep network's are not: every layer computes with the random kernel of the layer below.
Do they still tend to a limit, and how fast?

**Theory.** With hidden weights of variance 2 over fan-in and the angle $t_{l-1}$ of two signals after $l-1$ layers,

$$\cos t_l = \frac{\sin t_{l-1}+(\pi-t_{l-1})\cos t_{l-1}}{\pi},\qquad
T_l = K_l + T_{l-1}\,\dot K_l,\qquad \dot K_l=\frac{\pi-t_{l-1}}{\pi}$$

(Y. Cho and L. Saul, *Kernel methods for deep learning*, 2009; A. Jacot, F. Gabriel, C. Hongler, *Neural tangent
kernel*, 2018), the derivative's factor halved at the readout, whose weights have variance 1. For two inputs of length
1 at 60° and **three hidden layers** the limits are $K=0.738128$ and $T=1.737845$; two inputs that were at 60° leave at
42°: depth makes inputs alike. At finite width $n$ the relative error of a kernel's diagonal has the variance
$(1+5/n)^3-1$ (*gaussian_limit*), so that the errors fall as $n^{-1/2}$ and, at small widths, somewhat faster.

**What the guide did.** Its section on wide networks holds no kernel, no input and no activation (see
*gaussian_limit*).

**What is measured here.** Networks with all their weights, since the gradient runs through them backwards; the NNGP
kernel is averaged over the readout. The fields are the Gram matrices of the first network for 60 points of the circle,
beside those of infinite width.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.random import Generator

from experiments.claims import Equals, PowerLaw
from experiments.networks.kernels import deep_kernels, limit_kernels
from experiments.spec import Arrays, Experiment, FieldSpec, Grid, Metric, Outcome, product

WEIGHTS = 2**22
"""Weights of a layer drawn in a run, about: networks times the square of the width."""
ANGLES = np.linspace(0, 2 * np.pi, 60, endpoint=False)
CIRCLE = np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1)


@dataclass(frozen=True, kw_only=True)
class Params:
    width: Annotated[int, "neurons in each hidden layer"]
    layers: Annotated[int, "hidden layers"] = 3
    degrees: Annotated[int, "angle between the two inputs, in degrees"] = 60


def networks(width: int) -> int:
    return int(np.clip(WEIGHTS // width**2, 8, 128))


def limits(params: Params) -> tuple[float, float]:
    """NNGP and NTK of infinite width."""
    t = math.radians(params.degrees)
    found = limit_kernels(np.array([[1.0, 0.0]]), np.array([[math.cos(t), math.sin(t)]]), params.layers)
    return float(found.nngp[0, 0]), float(found.ntk[0, 0])


def run(params: Params, rng: Generator) -> Outcome:
    n, t = params.width, math.radians(params.degrees)
    inputs = np.array([[1.0, 0.0], [math.cos(t), math.sin(t)]])
    found = np.empty((networks(n), 2))
    for place in range(len(found)):
        weights = [rng.standard_normal((n, 2)), *(rng.standard_normal((n, n)) for _ in range(params.layers - 1))]
        v = rng.standard_normal(n)
        if place == 0:
            first = weights, v
        kernels = deep_kernels(inputs, weights, v)
        found[place] = kernels.nngp[0, 1], kernels.ntk[0, 1]
    nngp, ntk = found.mean(axis=0)
    nngp_error, ntk_error = np.mean((found / limits(params) - 1) ** 2, axis=0)

    def fields() -> Mapping[str, Arrays]:
        finite, limit = deep_kernels(CIRCLE, *first), limit_kernels(CIRCLE, CIRCLE, params.layers)
        grams = {"nngp": finite.nngp, "ntk": finite.ntk, "nngp_limit": limit.nngp, "ntk_limit": limit.ntk}
        return {name: {"z": gram, "labels": np.degrees(ANGLES)} for name, gram in grams.items()}

    return Outcome(
        metrics={
            "nngp": float(nngp),
            "ntk": float(ntk),
            "nngp_error": float(nngp_error),
            "ntk_error": float(ntk_error),
        },
        fields=fields,
    )


ARC_COSINE = "Y. Cho and L. Saul, Kernel methods for deep learning, 2009"
TANGENT = "A. Jacot, F. Gabriel, C. Hongler, Neural tangent kernel, 2018"
BIAS = "±5 %: the mean at finite width differs from the limit by a term of order 1/n"


def at_least_like_one_over_n(kernel: str, metric: str) -> PowerLaw[Params]:
    return PowerLaw(
        statement=f"The mean squared error of the {kernel} of a network with three hidden layers falls at least like"
        r" $n^{-1}$.",
        source=f"{TANGENT}, for the limit; the rate is that of fluctuations about it, as for the diagonal",
        reason="-0.9 in place of -1, over two decades; one-sided, since at small widths the error falls faster",
        metric=metric,
        slope=(-math.inf, -0.9),
        x="width",
    )


EXPERIMENT = Experiment(
    title="The kernels of a deep network",
    chapter=11,
    section="Wide Neural Networks",
    params=Params,
    size="width",
    profiles={
        "quick": Grid(product(Params, width=[8, 32, 128]), 8),
        "standard": Grid(product(Params, width=[8, 32, 128, 800]), 20),
        "deep": Grid(product(Params, width=[8, 16, 32, 64, 128, 256, 512, 1024, 2048]), 100),
    },
    metrics={
        "nngp": Metric("mean over networks of the covariance of the outputs at two inputs, given the hidden layers"),
        "ntk": Metric("mean over networks of the inner product of the gradients at two inputs"),
        "nngp_error": Metric("mean over networks of the squared relative error of the former about its limit"),
        "ntk_error": Metric("mean over networks of the squared relative error of the latter about its limit"),
    },
    fields={
        "nngp": FieldSpec("matrix", "NNGP Gram matrix of the first network, 60 points of the circle (degrees)"),
        "ntk": FieldSpec("matrix", "NTK Gram matrix of the first network, 60 points of the circle (degrees)"),
        "nngp_limit": FieldSpec("matrix", "NNGP Gram matrix of infinite width, 60 points of the circle (degrees)"),
        "ntk_limit": FieldSpec("matrix", "NTK Gram matrix of infinite width, 60 points of the circle (degrees)"),
    },
    run=run,
    claims={
        "nngp_mean": Equals(
            statement=r"At 60° and with three hidden layers the NNGP kernel tends to $K=0.738128$: from width 128 on"
            r" its mean is there.",
            source=ARC_COSINE,
            reason=BIAS,
            metric="nngp",
            theory=lambda cell: limits(cell)[0],
            x="width",
            where=lambda cell: cell.width >= 128,
        ),
        "ntk_mean": Equals(
            statement=r"At 60° and with three hidden layers the NTK tends to $T=1.737845$: from width 128 on its mean"
            r" is there.",
            source=TANGENT,
            reason=BIAS,
            metric="ntk",
            theory=lambda cell: limits(cell)[1],
            x="width",
            where=lambda cell: cell.width >= 128,
        ),
        "nngp_rate": at_least_like_one_over_n("NNGP kernel", "nngp_error"),
        "ntk_rate": at_least_like_one_over_n("NTK", "ntk_error"),
    },
)
