"""A store that another program holds as a whole: pages soon say so in a sentence, and are themselves again after it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app import create_app
from storage import engines, open_store
from storage.errors import StoreError

HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA locking_mode = EXCLUSIVE")
connection.execute("BEGIN EXCLUSIVE")
connection.execute("UPDATE batch SET done = done")
print("held", flush=True)
sys.stdin.read()
connection.execute("ROLLBACK")
"""
"""Until its input ends. In the exclusive mode a store with a log keeps out its readers too."""
SAID = "is held by another program. End that program, or wait until it has ended, and try again."


@contextmanager
def held(path: str) -> Iterator[None]:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdin is not None
        try:
            assert holder.stdout.readline() == "held\n"
            yield
        finally:
            holder.stdin.close()


@pytest.fixture
def store(filled: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(engines, "READERS_PATIENCE", 0.2)
    return str(shutil.copy(filled, tmp_path / "own.db"))


def page(client: FlaskClient, path: str) -> str:
    body = {
        "output": "page.children",
        "outputs": {"id": "page", "property": "children"},
        "inputs": [
            {"id": "url", "property": "pathname", "value": path},
            {"id": "url", "property": "search", "value": ""},
        ],
        "changedPropIds": ["url.pathname"],
    }
    answer = client.post("/_dash-update-component", json=body)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_readers_do_not_wait_as_long_as_writers() -> None:
    assert 1 <= engines.READERS_PATIENCE <= 5 < engines.PATIENCE


@pytest.mark.parametrize("path", ["/", "/experiment/fluctuation", "/learning-curves", "/runs", "/run/1", "/batches"])
def test_a_page_says_what_is_wrong_and_what_to_do(store: str, path: str) -> None:
    with open_store(store) as opened:
        client = create_app(opened).server.test_client()
        with held(store):
            told = page(client, path)
            assert SAID in told
            assert "The store cannot be read" in told
        assert SAID not in page(client, path)


def test_a_store_that_is_held_is_not_opened(store: str) -> None:
    with held(store), pytest.raises(StoreError, match="held by another program"):
        open_store(store)
