#!/usr/bin/env python3
"""Runs the laboratory: every experiment over its seeds and sizes, into the store, and judges theory's claims on it."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from experiments.batch import Cell
    from experiments.catalog import Entry


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    from app.arguments import Parser, UsageError, port, positive

    parser = Parser(prog="run_all.py", description=__doc__, allow_abbrev=False)
    add = parser.add_argument
    add("--profile", default="standard", metavar="quick|standard|deep", help="which grid of cells and seeds (standard)")
    add("--only", nargs="+", metavar="NAME", help="only these experiments")
    add("--seeds", type=positive, metavar="N", help="seeds 0 to N-1 in every cell, instead of the profile's number")
    add("--workers", type=positive, metavar="N", help="worker processes (default: the cores of this machine)")
    add("--scheduler", metavar="ADDRESS", help="run on the Dask cluster with this scheduler instead of local processes")
    add("--suite", nargs="+", type=Path, default=[], metavar="DIR", help="more folders of experiment files")
    add("--data", type=Path, metavar="FILE", help="run what learns from data, on this table (.csv or .parquet) instead")
    add("--target", metavar="COLUMN", help="the column of --data to predict (default: the last)")
    add("--store", metavar="URL|PATH", help="a file or an SQLAlchemy URL (default: $THEORY_LAB_STORE, then results.db)")
    add("--rerun", action="store_true", help="run again what the store already holds, and replace it")
    beside = "show the dashboard beside the batch, until Ctrl-C (default port: 8050; 0 takes a free one)"
    add("--serve", type=port, nargs="?", const=8050, metavar="PORT", help=beside)
    add("--allow-run", action="store_true", help="with --serve: let its page of batches start, finish and stop them")
    add = parser.add_mutually_exclusive_group().add_argument
    add("--list", action="store_true", help="list the experiments and what the store holds of them")
    add("--dry-run", action="store_true", help="say what would be run")
    add("--report", type=Path, metavar="FILE", help="write what the store holds, or --only of it, as one HTML file")
    add("--verify", metavar="N|KEY", help="run N stored runs, or the one with this key, again and compare every bit")
    options = parser.parse_args(arguments)
    if options.target is not None and options.data is None:
        raise UsageError("--target names a column of --data, which is not given.")
    return options


def main(arguments: Sequence[str]) -> int:
    """Runs the command and returns its exit status, a batch.Status."""
    from app import AddressError, ReportError
    from app.arguments import UsageError
    from experiments import batch
    from experiments.catalog import CatalogError, find
    from experiments.networks.own_table import FOLDER, OwnTableError
    from storage.errors import StoreError

    try:
        options = parse(arguments)
        if options.report is not None:
            return report(options)
        if options.data is not None:  # the workers read it themselves
            os.environ[FOLDER] = str(options.data.absolute().parent)
        entries = find(options.suite)
        batch.check_choice(entries, options.profile, options.only)
        if options.verify is not None:
            return verify(options, entries)
        cells = batch.chosen_cells(entries, options.profile, options.only, options.seeds, options.data, options.target)
        if options.list or options.dry_run:
            return show(options, cells)
        return run(options, entries, cells, arguments)
    except (AddressError, CatalogError, OwnTableError, ReportError, StoreError, UsageError, batch.ChoiceError,
            batch.CrewError, batch.NothingToVerifyError, batch.StaleSourceError) as error:  # fmt: skip
        print(error, file=sys.stderr)
        return batch.Status.USAGE


def report(options: argparse.Namespace) -> int:
    """One HTML file of what the store holds; nothing is run and nothing in the store changes."""
    from app import write_report
    from storage import open_store

    with open_store(options.store) as store:
        write_report(store, options.report, options.only or ())
    print(f"Report: {options.report} ({options.report.stat().st_size / 1e6:.1f} MB)")
    return 0


def show(options: argparse.Namespace, cells: Sequence[Cell]) -> int:
    """What there is, or what would be run; nothing is run and nothing in the store changes."""
    from experiments import batch
    from storage import open_store

    with open_store(options.store) as store:
        if options.list:
            batch.print_list(cells, store)
        else:
            batch.print_plan(cells, store, options.workers or batch.cores(), rerun=options.rerun)
    return 0


def verify(options: argparse.Namespace, entries: Mapping[str, Entry]) -> int:
    """Stored runs again, bit by bit; no batch, and nothing in the store changes."""
    from experiments import batch
    from storage import open_store

    with open_store(options.store) as store:
        found = batch.drawn(options.verify, store)
    with contextlib.closing(batch.crew_of(options.scheduler, options.workers)) as crew, batch.interruptible() as stop:
        return batch.verify(found, entries, crew, stop)


def run(
    options: argparse.Namespace, entries: Mapping[str, Entry], cells: Sequence[Cell], arguments: Sequence[str]
) -> int:
    """Runs what is missing and judges, beside the dashboard where that is asked for."""
    from app import Allowed, serving
    from experiments import batch
    from experiments.catalog import describe
    from storage.store import open_writer

    with contextlib.ExitStack() as stack:
        crew = stack.enter_context(contextlib.closing(batch.crew_of(options.scheduler, options.workers)))
        if options.serve is not None:
            allowed = Allowed(run=options.allow_run, suites=tuple(options.suite))
            address = stack.enter_context(serving(options.store, port=options.serve, allowed=allowed))
            print(f"Dashboard: {address}", flush=True)
        store = stack.enter_context(open_writer(options.store))
        stop = stack.enter_context(batch.interruptible())
        store.describe([describe(entry) for entry in entries.values()])
        status = batch.run_and_judge(
            cells, store, crew, stop, options.profile, arguments,
            rerun=options.rerun, judged=options.data is None,  # claims speak of the cells of a profile
        )  # fmt: skip
        if options.serve is not None and status != batch.Status.INTERRUPTED:
            print("The dashboard stays until Ctrl-C.", flush=True)
            while not stop():
                time.sleep(0.2)
        return status


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
    except BrokenPipeError:  # the reader of our output went away, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
