"""The numbers of lines as a table: a row a point, as drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from app.numbers.lines.averaging import Line
from app.numbers.lines.comparing import Beside
from app.numbers.lines.statement import TAKEN
from app.numbers.sql import beside

if TYPE_CHECKING:
    import pandas as pd


def lines_frame(
    lines: Sequence[Line], statistic: str, besides: Sequence[Beside] = (), word: str = "", *, runs: bool = False
) -> pd.DataFrame:
    """What tells the lines apart, x, the statistic, low, high, n, and what else is drawn of it.

    `besides` are those of the lines, in order, and `word` is difference or ratio. With `runs`, their single curves
    follow: rows with run_id and seed, whose value stands in the column of the statistic.
    """
    import pandas as pd

    parts = [_statistics(lines, statistic)]
    if besides:
        parts[0] |= _besides(lines, besides, word)
    if runs:
        parts.append(_runs(lines, statistic))
    which = np.concatenate([part.pop("line") for part in parts])
    lengths = [len(part["x"]) for part in parts]
    columns: dict[str, Any] = {name: _told(codes[which], values) for name, (codes, values) in _telling(lines).items()}
    for name in dict.fromkeys(name for part in parts for name in part):
        held = [part.get(name) for part in parts]
        columns[name] = _whole(held, lengths) if name in ("run_id", "seed") else _joined(held, lengths)
    return pd.DataFrame(columns, copy=False)


def _joined(held: Sequence[Any], lengths: Sequence[int]) -> Any:
    """The column of all parts, nan in those that do not have it."""
    filled = [
        np.full(length, np.nan) if values is None else values for values, length in zip(held, lengths, strict=True)
    ]
    return np.concatenate(filled)


def _whole(held: Sequence[Any], lengths: Sequence[int]) -> Any:
    """The same of whole numbers, which stay whole beside rows that have none."""
    from pandas.arrays import IntegerArray

    filled = [
        np.zeros(length, np.int64) if values is None else values for values, length in zip(held, lengths, strict=True)
    ]
    missing = [np.full(length, values is None) for values, length in zip(held, lengths, strict=True)]
    return IntegerArray(np.concatenate(filled), np.concatenate(missing))


def _telling(lines: Sequence[Line]) -> dict[str, tuple[np.ndarray[Any, Any], list[Any]]]:
    """Each column that tells lines apart, as the code of each line and the values that the codes stand for."""
    several = len({(line.experiment, line.curve) for line in lines}) > 1
    columns: dict[str, list[Any]] = {}
    if several:
        columns = {"experiment": [line.experiment for line in lines], "curve": [line.curve for line in lines]}
    for name in dict.fromkeys(name for line in lines for name in line.params):
        held = [line.params.get(name) for line in lines]
        if len({type(value) for value in held if value is not None}) > 1:  # one name, two kinds of parameter
            held = [None if value is None else str(value) for value in held]
        columns[beside(name, TAKEN)] = held
    coded = {}
    for name, held in columns.items():
        values = list(dict.fromkeys(value for value in held if value is not None))
        codes = np.array([-1 if value is None else values.index(value) for value in held])
        coded[name] = (codes, values)
    return coded


def _told(codes: np.ndarray[Any, Any], values: Sequence[Any]) -> pd.Series[Any]:
    """The value of each code, nan for -1; numbers and truth stay what they are where every row has one."""
    import pandas as pd

    kind = type(values[0]) if values else str
    if kind is str or (codes < 0).any():
        return pd.Series(np.array([*values, np.nan], dtype=object)[codes], dtype=object)
    return pd.Series(np.array(values, dtype=kind)[codes])


def _statistics(lines: Sequence[Line], statistic: str) -> dict[str, Any]:
    columns: dict[str, Any] = {"line": np.repeat(np.arange(len(lines)), [len(line.x) for line in lines])}
    for name, held in (("x", "x"), (statistic, "value"), ("low", "low"), ("high", "high"), ("n", "n")):
        columns[name] = np.concatenate([getattr(line, held) for line in lines])
    if any(line.smoothed is not None for line in lines):
        columns["smoothed"] = np.concatenate(
            [np.full(len(line.x), np.nan) if line.smoothed is None else line.smoothed for line in lines]
        )
    return columns


def _besides(lines: Sequence[Line], besides: Sequence[Beside], word: str) -> dict[str, Any]:
    """At the x of the lines, nan where there is none."""
    named = {word: "value"}
    if word == "difference":
        named |= {"difference_low": "low", "difference_high": "high", "pairs": "n"}
    columns: dict[str, list[Any]] = {name: [] for name in named}
    for line, other in zip(lines, besides, strict=True):
        place = np.searchsorted(line.x, other.x)
        for name, held in named.items():
            column = np.zeros(len(line.x), dtype=np.int64) if name == "pairs" else np.full(len(line.x), np.nan)
            column[place] = getattr(other, held)
            columns[name].append(column)
    return {name: np.concatenate(parts) for name, parts in columns.items()}


def _runs(lines: Sequence[Line], statistic: str) -> dict[str, Any]:
    samples = [line.sample for line in lines]
    runs, xs, values = zip(*(sample.points for sample in samples), strict=True)
    lengths = [len(run) for run in runs]
    return {
        "line": np.repeat(np.arange(len(lines)), lengths),
        "run_id": np.concatenate([sample.ids[run] for sample, run in zip(samples, runs, strict=True)]),
        "seed": np.concatenate([sample.seeds[run] for sample, run in zip(samples, runs, strict=True)]),
        "x": np.concatenate(xs),
        statistic: np.concatenate(values),
        "n": np.ones(sum(lengths), dtype=np.int64),
    }
