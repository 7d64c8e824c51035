"""The SELECTs that give what groups of runs have at their seeds, from the public tables and views."""

from __future__ import annotations

from collections.abc import Sequence

from app.numbers import sql
from app.numbers.groups import Group
from app.reader import Reader
from storage.queries import group_ids_sql


def _taken_sql(read: Reader, groups: Sequence[Group]) -> str:
    taken = "\nUNION ALL\n".join(
        f'SELECT {sql.literal(group.name)} AS "group", id FROM ({read(group_ids_sql, group.asked)}) AS chosen'
        for group in groups
    )
    return f"WITH taken AS (\n{taken}\n)"


def seeds_sql(read: Reader, groups: Sequence[Group]) -> str:
    """`seeds`: each group's value at each seed that has all its cells."""
    return (
        f"{_taken_sql(read, groups)}, valued AS (\n"
        '  SELECT "group", seed, name AS metric, value, experiment || CAST(params AS TEXT) AS cell\n'
        "  FROM taken JOIN run ON run.id = taken.id JOIN metric ON metric.run_id = run.id\n"
        "), whole AS (\n"
        '  SELECT "group", metric, count(DISTINCT cell) AS cells FROM valued GROUP BY "group", metric\n'
        "), seeds AS (\n"
        '  SELECT "group", metric, seed, avg(value) AS value FROM valued JOIN whole USING ("group", metric)\n'
        '  GROUP BY "group", metric, seed, cells HAVING count(*) = cells\n)'
    )


def curves_sql(read: Reader, groups: Sequence[Group], name: str) -> str:
    return (
        f"{_taken_sql(read, groups)}, drawn AS (\n"
        '  SELECT "group", run.seed, x, y, run.experiment || CAST(params AS TEXT) AS cell\n'
        "  FROM taken JOIN run ON run.id = taken.id JOIN curve_point ON curve_point.run_id = run.id\n"
        f"  WHERE curve = {sql.literal(name)}\n"
        '), whole AS (\n  SELECT "group", count(DISTINCT cell) AS cells FROM drawn GROUP BY "group"\n), seeds AS (\n'
        '  SELECT "group", x, seed, avg(y) AS y FROM drawn JOIN whole USING ("group")\n'
        '  GROUP BY "group", x, seed, cells HAVING count(*) = cells\n)\n'
        'SELECT "group", x, avg(y) AS mean, count(*) AS n FROM seeds GROUP BY "group", x ORDER BY "group", x'
    )
