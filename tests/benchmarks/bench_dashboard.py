"""How fast the dashboard answers on a great store: `python -m tests.benchmarks.bench_dashboard [--store PATH]`.

A store of 100,000 runs and 10 M curve points is built (great_store.py), or `--store` names one that is there; it is
written to, in the batch table alone. A browser walks every page, scrolls through it and changes its choices; what it
asked of the server is noted, and asked again over HTTP without a browser: *cold*, each request first after the store's
content changed; *warm*, the same again at once; *crowd*, by eight clients at once. Printed and written as JSON are the
95th percentiles of each, request by request; then how long the first page takes to be usable in a browser that has
nothing kept, and how many bytes each page takes to come, compressed.
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
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

from sqlalchemy import create_engine, text

from storage.address import store_url
from tests.benchmarks.great_store import build
from tests.benchmarks.walk import Asked, bytes_of_pages, first_page_seconds, recorded

RUNS, POINTS = 100_000, 10_000_000
CLIENTS, CROWD_SECONDS = 8, 20.0
WARM_TURNS = 10


@dataclass(frozen=True)
class Times:
    """Milliseconds of each answer to one request, by how it was asked."""

    asked: Asked
    cold: list[float]
    warm: list[float]
    crowd: list[float]


def percentile(values: Sequence[float], share: float) -> float:
    """The least value that so large a share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


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
    times = [Times(asked, [], [], []) for asked in requests_made]
    for each in times:  # modules load at the first use of each
        answer(session, each.asked)
    engine = create_engine(store_url(str(store)))
    for _ in range(turns):
        for each in times:
            with engine.begin() as connection:
                # an UPDATE to the same value would write nothing, and what was asked before would be known
                connection.execute(text("UPDATE batch SET done = done + 1 WHERE id = 1"))
            each.cold.append(answer(session, each.asked))
            each.warm.extend(answer(session, each.asked) for _ in range(WARM_TURNS // turns + 1))
    engine.dispose()
    end = time.monotonic() + CROWD_SECONDS

    def client(seed: int) -> None:
        own, random = HTTPConnection(urlsplit(address).netloc), Random(seed)
        while time.monotonic() < end:
            each = random.choice(times)
            each.crowd.append(answer(own, each.asked))

    clients = [threading.Thread(target=client, args=(seed,)) for seed in range(CLIENTS)]
    for thread in clients:
        thread.start()
    for thread in clients:
        thread.join()
    return times


def table(times: Sequence[Times]) -> str:
    """A line a request, the slowest cold first, and a line over all of them."""
    lines = [f"{'cold p95':>9} {'warm p95':>9} {'crowd p95':>9}  request (ms)"]
    for each in sorted(times, key=lambda each: -percentile(each.cold, 0.95)):
        crowd = percentile(each.crowd, 0.95) if each.crowd else float("nan")
        lines.append(
            f"{percentile(each.cold, 0.95):9.1f} {percentile(each.warm, 0.95):9.1f} {crowd:9.1f}  {each.asked.name}"
        )
    for name in ("cold", "warm", "crowd"):
        values = [value for each in times for value in getattr(each, name)]
        lines.append(
            f"{name}: median {statistics.median(values):.1f}, p95 {percentile(values, 0.95):.1f}, "
            f"worst {max(values):.1f} ms over {len(values)} answers to {len(times)} requests"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", type=Path, help="a great store that is there")
    parser.add_argument("--turns", type=int, default=3, help="how often each request is asked cold")
    parser.add_argument("--json", type=Path, default=Path("bench_dashboard.json"))
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
    found = [{"request": each.asked.name, "cold": each.cold, "warm": each.warm, "crowd": each.crowd} for each in times]
    options.json.write_text(json.dumps({"requests": found, "first page s": usable, "bytes": weights}, indent=1))


if __name__ == "__main__":
    main()
