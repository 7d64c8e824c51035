r"""
Do neural networks excel in high dimension? The guide takes a function of 50 normal variables,

$$ y = \sin x_1 + \tfrac12\cos x_2 + \tfrac1{10}\sum_{j=3}^{50} x_j , $$

trains a network on 800 points, and prints a test $R^2$ of about 0.8 as the evidence. But most of the variance is
linear, no method stands beside the network, and there is no second dimension: no curse is seen, nor how it is overcome.

**What is known of this function.** It has the variance $\frac{1-e^{-2}}2+\frac14\left(\frac{1+e^{-2}}2-e^{-1}\right) +
0.48 = 0.96228$, of which the best *linear* predictor explains $e^{-1}+0.48$: its $R^2$ is $0.88112$. Least squares on
$n$ points multiplies the rest by about $1 + d/(n-d)$ (L. Breiman and D. Freedman, *How many variables should be entered
in a regression equation?*, 1983): $0.873$ at the guide's $n = 800$. **Plain linear regression beats the guide's
network.** And because the function is a sum of functions of one variable, cubic splines in each variable with a little
ridge, fitted by one linear solve, explain more than $0.99$ of it: what helps here is to know the structure (C. J.
Stone, *Additive regression and other nonparametric models*, 1985).

**What the guide did, twice.** Its two snippets are the same but for a plot and a print; the second defines a function
of the first one's name. Both lack the import. The data are drawn from the unseeded global generator while
`random_state=42` fixes the rest, and the score, on 200 points, has a standard deviation of 0.026 from data set to data
set.

**What is measured here.** The guide's network (100 and 50 neurons, Adam, at most 1000 epochs), least squares, additive
splines and five nearest neighbours on the same data, all scored on the same 1000 fresh points; for least squares also
the exact population score. The number of points and the dimension vary, and 442 patients (diabetes, ten measurements,
a fifth held out) stand for real data: there, too, least squares is far ahead. Beside them run the other data sets that
scikit-learn carries, whose classes become $\pm1$, the first against the others, and a table of one's own
(`run_all.py --data FILE`). With the guide's function in ten
dimensions the same number of points is enough for the network to pass least squares (0.95 against 0.79). In fifty it
is still below at 2000 points (0.82 against 0.88); where it passes is a question for the profile `deep`, which goes on
to 16,000. Nearest neighbours stay below one half, and are the method that the curse of dimensionality strikes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from experiments.claims import AtLeast, AtMost, Equals, Ordered
from experiments.networks.datasets import Shape, sample
from experiments.networks.ensemble import FitJob, FitResult, fit_many, predict
from experiments.spec import Arrays, Axes, Curve, Experiment, FieldSpec, Grid, Metric, Outcome, Snippet
from experiments.theory import additive_target as theory

Floats = NDArray[np.float64]

FRESH = 1000
"""Points on which every method is scored, where points can be drawn."""
HIDDEN = (100, 50)
SHOWN = 300


@dataclass(frozen=True, kw_only=True)
class Params:
    points: Annotated[int, "points of the data set; four fifths of them train"] = 1000
    dimension: Annotated[int, "inputs d"] = 50
    data: Annotated[
        str, "guide (its function of normal inputs), diabetes, wine, breast cancer, digits, or an own table"
    ] = "guide"


@dataclass(frozen=True)
class Split:
    """Inputs (n, d) and targets (n,) to train on, and to be scored on."""

    X: Floats
    y: Floats
    fresh: Floats
    truth: Floats

    def score(self, guess: Floats) -> float:
        """R² on the fresh points."""
        return float(1 - np.square(self.truth - guess).sum() / np.square(self.truth - self.truth.mean()).sum())


def target(X: Floats) -> Floats:
    """The guide's function at points (n, d): (n,)."""
    return np.asarray(np.sin(X[:, 0]) + 0.5 * np.cos(X[:, 1]) + 0.1 * X[:, 2:].sum(axis=1))


def draw(params: Params, rng: Generator) -> Split:
    train = params.points * 4 // 5
    if params.data == "guide":
        X, fresh = (rng.standard_normal((n, params.dimension)) for n in (train, FRESH))
        return Split(X, target(X), fresh, target(fresh))
    real = sample(params.data, params.points, rng)
    if real.X.shape[1] != params.dimension:
        raise ValueError(f"the data set {params.data} has {real.X.shape[1]} inputs, not {params.dimension}")
    return Split(real.X[:train], real.y[:train], real.X[train:], real.y[train:])


