r"""
Train a very wide network, and its weights hardly move. What it learns is then what the linear model of its gradients
at the start would learn, with the neural tangent kernel frozen: *lazy* training. How lazy is a network of width $n$?

**Theory.** For $f(x)=n^{-1/2}\sum_iv_i\varphi(w_i\cdot x)$ under gradient descent on a mean square, with a rate and a
time that do not depend on $n$:

- the weights move a distance that does not depend on $n$, and their norm is about $\sqrt{(d+1)n}$: the *relative*
  movement falls like $n^{-1/2}$;
- the tangent kernel and the distance of the outputs from those of the linearised network change by at most
  $O(n^{-1/2})$ (J. Lee, L. Xiao, S. Schoenholz, Y. Bahri, R. Novak, J. Sohl-Dickstein, J. Pennington, *Wide neural
  networks of any depth evolve as linear models under gradient descent*, 2019);
- for smooth activations they change by $O(1/n)$ (E. Dyer and G. Gur-Ari, *Asymptotics of wide networks from Feynman
  diagrams*, 2019; J. Huang and H.-T. Yau, *Dynamics of deep neural networks and neural tangent hierarchy*, 2019): the
  first-order changes of the neurons have random signs and cancel.

A ReLU is not smooth. Each weight moves by $n^{-1/2}$, so that a share of about $n^{-1/2}$ of the (neuron, data point)
pairs cross their kink, and each of them changes the kernel at once. The trap is to test "the kernel changes like
$n^{-1/2}$" on tanh, where a true bound looks like a false law.

**What the guide did.** Its section on wide networks trains nothing (see *gaussian_limit*).

**What is measured here.** Eight random points on the sphere of $\mathbb R^3$, fifty steps of full gradient descent on
both layers with rate $\tfrac12$, and the same steps of the linearised network, at twenty fresh points. Each label is
the network's own output at the start plus a standard normal number: so networks of every width have the same to learn
(L. Chizat, E. Oyallon, F. Bach, *On lazy training in differentiable programming*, 2019, make the first output zero).
A run is the mean over five such data sets, the same ones at every width.
Slopes between the widths 160, 500, 4000 and 16,000 of `standard`:

- relative movement: $-0.48$, $-0.49$, $-0.50$ with ReLU, $-0.50$ throughout with tanh;
- share of kinks crossed (ReLU): $-0.44$, $-0.47$, $-0.47$. The slope over all, $-0.465\pm0.008$, is not $-\tfrac12$
  but within 0.05 of it: the exponent is that of the limit, which these widths approach;
- kernel and linearisation error of tanh: $-0.94$, $-0.98$, $-0.98$ and $-0.88$, $-0.94$, $-1.05$. $n$ times
  them is 15 and 20 % more at 16,000 than at 160: this leaves $-0.97\pm0.02$ and $-0.96\pm0.02$ over all, and
  $-1\pm0.05$ undecided;
- kernel and linearisation error of the ReLU: $-0.75$, $-0.74$, $-0.67$ and $-0.59$, $-0.62$, $-0.55$. $-\tfrac12$ is
  not reached: a part that falls like $1/n$ is still there. Only the upper bound is claimed, and that tanh is lazier.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from experiments.claims import Ordered, PowerLaw, everywhere
from experiments.spec import Axes, Curve, Experiment, Grid, Metric, Outcome, product

Floats = NDArray[np.float64]

INPUTS = 3
DATA = 8
FRESH = 20
RATE = 0.5
STEPS = 50
DATA_SETS = 5
"""Of a run: the linearisation error at one of them has a spread of 70 %."""


@dataclass(frozen=True, kw_only=True)
class Params:
    width: Annotated[int, "neurons in the hidden layer"]
    activation: Annotated[str, "relu or tanh"]


class Network(NamedTuple):
    """w (width, inputs) and v (width,) of n^{-1/2} sum v_i phi(w_i·x)."""

    w: Floats
    v: Floats

    def hidden(self, X: Floats, activation: str) -> tuple[Floats, Floats]:
        """phi and its derivative at every point and neuron, both (points, width)."""
        z = X @ self.w.T
        if activation == "relu":
            return np.maximum(z, 0), (z > 0).astype(np.float64)
        h = hyperbolic_tangent(z)
        slope = h * h
        return h, np.subtract(1, slope, out=slope)

    def output_and_tangent_kernel(self, X: Floats, activation: str) -> tuple[Floats, Floats]:
        """f at the points X, (points,), and the inner products of its gradients by all weights, (points, points)."""
        h, back = self.hidden(X, activation)
        back *= self.v
        n = len(self.v)
        return h @ self.v / np.sqrt(n), (h @ h.T + (back @ back.T) * (X @ X.T)) / n

    def step(self, X: Floats, y: Floats, activation: str) -> tuple[Network, float]:
        """One step of gradient descent on half the mean square at (X, y), and the mean square before it."""
        h, slope = self.hidden(X, activation)
        residual = h @ self.v / np.sqrt(len(self.v)) - y
        rate = RATE / (len(y) * np.sqrt(len(self.v)))
        slope *= residual[:, np.newaxis]
        back = slope.T @ X
        back *= rate * self.v[:, np.newaxis]
        return Network(self.w - back, self.v - rate * (h.T @ residual)), float(np.mean(residual**2))


def hyperbolic_tangent(z: Floats) -> Floats:
    """tanh in the place of z, as 1 - 2/(exp(2z) + 1): to rounding, and twice as fast as numpy's."""
    z *= 2
    np.exp(z, out=z)
    z += 1
    np.divide(-2, z, out=z)
    z += 1
    return z


