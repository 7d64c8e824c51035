r"""
A fully connected network with $n_0$ inputs, hidden layers of $n_1,\dots,n_L$ neurons and $n_{L+1}$ outputs has

$$\sum_{l=0}^{L} n_l\,n_{l+1}\ \text{weights},\qquad \sum_{l=0}^{L} (n_l+1)\,n_{l+1}\ \text{parameters},$$

one bias for each neuron that is not an input. Its *depth* is $L$, the number of hidden layers, and its *width* the
largest $n_l$ (P. Petersen and J. Zech, *Mathematical theory of deep learning*, 2024).

**What the guide did.** It draws the architecture $4, 5, 6, 5, 3$: 23 circles and 95 lines under the title "Deep Neural
Network". It runs; no number is computed. The picture shows 95 of the 114 parameters, for the 19 biases are not drawn,
and the 4 inputs look like neurons. Depth 3 and width 6 in the sense above; scikit-learn's `n_layers_` counts inputs and
outputs too and says 5.

**What is measured here.** Parameters are counted in the arrays of a random network, and in those that scikit-learn
makes for the same sizes. At one budget $P$ the number of layers is varied: the width is the largest that $P$ pays for.
The curves show what width costs at this depth ($n$ for one hidden layer, $n^2$ for more), and what depth buys: the
bound $\prod_l (n_l+1)$ on the number of affine pieces along a line, against the number of parameters.

**Many weights, one function.** The hidden neurons can be listed in $\prod_l n_l!$ orders, $5!\,6!\,5! = 10\,368\,000$
for the guide's network, and the incoming weights of each can be multiplied by any $c>0$ if the outgoing ones are
divided by it: $\mathrm{relu}(cz) = c\,\mathrm{relu}(z)$. So parameters say much more than the function does. On a
computer a factor that is a power of two commutes with every rounding and changes *not one bit*; an order changes the
order of summation, and any other factor the last digits.
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

from experiments.claims import Always, exactly
from experiments.networks.symmetries import Layers, he_layers
from experiments.spec import Arrays, Axes, Curve, Experiment, FieldSpec, Grid, Metric, Outcome, Snippet, product
from experiments.theory import architecture as theory

Floats = NDArray[np.float64]

INPUTS, OUTPUTS = 4, 3
POINTS = 32
"""Inputs at which two networks are compared."""
NUMBERS_COMPARED = 10_000
"""A run compares ten networks, fewer where they have more parameters than this in all, and at least one."""
DRAWN_EDGES = 400
CURVE_WIDTHS = np.unique(np.geomspace(1, 1000, 40).round())


@dataclass(frozen=True, kw_only=True)
class Params:
    depth: Annotated[int, "hidden layers"]
    budget: Annotated[int, "most parameters that the network may have"]
    hidden: Annotated[
        str, "widths of the hidden layers, as in 5-6-5, or equal: the largest that the budget pays for"
    ] = "equal"


def sizes(params: Params) -> tuple[int, ...]:
    """Inputs, hidden widths, outputs; ValueError where they are not what depth and budget say."""
    if params.hidden == "equal":
        widths = (theory.width_for(params.budget, params.depth, INPUTS, OUTPUTS),) * params.depth
    else:
        widths = tuple(int(width) for width in params.hidden.split("-"))
    found = (INPUTS, *widths, OUTPUTS)
    if len(widths) != params.depth or theory.parameters(found) > params.budget:
        raise ValueError(f"{params.hidden} is not {params.depth} hidden layers of at most {params.budget} parameters")
    return found


def counted_by_sklearn(layers: tuple[int, ...]) -> int:
    """The numbers in coefs_ and intercepts_ of scikit-learn's network of these sizes."""
    from sklearn.neural_network import MLPRegressor

    network = MLPRegressor(hidden_layer_sizes=layers[1:-1], random_state=0)
    network.partial_fit(np.zeros((2, layers[0])), np.zeros((2, layers[-1])))
    return sum(array.size for array in (*network.coefs_, *network.intercepts_))


