"""Where compiled code is kept, and telling people when something is compiled that was not kept yet."""

from __future__ import annotations

import hashlib
import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)


@cache
def cache_folder() -> Path:
    """Where compiled code is kept: NUMBA_CACHE_DIR if set, else the user's cache folder, else a temporary one.

    numba's own index notices new versions of numba, another processor, and changes of a compiled function's own file;
    the name of the folder is a hash of the files beside this one, whose functions are compiled into others.
    """
    if chosen := os.environ.get("NUMBA_CACHE_DIR"):
        return Path(chosen)
    roots = {"win32": os.environ.get("LOCALAPPDATA"), "darwin": "~/Library/Caches"}
    root = roots.get(sys.platform) or os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    sources = b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))
    version = hashlib.sha256(sources).hexdigest()[:12]
    folder = Path(root).expanduser() / "deep-learning-theory-lab" / f"numba-{version}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return Path(tempfile.mkdtemp(prefix="deep-learning-theory-lab-"))


@contextmanager
def kept() -> Iterator[None]:
    """Functions that numba decorates in here with cache=True are kept in `cache_folder`, whose place it asks then."""
    import numba

    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str(cache_folder())
    try:
        yield
    finally:
        numba.config.CACHE_DIR = before


@contextmanager
def announcing(sentence: str) -> Iterator[None]:
    """Warn with this sentence once if numba compiles anything in here that it cannot load."""
    from numba.core import event

    class Announce(event.Listener):  # type: ignore[misc] # numba is not typed
        said = False

        def on_start(self, event: Any) -> None:
            if not self.said:
                log.warning("%s (kept in %s)", sentence, cache_folder())
            self.said = True

        def on_end(self, event: Any) -> None:
            pass

    with event.install_listener("numba:compile", Announce()):
        yield
