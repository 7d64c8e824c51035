"""Frozen records that cross the borders of packages: what an experiment is, what a run produced, what a verdict says.

Nothing here knows SQL: experiments make these records, the store keeps them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Value = int | float | str | bool
"""A parameter's value."""

Status = Literal["supported", "refuted", "undecided"]


@dataclass(frozen=True, kw_only=True)
class ParamInfo:
    """A parameter of an experiment; `type` is int, float, str or bool; at most one parameter is the size axis."""

    name: str
    type: str
    text: str
    is_size: bool = False


@dataclass(frozen=True, kw_only=True)
class MetricInfo:
    name: str
    text: str
    unit: str = ""


@dataclass(frozen=True, kw_only=True)
class CurveInfo:
    """`role` is learning, robustness or None; a robustness curve is named METHOD_NORM, as in exact_linf."""

    name: str
    x_label: str
    y_label: str
    unit: str = ""
    x_log: bool = False
    y_log: bool = False
    role: str | None = None


@dataclass(frozen=True, kw_only=True)
class FieldInfo:
    name: str
    kind: str
    text: str


@dataclass(frozen=True, kw_only=True)
class ClaimInfo:
    """A claim as people read it; `tolerance` is written out with its unit, as in ±5 %.

    `x_label` and `y_label` name the axes of its evidence: the parameter along x, the quantity that is judged.
    """

    name: str
    kind: str
    statement: str
    source: str
    tolerance: str
    reason: str
    x_label: str = ""
    y_label: str = ""


@dataclass(frozen=True, kw_only=True)
class SnippetInfo:
    """One of the guide's 17 code examples: how it ends as written, what is wrong, and what was measured."""

    number: int
    chapter: int
    heading: str
    outcome: str
    fault: str
    measured: str


@dataclass(frozen=True, kw_only=True)
class ExperimentRecord:
    """All that the dashboard and SQL need to know of an experiment; `text` is Markdown with LaTeX."""

    name: str
    title: str
    chapter: int
    section: str
    text: str
    revision: int
    guide_params: Mapping[str, Value] | None
    params: tuple[ParamInfo, ...]
    metrics: tuple[MetricInfo, ...]
    curves: tuple[CurveInfo, ...]
    fields: tuple[FieldInfo, ...]
    claims: tuple[ClaimInfo, ...]
    snippets: tuple[SnippetInfo, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CurveRecord:
    """y over x, two float64 arrays of one length; every number finite."""

    name: str
    x: NDArray[np.float64]
    y: NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class FieldRecord:
    """Named arrays of float64 or int64, of any shape; `kind` says how to draw them."""

    name: str
    kind: str
    arrays: Mapping[str, NDArray[Any]]


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """One run, whole. `fingerprint` is "" and `error` the traceback where status is failed; started_at is UTC."""

    key: str
    experiment: str
    revision: int
    params: Mapping[str, Value]
    seed: int
    status: Literal["ok", "failed"]
    error: str
    started_at: datetime
    seconds: float
    fingerprint: str
    metrics: Mapping[str, float] = field(default_factory=dict)
    curves: tuple[CurveRecord, ...] = ()
    fields: tuple[FieldRecord, ...] = ()


@dataclass(frozen=True, kw_only=True)
class BatchRecord:
    """What is known of a batch when it starts; `packages` maps names to versions."""

    profile: str
    planned: int
    command: str
    git_commit: str
    host: str
    cpu: str
    python: str
    packages: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class EvidenceRecord:
    """One point of the picture that shows a verdict; a theory curve has y and no interval."""

    series: str
    step: int
    x: float
    y: float
    low: float | None = None
    high: float | None = None
    predicted_low: float | None = None
    predicted_high: float | None = None


@dataclass(frozen=True, kw_only=True)
class VerdictRecord:
    """`basis` is a hash of the judged runs and of the code that judged them: equal bases need no second judgement."""

    experiment: str
    claim: str
    profile: str
    seeds: int
    revision: int
    status: Status
    because: str
    basis: str
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    predicted_low: float | None = None
    predicted_high: float | None = None
    evidence: tuple[EvidenceRecord, ...] = ()
