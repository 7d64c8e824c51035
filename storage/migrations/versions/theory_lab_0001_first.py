"""The first public schema."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "theory_lab_0001"
down_revision = None

NUMBERS = sa.Text().with_variant(postgresql.ARRAY(sa.Double()), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def column(name: str, kind: sa.types.TypeEngine[Any], nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=nullable)


def texts(*names: str) -> list[sa.Column[Any]]:
    return [column(name, sa.Text()) for name in names]


def integers(*names: str) -> list[sa.Column[Any]]:
    return [column(name, sa.Integer()) for name in names]


def intervals() -> list[sa.Column[Any]]:
    return [column(name, sa.Double(), True) for name in ("low", "high", "predicted_low", "predicted_high")]


def create_description(table: str, *columns: sa.Column[Any]) -> None:
    """A table that describes the parts of an experiment, in the order of `position`."""
    op.create_table(
        table,
        *texts("experiment", "name"),
        *integers("position"),
        *columns,
        sa.ForeignKeyConstraint(["experiment"], ["experiment.name"]),
        sa.PrimaryKeyConstraint("experiment", "name"),
    )


def create_part_of_run(table: str, *parts: sa.schema.SchemaItem, with_rowid: bool = True) -> None:
    """A table of what one run produced, gone with the run."""
    op.create_table(
        table,
        *integers("run_id"),
        *texts("name"),
        *parts,
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "name"),
        sqlite_with_rowid=with_rowid,
    )


def upgrade() -> None:
    create_experiments()
    create_runs()
    create_verdicts()


def create_experiments() -> None:
    op.create_table(
        "experiment",
        *texts("name", "title"),
        *integers("chapter"),
        *texts("section", "text"),
        *integers("revision"),
        column("guide_params", sa.JSON(), True),
        sa.PrimaryKeyConstraint("name"),
    )
    create_description("param_info", *texts("type", "text"), column("is_size", sa.Boolean()))
    create_description("metric_info", *texts("text", "unit"))
    create_description(
        "curve_info",
        *texts("x_label", "y_label", "unit"),
        column("x_log", sa.Boolean()),
        column("y_log", sa.Boolean()),
        column("role", sa.Text(), True),
    )
    create_description("field_info", *texts("kind", "text"))
    create_description("claim", *texts("kind", "statement", "source", "tolerance", "reason", "x_label", "y_label"))
    op.create_table(
        "snippet",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        *integers("chapter"),
        *texts("heading", "outcome", "fault", "measured", "experiment"),
        sa.ForeignKeyConstraint(["experiment"], ["experiment.name"]),
        sa.PrimaryKeyConstraint("number"),
    )


def create_runs() -> None:
    op.create_table(
        "batch",
        *integers("id"),
        *texts("state"),
        column("started_at", MOMENT),
        column("heartbeat_at", MOMENT),
        column("finished_at", MOMENT, True),
        *texts("profile"),
        *integers("planned", "done", "failed"),
        *texts("command", "git_commit", "host", "cpu", "python"),
        column("packages", sa.JSON()),
        sa.CheckConstraint("state IN ('running', 'finished', 'interrupted')", name="state"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "run",
        *integers("id"),
        *texts("key", "experiment"),
        *integers("revision"),
        column("params", sa.JSON()),
        *integers("seed", "batch_id"),
        *texts("status", "error"),
        column("started_at", MOMENT),
        column("seconds", sa.Double()),
        *texts("fingerprint"),
        sa.CheckConstraint("status IN ('ok', 'failed')", name="status"),
        sa.ForeignKeyConstraint(["experiment"], ["experiment.name"]),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index("ix_run_batch_id", "run", ["batch_id"])
    op.create_index("ix_run_experiment", "run", ["experiment"])
    op.create_table(
        "curve_x",
        *integers("id"),
        *texts("digest"),
        column("x", NUMBERS),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
    )
    create_part_of_run("metric", column("value", sa.Double()), with_rowid=False)
    create_part_of_run(
        "curve", *integers("x_id"), column("y", NUMBERS), sa.ForeignKeyConstraint(["x_id"], ["curve_x.id"])
    )
    create_part_of_run("field", *texts("kind"), column("arrays", sa.LargeBinary()))


def create_verdicts() -> None:
    op.create_table(
        "verdict",
        *integers("id"),
        *texts("experiment", "claim", "profile"),
        *integers("seeds", "revision"),
        *texts("status", "because"),
        column("estimate", sa.Double(), True),
        *intervals(),
        column("judged_at", MOMENT),
        *texts("basis"),
        sa.CheckConstraint("status IN ('supported', 'refuted', 'undecided')", name="status"),
        sa.ForeignKeyConstraint(["experiment"], ["experiment.name"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("experiment", "claim", "profile", "seeds", "revision"),
    )
    op.create_table(
        "evidence",
        *integers("verdict_id"),
        *texts("series"),
        *integers("step"),
        column("x", sa.Double()),
        column("y", sa.Double()),
        *intervals(),
        sa.ForeignKeyConstraint(["verdict_id"], ["verdict.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("verdict_id", "series", "step"),
        sqlite_with_rowid=False,
    )
