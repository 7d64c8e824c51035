"""How fast the dashboard answers on a great store: `python -m tests.benchmarks.bench_dashboard [--store PATH]`.

A store of 100,000 runs and 10 M curve points is built (great_store.py), or `--store` names one that is there; it is
written to, but for its numbers. A browser walks every page, scrolls through it and changes its choices; what it asked
of the server is noted, and asked again over HTTP without a browser:

- *cold*: first after another program changed a run behind the lab's back, at which every answer is forgotten;
- *warm*: the same again at once;
- *crowd*: warm, by eight clients at once, in random order;
- *beside*: the same while a batch writes twice a second, its heartbeat and a run of one experiment after another, all
  answers being forgotten when it begins.

Printed and written as JSON are the 95th percentiles of each, request by request; then how long the first page takes to
be usable in a browser that has nothing kept, and how many bytes each page takes to come, compressed.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import cycle
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import numpy as np
from sqlalchemy import Engine, create_engine, text

from storage.address import store_url
from tests.benchmarks.great_store import build
from tests.benchmarks.walk import Asked, bytes_of_pages, first_page_seconds, recorded

RUNS, POINTS = 100_000, 10_000_000
CLIENTS, CROWD_SECONDS = 8, 20.0
COLD_TURNS, WARM_TURNS = 10, 20
BETWEEN_WRITES = 0.5


@dataclass(frozen=True)
class Times:
    """Milliseconds of each answer to one request, by how it was asked."""

    asked: Asked
    cold: list[float]
    warm: list[float]
    crowd: list[float]
    beside: list[float]

    def p95(self, how: str) -> float:
        values: list[float] = getattr(self, how)
        return percentile(values, 0.95) if values else float("nan")


def percentile(values: Sequence[float], share: float) -> float:
    """Linear between order statistics (type 7 of Hyndman and Fan, Sample quantiles in statistical packages, 1996)."""
    return float(np.quantile(values, share))


@contextlib.contextmanager
def served(store: Path) -> Iterator[str]:
    """The dashboard in a process of its own; yields its address."""
    command = [sys.executable, "-m", "app", "--store", str(store), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()[1].rstrip("/")
        finally:
            process.terminate()


def answer(connection: HTTPConnection, asked: Asked) -> float:
    """Milliseconds until the answer is there whole."""
    headers = {"Content-Type": "application/json", "Accept-Encoding": "gzip, deflate, br, zstd"}
    start = time.perf_counter()
    if asked.body is None:
        connection.request("GET", asked.path, headers=headers)
    else:
        connection.request("POST", asked.path, asked.body.encode(), headers)
    got = connection.getresponse()
    got.read()
    took = time.perf_counter() - start
    assert got.status in (200, 204), (got.status, asked)
    return 1000 * took


def measured(address: str, store: Path, requests_made: Sequence[Asked], turns: int) -> list[Times]:
    """Each request cold and warm, `turns` times over; then all of them in random order by many clients at once."""
    session = HTTPConnection(urlsplit(address).netloc)
    times = [Times(asked, [], [], [], []) for asked in requests_made]
    for each in times:  # modules load at the first use of each
        answer(session, each.asked)
    engine = create_engine(store_url(str(store)))
    for _ in range(turns):
        for each in times:
            change(engine)
            each.cold.append(answer(session, each.asked))
            each.warm.extend(answer(session, each.asked) for _ in range(WARM_TURNS // turns + 1))
    for each in times:
        answer(session, each.asked)
    crowd(address, times, "crowd")
    with engine.connect() as connection:
        experiments = connection.scalars(text("SELECT name FROM experiment ORDER BY name")).all()
    change(engine)
    ended = threading.Event()
    batch = threading.Thread(target=write_like_a_batch, args=(engine, experiments, ended))
    batch.start()
    crowd(address, times, "beside")
    ended.set()
    batch.join()
    engine.dispose()
    return times


def change(engine: Engine) -> None:
    """A number of a run becomes another, and no batch says so."""
    with engine.begin() as connection:
        connection.execute(text("UPDATE run SET seconds = seconds + 0.001 WHERE id = 1"))


def write_like_a_batch(engine: Engine, experiments: Sequence[str], ended: threading.Event) -> None:
    for experiment in cycle(experiments):
        if ended.wait(BETWEEN_WRITES):
            return
        with engine.begin() as connection:
            connection.execute(text("UPDATE batch SET done = done + 1 WHERE id = (SELECT max(id) FROM batch)"))
            one = "(SELECT max(id) FROM run WHERE experiment = :name)"
            connection.execute(text(f"UPDATE run SET seconds = seconds + 0.001 WHERE id = {one}"), {"name": experiment})


def crowd(address: str, times: Sequence[Times], how: str) -> None:
    """CLIENTS clients ask for CROWD_SECONDS, each whatever comes to its mind as soon as it has its answer."""
    end = time.monotonic() + CROWD_SECONDS

    def client(seed: int) -> None:
        own, random = HTTPConnection(urlsplit(address).netloc), Random(seed)
        while time.monotonic() < end:
            each = random.choice(times)
            getattr(each, how).append(answer(own, each.asked))

    clients = [threading.Thread(target=client, args=(seed,)) for seed in range(CLIENTS)]
    for thread in clients:
        thread.start()
    for thread in clients:
        thread.join()


def table(times: Sequence[Times]) -> str:
    """A line a request, the slowest cold first, and a line over all of them."""
    ways = ("cold", "warm", "crowd", "beside")
    lines = ["".join(f"{f'{how} p95':>11}" for how in ways) + "  request (ms)"]
    for each in sorted(times, key=lambda each: -each.p95("cold")):
        lines.append("".join(f"{each.p95(how):11.1f}" for how in ways) + f"  {each.asked.name}")
    for how in ways:
        values = [value for each in times for value in getattr(each, how)]
        lines.append(
            f"{how}: median {statistics.median(values):.1f}, p95 {percentile(values, 0.95):.1f}, "
            f"worst {max(values):.1f} ms over {len(values)} answers to {len(times)} requests; "
            f"greatest p95 of a request {np.nanmax([each.p95(how) for each in times]):.1f} ms"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", type=Path, help="a great store that is there")
    parser.add_argument("--turns", type=int, default=COLD_TURNS, help="how often each request is asked cold")
    parser.add_argument("--json", type=Path, default=Path(__file__).parents[1] / "artefacts" / "bench_dashboard.json")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        store = options.store or Path(folder) / "great.db"
        if options.store is None:
            build(store, RUNS, POINTS)
        address = stack.enter_context(served(store))
        walked = recorded(address)
        print(f"{len(walked)} different requests", flush=True)
        times = measured(address, store, walked, options.turns)
        print(table(times), flush=True)
        usable, weights = first_page_seconds(address), bytes_of_pages(address)
    print(f"first page usable in {usable:.2f} s")
    for path, weight in weights.items():
        print(f"{path}: {weight / 1e6:.2f} MB compressed")
    found = [{**vars(each), "asked": each.asked.name} for each in times]
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps({"requests": found, "first page s": usable, "bytes": weights}, indent=1))


if __name__ == "__main__":
    main()
