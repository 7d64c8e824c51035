"""What a batch is to run, from a form or from the command of an interrupted one; nothing but known words passes."""

from __future__ import annotations

import argparse
import os
import re
import shlex
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from storage.queries.judgements import PROFILE_RANK

PROFILES = tuple(PROFILE_RANK)
MOST_SEEDS = 100_000
NAME = re.compile(r"[a-z_][a-z0-9_]*")


class PlanError(Exception):
    """`str(error)` says in one sentence why such a batch is not started from here."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The options of run_all.py; `only` empty means all experiments, None the number that it takes by itself."""

    profile: str
    only: tuple[str, ...] = ()
    seeds: int | None = None
    workers: int | None = None

    def arguments(self) -> list[str]:
        made = ["--profile", self.profile]
        made += ["--only", *self.only] if self.only else []
        made += ["--seeds", str(self.seeds)] if self.seeds is not None else []
        made += ["--workers", str(self.workers)] if self.workers is not None else []
        return made


def checked(plan: Plan, known: Collection[str]) -> Plan:
    """The plan itself; raises PlanError where it names what there is not. `known` are the store's experiments."""
    if plan.profile not in PROFILES:
        raise PlanError(f"There is no profile {plan.profile!r}: {', '.join(PROFILES)}.")
    for name in plan.only:
        if name not in known or not NAME.fullmatch(name):
            raise PlanError(f"The store knows no experiment {name!r}.")
    if plan.seeds is not None and not 1 <= plan.seeds <= MOST_SEEDS:
        raise PlanError(f"Seeds are a whole number from 1 to {MOST_SEEDS:,}.")
    cores = os.cpu_count() or 1
    if plan.workers is not None and not 1 <= plan.workers <= cores:
        raise PlanError(f"Workers are a whole number from 1 to {cores}, the cores of this machine.")
    return plan


class _Words(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise PlanError(f"Its command cannot be run from here ({message}): run it in a terminal.")


def plan_of(command: str, suites: Sequence[Path], known: Collection[str]) -> Plan:
    """The plan in a batch's command, which is text of the store and not trusted: it is read, never run.

    Raises PlanError for options that do more than run what is missing, and for folders of experiments that this server
    was not started with.
    """
    words = _Words(add_help=False, allow_abbrev=False)
    words.add_argument("--profile", default="standard")
    words.add_argument("--only", nargs="+", default=[])
    words.add_argument("--seeds", type=int)
    words.add_argument("--workers", type=int)
    words.add_argument("--suite", nargs="+", type=Path, default=[])
    words.add_argument("--store")  # the batch is in this very store
    words.add_argument("--serve", nargs="?")  # this is a dashboard already
    words.add_argument("--allow-run", action="store_true")
    try:
        beginning, *options = shlex.split(command)
    except ValueError:
        raise PlanError("Its command cannot be read: run it in a terminal.") from None
    if beginning != "python" or options[:1] != ["run_all.py"]:
        raise PlanError("Its command is not one of run_all.py: run it in a terminal.")
    found = words.parse_args(options[1:])
    own = {folder.resolve() for folder in suites}
    for folder in found.suite:
        if folder.resolve() not in own:
            raise PlanError(
                f"Its experiments are in {str(folder)!r}, which this server was not started with (--suite)."
            )
    workers = found.workers and min(found.workers, os.cpu_count() or 1)
    return checked(Plan(profile=found.profile, only=tuple(found.only), seeds=found.seeds, workers=workers), known)
