"""What is no store of ours gets one clear sentence and is not touched."""

from __future__ import annotations

import contextlib
import hashlib
import os
import pwd
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from storage import open_store
from storage.address import store_url
from storage.errors import StoreError
from storage.store import open_writer
from tests.storage import made

OPENERS: list[Callable[[str], object]] = [open_store, open_writer]


def sentence(opener: Callable[[str], object], url: str) -> str:
    """What is said of the store; one line, a sentence."""
    with pytest.raises(StoreError) as raised:
        opener(url)
    said = str(raised.value)
    assert "\n" not in said
    assert said.endswith(".")
    return said


def footprint(folder: Path) -> dict[str, tuple[str, int]]:
    """Every file beside the store: the hash of its bytes and the time of its last change."""
    return {
        path.name: (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
        for path in folder.iterdir()
        if path.is_file()
    }


def a_store(path: Path) -> None:
    with open_writer(str(path)) as writer:
        writer.describe([made.experiment()])
        writer.record(writer.start_batch(made.batch()), [made.run(f"k{n}", seed=n) for n in range(200)])


def script(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def a_text(path: Path) -> None:
    path.write_text("width,risk\n" * 500)


def of_another_program(path: Path) -> None:
    script(path, "CREATE TABLE run (id INTEGER PRIMARY KEY, mine TEXT)", "INSERT INTO run VALUES (1, 'precious')")


def of_another_program_in_wal(path: Path) -> None:
    script(path, "PRAGMA journal_mode = WAL", "CREATE TABLE mine (id INTEGER)")


def of_another_user_of_alembic(path: Path) -> None:
    script(path, "CREATE TABLE alembic_version (version_num TEXT)", "INSERT INTO alembic_version VALUES ('0001')")


def newer(path: Path) -> None:
    a_store(path)
    script(path, "UPDATE alembic_version SET version_num = 'theory_lab_9999'")


def without_a_table(path: Path) -> None:
    a_store(path)
    script(path, "DROP TABLE evidence")


def truncated(path: Path) -> None:
    a_store(path)
    os.truncate(path, path.stat().st_size // 2)


def a_damaged_header(path: Path) -> None:
    a_store(path)
    with path.open("r+b") as file:
        file.write(b"SQLite format 4\0")


@pytest.mark.parametrize("opener", OPENERS)
@pytest.mark.parametrize(
    ("make", "words"),
    [
        (a_text, "no SQLite database"),
        (of_another_program, "another program"),
        (of_another_program_in_wal, "another program"),
        (of_another_user_of_alembic, "another program"),
        (newer, "newer version"),
        (without_a_table, "damaged: its table evidence is missing"),
        (truncated, "damaged"),
        (a_damaged_header, "no SQLite database"),
    ],
)
def test_a_file_that_is_no_store_is_not_touched(
    tmp_path: Path, opener: Callable[[str], object], make: Callable[[Path], None], words: str
) -> None:
    path = tmp_path / "results.db"
    make(path)
    before = footprint(tmp_path)
    assert list(before) == ["results.db"]
    said = sentence(opener, str(path))
    assert words in said
    assert str(path) in said
    assert footprint(tmp_path) == before


def test_a_page_that_was_overwritten_is_found_before_anything_is_written(tmp_path: Path) -> None:
    path = tmp_path / "results.db"
    a_store(path)
    with path.open("r+b") as file:
        file.seek(path.stat().st_size * 3 // 4 // 4096 * 4096)
        file.write(b"\xff" * (8 * 4096))
    before = footprint(tmp_path)
    assert "damaged" in sentence(open_writer, str(path))
    everything = "SELECT * FROM run JOIN metric ON metric.run_id = run.id JOIN curve ON curve.run_id = run.id"
    with open_store(str(path)) as store, pytest.raises(StoreError, match="damaged"):
        store.frame(everything)
    assert footprint(tmp_path) == before


@pytest.mark.parametrize("opener", OPENERS)
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "is a folder"),
        ("sqlite:///.", "is a folder"),
        ("/dev/null", "no regular file"),
        ("mysql://user:secret@host/lab", "only in SQLite or PostgreSQL"),
        ("nonsense://", "no store URL|only in SQLite"),
        ("postgresql://host:port/lab", "no store URL"),
        ("postgresql+asyncpg://host/lab", "only in SQLite or PostgreSQL"),
        ("sqlite:results.db", "no store URL"),
        ("sqlite://results.db", "three slashes"),
        ("sqlite:///file:results.db?mode=rw&uri=true", "three slashes"),
        ("sqlite://", "memory"),
        ("sqlite:///:memory:", "memory"),
        (":memory:", "memory"),
        (" ", "empty name"),
        ("x" * 300, "cannot be opened"),
        ("file.txt/results.db", "cannot be opened"),
    ],
)
def test_an_address_that_is_no_store_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opener: Callable[[str], object], name: str, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file.txt").touch()
    said = sentence(opener, name or str(tmp_path))
    assert any(word in said for word in words.split("|")), said
    assert "secret" not in said
    assert [path.name for path in tmp_path.iterdir()] == ["file.txt"]


def test_a_store_in_a_folder_that_is_not_there_is_empty_and_cannot_be_made(tmp_path: Path) -> None:
    path = tmp_path / "none" / "results.db"
    with open_store(str(path)) as store:
        assert not store.exists
    assert "folder is not there" in sentence(open_writer, str(path))
    assert list(tmp_path.iterdir()) == []


def test_a_file_without_a_byte_is_a_store_that_is_not_there_yet(tmp_path: Path) -> None:
    path = tmp_path / "results.db"
    path.touch()
    with open_store(str(path)) as store:
        assert not store.exists
    assert path.stat().st_size == 0
    a_store(path)
    with open_store(str(path)) as store:
        assert len(store.ok_keys()) == 200


def test_a_folder_in_the_place_of_an_open_store_is_called_one(tmp_path: Path) -> None:
    path = tmp_path / "results.db"
    a_store(path)
    with open_store(str(path)) as store:
        store.ok_keys()
        path.unlink()
        path.mkdir()
        with pytest.raises(StoreError, match=f"^The store {path} is a folder: give the name of a file"):
            store.ok_keys()


def test_the_address_comes_from_the_argument_the_environment_or_the_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("THEORY_LAB_STORE", raising=False)
    assert str(store_url()) == "sqlite:///results.db"
    monkeypatch.setenv("THEORY_LAB_STORE", "postgresql://me:secret@host/lab")
    assert store_url().drivername == "postgresql+psycopg"
    assert "secret" not in str(store_url())
    assert store_url("other.db").database == "other.db"
    assert store_url("postgres://host/lab").drivername == "postgresql+psycopg"
    assert store_url("a b#c?d%.db").database == "a b#c?d%.db"


@contextlib.contextmanager
def unprivileged() -> Iterator[None]:
    """As a user to whom permissions apply; the effective one is enough for opening files."""
    if os.geteuid() != 0:
        yield
        return
    user = pwd.getpwnam("nobody")
    os.setegid(user.pw_gid)
    os.seteuid(user.pw_uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that other users may enter, with a store of ours."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    a_store(folder / "results.db")
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


def test_a_store_in_a_read_only_folder_can_be_read_and_not_written(open_folder: Path) -> None:
    path = open_folder / "results.db"
    path.chmod(0o444)
    open_folder.chmod(0o555)
    before = footprint(open_folder)
    with unprivileged():
        with open_store(str(path)) as store:
            assert len(store.ok_keys()) == 200
        said = "" if os.access(path, os.W_OK, effective_ids=True) else sentence(write_something, str(path))
    assert "cannot be written" in said
    assert footprint(open_folder) == before


def write_something(url: str) -> None:
    with open_writer(url) as writer:
        writer.start_batch(made.batch())


def test_a_file_that_may_not_be_read_is_refused(open_folder: Path) -> None:
    path = open_folder / "results.db"
    path.chmod(0o000)
    with unprivileged():
        said = [sentence(opener, str(path)) for opener in OPENERS]
    assert all("cannot be opened" in one for one in said)


def test_a_new_store_in_a_read_only_folder_is_refused(open_folder: Path) -> None:
    open_folder.chmod(0o555)
    with unprivileged():
        said = sentence(open_writer, str(open_folder / "new.db"))
    assert "permissions" in said
    assert not (open_folder / "new.db").exists()
