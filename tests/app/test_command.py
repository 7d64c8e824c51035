"""`python -m app`: starts, says where it listens, stops cleanly, and refuses bad input in one sentence."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

import pytest

from app import AddressError, serving

ROOT = Path(__file__).parent.parent.parent


def command(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "THEORY_LAB_STORE"}
    return subprocess.run(
        [sys.executable, "-m", "app", *arguments],
        cwd=folder,
        env={**environment, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def refused(*arguments: str, folder: Path) -> str:
    """What is said on standard error, which is one line, with status 2 and nothing on standard output."""
    before = sorted(folder.iterdir())
    ended = command(*arguments, folder=folder)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.endswith("\n")
    assert ended.stderr.count("\n") == 1
    assert sorted(folder.iterdir()) == before
    return ended.stderr


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--colour", "red"), "--colour"),
        (("--port", "65536"), "65536"),
        (("--port", "-1"), "--port"),
        (("--port", "many"), "many"),
        (("--store", "."), "folder"),
        (("--store", "mysql://somewhere/x"), "mysql"),
        (("--store", "foreign.txt"), "foreign.txt"),
        (("--host", "no.such.host.invalid"), "no.such.host.invalid"),
    ],
)
def test_bad_input_gets_one_sentence(arguments: tuple[str, ...], named: str, tmp_path: Path) -> None:
    (tmp_path / "foreign.txt").write_text("not a database\n" * 100)
    assert named in refused(*arguments, folder=tmp_path)


def test_a_port_in_use_gets_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert str(port) in refused("--port", str(port), folder=tmp_path)
        with pytest.raises(AddressError, match=str(port)), serving(str(tmp_path / "x.db"), port=port):
            pass


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_listens_and_stops_cleanly(stop: signal.Signals, tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "app", "--port", "0", "--store", "missing.db"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        address = process.stdout.readline().split()[1]
        assert urllib.request.urlopen(address, timeout=300).status == 200
        process.send_signal(stop)
        _, errors = process.communicate(timeout=300)
    assert (process.returncode, errors) == (0, "")
    assert list(tmp_path.iterdir()) == []  # the store that is not there was not made


def test_serving_lets_go_of_port_and_threads(filled: str) -> None:
    before = threading.active_count()
    with serving(filled, port=0) as address:
        port = int(address.rstrip("/").rsplit(":", 1)[1])
        with urllib.request.urlopen(address, timeout=300) as answer:
            policy = answer.headers["Content-Security-Policy"]
            assert b'lang="en"' in answer.read()
    assert "default-src 'self'" in policy
    assert "unsafe-eval" not in policy
    with socket.create_server(("127.0.0.1", port)):
        pass
    assert threading.active_count() == before
