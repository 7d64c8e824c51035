r"""
A network is not its parameters: many parameters make one function, and what training sees is the function. Do principal
components of *functions* find a structure where those of parameters find noise (see *parameter_space*)? They do, and it
is known exactly.

**Theory.** Random bias-free ReLU networks on the unit circle,
$f(x)=n^{-1/2}\sum_i v_i\,\mathrm{relu}(w_i\cdot x)$ with normal weights, have mean 0 and, **at every width**, the
covariance

$$K(t)=\frac{\sin t+(\pi-t)\cos t}{2\pi},\qquad t\text{ the angle between two points}$$

(Y. Cho and L. Saul, *Kernel methods for deep learning*, 2009). It depends on the angle alone, so that its
eigenfunctions are the Fourier modes, with eigenvalues

$$\lambda_0=\frac2{\pi^2},\qquad \lambda_1=\frac18,\qquad \lambda_k=\frac2{\pi^2(k^2-1)^2}\ (k\text{ even}),\qquad
\lambda_k=0\ (k\ge3\text{ odd}),$$

twice each for $k\ge1$ (cf. F. Bach, *Breaking the curse of dimensionality with convex neural networks*, 2017).
Networks of whatever width live, up to 0.5 % of their variance, in a space of five dimensions: the constant (40.5 % of
the variance), the two linear functions (50 %) and the two modes of order 2 (9 %). No network has odd modes beyond the
first, as $\mathrm{relu}(z)-\mathrm{relu}(-z)=z$: no width and no training of these weights can learn
$\cos3\theta$.

**What the guide did.** It takes principal components of a thousand random vectors that it calls networks and never
evaluates. Here four thousand networks a run are evaluated at 120 angles, and the components are those of the
functions.

**Traps.** The two functions of a mode share an eigenvalue, and a sample splits it: the second and third components seem
to explain 26 and 24 %, but only their sum is a number. The width is the size axis, and nothing should
depend on it but the spread from run to run, as a narrow network's modes come and go together. A slope is that of a
fit: the eigenvalues of the ten even modes fall by $-4.64$ from the first to the second and by $-4.01$ at the last; the
line of least squares through all ten has $-4.2024$, and the runs are sharp enough to exclude, say, $-4.2142$.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from experiments.claims import Always, Equals
from experiments.spec import Arrays, Axes, Curve, Experiment, FieldSpec, Grid, Metric, Outcome, product
from experiments.statistics import power_fit
from experiments.theory import function_space as theory

Floats = NDArray[np.float64]

ANGLES = 120
MODES = 21
EVEN = np.arange(2, MODES, 2)
SHOWN = 400
MOST_NEURONS = 100_000


@dataclass(frozen=True, kw_only=True)
class Params:
    width: Annotated[int, "neurons of each network"]
    networks: Annotated[int, "networks of a run"] = 4000


def draw_functions(params: Params, rng: Generator) -> Floats:
    """Values of the networks at ANGLES even angles: (networks, ANGLES). Blocks of networks, so that neurons fit."""
    angles = 2 * np.pi * np.arange(ANGLES) / ANGLES
    circle = np.stack([np.cos(angles), np.sin(angles)])
    values = np.empty((params.networks, ANGLES))
    rows = max(1, MOST_NEURONS // (params.width * 10))
    for start in range(0, params.networks, rows):
        count = min(rows, params.networks - start)
        w = rng.standard_normal((count, params.width, 2))
        v = rng.standard_normal((count, 1, params.width)) / np.sqrt(params.width)
        values[start : start + count] = (v @ np.maximum(w @ circle, 0))[:, 0]
    return values


def run(params: Params, rng: Generator) -> Outcome:
    values = draw_functions(params, rng)
    power = mode_power(values)
    total = float(np.mean(values**2))
    centred = values - values.mean(axis=0)
    variances, components = np.linalg.eigh(centred.T @ centred / (len(values) * ANGLES))
    shares = variances[::-1] / variances.sum()
    odd = power[3:MODES:2].sum() / power.sum()
    order = np.arange(1.0, 12)
    metrics = {
        "variance": total,
        "constant_share": float(power[0] / total),
        "linear_share": float(power[1] / total),
        "second_share": float(power[2] / total),
        "odd_share": float(odd),
        "mode_slope": float(power_fit(EVEN.astype(float), power[EVEN] / 2).slope),
        "component_1": float(shares[:1].sum()),
        "components_1_to_3": float(shares[:3].sum()),
        "components_4_and_5": float(shares[3:5].sum()),
        "split": float(shares[1] - shares[2]),
    }

    def fields() -> Mapping[str, Arrays]:
        cloud = centred[:SHOWN] @ components[:, :-3:-1] / np.sqrt(ANGLES)
        size = np.sqrt(np.mean(values[:SHOWN] ** 2, axis=1))
        return {"cloud": {"x": cloud[:, 0], "y": cloud[:, 1], "value": size}}

    return Outcome(
        metrics=metrics,
        curves={
            "spectrum": Curve(np.concatenate([[1.0], EVEN]), power[np.concatenate([[1], EVEN])]),
            "spectrum_law": Curve(
                np.concatenate([[1.0], EVEN]), np.array([theory.mode_share(int(k)) / 2 for k in (1, *EVEN)])
            ),
            "component_shares": Curve(order, shares[: len(order)]),
        },
        fields=fields,
    )


def mode_power(values: Floats) -> Floats:
    """The mean square of the functions (networks, ANGLES) in each mode, its two functions together: (ANGLES/2,)."""
    spectrum = np.abs(np.fft.rfft(values, axis=1)) ** 2 / ANGLES**2
    power = np.asarray(spectrum.mean(axis=0))
    power[1:] *= 2
    return power[:-1]


def share_claim(mode: int, metric: str, share: str, what: str) -> Equals[Params]:
    return Equals(
        statement=f"{what} of random ReLU networks on the circle {share} of their variance, at every width.",
        source=ARC_COSINE,
        reason="±3 %: a run averages four thousand networks.",
        x="width",
        metric=metric,
        theory=lambda _: theory.mode_share(mode),
        tolerance=0.03,
    )


ARC_COSINE = (
    "Y. Cho and L. Saul, Kernel methods for deep learning, 2009, for the kernel; its eigenvalues derived here, cf. "
    "F. Bach, Breaking the curse of dimensionality with convex neural networks, 2017"
)

EXPERIMENT = Experiment(
    title="The space of networks, seen as functions",
    chapter=13,
    section="Shape of Neural Network Spaces",
    params=Params,
    size="width",
    profiles={
        "quick": Grid(product(Params, width=[4, 20]), 8),
        "standard": Grid(product(Params, width=[1, 2, 5, 10, 20, 50]), 20),
        "deep": Grid(product(Params, width=[1, 2, 5, 10, 20, 50, 100, 500]), 100),
    },
    metrics={
        "variance": Metric("mean square of the networks on the circle"),
        "constant_share": Metric("share of the mean square in the constant"),
        "linear_share": Metric("share of the mean square in the two linear functions"),
        "second_share": Metric("share of the mean square in the two modes of order 2"),
        "odd_share": Metric("share of the mean square in the odd modes 3 to 19"),
        "mode_slope": Metric("slope of log(power) against log(order) over the even modes 2 to 20"),
        "component_1": Metric("share of the variance that the first principal component explains"),
        "components_1_to_3": Metric("share of the variance that the first three principal components explain"),
        "components_4_and_5": Metric("share of the variance that the fourth and fifth principal component explain"),
        "split": Metric("share of the second minus that of the third component, which theory has equal"),
    },
    curves={
        "spectrum": Axes(x="order k of the mode", y="mean square in the mode", x_log=True, y_log=True),
        "spectrum_law": Axes(x="order k of the mode", y="mean square in the mode, theory", x_log=True, y_log=True),
        "component_shares": Axes(x="principal component", y="share of the variance"),
    },
    fields={
        "cloud": FieldSpec("points", "400 networks on the first two components of their functions; value: their size")
    },
    run=run,
    claims={
        "variance": Equals(
            statement=r"Random ReLU networks have the mean square $K(0)=\frac12$ on the circle, at every width.",
            source=ARC_COSINE,
            reason="the usual 5 % of an equality",
            x="width",
            metric="variance",
            theory=lambda _: 0.5,
        ),
        "constant": share_claim(0, "constant_share", r"holds $4/\pi^2=0.4053$", "The constant part"),
        "linear": share_claim(1, "linear_share", r"hold $\frac12$", "The linear parts"),
        "second": share_claim(2, "second_share", r"hold $\frac{8}{9\pi^2}=0.0901$", "The two modes of order 2"),
        "principal_components": Equals(
            statement=r"The first three principal components of the functions explain $4/\pi^2+\frac12=0.9053$ of the "
            "variance: the constant and the two linear functions.",
            source=ARC_COSINE,
            reason="±3 %, as for the modes. The sum is compared, as a sample splits the equal ones.",
            x="width",
            metric="components_1_to_3",
            theory=lambda _: theory.mode_share(0) + theory.mode_share(1),
            tolerance=0.03,
        ),
        "next_components": Equals(
            statement=r"The next two explain $\frac{8}{9\pi^2}=0.0901$.",
            source=ARC_COSINE,
            reason="±3 %, as for the modes. The sum is compared, as a sample splits the equal ones.",
            x="width",
            metric="components_4_and_5",
            theory=lambda _: theory.mode_share(2),
            tolerance=0.03,
        ),
        "mode_slope": Equals(
            statement=r"The power of the even modes falls like $\lambda_k=2/(\pi^2(k^2-1)^2)$: over $k=2\dots20$ with "
            r"the log-log slope $-4.2024$ (least squares).",
            source=ARC_COSINE,
            reason="±0.2 % around the slope of the exact eigenvalues on the same modes: it tells −4.2024 from −4.2142.",
            x="width",
            metric="mode_slope",
            theory=lambda _: float(
                power_fit(EVEN.astype(float), np.array([theory.circle_eigenvalue(int(k)) for k in EVEN])).slope
            ),
            tolerance=0.002,
        ),
        "no_odd_modes": Always(
            statement=r"No bias-free ReLU network has odd modes beyond the first: "
            r"$\mathrm{relu}(z)-\mathrm{relu}(-z)=z$.",
            source="derived here: f(x) − f(−x) is linear",
            reason="Zero up to rounding, squared: 1e-28 of the mean square.",
            x="width",
            metric="odd_share",
            high=1e-28,
        ),
    },
)
