"""Reading a store: for notebooks, the dashboard, and the commands that change nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import URL, Connection, select, text

from storage import frames
from storage.address import spoken, sqlite_path, store_url
from storage.engines import empty_engine, reading_engine, wal_of
from storage.errors import OvertakenError, StoreError
from storage.faults import faults
from storage.migrations import VERSIONS, known_revisions
from storage.records import BatchRecord, RunRecord, VerdictRecord
from storage.schema import found_revision, has_revision
from storage.tables import Metric, Run, Verdict
from storage.unpacking import run_with_batch

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Store", "store_url"]

AT_ONCE = 1000
"""Keys asked for in one statement; databases limit its length."""


class Store:
    """A store, opened for reading only: no file is created or changed, and no writer is waited for.

    `runs`, `curves` and the like give DataFrames; a store that is not there yet reads as empty.
    """

    def __init__(self, url: str | None = None, *, versions: Sequence[Path] = VERSIONS) -> None:
        """`url` as in `store_url`; `versions` are the folders of known migrations.

        Raises StoreError for what is no store, or one of another version.
        """
        self.url: URL = store_url(url)
        """Printed without its password."""
        self._known = known_revisions(versions)
        self._known_good = False
        self._empty = empty_engine()
        self._engine = reading_engine(self.url)
        try:
            with self.connection():
                pass
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._engine.dispose()
        self._empty.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def exists(self) -> bool:
        """Whether there is a store yet; a file without a byte is none."""
        with self.connection() as connection:
            return connection.engine is self._engine

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A read-only connection that sees one state of the store.

        Where there is no store yet it leads to an empty one in SQLite, whatever the URL says. Raises StoreError where
        the store is not to be read; errors in a statement come as SQLAlchemy's own.
        """
        with faults(self.url):
            if self._may_be_there():
                with self._unchanged_while_read(), self._engine.connect() as connection:
                    if (self._known_good and has_revision(connection, self._known[-1])) or self._is_good(connection):
                        yield connection
                        return
            with self._empty.connect() as connection:
                yield connection

    def _may_be_there(self) -> bool:
        if self.url.drivername != "sqlite":
            return True
        path = sqlite_path(self.url)
        return path.exists() and path.stat().st_size > 0

    def _is_good(self, connection: Connection) -> bool:
        """False where there is no table yet; raises StoreError for what is not to be read."""
        revision = found_revision(connection, self._known)
        if revision not in (None, self._known[-1]):
            raise StoreError(
                f"The store {spoken(self.url)} has an older schema ({revision}): run a batch on it, which first copies "
                f"it and then brings it up to date."
            )
        self._known_good = revision is not None
        return self._known_good

    @contextmanager
    def _unchanged_while_read(self) -> Iterator[None]:
        """Raise OvertakenError if a file that was read as one that nobody changes was changed meanwhile.

        A writer that starts during such a reading fills its log before it touches the file, so only a long reading can
        be overtaken.
        """
        if self.url.drivername != "sqlite" or wal_of(sqlite_path(self.url)).exists():
            yield  # a database that knows its readers
            return
        before = self._file_state()
        try:
            yield
        finally:
            if before != self._file_state():
                raise self._overtaken()

    def _overtaken(self) -> OvertakenError:
        return OvertakenError(f"The store {spoken(self.url)} was written to while it was read: ask again.")

    def refuse_overtaken(self, token: str) -> None:
        """Raise OvertakenError where what a connection has read since `token` may be of two states.

        A connection says so itself when it ends; this is for what is used before.
        """
        if self.url.drivername == "sqlite" and len(token.split()) == 1 and token != self.revision_token():
            raise self._overtaken()  # the file alone was read, without a log

    def _file_state(self) -> tuple[int, int]:
        state = sqlite_path(self.url).stat()
        return state.st_mtime_ns, state.st_size

    def revision_token(self) -> str:
        """A text that changes whenever the content does, whoever changed it; it may change without need.

        On SQLite time and size of the file and its log, some microseconds; on PostgreSQL the snapshot of transactions.
        """
        if self.url.drivername == "sqlite":
            path = sqlite_path(self.url)
            states = [file.stat() for file in (path, wal_of(path)) if file.exists()]
            return " ".join(f"{state.st_ino}:{state.st_mtime_ns}:{state.st_size}" for state in states)
        with self.connection() as connection:
            there = connection.engine is self._engine
            return str(connection.scalar(text("SELECT pg_current_snapshot()"))) if there else ""

    def frame(self, sql: str, **params: Any) -> pd.DataFrame:
        """The rows of any SELECT; `:name` in it stands for the parameter of that name."""
        with self.connection() as connection:
            return frames.query(connection, sql, params)

    def experiments(self) -> pd.DataFrame:
        """One row an experiment, with the numbers of its runs (of the present revision) that are ok and that failed."""
        with self.connection() as connection:
            return frames.experiments(connection)

    def runs(self, experiment: str) -> pd.DataFrame:
        """One row a run: run_id, key, seed, every parameter, every metric (NaN where a run has no such metric)."""
        with self.connection() as connection:
            return frames.runs(connection, experiment)

    def curves(self, experiment: str, curve: str | None = None) -> pd.DataFrame:
        """One row a point: run_id, seed, curve, step, x, y; `merge` with `runs` on run_id for the parameters."""
        with self.connection() as connection:
            return frames.curves(connection, experiment, curve)

    def verdicts(self) -> pd.DataFrame:
        """One row a (experiment, claim, profile, seeds, revision), with the claim's statement."""
        with self.connection() as connection:
            return frames.verdicts(connection)

    def batches(self) -> pd.DataFrame:
        """One row a batch; one without a heartbeat for 30 s is interrupted."""
        with self.connection() as connection:
            return frames.batches(connection)

    def fingerprints(self, keys: Sequence[str]) -> dict[str, str]:
        """The fingerprints of those of the keys that the store holds as ok."""
        found: dict[str, str] = {}
        with self.connection() as connection:
            for some in portions(keys):
                query = select(Run.key, Run.fingerprint).where(Run.key.in_(some), Run.status == "ok")
                found.update((key, fingerprint) for key, fingerprint in connection.execute(query))
        return found

    def seconds(self, keys: Sequence[str]) -> dict[str, float]:
        """How long those of the keys took that the store holds as ok, in seconds of one worker."""
        found: dict[str, float] = {}
        with self.connection() as connection:
            for some in portions(keys):
                query = select(Run.key, Run.seconds).where(Run.key.in_(some), Run.status == "ok")
                found.update((key, seconds) for key, seconds in connection.execute(query))
        return found

    def metrics(self, keys: Sequence[str]) -> dict[str, dict[str, float]]:
        """The metrics of those of the keys that the store holds as ok."""
        found: dict[str, dict[str, float]] = {}
        with self.connection() as connection:
            for some in portions(keys):
                query = (
                    select(Run.key, Metric.name, Metric.value)
                    .outerjoin(Metric, Metric.run_id == Run.id)
                    .where(Run.key.in_(some), Run.status == "ok")
                )
                for key, name, value in connection.execute(query):
                    metrics = found.setdefault(key, {})
                    if name is not None:
                        metrics[name] = value
        return found

    def bases(self) -> dict[tuple[str, str, str, int, int], str]:
        """(experiment, claim, profile, seeds, revision) of each verdict -> what it was judged on."""
        query = select(
            Verdict.experiment, Verdict.claim, Verdict.profile, Verdict.seeds, Verdict.revision, Verdict.basis
        )
        with self.connection() as connection:
            return {(row[0], row[1], row[2], row[3], row[4]): row[5] for row in connection.execute(query)}

    def verdict_records(self, profile: str, seeds: int | None = None) -> list[VerdictRecord]:
        """The verdicts on a profile (on that many seeds, if given), of every revision, without their evidence."""
        table = Verdict.__table__
        query = (
            select(*(column for column in table.columns if column.name not in ("id", "judged_at")))
            .where(Verdict.profile == profile, *([] if seeds is None else [Verdict.seeds == seeds]))
            .order_by(Verdict.experiment, Verdict.claim, Verdict.seeds, Verdict.revision)
        )
        with self.connection() as connection:
            return [VerdictRecord(**row) for row in connection.execute(query).mappings()]

    def run(self, which: int | str) -> tuple[RunRecord, BatchRecord] | None:
        """A run whole, and the batch that made it, by id, key or the first letters of a key; None where there is none.

        Raises StoreError where several keys begin so.
        """
        found = Run.id == which if isinstance(which, int) else Run.key.startswith(which, autoescape=True)
        with self.connection() as connection:
            rows = connection.execute(select(Run.id, Run.key).where(found).order_by(Run.key).limit(2)).all()
            if len(rows) > 1 and rows[0].key != which:
                raise StoreError(f"Several runs have keys that begin with {which}: give more of the key.")
            return run_with_batch(connection, rows[0].id) if rows else None

    def ok_keys(self) -> list[tuple[int, str]]:
        """(id, key) of every run that is ok, by id."""
        with self.connection() as connection:
            query = select(Run.id, Run.key).where(Run.status == "ok").order_by(Run.id)
            return [(run_id, key) for run_id, key in connection.execute(query)]


def portions(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    return (keys[start : start + AT_ONCE] for start in range(0, len(keys), AT_ONCE))
