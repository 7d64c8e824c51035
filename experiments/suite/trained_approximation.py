r"""
A network of $N$ neurons *can* come within $37.5/N^2$ of the guide's function $f(x)=\sin x+\tfrac12\cos2x$ on $[-5,5]$
(experiment *universal_approximation*). Does training find it? The theorem of universal approximation does not say.

**What the guide did.** 20 neurons, 200 points, learning rate $0.01$, 10 000 steps. Beside the missing import the
gradient is wrong: the code multiplies the residual by the network's *output*, `nn.forward(x).T @ grad`, where the
*hidden activations* belong; the product is one number, and NumPy adds it to all twenty output weights. The hidden
weights and biases are never trained, there is no seed, and the loss is computed for nothing. As written it
**diverges** within a few steps, and the picture has no curve.

**What is measured here.** The guide's training as written; with the right gradient for the output weights alone, which
is convex: gradient descent with rate $\eta$ on a quadratic diverges if and only if $\eta\,\lambda_{\max} > 2$ with
$\lambda_{\max}$ the greatest eigenvalue of the Hessian $\frac2n\Phi^\top\Phi$ of its features $\Phi$; hence also rates
just below and just above that limit. The guide's $0.01$ is near it, for some hidden layers beyond it. Then gradient
descent on all weights, and Adam with a cosine schedule (6000 steps from $0.01$) at growing $N$.

More neurons help, but as $N^{-1}$ and not as $N^{-4}$: **training, not approximation, is the bottleneck**. From 8 to
800 neurons Adam's mean squared error falls from $0.07$ to $0.0004$, that of the interpolant with as many pieces from
$0.05$ to $5\cdot10^{-10}$, and their ratio grows with $N$.
And however it was trained, no network comes below the certified $E_{N+1}$. Errors are integrals over $[-5,5]$, not
means over the training points. Optimization has heavy tails; slopes are medians over seeds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from experiments.claims import Always, Ordered, PowerLaw
from experiments.networks.pieces import shallow_kinks, shallow_output
from experiments.spec import Arrays, Axes, Curve, Experiment, FieldSpec, Grid, Metric, Outcome, Snippet, product
from experiments.theory import best_lines as theory

Floats = NDArray[np.float64]

X = np.linspace(theory.LOW, theory.HIGH, 200)
"""The guide's training points."""
Y = theory.values(X)
SHOWN_X = np.linspace(theory.LOW, theory.HIGH, 201)
MOST_RECORDS = 100


@dataclass(frozen=True, kw_only=True)
class Params:
    neurons: Annotated[int, "neurons of the hidden layer"] = 20
    training: Annotated[
        str,
        "as written (the guide's wrong gradient), head (output weights only), head at limit (its rate in units of the"
        " limit 2/λ), all (gradient descent on all weights) or adam",
    ]
    rate: Annotated[float, "learning rate (in units of its limit for head at limit)"] = 0.01
    steps: Annotated[int, "steps"] = 10_000


@dataclass(frozen=True)
class Trained:
    """theta = (w, b, v, c), the steps done before the end or a divergence, and the loss before some steps."""

    theta: Floats
    steps: int
    diverged: bool
    recorded: NDArray[np.int64]
    losses: Floats


def greatest_eigenvalue(theta: Floats) -> float:
    """Of the Hessian of the mean squared error in the output weights and bias."""
    n = len(theta) // 3
    features = np.column_stack((np.maximum(np.outer(X, theta[:n]) + theta[n : 2 * n], 0), np.ones(len(X))))
    return float(np.linalg.norm(features, 2) ** 2 * 2 / len(X))


def train_as_written(theta: Floats, rate: float, recorded: NDArray[np.int64], steps: int) -> Trained:
    """The guide's loop: output times residual, added to every output weight."""
    from experiments.networks.line_descent import HUGE

    theta, n = theta.copy(), len(theta) // 3
    losses: Floats = np.full(len(recorded), np.nan)
    hidden = np.maximum(np.outer(X, theta[:n]) + theta[n : 2 * n], 0)
    for step in range(steps):
        output = hidden @ theta[2 * n : 3 * n] + theta[-1]
        loss = float(np.mean((output - Y) ** 2))
        losses[recorded == step] = loss if loss < HUGE else np.nan
        if not loss < HUGE:
            return Trained(theta, step, True, recorded, losses)
        gradient = 2 * (output - Y) / len(X)
        theta[2 * n : 3 * n] -= rate * (output @ gradient)
        theta[-1] -= rate * gradient.sum()
    return Trained(theta, steps, False, recorded, losses)


