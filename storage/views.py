"""The public views, made from the descriptions of the experiments that a store holds.

One rule for all: they show runs that are `ok` and of their experiment's present revision, since runs of another
revision mean something else and must not enter one average. The others stay in the tables run, metric and curve.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from sqlalchemy import Connection, select, text

from storage.tables import Experiment, MetricInfo, ParamInfo

PRESENT = """run
JOIN experiment ON experiment.name = run.experiment AND experiment.revision = run.revision AND run.status = 'ok'"""

POINT = {
    "sqlite": (
        "point.key AS step,\n       json_extract(curve_x.x, '$[' || point.key || ']') AS x, point.value AS y",
        "JOIN json_each(curve.y) AS point",
    ),
    "postgresql": (
        "point.number - 1 AS step, point.x, point.y",
        "CROSS JOIN LATERAL unnest(curve_x.x, curve.y) WITH ORDINALITY AS point (x, y, number)",
    ),
}
"""What of a stored curve is a row a point, and the join that makes it so; after curve and curve_x."""


def points_of(dialect: str, columns: str, source: str) -> str:
    """The SELECT of a row a point of each curve of the runs in `source`, which has the table run in it."""
    point, exploded = POINT[dialect]
    return f"""
SELECT {columns}, curve.name AS curve, {point}
FROM {source}
JOIN curve ON curve.run_id = run.id
JOIN curve_x ON curve_x.id = curve.x_id
{exploded}"""


LEARNING_CURVE = """
SELECT run_id, curve_point.experiment, seed, curve, step, x, y
FROM curve_point
JOIN curve_info ON curve_info.experiment = curve_point.experiment AND curve_info.name = curve_point.curve
WHERE curve_info.role = 'learning'"""

ROBUSTNESS = """
SELECT run_id, curve_point.experiment, seed,
       substr(curve, {position}(curve, '_') + 1) AS norm, substr(curve, 1, {position}(curve, '_') - 1) AS method,
       x AS epsilon, y AS accuracy
FROM curve_point
JOIN curve_info ON curve_info.experiment = curve_point.experiment AND curve_info.name = curve_point.curve
WHERE curve_info.role = 'robustness'"""

WIDTH_CONVERGENCE = f"""
SELECT run.id AS run_id, run.experiment, run.seed, metric.name AS metric, param_info.name AS size_name,
       CAST(run.params ->> param_info.name AS DOUBLE PRECISION) AS size, metric.value
FROM {PRESENT}
JOIN param_info ON param_info.experiment = run.experiment AND param_info.is_size
JOIN metric ON metric.run_id = run.id"""

POSITION = {"sqlite": "instr", "postgresql": "strpos"}
SQL_TYPES = {"int": "BIGINT", "float": "DOUBLE PRECISION", "bool": "BOOLEAN", "str": "TEXT"}


def identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def runs_view(experiment: str, params: Sequence[tuple[str, str]], metrics: Sequence[str]) -> str:
    """One row a run, one typed column a parameter (name, type) and a metric; a join a metric would end at 64."""
    columns = ["run.id AS run_id", "run.key", "run.seed"]
    columns += [
        f"CAST(run.params ->> {literal(name)} AS {SQL_TYPES[kind]}) AS {identifier(name)}" for name, kind in params
    ]
    columns += [
        f"max(CASE WHEN metric.name = {literal(name)} THEN metric.value END) AS {identifier(name)}" for name in metrics
    ]
    return f"""
SELECT {", ".join(columns)}
FROM {PRESENT}
LEFT JOIN metric ON metric.run_id = run.id
WHERE run.experiment = {literal(experiment)}
GROUP BY run.id"""


def definitions(connection: Connection) -> dict[str, str]:
    """The views that the store should have, by name, each after those that it draws on."""
    dialect = connection.dialect.name
    views = {
        "curve_point": points_of(dialect, "run.id AS run_id, run.experiment, run.seed", PRESENT),
        "learning_curve": LEARNING_CURVE,
        "robustness": ROBUSTNESS.format(position=POSITION[dialect]),
        "width_convergence": WIDTH_CONVERGENCE,
    }
    params: dict[str, list[tuple[str, str]]] = {}
    for owner, name, kind in connection.execute(
        select(ParamInfo.experiment, ParamInfo.name, ParamInfo.type).order_by(ParamInfo.position)
    ):
        params.setdefault(owner, []).append((name, kind))
    metrics: dict[str, list[str]] = {}
    for owner, name in connection.execute(select(MetricInfo.experiment, MetricInfo.name).order_by(MetricInfo.position)):
        metrics.setdefault(owner, []).append(name)
    for owner in connection.scalars(select(Experiment.name).order_by(Experiment.name)):
        views[f"runs_{owner}"] = runs_view(owner, params.get(owner, []), metrics.get(owner, []))
    return views


def refresh(connection: Connection) -> None:
    """Make the views anew inside the connection's transaction; nothing is written where they are as they should be."""
    wanted = definitions(connection)
    present = stored_texts(connection)
    marks = {name: mark(query) for name, query in wanted.items()}
    if all(marks[name] in present.get(name, "") for name in wanted):
        return
    drop(connection, [name for name in wanted if name in present])
    for name, query in wanted.items():
        execute(connection, f"CREATE VIEW {identifier(name)} AS {marks[name]}{query}")
        if connection.dialect.name == "postgresql":
            execute(connection, f"COMMENT ON VIEW {identifier(name)} IS {literal(marks[name])}")


def mark(query: str) -> str:
    """A hash of a view's text that is kept with the view, as PostgreSQL rewrites the text itself."""
    return f"/* theory lab {hashlib.blake2b(query.encode(), digest_size=8).hexdigest()} */"


def stored_texts(connection: Connection) -> dict[str, str]:
    """All views of the database: their CREATE VIEW on SQLite, their comment on PostgreSQL; ours hold their mark."""
    if connection.dialect.name == "sqlite":
        rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'view'"))
    else:
        rows = connection.execute(
            text(
                "SELECT relname, coalesce(obj_description(oid, 'pg_class'), '') FROM pg_class "
                "WHERE relkind = 'v' AND relnamespace = current_schema()::regnamespace"
            )
        )
    return {row[0]: row[1] for row in rows}


def drop_for_migration(connection: Connection) -> tuple[str, ...]:
    """Drop every view that would stop a migration; returns the statements that make people's own views again.

    SQLite checks all views when a table is renamed, so all go; PostgreSQL minds only those that use the table.
    """
    present = stored_texts(connection)
    ours = [name for name, stored in present.items() if "/* theory lab " in stored]
    if connection.dialect.name == "postgresql":
        drop(connection, ours)
        return ()
    drop(connection, list(present))
    return tuple(stored for name, stored in present.items() if name not in ours)


def drop(connection: Connection, names: Sequence[str]) -> None:
    """Drop views that use one another; one statement on PostgreSQL, which keeps a view that another one uses."""
    if connection.dialect.name == "postgresql" and names:
        execute(connection, f"DROP VIEW {', '.join(identifier(name) for name in names)}")
    elif connection.dialect.name == "sqlite":
        for name in names:
            execute(connection, f"DROP VIEW {identifier(name)}")


def execute(connection: Connection, statement: str) -> None:
    """Run a statement as it is: without parameters, so that a % in a name is a %."""
    connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