def fit_network(split: Split, random_state: int) -> FitResult:
    job = FitJob(X=split.X, y=split.y, hidden=HIDDEN, max_iter=1000, seed=random_state)
    (result,) = fit_many([job], workers=1)
    return result


def run(params: Params, rng: Generator) -> Outcome:
    from sklearn.linear_model import LinearRegression, Ridge
    from sklearn.neighbors import KNeighborsRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import SplineTransformer

    split = draw(params, rng)
    network = fit_network(split, int(rng.integers(2**31)))
    guess, trained = (predict([network], X)[0, :, 0].astype(np.float64) for X in (split.fresh, split.X))
    linear = LinearRegression().fit(split.X, split.y)
    splines = make_pipeline(SplineTransformer(n_knots=8, knots="quantile", extrapolation="linear"), Ridge(alpha=0.01))
    neighbours = KNeighborsRegressor(5)
    metrics = {
        "r2_network_train": float(1 - np.square(split.y - trained).mean() / split.y.var()),
        "r2_network": split.score(guess),
        "r2_linear": split.score(linear.predict(split.fresh)),
        "r2_additive": split.score(splines.fit(split.X, split.y).predict(split.fresh)),
        "r2_neighbours": split.score(neighbours.fit(split.X, split.y).predict(split.fresh)),
        "epochs": float(network.n_iter_),
    }
    if params.data == "guide":
        risk = theory.linear_risk(float(linear.intercept_), [float(b) for b in linear.coef_])
        metrics["r2_linear_population"] = 1 - risk / theory.variance(params.dimension)
    epochs = np.unique(np.linspace(1, network.n_iter_, min(200, network.n_iter_)).round().astype(int))

    def fields() -> Mapping[str, Arrays]:
        y = split.truth[:SHOWN]
        return {"predictions": {"x": guess[:SHOWN], "y": y, "value": np.abs(guess[:SHOWN] - y)}}

    loss = Curve(epochs.astype(np.float64), network.loss_curve_[epochs - 1])
    return Outcome(metrics=metrics, curves={"loss": loss}, fields=fields)


GUIDE = Params()
PATIENTS = Params(points=442, dimension=10, data="diabetes")
WINES = Params(points=178, dimension=13, data="wine")
TUMOURS = Params(points=569, dimension=30, data="breast cancer")
IMAGES = Params(points=1797, dimension=64, data="digits")


def cells(points: tuple[int, ...], dimensions: tuple[int, ...], *real: Params) -> tuple[Params, ...]:
    """The guide's dimension at these numbers of points, its number of points in other dimensions, and real data."""
    return (*(Params(points=n) for n in points), *(Params(dimension=d) for d in dimensions), *real)


def own(table: Shape) -> tuple[Params, ...]:
    return (Params(points=min(table.points, 2000), dimension=table.inputs, data=table.name),)


def few(params: Params) -> bool:
    return params.data == "guide" and params.dimension == 50 and params.points <= 2000


NO_THEOREM = "measured here"
BREIMAN = "L. Breiman and D. Freedman, How many variables should be entered in a regression equation?, 1983"

