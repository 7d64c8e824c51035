"""Requests as they come over the wire: by another name, from another site's page, without a word of where from."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from app import Allowed, serving
from app.http.guard import Hosts, hosts_of
from storage.store import open_writer
from tests.app.laboratory import FLUCTUATION

START = {
    "output": "launch-said.children",
    "outputs": {"id": "launch-said", "property": "children"},
    "inputs": [{"id": "launch-start", "property": "n_clicks", "value": 1}],
    "changedPropIds": ["launch-start.n_clicks"],
    "state": [
        {"id": "launch-profile", "property": "value", "value": "nonsense"},
        {"id": "launch-only", "property": "value", "value": []},
        {"id": "launch-seeds", "property": "value", "value": ""},
        {"id": "launch-workers", "property": "value", "value": ""},
    ],
}
"""A press on Start with a profile that there is not: answered with a sentence where it passes, and nothing starts."""
LOOK = {
    "output": "page.children",
    "outputs": {"id": "page", "property": "children"},
    "inputs": [
        {"id": "url", "property": "pathname", "value": "/batches"},
        {"id": "url", "property": "search", "value": ""},
    ],
    "changedPropIds": ["url.pathname"],
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = str(tmp_path_factory.mktemp("guard") / "results.db")
    with open_writer(path) as writer:
        writer.describe([FLUCTUATION])
    return path


@pytest.fixture(scope="module")
def address(store: str) -> Iterator[str]:
    with serving(store, port=0, allowed=Allowed(run=True, hosts=("lab.example",))) as served:
        yield urlsplit(served).netloc


def asked(address: str, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, str]:
    """Status and body of a request with just these headers; `Host` too is as given."""
    connection = http.client.HTTPConnection(address, timeout=30)
    try:
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        content = b"" if body is None else json.dumps(body).encode()
        for name, value in {"Host": address, "Content-Length": str(len(content)), **headers}.items():
            connection.putheader(name.replace("_", "-"), value)
        if body is not None:
            connection.putheader("Content-Type", "application/json")
        connection.endheaders(content)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def press_start(address: str, **headers: str) -> tuple[int, str]:
    return asked(address, "POST", "/_dash-update-component", START, **headers)


def own(address: str) -> str:
    return f"http://{address}"


def test_a_press_on_the_dashboard_s_own_page_is_answered(address: str) -> None:
    status, said = press_start(address, Origin=own(address), Sec_Fetch_Site="same-origin")
    assert status == 200
    assert "There is no profile" in said


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://evil.example"},
        {"Origin": "http://evil.example:8050", "Referer": "http://127.0.0.1/"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://127.0.0.1"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "file://"},
        {"Sec_Fetch_Site": "same-origin"},
        {"Sec_Fetch_Site": "none"},
    ],
)
def test_a_press_from_elsewhere_or_from_nowhere_is_refused(address: str, headers: dict[str, str]) -> None:
    status, said = press_start(address, **headers)
    assert status == 403
    assert "profile" not in said


@pytest.mark.parametrize("site", ["cross-site", "same-site", "nonsense"])
def test_what_the_browser_says_of_the_site_counts_too(address: str, site: str) -> None:
    assert press_start(address, Origin=own(address), Sec_Fetch_Site=site)[0] == 403


REBOUND = [
    "evil.example",
    "evil.example:8050",
    "127.0.0.1.evil.example",
    "localhost.evil.example:80",
    "[::2]",
    "",
    "a@b",
]


@pytest.mark.parametrize("host", REBOUND)
@pytest.mark.parametrize("path", ["/", "/batches", "/export/sql.csv?sql=SELECT+1", "/_dash-layout", "/assets/lab.js"])
def test_another_name_that_leads_here_is_answered_nothing(address: str, host: str, path: str) -> None:
    """As a page does whose own name was made to lead to this machine: Host and Origin agree, both foreign."""
    status, said = asked(address, "GET", path, Host=host)
    assert status in (400, 403)
    assert "<" not in said
    assert press_start(address, Host=host, Origin=f"http://{host}", Sec_Fetch_Site="same-origin")[0] in (400, 403)


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "LOCALHOST", "[::1]", "lab.example"])
def test_the_names_of_this_machine_are_answered(address: str, name: str) -> None:
    host = f"{name}:{address.rpartition(':')[2]}"
    assert asked(address, "GET", "/", Host=host)[0] == 200
    assert "There is no profile" in press_start(address, Host=host, Origin=f"http://{host}")[1]


def test_looking_needs_no_origin_but_refuses_a_foreign_one(address: str) -> None:
    assert asked(address, "POST", "/_dash-update-component", LOOK)[0] == 200
    assert asked(address, "POST", "/_dash-update-component", LOOK, Origin="http://evil.example")[0] == 403


def test_without_allow_run_there_is_no_such_callback(store: str, tmp_path: Path) -> None:
    with serving(store, port=0) as served:
        plain = urlsplit(served).netloc
        known = json.loads(asked(plain, "GET", "/_dash-dependencies")[1])
        assert not [each for each in known if "launch" in json.dumps(each) or "batch-resume" in json.dumps(each)]
        page = asked(plain, "POST", "/_dash-update-component", LOOK)[1]
        assert "Batches" in page
        assert "launch-" not in page
        assert asked(plain, "GET", "/", Host="evil.example")[0] == 403


@pytest.mark.parametrize(
    ("host", "more", "changes", "expected"),
    [
        ("127.0.0.1", (), False, {"localhost": True, "127.0.0.1": True, "evil.example": False, "10.0.0.5": False}),
        ("localhost", (), True, {"localhost": True, "::1": True, "evil.example": False}),
        ("0.0.0.0", (), True, {"10.0.0.5": True, "::1": True, "evil.example": False, "localhost": True}),
        ("0.0.0.0", ("lab.example",), False, {"lab.example": True, "10.0.0.5": True, "evil.example": False}),
        ("lab.example", ("other.example",), True, {"lab.example": True, "other.example": True, "evil.example": False}),
    ],
)
def test_the_names_follow_from_where_it_listens(
    host: str, more: tuple[str, ...], changes: bool, expected: dict[str, bool]
) -> None:
    hosts = hosts_of(host, more, changes=changes)
    assert isinstance(hosts, Hosts)
    assert {name: name in hosts for name in expected} == expected


def test_open_to_a_network_for_looking_only_any_name_will_do() -> None:
    assert hosts_of("0.0.0.0") is None
