r"""
Some functions of many variables need no more neurons than functions of few. If $f$ is a mean of neurons,
$f(x) = \mathbb E_w\,\mathrm{relu}(w\cdot x)$, then the average $f_N$ of $N$ of them, drawn at random, misses it by

$$ \mathbb E\,\|f_N - f\|^2 = \frac{\mathbb E_x \operatorname{Var}_w \mathrm{relu}(w\cdot x)}{N}
   = \frac{\tfrac12 - \tfrac1{2\pi}}N , $$

**the same in every dimension** for $w \sim N(0, I/d)$, $x \sim N(0, I)$, where $f(x) = |x|/\sqrt{2\pi d}$. This is
Maurey's argument (G. Pisier, *Remarques sur un résultat non publié de B. Maurey*, 1981), with which A. R. Barron
showed that $N$ neurons reach a squared error $(2rC_f)^2/N$ on a ball of radius $r$ for every $f$ whose Fourier
transform has the first moment $C_f$ (*Universal approximation bounds for superpositions of a sigmoidal function*,
1993). The rate knows no $d$; what hides it is the constant $C_f$, which for most functions grows with the dimension.

**What the guide did.** It says that networks overcome the curse of dimensionality, and shows one network in one
dimension on one function that is a sum of functions of one variable. No rate can be seen in it.

**What is measured here.** Networks of $N$ random neurons, in dimensions 1 to 100, with two readouts. *Average*:
every readout is $1/N$. As relu is homogeneous, $f_N(x) - f(x) = |x|\,(f_N(u) - f(u))$ with $u = x/|x|$, so that the
error is $d$ times the mean over random directions, which leaves out the fluctuation of $|x|$. *Least squares*: the
readout of least population error on the same kind of neurons, from the closed forms of $\mathbb
E\,\mathrm{relu}(w_i\cdot x)\,\mathrm{relu}(w_j\cdot x)$ and $\mathbb E\,\mathrm{relu}(w_i\cdot x) f(x)$. The random
average is an upper bound for it, and a loose one.

*Trap.* $|x|$ concentrates: $\operatorname{Var} f \approx 1/4\pi d$. At $d = 100$ it is 0.0008, below the error of
$N = 400$ averaged neurons: $R^2 = 1 - \mathrm{MSE}/\operatorname{Var} f$ is negative although the law holds. A rate is
to be compared with the law, not with $R^2$.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from experiments.claims import AtMost, Equals, PowerLaw
from experiments.spec import Arrays, Axes, Curve, Experiment, FieldSpec, Grid, Metric, Outcome, product
from experiments.theory import barron as theory

Array = NDArray[np.float64]

DIRECTIONS = 50
"""Random directions on which a network is compared with f: few, since each network has its own."""
QUANTILES = np.linspace(0.025, 0.975, 39)


@dataclass(frozen=True, kw_only=True)
class Params:
    dimension: Annotated[int, "dimension d of the input"]
    neurons: Annotated[int, "neurons N"]
    readout: Annotated[str, "average (1/N) or least squares (the least population error)"] = "average"
    networks: Annotated[int, "networks drawn in a run"]


def draw_weights(params: Params, rng: Generator) -> Array:
    return np.asarray(rng.standard_normal((params.neurons, params.dimension)) / np.sqrt(params.dimension))


def average_error(params: Params, rng: Generator) -> tuple[float, Array, Array]:
    """The squared error of one averaged network, and the values of it and of f at the directions."""
    weights = draw_weights(params, rng)
    u = rng.standard_normal((DIRECTIONS, params.dimension))
    u /= np.linalg.norm(u, axis=1, keepdims=True)
    hidden = u @ weights.T
    values = np.maximum(hidden, 0, out=hidden).mean(axis=1)
    truth = np.full(DIRECTIONS, 1 / np.sqrt(2 * np.pi * params.dimension))
    return params.dimension * float(np.square(values - truth).mean()), values, truth


def least_squares_error(params: Params, rng: Generator) -> float:
    """The population error of the best readout on random neurons, with a ridge of 1e-12 of the Gram matrix's trace."""
    weights = draw_weights(params, rng)
    gram, moment = theory.neuron_products(weights), theory.target_products(weights)
    gram[np.diag_indices_from(gram)] += 1e-12 * np.trace(gram) / len(gram)
    return theory.population_error(weights, np.linalg.solve(gram, moment).astype(np.float64))


