"""Reading the store for the dashboard and exports: plain questions over a read-only connection, frozen answers.

Every function asks the public tables only, and reads alike on SQLite and PostgreSQL.
"""

from __future__ import annotations

from storage.queries.descriptions import experiments
from storage.queries.groups import (
    TooManyRunsError,
    curve_names,
    curves_of_runs,
    curves_of_runs_sql,
    group_ids_sql,
    group_runs,
    metrics_of_runs,
)
from storage.queries.judgements import StoredVerdict, evidence, evidence_extents, verdicts
from storage.queries.measurements import (
    cells_of_runs,
    curves,
    curves_of_run,
    fields_kept,
    fields_of_run,
    metric_values,
    runs_with_points,
)
from storage.queries.progress import BatchRow, batch, batches, database_now
from storage.queries.run_conditions import known_names
from storage.queries.run_language import LanguageError, names_asked
from storage.queries.run_table import (
    Found,
    RunFilter,
    SortKey,
    found_counts,
    found_runs,
    run_table,
    run_table_parts,
    run_table_sql,
    total_runs,
)
from storage.queries.runs import RunCount, RunRow, rows_of, run, run_count

__all__ = [
    "BatchRow",
    "Found",
    "LanguageError",
    "RunCount",
    "RunFilter",
    "RunRow",
    "SortKey",
    "StoredVerdict",
    "TooManyRunsError",
    "batch",
    "batches",
    "cells_of_runs",
    "curve_names",
    "curves",
    "curves_of_run",
    "curves_of_runs",
    "curves_of_runs_sql",
    "database_now",
    "evidence",
    "evidence_extents",
    "experiments",
    "fields_kept",
    "fields_of_run",
    "found_counts",
    "found_runs",
    "group_ids_sql",
    "group_runs",
    "known_names",
    "metric_values",
    "metrics_of_runs",
    "names_asked",
    "rows_of",
    "run",
    "run_count",
    "run_table",
    "run_table_parts",
    "run_table_sql",
    "runs_with_points",
    "total_runs",
    "verdicts",
]
