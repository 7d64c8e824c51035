#!/usr/bin/env python3
"""Runs the laboratory: every experiment over its seeds and sizes, into the store, and judges theory's claims on it."""

from __future__ import annotations

import argparse
import contextlib
import difflib
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from experiments.batch import Cell, Crew
    from experiments.catalog import Entry
    from storage.reading import Store
    from storage.records import BatchRecord, RunRecord
    from storage.store import Writer

OK, FAILED, USAGE, REFUTED, INTERRUPTED = 0, 1, 2, 3, 130


class UsageError(Exception):
    """One sentence that says what is wrong with the command, or with what it names."""


class Parser(argparse.ArgumentParser):
    """argparse, but a mistake gets one sentence, with the nearest option where one is near."""

    def error(self, message: str) -> NoReturn:
        for unknown in message.removeprefix("unrecognized arguments: ").split() if "unrecognized" in message else []:
            options = [name for action in self._actions for name in action.option_strings]
            raise UsageError(f"There is no option {unknown}{_nearest(unknown, options)}.")
        raise UsageError(f"{message[0].upper()}{message[1:]}; see --help.")


def positive(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)


def port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port from 1 to 65535")
    return int(text)


def parser() -> Parser:
    parser = Parser(prog="run_all.py", description=__doc__, allow_abbrev=False)
    add = parser.add_argument
    add(
        "--profile",
        default="standard",
        metavar="quick|standard|deep",
        help="which grid of cells and seeds (default: standard)",
    )
    add("--only", nargs="+", metavar="NAME", help="only these experiments")
    add("--seeds", type=positive, metavar="N", help="seeds 0 to N-1 in every cell, instead of the profile's number")
    add("--workers", type=positive, metavar="N", help="worker processes (default: the cores of this machine)")
    add("--scheduler", metavar="ADDRESS", help="run on the Dask cluster with this scheduler instead of local processes")
    add("--suite", nargs="+", type=Path, default=[], metavar="DIR", help="more folders of experiment files")
    add(
        "--data",
        type=Path,
        metavar="FILE",
        help="run the experiments that learn from data on this table (.csv or .parquet) instead of the profile's cells",
    )
    add("--target", metavar="COLUMN", help="the column of --data to predict (default: the last)")
    add("--store", metavar="URL|PATH", help="a file or an SQLAlchemy URL (default: $THEORY_LAB_STORE, then results.db)")
    add("--rerun", action="store_true", help="run again what the store already holds, and replace it")
    add(
        "--serve",
        type=port,
        nargs="?",
        const=8050,
        metavar="PORT",
        help="show the dashboard beside the batch, until Ctrl-C",
    )
    add("--allow-run", action="store_true", help="with --serve: let its page of batches start, finish and stop them")
    alone = parser.add_mutually_exclusive_group()
    alone.add_argument("--list", action="store_true", help="list the experiments and what the store holds of them")
    alone.add_argument("--dry-run", action="store_true", help="say what would be run")
    alone.add_argument(
        "--report", type=Path, metavar="FILE", help="write what the store holds, or --only of it, as one HTML file"
    )
    alone.add_argument(
        "--verify", metavar="N|KEY", help="run N stored runs, or the one with this key, again and compare every bit"
    )
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and returns its exit status: 0 all well, 1 a run failed, a bit differs or the store cannot be
    written, 2 wrong usage or a store that cannot be opened, 3 a claim refuted, 130 interrupted."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    from app import AddressError, ReportError
    from experiments.batch import CrewError, StaleSourceError
    from experiments.catalog import CatalogError
    from experiments.networks.own_table import FOLDER, OwnTableError
    from storage.errors import StoreError

    try:
        options = parser().parse_args(arguments)
        if options.report is not None:
            return report(options)
        if options.target is not None and options.data is None:
            raise UsageError("--target names a column of --data, which is not given.")
        if options.data is not None:  # the workers read it themselves
            os.environ[FOLDER] = str(options.data.absolute().parent)
        entries = _selected(options)
        if options.list:
            return show_list(options, entries)
        if options.dry_run:
            return show_plan(options, entries)
        if options.verify is not None:
            return verify(options, entries)
        return run(options, entries, arguments)
    except (
        UsageError, AddressError, CatalogError, CrewError, OwnTableError, ReportError, StaleSourceError, StoreError
    ) as error:  # fmt: skip
        print(error, file=sys.stderr)
        return USAGE


