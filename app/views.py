"""Views: what a figure shows, as a function of the store and a query; pages draw it, exports and reports repeat it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from app.figures.look import Figure

if TYPE_CHECKING:
    import pandas as pd

    from app.reader import Reader

Query: TypeAlias = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A figure, its caption, the numbers in it (one row a point, as drawn) and the SELECT that gives them.

    `table` holds the numbers, or makes them where they are many and seldom asked for. `interval` is what their columns
    low and high are. `told` is the part of the numbers that the table under the figure shows, where that is not all of
    them; `height` what the figure needs, in pixels, where it says.
    """

    figure: Figure
    table: pd.DataFrame | Callable[[], pd.DataFrame]
    caption: str = ""
    sql: str = ""
    interval: str = "95 % interval"
    told: pd.DataFrame | None = None
    height: int | None = None

    @cached_property
    def numbers(self) -> pd.DataFrame:
        """One row a point, as drawn."""
        return self.table() if callable(self.table) else self.table


Draw: TypeAlias = "Callable[[Reader, Query], Drawn]"
Stream: TypeAlias = "Callable[[Reader, Query], Iterator[pd.DataFrame]]"
"""The numbers of a view that may be too many to be held, in parts, of which there is one at least."""


class NothingToDrawError(Exception):
    """`str(error)` says in one sentence what the store does not hold."""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A view on a page: which one, and with what query it opens.

    `panel` is unlike every other on the page; `fixed` is the part of the query that no control changes. `follows` is
    the panel whose choices are the rest of the query, where these are not the panel's own.
    """

    view: str
    panel: str
    drawn: Drawn
    fixed: Query
    chosen: Query = field(default_factory=dict)
    follows: str = ""

    @property
    def query(self) -> dict[str, str]:
        return {**self.fixed, **self.chosen}


def drawn(read: Reader, draw: Draw, query: Query) -> Drawn:
    """What the view draws for the query, from memory where the store has not changed. Raises NothingToDrawError."""
    return read.kept(draw, tuple(sorted(query.items())), lambda: draw(read, dict(query)))