def distance(a: Network, b: Network) -> float:
    return float(np.sqrt(np.sum((a.w - b.w) ** 2) + np.sum((a.v - b.v) ** 2)))


def run(params: Params, rng: Generator) -> Outcome:
    """The data are drawn before any weights: they do not depend on the width."""
    points = rng.standard_normal((DATA_SETS, DATA + FRESH, INPUTS))
    points /= np.linalg.norm(points, axis=-1, keepdims=True)
    labels = rng.standard_normal((DATA_SETS, DATA))
    found = [trained(params, each, y, rng) for each, y in zip(points, labels, strict=True)]
    metrics = {name: float(np.mean([outcome.metrics[name] for outcome in found])) for name in found[0].metrics}
    return Outcome(metrics=metrics, curves=found[0].curves)


def trained(params: Params, points: Floats, y: Floats, rng: Generator) -> Outcome:
    """A network of random weights and its linearisation, both trained on the first points, where y is what the outputs
    are to gain; the other points are fresh."""
    X = points[:DATA]
    start = Network(rng.standard_normal((params.width, INPUTS)), rng.standard_normal(params.width))

    linear, kernel = start.output_and_tangent_kernel(points, params.activation)
    y = y + linear[:DATA]
    network, losses, linear_losses = start, [], []
    for _ in range(STEPS):
        network, loss = network.step(X, y, params.activation)
        losses.append(loss)
        linear_losses.append(float(np.mean((linear[:DATA] - y) ** 2)))
        linear = linear - RATE / DATA * (kernel[:, :DATA] @ (linear[:DATA] - y))

    moved = distance(network, start)
    crossed = (X @ network.w.T > 0) != (X @ start.w.T > 0)
    output, later_kernel = network.output_and_tangent_kernel(points, params.activation)
    steps = np.arange(1.0, STEPS + 1)
    return Outcome(
        metrics={
            "movement": moved,
            "relative_movement": moved / distance(start, Network(0 * start.w, 0 * start.v)),
            "kernel_change": float(np.linalg.norm(later_kernel - kernel) / np.linalg.norm(kernel)),
            "linearisation_error": float(np.sqrt(np.mean((output - linear)[DATA:] ** 2))),
            "crossed_share": float(crossed.mean()),
            "loss": losses[-1],
        },
        curves={"loss": Curve(steps, np.array(losses)), "linear_loss": Curve(steps, np.array(linear_losses))},
    )


def relu(cell: Params) -> bool:
    return cell.activation == "relu"


def tanh(cell: Params) -> bool:
    return cell.activation == "tanh"


LEE = (
    "J. Lee, L. Xiao, S. Schoenholz, Y. Bahri, R. Novak, J. Sohl-Dickstein, J. Pennington, Wide neural networks of any "
    "depth evolve as linear models under gradient descent, 2019"
)
SMOOTH = (
    "E. Dyer and G. Gur-Ari, Asymptotics of wide networks from Feynman diagrams, 2019; J. Huang and H.-T. Yau, "
    "Dynamics of deep neural networks and neural tangent hierarchy, 2019"
)
USUAL = "±0.05, over two decades: the usual of a slope."
NEXT_ORDER = (
    "±0.05, over two decades: the usual of a slope. At width 160 the next order still takes 15 to 20 % off, so that "
    "the slope over these widths is about -0.96: at the edge, and undecided unless the widths are larger."
)
KINKS = (
    "±0.05, over two decades: the usual of a slope. The exponent is that of the limit; at these widths the slope is "
    "measurably less steep (-0.44 at the smaller ones, -0.47 at the larger)."
)