def _nearest(word: str, words: Sequence[str]) -> str:
    near = difflib.get_close_matches(word, words, n=1, cutoff=0.5)
    return f"; did you mean {near[0]}" if near else ""


def _selected(options: argparse.Namespace) -> dict[str, Entry]:
    """Every experiment that there is, checked; raises UsageError for names that are none."""
    from experiments.catalog import find
    from experiments.spec import PROFILES

    if options.profile not in PROFILES:
        raise UsageError(
            f"There is no profile {options.profile}{_nearest(options.profile, PROFILES)}: {', '.join(PROFILES)}."
        )
    entries = find(options.suite)
    for name in options.only or ():
        if name not in entries:
            raise UsageError(f"There is no experiment {name}{_nearest(name, list(entries))}; --list shows all.")
    return entries


def _cells(options: argparse.Namespace, entries: Mapping[str, Entry]) -> tuple[Cell, ...]:
    from experiments.batch import plan, plan_own
    from experiments.networks import own_table
    from experiments.networks.datasets import shape

    chosen = [entry for name, entry in entries.items() if options.only is None or name in options.only]
    if options.data is None:
        return plan(chosen, options.profile, options.seeds)
    table = shape(own_table.name_of(options.data, options.target))
    cells = plan_own(chosen, table, options.profile, options.seeds)
    if not cells:
        takers = ", ".join(name for name, entry in entries.items() if entry.experiment.own is not None)
        raise UsageError(f"None of these experiments takes a data set; {takers} do.")
    return cells


def _by_experiment(cells: Sequence[Cell]) -> dict[str, list[Cell]]:
    found: dict[str, list[Cell]] = {}
    for cell in cells:
        found.setdefault(cell.entry.name, []).append(cell)
    return found


def _crew(options: argparse.Namespace) -> Crew:
    from experiments.batch import DaskCrew, LocalCrew, cores

    return DaskCrew(options.scheduler) if options.scheduler else LocalCrew(options.workers or cores())


def show_list(options: argparse.Namespace, entries: Mapping[str, Entry]) -> int:
    from experiments.batch.console import console, print_table
    from storage import open_store

    rows = []
    with contextlib.closing(open_store(options.store)) as store:
        for name, cells in _by_experiment(_cells(options, entries)).items():
            keys = [key for cell in cells for key in cell.keys]
            experiment = cells[0].entry.experiment
            grid = f"{len(cells)} × {len(cells[0].keys)}"
            stored = len(store.fingerprints(keys))
            rows.append(
                [
                    str(experiment.chapter),
                    name,
                    experiment.title,
                    grid,
                    f"{stored}/{len(keys)}",
                    str(len(experiment.claims)),
                ]
            )
    titles = ["", "experiment", "", "cells × seeds", "stored", "claims"]
    print_table(console(), titles, rows, right=(0, 3, 4, 5))
    return OK


def report(options: argparse.Namespace) -> int:
    """One HTML file of what the store holds; nothing is run and nothing in the store changes."""
    from app import write_report
    from storage import open_store

    with contextlib.closing(open_store(options.store)) as store:
        write_report(store, options.report, options.only or ())
    print(f"Report: {options.report} ({options.report.stat().st_size / 1e6:.1f} MB)")
    return OK


def show_plan(options: argparse.Namespace, entries: Mapping[str, Entry]) -> int:
    from experiments.batch import cores
    from experiments.batch.console import console, print_table
    from storage import open_store
    from storage.wording import duration

    rows, to_run, whole, unknown = [], 0, 0.0, 0
    with contextlib.closing(open_store(options.store)) as store:
        for name, cells in _by_experiment(_cells(options, entries)).items():
            keys = [key for cell in cells for key in cell.keys]
            took = store.seconds(keys)
            held = 0 if options.rerun else len(took)
            # A run is expected to take as long as the stored ones of its cell, at other seeds.
            work, untimed = 0.0, 0
            for cell in cells:
                known = [took[key] for key in cell.keys if key in took]
                left = len(cell.keys) - (0 if options.rerun else len(known))
                if known:
                    work += left * sum(known) / len(known)
                else:
                    untimed += left
            to_run, whole, unknown = to_run + len(keys) - held, whole + work, unknown + untimed
            estimate = "unknown" if untimed else duration(work)
            rows.append([name, str(len(keys)), str(held), str(len(keys) - held), estimate])
    out = console()
    print_table(out, ["experiment", "planned", "stored", "to run", "work"], rows, right=(1, 2, 3, 4))
    workers = options.workers or cores()
    timed = f"about {duration(whole / workers)} on {workers} workers"
    if unknown:
        timed += f", beside {unknown} runs of cells of which none is stored (--seeds 1 would time them)"
    out.print(f"{to_run} runs to run" + (f": {timed}." if to_run else "."), soft_wrap=True)
    return OK


