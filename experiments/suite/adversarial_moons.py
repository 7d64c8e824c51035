r"""How far is a point from being classified otherwise? For a ReLU network with two inputs the answer can be computed
exactly, and then everything that is said of robustness, certificates from below and attacks from above, can be
held against the truth.

**Theory.** Let $f$ be the network before its logistic function and $d_p(x)=\min\{\|z-x\|_p: f(z)=0\}$ the distance to
its decision boundary. A perturbation smaller than $d_p(x)$ never changes the decision, and one hardly larger can.
Cheap bounds enclose it, at every point and for every network (Szegedy et al., *Intriguing properties of neural
networks*, 2014; Gowal et al., *On the effectiveness of interval bound propagation*, 2018; Petersen and Zech,
*Mathematical theory of deep learning*, 2024, ch. 16):
$$\frac{|f(x)|}{\prod_\ell\|W_\ell\|_2}\;\le\;d_2(x)\;\le\;r_2^{\mathrm{PGD}}(x),\qquad\frac{|f(x)|}{\sum\,|w_L|\cdots|W_1|}\;\le\;r^{\mathrm{IBP}}(x)\;\le\;d_\infty(x)\;\le\;r_\infty^{\mathrm{PGD}}(x).$$
On the left stand a Lipschitz constant (a product of spectral norms in $L_2$, all entries of the product of the
absolute weights in $L_\infty$) and interval arithmetic, which follows a cube through the layers; on the right the
shortest change that projected gradient descent finds (Madry et al., *Towards deep learning models resistant to
adversarial attacks*, 2018). So at every size $\varepsilon$ of the perturbation, for the share of points that are
classified right and stay so,
$$\text{certified}\;\le\;\text{exact}\;\le\;\text{PGD}\;\le\;\text{FGSM}.$$
An attack that fails proves nothing: what attacks report is an upper bound of the robust accuracy, and it can be far
off.

**The exact distance.** $f$ is affine on convex polygons. They are enumerated by cutting a square with one neuron
after the other; in each polygon $\{f=0\}$ is a segment, and the distance from a point to a segment is elementary in
either norm. What lies outside the square $[-R,R]^2$ is further than $R-\|x\|_\infty$ from $x$; $R$ is doubled until
no boundary out there can be nearer than the one found. The polygons must fill the square, and their number is at most
$\prod_\ell\big(1+n_\ell+\tbinom{n_\ell}{2}\big)$ (Zaslavsky, *Facing up to arrangements*, 1975, layer by layer).

**The guide's snippet** trains `MLPClassifier` with 10 neurons on 100 points of `make_moons` and then asks it for
`loss_gradient`, a method that scikit-learn does not have. With the gradient worked out by hand it runs, and shows a
star called adversarial that is none: one step of length 0.2 from point 50, whose distance from the boundary is 1.156
in $L_2$ and 0.831 in $L_\infty$. Nor has the network been trained: after 200 epochs of Adam it stops with a warning,
at 78 % of its own training points.

**Here** the guide's network, wider and deeper ones, and ones trained to the end by L-BFGS meet new moons with every
seed. The decision is attacked along the gradient of the margin $\pm f$: the loss has the same direction, but its
gradient vanishes in floating point where the network is sure. Every iterate of PGD counts, and its first is FGSM's
single step (Goodfellow, Shlens and Szegedy, *Explaining and harnessing adversarial examples*, 2015), so that the last
inequality holds by construction and the two before it are theorems. They hold for real data as well: wine and breast
cancer, or a table of one's own (`run_all.py --data FILE`), in the plane of their first two principal components.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import comb, sqrt
from typing import Annotated

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from experiments.claims import Always
from experiments.networks.certificates import lipschitz_radius
from experiments.networks.classifiers import train_classifier
from experiments.networks.datasets import Shape, load, plane
from experiments.networks.distances import Norm, decision_boundary
from experiments.networks.planar_maps import Window, around, maps
from experiments.networks.regions import linear_regions
from experiments.networks.relu import ReluNetwork
from experiments.networks.robustness import METHODS, measure_radii, robust_accuracy
from experiments.spec import Arrays, Axes, Curve, Experiment, FieldSpec, Grid, Metric, Outcome, Snippet, product

Floats = NDArray[np.float64]

NORMS: dict[Norm, str] = {"l2": "L2", "linf": "Linf"}
EPSILONS = np.linspace(0.0, 0.5, 26)
GUIDE_EPSILON = 10
"""The place of the guide's 0.2 among EPSILONS."""
FURTHER = np.geomspace(0.6, 6.0, 8)
SLACK = 1e-9
"""Of the coordinates, for rounding: a lower bound may exceed an upper one by this much."""
SQUARE = 10.0
WINDOW: Window = ((-2.0, -1.5), (3.0, 2.0))
"""The guide's plot, lower left and upper right."""


