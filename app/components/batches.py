"""A batch as people read it: its state, how far it is, how fast, and what is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dash import html

from storage.queries import BatchRow

if TYPE_CHECKING:
    from dash.development.base_component import Component


def elapsed(batch: BatchRow) -> float:
    """Seconds of work: up to the end, to now while it runs, to the last heartbeat where it stopped."""
    end = batch.finished_at or (batch.now if batch.state == "running" else batch.heartbeat_at)
    return max(0.0, (end - batch.started_at).total_seconds())


def rate(batch: BatchRow) -> float | None:
    """Runs a second, over all of the batch; None before the first run."""
    seconds = elapsed(batch)
    return batch.done / seconds if batch.done and seconds > 0 else None


def seconds_left(batch: BatchRow) -> float | None:
    """At the rate so far; None where it does not run or no run has ended."""
    speed = rate(batch)
    return None if batch.state != "running" or speed is None else max(0, batch.planned - batch.done) / speed


def progress(batch: BatchRow) -> Component:
    """A bar with done and failed parts; the numbers stand beside it."""
    whole = max(batch.planned, 1)
    good = batch.done - batch.failed
    return html.Div(
        [
            html.Div(className="bar-good", style={"width": f"{100 * good / whole:.2f}%"}),
            html.Div(className="bar-failed", style={"width": f"{100 * batch.failed / whole:.2f}%"}),
        ],
        className=f"bar {batch.state}",
        role="progressbar",
        **{
            "aria-valuemin": "0",
            "aria-valuemax": str(batch.planned),
            "aria-valuenow": str(batch.done),
            "aria-label": f"batch {batch.id}",
        },
    )
