"""How much a forward pass gains from matrix products, and from many points at once: three ways in turns in one run.

python -m tests.benchmarks.bench_forward [ROUNDS]

A ReLU network of three layers of weights, as wide as it has inputs: neuron by neuron as the guide computes it, by one
matrix product a layer, and by one a layer for 256 points together. Printed are microseconds a point (the median over
the rounds of the processor's time, which a busy machine distorts less) and, within each round, how many times faster
the second and the third are than the first: median and range.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
from threadpoolctl import threadpool_limits

from experiments.networks.forward import looped, normal_network, vectorised

WIDTHS = (3, 16, 64, 256)
POINTS = 256


def seconds(work: Callable[[], object], least: float = 0.05) -> float:
    """Processor time of one call, the mean over as many as take about `least` seconds."""
    calls, start = 0, time.process_time()
    while (took := time.process_time() - start) < least:
        work()
        calls += 1
    return took / calls


def main(rounds: int) -> None:
    print(f"{'width':>6} {'loop':>10} {'vector':>10} {'batch':>10}   {'vector/loop':>24} {'batch/loop':>24}")
    for width in WIDTHS:
        rng = np.random.default_rng(0)
        network = normal_network((width, width, width, 1), rng)
        x = rng.standard_normal((width, POINTS))
        columns = [(weights, biases[:, np.newaxis]) for weights, biases in network]
        assert np.allclose(vectorised(columns, x)[:, 0], looped(network, x[:, 0]))
        ways: tuple[Callable[[], object], ...] = (
            lambda: looped(network, x[:, 0]),  # noqa: B023  # called before the loop goes on
            lambda: vectorised(network, x[:, 0]),  # noqa: B023  # the same
            lambda: vectorised(columns, x),  # noqa: B023  # the same
        )
        taken = np.array([[seconds(way) for way in ways] for _ in range(rounds)]) / (1, 1, POINTS)
        microseconds = [f"{1e6 * statistics.median(column):8.2f} µs" for column in taken.T]
        faster = [
            f"{np.median(gain):8.1f}× [{gain.min():.1f}, {gain.max():.1f}]" for gain in (taken[:, :1] / taken[:, 1:]).T
        ]
        print(f"{width:6} {' '.join(microseconds)}   {faster[0]:>24} {faster[1]:>24}")


if __name__ == "__main__":
    with threadpool_limits(1):
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
