"""A table of one's own as a data set: a CSV or Parquet file, one column of which is to be predicted.

As the value of a parameter it is called FILE:COLUMN@HASH, as in `houses.csv:price@5f0c9d3be6a1`: the first twelve
digits of a hash of the file's bytes make it part of every run's key, so that a run belongs to one content and not to
whatever has the file's name. The file itself is looked for in the folder that the environment variable
THEORY_LAB_DATA names, or in the current one.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]

FOLDER = "THEORY_LAB_DATA"
NAME = re.compile(r"(?P<file>[^/\\]+\.(csv|parquet)):(?P<target>.+)@(?P<digest>[0-9a-f]{12})", re.IGNORECASE)
FEWEST_ROWS = 40
"""The fewest rows that five folds and a training set in each leave meaning to."""
MOST_CLASSES = 20
"""A target of more different values is a quantity."""


class OwnTableError(Exception):
    """A table of one's own that is not there or cannot be used; the message is one sentence."""


def is_own(name: str) -> bool:
    return NAME.fullmatch(name) is not None


def name_of(path: Path, target: str | None) -> str:
    """The name of the data set in this file, whose column `target`, or else the last, is to be predicted.

    Raises OwnTableError where the file cannot be used.
    """
    if path.suffix.lower() not in (".csv", ".parquet"):
        raise OwnTableError(f"A table of your own is a .csv or .parquet file, which {path.name} is not.")
    content = _content(path)
    columns = [str(column) for column in _frame(path, path.name).columns]
    chosen = columns[-1] if target is None else target
    name = f"{path.name}:{chosen}@{_digest(content)}"
    _table(path, path.name, chosen)
    return name


def read(name: str) -> tuple[Floats, NDArray[np.float64]]:
    """X (n, d) and y (n,) of a table: columns of text become one column of 0 and 1 for each of their values, and a
    target of text the number of its class in alphabetical order.

    Raises OwnTableError where the file is missing, is another one than the name is of, or cannot be used.
    """
    parts = NAME.fullmatch(name)
    assert parts is not None
    path = Path(os.environ.get(FOLDER) or ".") / parts["file"]
    if _digest(_content(path)) != parts["digest"]:
        raise OwnTableError(f"The table {path.name} is not the one of this run: its content has changed.")
    return _table(path, path.name, parts["target"])


def numbers_or_sides(y: Floats) -> Floats:
    """A target that is a quantity as it is; one of classes (whole numbers, at most twenty different ones) as ±1, the
    first class against the others."""
    values = np.unique(y)
    if len(values) <= MOST_CLASSES and np.array_equal(values, np.round(values)):
        return np.where(y == values[0], 1.0, -1.0)
    return y


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise OwnTableError(f"The table {path} cannot be read: {error.strerror}.") from None


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=6).hexdigest()


def _frame(path: Path, name: str) -> pd.DataFrame:
    import pandas as pd

    try:
        return pd.read_csv(path) if path.suffix.lower() == ".csv" else pd.read_parquet(path)
    except Exception as error:  # whatever a parser may raise of a file that is none of its own
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise OwnTableError(f"The table {name} cannot be read as {path.suffix[1:].lower()}: {reason}") from None


def _table(path: Path, name: str, target: str) -> tuple[Floats, Floats]:
    import pandas as pd

    frame = _frame(path, name)
    frame.columns = frame.columns.map(str)
    if target not in frame.columns:
        raise OwnTableError(f"The table {name} has no column {target}; it has {', '.join(frame.columns)}.")
    if len(frame) < FEWEST_ROWS or frame.shape[1] < 3:
        raise OwnTableError(
            f"The table {name} has {len(frame)} rows and {frame.shape[1]} columns; at least {FEWEST_ROWS} rows, two "
            "columns of inputs and one to be predicted are needed."
        )
    empty = [str(column) for column in frame.columns if frame[column].isna().any()]
    if empty:
        raise OwnTableError(f"The table {name} has empty cells in {', '.join(empty)}; fill them or drop their rows.")
    texts = [str(column) for column in frame.columns if not pd.api.types.is_numeric_dtype(frame[column])]
    for column in texts:
        different = frame[column].nunique()
        if different > MOST_CLASSES:
            raise OwnTableError(
                f"The column {column} of the table {name} holds {different} different texts; leave it out, or give "
                "numbers."
            )
    y = frame[target].astype("category").cat.codes if target in texts else frame[target]
    inputs = pd.get_dummies(frame.drop(columns=target), columns=[column for column in texts if column != target])
    X, answers = np.asarray(inputs, np.float64), np.asarray(y, np.float64)
    if not (np.isfinite(X).all() and np.isfinite(answers).all()):
        raise OwnTableError(f"The table {name} holds numbers that are not finite.")
    if np.ptp(answers) == 0:
        raise OwnTableError(f"The column {target} of the table {name} is constant: there is nothing to predict.")
    return X, answers
