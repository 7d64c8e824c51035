r"""
Pictures of loss landscapes show a slice, $L(\theta + s\,d_1 + t\,d_2)$, along two random directions. "Sharp" and
"flat" are read off them. But a ReLU network has many faces: since $\mathrm{relu}(cz) = c\,\mathrm{relu}(z)$, the
weights $(cW, cb, v/c)$ give the same function, at the same loss, for every $c > 0$, and a direction of fixed length
is short for one of them and long for another. **Without normalisation, flatness means nothing** (L. Dinh, R. Pascanu,
S. Bengio and Y. Bengio, *Sharp minima can generalize for deep nets*, 2017). The remedy is to give each filter of the
direction, the weights into one neuron, the length of the same filter of the network (H. Li, Z. Xu, G. Taylor, C.
Studer and T. Goldstein, *Visualizing the loss landscape of neural nets*, 2018). Filter and direction then scale
together and the slice is **exactly** the same:

$$ L(\theta_c + s\,\hat d_c) = L(\theta + s\,\hat d) \qquad\text{for all } c, s. $$

It cures one scale for the whole layer, no more. With a scale of its own for each neuron, $(c_jw_j, c_jb_j, v_j/c_j)$,
the function is still the same; but the readout is one filter, its entries change by different factors, and the
normalised slice changes with them.

**The guide** draws the "loss landscape" of a formula (*loss_landscape*); no network is there to slice.

**What is measured here.** A network of 32 ReLU neurons is trained (scikit-learn's Adam) on 100 points of a smooth
function of two variables. The loss is evaluated on the same 25 × 25 places of a plane for the trained weights and for
rescaled ones, with the same two random directions, each time plain (one length for the whole direction, that of the
trained weights) and filter-normalised. Change means the greatest relative difference of two surfaces at the same
place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from experiments.claims import Always, AtLeast
from experiments.networks.slices import Weights, filter_normalised, random_direction, surface
from experiments.spec import Arrays, Axes, Curve, Experiment, FieldSpec, Grid, Metric, Outcome, product

Floats = NDArray[np.float64]

SIDE = np.linspace(-1, 1, 25)
POINTS = 100


@dataclass(frozen=True, kw_only=True)
class Params:
    scale: Annotated[float, "c of the rescaling (cW, cb, v/c); neurons of their own draw c_j between 1/c and c"]
    hidden: Annotated[int, "neurons in the hidden layer"] = 32
    iterations: Annotated[int, "most iterations of Adam"] = 500


def train(params: Params, rng: Generator) -> tuple[Weights, Floats, Floats]:
    """The trained weights with its data X (n, 2), y (n,)."""
    from experiments.networks.ensemble import FitJob, fit_many

    X = rng.standard_normal((POINTS, 2))
    y = np.sin(2 * X[:, 0]) + np.cos(X[:, 1])
    seed = int(rng.integers(2**31))
    (fitted,) = fit_many(
        [FitJob(X=X, y=y, hidden=(params.hidden,), alpha=0, seed=seed, max_iter=params.iterations)], workers=1
    )
    (W, v), (b, a) = fitted.coefs_, fitted.intercepts_
    neurons = np.column_stack([W.T, b]).astype(np.float64)
    return Weights(neurons, v[:, 0].astype(np.float64), float(a[0])), X, y


def run(params: Params, rng: Generator) -> Outcome:
    weights, X, y = train(params, rng)
    directions = random_direction(weights, rng), random_direction(weights, rng)
    equal = weights.rescaled(np.full(params.hidden, params.scale))
    unequal = weights.rescaled(params.scale ** rng.uniform(-1, 1, params.hidden))
    length = np.sqrt(np.sum(weights.neurons**2) + np.sum(weights.readout**2) + weights.offset**2)
    parameters = weights.neurons.size + weights.readout.size + 1
    plain_directions = [
        Weights(np.zeros_like(weights.neurons), np.zeros_like(weights.readout), 0.0).moved(
            direction, float(length / np.sqrt(parameters))
        )
        for direction in directions
    ]

    def plain(network: Weights) -> Floats:
        return surface(network, plain_directions[0], plain_directions[1], SIDE, X, y)

    def normalised(network: Weights) -> Floats:
        first, second = (filter_normalised(direction, network) for direction in directions)
        return surface(network, first, second, SIDE, X, y)

    plain_own, plain_equal = plain(weights), plain(equal)
    own, same, other = normalised(weights), normalised(equal), normalised(unequal)
    middle = len(SIDE) // 2

    def change(one: Floats, two: Floats) -> float:
        return float(np.max(np.abs(one - two) / one))

    def rise(values: Floats) -> float:
        """Mean loss at the rim of the slice over the loss in its middle."""
        rim = np.concatenate([values[0], values[-1], values[:, 0], values[:, -1]])
        return float(rim.mean() / values[middle, middle])

    metrics = {
        "loss": float(own[middle, middle]),
        "function_change": float(
            max(np.max(np.abs(network.outputs(X) - weights.outputs(X))) for network in (equal, unequal))
        ),
        "filter_change": change(own, same),
        "plain_change": change(plain_own, plain_equal),
        "unequal_change": change(own, other),
        "plain_rise_ratio": rise(plain_equal) / rise(plain_own),
        "filter_rise_ratio": rise(same) / rise(own),
    }
    curves = {
        "plain": Curve(SIDE, plain_own[middle]),
        "plain_rescaled": Curve(SIDE, plain_equal[middle]),
        "filter": Curve(SIDE, own[middle]),
        "filter_rescaled": Curve(SIDE, same[middle]),
    }

    def fields() -> Mapping[str, Arrays]:
        return {
            name: {"x": SIDE, "y": SIDE, "z": np.log10(values)}
            for name, values in (("plain", plain_own), ("plain_rescaled", plain_equal), ("filter", own))
        }

    return Outcome(metrics=metrics, curves=curves, fields=fields)


LI = "H. Li, Z. Xu, G. Taylor, C. Studer and T. Goldstein, Visualizing the loss landscape of neural nets, 2018"
DINH = "L. Dinh, R. Pascanu, S. Bengio and Y. Bengio, Sharp minima can generalize for deep nets, 2017"

EXPERIMENT = Experiment(
    title="Slices of a network's landscape",
    chapter=12,
    section="Loss Landscape Analysis",
    params=Params,
    size="scale",
    profiles={
        "quick": Grid(product(Params, scale=[0.1, 10.0]), 3),
        "standard": Grid(product(Params, scale=[0.1, 0.3, 3.0, 10.0]), 20),
        "deep": Grid(product(Params, scale=[0.01, 0.1, 0.3, 3.0, 10.0, 100.0], hidden=[32, 128]), 100),
    },
    metrics={
        "loss": Metric("mean squared error of the trained network"),
        "function_change": Metric("greatest difference of the outputs of the rescaled networks to its own"),
        "filter_change": Metric("change of the filter-normalised slice under one scale for all neurons"),
        "plain_change": Metric("change of the plain slice under one scale for all neurons"),
        "unequal_change": Metric("change of the filter-normalised slice under a scale for each neuron"),
        "plain_rise_ratio": Metric("rise of the loss from middle to rim of the plain slice, rescaled over trained"),
        "filter_rise_ratio": Metric("the same for the filter-normalised slice"),
    },
    curves={
        "plain": Axes(x="s", y="loss along a plain direction", y_log=True),
        "plain_rescaled": Axes(x="s", y="loss along the same, weights rescaled", y_log=True),
        "filter": Axes(x="s", y="loss along a filter-normalised direction", y_log=True),
        "filter_rescaled": Axes(x="s", y="loss along the same, weights rescaled", y_log=True),
    },
    fields={
        "plain": FieldSpec("surface", "log10 of the loss on a plain slice"),
        "plain_rescaled": FieldSpec("surface", "log10 of the loss on the same slice for rescaled weights"),
        "filter": FieldSpec("surface", "log10 of the loss on the filter-normalised slice, the same for both"),
    },
    run=run,
    claims={
        "same_function": Always(
            statement=r"$(c_jw_j, c_jb_j, v_j/c_j)$ is the same function for all $c_j>0$.",
            source="relu(cz) = c relu(z) for c > 0",
            reason="1e-12, for rounding of outputs of size 1",
            metric="function_change",
            high=1e-12,
            x="scale",
        ),
        "filter_invariance": Always(
            statement=r"The filter-normalised slice is invariant under $(cW, cb, v/c)$.",
            source=f"{LI}; exact for one hidden layer, derived here",
            reason="1e-10 relative: rounding of a loss that is a small difference of outputs",
            metric="filter_change",
            high=1e-10,
            x="scale",
        ),
        "plain_is_meaningless": AtLeast(
            statement=r"The plain slice is not: at $c = 0.1$ and $c = 10$ it changes by more than its own size"
            r" somewhere, though the network is the same.",
            source=DINH,
            reason="1 is the change of a loss that doubles",
            metric="plain_change",
            bound=lambda p: 1.0,
            statistic="median",
            x="scale",
            where=lambda p: p.scale <= 0.1 or p.scale >= 10,
        ),
        "filters_are_not_enough": AtLeast(
            statement=r"Filter normalisation cures one scale only: with a scale for each neuron, between $1/c$ and $c$,"
            r" the same function has another normalised slice, which differs by more than a factor of $\max(c, 1/c)$"
            r" somewhere.",
            source="derived here, for the change: the readout is one filter, whose entries change by different factors;"
            " its size is measured",
            reason="descriptive: a bound of the order of the scales themselves; under one scale the change is 1e-15",
            metric="unequal_change",
            bound=lambda p: max(p.scale, 1 / p.scale) - 1,
            statistic="median",
            x="scale",
        ),
    },
)
