"""How fast many networks are trained: the engine against a warm joblib pool of scikit-learn fits, in turns in one run.

python -m tests.benchmarks.bench_ensemble [--rounds 5] [--only NAME ...] [--json tests/artefacts/bench_ensemble.json]

Both use all cores of this process with one BLAS thread each. A round times every contestant once; printed are median,
lowest and highest of the ratios within a round, so that what else the machine does weighs on both alike. Further
tables: the share of the processor's matrix product rate that the training reaches, growth with models, width and
samples, start in a new process with and without the compiler's cache, and peak memory.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from experiments.networks.ensemble import FitJob, fit_many
from experiments.networks.ensemble.fit import available_cores
from experiments.networks.ensemble.jobs import DType

CORES = available_cores()
Table = list[dict[str, Any]]


def learning_curve() -> list[FitJob]:
    """200 points of a sine, five folds, ten sizes from 16 to 160."""
    rng = np.random.RandomState(0)
    x = np.sort(5 * rng.rand(200, 1), axis=0)
    y = np.sin(x).ravel() + rng.normal(0, 0.1, 200)
    folds = [np.delete(np.arange(200), np.arange(40 * k, 40 * k + 40)) for k in range(5)]
    return [
        FitJob(X=x[fold[:size]], y=y[fold[:size]], hidden=(100, 100), max_iter=500)
        for size in range(16, 161, 16)
        for fold in folds
    ]


def wide() -> list[FitJob]:
    """20 points, one hidden layer of 1000."""
    rng = np.random.default_rng(0)
    x = np.linspace(0, 1, 20)[:, None]
    y = np.sin(2 * np.pi * x[:, 0]) + rng.normal(0, 0.1, 20)
    return [FitJob(X=x, y=y, hidden=(1000,), max_iter=2000, alpha=0, seed=seed) for seed in range(16)]


def deep() -> list[FitJob]:
    """20 points, two hidden layers of 100."""
    rng = np.random.default_rng(42)
    x = np.linspace(0, 10, 20)[:, None]
    y = np.sin(x[:, 0]) + rng.normal(0, 0.1, 20)
    return [FitJob(X=x, y=y, hidden=(100, 100), max_iter=10_000, alpha=0, seed=seed) for seed in range(16)]


def many_inputs() -> list[FitJob]:
    """800 points in 50 dimensions, hidden layers of 100 and 50."""
    x = np.random.default_rng(0).normal(size=(800, 50))
    y = np.sin(x[:, 0]) + 0.5 * np.cos(x[:, 1]) + 0.1 * x[:, 2:].sum(axis=1)
    return [FitJob(X=x, y=y, hidden=(100, 50), max_iter=1000, seed=seed) for seed in range(8)]


def moons(models: int = 64) -> list[FitJob]:
    """Two moons of 100 points, ten hidden units."""
    from sklearn.datasets import make_moons

    X, y = make_moons(n_samples=100, noise=0.1, random_state=0)
    return [FitJob(X=X, y=y, hidden=(10,), task="classification", seed=seed) for seed in range(models)]


WORKLOADS: Mapping[str, tuple[str, Callable[[], list[FitJob]]]] = {
    "learning_curve": ("learning curve, 200 x 1 (100,100)", learning_curve),
    "wide": ("20 x 1 (1000)", wide),
    "deep": ("20 x 1 (100,100)", deep),
    "many_inputs": ("800 x 50 (100,50)", many_inputs),
    "moons": ("moons (10)", moons),
}


def fit_one(job: FitJob) -> Any:
    """What a user would write for one network."""
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    options = job.options()
    model: Any = MLPRegressor
    if job.task == "classification":
        model = MLPClassifier
        del options["loss"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return model(hidden_layer_sizes=job.hidden, random_state=job.seed, **options).fit(job.X, job.y)


def by_joblib(jobs: Sequence[FitJob]) -> list[Any]:
    """The networks by scikit-learn in joblib's process pool."""
    from joblib import Parallel, delayed, parallel_config

    with parallel_config("loky", n_jobs=CORES, inner_max_num_threads=1):
        return list(Parallel()(delayed(fit_one)(job) for job in jobs))


def train(jobs: Sequence[FitJob], dtype: DType = "float64") -> None:
    """The networks by the engine; no result is kept."""
    for _ in fit_many(jobs, dtype=dtype):
        pass


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def spread(values: Sequence[float]) -> dict[str, float]:
    return {"median": statistics.median(values), "lowest": min(values), "highest": max(values)}


def multiplications(job: FitJob, epochs: int) -> float:
    """Floating-point operations in matrix products: forward, and for both factors backward."""
    units = (int(np.shape(job.X)[1]), *job.hidden, 1)
    products = [a * b for a, b in pairwise(units)]
    return 2.0 * epochs * len(job.X) * (3 * sum(products) - products[0])


def product_rate(rounds: int) -> float:
    """Operations a second of np.matmul for matrices of 1000 x 1000 on one thread, at its best."""
    from threadpoolctl import threadpool_limits

    a = np.random.default_rng(0).normal(size=(1000, 1000))
    b = np.ones((1000, 1000))
    with threadpool_limits(limits=1, user_api="blas"):
        times: list[float] = [seconds(lambda: a @ b) for _ in range(rounds + 3)]
    return 2e9 / float(min(times))


