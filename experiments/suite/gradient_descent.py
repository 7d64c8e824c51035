r"""
How fast does gradient descent converge? On a strongly convex quadratic the answer is exact, and it depends on the
condition number $\kappa = L/\mu$ alone. Per step the distance to the minimum shrinks in the end by

| method | step | factor |
|---|---|---|
| gradient descent | $1/L$ | $1-\frac1\kappa$ |
| gradient descent | $\frac2{L+\mu}$ | $\frac{\kappa-1}{\kappa+1}$ |
| heavy ball (B. T. Polyak, 1964) | $\frac4{(\sqrt L+\sqrt\mu)^2}$ | $\frac{\sqrt\kappa-1}{\sqrt\kappa+1}$ |
| Nesterov (1983, 2004), constant momentum $\frac{\sqrt\kappa-1}{\sqrt\kappa+1}$ | $\frac1L$ | $1-\frac1{\sqrt\kappa}$ |

so that descent needs $O(\kappa)$ steps and momentum $O(\sqrt\kappa)$. With a fixed step $h$ gradient descent converges
if and only if $h < 2/L$.

**The guide** trains by a step size of 1 that it never mentions, and measures no rate (its snippet is in
*xor_training*). The rates are what its sentence "gradient descent and its variants" leaves out.

**What is measured here.** Thirty eigenvalues evenly spaced from $\mu = 1/\kappa$ to $L = 1$, and starts in random
directions. (A rotation of the quadratic rotates the whole path, so that a diagonal one loses nothing.) The error is the
root mean square over the starts, and theory is its exact expectation: with $w_k = p_k(\lambda)\,w_0$ in each
eigendirection, $\left(\frac1d\sum_ip_k(\lambda_i)^2\right)^{1/2}$ by powers of a $2\times2$ matrix, which shares no
step with the iteration that it judges.

- *The trap of the double root.* At the tuned parameters the heavy ball has a double root at $\mu$ and at $L$, Nesterov
  at $\mu$. There the error is of the order $k\rho^k$, not $\rho^k$: a measured rate is **worse** than the factor above
  at every finite $k$, by $O(1/k)$. The asymptotic factor is a bound from one side only; the two-sided comparison is
  with the matrix powers.
- *The trap of the exponent.* For the same reason the number of steps to $10^{-6}$ grows a little faster than
  $\sqrt\kappa$: on $\kappa = 10\dots1000$ the slope of the exact formula is about 0.54, and a measurement that found
  0.50 would be wrong.
- *The edge.* At 0.999 of $2/L$ the error after 20 000 steps has fallen by some $10^{17}$, at 1.001 it has grown by as
  much.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import Annotated

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from experiments.claims import Always, AtMost, Equals, PowerLaw
from experiments.spec import Axes, Curve, Experiment, Grid, Metric, Outcome, product
from experiments.theory import descent as theory

DIMENSION = 30
ACCURACY = 1e-6
FAR = 1e-20
"""Methods that converge are followed to this relative error; the minimum is at 0, so that nothing rounds off."""
EDGE_STEPS = 20_000
STABLE, UNSTABLE = "gradient 0.999·2/L", "gradient 1.001·2/L"


@dataclass(frozen=True, kw_only=True)
class Params:
    method: Annotated[
        str, "gradient 1/L, gradient 2/(L+mu), heavy ball, nesterov, or gradient C·2/L at the edge of stability"
    ]
    kappa: Annotated[float, "condition number L/μ of the quadratic"]
    starts: Annotated[int, "random starts in a run"] = 128


def steps(params: Params) -> int:
    if params.method in theory.METHODS:
        return theory.iterations(params.method, params.kappa, DIMENSION, FAR)
    return EDGE_STEPS


def run(params: Params, rng: Generator) -> Outcome:
    from experiments.networks.linear_descent import squared_errors

    w = rng.standard_normal((params.starts, DIMENSION))
    w /= np.linalg.norm(w, axis=1, keepdims=True)
    last = steps(params)
    rule = theory.recurrence(params.method, params.kappa)
    shown = recorded_steps(last)
    converges = params.method in theory.METHODS
    exact = theory.iterations(params.method, params.kappa, DIMENSION, ACCURACY) if converges else 0
    # the exact answer says only where to look: every step for a tenth of it on both sides
    near = np.arange(math.floor(0.9 * exact), math.ceil(1.1 * exact) + 2) if converges else shown
    recorded = np.union1d(shown, np.union1d(near, [last // 2]))
    eigenvalues = theory.spectrum(params.kappa, DIMENSION)
    squares = squared_errors(w, eigenvalues, rule.step, rule.momentum, rule.ahead, recorded)
    errors = np.sqrt(squares.mean(axis=1))
    at = {int(k): float(error) for k, error in zip(recorded, errors, strict=True)}

    metrics = {
        "decay": -math.log(at[last] / at[last // 2]) / (last - last // 2),
        "final_log10_error": math.log10(at[last]),
    }
    arrived = [k for k, error in at.items() if error <= ACCURACY]
    if converges and arrived and arrived[0] > near[0]:
        metrics["iterations"] = float(arrived[0])
    positive = shown[shown > 0].astype(np.float64)
    predicted = [theory.rms_error(params.method, params.kappa, DIMENSION, int(k)) for k in positive]
    return Outcome(
        metrics=metrics,
        curves={
            "error": Curve(positive, np.array([at[int(k)] for k in positive])),
            "exact": Curve(positive, np.array(predicted)),
            "asymptote": Curve(positive, theory.contraction(params.method, params.kappa) ** positive),
        },
    )


def recorded_steps(last: int) -> NDArray[np.int64]:
    """Sixty steps from 0 to the last."""
    return np.unique(np.rint(np.linspace(0, last, 60)).astype(np.int64))


def window(params: Params) -> float:
    last = steps(params)
    return theory.decay(params.method, params.kappa, DIMENSION, last // 2, last)


def exact_iterations(params: Params) -> float:
    return theory.iterations(params.method, params.kappa, DIMENSION, ACCURACY)


def asymptotic_decay(params: Params) -> float:
    return -math.log(theory.contraction(params.method, params.kappa))


def converging(params: Params) -> bool:
    return params.method in theory.METHODS


def momentum(params: Params) -> bool:
    return params.method in ("heavy ball", "nesterov")


def plain(params: Params) -> bool:
    return converging(params) and not momentum(params)


KAPPAS = (10.0, 30.0, 100.0, 300.0, 1000.0)
TEXTBOOK = "Y. Nesterov, Introductory Lectures on Convex Optimization, 2004"
POLYAK = "B. T. Polyak, Some methods of speeding up the convergence of iteration methods, 1964"
MATRIX = "derived here: exact powers of the 2 × 2 matrix of the recurrence, averaged over random directions"


def cells(kappas: tuple[float, ...], starts: int = 128) -> tuple[Params, ...]:
    tuned = product(Params, method=theory.METHODS, kappa=kappas, starts=[starts])
    return tuned + product(Params, method=[STABLE, UNSTABLE], kappa=kappas[:1], starts=[starts])


equals = partial(Equals[Params], x="kappa", series=("method",))
count_grows = partial(
    PowerLaw[Params], tolerance=0.01, metric="iterations", theory=exact_iterations, x="kappa", series=("method",)
)
at_the_edge = partial(
    Always[Params],
    source=TEXTBOOK,
    reason="the start's share of the last eigenvalue moves the exponent by a fraction of 1; the claim is the sign",
    metric="final_log10_error",
    x="kappa",
)

EXPERIMENT = Experiment(
    title="Rates of gradient descent and momentum",
    chapter=10,
    section="Training of Neural Networks",
    params=Params,
    size="kappa",
    profiles={
        "quick": Grid(cells((10.0, 30.0, 100.0)), 8),
        "standard": Grid(cells(KAPPAS), 20),
        "deep": Grid(cells((*KAPPAS, 3000.0, 10_000.0)), 100),
    },
    metrics={
        "iterations": Metric("steps until the error is 1e-6 of that at the start", "steps"),
        "decay": Metric("fall of the logarithm of the error in a step, over the second half of the run"),
        "final_log10_error": Metric("log10 of the last error, relative to the start's"),
    },
    curves={
        "error": Axes(x="step k", y="|w| relative to the start, root mean square over starts", y_log=True),
        "exact": Axes(x="step k", y="the same, exact expectation", y_log=True),
        "asymptote": Axes(x="step k", y="asymptotic factor to the power k", y_log=True),
    },
    run=run,
    claims={
        "gradient_rate": equals(
            statement=r"Gradient descent contracts by $1-1/\kappa$ a step with $h=1/L$ and by $(\kappa-1)/(\kappa+1)$"
            r" with $h=2/(L+\mu)$: the logarithm of the error falls by minus the logarithm of that.",
            source=TEXTBOOK,
            reason="±2 %: the window starts where the error is 1e-10, which leaves a trace of the faster eigenvalues",
            tolerance=0.02,
            metric="decay",
            theory=asymptotic_decay,
            where=plain,
        ),
        "momentum_rate_one_sided": AtMost(
            statement=r"With momentum a double root makes the error behave as $k\rho^k$: it falls more slowly than"
            r" $\rho = (\sqrt\kappa-1)/(\sqrt\kappa+1)$ (heavy ball) or $1-1/\sqrt\kappa$ (Nesterov) at every finite"
            r" $k$.",
            source=f"{POLYAK}; {TEXTBOOK}; the side is derived here",
            reason="one-sided: the limit is approached from one side",
            metric="decay",
            bound=asymptotic_decay,
            x="kappa",
            series=("method",),
            where=momentum,
        ),
        "exact_rate": equals(
            statement=r"Over the second half of a run to $10^{-20}$ every method falls at the rate of its exact matrix"
            r" powers, double roots included; at the edge of stability at $-\ln|1-hL|$.",
            source=MATRIX,
            reason="±1 %: all that the random directions leave",
            tolerance=0.01,
            metric="decay",
            theory=window,
        ),
        "iterations": equals(
            statement=r"The number of steps to $10^{-6}$ is that of the exact matrix powers, at every $\kappa$.",
            source=MATRIX,
            reason="±2 %: with 128 random starts the weight of the slowest direction is known to 6 %, a part in 200 of"
            " ln 1e-6; the count is an integer",
            tolerance=0.02,
            metric="iterations",
            theory=exact_iterations,
            where=converging,
        ),
        "gradient_slope": count_grows(
            statement=r"Gradient descent needs a number of steps proportional to $\kappa$.",
            source=TEXTBOOK,
            reason="±0.01 around the slope of the exact count on the same condition numbers, which is within 0.01 of 1",
            where=plain,
        ),
        "momentum_slope": count_grows(
            statement=r"Momentum needs a number of steps proportional to $\sqrt\kappa$ but for the double root, which"
            r" on this grid makes the slope of the exact count 0.54 or so in place of 0.50.",
            source=MATRIX,
            reason="±0.01 around the slope of the exact count on the same condition numbers: enough to tell it from"
            " 1/2",
            where=momentum,
        ),
        "stable_below_two_over_l": at_the_edge(
            statement=r"With $h = 0.999\cdot2/L$ gradient descent converges: $|1-hL| = 0.998$, and 20 000 steps shrink"
            r" the error by about $10^{-17.4}$.",
            high=-16,
            where=lambda p: p.method == STABLE,
        ),
        "diverges_above_two_over_l": at_the_edge(
            statement=r"With $h = 1.001\cdot2/L$ it diverges: $|1-hL| = 1.002$, a factor of about $10^{17.4}$.",
            low=16,
            where=lambda p: p.method == UNSTABLE,
        ),
    },
)
