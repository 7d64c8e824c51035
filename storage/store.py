"""Writing a store: few verbs, each one transaction, whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import URL, Connection, delete, func, insert, select, update

from storage import describing, recording, views
from storage.address import spoken, sqlite_path, store_url
from storage.engines import writing_engine
from storage.errors import StoreError
from storage.faults import faults
from storage.migrations import VERSIONS
from storage.moments import STALE, moment_ago
from storage.opening import prepare
from storage.reading import Store
from storage.records import BatchRecord, ExperimentRecord, RunRecord, VerdictRecord
from storage.tables import Batch, Evidence, Verdict


def open_writer(url: str | None = None) -> Writer:
    """Open a store for writing: makes one that is not there, brings an older one up to date after a copy beside it.

    `url` as in `storage.open_store`. Raises StoreError, and changes nothing, for what is no store of ours.
    """
    return Writer(url)


class Writer(Store):
    """A store that is also written to, by this and other processes in turn, each waiting up to a minute for its turn.

    Every verb raises StoreError where the store cannot be written any more, and leaves nothing of what it began.
    """

    def __init__(self, url: str | None = None, *, versions: Sequence[Path] = VERSIONS) -> None:
        address = store_url(url)
        prepare(address, versions)
        self._writing = writing_engine(address)
        self._inode = inode(address)
        self._abscissae = recording.Abscissae()
        super().__init__(address.render_as_string(hide_password=False), versions=versions)

    def close(self) -> None:
        super().close()
        self._writing.dispose()

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        self._refuse_another_file()
        with faults(self.url), self._writing.begin() as connection:
            yield connection

    def _refuse_another_file(self) -> None:
        """Raise StoreError where the file was removed or replaced: SQLite would go on writing to what nobody finds."""
        if self._inode != inode(self.url):
            raise StoreError(f"The store {spoken(self.url)} was removed or replaced: run the same command again.")

    def describe(self, experiments: Sequence[ExperimentRecord]) -> None:
        """Write what the experiments are, and the views that follow from it; those of other experiments stay.

        Nothing is written when nothing changed. Raises StoreError for names that SQL could not tell apart.
        """
        with self._transaction() as connection:
            describing.describe(connection, experiments)
            views.refresh(connection)

    def start_batch(self, batch: BatchRecord) -> int:
        """The id of the new batch, which is running from now on by the database's clock."""
        now = moment_ago(0)
        started = {"state": "running", "started_at": now, "heartbeat_at": now, "done": 0, "failed": 0}
        known = {**vars(batch), "packages": dict(batch.packages)}
        with self._transaction() as connection:
            key = connection.execute(insert(Batch).values(**known, **started)).inserted_primary_key
            assert key is not None
            return int(key[0])

    def heartbeat(self, batch_id: int, *, done: int, failed: int) -> None:
        """Say that the batch lives, and how far it is."""
        self._set_batch(batch_id, heartbeat_at=moment_ago(0), done=done, failed=failed)

    def finish_batch(self, batch_id: int, *, state: Literal["finished", "interrupted"], done: int, failed: int) -> None:
        now = moment_ago(0)
        self._set_batch(batch_id, state=state, heartbeat_at=now, finished_at=now, done=done, failed=failed)

    def _set_batch(self, batch_id: int, **values: Any) -> None:
        with self._transaction() as connection:
            connection.execute(update(Batch).where(Batch.id == batch_id).values(**values))

    def live_batches(self, besides: int) -> int:
        """How many other batches are running, with a heartbeat in the last 30 s."""
        lives = (Batch.state == "running") & (Batch.heartbeat_at >= moment_ago(STALE))
        with self.connection() as connection:
            return connection.scalar(select(func.count()).where(lives, Batch.id != besides)) or 0

    def record(self, batch_id: int, runs: Sequence[RunRecord], *, replace: bool = False) -> None:
        """Store runs whole, in one transaction. Raises ValueError for a number that is not finite.

        A run that failed is replaced by a new one of the same key, which keeps its id. One that is ok stays, unless
        `replace` says otherwise: another batch on the same store may have been first.
        """
        packed = [recording.Packed(run) for run in runs]
        with self._transaction() as connection:
            ids = recording.write(connection, batch_id, packed, self._abscissae, replace=replace)
        self._abscissae.keep(ids)

    def save_verdicts(self, verdicts: Sequence[VerdictRecord]) -> None:
        """Store verdicts with their evidence, in place of those on the same claim, profile, seeds and revision."""
        with self._transaction() as connection:
            for verdict in verdicts:
                save_verdict(connection, verdict)


def inode(url: URL) -> int | None:
    """What tells an SQLite store's file from another of that name; None where there is no file."""
    path = sqlite_path(url)
    return path.stat().st_ino if url.drivername == "sqlite" and path.exists() else None


def save_verdict(connection: Connection, verdict: VerdictRecord) -> None:
    values = {name: value for name, value in vars(verdict).items() if name != "evidence"}
    same = [getattr(Verdict, name) == values[name] for name in ("experiment", "claim", "profile", "seeds", "revision")]
    verdict_id = connection.scalar(select(Verdict.id).where(*same))
    if verdict_id is None:
        key = connection.execute(insert(Verdict).values(**values, judged_at=moment_ago(0))).inserted_primary_key
        assert key is not None
        verdict_id = int(key[0])
    else:
        change = update(Verdict).where(Verdict.id == verdict_id)
        connection.execute(change.values(**values, judged_at=moment_ago(0)))
        connection.execute(delete(Evidence).where(Evidence.verdict_id == verdict_id))
    if verdict.evidence:
        connection.execute(insert(Evidence), [{"verdict_id": verdict_id, **vars(point)} for point in verdict.evidence])
