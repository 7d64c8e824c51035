"""Runs that go wrong, each in its own way, beside one that goes well."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from typing import Annotated

from numpy.random import Generator

from experiments.claims import Always
from experiments.spec import Experiment, Grid, Metric, Outcome, product


@dataclass(frozen=True, kw_only=True)
class Params:
    trouble: Annotated[str, "what goes wrong: nothing, raise, nan, undeclared or die"]


def run(params: Params, rng: Generator) -> Outcome:
    value = float(rng.random())
    if params.trouble == "raise" and value < 2:
        raise ArithmeticError("<b>the run raised</b>")
    if params.trouble == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if params.trouble == "undeclared":
        return Outcome(metrics={"other": value})
    return Outcome(metrics={"value": float("nan") if params.trouble == "nan" else value})


CELLS = product(Params, trouble=("nothing", "raise", "nan", "undeclared", "die"))

EXPERIMENT = Experiment(
    title="Runs that go wrong",
    chapter=1,
    section="Introduction",
    params=Params,
    profiles={"quick": Grid(CELLS, 2), "standard": Grid(CELLS, 4), "deep": Grid(CELLS[:1], 1)},
    metrics={"value": Metric("a random number")},
    run=run,
    claims={
        "bounded": Always(
            statement="values are below 1", source="elementary", reason="exact", x="trouble", metric="value", high=1.0
        )
    },
)
