"""Marks: small answers that differ whenever what the lab writes of something differs, so that one need not read it.

Whatever a run produced is told by its fingerprint, and whatever a claim was judged on by the verdict's basis and
moment: a mark has these, and none of the numbers behind them. Marks are compared, and mean nothing else.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Connection, case, func, select

from storage import tables

Mark: TypeAlias = tuple[Any, ...]


def mark_of_runs(connection: Connection, experiment: str) -> Mark:
    """Of the experiment's runs with their metrics, curves and fields, and of its revision."""
    revision = select(tables.Experiment.revision).where(tables.Experiment.name == experiment).scalar_subquery()
    return _of_runs(connection, tables.Run.experiment == experiment, revision)


def mark_of_run(connection: Connection, run_id: int) -> Mark:
    """Of one run with its metrics, curves and fields."""
    return _of_runs(connection, tables.Run.id == run_id)


def mark_of_verdicts(connection: Connection) -> Mark:
    """Of all verdicts with their evidence, and of the revisions that are present."""
    present = select(tables.Experiment.name, tables.Experiment.revision).order_by(tables.Experiment.name)
    return _rows(connection, tables.Verdict), tuple(connection.execute(present))


def mark_of_batches(connection: Connection) -> Mark:
    """Of all batches, as they stand by their own word."""
    return _rows(connection, tables.Batch)


def mark_of_all(connection: Connection) -> Mark:
    """Of what changes whenever a batch writes: its own row, or that there are more runs.

    A run that is written anew in place of a failed one may leave it as it is.
    """
    return mark_of_batches(connection), connection.scalar(select(func.max(tables.Run.id)))


def _of_runs(connection: Connection, which: ColumnElement[bool], *more: ColumnElement[Any]) -> Mark:
    run = tables.Run
    query = select(
        func.count(),
        func.sum(run.id),
        func.sum(run.batch_id),
        func.count(case((run.status == "ok", 1))),
        func.sum(run.seconds),
        func.min(run.started_at),
        func.max(run.started_at),
        func.aggregate_strings(run.fingerprint, " "),
        *more,
    )
    return tuple(connection.execute(query.where(which)).one())


def _rows(connection: Connection, table: type[tables.Base]) -> Mark:
    """As the driver gives them: nothing of them is looked at."""
    return tuple(connection.exec_driver_sql(f"SELECT * FROM {table.__tablename__}"))
