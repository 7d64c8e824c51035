"""The chart of a query's result: columns of numbers against any column, told apart by another."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from app.answers import WHOLE
from app.components.choices import SEVERAL, Offer, Options, settled
from app.figures.look import Figure, Trace, axis, category, figure, numbers, plain, ramp, worth_a_log
from app.panels.shared import AXES, scales
from app.text.wording import count, value_text
from app.views import Drawn, NothingToDrawError, Query
from storage.console.question import Answer, Cell, QueryError

if TYPE_CHECKING:
    from app.reader import Reader

PANEL = "chart"
VIEW = "sql-chart"
KINDS: Options = [("points", "points"), ("line", "line"), ("bars", "bars")]
NONE = "none"
MOST_COLOURS = 24


def draw(read: Reader, query: Query) -> Drawn:
    """The view `sql-chart`: sql, kind, x, y, colour, axes. Raises NothingToDrawError."""
    try:
        answer = read.answers.first(query.get("sql", ""))
    except QueryError as error:
        raise NothingToDrawError(str(error)) from None
    offered = offers(answer)
    if not offered:
        raise NothingToDrawError(said_without(answer))
    return drawn_from(answer, query.get("sql", ""), settled(offered, query))


def said_without(answer: Answer) -> str:
    """Why there is no chart."""
    if not answer.ended:
        return f"A chart shows whole results, of up to {WHOLE.rows:,} rows: group or limit the query to see one."
    return "A chart needs two columns, one of numbers, and a row."


def offers(answer: Answer) -> list[Offer]:
    """None where the result is too long, or has no two columns of which one holds numbers."""
    names = unique(answer.columns)
    columns = dict(zip(names, zip(*answer.rows, strict=True), strict=True)) if answer.rows else {}
    numeric = [name for name, values in columns.items() if is_numeric(values)]
    if not answer.ended or not numeric or len(columns) < 2:
        return []
    y = numeric[1] if len(numeric) > 1 else numeric[0]
    x = numeric[0] if len(numeric) > 1 else next(name for name in names if name != y)
    groups = [name for name, values in columns.items() if len(set(values)) <= MOST_COLOURS]
    colour = next((name for name in groups if name not in (x, y, *numeric) and len(set(columns[name])) > 1), NONE)
    return [
        Offer(key="kind", label="drawn as", options=KINDS, default="points" if x in numeric else "bars"),
        Offer(key="x", label="x", options=[(name, name) for name in names], default=x),
        Offer(key="y", label="y", options=[(name, name) for name in numeric], default=y, several=True),
        Offer(
            key="colour", label="colour", options=[(NONE, "none"), *((name, name) for name in groups)], default=colour
        ),
        AXES,
    ]


def unique(columns: Sequence[str]) -> list[str]:
    """The columns' names, those that repeat numbered: mean, mean (2)."""
    made: list[str] = []
    for column in columns:
        name, times = column, 1
        while name in made:
            times += 1
            name = f"{column} ({times})"
        made.append(name)
    return made


def is_number(value: Cell) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_numeric(values: Sequence[Cell]) -> bool:
    """Whether all values that there are, are numbers, and one is there."""
    there = [value for value in values if value is not None]
    return bool(there) and all(is_number(value) for value in there)


def drawn_from(answer: Answer, sql: str, chosen: Mapping[str, str]) -> Drawn:
    import pandas as pd

    columns = dict(zip(unique(answer.columns), zip(*answer.rows, strict=True), strict=True))
    x, ys, colour = chosen["x"], chosen["y"].split(SEVERAL), chosen["colour"]
    named = [x, *ys, *([] if colour == NONE else [colour])]
    kept = [
        row
        for row in zip(*(columns[name] for name in named), strict=True)
        if _drawable(row[0]) and any(_drawable(value) for value in row[1 : len(ys) + 1])
    ]
    if chosen["kind"] == "line" and is_numeric(columns[x]):
        kept.sort(key=lambda row: row[0])
    left_out = len(answer.rows) - len(kept)
    caption = f"{', '.join(ys)} against {x}, every row of the result: {count(len(kept), 'row')}."
    if left_out:
        caption += f" {count(left_out, 'row')} without a number there {'is' if left_out == 1 else 'are'} left out."
    frame = pd.DataFrame({k: [row[k] for row in kept] for k in range(len(named))})
    frame.columns = pd.Index(unique(named))
    made = chart(kept, x, ys, None if colour == NONE else colour, chosen["kind"], chosen["axes"])
    return Drawn(figure=made, table=frame, caption=caption, sql=sql.strip())


