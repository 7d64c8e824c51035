"""The tables and views that people may query, column by column, with their types and what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Boolean, Connection, Double, Integer, LargeBinary

from storage.moments import Moment
from storage.queries.descriptions import experiments
from storage.records import ExperimentRecord
from storage.tables import Base


@dataclass(frozen=True, kw_only=True)
class ColumnInfo:
    """`type` is INTEGER, REAL, TEXT, BOOLEAN, TIME, NUMBERS or BYTES."""

    name: str
    type: str
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class Relation:
    """`kind` is `runs` for the view of one experiment, else `view` or `table`."""

    name: str
    kind: str
    text: str
    columns: tuple[ColumnInfo, ...]


TABLES = {
    "experiment": "an experiment as the last batch knew it",
    "param_info": "a parameter of an experiment",
    "metric_info": "a metric of an experiment, with its unit",
    "curve_info": "a curve of an experiment, with its axes",
    "field_info": "a field (2-D data) of an experiment",
    "claim": "what theory claims, its source and tolerance",
    "snippet": "one of the guide's code examples",
    "batch": "one call of the runner, with its environment",
    "run": "one cell at one seed, ok or failed",
    "metric": "a number of a run",
    "curve": "a curve of a run; curve_point has its points",
    "curve_x": "abscissae that curves share",
    "field": "2-D data of a run, as a .npz archive",
    "verdict": "a claim judged on a profile",
    "evidence": "a point that shows a verdict",
}
COLUMNS = {
    ("run", "key"): "hash of experiment, revision, parameters and seed",
    ("run", "params"): "the cell, as JSON: params ->> 'width'",
    ("run", "fingerprint"): "equal fingerprints mean equal bits",
    ("run", "status"): "ok or failed",
    ("run", "error"): "the traceback of a failed run",
    ("run", "seconds"): "how long it took; no metric holds a time",
    ("run", "revision"): "the experiment's revision when it ran",
    ("verdict", "status"): "supported, refuted or undecided",
    ("verdict", "because"): "why, in a sentence",
    ("verdict", "basis"): "hash of the runs it was judged on",
    ("evidence", "series"): "theory … is a dense theory curve",
    ("batch", "heartbeat_at"): "every 5 s while it runs",
    ("batch", "state"): "running, finished or interrupted",
    ("curve_info", "role"): "learning, robustness or none",
    ("param_info", "is_size"): "whether it is the size axis",
    ("snippet", "outcome"): "how it ends as it is written",
}
RUN, EXPERIMENT, SEED = (
    ColumnInfo(name="run_id", type="INTEGER", text="run.id"),
    ColumnInfo(name="experiment", type="TEXT"),
    ColumnInfo(name="seed", type="INTEGER"),
)
POINT = tuple(ColumnInfo(name=name, type=kind) for name, kind in (("step", "INTEGER"), ("x", "REAL"), ("y", "REAL")))
VIEWS = (
    Relation(
        name="learning_curve",
        kind="view",
        text="points of the curves with role learning",
        columns=(RUN, EXPERIMENT, SEED, ColumnInfo(name="curve", type="TEXT"), *POINT),
    ),
    Relation(
        name="width_convergence",
        kind="view",
        text="every metric of the experiments with a size axis",
        columns=(
            RUN,
            EXPERIMENT,
            SEED,
            ColumnInfo(name="metric", type="TEXT"),
            ColumnInfo(name="size_name", type="TEXT", text="which parameter is the size"),
            ColumnInfo(name="size", type="REAL"),
            ColumnInfo(name="value", type="REAL"),
        ),
    ),
    Relation(
        name="robustness",
        kind="view",
        text="accuracy against the size of the change",
        columns=(
            RUN,
            EXPERIMENT,
            SEED,
            ColumnInfo(name="norm", type="TEXT", text="l2 or linf"),
            ColumnInfo(name="method", type="TEXT", text="certified ≤ exact ≤ pgd ≤ fgsm"),
            ColumnInfo(name="epsilon", type="REAL"),
            ColumnInfo(name="accuracy", type="REAL"),
        ),
    ),
    Relation(
        name="curve_point",
        kind="view",
        text="every point of every curve",
        columns=(RUN, EXPERIMENT, SEED, ColumnInfo(name="curve", type="TEXT"), *POINT),
    ),
)
PARAM_TYPES: Mapping[str, str] = {"int": "INTEGER", "float": "REAL", "bool": "BOOLEAN", "str": "TEXT"}


def relations(connection: Connection) -> tuple[Relation, ...]:
    """The views of the experiments, the other views, the tables."""
    return (*map(runs_view, experiments(connection)), *VIEWS, *tables())


def runs_view(experiment: ExperimentRecord) -> Relation:
    params = (
        ColumnInfo(name=info.name, type=PARAM_TYPES[info.type], text=info.text + (", the size" if info.is_size else ""))
        for info in experiment.params
    )
    metrics = (
        ColumnInfo(name=info.name, type="REAL", text=info.text + (f" [{info.unit}]" if info.unit else ""))
        for info in experiment.metrics
    )
    key = ColumnInfo(name="key", type="TEXT", text="names the run")
    return Relation(
        name=f"runs_{experiment.name}",
        kind="runs",
        text=experiment.title,
        columns=(RUN, key, SEED, *params, *metrics),
    )


def tables() -> tuple[Relation, ...]:
    found = {table.name: table for table in Base.metadata.sorted_tables}
    types = ((Boolean, "BOOLEAN"), (Integer, "INTEGER"), (Double, "REAL"), (Moment, "TIME"), (LargeBinary, "BYTES"))
    return tuple(
        Relation(
            name=name,
            kind="table",
            text=text,
            columns=tuple(
                ColumnInfo(
                    name=column.name,
                    type="NUMBERS"
                    if (name, column.name) in (("curve", "y"), ("curve_x", "x"))
                    else next((word for of, word in types if isinstance(column.type, of)), "TEXT"),
                    text=COLUMNS.get((name, column.name), ""),
                )
                for column in found[name].columns
            ),
        )
        for name, text in TABLES.items()
    )
