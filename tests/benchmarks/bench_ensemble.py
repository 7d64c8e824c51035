"""How fast many networks are trained: the engine against a warm joblib pool of scikit-learn fits, in turns in one run.

python -m tests.benchmarks.bench_ensemble [--rounds 5] [--only NAME ...] [--brief] [--json PATH]

Both use all cores of this process with one BLAS thread each. A round times every contestant once; printed are median,
lowest and highest of the ratios within a round, so that what else the machine does weighs on both alike. Further
tables, which --brief leaves out: growth with models, width and samples, start in a new process with and without the
compiler's cache, peak memory, and torch and jax where they are installed. The share of the product rate is the rate of
matrix products in the whole training over that of np.matmul on matrices of 1000 x 1000 on all cores at once.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from experiments.networks.ensemble import FitJob, fit_many
from tests.benchmarks import stacked_trainers
from tests.benchmarks.ensemble_workloads import CORES, WORKLOADS, by_joblib, moons, seconds, train

Table = list[dict[str, Any]]


def spread(values: Sequence[float]) -> dict[str, float]:
    return {"median": statistics.median(values), "lowest": min(values), "highest": max(values)}


def multiplications(job: FitJob, epochs: int) -> float:
    """Floating-point operations in matrix products: forward, and for both factors backward."""
    units = (int(np.shape(job.X)[1]), *job.widths, 1)
    products = [a * b for a, b in pairwise(units)]
    return 2.0 * epochs * len(job.X) * (3 * sum(products) - products[0])


def product_rate(rounds: int) -> float:
    """Operations a second of np.matmul for matrices of 1000 x 1000 on all cores, one thread each, at its best."""
    from threadpoolctl import threadpool_limits

    a = np.random.default_rng(0).normal(size=(1000, 1000))
    outs = [np.empty((1000, 1000)) for _ in range(CORES)]
    with threadpool_limits(limits=1, user_api="blas"), ThreadPoolExecutor(CORES) as pool:

        def on_all_cores() -> None:
            list(pool.map(lambda out: np.matmul(a, a, out=out), outs))

        times: list[float] = [seconds(on_all_cores) for _ in range(rounds + 3)]
    return 2e9 * CORES / min(times)


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
                "share of product rate": operations / engine / rate,
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
from tests.benchmarks.ensemble_workloads import WORKLOADS, moons
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


OTHERS_EPOCHS = 100


def others(names: Sequence[str], rounds: int) -> Table:
    """The engine against torch and jax on the workloads whose networks have one shape, 100 epochs each; lowest times of
    the rounds. What jax compiles, it has compiled before."""
    table: Table = []
    for library, by_library in stacked_trainers.installed().items():
        for name in names:
            title, make = WORKLOADS[name]
            jobs = [replace(job, max_iter=OTHERS_EPOCHS, tol=0.0, n_iter_no_change=np.inf) for job in make()]
            if not stacked_trainers.same_shape(jobs):
                continue
            train(jobs)
            by_library(jobs, OTHERS_EPOCHS)
            ours, theirs = [], []
            for _ in range(rounds):
                ours.append(seconds(partial(train, jobs)))
                theirs.append(seconds(partial(by_library, jobs, OTHERS_EPOCHS)))
            row = {"workload": title, "library": library, "engine s": min(ours), f"{library} s": min(theirs)}
            table.append({**row, "ratio": spread([b / a for a, b in zip(ours, theirs, strict=True)])})
    return table or [
        {"torch and jax": "nothing to compare with: neither is installed, or no workload has networks of one shape"}
    ]


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
    parser.add_argument("--brief", action="store_true", help="the five workloads alone")
    parser.add_argument("--json", type=Path, default=Path(__file__).parents[1] / "artefacts" / "bench_ensemble.json")
    arguments = parser.parse_args()
    print(f"{CORES} cores, {arguments.rounds} rounds; ratio: joblib + scikit-learn over engine, median (range)")
    report: dict[str, Any] = {"cores": CORES, "rounds": arguments.rounds}
    report["workloads"] = compare(arguments.only, arguments.rounds)
    tables: dict[str, Callable[[], Table]] = {
        "growth": growth,
        "starts": starts,
        "memory": lambda: memory(arguments.only),
        "others": lambda: others(arguments.only, min(arguments.rounds, 3)),
    }
    for name, table in tables.items() if not arguments.brief else ():
        report[name] = table()
        show(report[name])
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    arguments.json.write_text(json.dumps(report, indent=1))
    print(f"written to {arguments.json}")


if __name__ == "__main__":
    main()
