"""What is trained and what comes out: a job, its check by scikit-learn's own rules, and a result."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Task = Literal["regression", "classification"]
DType = Literal["float64", "float32"]
Real = NDArray[np.floating[Any]]

_NOT_OPTIONS = {"X", "y", "hidden", "seed", "task"}


@dataclass(frozen=True, kw_only=True, eq=False)
class FitJob:
    """One network to train: data, hidden widths, seed, and MLPRegressor's options under their own names and defaults.

    X has shape (n, features): an array, a table or a sparse matrix. y has (n,), or (n, outputs) in regression, or
    (n, labels) of zeros and ones for multilabel classification. A number as `hidden` is one layer. `seed` is
    scikit-learn's `random_state`, an integer from 0 to 2**32 − 1. `loss` is for regression only.
    """

    X: Any
    y: Any
    hidden: Sequence[int] | int = (100,)
    seed: int = 0
    task: Task = "regression"
    loss: str = "squared_error"
    activation: str = "relu"
    solver: str = "adam"
    alpha: float = 0.0001
    batch_size: int | str = "auto"
    learning_rate: str = "constant"
    learning_rate_init: float = 0.001
    power_t: float = 0.5
    max_iter: int = 200
    shuffle: bool = True
    tol: float = 1e-4
    momentum: float = 0.9
    nesterovs_momentum: bool = True
    early_stopping: bool = False
    validation_fraction: float = 0.1
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-8
    n_iter_no_change: float = 10
    max_fun: int = 15000

    def options(self) -> dict[str, Any]:
        """The options by name, without the data, the widths, the seed and the task."""
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name not in _NOT_OPTIONS}

    @property
    def widths(self) -> list[int]:
        """The hidden widths as a list, which is how scikit-learn takes them."""
        return list(self.hidden) if isinstance(self.hidden, Iterable) else [self.hidden]

    @property
    def outside(self) -> bool:
        """Whether the options are beyond the fast trainers, so that scikit-learn itself serves."""
        return (self.solver, self.activation, self.loss) != ("adam", "relu", "squared_error") or self.early_stopping


@dataclass(frozen=True, kw_only=True, eq=False)
class FitResult:
    """A trained network: coefs_[l] of shape (units of layer l, units of layer l + 1), intercepts_[l] (units of l + 1,).

    `loss_curve_` has shape (n_iter_,) and is empty for lbfgs; `converged` says that n_iter_ < max_iter; `classes_` is
    None in regression; `backend` is the one that served: numba, numpy or sklearn. `output` is the last activation
    (identity, logistic, softmax, or exp for the Poisson loss).
    """

    coefs_: tuple[Real, ...]
    intercepts_: tuple[Real, ...]
    loss_curve_: NDArray[np.float64]
    n_iter_: int
    converged: bool
    classes_: NDArray[Any] | None
    backend: Literal["numba", "numpy", "sklearn"]
    activation: str
    output: str

    @cached_property
    def digest(self) -> str:
        """A hash of the exact bits of coefs_, intercepts_, loss_curve_ and n_iter_: equal digests mean equal bits."""
        total = hashlib.blake2b(str(self.n_iter_).encode(), digest_size=16)
        for array in (*self.coefs_, *self.intercepts_, self.loss_curve_):
            total.update(f"{array.dtype.str}{array.shape}".encode())
            total.update(np.ascontiguousarray(array).data)
        return total.hexdigest()


@dataclass(frozen=True, kw_only=True, eq=False)
class Problem:
    """A checked job as the trainers take it: X (n, features) and Y (n, outputs), both C-contiguous and of one dtype."""

    job: FitJob
    X: Real
    Y: Real
    units: tuple[int, ...]
    output: Literal["identity", "logistic", "softmax"]
    classes: NDArray[Any] | None
    batch: int


def unfitted(job: FitJob) -> Any:
    """The scikit-learn estimator that `job` describes, not yet fitted."""
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    options = job.options()
    if job.task not in ("regression", "classification"):
        raise ValueError(f"task must be 'regression' or 'classification', got {job.task!r}.")
    if job.task == "classification" and options.pop("loss") != "squared_error":
        raise ValueError("loss is an option of regression only.")
    model = MLPRegressor if job.task == "regression" else MLPClassifier
    return model(hidden_layer_sizes=job.hidden, random_state=job.seed, **options)


def check_all(jobs: Sequence[FitJob], dtype: DType) -> list[Problem | None]:
    """Each job as a problem, or None where only scikit-learn can train it.

    Raises scikit-learn's own error for the first job that is invalid. Jobs that share data or options share the work.
    """
    targets: dict[tuple[int, int, Task], Any] = {}
    known: set[tuple[Any, ...]] = set()
    problems = []
    for job in jobs:
        options = _typed_options(job)
        if options is None or options not in known:
            _check_options(job)
        if options is not None:
            known.add(options)
        if not _is_seed(job.seed):
            _check_options(job)
            raise ValueError(f"seed must be an integer from 0 to 2**32 - 1, got {job.seed!r}.")
        data = (id(job.X), id(job.y), job.task)
        if data not in targets:
            targets[data] = _check_data(job, dtype)
        if job.early_stopping and job.solver != "lbfgs":
            _check_split(job)
        problems.append(None if job.outside else _problem(job, targets[data]))
    return problems


def _is_seed(seed: object) -> bool:
    return isinstance(seed, int | np.integer) and 0 <= int(seed) < 2**32


def _typed_options(job: FitJob) -> tuple[Any, ...] | None:
    """All that `_check_options` depends on, told apart by type too: 1 is no True. None if something is not hashable."""
    try:
        values = (job.task, type(job.hidden), *job.widths, *job.options().values())
        typed = tuple((type(value), value) for value in values)
        hash(typed)
    except TypeError:
        return None
    return typed


def _check_options(job: FitJob) -> None:
    model = unfitted(job)
    model._validate_params()
    if np.any(np.array(job.widths) <= 0):
        raise ValueError(f"hidden_layer_sizes must be > 0, got {job.widths}.")
    model._random_state = np.random.RandomState(0)
    for fan_in, fan_out in pairwise([1, *job.widths, 1]):
        if not (type(fan_in) is type(fan_out) is int):
            model._init_coef(fan_in, fan_out, np.float64)  # where scikit-learn finds that a width is no integer


@dataclass(frozen=True, eq=False)
class _Data:
    X: Real
    Y: Real
    output: Literal["identity", "logistic", "softmax"]
    classes: NDArray[Any] | None


def _check_data(job: FitJob, dtype: DType) -> _Data | None:
    """The data after scikit-learn's own validation; None where X is sparse."""
    from scipy.sparse import issparse

    model, X, y = _validated(job)
    if issparse(X):
        return None
    X = np.ascontiguousarray(X, dtype)
    Y = np.ascontiguousarray(y.reshape(len(X), -1), dtype)
    if job.task == "regression":
        return _Data(X, Y, "identity", None)
    kind: Literal["logistic", "softmax"] = "softmax" if model._label_binarizer.y_type_ == "multiclass" else "logistic"
    return _Data(X, Y, kind, model.classes_)


