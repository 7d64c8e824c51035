"""The schema is made and brought up to date whole or not at all, on SQLite and PostgreSQL."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from storage import open_store
from storage.errors import StoreError
from storage.migrations import VERSIONS, known_revisions
from storage.reading import Store
from storage.store import Writer, open_writer
from storage.tables import Base
from tests.storage import made

SECOND = '''
"""A later version: run, to which metrics, curves and fields refer, is made anew with another column."""
import sqlalchemy as sa
from alembic import op

revision = "theory_lab_0002"
down_revision = "theory_lab_0001"


def upgrade():
    with op.batch_alter_table("run") as run:
        run.alter_column("error", nullable=True)  # which SQLite can only do to a new table
        run.add_column(sa.Column("note", sa.Text(), nullable=False, server_default="none"))
    op.create_table("later", sa.Column("id", sa.Integer(), primary_key=True))
    {end}
'''


def later_versions(folder: Path, end: str = "") -> tuple[Path, ...]:
    """The released migrations and one more, which ends with the statement `end`."""
    folder.mkdir()
    (folder / "theory_lab_0002_later.py").write_text(SECOND.format(end=end))
    return (*VERSIONS, folder)


def fill(url: str) -> dict[str, dict[str, float]]:
    with open_writer(url) as writer:
        writer.describe([made.experiment()])
        runs = [made.run(f"k{seed}", seed=seed) for seed in range(3)]
        writer.record(writer.start_batch(made.batch()), runs)
        writer.save_verdicts([made.verdict()])
        return writer.metrics(["k0", "k1", "k2"])


def contents(store: Store) -> list[list[tuple[object, ...]]]:
    queries = (
        "SELECT key, seed, status, fingerprint FROM run ORDER BY key",
        "SELECT run_id, name, value FROM metric ORDER BY run_id, name",
        "SELECT run_id, curve, step, x, y FROM curve_point ORDER BY run_id, curve, step",
        "SELECT claim, basis FROM verdict",
    )
    return [list(store.frame(query).itertuples(index=False, name=None)) for query in queries]


def test_the_migrations_make_the_schema_of_the_tables(writer: Writer) -> None:
    with writer.connection() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        differences = compare_metadata(context, Base.metadata)
    assert differences == []


def test_an_older_store_is_brought_up_to_date_with_all_its_data(fresh_store: str, tmp_path: Path) -> None:
    metrics = fill(fresh_store)
    with open_store(fresh_store) as store:
        before = contents(store)
        sqlite = store.url.drivername == "sqlite"
    versions = later_versions(tmp_path / "later")
    with pytest.raises(StoreError, match="older schema"):
        Store(fresh_store, versions=versions)
    with Writer(fresh_store, versions=versions) as writer:
        assert contents(writer) == before
        assert writer.frame("SELECT DISTINCT note FROM run").note.tolist() == ["none"]
        assert writer.metrics(["k0", "k1", "k2"]) == metrics
        writer.record(writer.start_batch(made.batch()), [made.run("more", seed=9)])
        assert len(writer.ok_keys()) == 4
    copies = [path for path in tmp_path.iterdir() if path.name.startswith("results.db.")]
    assert [path.name for path in copies] == (["results.db.theory_lab_0001"] if sqlite else [])
    for copy in copies:
        with open_store(str(copy)) as store:
            assert contents(store) == before
    with pytest.raises(StoreError, match="newer version"):
        open_writer(fresh_store)
    with pytest.raises(StoreError, match="newer version"):
        open_store(fresh_store)


@pytest.mark.parametrize(
    "end", ["raise RuntimeError('out of luck')", "op.execute('INSERT INTO no_such_table VALUES (1)')"]
)
def test_a_migration_that_fails_midway_leaves_the_store_as_it_was(fresh_store: str, tmp_path: Path, end: str) -> None:
    fill(fresh_store)
    with open_store(fresh_store) as store:
        before = contents(store)
    with pytest.raises(StoreError, match="stays as it was") as raised:
        Writer(fresh_store, versions=later_versions(tmp_path / "later", end))
    assert "\n" not in str(raised.value)
    with open_writer(fresh_store) as writer:
        assert contents(writer) == before
        assert "later" not in set(writer.frame("SELECT * FROM run").columns)
        writer.describe([made.experiment("another")])
        writer.record(writer.start_batch(made.batch()), [made.run("more", seed=9)])
        assert len(writer.ok_keys()) == 4


def test_a_migration_that_leaves_rows_without_their_run_is_undone(tmp_path: Path) -> None:
    url = str(tmp_path / "results.db")
    fill(url)
    versions = later_versions(tmp_path / "later", "op.execute('DELETE FROM run WHERE id = 1')")
    with pytest.raises(StoreError, match="refers to a row of run"):
        Writer(url, versions=versions)
    with open_writer(url) as writer:
        assert len(writer.ok_keys()) == 3


def test_peoples_own_views_outlive_a_migration(tmp_path: Path) -> None:
    url = str(tmp_path / "results.db")
    fill(url)
    with open_writer(url) as writer, writer._transaction() as connection:
        connection.execute(text("CREATE VIEW mine AS SELECT key FROM run"))
    with Writer(url, versions=later_versions(tmp_path / "later")) as writer:
        assert writer.frame("SELECT key FROM mine ORDER BY key").key.tolist() == ["k0", "k1", "k2"]


def test_a_migration_waits_for_a_writer_and_is_done_once(fresh_store: str, tmp_path: Path) -> None:
    fill(fresh_store)
    versions = [str(folder) for folder in later_versions(tmp_path / "later")]
    command = (
        "import sys; from pathlib import Path; from storage.store import Writer; "
        "Writer(sys.argv[1], versions=[Path(v) for v in sys.argv[2:]]).close()"
    )
    assert_all_succeed([sys.executable, "-c", command, fresh_store, *versions])
    with Store(fresh_store, versions=[Path(folder) for folder in versions]) as store:
        assert len(store.ok_keys()) == 3


def test_a_store_that_several_processes_make_at_once_is_made_once(fresh_store: str) -> None:
    command = "import sys; from storage.store import open_writer; open_writer(sys.argv[1]).close()"
    assert_all_succeed([sys.executable, "-c", command, fresh_store])
    with open_store(fresh_store) as store:
        assert store.exists
        assert store.frame("SELECT version_num FROM alembic_version").version_num.tolist() == [known_revisions()[-1]]


def assert_all_succeed(command: list[str]) -> None:
    """Two processes at once."""
    running = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    ends = [(process.communicate(timeout=120)[1], process.returncode) for process in running]
    assert ends == [("", 0)] * 2
