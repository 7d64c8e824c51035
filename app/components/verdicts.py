"""Verdicts as people read them: a word, a shape and a colour; the measured value with its interval and n."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from dash import html

from app.numbers.verdicts import NOT_JUDGED, STATUSES
from storage.queries import StoredVerdict
from storage.wording import interval, with_interval

if TYPE_CHECKING:
    from dash.development.base_component import Component


def mark(status: str) -> Component:
    """The shape and the word, of a verdict, a run or a batch; the colour is the stylesheet's."""
    return html.Span(
        [html.Span(className="shape", **{"aria-hidden": "true"}), status],
        className=f"mark {status.replace(' ', '-')}",
    )


def tally(statuses: Iterable[str]) -> Component:
    """How many claims have each status, those that occur."""
    listed = list(statuses)
    return html.Span(
        [
            html.Span(
                [mark(status), html.Span(f" {listed.count(status)}", className="tally-count")], className="tally-item"
            )
            for status in (*STATUSES, NOT_JUDGED)
            if status in listed
        ],
        className="tally",
    )


def measured(verdict: StoredVerdict) -> str:
    """−1.001 [−1.02, −0.98], n = 20; "" where the claim has no number."""
    value = with_interval(verdict.estimate, verdict.low, verdict.high)
    return f"{value}, n\u00a0=\u00a0{verdict.seeds}" if value else ""  # no line breaks inside n = 20


def allowed(verdict: StoredVerdict) -> str:
    """What theory allows at the deciding point, tolerance included."""
    return interval(verdict.predicted_low, verdict.predicted_high)
