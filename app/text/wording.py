"""How parameters, sizes and moments are written on the pages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from storage.records import Value
from storage.wording import number


def value_text(value: object) -> str:
    """A parameter's value: yes and no for truth, few digits for a fraction, a whole number whole."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return number(value, 6).replace(",", "")  # as one types it to ask for it
    return f"−{-value}" if isinstance(value, int) and value < 0 else str(value)


def params_text(params: Mapping[str, Value]) -> str:
    return ", ".join(f"{name} {value_text(value)}" for name, value in params.items())


def ago(moment: datetime, now: datetime) -> str:
    """just now, 2 min ago, 3 h ago, 5 days ago, or the date."""
    seconds = max(0.0, (now - moment).total_seconds())
    if seconds < 10:
        return "just now"
    for limit, unit, name in ((60, 1, "s"), (3600, 60, "min"), (86400, 3600, "h")):
        if seconds < limit:
            return f"{int(seconds // unit)} {name} ago"
    days = int(seconds // 86400)
    if days < 30:
        return "yesterday" if days == 1 else f"{days} days ago"
    return moment.strftime("%d %b %Y")


def exact(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def count(number_of: int, one: str, many: str | None = None) -> str:
    """1 run, 2,048 runs."""
    return f"{number_of:,} {one if number_of == 1 else many or one + 's'}"
