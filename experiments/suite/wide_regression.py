r"""
Double descent is a theorem for linear regression (see *double_descent*), and it is often told of networks. Does the
guide's own example show it: 20 points of a noisy sine on a line, fitted by networks of one hidden layer that are wider
and wider, *trained in all their weights*?

**Theory, and what it does not say.** A network of $h$ neurons has $P=3h+1$ parameters; it can interpolate $n=20$ points
in general position once it has $n-1$ kinks in the right places, and gradients find such a fit only with many more. On
a line nothing blows up there: a ReLU network fitted with small weights is nearly the piecewise linear function through
the data (P. Savarese, I. Evron, D. Soudry, N. Srebro, *How do infinite width bounded norm networks look in function
space?*, 2019; B. Hanin, *Ridgeless interpolation with shallow ReLU networks in 1D is nearest neighbor curvature
extrapolation*, 2021). That function overfits *benignly enough*: between two points $x_i, x_{i+1}$ its error is
$(1-u)\,e_i+u\,e_{i+1}$, whose mean square is $\tfrac23s^2$. So with more parameters than data the excess risk should
fall to about two thirds of the noise's variance $s^2=0.01$, or less where training stops before it has fitted all of
the noise, and stay there: **no peak**.

**What the guide did.** It trains one network of 1000 neurons by Adam with scikit-learn's tolerance, which ends the
training on a plateau long before it has interpolated anything, and shows the underfit as a benefit of
overparameterization. It is the cell `solver = adam` here.

**What is measured here.** A run averages four data sets, two above 16 neurons and one for the guide's network, each
with its own noise and first weights; L-BFGS without a penalty, until it stops by itself or after 1000 steps; the excess
risk against the true sine on a fine grid, and for each data set that of the piecewise linear interpolant. A network of
few neurons ends in one of several local minima, some of them with a single kink, so that the peak is judged by medians
over seeds.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from experiments.claims import AtLeast, AtMost, PeakAt
from experiments.networks.ensemble import FitJob, fit_many, predict
from experiments.spec import Axes, Curve, Experiment, Grid, Metric, Outcome, product

Floats = NDArray[np.float64]

DATA = 20
FEW, DATA_SETS = 16, {"few": 4, "more": 2, "guide": 1}
"""Averaged by a run: of few neurons, up to 16, more sets than of wide networks, which take longer: of the widths 1 and
4 single fits often end in the same minimum and tie."""
NOISE = 0.01
GRID = (np.arange(400) + 0.5) / 400


@dataclass(frozen=True, kw_only=True)
class Params:
    width: Annotated[int, "neurons in the hidden layer: 3 width + 1 parameters for 20 points"]
    solver: Annotated[str, "lbfgs (1000 steps at most), or adam as in the guide (2000 epochs at most)"] = "lbfgs"


def sine(x: Floats) -> Floats:
    return np.asarray(np.sin(2 * np.pi * x))


def interpolant_excess(y: Floats) -> float:
    """The mean squared distance to the sine of the piecewise linear function through 20 even points of [0, 1]."""
    return float(np.mean((np.interp(GRID, np.linspace(0, 1, DATA), y) - sine(GRID)) ** 2))


def run(params: Params, rng: Generator) -> Outcome:
    adam = params.solver == "adam"
    kind = "guide" if adam else "few" if params.width <= FEW else "more"
    x = np.linspace(0, 1, DATA)
    jobs = [
        FitJob(
            X=x[:, np.newaxis],
            y=sine(x) + np.sqrt(NOISE) * rng.standard_normal(DATA),
            hidden=(params.width,),
            seed=int(rng.integers(2**31)),
            solver=params.solver,
            alpha=0.0,
            max_iter=2000 if adam else 1000,
        )
        for _ in range(DATA_SETS[kind])
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that the steps ran out is a metric
        results = list(fit_many(jobs, workers=1))
    on_grid, at_data = (np.asarray(predict(results, at[:, np.newaxis]), dtype=np.float64)[..., 0] for at in (GRID, x))
    return Outcome(
        metrics={
            "excess_risk": float(np.mean((on_grid - sine(GRID)) ** 2)),
            "train_error": float(np.mean((at_data - [job.y for job in jobs]) ** 2)),
            "interpolant_excess": float(np.mean([interpolant_excess(np.asarray(job.y)) for job in jobs])),
            "iterations": float(np.mean([result.n_iter_ for result in results])),
            "parameters": 3.0 * params.width + 1,
        },
        curves={"fit": Curve(GRID[::4], on_grid[0, ::4]), "sine": Curve(GRID[::4], sine(GRID[::4]))},
    )


def trained_out(cell: Params) -> bool:
    return cell.solver == "lbfgs"


GUIDE = Params(width=1000, solver="adam")
WIDTHS = (1, 4, 7, 10, 16, 30, 100, 300)
HANIN = (
    "B. Hanin, Ridgeless interpolation with shallow ReLU networks in 1D is nearest neighbor curvature extrapolation, "
    "2021; the constant derived here"
)

PROFILES: Mapping[str, Grid[Params]] = {
    "quick": Grid((*product(Params, width=[1, 7, 30]), GUIDE), 3),
    "standard": Grid((*product(Params, width=WIDTHS), GUIDE), 20),
    "deep": Grid((*product(Params, width=(*WIDTHS, 1000)), GUIDE), 100),
}

EXPERIMENT = Experiment(
    title="Wider networks on a noisy sine: no peak",
    chapter=15,
    section="Generalization in the Overparameterized Regime",
    params=Params,
    profiles=PROFILES,
    size="width",
    revision=3,
    guide=GUIDE,
    metrics={
        "excess_risk": Metric("mean squared distance to the true sine on [0, 1], over the run's data sets"),
        "train_error": Metric("mean squared residual at the 20 points, over the run's data sets"),
        "interpolant_excess": Metric("mean excess risk of the piecewise linear functions through the same points"),
        "iterations": Metric("mean steps of L-BFGS or epochs of Adam", "steps"),
        "parameters": Metric("weights and biases, 3 width + 1"),
    },
    curves={
        "fit": Axes(x="x", y="network"),
        "sine": Axes(x="x", y="true function"),
    },
    run=run,
    claims={
        "no_peak": PeakAt(
            statement="Of networks trained in all their weights the one of a single neuron has the greatest median "
            "excess risk: nowhere, and not where parameters equal data (7 neurons), is there a peak above it.",
            source="derived here: on a line a fit with small weights is nearly a piecewise linear interpolant, which "
            "has no peak; the contrast is double_descent",
            reason="The place of the maximum is the claim.",
            x="width",
            where=trained_out,
            metric="excess_risk",
            at=1,
        ),
        "plateau_below_the_noise": AtMost(
            statement=r"From 100 neurons on (301 parameters, 20 points) the mean excess risk is at most two thirds of "
            r"the noise's variance, $\tfrac23s^2=0.0067$, that of a piecewise linear interpolant: fitting the noise "
            "costs less than the noise.",
            source=HANIN,
            reason="the prediction for an interpolant, which training approaches from below: no tolerance.",
            x="width",
            where=lambda cell: trained_out(cell) and cell.width >= 100,
            metric="excess_risk",
            bound=lambda _: 2 / 3 * NOISE,
        ),
        "guide_underfits": AtLeast(
            statement=r"The guide's network, 3001 parameters trained by Adam to scikit-learn's tolerance, does not "
            r"interpolate: its mean training error is above the noise's variance, $s^2=0.01$.",
            source="derived here: a loss that falls by less than 1e-4 an epoch ends the training, and near its end the "
            "loss falls more slowly than that",
            reason="An order; an interpolating network would have 0, and the true sine 0.01.",
            x="width",
            where=lambda cell: cell == GUIDE,
            metric="train_error",
            bound=lambda _: NOISE,
        ),
    },
)
