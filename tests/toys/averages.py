r"""The variance of an average of $n$ independent standard normal numbers is $1/n$.

A toy that exercises all that a batch does and takes no time; `pause` makes a run last.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.random import Generator

from experiments.claims import Always, Equals, PowerLaw
from experiments.spec import Axes, Curve, Experiment, FieldSpec, Grid, Metric, Outcome, product

REPLICATES = 400


@dataclass(frozen=True, kw_only=True)
class Params:
    n: Annotated[int, "numbers in an average"]
    pause: Annotated[float, "time that a run sleeps, in seconds"] = 0.0


def run(params: Params, rng: Generator) -> Outcome:
    time.sleep(params.pause)
    averages = rng.standard_normal((REPLICATES, params.n)).mean(axis=1)
    edges = np.linspace(-4.0, 4.0, 21) / np.sqrt(params.n)
    return Outcome(
        metrics={"square": float(np.mean(averages**2)), "largest": float(np.abs(averages).max())},
        curves={"running_square": Curve(np.arange(1.0, 101.0), np.cumsum(averages[:100] ** 2) / np.arange(1, 101))},
        fields=lambda: {
            "averages": {"edges": edges, "density": np.histogram(averages, bins=edges, density=True)[0]},
        },
    )


def variance(cell: Params) -> float:
    return 1.0 / cell.n


EXPERIMENT = Experiment(
    title="The variance of an average",
    chapter=1,
    section="Introduction",
    params=Params,
    size="n",
    guide=Params(n=10),
    profiles={
        "quick": Grid(product(Params, n=(1, 10, 100)), seeds=8),
        "standard": Grid(product(Params, n=(1, 10, 100), pause=(0.0, 0.05)), seeds=20),
        "deep": Grid(product(Params, n=(1, 10, 100, 1000)), seeds=100),
    },
    metrics={"square": Metric("mean square of the averages"), "largest": Metric("greatest average in absolute value")},
    curves={"running_square": Axes(x="averages seen", y="mean square", y_log=True, role="learning")},
    fields={"averages": FieldSpec("histogram", "the averages' distribution")},
    run=run,
    claims={
        "variance": Equals(
            statement=r"$E\,\bar X^2 = 1/n$",
            source="elementary",
            reason="400 replicates a run have a relative standard deviation of 7 %",
            x="n",
            metric="square",
            theory=variance,
            tolerance=0.15,
        ),
        "slope": PowerLaw(
            statement=r"the variance falls as $n^{-1}$",
            source="elementary",
            reason="two decades of sizes",
            x="n",
            metric="square",
            theory=variance,
            tolerance=0.05,
            where=lambda cell: cell.pause == 0,
        ),
        "bounded": Always(
            statement=r"$|\bar X| \le 10$",
            source="elementary",
            reason="ten standard deviations",
            x="n",
            metric="largest",
            high=10.0,
        ),
    },
)