def run(options: argparse.Namespace, entries: Mapping[str, Entry], arguments: Sequence[str]) -> int:
    """Runs what is missing, judges, and reports."""
    from app import Allowed, serving
    from experiments.batch import interruptible
    from experiments.catalog import describe
    from storage.store import open_writer

    cells = _cells(options, entries)
    with contextlib.ExitStack() as stack:
        crew = stack.enter_context(contextlib.closing(_crew(options)))
        if options.serve:
            allowed = Allowed(run=options.allow_run, suites=tuple(options.suite))
            address = stack.enter_context(serving(options.store, port=options.serve, allowed=allowed))
            print(f"Dashboard: {address}", flush=True)
        store = stack.enter_context(contextlib.closing(open_writer(options.store)))
        stop = stack.enter_context(interruptible())
        store.describe([describe(entry) for entry in entries.values()])
        status = _run_missing(options, cells, store, arguments, crew, stop)
        if status != INTERRUPTED and options.data is None:  # claims speak of the cells of a profile
            status = max(status, _judge(options, cells, store), key=(OK, REFUTED, FAILED).index)
        if options.serve and status != INTERRUPTED:
            print("The dashboard stays until Ctrl-C.", flush=True)
            while not stop():
                time.sleep(0.2)
        return status


def _run_missing(
    options: argparse.Namespace,
    cells: Sequence[Cell],
    store: Writer,
    arguments: Sequence[str],
    crew: Crew,
    stop: Callable[[], bool],
) -> int:
    from experiments.batch import CrewError, StaleSourceError, carry_out, describe_batch
    from experiments.batch.console import Progress, console
    from storage.errors import StoreError
    from storage.wording import duration

    out = console()
    keys = [key for cell in cells for key in cell.keys]
    stored = {} if options.rerun else store.fingerprints(keys)
    todo = [cell for cell in cells if any(key not in stored for key in cell.keys)]
    planned = Counter(cell.entry.name for cell in todo for key in cell.keys if key not in stored)
    if not todo:
        out.print(f"Nothing to run: the store holds all {len(keys)} runs of the profile {options.profile}.")
        return OK
    begun = time.monotonic()
    batch = store.start_batch(describe_batch(options.profile, planned.total(), arguments))
    beginning = (
        f"Batch {batch}: {planned.total()} of {len(keys)} runs to run, {crew.size} workers, store {store.url!r}."
    )
    out.print(beginning, soft_wrap=True)
    failures: list[RunRecord] = []
    trouble: Exception | None = None
    try:
        with Progress(out, planned, crew.size) as progress:
            for runs in carry_out(todo, stored, store, batch, crew, stop, progress, replace=options.rerun):
                failures += [run for run in runs if run.status == "failed"]
        store.finish_batch(
            batch, state="interrupted" if stop() else "finished", done=progress.done, failed=progress.failed
        )
    except (CrewError, StaleSourceError, StoreError) as error:
        trouble = error
        print(error, file=sys.stderr)
        with contextlib.suppress(StoreError):  # it was said already that the store cannot be written
            store.finish_batch(batch, state="interrupted", done=progress.done, failed=progress.failed)
    left = progress.planned - progress.done
    took = duration(time.monotonic() - begun)
    out.print(f"{progress.done} runs done in {took}, {progress.failed} failed, {left} left.")
    for run in failures[:10]:
        what = f"{run.experiment} {dict(run.params)} seed {run.seed}"
        out.print(f"failed: {what}: {run.error.strip().splitlines()[-1]}", soft_wrap=True, markup=False)
    if len(failures) > 10:
        out.print(f"… and {len(failures) - 10} more; the store's table run has every traceback.")
    if left:
        out.print("The same command finishes the batch.")
    return INTERRUPTED if stop() else FAILED if failures or trouble else OK


