r"""
A feedforward network alternates affine maps with an activation, and ends with an affine map:
$\Phi(x) = W_L\,\mathrm{relu}(\cdots\mathrm{relu}(W_1x+b_1)\cdots) + b_L$ (P. Petersen and J. Zech, *Mathematical theory
of deep learning*, 2024). One forward pass can be computed neuron by neuron or layer by layer. Are the two the same?

**What the guide did.** A network $2$–$3$–$1$ with $N(0,1)$ weights and biases, without a seed, at $x=(1,2)$, neuron by
neuron. Beside the missing import, it puts a **ReLU on the output neuron**, so that half of all its networks print $0$:
the output $z$ is symmetric, and $P(\text{out}=0) = \tfrac12$ exactly. What can be said of its size:

$$\mathbb E z_1^2 = |x|^2+1 = 6,\qquad \mathbb E z_2^2 = \tfrac32\cdot6+1 = 10,\qquad \mathbb E\,\mathrm{out}^2 = 5 .$$

A variance of 1 per weight multiplies squares by half the width in each layer; *signal_propagation* follows that.

**What is measured here.** For random networks of $n$ neurons a layer and one affine output, the outputs of the
guide's loop and of matrix products. They are *not* equal to the last bit, because the two add the same products in
another order. They differ by no more than

$$2\,\gamma_k\left(|W_L|(\cdots|W_1||x|+|b_1|\cdots)+|b_L|\right),\qquad \gamma_k=\frac{k\,u}{1-k\,u},\quad u=2^{-53},$$

with $k$ the sum of (inputs + 1) over the layers (N. J. Higham, *Accuracy and stability of numerical algorithms*, 2002),
and mostly by far less, for rounding errors cancel. With integer weights and inputs, as long as no sum can reach
$2^{53}$, every operation is exact, and both are equal to the last bit to the result in integer arithmetic.

For the guide's own network a run draws thousands. The squared output has a heavy tail (its spread is 3.7 times its
mean), so given the hidden layer $h$ the exact mean $(|h|^2+1)/2$ is averaged in its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated

import numpy as np
from numpy.random import Generator

from experiments.claims import Always, Equals
from experiments.networks.forward import (
    exact_integers,
    integer_network,
    looped,
    magnitudes,
    normal_network,
    rounding_bound,
    vectorised,
)
from experiments.spec import Arrays, Axes, Curve, Experiment, FieldSpec, Grid, Metric, Outcome, Snippet

LARGEST = 3
"""Integer weights and inputs are at most so large."""
GUIDE_INPUT = np.array([1.0, 2.0])
GUIDE_NETWORKS = 5000
OUTPUT_EDGES = np.linspace(0, 12, 49)


@dataclass(frozen=True, kw_only=True)
class Params:
    width: Annotated[int, "neurons in each hidden layer (and inputs, but for the guide's network, which has two)"]
    layers: Annotated[int, "layers of weights"]
    weights: Annotated[str, "normal (the guide's), integer (from −3 to 3), or guide network (2–3–1, at x = (1, 2))"]
    networks: Annotated[int, "networks of a run that are computed in both ways"]


def sizes(params: Params) -> tuple[int, ...]:
    """Inputs, hidden widths, and one output."""
    inputs = len(GUIDE_INPUT) if params.weights == "guide network" else params.width
    return (inputs, *(params.width,) * (params.layers - 1), 1)


def run(params: Params, rng: Generator) -> Outcome:
    gaps, ratios, integers, heights = [], [], [], []
    for _ in range(params.networks):
        if params.weights == "integer":
            network = integer_network(sizes(params), LARGEST, rng)
            x = rng.integers(-LARGEST, LARGEST + 1, params.width).astype(np.float64)
            exact = exact_integers(network, x)
            integers.append(max(np.abs(way(network, x) - exact).max() for way in (looped, vectorised)))
            heights.append(magnitudes(network, x).max())
        else:
            network = normal_network(sizes(params), rng)
            x = GUIDE_INPUT if params.weights == "guide network" else rng.standard_normal(params.width)
        gap = np.abs(looped(network, x) - vectorised(network, x))
        gaps.append(gap.max())
        ratios.append((gap / rounding_bound(network, x)).max())
    metrics = {
        "difference": float(np.max(gaps)),
        "equal_share": float(np.mean(np.array(gaps) == 0)),
        "over_bound": float(np.max(ratios)),
    }
    if params.weights == "integer":
        metrics |= {"integer_error": float(np.max(integers)), "log2_sum": float(np.log2(np.max(heights)))}
    if params.weights != "guide network":
        return Outcome(metrics=metrics)
    return guides_network(metrics, rng)


def guides_network(metrics: Mapping[str, float], rng: Generator) -> Outcome:
    """Thousands of the guide's networks at its input, drawn at once."""
    first = rng.standard_normal((GUIDE_NETWORKS, 3, 3))
    z = first[:, :, :2] @ GUIDE_INPUT + first[:, :, 2]
    h = np.maximum(z, 0)
    head = rng.standard_normal((GUIDE_NETWORKS, 4))
    last = np.einsum("ij,ij->i", head[:, :3], h) + head[:, 3]
    outputs = np.maximum(last, 0)
    density, _ = np.histogram(outputs[outputs > 0], OUTPUT_EDGES)
    centres, step = (OUTPUT_EDGES[1:] + OUTPUT_EDGES[:-1]) / 2, OUTPUT_EDGES[1]

    def fields() -> Mapping[str, Arrays]:
        weights = np.concatenate([first[0, :, :2].T.ravel(), head[0, :3]])
        biases = np.append(first[0, :, 2], head[0, 3])
        return {"network": {"sizes": np.array([2, 3, 1]), "weights": weights, "biases": biases}}

    return Outcome(
        metrics={
            **metrics,
            "hidden_square": float(np.mean(z**2)),
            "last_square": float(np.mean(last**2)),
            "output_square": float(np.mean((np.square(h).sum(axis=1) + 1) / 2)),
            "zero_share": float(np.mean(outputs == 0)),
            "affine_zero_share": float(np.mean(last == 0)),
        },
        curves={"outputs": Curve(centres, density / GUIDE_NETWORKS / step)},
        fields=fields,
    )


