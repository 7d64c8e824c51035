"""A figure that was asked for before comes from memory, as it was sent, while the store does not change."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from dash.development.base_component import Component
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_app
from app.components.figures import figure_foot, figure_source, foot
from app.panels import sizes
from app.views import Drawn, Query
from storage import open_store


@pytest.fixture
def store(filled: str, tmp_path: Path) -> str:
    return str(shutil.copy(filled, tmp_path / "own.db"))


@pytest.fixture
def client(store: str) -> Iterator[FlaskClient]:
    opened = open_store(store)
    yield create_app(opened).server.test_client()
    opened.close()


@pytest.fixture
def drawings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The answers that were made: each writes the foot of its figure once."""
    made: list[str] = []

    def counted(view: str, drawn: Drawn, query: Query) -> list[Component]:
        made.append(view)
        return foot(view, drawn, query)

    monkeypatch.setattr("app.application.foot", counted)
    return made


def asked(client: FlaskClient, axes: str = "auto", encoding: str = "gzip") -> TestResponse:
    """The figure of a metric against size, as the browser asks for it when a choice changes."""
    panel = {"view": sizes.PANEL, "fixed": {"experiment": "fluctuation"}}
    choice = {"type": "choice", "panel": sizes.PANEL, "key": "axes", "default": "auto"}
    outputs = [
        {"id": figure_source(sizes.PANEL), "property": "data"},
        {"id": figure_foot(sizes.PANEL), "property": "children"},
    ]
    matched = [json.dumps({"panel": ["MATCH"], "type": kind}, separators=(",", ":")) for kind in
               ("figure-source", "figure-foot")]  # fmt: skip
    body = {
        "output": f"..{matched[0]}.data...{matched[1]}.children..",
        "outputs": outputs,
        "inputs": [[{"id": choice, "property": "value", "value": axes}]],
        "changedPropIds": [json.dumps(choice, separators=(",", ":")) + ".value"],
        "state": [
            {"id": {"type": "figure-query", "panel": sizes.PANEL}, "property": "data", "value": panel},
        ],
    }
    made = client.post("/_dash-update-component", json=body, headers={"Accept-Encoding": encoding})
    assert made.status_code == 200
    return made


def test_the_same_request_is_answered_with_the_same_bytes_and_not_computed_again(
    client: FlaskClient, drawings: list[str]
) -> None:
    first, second = asked(client), asked(client)
    assert len(drawings) == 1
    assert second.data == first.data
    for name in ("Content-Type", "Content-Encoding", "Vary", "Content-Security-Policy"):
        assert second.headers[name] == first.headers[name]


def test_another_request_and_another_encoding_have_answers_of_their_own(
    client: FlaskClient, drawings: list[str]
) -> None:
    packed, plain, other = asked(client), asked(client, encoding="identity"), asked(client, axes="log")
    assert len(drawings) == 3
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert json.loads(plain.data)["response"]
    assert other.data != packed.data


def test_once_the_store_has_changed_the_answer_is_made_anew(
    client: FlaskClient, store: str, drawings: list[str]
) -> None:
    before = asked(client, encoding="identity")
    with sqlite3.connect(store) as connection:
        connection.execute("DELETE FROM metric WHERE run_id IN (SELECT id FROM run WHERE seed = 0)")
    after = asked(client, encoding="identity")
    assert len(drawings) == 2
    assert after.data != before.data


def test_what_is_asked_for_the_first_time_after_a_change_is_kept(
    client: FlaskClient, drawings: list[str], store: str
) -> None:
    asked(client)
    with sqlite3.connect(store) as connection:
        connection.execute("UPDATE run SET seconds = seconds + 1 WHERE id = 1")
    asked(client, axes="loglog")
    asked(client, axes="loglog")
    assert len(drawings) == 2


def test_a_page_that_does_not_say_so_is_always_made_anew(client: FlaskClient) -> None:
    """The console gives each of its pages a ticket."""
    body = {
        "output": "page.children",
        "outputs": {"id": "page", "property": "children"},
        "inputs": [
            {"id": "url", "property": "pathname", "value": "/sql"},
            {"id": "url", "property": "search", "value": ""},
        ],
        "changedPropIds": ["url.pathname"],
    }
    first, second = (client.post("/_dash-update-component", json=body).data for _ in range(2))
    assert b"ticket" in first
    assert first != second