@dataclass(frozen=True, kw_only=True)
class Params:
    width: Annotated[int, "neurons in every hidden layer"]
    depth: Annotated[int, "hidden layers"] = 1
    solver: Annotated[str, "adam, or lbfgs to train to the end"] = "adam"
    alpha: Annotated[float, "L2 penalty on the weights"] = 1e-4
    iterations: Annotated[int, "epochs of adam, or steps of lbfgs, at most"] = 200
    samples: Annotated[int, "points on the two moons"] = 100
    noise: Annotated[float, "standard deviation of the points around the moons"] = 0.1
    data: Annotated[
        str, "moons, or two principal components of diabetes, wine, breast cancer, digits, or an own table"
    ] = "moons"


def draw(params: Params, seed: int) -> tuple[Floats, NDArray[np.int64]]:
    """Points of the plane (samples, 2), and the class of each, 0 or 1."""
    if params.data == "moons":
        from sklearn.datasets import make_moons

        x, label = make_moons(params.samples, noise=params.noise, random_state=seed)
        return x, label
    whole = load(params.data)
    rows = np.random.default_rng(seed).permutation(len(whole.y))[: params.samples]
    return plane(whole.X)[rows], whole.labels[rows]


def run(params: Params, rng: Generator) -> Outcome:
    data_seed, training_seed = (int(seed) for seed in rng.integers(2**31, size=2))
    x, label = draw(params, data_seed)
    trained = train_classifier(
        x,
        label,
        hidden=(params.width,) * params.depth,
        seed=training_seed,
        solver=params.solver,
        alpha=params.alpha,
        iterations=params.iterations,
    )
    network = trained.network
    right = (network(x) > 0) == (label == 1)
    boundary = decision_boundary(network, x, reach=SQUARE)
    by_norm = {norm: measure_radii(network, x, boundary, norm, EPSILONS, FURTHER, rng) for norm in NORMS}
    l2, linf = by_norm["l2"], by_norm["linf"]
    regions = linear_regions(network, (-SQUARE, -SQUARE), (SQUARE, SQUARE))
    metrics = {
        "accuracy": float(right.mean()),
        "converged": float(trained.converged),
        "regions": float(len(regions)),
        "area_error": float(abs(regions.areas().sum() / (2 * SQUARE) ** 2 - 1)),
        "formula_error": regions.formula_error(network),
        "lipschitz_to_interval": _largest_ratio(linf.lipschitz, linf.certified),
        "interval_to_exact_linf": _largest_ratio(linf.certified, linf.exact),
        "lipschitz_to_exact_l2": _largest_ratio(l2.certified, l2.exact),
        "off_boundary": _off_boundary(network, np.concatenate([l2.nearest, linf.nearest])),
        "linf_to_l2": _largest_ratio(linf.exact, l2.exact),
        "l2_to_linf": _largest_ratio(l2.exact, linf.exact),
    }
    curves = {}
    out_of_order = 0
    for norm, radii in by_norm.items():
        accuracy = robust_accuracy(radii, EPSILONS, right)
        in_order = np.stack([accuracy[method] for method in METHODS])
        out_of_order += int((np.diff(in_order, axis=0) < 0).sum())
        metrics[f"exact_to_attack_{norm}"] = _largest_ratio(radii.exact, radii.attack)
        found = np.isfinite(radii.attack)
        if found.any():
            metrics[f"attack_excess_{norm}"] = float((radii.attack[found] / radii.exact[found]).max() - 1)
        if np.isfinite(radii.exact).all():
            metrics[f"median_distance_{norm}"] = float(np.median(radii.exact))
            metrics[f"tightness_{norm}"] = float(np.median(radii.certified / radii.exact))
        for method in METHODS:
            metrics[f"robust_{method}_{norm}"] = float(accuracy[method][GUIDE_EPSILON])
            curves[f"{method}_{norm}"] = Curve(EPSILONS, accuracy[method])
    metrics["out_of_order"] = float(out_of_order)
    if trained.loss.size:
        kept = np.unique(np.linspace(0, trained.loss.size - 1, 400).astype(int))
        curves["loss"] = Curve(kept + 1.0, trained.loss[kept])

    def fields() -> Mapping[str, Arrays]:
        return maps(
            network,
            {"x": x[:, 0], "y": x[:, 1], "value": label.astype(np.float64)},
            {norm: radii.nearest for norm, radii in by_norm.items()},
            WINDOW if params.data == "moons" else around(x),
        )

    return Outcome(metrics=metrics, curves=curves, fields=fields)


