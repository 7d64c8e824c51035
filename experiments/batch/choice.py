"""Which experiments a command is about, and the cells that it runs of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from experiments.batch.plan import Cell, plan, plan_own
from experiments.catalog import Entry
from experiments.networks.datasets import shape
from experiments.networks.own_table import name_of
from experiments.spec import PROFILES
from storage.wording import nearest


class ChoiceError(Exception):
    """`str(error)` says in one sentence what there is none of, and what is like it."""


def check_choice(entries: Mapping[str, Entry], profile: str, only: Sequence[str] | None) -> None:
    """Raises ChoiceError where there is no such profile or experiment."""
    if profile not in PROFILES:
        raise ChoiceError(f"There is no profile {profile}{nearest(profile, PROFILES)}: {', '.join(PROFILES)}.")
    for name in only or ():
        if name not in entries:
            raise ChoiceError(f"There is no experiment {name}{nearest(name, entries)}; --list shows all.")


def chosen_cells(
    entries: Mapping[str, Entry],
    profile: str,
    only: Sequence[str] | None = None,
    seeds: int | None = None,
    data: Path | None = None,
    target: str | None = None,
) -> tuple[Cell, ...]:
    """The profile's cells of all entries, or of those that `only` names; or their cells on a table of one's own.

    The table is in the file `data`, its last column or `target` to be predicted. Raises OwnTableError where it cannot
    be used, and ChoiceError where none of the experiments takes one.
    """
    chosen = [entry for name, entry in entries.items() if only is None or name in only]
    if data is None:
        return plan(chosen, profile, seeds)
    cells = plan_own(chosen, shape(name_of(data, target)), profile, seeds)
    if not cells:
        takers = ", ".join(name for name, entry in entries.items() if entry.experiment.own is not None)
        raise ChoiceError(f"None of these experiments takes a data set; {takers} do.")
    return cells
