"""Reading the store for the dashboard and exports: plain questions over a read-only connection, frozen answers.

Every function asks the public tables only, and reads alike on SQLite and PostgreSQL.
"""

from __future__ import annotations

from storage.queries.descriptions import experiments
from storage.queries.judgements import StoredVerdict, evidence, verdicts
from storage.queries.measurements import cells_of_runs, curves, curves_of_run, fields_kept, fields_of_run, metric_values
from storage.queries.progress import BatchRow, batch, batches, database_now
from storage.queries.runs import RunCount, RunFilter, RunRow, SortKey, run, run_counts, run_page

__all__ = [
    "BatchRow",
    "RunCount",
    "RunFilter",
    "RunRow",
    "SortKey",
    "StoredVerdict",
    "batch",
    "batches",
    "cells_of_runs",
    "curves",
    "curves_of_run",
    "database_now",
    "evidence",
    "experiments",
    "fields_kept",
    "fields_of_run",
    "metric_values",
    "run",
    "run_counts",
    "run_page",
    "verdicts",
]
