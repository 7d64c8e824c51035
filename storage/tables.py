"""The public schema. People query it by SQL: no column changes its meaning, and names change only by a migration."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Double, ForeignKey, LargeBinary, MetaData, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from storage.moments import Moment
from storage.numbers import Numbers

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
Json = JSON(none_as_null=True)
"""The JSON text as it was written: jsonb would turn 1e16 into an integer and lose the sign of -0.0."""


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {str: Text(), float: Double(), datetime: Moment(), dict[str, Any]: Json}  # noqa: RUF012 - read, never changed


class Experiment(Base):
    """An experiment as the last batch knew it; `text` is Markdown with LaTeX."""

    __tablename__ = "experiment"
    name: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    chapter: Mapped[int]
    section: Mapped[str]
    text: Mapped[str]
    revision: Mapped[int]
    guide_params: Mapped[dict[str, Any] | None]


class ParamInfo(Base):
    __tablename__ = "param_info"
    experiment: Mapped[str] = mapped_column(ForeignKey("experiment.name"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    type: Mapped[str]
    text: Mapped[str]
    is_size: Mapped[bool]


class MetricInfo(Base):
    __tablename__ = "metric_info"
    experiment: Mapped[str] = mapped_column(ForeignKey("experiment.name"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    text: Mapped[str]
    unit: Mapped[str]


class CurveInfo(Base):
    __tablename__ = "curve_info"
    experiment: Mapped[str] = mapped_column(ForeignKey("experiment.name"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    x_label: Mapped[str]
    y_label: Mapped[str]
    unit: Mapped[str]
    x_log: Mapped[bool]
    y_log: Mapped[bool]
    role: Mapped[str | None]


class FieldInfo(Base):
    __tablename__ = "field_info"
    experiment: Mapped[str] = mapped_column(ForeignKey("experiment.name"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    kind: Mapped[str]
    text: Mapped[str]


class Claim(Base):
    __tablename__ = "claim"
    experiment: Mapped[str] = mapped_column(ForeignKey("experiment.name"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    kind: Mapped[str]
    statement: Mapped[str]
    source: Mapped[str]
    tolerance: Mapped[str]
    reason: Mapped[str]
    x_label: Mapped[str] = mapped_column(default="")
    y_label: Mapped[str] = mapped_column(default="")


class Snippet(Base):
    """The guide's 17 code examples as they run when written out."""

    __tablename__ = "snippet"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    chapter: Mapped[int]
    heading: Mapped[str]
    outcome: Mapped[str]
    fault: Mapped[str]
    measured: Mapped[str]
    experiment: Mapped[str] = mapped_column(ForeignKey("experiment.name"))


class Batch(Base):
    """One invocation of the runner. `running` without a heartbeat for 30 s is shown as interrupted."""

    __tablename__ = "batch"
    __table_args__ = (CheckConstraint("state IN ('running', 'finished', 'interrupted')", name="state"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str]
    started_at: Mapped[datetime]
    heartbeat_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    profile: Mapped[str]
    planned: Mapped[int]
    done: Mapped[int]
    failed: Mapped[int]
    command: Mapped[str]
    git_commit: Mapped[str]
    host: Mapped[str]
    cpu: Mapped[str]
    python: Mapped[str]
    packages: Mapped[dict[str, Any]]


class Run(Base):
    __tablename__ = "run"
    __table_args__ = (CheckConstraint("status IN ('ok', 'failed')", name="status"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    experiment: Mapped[str] = mapped_column(ForeignKey("experiment.name"), index=True)
    revision: Mapped[int]
    params: Mapped[dict[str, Any]]
    seed: Mapped[int]
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id"), index=True)
    status: Mapped[str]
    error: Mapped[str]
    started_at: Mapped[datetime]
    seconds: Mapped[float]
    fingerprint: Mapped[str]


class Metric(Base):
    __tablename__ = "metric"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - read, never changed
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[float]


class CurveX(Base):
    """An abscissa that many curves share, stored once; `digest` is the hash of its exact bits."""

    __tablename__ = "curve_x"
    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(unique=True)
    x: Mapped[Any] = mapped_column(Numbers())


class Curve(Base):
    """One row a curve; the view curve_point explodes it."""

    __tablename__ = "curve"
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    x_id: Mapped[int] = mapped_column(ForeignKey("curve_x.id"))
    y: Mapped[Any] = mapped_column(Numbers())


class Field(Base):
    """2-D data of the first three seeds of a cell; `arrays` is a NumPy .npz archive without pickles."""

    __tablename__ = "field"
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    arrays: Mapped[bytes] = mapped_column(LargeBinary)


class Verdict(Base):
    """What runs say of a claim: one row a (experiment, claim, profile, seeds, revision), replaced when judged again."""

    __tablename__ = "verdict"
    __table_args__ = (
        UniqueConstraint("experiment", "claim", "profile", "seeds", "revision"),
        CheckConstraint("status IN ('supported', 'refuted', 'undecided')", name="status"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    experiment: Mapped[str] = mapped_column(ForeignKey("experiment.name"))
    claim: Mapped[str]
    profile: Mapped[str]
    seeds: Mapped[int]
    revision: Mapped[int]
    status: Mapped[str]
    because: Mapped[str]
    estimate: Mapped[float | None]
    low: Mapped[float | None]
    high: Mapped[float | None]
    predicted_low: Mapped[float | None]
    predicted_high: Mapped[float | None]
    judged_at: Mapped[datetime]
    basis: Mapped[str]


class Evidence(Base):
    """The points that show a verdict; a dense theory curve is a series named `theory` or `theory …`."""

    __tablename__ = "evidence"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - read, never changed
    verdict_id: Mapped[int] = mapped_column(ForeignKey("verdict.id", ondelete="CASCADE"), primary_key=True)
    series: Mapped[str] = mapped_column(primary_key=True)
    step: Mapped[int] = mapped_column(primary_key=True)
    x: Mapped[float]
    y: Mapped[float]
    low: Mapped[float | None]
    high: Mapped[float | None]
    predicted_low: Mapped[float | None]
    predicted_high: Mapped[float | None]
