"""Answers that follow from their request and the store alone are sent again as they were sent first, compressed."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any, Protocol

from flask import Response, g, request

if TYPE_CHECKING:
    from flask import Flask

CALLBACK = "/_dash-update-component"
KEPT_HEADERS = ("Content-Type", "Content-Encoding", "Vary")


class Memory(Protocol):
    """What keeps answers as long as the store does not change: app.reader.Reader."""

    def key(self, what: Hashable, arguments: Hashable) -> Hashable: ...

    def known(self, key: Hashable) -> tuple[Any] | None: ...

    def keep(self, key: Hashable, answer: object, heavy: int | None = None) -> None: ...


def repeatable() -> None:
    """Said by a callback: the answer to this request follows from the request and the store alone."""
    g.repeatable = True


def repeat(server: Flask, memory: Memory) -> None:
    """Answer what was asked before from memory. To be called before compress(): what is kept is what it made."""

    def known() -> Response | None:
        if request.method != "POST" or request.path != CALLBACK:
            return None
        asked = request.get_data(), request.headers.get("Accept-Encoding", "")
        g.key = memory.key(repeat, asked)
        g.heavy = len(asked[0])
        found = memory.known(g.key)
        if found is None:
            return None
        body, headers = found[0]
        return Response(body, headers=headers)

    def keep(response: Response) -> Response:
        if "repeatable" in g and response.status_code == 200:
            headers = [(name, response.headers[name]) for name in KEPT_HEADERS if name in response.headers]
            body = response.get_data()
            memory.keep(g.key, (body, headers), len(body) + g.heavy)
        return response

    server.before_request(known)
    server.after_request(keep)
