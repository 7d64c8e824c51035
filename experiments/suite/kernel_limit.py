r"""
A wide network is a kernel method, and twice over. With all weights random its outputs are a Gaussian process whose
covariance is one kernel (NNGP); and if it is trained by gradient descent, it follows another, the inner product of its
gradients (NTK). For one hidden layer, $f(x)=n^{-1/2}\sum_iv_i\,\mathrm{relu}(w_i\cdot x)$ with $N(0,1)$ weights, both
have limits in closed form. With $t$ the angle between inputs of length 1,

$$K(t)=\frac{\sin t+(\pi-t)\cos t}{2\pi},\qquad T(t)=K(t)+\cos t\,\frac{\pi-t}{2\pi}$$

(Y. Cho and L. Saul, *Kernel methods for deep learning*, 2009; A. Jacot, F. Gabriel, C. Hongler, *Neural tangent
kernel*, 2018; P. Petersen and J. Zech, *Mathematical theory of deep learning*, 2024, on wide networks).

**How wide is wide?** The kernels of a network of $n$ neurons are means of $n$ independent terms. So they are right on
average at every width, and their root mean squared error is *exactly* $\sigma/\sqrt n$,

$$\sigma_K^2=J-K^2,\quad \sigma_T^2=J+2\cos t\,K+3\cos^2t\,\frac{\pi-t}{2\pi}-T^2,\quad
J=\frac{3\sin t\cos t+(\pi-t)(1+2\cos^2t)}{2\pi}:$$

at 60° $K=0.30450$, $T=0.47117$, $\sigma_K=0.78360$ and $\sigma_T=1.01944$. To know the kernel of one network within a
percent takes 66,000 neurons for $K$, 47,000 for $T$. The error is slower than that of the law of an output, which is
Gaussian up to $1/n$ (see *gaussian_limit*): there the random errors of kernels are averaged, here they are seen.

**What the guide did.** Its section on wide networks holds no kernel, no input and no activation (see
*gaussian_limit*).

**What is measured here.** Both kernels of many random networks at one angle. Two normal numbers and one readout a
neuron are all that one pair of inputs asks of a network, so that widths up to $2^{15}$ cost little. The fields show
both Gram matrices of the first network for 60 points on the circle beside their limits, which are made in closed form.
For networks of three hidden layers see *deep_kernels*.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from experiments.claims import Equals, PowerLaw
from experiments.networks.kernels import limit_kernels, shallow_kernels
from experiments.spec import Arrays, Axes, Curve, Experiment, FieldSpec, Grid, Metric, Outcome, product
from experiments.theory import kernel_limit as theory

Floats = NDArray[np.float64]

NEURONS = 2**19
"""Drawn in a run: networks times width, but at least NETWORKS networks."""
NETWORKS = 128
BLOCK = 2**15
"""Neurons drawn at once, so that they stay in the cache."""
ANGLES = np.linspace(0, 2 * np.pi, 60, endpoint=False)


@dataclass(frozen=True, kw_only=True)
class Params:
    width: Annotated[int, "neurons in the hidden layer"]
    degrees: Annotated[int, "angle between the two inputs, in degrees"] = 60


def run(params: Params, rng: Generator) -> Outcome:
    count = max(NETWORKS, NEURONS // params.width)
    t = math.radians(params.degrees)
    nngp, ntk = np.empty(count), np.empty(count)
    rows = max(1, BLOCK // params.width)
    for start in range(0, count, rows):
        part = slice(start, min(start + rows, count))
        w = rng.standard_normal((part.stop - start, 2, params.width))
        v = rng.standard_normal((part.stop - start, params.width))
        if start == 0:
            first = w[0].T, v[0]
        z, other = w[:, 0], math.cos(t) * w[:, 0] + math.sin(t) * w[:, 1]
        nngp[part] = np.einsum("ij,ij->i", np.maximum(z, 0), np.maximum(other, 0)) / params.width
        both = np.einsum("ij,ij->i", (z > 0) & (other > 0), v**2) / params.width
        ntk[part] = nngp[part] + math.cos(t) * both

    angles = np.linspace(0, np.pi, 61)
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    measured = shallow_kernels(circle[:1], circle, *first)

    def fields() -> Mapping[str, Arrays]:
        points = np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1)
        kernels = {
            "": shallow_kernels(points, points, *first),
            "_limit": limit_kernels(points, points),
        }
        return {
            f"{name}{kind}": {"z": getattr(pair, name), "labels": np.degrees(ANGLES)}
            for kind, pair in kernels.items()
            for name in ("nngp", "ntk")
        }

    return Outcome(
        metrics={
            "nngp": float(nngp.mean()),
            "ntk": float(ntk.mean()),
            "nngp_rmse": math.sqrt(np.mean((nngp - theory.nngp(t)) ** 2)),
            "ntk_rmse": math.sqrt(np.mean((ntk - theory.ntk(t)) ** 2)),
        },
        curves={
            "nngp": Curve(np.degrees(angles), measured.nngp[0]),
            "ntk": Curve(np.degrees(angles), measured.ntk[0]),
            "nngp_limit": Curve(np.degrees(angles), np.array([theory.nngp(angle) for angle in angles])),
            "ntk_limit": Curve(np.degrees(angles), np.array([theory.ntk(angle) for angle in angles])),
        },
        fields=fields,
    )


def radians(cell: Params) -> float:
    return math.radians(cell.degrees)


WIDTHS = tuple(2**power for power in range(3, 16, 2))
ARC_COSINE = "Y. Cho and L. Saul, Kernel methods for deep learning, 2009"
TANGENT = "A. Jacot, F. Gabriel, C. Hongler, Neural tangent kernel, 2018"
TEN_PERCENT = (
    "±10 %: at small widths the terms have heavy tails, so that the error of a root mean square over the networks of "
    "20 runs is a few percent."
)

error_equals = partial(Equals[Params], reason=TEN_PERCENT, x="width", tolerance=0.1)
error_falls = partial(
    PowerLaw[Params],
    source="derived here: a mean of independent terms",
    reason="±0.05, over more than three decades.",
    x="width",
    where=lambda cell: cell.degrees == 60,
)

EXPERIMENT = Experiment(
    title="The kernels of a wide network",
    chapter=11,
    section="Wide Neural Networks",
    params=Params,
    revision=2,
    size="width",
    profiles={
        "quick": Grid(product(Params, width=[8, 64, 512]), 8),
        "standard": Grid(
            product(Params, width=WIDTHS) + product(Params, width=[128, 2048], degrees=[0, 120]),
            20,
        ),
        "deep": Grid(
            product(Params, width=(*WIDTHS, 2**16))
            + product(Params, width=[128, 2048, 8192], degrees=[0, 30, 90, 120]),
            100,
        ),
    },
    metrics={
        "nngp": Metric("mean over networks of the covariance of the outputs at two inputs, given the hidden layer"),
        "ntk": Metric("mean over networks of the inner product of the gradients at two inputs"),
        "nngp_rmse": Metric("root mean squared error over networks of the former about its limit"),
        "ntk_rmse": Metric("root mean squared error over networks of the latter about its limit"),
    },
    curves={
        "nngp": Axes(x="angle between the inputs (degrees)", y="NNGP kernel of the first network"),
        "ntk": Axes(x="angle between the inputs (degrees)", y="NTK of the first network"),
        "nngp_limit": Axes(x="angle between the inputs (degrees)", y="NNGP kernel, limit"),
        "ntk_limit": Axes(x="angle between the inputs (degrees)", y="NTK, limit"),
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
            statement=r"The mean of the empirical NNGP kernel is its limit $K(t)$ at every width; at 60° $K=0.304499$.",
            source=ARC_COSINE,
            reason="the usual 5 % of an equality",
            x="width",
            metric="nngp",
            theory=lambda cell: theory.nngp(radians(cell)),
        ),
        "ntk_mean": Equals(
            statement=r"The mean of the empirical NTK is its limit $T(t)$ at every width; at 60° $T=0.471166$.",
            source=TANGENT,
            reason="the usual 5 % of an equality; at 120° the two parts of T nearly cancel, and it is not judged.",
            x="width",
            where=lambda cell: cell.degrees < 90,
            metric="ntk",
            theory=lambda cell: theory.ntk(radians(cell)),
        ),
        "nngp_error": error_equals(
            statement=r"The NNGP kernel of one network of width $n$ is off by $\sigma_K/\sqrt n$ (root mean square), "
            r"exactly at every $n$; at 60° $\sigma_K=0.78360$.",
            source=f"derived here; {ARC_COSINE}, for the moments",
            metric="nngp_rmse",
            theory=lambda cell: theory.nngp_rmse(radians(cell), cell.width),
        ),
        "ntk_error": error_equals(
            statement=r"The NTK of one network of width $n$ is off by $\sigma_T/\sqrt n$ (root mean square), exactly "
            r"at every $n$; at 60° $\sigma_T=1.01944$.",
            source=f"derived here; {TANGENT}, for the kernel",
            metric="ntk_rmse",
            theory=lambda cell: theory.ntk_rmse(radians(cell), cell.width),
        ),
        "nngp_slope": error_falls(
            statement=r"The error of the NNGP kernel falls like $n^{-1/2}$.",
            metric="nngp_rmse",
            theory=lambda cell: theory.nngp_rmse(radians(cell), cell.width),
        ),
        "ntk_slope": error_falls(
            statement=r"The error of the NTK falls like $n^{-1/2}$.",
            metric="ntk_rmse",
            theory=lambda cell: theory.ntk_rmse(radians(cell), cell.width),
        ),
    },
)
