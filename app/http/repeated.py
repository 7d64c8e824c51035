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
    """What keeps answers as long as what they were read from stands: app.reader.Reader."""

    def watch(self) -> Any: ...

    def unwatch(self) -> None: ...

    def known(self, key: Hashable) -> tuple[Any] | None: ...

    def keep(self, key: Hashable, answer: object, watch: Any, heavy: int) -> None: ...


def repeatable() -> None:
    """Said by a callback: the answer to this request follows from the request and the store alone."""
    g.repeatable = True


def repeat(server: Flask, memory: Memory) -> None:
    """Answer what was asked before from memory. To be called before compress(): what is kept is what it made."""

    def known() -> Response | None:
        if request.method != "POST" or request.path != CALLBACK:
            return None
        g.key = repeat, request.get_data(), request.headers.get("Accept-Encoding", "")
        found = memory.known(g.key)
        if found is not None:
            body, headers = found[0]
            return Response(body, headers=headers)
        g.watch = memory.watch()
        return None

    def keep(response: Response) -> Response:
        if "repeatable" in g and response.status_code == 200:
            headers = [(name, response.headers[name]) for name in KEPT_HEADERS if name in response.headers]
            body = response.get_data()
            memory.keep(g.key, (body, headers), g.watch, len(body) + len(g.key[1]))
        return response

    def end(_error: BaseException | None) -> None:
        if "watch" in g:
            memory.unwatch()

    server.before_request(known)
    server.after_request(keep)
    server.teardown_request(end)