def train(params: Params, theta: Floats) -> Trained:
    """Trains a copy of theta."""
    recorded = np.unique(np.geomspace(1, params.steps, MOST_RECORDS).astype(np.int64) - 1)
    if params.training == "as written":
        return train_as_written(theta, params.rate, recorded, params.steps)
    from experiments.networks.line_descent import descend

    rates = np.full(params.steps, params.rate)
    match params.training:
        case "head at limit":
            rates *= 2 / greatest_eigenvalue(theta)
        case "adam":
            rates *= (1 + np.cos(np.pi * np.arange(params.steps) / params.steps)) / 2
        case "head" | "all":
            pass
        case _:
            raise ValueError(f"no training called {params.training!r}")
    theta, losses = theta.copy(), np.empty(len(recorded))
    done = descend(theta, X, Y, rates, params.training.startswith("head"), params.training == "adam", recorded, losses)
    return Trained(theta, done, done < params.steps, recorded, losses)


def run(params: Params, rng: Generator) -> Outcome:
    n = params.neurons
    theta = rng.standard_normal(3 * n + 1)  # the guide's initialisation
    trained = train(params, theta)
    metrics = {"diverged": float(trained.diverged), "steps_done": float(trained.steps)}
    if params.training.startswith("head"):
        limit = 2 / greatest_eigenvalue(theta)
        share = params.rate if params.training == "head at limit" else params.rate / limit
        metrics |= {
            "rate_over_limit": share,
            "eigenvalue": 2 / limit,
            "wrongly_predicted": float(trained.diverged != (share > 1)),
        }
    known = np.isfinite(trained.losses)
    curves = {"loss": Curve(np.asarray(trained.recorded[known] + 1.0, dtype=np.float64), trained.losses[known])}
    if trained.diverged:
        return Outcome(metrics=metrics, curves=curves)

    w, b, v = trained.theta[:-1].reshape(3, n)
    inside = shallow_kinks(w, b, v).inside(theory.LOW, theory.HIGH).at
    knots = np.concatenate(([theory.LOW], inside, [theory.HIGH]))
    heights = shallow_output(w, b, v, knots) + trained.theta[-1]
    uniform = np.linspace(theory.LOW, theory.HIGH, n + 1)
    mse = theory.mean_squared_error(knots, heights)
    metrics |= {
        "mse": mse,
        "sup": theory.greatest_error(knots, heights),
        "pieces": float(len(knots) - 1),
        "over_interpolant": mse / theory.mean_squared_error(uniform, theory.values(uniform)),
    }
    metrics["over_oracle"] = metrics["sup"] / theory.oracle(n + 1).lower
    curves["fit"] = Curve(SHOWN_X, np.interp(SHOWN_X, knots, heights))

    def fields() -> Mapping[str, Arrays]:
        return {"knots": {"x": knots, "y": heights, "value": heights - theory.values(knots)}}

    return Outcome(metrics=metrics, curves=curves, fields=fields)


def cells(adam: tuple[int, ...]) -> tuple[Params, ...]:
    return (
        GUIDE,
        Params(training="head"),
        *product(Params, training=("head at limit",), rate=(0.95, 1.05)),
        Params(training="all"),
        *product(Params, neurons=adam, training=("adam",), steps=(6000,)),
    )


def is_training(*names: str) -> Callable[[Params], bool]:
    return lambda p: p.training in names


GUIDE = Params(training="as written")
SIZES = (8, 16, 32, 64, 128, 800)