def run(params: Params, rng: Generator) -> Outcome:
    values, truth = np.empty(0), np.empty(0)
    match params.readout:
        case "average":
            drawn = [average_error(params, rng) for _ in range(params.networks)]
            errors = np.array([error for error, _, _ in drawn])
            _, values, truth = drawn[0]
        case "least squares":
            errors = np.array([least_squares_error(params, rng) for _ in range(params.networks)])
        case _:
            raise ValueError(f"the readout is average or least squares, not {params.readout!r}")
    error = float(errors.mean())
    curves = {}
    if params.networks >= len(QUANTILES):
        curves["error_quantiles"] = Curve(QUANTILES, params.neurons * np.quantile(errors, QUANTILES))

    def fields() -> Mapping[str, Arrays]:
        if not len(values):
            return {}
        index = np.arange(len(values), dtype=np.float64)
        return {"values": {"x": index, "y": np.sort(values), "value": np.sort(values) - truth}}

    return Outcome(
        metrics={
            "squared_error": error,
            "scaled_error": params.neurons * error,
            "r2": 1 - error / theory.target_variance(params.dimension),
        },
        curves=curves,
        fields=fields,
    )


NETWORKS = {1: 800, 2: 500, 10: 160, 100: 40}
"""Networks of a run, by dimension, for a mean error that spreads by about 4 %: that of one network by about (2/d)^½, of
which directions add 0.2 at most."""


def cells(neurons: tuple[int, ...], readouts: tuple[int, ...]) -> tuple[Params, ...]:
    return (
        *(
            cell
            for d, m in NETWORKS.items()
            for cell in product(Params, dimension=(d,), neurons=neurons, networks=(m,))
        ),
        *product(Params, dimension=(10, 100), neurons=readouts, readout=("least squares",), networks=(1,)),
    )


EXPERIMENT = Experiment(
    title="Random neurons reach a mean of neurons at the same rate in every dimension",
    chapter=8,
    section="High-Dimensional Approximation",
    params=Params,
    size="neurons",
    profiles={
        "quick": Grid(cells((4, 20, 100), (20, 100)), 8),
        "standard": Grid(cells((4, 20, 100, 500), (20, 100, 500)), 20),
        "deep": Grid(cells((4, 20, 100, 500, 2500), (20, 100, 500)), 100),
    },
    metrics={
        "squared_error": Metric("mean squared error of the networks of the run for x ~ N(0, I)"),
        "scaled_error": Metric("N times the mean squared error"),
        "r2": Metric("R² of the networks: 1 − squared error over the variance of f, which falls with the dimension"),
    },
    curves={
        "error_quantiles": Axes(x="quantile over networks", y="N times the squared error", y_log=True),
    },
    fields={"values": FieldSpec("points", "the first network at 50 directions, ascending; f has one value there")},
    run=run,
    claims={
        "barron_constant": Equals(
            statement=r"$N$ random neurons, averaged, have the squared error $\left(\frac12-\frac1{2\pi}\right)/N ="
            r" 0.34085/N$ in dimensions 1, 2, 10 and 100 alike.",
            source="derived here; G. Pisier, Remarques sur un résultat non publié de B. Maurey, 1981, for the argument",
            reason="the usual 5 % of an equality: a run averages so many networks that its spread is about 4 %",
            metric="scaled_error",
            theory=lambda p: theory.NEURON_VARIANCE,
            x="neurons",
            series=("dimension",),
            where=lambda p: p.readout == "average",
        ),
        "barron_slope": PowerLaw(
            statement=r"The squared error falls as $N^{-1}$ in every dimension.",
            source="A. R. Barron, Universal approximation bounds for superpositions of a sigmoidal function, 1993",
            reason="±0.05 on the exponent, a twentieth of it",
            metric="squared_error",
            slope=-1.0,
            theory=lambda p: theory.mean_squared_error(p.neurons),
            x="neurons",
            series=("dimension",),
            where=lambda p: p.readout == "average",
        ),
        "fitting_does_better": AtMost(
            statement=r"The rate is an upper bound for networks that are fitted: with the readout of least population"
            r" error on random neurons the squared error is at most $0.34085/N$.",
            source="derived here: the best readout is at least as good as 1/N, network by network",
            reason="a bound on the mean",
            metric="squared_error",
            bound=lambda p: theory.mean_squared_error(p.neurons),
            x="neurons",
            series=("dimension",),
            where=lambda p: p.readout == "least squares",
        ),
    },
)
