"""Serving the dashboard with waitress, in this thread or beside it, with a clean stop."""

from __future__ import annotations

import gc
import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HOST, PORT = "127.0.0.1", 8050
THREADS = 8
IN_MEMORY = 32 * 2**20
"""Bytes of an answer that wait in memory for a slow reader; waitress would take a temporary file beyond 1 MB."""


class AddressError(Exception):
    """`str(error)` says in one sentence why the dashboard cannot listen there, and what to do."""


@dataclass(frozen=True, kw_only=True)
class Allowed:
    """What people may do beyond looking: `run` batches, of the experiments of more `suites` too; `hosts` are more names
    by which they may reach the dashboard."""

    run: bool = False
    suites: tuple[Path, ...] = ()
    hosts: tuple[str, ...] = ()


LOOKING = Allowed()


class Server:
    """Listens from the moment it is made; answers while run() runs, in whichever thread that is."""

    def __init__(self, store: str | None, host: str, port: int, allowed: Allowed = LOOKING) -> None:
        """Raises StoreError and AddressError, before anything slow is loaded."""
        from storage import open_store

        self._store = opened = open_store(store)
        listening = _listen(host, port)

        from waitress.server import create_server

        from app import create_app
        from app.http.guard import hosts_of
        from app.launching.launcher import Launcher

        self._launcher = Launcher(opened, allowed.suites) if allowed.run else None
        hosts = hosts_of(host, allowed.hosts, changes=allowed.run)
        application = create_app(opened, hosts, self._launcher).server
        gc.freeze()  # what was loaded stays: looking through it for cycles again and again takes a tenth of a second
        self._map: dict[int, Any] = {}
        self._waitress = create_server(
            application, map=self._map, sockets=[listening], threads=THREADS, outbuf_overflow=IN_MEMORY
        )
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # that a request waits for a thread is no news
        self._stopping = threading.Event()
        self.url = _url(host, listening.getsockname()[1])

    def run(self) -> None:
        """Answer until stop() or an exception, as Ctrl-C is; then let go of the port, every thread and the store."""
        from waitress import wasyncore

        try:
            while not self._stopping.is_set():
                wasyncore.loop(timeout=0.5, map=self._map, count=1)
        finally:
            self._waitress.task_dispatcher.shutdown()
            wasyncore.close_all(self._map)
            if self._launcher is not None:
                self._launcher.close()
            self._store.close()

    def stop(self) -> None:
        """From any thread: run() returns soon after."""
        self._stopping.set()
        self._waitress.pull_trigger()


@contextmanager
def serving(store: str | None, host: str = HOST, port: int = PORT, allowed: Allowed = LOOKING) -> Iterator[str]:
    """The dashboard in a background thread; yields its address. Raises StoreError and AddressError."""
    server = Server(store, host, port, allowed)
    thread = threading.Thread(target=server.run, name="dashboard", daemon=True)
    thread.start()
    try:
        yield server.url
    finally:
        server.stop()
        thread.join(timeout=5)


def serve(store: str | None, host: str = HOST, port: int = PORT, allowed: Allowed = LOOKING) -> None:
    """The dashboard in this thread until Ctrl-C; prints its address once it listens."""
    server = Server(store, host, port, allowed)
    print(f"Dashboard: {server.url} (Ctrl-C stops it)", flush=True)
    if allowed.run:
        print("Whoever reaches this address can start and stop batches (--allow-run).", flush=True)
    server.run()


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, UnicodeError):
        raise AddressError(f"There is no address {host!r} to listen on; --host takes one of this machine's.") from None
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(128)
    except OSError as error:
        listening.close()
        raise AddressError(
            f"The dashboard cannot listen on {host}:{port} ({error.strerror}); choose another with --host and --port."
        ) from None
    return listening


def _url(host: str, port: int) -> str:
    shown = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{shown}:{port}/"