EXPERIMENT = Experiment(
    title="Training is the bottleneck",
    chapter=3,
    section="Universal Approximation",
    params=Params,
    size="neurons",
    guide=GUIDE,
    profiles={
        "quick": Grid(cells((8, 16, 32)), 8),
        "standard": Grid(cells(SIZES), 20),
        "deep": Grid(cells((*SIZES, 256)), 100),
    },
    metrics={
        "diverged": Metric("1 if the loss exceeded 1e12 or was not a number, else 0"),
        "steps_done": Metric("steps done before the end or a divergence"),
        "rate_over_limit": Metric("learning rate over its limit 2/λ"),
        "eigenvalue": Metric("greatest eigenvalue λ of the Hessian in the output weights"),
        "wrongly_predicted": Metric("1 if the training diverged below the limit or did not above it, else 0"),
        "mse": Metric("mean squared error on [−5, 5]"),
        "sup": Metric("greatest error on [−5, 5], exact"),
        "pieces": Metric("affine pieces on [−5, 5], exact"),
        "over_interpolant": Metric("mean squared error over that of the interpolant at N + 1 equispaced knots"),
        "over_oracle": Metric("greatest error over the certified lower bound for N + 1 pieces"),
    },
    curves={
        "loss": Axes(x="step", y="mean squared error at the training points", x_log=True, y_log=True, role="learning"),
        "fit": Axes(x="x", y="the trained network"),
    },
    fields={"knots": FieldSpec("points", "the knots of the trained network; the colour is the error there")},
    run=run,
    claims={
        "as_written_diverges": Always(
            statement="Trained as the guide has it, with the output in place of the hidden activations, the network"
            " diverges in every run.",
            source="measured here; every output weight moves by the same number",
            reason="one run that stays finite would refute it: no tolerance",
            metric="diverged",
            low=1,
            x="neurons",
            where=is_training("as written"),
        ),
        "stability_limit": Always(
            statement=r"Gradient descent on the output weights diverges if and only if its rate exceeds"
            r" $2/\lambda_{\max}$ (10 000 steps; rates at 0.95 and 1.05 of the limit, and the guide's 0.01).",
            source="Y. Nesterov, Introductory lectures on convex optimization, 2004: each eigendirection shrinks by"
            " 1 − ηλ in a step",
            reason="an equivalence: no tolerance",
            metric="wrongly_predicted",
            high=0,
            x="rate",
            series=("training",),
            where=is_training("head", "head at limit"),
        ),
        "nobody_beats_the_oracle": Always(
            statement=r"However it was trained, no network with $N$ neurons has a greatest error below $E_{N+1}$.",
            source="derived here: a certificate of the least error of N + 1 affine pieces",
            reason="1e-9 relative, for rounding",
            metric="over_oracle",
            low=1 - 1e-9,
            x="neurons",
            series=("training",),
            where=is_training("all", "adam"),
        ),
        "all_beats_head": Ordered(
            statement="After 10 000 steps of gradient descent, training all weights at the guide's rate fits better"
            " than training the output weights alone, at 0.95 of the rate that they bear.",
            source="measured here",
            reason="an order: no tolerance",
            lower="mse",
            upper="mse",
            lower_where=is_training("all"),
            upper_where=lambda p: p.training == "head at limit" and p.rate < 1,
            x="neurons",
        ),
        "trained_slope": PowerLaw(
            statement=r"The mean squared error of networks trained by Adam falls more slowly than $N^{-2.5}$ where the"
            r" interpolant's falls like $N^{-4}$ (median over seeds of each seed's slope, $N = 8,\dots,800$).",
            source="measured here: training, not approximation, is the bottleneck",
            reason="−2.5 leaves a wide gap to −4",
            metric="mse",
            slope=(-2.5, np.inf),
            statistic="median",
            x="neurons",
            where=is_training("adam"),
        ),
        "ratio_grows": PowerLaw(
            statement=r"Their error over that of the interpolant with as many pieces grows with $N$.",
            source="measured here",
            reason="any positive exponent (median over seeds)",
            metric="over_interpolant",
            slope=(0.0, np.inf),
            statistic="median",
            x="neurons",
            where=is_training("adam"),
        ),
    },
    snippets=(
        Snippet(
            number=3,
            heading="Universal Approximation",
            outcome="Stops with NameError: name 'np' is not defined. With `import numpy as np` the weights overflow"
            " within 25 steps, with warnings, and the plot has no approximation in it.",
            fault="The gradient of the output weights is taken with the network's output in place of the hidden"
            " activations, so that one number is added to all of them. w1 and b1 are never trained. No seed. The loss"
            " is computed and not used.",
            measured="With the legacy seeds 0 to 19 the mean squared error exceeds 1e12 after 3 to 18 steps and is no"
            " number after 9 to 24. With the right gradient of the output weights none diverges, and the error at the"
            " training points is 0.085 in the median (0.043 to 0.172; the variance of the target is 0.659); the"
            " eigenvalues are 59 to 186, so that the rate 0.01 is below every limit, the least being 0.0107. Training"
            " all weights leaves 0.016 (0.0042 to 0.069).",
        ),
    ),
)
