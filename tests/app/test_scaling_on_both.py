"""The SQL under figures of power laws and robustness gives their numbers on SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from app.panels import convergence, robustness
from app.reader import Reader
from app.views import drawn
from storage import open_store
from tests.app import scaling


def test_the_sql_gives_the_means_of_the_figures_on_each_database(fresh_store: str) -> None:
    scaling.fill(fresh_store)
    with open_store(fresh_store) as store:
        read = Reader(store)
        for draw, asked in (
            (convergence.draw, {"show": "decay.spread|cooling.error|decay.shift"}),
            (robustness.draw, {"experiment": "attacked|odd_attacked", "norm": "l2|linf"}),
        ):
            made = drawn(read, draw, asked)
            with store.connection() as connection:
                selected = connection.execute(text(made.sql)).mappings().all()
            x = "size" if "size" in made.numbers.columns else "ε"
            assert len(selected) == len(made.numbers)
            of_sql = sorted(
                (str(row["experiment"]), float(row[x]), float(row["mean"]), int(row["n"])) for row in selected
            )
            of_figure = sorted(made.numbers[["experiment", x, "mean", "n"]].itertuples(index=False, name=None))
            for one, other in zip(of_sql, of_figure, strict=True):
                assert one[:2] + one[3:] == other[:2] + other[3:]
                assert one[2] == pytest.approx(other[2], rel=1e-12)
