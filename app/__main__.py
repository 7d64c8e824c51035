"""`python -m app`: the dashboard over a store, until Ctrl-C."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from app.arguments import Parser, UsageError, port
from app.server import HOST, PORT, AddressError, Allowed, serve
from storage.errors import StoreError


def parser() -> Parser:
    parser = Parser(prog="python -m app", description=__doc__, allow_abbrev=False)
    parser.add_argument(
        "--store", metavar="URL|PATH", help="a file or an SQLAlchemy URL (default: $THEORY_LAB_STORE, then results.db)"
    )
    parser.add_argument("--host", default=HOST, help=f"the address to listen on (default: {HOST})")
    parser.add_argument("--port", type=port, default=PORT, help=f"0 takes a free one (default: {PORT})")
    parser.add_argument(
        "--allow-host", nargs="+", default=[], metavar="NAME", help="more names by which browsers may ask for it"
    )
    parser.add_argument("--allow-run", action="store_true", help="let the page of batches start, finish and stop them")
    parser.add_argument(
        "--suite", nargs="+", type=Path, default=[], metavar="DIR", help="with --allow-run: more folders of experiments"
    )
    return parser


def stop(_signal: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when stopped, 2 where the command, the store or the address is wrong."""
    signal.signal(signal.SIGTERM, stop)
    try:
        options = parser().parse_args(arguments)
        allowed = Allowed(run=options.allow_run, suites=tuple(options.suite), hosts=tuple(options.allow_host))
        serve(options.store, options.host, options.port, allowed)
    except KeyboardInterrupt:
        return 0
    except (UsageError, StoreError, AddressError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
