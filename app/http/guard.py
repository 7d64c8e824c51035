"""Who may ask: requests by another name than the dashboard's, or from another site's page, are refused.

A page of another site can make a browser send requests here. It can read the answers only by having its own name lead
to this machine (DNS rebinding), which the Host header shows; and what it sends itself says so in Origin.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Response, request

if TYPE_CHECKING:
    from flask import Flask

LOOPBACK = ("localhost", "127.0.0.1", "::1")
READING = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True)
class Hosts:
    """The names that the dashboard answers to; with `addresses` also any address in numbers, which nobody rebinds."""

    names: frozenset[str]
    addresses: bool = False

    def __contains__(self, name: str) -> bool:
        return name in self.names or (self.addresses and _is_address(name))


def hosts_of(host: str, more: Iterable[str] = (), *, changes: bool = False) -> Hosts | None:
    """What a dashboard that listens on `host` answers to; None for anything.

    On a loopback address, or where requests can change something (`changes`), it is strict; elsewhere nobody but its
    owner knows its names, and it is strict only with `more` of them.
    """
    local = host == "localhost" or (_is_address(host) and ip_address(host).is_loopback)
    if not local and not changes and not more:
        return None
    return Hosts(frozenset(name.lower() for name in (*LOOPBACK, host, *more) if name), addresses=not local)


def add_guard(server: Flask, hosts: Hosts | None) -> None:
    """Refuse with 403 what comes by another name, and what another site's page sends."""

    def refuse() -> Response | None:
        name = host_name(request.host)
        if hosts is not None and name not in hosts:
            return _refusal(f"This dashboard does not answer to the name {name!r}; --allow-host gives it more names.")
        if request.method not in READING and comes_from_elsewhere():
            return _refusal("This came from a page of another site.")
        return None

    server.before_request(refuse)


def comes_from_elsewhere() -> bool:
    """Whether the request says that a page of another origin sent it; programs that are no browsers say nothing."""
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
    return (origin is not None and not _is_own(origin)) or site not in (None, "same-origin", "none")


def comes_from_own_page() -> bool:
    """Whether a page of this dashboard sent the request, as every browser says; what changes something asks it."""
    origin = request.headers.get("Origin")
    return origin is not None and _is_own(origin) and not comes_from_elsewhere()


def host_name(host: str) -> str:
    """The name in a Host header, in small letters, without its port and brackets."""
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return host


def _is_own(origin: str) -> bool:
    parts = origin.split("://", 1)
    return len(parts) == 2 and parts[0] in ("http", "https") and parts[1].lower() == request.host.lower()


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _refusal(sentence: str) -> Response:
    return Response(sentence + "\n", status=403, mimetype="text/plain")