def _drawable(value: Cell) -> bool:
    return value is not None and not (isinstance(value, float) and not math.isfinite(value))


def chart(
    rows: Sequence[tuple[Cell, ...]], x: str, ys: Sequence[str], colour: str | None, kind: str, axes: str
) -> Figure:
    """A trace for each y and value of the colour; a row is x, each y, and the colour where there is one."""
    x_numeric = is_numeric([row[0] for row in rows])
    groups: dict[Cell, list[tuple[Cell, ...]]] = {}
    for row in rows:
        groups.setdefault(row[-1] if colour else None, []).append(row)
    values = sorted(groups, key=lambda value: (value is None, not is_number(value), _order(value)))
    lines = [(y, place, value) for place, y in enumerate(ys, 1) for value in values]
    ramped = colour is not None and len(ys) == 1 and is_numeric(values)
    colors = ramp(len(lines)) if ramped else tuple(category(at)[0] for at in range(len(lines)))
    traces = []
    for position, ((y, place, value), color) in enumerate(zip(lines, colors, strict=True)):
        name = ", ".join([*([y] if len(ys) > 1 or not colour else []), *([cell_text(value)] if colour else [])])
        points = [(row[0], row[place]) for row in groups[value] if _drawable(row[place])]
        traces.append(_trace(points, kind, name, color, position, x_numeric))
    xs = [float(row[0]) for row in rows if x_numeric]  # type: ignore[arg-type]  # x_numeric says so
    heights = [float(v) for row in rows for v in row[1 : len(ys) + 1] if _drawable(v)]  # type: ignore[arg-type]  # ys are numeric
    x_log, y_log = scales(axes, (kind != "bar" and worth_a_log(xs), kind != "bar" and worth_a_log(heights)))
    made = figure(
        traces,
        xaxis=axis(x, xs, log=x_log and x_numeric),
        yaxis=axis(ys[0] if len(ys) == 1 else "", heights, log=y_log),
        showlegend=len(traces) > 1,
        barmode="group",
        **({"legend": {"title": {"text": plain(colour)}}} if colour and len(ys) == 1 else {}),
    )
    if not x_numeric:
        made["layout"]["xaxis"]["type"] = "category"
    return made


def _order(value: Cell) -> float | str:
    return float(value) if is_number(value) else str(value)  # type: ignore[arg-type]  # is_number says so


def _trace(rows: Sequence[tuple[Cell, ...]], kind: str, name: str, color: str, position: int, x_numeric: bool) -> Trace:
    trace: Trace = {
        "name": plain(name),
        "x": numbers([float(row[0]) for row in rows])  # type: ignore[arg-type]  # x_numeric says so
        if x_numeric
        else [plain(cell_text(row[0])) for row in rows],
        "y": numbers([float(row[1]) for row in rows]),  # type: ignore[arg-type]  # only columns of numbers are offered
        "hovertemplate": f"%{{x}}, %{{y:.6g}}<extra>{plain(name)}</extra>",
    }
    if kind == "bars":
        return {**trace, "type": "bar", "marker": {"color": color}}
    marker = {"color": color, "size": 6, "symbol": category(position)[1]}
    if kind == "line":
        mode = "lines+markers" if len(rows) <= 60 else "lines"
        return {**trace, "type": "scatter", "mode": mode, "line": {"color": color, "width": 1.6}, "marker": marker}
    return {**trace, "type": "scatter", "mode": "markers", "marker": marker}


def cell_text(value: Cell) -> str:
    if value is None:
        return "NULL"
    return f"{len(value)} bytes" if isinstance(value, bytes) else value_text(value)
