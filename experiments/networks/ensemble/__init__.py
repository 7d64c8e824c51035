"""scikit-learn's multi-layer perceptrons, many at once: the same bits, many times faster.

One network at a time, its whole fit in one compiled loop, threads over the networks. Where numba is missing, NumPy
gives the same bits; what lies outside (lbfgs, sgd, tanh, early stopping …) scikit-learn trains itself.
"""

from experiments.networks.ensemble.fit import fit_many
from experiments.networks.ensemble.jobs import FitJob, FitResult
from experiments.networks.ensemble.models import predict, to_sklearn

__all__ = ["FitJob", "FitResult", "fit_many", "predict", "to_sklearn"]
