"""A wrong command, as its users meet it: one sentence, and nothing is changed."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
from pathlib import Path

import pytest

from tests.command import QUICK, copied, run_all

BAD_USAGE = [
    (["--porfile", "quick"], "no option --porfile; did you mean --profile"),
    (["--profile", "quik"], "no profile quik; did you mean quick"),
    (["--only", "gausian_limit"], "no experiment gausian_limit; did you mean gaussian_limit"),
    (["--seeds", "0"], "'0' is not a whole number of at least 1"),
    (["--seeds", "-3"], "at least 1"),
    (["--seeds", "many"], "'many' is not a whole number"),
    (["--workers", "0"], "'0' is not a whole number of at least 1"),
    (["--workers", "2.5"], "'2.5' is not a whole number"),
    (["--workers", "-1"], "at least 1"),
    (["--serve", "65536"], "not a port"),
    (["--serve", "http"], "not a port"),
    (["--suite", "nowhere"], "nowhere does not exist"),
    (["--suite", "broken"], "does not import: ModuleNotFoundError"),
    (["--store", "nonsense://host/name"], "nonsense"),
    (["--store", "postgresql://nobody@127.0.0.1:9/nothing"], "127.0.0.1"),
    (["--store", "folder"], "folder"),
    (["--store", "nowhere/results.db"], "nowhere"),
    (["--store", "text.txt"], "text.txt"),
    (["--store", "foreign.db"], "foreign.db"),
    (["--scheduler", "127.0.0.1:9"], "127.0.0.1:9"),
    (["--list", "--dry-run"], "not allowed with"),
    (["--data", "nowhere.csv"], "The table nowhere.csv cannot be read: No such file"),
    (["--data", "text.txt"], "is a .csv or .parquet file, which text.txt is not"),
    (["--target", "price"], "--target names a column of --data"),
    (["--verify", "0"], "at least 1"),
    (["--verify", "0123456789abcdef"], "0123456789abcdef"),
    (["--verify", ""], "key"),
]


@pytest.mark.parametrize(("arguments", "sentence"), BAD_USAGE, ids=[" ".join(arguments) for arguments, _ in BAD_USAGE])
def test_bad_input_gets_one_sentence_and_changes_nothing(
    toy_folder: Path, tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    folder = copied(toy_folder, tmp_path / "work")
    (folder / "folder").mkdir()
    (folder / "text.txt").write_text("no database at all, but long enough to have a header of sixteen bytes" * 20)
    with contextlib.closing(sqlite3.connect(folder / "foreign.db")) as connection, connection:
        connection.execute("CREATE TABLE customers (name TEXT)")
    (folder / "broken").mkdir()
    (folder / "broken" / "broken.py").write_text("import nonsense_that_is_not_there")
    before = contents(folder)
    done = run_all(folder, *arguments, PYTHONDONTWRITEBYTECODE="1")  # which Python itself would leave beside a file
    assert done.returncode == 2, done.stdout + done.stderr
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert contents(folder) == before


def contents(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_store_is_refused(tmp_path: Path) -> None:
    store = tmp_path / "results.db"
    store.write_bytes(b"")
    store.chmod(0)
    assert run_all(tmp_path, *QUICK).returncode == 2