def _judge(options: argparse.Namespace, cells: Sequence[Cell], store: Writer) -> int:
    """Judges every claim whose runs changed, and prints the table of all of them."""
    from experiments.batch import judge
    from experiments.batch.console import console, print_table
    from storage.errors import StoreError
    from storage.wording import interval, with_interval

    known = store.bases()
    groups = _by_experiment(cells)
    try:
        for group in groups.values():
            stored = store.fingerprints([key for cell in group for key in cell.keys])
            store.save_verdicts(judge(group[0].entry, options.profile, group, stored, known, store.metrics))
    except StoreError as error:
        print(error, file=sys.stderr)
        return FAILED
    found = {(v.experiment, v.claim, v.seeds, v.revision): v for v in store.verdict_records(options.profile)}
    out, rows, remarks = console(), [], []
    for name, group in groups.items():
        experiment, seeds = group[0].entry.experiment, len(group[0].keys)
        for claim in experiment.claims:
            verdict = found[name, claim, seeds, experiment.revision]
            measured = with_interval(verdict.estimate, verdict.low, verdict.high)
            predicted = interval(verdict.predicted_low, verdict.predicted_high)
            rows.append([f"{name}.{claim}", verdict.status, measured, predicted, str(seeds)])
            if verdict.status != "supported":
                remarks.append(f"{name}.{claim} is {verdict.status}: {verdict.because}")
    print_table(out, ["claim", "verdict", "measured", "predicted", "seeds"], rows, right=(4,))
    for remark in remarks:
        out.print(remark, soft_wrap=True, markup=False)
    refuted = any(row[1] == "refuted" for row in rows)
    return REFUTED if refuted else OK


def verify(options: argparse.Namespace, entries: Mapping[str, Entry]) -> int:
    """Runs stored runs again and compares every bit; no batch, and nothing in the store changes."""
    from experiments.batch import describe_batch, differences, differing, interruptible, run_again
    from experiments.batch.console import console
    from storage import open_store

    out = console()
    with contextlib.closing(open_store(options.store)) as store:
        found = _drawn(options, store)
    stored: dict[str, RunRecord] = {}
    for record, _ in found:
        if record.experiment in entries and entries[record.experiment].experiment.revision == record.revision:
            stored[record.key] = record
        else:
            out.print(f"{record.key}: {record.experiment} of revision {record.revision} is not in the suite any more.")
    now = describe_batch(options.profile, 0, ())
    changed = sorted({difference for _, batch in found for difference in differences(batch, now)})
    if changed:
        out.print(f"The environment is not the one of the stored runs: {'; '.join(changed)}.", soft_wrap=True)
    different = done = 0
    with contextlib.closing(_crew(options)) as crew, interruptible() as stop:
        for again in run_again(list(stored.values()), entries, crew, stop):
            names = differing(stored[again.key], again)
            done += 1
            if names:
                different += 1
                which = f"{again.key}: {again.experiment} {dict(again.params)} seed {again.seed}"
                out.print(f"{which} differs in {'; '.join(names[:5])}.", soft_wrap=True, markup=False)
        interrupted = stop()
    out.print(f"{done} of {len(found)} runs compared: {f'{different} differ' if different else 'every bit equal'}.")
    return INTERRUPTED if interrupted else FAILED if different else OK


def _drawn(options: argparse.Namespace, store: Store) -> list[tuple[RunRecord, BatchRecord]]:
    """The stored runs to verify, each with the batch that made it."""
    wanted: str = options.verify
    if not store.exists:
        raise UsageError(f"There is no store {store.url!r} yet; `python run_all.py` fills it.")
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) < 8):
        found = store.run(wanted)
        if found is None:
            raise UsageError(f"No stored run has the key {wanted}; --verify takes a number of runs or a run's key.")
        if found[0].status != "ok":
            raise UsageError(
                f"The run {wanted} failed, so there is nothing to compare; the same batch command tries it again."
            )
        return [found]
    from numpy.random import default_rng

    keys = sorted(key for _, key in store.ok_keys())
    if int(wanted) < 1 or not keys:
        raise UsageError("The store holds no runs yet." if int(wanted) else "--verify takes at least 1 run.")
    chosen = default_rng(0).choice(keys, size=min(int(wanted), len(keys)), replace=False)
    return [found for key in chosen if (found := store.run(str(key))) is not None]


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output went away, as `head` does.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAILED)
