"""A small laboratory made by hand, with every kind of thing that a store holds: these tests need no science."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

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
    Value,
    VerdictRecord,
)
from storage.store import Writer, open_writer
from tests.app.made_fields import fields

WIDTHS = (8, 16, 32, 64, 128, 256)
ACTIVATIONS = ("relu", "tanh")
SEEDS = 12
MARKUP = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script><b>bold</b>'

BATCH = BatchRecord(
    profile="standard",
    planned=144,
    command="python run_all.py --profile standard",
    git_commit="0123abc",
    host="bench",
    cpu="a processor",
    python="3.11.2",
    packages={"numpy": "2.4.6", "scipy": "1.17.1"},
)

FLUCTUATION = ExperimentRecord(
    name="fluctuation",
    title="Fluctuation of a wide layer",
    chapter=11,
    section="Infinite width limits",
    text=(
        "The output of a random network with $n$ neurons fluctuates around its limit by\n\n"
        "$$\\operatorname{Var}[f_n(x)] = \\frac{c}{n} + O(n^{-2}).$$\n\n"
        "The guide prints **one** number at width 64; here each width is measured over seeds:\n\n"
        "- the variance, and its slope in $\\log n$;\n- the training loss over epochs.\n"
    ),
    revision=2,
    guide_params={"width": 64, "activation": "relu"},
    params=(
        ParamInfo(name="width", type="int", text="neurons in the hidden layer", is_size=True),
        ParamInfo(name="activation", type="str", text="what each neuron applies"),
    ),
    metrics=(
        MetricInfo(name="variance", text="Variance of the output over weights"),
        MetricInfo(name="margin", text="Least distance to the boundary", unit="input units"),
    ),
    curves=(
        CurveInfo(name="loss", x_label="epoch", y_label="training loss", unit="nats", y_log=True, role="learning"),
        CurveInfo(name="spectrum", x_label="index", y_label="eigenvalue", x_log=True, y_log=True),
    ),
    fields=(
        FieldInfo(name="boundary", kind="surface", text="The network's output over the plane; in ink where it is zero"),
        FieldInfo(name="data", kind="points", text="Training points by class"),
        FieldInfo(name="attacks", kind="arrows", text="The least change that crosses the boundary"),
        FieldInfo(name="regions", kind="polygons", text="Linear regions by slope"),
        FieldInfo(name="weights", kind="histogram", text="Distribution of the weights"),
        FieldInfo(name="net", kind="network", text="The network and its weights"),
    ),
    claims=(
        ClaimInfo(
            name="slope",
            kind="PowerLaw",
            statement="The variance falls as $1/n$.",
            source="R. Neal, Bayesian Learning for Neural Networks (1996)",
            tolerance="±0.05 of the slope",
            reason="a fit over five octaves resolves it",
            x_label="width",
            y_label="variance",
        ),
        ClaimInfo(
            name="level",
            kind="Equals",
            statement="At every width the variance is 2/n.",
            source="direct calculation",
            tolerance="±5 %",
            reason="the house tolerance",
            x_label="width",
            y_label="variance",
        ),
        ClaimInfo(
            name="bounded",
            kind="AtMost",
            statement="The margin stays below 0.5.",
            source="direct calculation",
            tolerance="none",
            reason="a bound has none",
            x_label="width",
            y_label="margin [input units]",
        ),
        ClaimInfo(
            name="later",
            kind="Always",
            statement="A claim that no batch has judged yet.",
            source="none",
            tolerance="none",
            reason="none",
        ),
    ),
)

HOSTILE = ExperimentRecord(
    name="hostile",
    title=f"Title {MARKUP}",
    chapter=16,
    section=f"Section {MARKUP}",
    text=f"Text {MARKUP}\n\n[a link](javascript:window.hacked=1) ![an image](http://192.0.2.1/x.png)\n",
    revision=1,
    guide_params={"arm": MARKUP},
    params=(ParamInfo(name="arm", type="str", text=MARKUP), ParamInfo(name="n", type="int", text="n", is_size=True)),
    metrics=(MetricInfo(name="value", text=MARKUP, unit=MARKUP),),
    curves=(CurveInfo(name="trace", x_label=MARKUP, y_label=MARKUP),),
    fields=(FieldInfo(name="odd", kind="unheard_of", text=MARKUP),),
    claims=(
        ClaimInfo(
            name="claim",
            kind="Equals",
            statement=f"Statement {MARKUP}",
            source=MARKUP,
            tolerance=MARKUP,
            reason=MARKUP,
            x_label=MARKUP,
            y_label=MARKUP,
        ),
    ),
)


def key(experiment: str, params: dict[str, Value], seed: int) -> str:
    return hashlib.sha256(f"{experiment} {sorted(params.items())} {seed}".encode()).hexdigest()[:32]


def run_record(experiment: ExperimentRecord, params: dict[str, Value], seed: int, **made: Any) -> RunRecord:
    return RunRecord(
        key=key(experiment.name, params, seed),
        experiment=experiment.name,
        revision=experiment.revision,
        params=params,
        seed=seed,
        **{"status": "ok", "error": "", "fingerprint": f"{seed:016x}", **made},
        started_at=datetime(2026, 3, 1, 12, seed % 60, tzinfo=UTC),
        seconds=0.2 + 0.01 * seed,
    )


def fluctuation_runs() -> list[RunRecord]:
    """Every width and activation at every seed; one of the last seed failed."""
    made = []
    for activation in ACTIVATIONS:
        for width in WIDTHS:
            for seed in range(SEEDS):
                rng = np.random.default_rng([seed, width, len(activation)])
                params: dict[str, Value] = {"width": width, "activation": activation}
                if (activation, width, seed) == ("tanh", 256, SEEDS - 1):
                    trace = f"Traceback (most recent call last):\n  …\nFloatingPointError: diverged at step 3 {MARKUP}"
                    made.append(run_record(FLUCTUATION, params, seed, status="failed", error=trace, fingerprint=""))
                    continue
                scale = 2.0 if activation == "relu" else 1.2
                epochs = np.arange(1.0, 61.0)
                loss = np.exp(-epochs / (5 + width / 16)) + 0.05 * np.exp(0.1 * rng.standard_normal(60))
                index = np.arange(1.0, 31.0)
                made.append(
                    run_record(
                        FLUCTUATION,
                        params,
                        seed,
                        metrics={
                            "variance": scale / width * (1 + 0.06 * rng.standard_normal()),
                            "margin": 0.4 + 0.02 * rng.standard_normal(),
                        },
                        curves=(
                            CurveRecord(name="loss", x=epochs, y=loss),
                            CurveRecord(
                                name="spectrum", x=index, y=index**-1.5 * np.exp(0.2 * rng.standard_normal(30))
                            ),
                        ),
                        fields=fields(rng) if seed < 3 else (),
                    )
                )
    return made


def hostile_runs() -> list[RunRecord]:
    made = []
    for n in (1, 2):
        for seed in range(2):
            params: dict[str, Value] = {"arm": MARKUP if n == 1 else f"{MARKUP} two", "n": n}
            curve = CurveRecord(name="trace", x=np.arange(3.0), y=np.arange(3.0) + seed)
            field = FieldRecord(name="odd", kind="unheard_of", arrays={"a": np.zeros(3)})
            made.append(
                run_record(HOSTILE, params, seed, metrics={"value": n + seed}, curves=(curve,), fields=(field,))
            )
    return made


def verdict_records() -> list[VerdictRecord]:
    """Supported, refuted, undecided; the claim `later` has none."""
    of: dict[str, Any] = {"experiment": "fluctuation", "profile": "standard", "seeds": SEEDS, "revision": 2}
    sizes = np.array(WIDTHS, dtype=float)
    dense = np.geomspace(8, 256, 50)
    theory = [EvidenceRecord(series="theory", step=k, x=x, y=2 / x) for k, x in enumerate(dense.tolist())]

    def around(series: str, values: Any, spread: Any, **bounds: Any) -> list[EvidenceRecord]:
        return [
            EvidenceRecord(
                series=series,
                step=k,
                x=float(x),
                y=float(y),
                low=float(y - s),
                high=float(y + s),
                **{name: float(ends[k]) for name, ends in bounds.items()},
            )
            for k, (x, y, s) in enumerate(zip(sizes, values, spread, strict=True))
        ]

    level = around("relu", 2.02 / sizes, 0.07 / sizes, predicted_low=1.9 / sizes, predicted_high=2.1 / sizes)
    level += around("tanh", 1.2 / sizes, 0.06 / sizes, predicted_low=1.9 / sizes, predicted_high=2.1 / sizes)
    return [
        VerdictRecord(
            **of, claim="slope", status="supported", because="the interval lies inside what theory allows", basis="a",
            estimate=-1.0012, low=-1.0203, high=-0.9821, predicted_low=-1.05, predicted_high=-0.95,
            evidence=tuple(around("relu", 2.01 / sizes, 0.08 / sizes) + theory),
        ),
        VerdictRecord(
            **of, claim="level", status="refuted", basis="b",
            because="at width 8 with tanh the interval lies below what theory allows",
            estimate=0.15, low=0.1425, high=0.1575, predicted_low=0.2375, predicted_high=0.2625,
            evidence=tuple(level + theory),
        ),
        VerdictRecord(
            **of, claim="bounded", status="undecided", because="37 of 144 runs", basis="c",
            estimate=0.41, low=0.38, high=0.51, predicted_high=0.5,
            evidence=tuple(around("relu", 0.4 + 0 * sizes, 0.02 + 0 * sizes, predicted_high=0.5 + 0 * sizes))
            + tuple(EvidenceRecord(series="theory", step=k, x=x, y=0.5) for k, x in enumerate((8.0, 256.0))),
        ),
        VerdictRecord(
            **{**of, "profile": "quick", "seeds": 8}, claim="slope", status="undecided", basis="d",
            because="too few seeds",
            estimate=-1.02, low=-1.2, high=-0.8, predicted_low=-1.05, predicted_high=-0.95,
        ),
        VerdictRecord(
            experiment="hostile", claim="claim", profile="quick", seeds=2, revision=1, status="undecided",
            because=f"because {MARKUP}", basis="e", estimate=1.0, low=0.5, high=1.5,
            evidence=(EvidenceRecord(series=MARKUP, step=0, x=1.0, y=1.0, low=0.5, high=1.5),),
        ),
    ]  # fmt: skip


def fill(url: str) -> None:
    """A store with a finished batch, every kind of verdict, and text that would like to be markup."""
    writer: Writer = open_writer(url)
    try:
        writer.describe([FLUCTUATION, HOSTILE])
        batch = writer.start_batch(BATCH)
        runs = fluctuation_runs()
        writer.record(batch, runs)
        writer.record(batch, hostile_runs())
        writer.finish_batch(batch, state="finished", done=len(runs), failed=1)
        writer.save_verdicts(verdict_records())
    finally:
        writer.close()