def _validated(job: FitJob) -> tuple[Any, Any, Any]:
    """An unfitted estimator that has seen the data, and the data as it takes them."""
    model = unfitted(job)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a column vector as y: scikit-learn warns and takes it, we take it
        X, y = model._validate_input(job.X, job.y, incremental=False, reset=True)
    return model, X, y


def _check_split(job: FitJob) -> None:
    """Raises scikit-learn's error where early stopping cannot split off a validation set."""
    from sklearn import config_context
    from sklearn.model_selection import train_test_split

    _, X, y = _validated(job)
    y = y.reshape(X.shape[0], -1)
    with config_context(skip_parameter_validation=True):  # as inside of `fit`
        _, held_out = train_test_split(
            np.arange(len(y)),
            random_state=job.seed,
            test_size=job.validation_fraction,
            stratify=y if job.task == "classification" and y.shape[1] == 1 else None,
        )
    if len(held_out) < 2:
        raise ValueError("The validation set is too small. Increase 'validation_fraction' or the size of your dataset.")


def _problem(job: FitJob, data: _Data | None) -> Problem | None:
    if data is None:
        return None
    n, features = data.X.shape
    return Problem(
        job=job,
        X=data.X,
        Y=data.Y,
        units=(features, *map(int, job.widths), data.Y.shape[1]),
        output=data.output,
        classes=data.classes,
        batch=min(200 if isinstance(job.batch_size, str) else int(job.batch_size), n),
    )


def initial(problem: Problem) -> tuple[Real, np.random.RandomState]:
    """scikit-learn's starting point: all coefficients, then all intercepts, flat; and the generator after the draws.

    Uniform within ± sqrt(6 / (fan in + fan out)) (Glorot and Bengio 2010), in the order in which MLPRegressor draws.
    """
    random = np.random.RandomState(problem.job.seed)  # the legacy generator, as its bits are needed
    coefs, intercepts = [], []
    for fan_in, fan_out in pairwise(problem.units):
        bound = np.sqrt(6.0 / (fan_in + fan_out))
        coefs.append(random.uniform(-bound, bound, fan_in * fan_out))
        intercepts.append(random.uniform(-bound, bound, fan_out))
    return np.concatenate(coefs + intercepts).astype(problem.X.dtype, copy=False), random


def layers(flat: Real, units: Sequence[int]) -> tuple[tuple[Real, ...], tuple[Real, ...]]:
    """Views of the coefficients and intercepts in the last axis of `flat`, which holds them one after another."""
    coefs, intercepts, at = [], [], 0
    for fan_in, fan_out in pairwise(units):
        coefs.append(flat[..., at : at + fan_in * fan_out].reshape(*flat.shape[:-1], fan_in, fan_out))
        at += fan_in * fan_out
    for fan_out in units[1:]:
        intercepts.append(flat[..., at : at + fan_out])
        at += fan_out
    return tuple(coefs), tuple(intercepts)


def finished(problem: Problem, flat: Real, curve: NDArray[np.float64], backend: Literal["numba", "numpy"]) -> FitResult:
    """The result whose parameters are `flat`, or scikit-learn's error where they are not finite."""
    if not np.isfinite(flat).all():
        raise ValueError(
            "Solver produced non-finite parameter weights. The input data may contain large values and need to be "
            "preprocessed."
        )
    coefs, intercepts = layers(flat, problem.units)
    return FitResult(
        coefs_=coefs,
        intercepts_=intercepts,
        loss_curve_=curve,
        n_iter_=len(curve),
        converged=len(curve) < problem.job.max_iter,
        classes_=problem.classes,
        backend=backend,
        activation=problem.job.activation,
        output=problem.output,
    )
