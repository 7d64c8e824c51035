"""The fast kernels beside the ensemble engine, and its product that skips zeros, against the naive way:
`python -m tests.benchmarks.bench_kernels`.

Each row is timed in turns on one BLAS thread; printed are the lowest times of the rounds, their ratio, and the largest
difference between the two results. `--json PATH` writes the table.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.networks.adversarial_training import worst_points
from experiments.networks.attacks import pgd
from experiments.networks.kernels import limit_kernels
from experiments.networks.pieces import shallow_kinks, shallow_output
from experiments.networks.relu import ReluNetwork
from experiments.networks.ridgeless import ridgeless_sweep

Floats = NDArray[np.float64]
Way = Callable[[], Any]


def network(*units: int) -> ReluNetwork:
    rng = np.random.default_rng(0)
    layers = [(*units, 1)[i : i + 2] for i in range(len(units))]
    weights = tuple(rng.standard_normal((a, b)) * np.sqrt(2 / a) for a, b in layers)
    return ReluNetwork(weights, tuple(0.1 * rng.standard_normal(b) for _, b in layers))


def attacks() -> tuple[Way, Way]:
    """PGD over 100 points and 10 radii at once, against each point and radius alone."""
    classifier, x = network(2, 32), np.random.default_rng(1).uniform(-2, 2, (100, 2))
    radii = np.linspace(0.05, 0.5, 10)

    def naive() -> Floats:
        rng = np.random.default_rng(0)
        rows = [[pgd(classifier, x[i : i + 1], radii[j : j + 1], "linf", rng, restarts=0).success[0, 0]
                 for i in range(len(x))] for j in range(len(radii))]  # fmt: skip
        return np.array(rows, float)

    return lambda: pgd(classifier, x, radii, "linf", np.random.default_rng(0), restarts=0).success.astype(float), naive


def adversarial_training() -> tuple[Way, Way]:
    """The inner maximum of adversarial training for a batch of 200 points, against one point at a time."""
    classifier, x = network(2, 32), np.random.default_rng(1).uniform(-2, 2, (200, 2))
    side = np.where(x[:, 0] > 0, 1.0, -1.0)

    def naive() -> Floats:
        rng = np.random.default_rng(0)
        return np.concatenate(
            [worst_points(classifier, x[i : i + 1], side[i : i + 1], 0.1, 5, rng) for i in range(len(x))]
        )

    return lambda: worst_points(classifier, x, side, 0.1, 5, np.random.default_rng(0)), naive


def ridgeless() -> tuple[Way, Way]:
    """Least-norm fits on the first p of 1000 features at 40 sizes p, against np.linalg.lstsq at each."""
    rng = np.random.default_rng(0)
    features, y = rng.standard_normal((200, 1000)), rng.standard_normal(200)
    sizes = np.unique(np.geomspace(10, 1000, 40).astype(int)).tolist()

    def padded(fits: list[Floats]) -> Floats:
        return np.array([np.pad(fit, (0, 1000 - len(fit))) for fit in fits])

    return (
        lambda: padded(ridgeless_sweep(features, y, sizes)),
        lambda: padded([np.asarray(np.linalg.lstsq(features[:, :p], y)[0], float) for p in sizes]),
    )


def kernel_gram() -> tuple[Way, Way]:
    """The NTK of one hidden layer between 2000 points in blocks, against whole matrices at every step."""
    X = np.random.default_rng(0).standard_normal((2000, 5))

    def naive() -> Floats:
        r = np.sqrt(np.outer((X**2).sum(axis=1), (X**2).sum(axis=1)))
        angle = np.arccos(np.clip(X @ X.T / r, -1, 1))
        nngp = r * (np.sin(angle) + (np.pi - angle) * np.cos(angle)) / (2 * np.pi)
        return np.asarray(nngp + X @ X.T * (np.pi - angle) / (2 * np.pi))

    return lambda: limit_kernels(X, X).ntk, naive


def pieces() -> tuple[Way, Way]:
    """The kinks of a shallow net of 1000 neurons, against second differences on a grid of 100,000 points (which
    misses those that share a cell: the difference is not zero)."""
    rng = np.random.default_rng(0)
    w, b, v = rng.standard_normal((3, 1000))
    grid = np.linspace(-3, 3, 100_000)

    def naive() -> Floats:
        bends = np.abs(np.diff(np.concatenate([shallow_output(w, b, v, part) for part in np.split(grid, 100)]), 2))
        return np.array([np.count_nonzero((bends[1:] > 1e-9) & (bends[:-1] <= 1e-9))], float)

    return lambda: np.array([len(shallow_kinks(w, b, v).inside(-3, 3).at)], float), naive


def skipping(zeros: float) -> tuple[Way, Way]:
    """A product of the ensemble engine (200, 100) @ (100, 100), 100 times, that skips the given share of zeros in its
    first factor, marked anew each time, against the same that multiplies by them."""
    from experiments.networks.ensemble.marks import mark, parts
    from experiments.networks.ensemble.products import FORWARD, product, skipping_product
    from experiments.networks.ensemble.rows import MOST
    from experiments.networks.ensemble.tiles import BYTES, NOTHING

    m, n, p = 200, 100, 100
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((m, n)) * (rng.random((m, n)) >= zeros), rng.standard_normal((n, p))
    out, other = np.empty((2, m, p))
    by_row, by_column = (np.empty(size, np.uint64) for size in (parts(n) * m, parts(m) * n))
    room = np.empty((n * MOST + 1) * BYTES // a.itemsize)
    panel = room.ctypes.data + -room.ctypes.data % BYTES
    size = a.itemsize

    def ours() -> Floats:
        at_a, at_b = a.ctypes.data, b.ctypes.data
        for _ in range(100):
            mark(room, at_a, m, n, size, by_row, by_column)
            skipping_product(
                FORWARD, room, by_row.ctypes.data, at_a, at_b, out.ctypes.data, panel, m, n, p, size, NOTHING, 0
            )
        return out

    def naive() -> Floats:
        at_a, at_b = a.ctypes.data, b.ctypes.data
        for _ in range(100):
            product(FORWARD, room, at_a, at_b, other.ctypes.data, panel, m, n, p, size, NOTHING, 0)
        return other

    return ours, naive


ROWS: dict[str, Callable[[], tuple[Way, Way]]] = {
    "attacks": attacks,
    "adversarial training": adversarial_training,
    "ridgeless sweep": ridgeless,
    "kernel Gram matrix": kernel_gram,
    "exact pieces": pieces,
    **{f"skipping {share:.0%} zeros": partial(skipping, share) for share in (0.0, 0.25, 0.5, 0.75, 0.9)},
}


def compare(name: str, rounds: int) -> dict[str, Any]:
    ours, naive = ROWS[name]()
    difference = float(np.max(np.abs(ours() - naive())))
    times: dict[Way, list[float]] = {ours: [], naive: []}
    for _ in range(rounds):
        for way, taken in times.items():
            start = time.perf_counter()
            way()
            taken.append(time.perf_counter() - start)
    fast, slow = min(times[ours]), min(times[naive])
    return {"kernel": name, "ours s": fast, "naive s": slow, "ratio": slow / fast, "largest difference": difference}


def main() -> None:
    from threadpoolctl import threadpool_limits

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, default=Path(__file__).parents[1] / "artefacts" / "bench_kernels.json")
    options = parser.parse_args()
    table = []
    with threadpool_limits(limits=1, user_api="blas"):
        for name in ROWS:
            row = compare(name, options.rounds)
            table.append(row)
            print(
                f"{name:22} ours {row['ours s']:8.4f} s  naive {row['naive s']:8.4f} s  {row['ratio']:7.1f} x"
                f"  largest difference {row['largest difference']:.2g}",
                flush=True,
            )
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(table, indent=1))
    print(f"written to {options.json}")


if __name__ == "__main__":
    main()
