"""Records made to order for the tests of the store."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal

import numpy as np

from storage.records import (
    BatchRecord,
    ClaimInfo,
    CurveInfo,
    CurveRecord,
    EvidenceRecord,
    ExperimentRecord,
    FieldInfo,
    FieldRecord,
    MetricInfo,
    ParamInfo,
    RunRecord,
    SnippetInfo,
    Value,
    VerdictRecord,
)

PARAMS = (
    ParamInfo(name="width", type="int", text="units", is_size=True),
    ParamInfo(name="rate", type="float", text="learning rate"),
    ParamInfo(name="arm", type="str", text="which arm"),
    ParamInfo(name="shuffled", type="bool", text="whether shuffled"),
)
CURVES = (
    CurveInfo(name="loss", x_label="epoch", y_label="loss", role="learning"),
    CurveInfo(name="exact_linf", x_label="epsilon", y_label="accuracy", role="robustness"),
    CurveInfo(name="spectrum", x_label="rank", y_label="value"),
)


def experiment(name: str = "made", revision: int = 1, metrics: tuple[str, ...] = ("risk", "time")) -> ExperimentRecord:
    return ExperimentRecord(
        name=name,
        title="Made to order",
        chapter=11,
        section="Wide networks",
        text="$x^2$",
        revision=revision,
        guide_params={"width": 5, "rate": 0.1, "arm": "plain", "shuffled": True},
        params=PARAMS,
        metrics=tuple(MetricInfo(name=metric, text=f"the {metric}") for metric in metrics),
        curves=CURVES,
        fields=(FieldInfo(name="plane", kind="surface", text="the plane"),),
        claims=(claim(),),
        snippets=(SnippetInfo(number=1, chapter=11, heading="h", outcome="o", fault="f", measured="m"),)
        if name == "made"
        else (),
    )


def claim(name: str = "falls") -> ClaimInfo:
    return ClaimInfo(
        name=name,
        kind="Equals",
        statement="It falls.",
        source="Nobody (1900)",
        tolerance="±5 %",
        reason="",
        x_label="width",
        y_label="risk",
    )


def batch(planned: int = 4) -> BatchRecord:
    return BatchRecord(
        profile="quick",
        planned=planned,
        command="run_all.py",
        git_commit="c0ffee",
        host="here",
        cpu="one",
        python="3.11",
        packages={"numpy": "2.4"},
    )


def run(
    key: str,
    *,
    seed: int = 0,
    experiment: str = "made",
    revision: int = 1,
    status: Literal["ok", "failed"] = "ok",
    params: Mapping[str, Value] | None = None,
    metrics: Mapping[str, float] | None = None,
    curves: tuple[CurveRecord, ...] | None = None,
    fields: tuple[FieldRecord, ...] = (),
) -> RunRecord:
    """A run with a learning and a robustness curve of its own values; a failed one has produced nothing."""
    ok = status == "ok"
    generator = np.random.default_rng(seed)
    drawn = (
        CurveRecord(name="loss", x=np.arange(5.0), y=generator.normal(size=5)),
        CurveRecord(name="exact_linf", x=np.linspace(0, 1, 3), y=np.array([1.0, 0.5, 0.25])),
    )
    return RunRecord(
        key=key,
        experiment=experiment,
        revision=revision,
        params=params or {"width": 8, "rate": 0.1, "arm": "plain", "shuffled": True},
        seed=seed,
        status=status,
        error="" if ok else "Traceback: it broke",
        started_at=datetime(2026, 1, 31, 12, 0, 0, 123456, tzinfo=UTC),
        seconds=0.25,
        fingerprint=f"print-{key}" if ok else "",
        metrics={"risk": 0.1 + seed} if metrics is None else metrics,
        curves=(drawn if curves is None else curves) if ok else (),
        fields=fields,
    )


def verdict(
    status: Literal["supported", "refuted", "undecided"] = "supported",
    *,
    claim: str = "falls",
    seeds: int = 8,
    basis: str = "basis",
    evidence: tuple[EvidenceRecord, ...] = (),
) -> VerdictRecord:
    return VerdictRecord(
        experiment="made",
        claim=claim,
        profile="quick",
        seeds=seeds,
        revision=1,
        status=status,
        because="it does",
        basis=basis,
        estimate=1.0,
        low=0.9,
        high=1.1,
        predicted_low=0.8,
        predicted_high=1.2,
        evidence=evidence,
    )