def run(params: Params, rng: Generator) -> Outcome:
    layers = sizes(params)
    networks = [he_layers(layers, rng) for _ in range(max(1, min(10, NUMBERS_COMPARED // theory.parameters(layers))))]
    x = rng.standard_normal((INPUTS, POINTS))
    moved, doubled, scaled = np.transpose([changes(network, x, rng) for network in networks])
    first = networks[0]
    metrics = {
        "parameters": float(first.numbers),
        "sklearn_parameters": float(counted_by_sklearn(layers)),
        "weights": float(sum(weight.size for weight in first.weights)),
        "biases": float(sum(bias.size for bias in first.biases)),
        "nodes": float(first.weights[0].shape[1] + sum(bias.size for bias in first.biases)),
        "width": float(max(layers[1:-1])),
        "log10_orders": theory.log10_hidden_permutations(layers),
        "twins": float(sum(network.twins() for network in networks)),
        "permutation_change": float(moved.max()),
        "doubling_change": float(doubled.max()),
        "rescaling_change": float(scaled.max()),
    }
    if params == GUIDE:
        metrics["orders"] = float(first.orders())
    if few_orders(params):
        metrics["listed_orders"] = float(first.listed_orders())
    shapes = [(INPUTS, *(int(n),) * params.depth, OUTPUTS) for n in CURVE_WIDTHS]
    count = np.array([float(theory.parameters(shape)) for shape in shapes])
    curves = {
        "cost_of_width": Curve(CURVE_WIDTHS, count),
        "pieces_bound": Curve(count, 10.0 ** np.array([theory.log10_pieces_bound(shape) for shape in shapes])),
    }

    def fields() -> Mapping[str, Arrays]:
        if theory.edges(layers) > DRAWN_EDGES:
            return {}
        weights = np.concatenate([weight.T.ravel() for weight in first.weights])
        return {"network": {"sizes": np.array(layers), "weights": weights, "biases": np.concatenate(first.biases)}}

    return Outcome(metrics=metrics, curves=curves, fields=fields)


def changes(network: Layers, x: Floats, rng: Generator) -> tuple[float, float, float]:
    """The largest change of an output over the largest output, after a random order of the hidden neurons together
    with factors that are powers of two; after such factors alone; and after factors from 1/10 to 10."""
    orders = [rng.permutation(n) for n in network.hidden]
    powers = [np.exp2(rng.integers(-3, 4, n)) for n in network.hidden]
    factors = [10.0 ** rng.uniform(-1, 1, n) for n in network.hidden]
    before = network(x)

    def change(other: Layers) -> float:
        return float(np.abs(other(x) - before).max() / np.abs(before).max())

    doubled = network.rescaled(powers)
    return change(doubled.permuted(orders)), change(doubled), change(network.rescaled(factors))


GUIDE = Params(depth=3, budget=114, hidden="5-6-5")
SMALL = Params(depth=3, budget=100, hidden="3-4-2")
DEPTHS = (1, 2, 3, 4, 6, 8, 12)


def is_guide(params: Params) -> bool:
    return params == GUIDE


def few_orders(params: Params) -> bool:
    """Few enough to be tried one by one."""
    return theory.log10_hidden_permutations(sizes(params)) <= 3


BOOK = "P. Petersen and J. Zech, Mathematical theory of deep learning, 2024, on the size of a network"
COUNT = "a count in arrays: no tolerance"
SYMMETRY = "1e-12 of the largest output, for rounding in sums of up to 12,500 terms in another order"


def guides_count(metric: str, count: int, what: str) -> Always[Params]:
    return Always(
        statement=f"The guide's network $4, 5, 6, 5, 3$ has {count} {what}.",
        source=BOOK,
        reason=COUNT,
        metric=metric,
        low=count,
        high=count,
        x="depth",
        where=is_guide,
    )


unchanged = partial(Always[Params], reason=SYMMETRY, high=1e-12, x="depth")
counted = partial(exactly, source=BOOK, reason=COUNT, x="depth")

EXPERIMENT = Experiment(
    title="What a network is made of",
    chapter=1,
    section="Introduction to Mathematical Theory of Deep Learning",
    params=Params,
    revision=3,
    size="depth",
    guide=GUIDE,
    profiles={
        "quick": Grid((GUIDE, SMALL, *product(Params, depth=(1, 3, 12), budget=(100, 1000))), 8),
        "standard": Grid((GUIDE, SMALL, *product(Params, depth=DEPTHS, budget=(100, 1000, 10_000, 100_000))), 20),
        "deep": Grid(
            (GUIDE, SMALL, *product(Params, depth=(*DEPTHS, 24), budget=(1000, 10_000, 100_000, 1_000_000))), 100
        ),
    },
    metrics={
        "parameters": Metric("weights and biases, counted in the network's arrays"),
        "sklearn_parameters": Metric("weights and biases, counted in those of scikit-learn's network of these sizes"),
        "weights": Metric("weights, which are the edges of the picture, counted in the network's arrays"),
        "biases": Metric("biases, counted in the network's arrays"),
        "nodes": Metric("inputs, neurons and outputs, counted in the network's arrays"),
        "width": Metric("neurons of the largest hidden layer"),
        "log10_orders": Metric("log10 of the number of orders in which the hidden neurons can be listed"),
        "orders": Metric("different listings of the neurons in the guide's network's arrays, layer by layer"),
        "listed_orders": Metric("different parameters that all orders of the hidden neurons give, tried one by one"),
        "twins": Metric("hidden neurons whose incoming weights are those of another of their layer, over all networks"),
        "permutation_change": Metric(
            "largest change of an output, over the largest output, when hidden neurons are listed in another order and"
            " rescaled by powers of two"
        ),
        "doubling_change": Metric("the same when they are only rescaled by powers of two"),
        "rescaling_change": Metric("the same when they are only rescaled by factors from 1/10 to 10"),
    },
    curves={
        "cost_of_width": Axes(x="neurons in each hidden layer", y="parameters", x_log=True, y_log=True),
        "pieces_bound": Axes(x="parameters", y="bound on the affine pieces along a line", x_log=True, y_log=True),
    },
    fields={"network": FieldSpec("network", "the first network (up to 400 weights), with its biases")},
    run=run,
    claims={
        "parameters": counted(
            statement=r"A fully connected network has $\sum_l (n_l+1)\,n_{l+1}$ parameters.",
            metric="parameters",
            value=lambda p: theory.parameters(sizes(p)),
        ),
        "sklearn_parameters": counted(
            statement=r"scikit-learn's `coefs_` and `intercepts_` hold $\sum_l (n_l+1)\,n_{l+1}$ numbers.",
            metric="sklearn_parameters",
            value=lambda p: theory.parameters(sizes(p)),
        ),
        "weights": counted(
            statement=r"$\sum_l n_l\,n_{l+1}$ of them are weights, the edges of the picture.",
            metric="weights",
            value=lambda p: theory.edges(sizes(p)),
        ),
        "guide_parameters": guides_count("parameters", 114, "parameters"),
        "guide_weights": guides_count("weights", 95, "weights, which are what its picture shows"),
        "guide_biases": guides_count("biases", 19, "biases, which its picture leaves out"),
        "guide_nodes": guides_count("nodes", 23, "nodes, of which 4 are inputs and no neurons"),
        "guide_orders": guides_count(
            "orders", math.factorial(5) * math.factorial(6) * math.factorial(5), "orders of its hidden neurons"
        ),
        "orders_are_counted_by_listing": exactly(
            statement=r"A network of few neurons ($3, 4, 2$; two in each of eight layers) gives exactly $\prod_l n_l!$"
            r" different parameters when all orders of its hidden neurons are tried.",
            source=BOOK,
            reason=COUNT,
            metric="listed_orders",
            value=lambda p: theory.hidden_permutations(sizes(p)),
            x="depth",
            where=few_orders,
        ),
        "all_orders_differ": Always(
            statement=r"In a random network all $\prod_l n_l!$ orders of the hidden neurons are different parameters:"
            r" no two neurons of a layer have the same incoming weights and bias.",
            source="derived here: independent continuous variables differ almost surely, and a permutation that fixes"
            " every neuron of one layer cannot move a neuron of the next unless two are alike",
            reason=COUNT,
            metric="twins",
            high=0,
            x="depth",
        ),
        "permutations": unchanged(
            statement=r"Listing the hidden neurons in another order, and rescaling each by a positive factor (here a"
            r" power of two), leaves the function as it is.",
            source="P. Petersen and J. Zech, Mathematical theory of deep learning, 2024, on realizations of a network",
            metric="permutation_change",
        ),
        "rescalings": unchanged(
            statement=r"So does any positive rescaling: $\mathrm{relu}(cz)=c\,\mathrm{relu}(z)$ for $c>0$.",
            source="B. Neyshabur, R. Salakhutdinov and N. Srebro, Path-SGD, 2015",
            metric="rescaling_change",
        ),
        "powers_of_two": Always(
            statement=r"Factors that are powers of two change not one bit of the outputs.",
            source="derived here: in binary floating point scaling by a power of two is exact, and commutes with every"
            " rounding, short of overflow and underflow",
            reason="exact: no tolerance",
            metric="doubling_change",
            high=0,
            x="depth",
        ),
    },
    snippets=(
        Snippet(
            number=1,
            heading="Introduction to Mathematical Theory of Deep Learning",
            outcome="Runs, and draws 23 circles joined by 95 lines.",
            fault="No number is computed. The 19 biases are not drawn, so that the picture shows 95 of 114 parameters;"
            " the 4 inputs are drawn as neurons; the sizes are written into the function.",
            measured="Layers of 4, 5, 6, 5, 3 circles; 20 + 30 + 30 + 15 lines. The network has 114 parameters, depth 3"
            " and width 6, and 10 368 000 orders of its hidden neurons compute the same function.",
        ),
    ),
)
