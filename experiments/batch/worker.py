"""What happens inside a worker process: an order comes in, whole runs go out."""

from __future__ import annotations

import hashlib
import os
import signal
import threading
import time
import traceback
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import PCG64, Generator, SeedSequence

from experiments.catalog import SUITE, Entry, load
from experiments.spec import Curve, Experiment, Outcome
from storage.records import CurveRecord, FieldRecord, RunRecord, Value

ROOT_SEED = 0
SEEDS_WITH_FIELDS = 3
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")


class StaleSourceError(Exception):
    """A worker has another version of a suite file than the process that ordered the run."""


@dataclass(frozen=True)
class Order:
    """Runs of one cell, as it crosses to a worker: no experiment and no function, only what names them.

    `path` is None for a file of the laboratory's own suite, which every worker has in its own place.
    """

    name: str
    path: Path | None
    digest: str
    revision: int
    params: Mapping[str, Value]
    seeds: tuple[int, ...]
    keys: tuple[str, ...]

    def one_by_one(self) -> tuple[Order, ...]:
        return tuple(
            Order(self.name, self.path, self.digest, self.revision, self.params, (seed,), (key,))
            for seed, key in zip(self.seeds, self.keys, strict=True)
        )


def order(entry: Entry, params: Mapping[str, Value], seeds: Sequence[int], keys: Sequence[str]) -> Order:
    path = None if entry.path.parent == SUITE.resolve() else entry.path
    return Order(entry.name, path, entry.digest, entry.experiment.revision, params, tuple(seeds), tuple(keys))


def generator(experiment: str, seed: int) -> Generator:
    """The randomness of one seed of an experiment, the same in every cell: runs of one seed are paired across sizes."""
    name = int.from_bytes(hashlib.blake2b(experiment.encode(), digest_size=8).digest(), "big")
    return Generator(PCG64(SeedSequence(ROOT_SEED, spawn_key=(name, seed))))


def work(order: Order) -> list[RunRecord]:
    """The ordered runs, each whole; a run that raises is a failed one with its traceback.

    Numerical libraries get one thread: the bits of their sums depend on it.
    """
    from threadpoolctl import threadpool_limits

    os.environ.update(ONE_THREAD)  # for libraries that are loaded from here on; those already loaded are limited below
    entry = load((order.path or SUITE / f"{order.name}.py").resolve())
    if entry.digest != order.digest:
        raise StaleSourceError(f"a worker has another version of {entry.path.name}: bring its checkout up to date")
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if entry.experiment.run_ensemble is not None and len(order.seeds) > 1:
            try:
                return _runs(entry, order)
            except Exception:
                # One seed spoils the whole ensemble: find out which.
                return [run for single in order.one_by_one() for run in _runs_or_failure(entry, single)]
        return [run for single in order.one_by_one() for run in _runs_or_failure(entry, single)]


def _runs_or_failure(entry: Entry, order: Order) -> list[RunRecord]:
    started_at, start = datetime.now(UTC), time.perf_counter()
    try:
        return _runs(entry, order)
    except Exception:
        return [failure(order, traceback.format_exc(), started_at, time.perf_counter() - start)]


def failure(order: Order, error: str, started_at: datetime | None = None, seconds: float = 0.0) -> RunRecord:
    """The record of an order's first run as failed."""
    return RunRecord(
        key=order.keys[0],
        experiment=order.name,
        revision=order.revision,
        params=order.params,
        seed=order.seeds[0],
        status="failed",
        error=error,
        started_at=started_at or datetime.now(UTC),
        seconds=seconds,
        fingerprint="",
    )


