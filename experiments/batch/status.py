"""How a command ends."""

from __future__ import annotations

from enum import IntEnum
from signal import SIGINT


class Status(IntEnum):
    """The exit status of run_all.py."""

    OK = 0
    FAILED = 1
    """A run failed, a bit differs, or the store could not be written."""
    USAGE = 2
    """A mistake in the command, or a store that cannot be opened: nothing was done."""
    REFUTED = 3
    INTERRUPTED = 128 + SIGINT
