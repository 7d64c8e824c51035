"""What both command lines take and how they refuse the rest: `python -m app` and run_all.py."""

from __future__ import annotations

import argparse
from typing import NoReturn

from storage.wording import nearest


class UsageError(Exception):
    """One sentence that says what is wrong with the command."""


class Parser(argparse.ArgumentParser):
    """argparse, but a mistake gets one sentence, with the nearest option where one is near."""

    def error(self, message: str) -> NoReturn:
        for unknown in message.removeprefix("unrecognized arguments: ").split() if "unrecognized" in message else []:
            options = [name for action in self._actions for name in action.option_strings]
            raise UsageError(f"There is no option {unknown}{nearest(unknown, options)}.")
        raise UsageError(f"{message[0].upper()}{message[1:]}; see --help.")


def port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port from 0 to 65535")
    return int(text)


def positive(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)