def _largest_ratio(lower: Floats, upper: Floats) -> float:
    """The largest lower/upper over the points, where theory has at most 1; points without an upper bound have none."""
    bounded = np.isfinite(upper)
    return float((lower[bounded] / (upper[bounded] + SLACK)).max(initial=0.0))


def _off_boundary(network: ReluNetwork, nearest: Floats) -> float:
    """How far |f| at the points that are called nearest allows them to be from the boundary, at least."""
    found = nearest[np.isfinite(nearest).all(axis=1)]
    return float(lipschitz_radius(network, found, "l2").max(initial=0.0))


def most_regions(cell: Params) -> float:
    """Each layer's lines cut each polygon of the layers before into at most 1 + n + n(n − 1)/2."""
    return float((1 + cell.width + comb(cell.width, 2)) ** cell.depth)


def to_the_end(width: int, depth: int = 1) -> Params:
    return Params(width=width, depth=depth, solver="lbfgs", alpha=0.01, iterations=500)


def at_most_one(metric: str, statement: str, source: str) -> Always[Params]:
    """A claim that a lower bound is nowhere above an upper one, judged on their largest ratio."""
    return Always(
        statement=statement,
        source=source,
        reason="A hard bound at every point; the upper bound is given 1e-9 of the coordinates' unit for rounding.",
        x="width",
        metric=metric,
        high=1.0,
    )


def own(table: Shape) -> tuple[Params, ...]:
    return tuple(Params(width=width, samples=min(table.points, 200), data=table.name) for width in (10, 32))


GUIDE = Params(width=10)
BOOK = "Petersen and Zech, Mathematical theory of deep learning, 2024, ch. 16"
SZEGEDY = "Szegedy et al., Intriguing properties of neural networks, 2014"
GOWAL = "Gowal et al., On the effectiveness of interval bound propagation, 2018"
MADRY = "Madry et al., Towards deep learning models resistant to adversarial attacks, 2018"
SAYS = {
    "certified": "certified (Lipschitz constant in L2, intervals in Linf)",
    "exact": "by the exact distance",
    "pgd": "under projected gradient descent",
    "fgsm": "under one gradient step",
}

