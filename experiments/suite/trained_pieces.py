r"""
A deep network can have exponentially many pieces (*depth_separation*), a random one has about as many as neurons
(*random_depth*). Which of the two is a *trained* one? B. Hanin and D. Rolnick (*Deep ReLU networks have surprisingly
few activation patterns*, 2019) found the second: training changes the number little.

**What the guide did.** It says that "the depth of the network plays a crucial role in its expressive power" and lets
contour levels stand for pieces. Nothing is trained and nothing is counted.

**What is measured here.** Forty-eight neurons in one, two, three or four hidden layers, scikit-learn's initialisation
(weights and biases uniform with the variance of Glorot), trained by Adam for 1500 epochs of batches of 50 on 200 even
points of $\sin t + \frac12\cos2t$ over $t\in[-5,5]$; the exact pieces on the interval of the data, before and after.
The input is $t$ itself or $t/5$.

- The deep networks fit better, by a factor of about ten in the mean squared error with as many neurons, **but not by
  having more pieces**. On $[-5,5]$ two layers have *fewer* than one ($39.2$ against $42.8$, a difference of
  $-3.6\,[-5.6, -1.6]$), three as many ($+0.9\,[-2.6, 4.3]$: no surplus and no deficit can be told), where three layers
  of 16 could have 4913.
- Whether training adds pieces depends on the scale of the input. On $[-5,5]$ nine tenths of the kinks begin among the
  data and the number hardly changes. On $[-1,1]$ half of them begin outside, and training moves them in: half as many
  again with three layers, more than twice as many with four. Even so they stay fewer than neurons.
- A deep network can be affine where a layer is off; `pieces` counts where the slope of the output changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from experiments.claims import Always, AtMost, Ordered
from experiments.networks.along import Pieces, pieces_along
from experiments.networks.ensemble import FitJob, fit_many, predict
from experiments.networks.ensemble.jobs import Real, check_all, initial, layers
from experiments.networks.relu import ReluNetwork
from experiments.spec import Arrays, Axes, Curve, Experiment, FieldSpec, Grid, Metric, Outcome, product
from experiments.theory.random_depth import most_pieces

Array = NDArray[np.float64]

NEURONS = 48
POINTS = 200
CURVE_POINTS = 200


@dataclass(frozen=True, kw_only=True)
class Params:
    depth: Annotated[int, "hidden layers, which share 48 neurons evenly"]
    half: Annotated[int, "the input is from −half to half: 5 (t itself) or 1 (t/5)"] = 5
    epochs: Annotated[int, "epochs of Adam"] = 1500


def hidden(params: Params) -> tuple[int, ...]:
    if NEURONS % params.depth:
        raise ValueError(f"{NEURONS} neurons cannot be shared evenly by {params.depth} layers")
    return (NEURONS // params.depth,) * params.depth


def target(t: Array) -> Array:
    return np.asarray(np.sin(t) + 0.5 * np.cos(2 * t))


def job(params: Params, random_state: int) -> FitJob:
    t = np.linspace(-5, 5, POINTS)
    return FitJob(
        X=(t * params.half / 5)[:, np.newaxis],
        y=target(t),
        hidden=hidden(params),
        seed=random_state,
        alpha=0.0,
        learning_rate_init=0.003,
        batch_size=50,
        max_iter=params.epochs,
        tol=0.0,
        n_iter_no_change=params.epochs,
    )


def untrained(fit: FitJob) -> ReluNetwork:
    """The network from which `fit` starts."""
    (problem,) = check_all([fit], "float64")
    assert problem is not None  # Adam with ReLU on dense data is never outside the trainers
    flat, _ = initial(problem)
    weights, biases = layers(flat, problem.units)
    return network(weights, biases)


def network(weights: Sequence[Real], biases: Sequence[Real]) -> ReluNetwork:
    return ReluNetwork(tuple(w.astype(np.float64) for w in weights), tuple(b.astype(np.float64) for b in biases))


def run(params: Params, rng: Generator) -> Outcome:
    fit = job(params, int(rng.integers(2**31)))
    (result,) = fit_many([fit], workers=1)
    trained = network(result.coefs_, result.intercepts_)
    segment = np.array([[-float(params.half)], [float(params.half)]])
    before, after = (pieces_along(state, segment) for state in (untrained(fit), trained))
    error = float(np.square(predict([result], fit.X)[0, :, 0] - fit.y).mean())
    epochs = np.unique(np.geomspace(1, result.n_iter_, 100).round().astype(int))
    x = np.linspace(-params.half, params.half, CURVE_POINTS)

    def fields() -> Mapping[str, Arrays]:
        return {"kinks": kinks(before, after, params.half)}

    return Outcome(
        metrics={
            "pieces_before": float(before.kinks + 1),
            "pieces_after": float(after.kinks + 1),
            "growth": (after.kinks + 1) / (before.kinks + 1),
            "squared_error": error,
            "log10_error": float(np.log10(error)),
        },
        curves={
            "loss": Curve(epochs.astype(np.float64), result.loss_curve_[epochs - 1]),
            "output": Curve(x, trained(x[:, np.newaxis])),
        },
        fields=fields,
    )


def kinks(before: Pieces, after: Pieces, half: int) -> Arrays:
    """Breakpoints by their place, in two rows: before training and after."""
    both = (before, after)
    return {
        "x": np.concatenate([(2 * found.at - 1) * half for found in both]),
        "y": np.repeat([0.0, 1.0], [len(found.at) for found in both]),
        "value": np.concatenate([found.output for found in both]),
    }


FEW = (
    "B. Hanin and D. Rolnick, Deep ReLU networks have surprisingly few activation patterns, 2019; the constant is"
    " measured"
)

EXPERIMENT = Experiment(
    title="Pieces of trained networks",
    chapter=7,
    section="Deep ReLU Neural Networks",
    params=Params,
    size="depth",
    profiles={
        "quick": Grid(product(Params, depth=(1, 3)), 8),
        "standard": Grid(product(Params, depth=(1, 2, 3, 4), half=(5, 1)), 20),
        "deep": Grid(product(Params, depth=(1, 2, 3, 4, 6), half=(5, 1), epochs=(1500, 6000)), 100),
    },
    metrics={
        "pieces_before": Metric("affine pieces on the interval of the data before training"),
        "pieces_after": Metric("affine pieces on the interval of the data after training"),
        "growth": Metric("pieces after training over pieces before"),
        "squared_error": Metric("mean squared error at the 200 training points"),
        "log10_error": Metric("log10 of the mean squared error"),
    },
    curves={
        "loss": Axes(x="epoch", y="training loss", x_log=True, y_log=True, role="learning"),
        "output": Axes(x="input", y="output of the trained network"),
    },
    fields={"kinks": FieldSpec("points", "breakpoints before training (0) and after (1), by the output there")},
    run=run,
    claims={
        "about_as_many_as_neurons": AtMost(
            statement=r"After training the 48 neurons make at most 54 pieces, nine for eight neurons, however they"
            r" are stacked in up to four layers.",
            source=FEW,
            reason="descriptive: a bound on the mean, set at an eighth above the number of neurons, by no theorem",
            metric="pieces_after",
            bound=lambda p: 9 / 8 * NEURONS,
            where=lambda p: p.depth <= 4 and p.epochs == 1500,
            x="depth",
        ),
        "training_does_not_multiply": AtMost(
            statement=r"On $[-5,5]$, where most kinks begin among the data, training multiplies the pieces of up to"
            r" three layers by less than 1.5.",
            source=FEW,
            reason="a bound on the mean",
            metric="growth",
            bound=lambda p: 1.5,
            x="depth",
            where=lambda p: p.half == 5 and p.depth <= 3,
        ),
        "depth_fits_better": Ordered(
            statement="With the same 48 neurons two layers and three fit better than one, by a factor of two at least"
            " in the geometric mean of the squared error.",
            source="measured here",
            reason="log10 2 = 0.301; the errors themselves have too heavy a tail for their mean",
            lower="log10_error",
            upper="log10_error",
            margin=float(np.log10(2)),
            lower_where=lambda p: p.depth in (2, 3),
            upper_where=lambda p: p.depth == 1,
            x="half",
        ),
        "with_fewer_pieces": Ordered(
            statement=r"On $[-5,5]$ two layers do so with fewer pieces than one.",
            source="measured here, against the reading that depth helps by making more pieces",
            reason="an order of means: no tolerance",
            lower="pieces_after",
            upper="pieces_after",
            lower_where=lambda p: p.depth == 2,
            upper_where=lambda p: p.depth == 1,
            x="half",
            where=lambda p: p.half == 5 and p.epochs == 1500,
        ),
        "not_by_more_pieces": Ordered(
            statement=r"On $[-5,5]$ three layers do so with at most six pieces more than one layer's forty.",
            source="measured here, against the reading that depth helps by making more pieces",
            reason="six of forty: a factor of ten in the error is not bought by a sixth more pieces",
            lower="pieces_after",
            upper="pieces_after",
            lower_where=lambda p: p.depth == 3,
            upper_where=lambda p: p.depth == 1,
            margin=-6.0,
            x="half",
            where=lambda p: p.half == 5,
        ),
        "below_the_most": Always(
            statement=r"No network of hidden widths $n_l$ has more than $\prod_l(n_l+1)$ pieces.",
            source="G. Montúfar, R. Pascanu, K. Cho and Y. Bengio, On the number of linear regions of deep neural"
            " networks, 2014",
            reason="a count: no tolerance",
            metric="pieces_after",
            high=lambda p: most_pieces(hidden(p)),
            x="depth",
        ),
    },
)