def compare(names: Sequence[str], rounds: int) -> Table:
    """The five workloads; every round has the engine in both precisions and joblib, one after the other."""
    rate = product_rate(rounds)
    table: Table = []
    for name in names:
        title, make = WORKLOADS[name]
        jobs = make()
        by_joblib(jobs[: 2 * CORES])  # the pool is warm, and so is the compiled code
        list(fit_many(jobs[:1], dtype="float32"))
        times: dict[str, list[float]] = {"float64": [], "float32": [], "joblib": []}
        results, models = list(fit_many(jobs)), by_joblib(jobs)
        for _ in range(rounds):
            times["float64"].append(seconds(partial(train, jobs)))
            times["joblib"].append(seconds(partial(by_joblib, jobs)))
            times["float32"].append(seconds(partial(train, jobs, "float32")))
        operations = sum(multiplications(job, result.n_iter_) for job, result in zip(jobs, results, strict=True))
        engine = statistics.median(times["float64"])
        table.append(
            {
                "workload": title,
                "fits": len(jobs),
                "same bits": sum(same_bits(*pair) for pair in zip(results, models, strict=True)),
                "engine s": engine,
                "joblib s": statistics.median(times["joblib"]),
                "ratio": spread([a / b for a, b in zip(times["joblib"], times["float64"], strict=True)]),
                "ratio float32": spread([a / b for a, b in zip(times["joblib"], times["float32"], strict=True)]),
                "share of product rate": operations / engine / (CORES * rate),
            }
        )
        show(table[-1:])
    return table


def same_bits(result: Any, model: Any) -> bool:
    ours, theirs = (*result.coefs_, *result.intercepts_), (*model.coefs_, *model.intercepts_)
    curves = result.loss_curve_.tolist() == model.loss_curve_
    return curves and all(a.tobytes() == b.tobytes() for a, b in zip(ours, theirs, strict=True))


def growth() -> Table:
    """Seconds of one call against the number of models, the width and the number of samples."""
    line = np.linspace(-1, 1, 20)[:, None]
    steady: dict[str, Any] = {"tol": 0.0, "n_iter_no_change": np.inf}
    table: Table = []
    for models in (1, 10, 100, 1000):
        jobs = moons(models)
        table.append({"models of moons (10)": models, "engine s": seconds(partial(train, jobs))})
    for width in (1, 10, 100, 1000, 10_000):
        jobs = [
            FitJob(X=line, y=line[:, 0], hidden=(width,), max_iter=200, seed=seed, **steady) for seed in range(CORES)
        ]
        table.append({"width, 200 epochs of 20 x 1": width, "engine s": seconds(partial(train, jobs))})
    for samples in (20, 200, 2000, 20_000):
        x = np.random.default_rng(0).normal(size=(samples, 5))
        one = FitJob(X=x, y=x[:, 0], hidden=(100, 100), max_iter=5, **steady)
        jobs = [replace(one, seed=seed) for seed in range(CORES)]
        table.append({"samples, 5 epochs of (100,100)": samples, "engine s": seconds(partial(train, jobs))})
    return table


START = """
import re, time
from pathlib import Path

def peak():
    return int(re.search(r"VmHWM:\\s*([0-9]+) kB", Path("/proc/self/status").read_text())[1]) / 1024

begin = time.perf_counter()
from experiments.networks.ensemble import FitJob, fit_many
from tests.benchmarks.bench_ensemble import WORKLOADS, moons
jobs = {jobs}
next(fit_many(moons(1)))
loaded = peak()
for result in fit_many(jobs):
    pass
print(time.perf_counter() - begin, loaded, peak())
"""


def in_new_process(jobs: str, cache: str | None = None) -> tuple[float, float, float]:
    """Seconds from start to the last result, and megabytes at most before and after the training."""
    environment = {**os.environ, **({"NUMBA_CACHE_DIR": cache} if cache else {})}
    command = [sys.executable, "-c", START.format(jobs=jobs)]
    run = subprocess.run(command, env=environment, text=True, stdout=subprocess.PIPE, check=True)
    first, loaded, peak = map(float, run.stdout.split()[-3:])
    return first, loaded, peak


def starts() -> Table:
    """One small network in a new process: without the compiler's cache, then with it."""
    with tempfile.TemporaryDirectory() as folder:
        return [
            {"start of one network": name, "s": in_new_process("moons(1)", folder)[0]}
            for name in ("compiler's cache empty", "compiler's cache filled")
        ]


def memory(names: Sequence[str]) -> Table:
    """Peak memory of a process that trains a workload and keeps no result."""
    calls = {WORKLOADS[name][0]: f"WORKLOADS[{name!r}][1]()" for name in names} | {"1000 moons (10)": "moons(1000)"}
    table: Table = []
    for title, call in calls.items():
        _, loaded, peak = in_new_process(call)
        table.append({"peak memory": title, "MB": peak, "MB before training": loaded})
    return table


def show(table: Table) -> None:
    for row in table:
        cells = []
        for name, value in row.items():
            if isinstance(value, dict):
                value = f"{value['median']:.2f} ({value['lowest']:.2f} to {value['highest']:.2f})"
            elif isinstance(value, float):
                value = f"{value:.3g}"
            cells.append(f"{name} {value}")
        print(" | ".join(cells), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", nargs="+", choices=list(WORKLOADS), default=list(WORKLOADS))
    parser.add_argument("--json", type=Path, default=Path(__file__).parents[1] / "artefacts" / "bench_ensemble.json")
    arguments = parser.parse_args()
    print(f"{CORES} cores, {arguments.rounds} rounds; ratio: joblib + scikit-learn over engine, median (range)")
    report: dict[str, Any] = {"cores": CORES, "rounds": arguments.rounds}
    report["workloads"] = compare(arguments.only, arguments.rounds)
    for name, table in (("growth", growth), ("starts", starts), ("memory", lambda: memory(arguments.only))):
        report[name] = table()
        show(report[name])
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    arguments.json.write_text(json.dumps(report, indent=1))
    print(f"written to {arguments.json}")


if __name__ == "__main__":
    main()