EXPERIMENT = Experiment(
    title="The guide's function of fifty variables",
    chapter=8,
    section="High-Dimensional Approximation",
    params=Params,
    size="points",
    guide=GUIDE,
    own=own,
    profiles={
        "quick": Grid((GUIDE,), 8),
        "standard": Grid(cells((500, 1000, 2000), (10,), PATIENTS, WINES), 20),
        "deep": Grid(
            cells((250, 500, 1000, 2000, 4000, 8000, 16000), (5, 10, 20), PATIENTS, WINES, TUMOURS, IMAGES), 100
        ),
    },
    metrics={
        "r2_network_train": Metric("R² of the network on its training points"),
        "r2_network": Metric("R² of the network on the fresh points"),
        "r2_linear": Metric("R² of least squares on the fresh points"),
        "r2_linear_population": Metric("R² of the fitted least squares over the whole law of the inputs, exact"),
        "r2_additive": Metric("R² of cubic splines in each variable with a ridge, on the fresh points"),
        "r2_neighbours": Metric("R² of the mean of five nearest neighbours, on the fresh points"),
        "epochs": Metric("epochs until Adam stopped"),
    },
    curves={"loss": Axes(x="epoch", y="training loss", y_log=True, role="learning")},
    fields={"predictions": FieldSpec("points", "prediction against truth at up to 300 fresh points, by the error")},
    run=run,
    claims={
        "least_squares_beats_the_network": Ordered(
            statement="On the guide's data plain least squares scores more than its network, up to 2000 points, in the"
            " mean over data sets; so it does on the diabetes data.",
            source=NO_THEOREM,
            reason="A difference on the same data and the same fresh points.",
            lower="r2_network",
            upper="r2_linear",
            x="points",
            series=("data",),
            where=lambda p: few(p) or p.data == "diabetes",
        ),
        "least_squares_score": Equals(
            statement=r"Least squares with an intercept on $n$ points scores $1 - \frac{r}{\operatorname{Var} y}"
            r"\frac{(n+1)(n-2)}{n(n-d-2)}$ with the residual variance $r$ of the best linear predictor: 0.873 at the"
            r" guide's $n = 800$.",
            source=f"{BREIMAN}; to first order, the residual being a function of the inputs",
            reason="±0.02 absolute: a fifth of the distance to the network",
            metric="r2_linear_population",
            theory=lambda p: theory.least_squares_r2(p.points * 4 // 5, p.dimension),
            tolerance=0.02,
            relative=False,
            x="points",
            where=lambda p: p.data == "guide",
        ),
        "linear_ceiling": AtMost(
            statement=r"No linear predictor scores more than $\frac{e^{-1}+0.01(d-2)}{\operatorname{Var} y}$, 0.88112"
            r" at $d=50$, with however many points.",
            source="derived here: moments of sine and cosine of a normal variable",
            reason="a bound on the exact population score",
            metric="r2_linear_population",
            bound=lambda p: theory.linear_ceiling(p.dimension),
            trivial=1.0,
            x="points",
            where=lambda p: p.data == "guide",
        ),
        "network_passes": Ordered(
            statement="In ten dimensions the guide's 1000 points are enough for its network to score more than least"
            " squares on the guide's function.",
            source=NO_THEOREM,
            reason="A difference on the same data and the same fresh points.",
            lower="r2_linear",
            upper="r2_network",
            x="points",
            where=lambda p: p.data == "guide" and p.dimension == 10,
        ),
        "structure_wins": AtLeast(
            statement="Splines in each variable, fitted by one linear solve, score at least 0.99 from 1000 points on.",
            source="C. J. Stone, Additive regression and other nonparametric models, 1985: an additive function is as"
            " easy as one of one variable; the number is measured",
            reason="a bound on the mean",
            metric="r2_additive",
            bound=lambda p: 0.99,
            x="points",
            where=lambda p: p.data == "guide" and p.points >= 1000,
        ),
        "neighbours_are_cursed": Ordered(
            statement="In dimension 50 five nearest neighbours score less than the network, and less than least"
            " squares.",
            source="C. J. Stone, Optimal global rates of convergence for nonparametric regression, 1982, for the rate"
            " of local methods; the order is measured",
            reason="A difference on the same data and the same fresh points.",
            lower="r2_neighbours",
            upper="r2_network",
            x="points",
            where=few,
        ),
    },
    snippets=(
        Snippet(
            number=8,
            heading="High-Dimensional Approximation",
            outcome="Stops with NameError: name 'np' is not defined. With `import numpy as np` it trains one network"
            " and draws predictions against truth.",
            fault="The data come from the unseeded global generator. No baseline, no noise, one dimension: nothing can"
            " show a curse, or that networks excel. The score rests on 200 points.",
            measured="With legacy seeds 0 to 7 for the data: training R² 0.9991, test R² 0.8215, 0.7795, 0.7568,"
            " 0.7885, 0.8061, 0.7782, 0.7518, 0.7485 (mean 0.779). Linear regression on the same data: mean 0.885,"
            " better each time, by 0.106 in the mean. Its population R² is at most 0.88112.",
        ),
        Snippet(
            number=9,
            heading="High-Dimensional Approximation",
            outcome="Stops with NameError: name 'np' is not defined. With `import numpy as np` it prints two scores.",
            fault="The first snippet again with a print in place of the plot; its function takes the first one's name."
            " The dimension became a parameter, and only 50 is tried.",
            measured="With the same seed it prints the same scores as the first: for legacy seed 0 a training R² of"
            " 0.9988 and a test R² of 0.8215.",
        ),
    ),
)