def falls(
    slope: float,
    metric: str,
    source: str,
    statement: str,
    where: Callable[[Params], bool] = everywhere,
    reason: str = USUAL,
) -> PowerLaw[Params]:
    """The metric goes with this power of the width, within ±0.05."""
    return PowerLaw(
        statement=statement,
        source=source,
        reason=reason,
        x="width",
        where=where,
        metric=metric,
        slope=slope,
    )


def falls_at_least(metric: str, statement: str) -> PowerLaw[Params]:
    return PowerLaw(
        statement=statement,
        source=LEE,
        reason="0.05 above the exponent of the bound, the usual of a slope; how far below it lies is not claimed.",
        x="width",
        metric=metric,
        slope=(-np.inf, -0.45),
    )


PROFILES: Mapping[str, Grid[Params]] = {
    "quick": Grid(product(Params, width=[160, 400, 1000], activation=["relu", "tanh"]), 8),
    "standard": Grid(product(Params, width=[160, 500, 4000, 16_000], activation=["relu", "tanh"]), 20),
    "deep": Grid(product(Params, width=[160, 500, 4000, 16_000, 64_000], activation=["relu", "tanh"]), 100),
}

EXPERIMENT = Experiment(
    title="Lazy training",
    chapter=11,
    section="Wide Neural Networks",
    params=Params,
    size="width",
    revision=4,
    profiles=PROFILES,
    metrics={
        "movement": Metric("distance that all weights together moved in training"),
        "relative_movement": Metric("the same over the norm of the weights at the start"),
        "kernel_change": Metric("change of the tangent kernel over its norm at the start, at data and fresh points"),
        "linearisation_error": Metric(
            "root mean square difference to the outputs of the linearised network, at twenty fresh points"
        ),
        "crossed_share": Metric("share of the (neuron, data point) pairs whose preactivation changed its sign"),
        "loss": Metric("mean square at the data points before the last step"),
    },
    curves={
        "loss": Axes(x="step", y="mean square at the data points", y_log=True, role="learning"),
        "linear_loss": Axes(x="step", y="the same of the linearised network", y_log=True, role="learning"),
    },
    run=run,
    claims={
        "weights_move_alike": falls(
            0.0,
            "movement",
            LEE,
            "The distance that the weights move in training does not depend on the width: slope 0.",
        ),
        "relative_movement": falls(
            -0.5, "relative_movement", LEE, r"Relative to their norm they move by $n^{-1/2}$, whatever the activation."
        ),
        "kernel_bound": falls_at_least(
            "kernel_change", r"The tangent kernel changes by at most $O(n^{-1/2})$ in training."
        ),
        "linearisation_bound": falls_at_least(
            "linearisation_error",
            r"A network trained differs from its linearisation at the start by at most $O(n^{-1/2})$.",
        ),
        "smooth_kernel": falls(
            -1.0,
            "kernel_change",
            SMOOTH,
            r"With a smooth activation (tanh) the tangent kernel changes by $O(1/n)$ only.",
            tanh,
            NEXT_ORDER,
        ),
        "smooth_linearisation": falls(
            -1.0,
            "linearisation_error",
            SMOOTH,
            r"With a smooth activation (tanh) a trained network differs from its linearisation by $O(1/n)$ only.",
            tanh,
            NEXT_ORDER,
        ),
        "kinks_crossed": falls(
            -0.5,
            "crossed_share",
            "derived here: a neuron's weights move by n^(-1/2), and the density of preactivations at 0 is fixed",
            r"A share of about $n^{-1/2}$ of the (neuron, data point) pairs cross the kink of their ReLU.",
            relu,
            KINKS,
        ),
        "tanh_is_lazier": Ordered(
            statement="At every width the kernel of a ReLU network changes more than that of a tanh network trained on "
            "the same data from the same weights.",
            source=f"{SMOOTH}: 1/n against the n^(-1/2) of crossed kinks",
            reason="An order of means: no tolerance.",
            x="width",
            lower="kernel_change",
            upper="kernel_change",
            lower_where=tanh,
            upper_where=relu,
        ),
    },
)