EXPERIMENT = Experiment(
    title="Adversarial moons: the exact distance between its bounds",
    chapter=16,
    section="Robustness and Adversarial Examples",
    params=Params,
    profiles={
        "quick": Grid((GUIDE, to_the_end(10)), seeds=3),
        "standard": Grid(
            (
                *product(Params, width=(4, 10, 16, 32, 64)),
                Params(width=10, depth=2),
                *(to_the_end(10), to_the_end(32), to_the_end(10, depth=2)),
                *(Params(width=10, data=data) for data in ("wine", "breast cancer")),
            ),
            seeds=20,
        ),
        "deep": Grid(
            (
                *product(Params, width=(4, 10, 16, 32, 64, 128)),
                *product(Params, width=(10, 32), depth=(2, 3)),
                *(to_the_end(10), to_the_end(32), to_the_end(64), to_the_end(10, depth=2), to_the_end(10, depth=3)),
                *(Params(width=10, iterations=5000), Params(width=10, samples=1000)),
                *product(Params, width=(10, 32), data=("diabetes", "wine", "breast cancer", "digits")),
            ),
            seeds=100,
        ),
    },
    metrics={
        "accuracy": Metric("share of the training points that are classified right"),
        "converged": Metric("1 if the solver stopped by itself, 0 if at its last iteration"),
        "regions": Metric("linear regions in the square [−10, 10]²", "regions"),
        "area_error": Metric("relative difference between the regions' areas in all and the square's"),
        "formula_error": Metric(
            "largest error of the regions' affine formulas at their corners and centres, relative to the largest |f|"
        ),
        "off_boundary": Metric("largest |f|/Lipschitz constant over the nearest boundary points", "coordinate"),
        "lipschitz_to_interval": Metric("largest ratio, over the points, of Lipschitz to interval radius in Linf"),
        "interval_to_exact_linf": Metric("largest ratio, over the points, of interval radius to exact Linf distance"),
        "lipschitz_to_exact_l2": Metric("largest ratio, over the points, of Lipschitz radius to exact L2 distance"),
        "linf_to_l2": Metric("largest ratio, over the points, of exact Linf to exact L2 distance"),
        "l2_to_linf": Metric("largest ratio, over the points, of exact L2 to exact Linf distance"),
        "out_of_order": Metric(
            "neighbours among certified, exact, PGD and FGSM accuracy in the wrong order, over 26 ε and both norms"
        ),
        **{
            f"{name}_{norm}": Metric(f"{text} in {label}", unit)
            for norm, label in NORMS.items()
            for name, text, unit in (
                ("exact_to_attack", "largest ratio, over the points, of exact distance to PGD's shortest change", ""),
                ("attack_excess", "largest relative excess, over the points, of PGD's change over the distance", ""),
                ("median_distance", "median over the points of the exact distance to the boundary", "coordinate"),
                ("tightness", "median over the points of certified radius / exact distance", ""),
            )
        },
        **{
            f"robust_{method}_{norm}": Metric(f"robust accuracy at ε = 0.2 in {label}, {SAYS[method]}")
            for norm, label in NORMS.items()
            for method in METHODS
        },
    },
    curves={
        **{
            f"{method}_{norm}": Axes(x=f"ε in {label}", y=f"robust accuracy, {SAYS[method]}", role="robustness")
            for norm, label in NORMS.items()
            for method in METHODS
        },
        "loss": Axes(x="epoch", y="log loss with penalty", y_log=True, role="learning"),
    },
    fields={
        "decision": FieldSpec("surface", "f before the logistic function; the decision boundary is its zero line"),
        "data": FieldSpec("points", "the points; the value is the class"),
        "regions": FieldSpec("polygons", "the exact linear regions, with f at their centres"),
        "steepness": FieldSpec("polygons", "the exact linear regions, with the length of the gradient of f"),
        "distance_l2": FieldSpec("surface", "exact L2 distance to the decision boundary"),
        "distance_linf": FieldSpec("surface", "exact Linf distance to the decision boundary"),
        "adversarial_l2": FieldSpec("arrows", "from each point to its nearest boundary point in L2"),
        "adversarial_linf": FieldSpec("arrows", "from each point to its nearest boundary point in Linf"),
    },
    run=run,
    claims={
        "lipschitz_certifies_l2": at_most_one(
            "lipschitz_to_exact_l2",
            r"At every point $|f(x)|/\prod_\ell\|W_\ell\|_2\le d_2(x)$: what the Lipschitz constant proves is true.",
            f"{SZEGEDY}; {BOOK}",
        ),
        "intervals_beat_lipschitz": at_most_one(
            "lipschitz_to_interval",
            r"At every point $|f(x)|/\sum|w_L|\cdots|W_1|\le r^{\mathrm{IBP}}(x)$: in $L_\infty$ interval arithmetic "
            "proves no less than the Lipschitz constant.",
            "derived here: cutting an interval off at zero never widens it",
        ),
        "intervals_certify_linf": at_most_one(
            "interval_to_exact_linf",
            r"At every point $r^{\mathrm{IBP}}(x)\le d_\infty(x)$: what interval arithmetic proves is true.",
            f"{GOWAL}; {BOOK}",
        ),
        "exact_below_attack_l2": at_most_one(
            "exact_to_attack_l2",
            r"At every point $d_2(x)\le r_2^{\mathrm{PGD}}(x)$: no attack beats the exact distance.",
            f"{MADRY}; the distance is a minimum",
        ),
        "exact_below_attack_linf": at_most_one(
            "exact_to_attack_linf",
            r"At every point $d_\infty(x)\le r_\infty^{\mathrm{PGD}}(x)$: no attack beats the exact distance.",
            f"{MADRY}; the distance is a minimum",
        ),
        "linf_below_l2": at_most_one(
            "linf_to_l2",
            r"At every point $d_\infty(x)\le d_2(x)$, as $\|v\|_\infty\le\|v\|_2$.",
            "the norms' own order",
        ),
        "l2_below_root_2_linf": Always(
            statement=r"At every point $d_2(x)\le\sqrt2\,d_\infty(x)$, as $\|v\|_2\le\sqrt2\,\|v\|_\infty$.",
            source="the norms' own order",
            reason="A hard bound at every point; d∞ is given 1e-9 of the coordinates' unit for rounding.",
            x="width",
            metric="l2_to_linf",
            high=sqrt(2),
        ),
        "distance_is_attained": Always(
            statement="$f=0$ at every nearest point that was found, in both norms: no distance is too small.",
            source="derived here",
            reason="Zero up to rounding: 1e-9 of the coordinates' unit.",
            x="width",
            metric="off_boundary",
            high=SLACK,
        ),
        "accuracies_in_order": Always(
            statement=(
                r"Robust accuracy is in the order certified $\le$ exact $\le$ PGD $\le$ FGSM at each of 26 sizes "
                r"$\varepsilon$ of the perturbation, in both norms."
            ),
            source=f"{BOOK}; PGD below FGSM by construction",
            reason="An order of counts over the same points: no tolerance.",
            x="width",
            metric="out_of_order",
            high=0.0,
        ),
        "regions_fill_the_square": Always(
            statement="The areas of the linear regions add up to the square's: none is missing, none counted twice.",
            source="derived here",
            reason="Equal up to the rounding of some thousand areas: 1e-11 of the square's.",
            x="width",
            metric="area_error",
            high=1e-11,
        ),
        "formulas_are_exact": Always(
            statement="In every linear region the affine formula found for $f$ agrees with the network's forward pass.",
            source="derived here",
            reason="Equal up to rounding: 1e-11 of the largest value.",
            x="width",
            metric="formula_error",
            high=1e-11,
        ),
        "regions_are_bounded": Always(
            statement=(
                r"The linear regions number at most $\prod_\ell\big(1+n_\ell+\tbinom{n_\ell}{2}\big)$, the most into "
                "which lines cut a plane, layer by layer."
            ),
            source="Zaslavsky, Facing up to arrangements, 1975, applied to each layer in each region",
            reason="A hard bound on a count: no tolerance.",
            x="width",
            metric="regions",
            high=most_regions,
        ),
    },
    size="width",
    guide=GUIDE,
    own=own,
    snippets=(
        Snippet(
            number=17,
            heading="Robustness and Adversarial Examples",
            outcome="NameError: name 'np' is not defined",
            fault=(
                "NumPy is never imported. With the import it trains, warns that Adam has not converged after 200 "
                "epochs, and stops with AttributeError: 'MLPClassifier' object has no attribute 'loss_gradient'; "
                "scikit-learn has no such method. With the gradient worked out by hand it runs, but the star that it "
                "calls adversarial is classified as before, and by a network that errs on 22 of its own 100 points."
            ),
            measured=(
                "With the gradient of the log loss by hand (−0.19575, 0.13402; it agrees with central differences to "
                "1e-8) the step of 0.2 from point 50 leaves the prediction at 1. Exact distances of that point from "
                "the decision boundary: 1.155570 in L2, 0.831306 in Linf. Training accuracy 0.78; 0.88 once Adam has "
                "converged, 1.00 with L-BFGS and alpha = 0.01."
            ),
        ),
    ),
)