GUIDE = Params(width=3, layers=2, weights="guide network", networks=100)


def cells(widths: tuple[int, ...], networks: int) -> tuple[Params, ...]:
    """Five layers of normal weights, three of integers, whose sums stay below 2^53."""
    return tuple(
        Params(width=width, layers=layers, weights=weights, networks=max(2, networks // width))
        for width in widths
        for weights, layers in (("normal", 5), ("integer", 3))
    )


WIDTHS = (8, 16, 32, 64, 128, 256)


def is_guide(params: Params) -> bool:
    return params == GUIDE


def is_integer(params: Params) -> bool:
    return params.weights == "integer"


HIGHAM = "N. J. Higham, Accuracy and stability of numerical algorithms, 2002"
DERIVED = "derived here"

of_the_guide = partial(Equals[Params], x="width", where=is_guide)
of_integers = partial(Always[Params], x="width", series=("weights",), where=is_integer)

EXPERIMENT = Experiment(
    title="One forward pass, computed twice",
    chapter=2,
    section="Feedforward Neural Networks",
    params=Params,
    revision=2,
    size="width",
    guide=GUIDE,
    profiles={
        "quick": Grid((GUIDE, *cells((8, 64), 320)), 8),
        "standard": Grid((GUIDE, *cells(WIDTHS, 640)), 20),
        "deep": Grid((GUIDE, *cells((*WIDTHS, 512, 1024), 2560)), 100),
    },
    metrics={
        "difference": Metric("largest difference between the outputs of loop and matrix products, over the networks"),
        "equal_share": Metric("share of the networks whose outputs are equal to the last bit in both ways"),
        "over_bound": Metric("largest difference over its bound from rounding"),
        "integer_error": Metric("largest distance, in both ways, from the output in integer arithmetic"),
        "log2_sum": Metric("log2 of a bound on every sum in the networks of integers"),
        "hidden_square": Metric("mean square of the hidden preactivations of the guide's network"),
        "last_square": Metric("mean square of its output before the ReLU"),
        "output_square": Metric("mean square of its output after the ReLU, exact given the hidden layer"),
        "zero_share": Metric("share of its outputs that are 0"),
        "affine_zero_share": Metric("share that are 0 without the ReLU on the output"),
    },
    curves={"outputs": Axes(x="output of the guide's network", y="density of the outputs that are not 0 (mass 1/2)")},
    fields={"network": FieldSpec("network", "the first of the guide's networks, with its biases")},
    run=run,
    claims={
        "loop_is_vectorised": Always(
            statement=r"Loop and matrix products differ by at most"
            r" $2\gamma_k\left(|W_L|\cdots|W_1||x|+\text{biases}\right)$ (not equal to the last bit: they sum in"
            r" another order).",
            source=HIGHAM,
            reason="a bound on rounding, proved: no tolerance",
            metric="over_bound",
            high=1,
            x="width",
            series=("weights",),
        ),
        "integers_are_exact": of_integers(
            statement=r"With integer weights and inputs whose sums stay below $2^{53}$ both are equal to the last bit,"
            r" and equal to the result in integer arithmetic.",
            source=f"{HIGHAM}: operations whose result is a floating-point number commit no error",
            reason="exact: no tolerance",
            metric="integer_error",
            high=0,
        ),
        "integers_fit": of_integers(
            statement=r"No sum in these networks of integers can exceed $2^{53}$ (the hypothesis of the claim on"
            r" integers).",
            source=DERIVED,
            reason="the bound $|W_3||W_2||W_1||x|$ with absolute values everywhere: no tolerance",
            metric="log2_sum",
            high=53,
        ),
        "guide_hidden": of_the_guide(
            statement=r"In the guide's network $\mathbb E z_1^2 = |x|^2+1 = 6$.",
            source=DERIVED,
            reason="the usual 5 % of an equality: 100,000 networks in all leave 0.3 %",
            metric="hidden_square",
            theory=lambda p: 6.0,
        ),
        "guide_last": of_the_guide(
            statement=r"Its output before the ReLU has $\mathbb E z_2^2 = \tfrac32\cdot6+1 = 10$.",
            source=DERIVED,
            reason="the usual 5 % of an equality: 100,000 networks in all leave 0.8 %",
            metric="last_square",
            theory=lambda p: 10.0,
        ),
        "guide_output": of_the_guide(
            statement=r"Its output after the ReLU has $\mathbb E\,\mathrm{out}^2 = 5$.",
            source=f"{DERIVED}: given the hidden layer the output is relu of a normal number of variance $|h|^2+1$",
            reason="the usual 5 % of an equality: the exact mean given the hidden layer leaves 0.4 %",
            metric="output_square",
            theory=lambda p: 5.0,
        ),
        "guide_zero": of_the_guide(
            statement=r"Half of the guide's networks print $0$, because of the ReLU on the output neuron.",
            source=f"{DERIVED}: the output before the ReLU is symmetric",
            reason="±0.02 absolute: a share of 100,000 networks has a standard error of 0.0016",
            metric="zero_share",
            theory=lambda p: 0.5,
            tolerance=0.02,
            relative=False,
        ),
        "affine_output": Always(
            statement="With an affine last layer, as the definition has it, no output is $0$.",
            source="P. Petersen and J. Zech, Mathematical theory of deep learning, 2024, on feedforward networks",
            reason="an event of probability 0: no tolerance",
            metric="affine_zero_share",
            high=0,
            x="width",
            where=is_guide,
        ),
    },
    snippets=(
        Snippet(
            number=2,
            heading="Feedforward Neural Networks",
            outcome="Stops with NameError: name 'np' is not defined. With `import numpy as np` it prints one number,"
            " another one each time, and 0.0 in half of all calls.",
            fault="The output neuron has a ReLU, where the last layer should be affine. Weights of variance 1 in place"
            " of 2/fan in make signals grow with the width. No seed. max(0, x) works for one number only.",
            measured="With the legacy seed 0: Output: [np.float64(3.727216751135568)]. Of the legacy seeds 0 to 999,"
            " 489 print 0 (as the integer: max(0, z) returns its first argument).",
        ),
    ),
)