def _runs(entry: Entry, order: Order) -> list[RunRecord]:
    experiment = entry.experiment
    started_at, start = datetime.now(UTC), time.perf_counter()
    outcomes = produce(entry.name, experiment, experiment.params(**order.params), order.seeds)
    drawn = [
        outcome.fields() if seed < SEEDS_WITH_FIELDS else {}
        for seed, outcome in zip(order.seeds, outcomes, strict=True)
    ]
    seconds = (time.perf_counter() - start) / len(order.seeds)
    runs = []
    for seed, key, outcome, arrays in zip(order.seeds, order.keys, outcomes, drawn, strict=True):
        metrics = {name: _number(experiment, name, value) for name, value in sorted(outcome.metrics.items())}
        curves = tuple(_curve(experiment, name, curve) for name, curve in sorted(outcome.curves.items()))
        fields = tuple(_field(experiment, name, value) for name, value in sorted(arrays.items()))
        runs.append(
            RunRecord(
                key=key,
                experiment=order.name,
                revision=order.revision,
                params=order.params,
                seed=seed,
                status="ok",
                error="",
                started_at=started_at,
                seconds=seconds,
                fingerprint=fingerprint(metrics, curves, fields),
                metrics=metrics,
                curves=curves,
                fields=fields,
            )
        )
    return runs


def produce(name: str, experiment: Experiment[Any], cell: Any, seeds: Sequence[int]) -> Sequence[Outcome]:
    """The outcomes of one cell at the given seeds."""
    generators = [generator(name, seed) for seed in seeds]
    if experiment.run_ensemble is not None:
        return experiment.run_ensemble(cell, generators)
    assert experiment.run is not None
    return [experiment.run(cell, rng) for rng in generators]


def _number(experiment: Experiment[Any], name: str, value: float) -> float:
    if name not in experiment.metrics:
        raise ValueError(f"the run gave the metric {name}, which the experiment does not declare")
    if not np.isfinite(value):
        raise ValueError(f"the metric {name} is {value}")
    return float(value) + 0.0  # no negative zero: SQLite would not keep it


def _curve(experiment: Experiment[Any], name: str, curve: Curve) -> CurveRecord:
    if name not in experiment.curves:
        raise ValueError(f"the run gave the curve {name}, which the experiment does not declare")
    x, y = (np.array(values, dtype=np.float64) for values in (curve.x, curve.y))
    if x.ndim != 1 or x.shape != y.shape:
        raise ValueError(f"the curve {name} has x of shape {x.shape} and y of shape {y.shape}")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ValueError(f"the curve {name} has a number that is not finite")
    return CurveRecord(name=name, x=x, y=y)


def _field(experiment: Experiment[Any], name: str, arrays: Mapping[str, Any]) -> FieldRecord:
    if name not in experiment.fields:
        raise ValueError(f"the run gave the field {name}, which the experiment does not declare")
    exact = {}
    for part, values in sorted(arrays.items()):
        array = np.asarray(values)
        exact[part] = np.array(array, dtype=np.int64 if array.dtype.kind in "biu" else np.float64, order="C")
        if not np.isfinite(exact[part]).all():
            raise ValueError(f"the field {name} has a number in {part} that is not finite")
    return FieldRecord(name=name, kind=experiment.fields[name].kind, arrays=exact)


def fingerprint(metrics: Mapping[str, float], curves: Sequence[CurveRecord], fields: Sequence[FieldRecord]) -> str:
    """A hash of the names and exact bits of all that a run produced, in order of the names."""
    digest = hashlib.blake2b(digest_size=16)

    def add(kind: str, name: str, array: Any) -> None:
        digest.update(f"{kind}\0{name}\0{array.dtype.str}{array.shape}\0".encode())
        digest.update(np.ascontiguousarray(array).tobytes())

    for name in sorted(metrics):
        add("metric", name, np.float64(metrics[name]))
    for curve in sorted(curves, key=lambda curve: curve.name):
        add("curve x", curve.name, curve.x)
        add("curve y", curve.name, curve.y)
    for field in sorted(fields, key=lambda field: field.name):
        for part in sorted(field.arrays):
            add("field", f"{field.name}\0{part}", field.arrays[part])
    return digest.hexdigest()


def prepare(lifeline: Connection) -> None:
    """Makes a process a worker: deaf to Ctrl-C, which is its parent's to answer, and dead as soon as the lifeline is.

    The lifeline's other end is held by the parent alone, so it breaks however the parent ends, kill -9 included.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.update(ONE_THREAD)

    def watch() -> None:
        try:
            lifeline.recv()
        finally:
            os._exit(1)

    threading.Thread(target=watch, daemon=True, name="lifeline").start()
