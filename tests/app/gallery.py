"""A made-up experiment whose evidence is crowded and whose fields are of every kind, kept by some cells only."""

from __future__ import annotations

import numpy as np

from storage.records import (
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
from storage.store import open_writer
from tests.app.laboratory import BATCH, run_record

NAME = "gallery"
WIDTHS = (4, 8, 16, 32)
KEPT = {"adam": WIDTHS, "lbfgs": (8, 32)}
"""The widths at which each solver's runs keep fields."""
SEEDS = 4
GROUPS = 6
ARMS = 9


def _claim(name: str, kind: str, statement: str, x_label: str = "width") -> ClaimInfo:
    return ClaimInfo(
        name=name, kind=kind, statement=statement, source="made up", tolerance="±5 %", reason="made up",
        x_label=x_label, y_label="error",
    )  # fmt: skip


GALLERY = ExperimentRecord(
    name=NAME,
    title="A gallery",
    chapter=12,
    section="Pictures",
    text="Pictures of $f(x)$ of every kind.",
    revision=1,
    guide_params={"width": 8, "solver": "adam"},
    params=(
        ParamInfo(name="width", type="int", text="neurons", is_size=True),
        ParamInfo(name="solver", type="str", text="who trains"),
    ),
    metrics=(MetricInfo(name="error", text="Error"),),
    curves=(CurveInfo(name="law", x_label="eigenvalue", y_label="density, by the law"),),
    fields=(
        FieldInfo(name="decision", kind="surface", text="the decision boundary is the zero line"),
        FieldInfo(name="data", kind="points", text="points by class"),
        FieldInfo(name="attack", kind="arrows", text="the least change that crosses"),
        FieldInfo(name="regions", kind="polygons", text="linear regions"),
        FieldInfo(name="distance", kind="surface", text="distance to the boundary"),
        FieldInfo(name="bowl", kind="surface", text="log10 of the loss on a slice"),
        FieldInfo(name="kernel", kind="matrix", text="Gram matrix by angle"),
        FieldInfo(name="spectrum", kind="histogram", text="eigenvalues of the Gram matrix"),
        FieldInfo(name="net", kind="network", text="weights and biases"),
    ),
    claims=(
        _claim("crowded", "PowerLaw", "The error falls as $n^{-1}$ for each of six groups."),
        _claim("wide_names", "Equals", "Names as long as these end close to one another, too."),
        _claim("arms", "AtMost", "Nine arms stand below one another.", "depth"),
        _claim("level", "Equals", "The error is what theory says."),
        _claim("last", "Always", "The last of them is far down the page."),
    ),
)


def fields(width: int, seed: int) -> tuple[FieldRecord, ...]:
    """One of each kind; the numbers tell width and seed."""
    rng = np.random.default_rng([width, seed])
    x, y = np.linspace(-2, 3, 41), np.linspace(-1.5, 2, 31)
    z = np.sin(x)[None, :] * width / 8 - y[:, None] + 0.01 * seed
    at = rng.uniform((-1, -1), (2, 1), (30, 2))
    sides = (np.sin(at[:, 0]) * width / 8 > at[:, 1]).astype(float)
    half = np.array([(-2.0, -1.5), (0.5, -1.5), (0.5, 2.0), (-2.0, 2.0), (0.5, -1.5), (3, -1.5), (3, 2), (0.5, 2)])
    angles = np.linspace(0.0, 330.0, 12)
    density, edges = np.histogram(rng.uniform(0, 2, 500), bins=20, range=(0, 2), density=True)
    return (
        FieldRecord(name="decision", kind="surface", arrays={"x": x, "y": y, "z": z}),
        FieldRecord(name="data", kind="points", arrays={"x": at[:, 0], "y": at[:, 1], "value": sides}),
        FieldRecord(
            name="attack",
            kind="arrows",
            arrays={"x0": at[:, 0], "y0": at[:, 1], "x1": at[:, 0], "y1": np.sin(at[:, 0]) * width / 8},
        ),
        FieldRecord(
            name="regions",
            kind="polygons",
            arrays={"vertices": half, "offsets": np.array([0, 4, 8]), "value": np.array([1.0, 2.0])},
        ),
        FieldRecord(name="distance", kind="surface", arrays={"x": x, "y": y, "z": np.abs(z)}),
        FieldRecord(
            name="bowl", kind="surface", arrays={"x": x, "y": y, "z": np.log10(0.1 + x[None, :] ** 2 + y[:, None] ** 2)}
        ),
        FieldRecord(
            name="kernel",
            kind="matrix",
            arrays={"z": np.cos(np.radians(angles[:, None] - angles)) * width, "labels": angles},
        ),
        FieldRecord(name="spectrum", kind="histogram", arrays={"edges": edges, "density": density}),
        FieldRecord(
            name="net",
            kind="network",
            arrays={
                "sizes": np.array([2, 3, 1]),
                "weights": rng.standard_normal(9),
                "biases": rng.standard_normal(4),
            },
        ),
    )


def runs() -> list[RunRecord]:
    law = CurveRecord(name="law", x=np.linspace(0, 2, 50), y=np.full(50, 0.5))
    made = []
    for solver, kept in KEPT.items():
        for width in WIDTHS:
            for seed in range(SEEDS):
                params: dict[str, Value] = {"width": width, "solver": solver}
                keeps = seed < 3 and width in kept
                made.append(
                    run_record(
                        GALLERY,
                        params,
                        seed,
                        metrics={"error": (1 + 0.01 * seed) / width},
                        curves=(law,),
                        fields=fields(width, seed) if keeps else (),
                    )
                )
    return made


def _curve(series: str, factor: float, slope: float = -1.0, x: np.ndarray | None = None) -> list[EvidenceRecord]:
    grid = np.geomspace(4, 1024, 60) if x is None else x
    return [
        EvidenceRecord(series=series, step=k, x=float(at), y=float(factor * at**slope)) for k, at in enumerate(grid)
    ]


def _points(series: str, factor: float, tolerance: float | None = None) -> list[EvidenceRecord]:
    return [
        EvidenceRecord(
            series=series, step=k, x=float(at), y=1.01 * factor / at, low=0.97 * factor / at, high=1.05 * factor / at,
            predicted_low=None if tolerance is None else (1 - tolerance) * factor / at,
            predicted_high=None if tolerance is None else (1 + tolerance) * factor / at,
        )
        for k, at in enumerate((4.0, 16.0, 64.0, 256.0, 1024.0))
    ]  # fmt: skip


def evidence() -> dict[str, list[EvidenceRecord]]:
    exact = np.unique(np.concatenate([np.geomspace(4, 1024, 60), [4.0, 16.0, 64.0, 256.0, 1024.0]]))
    crowded: list[EvidenceRecord] = []
    for k in range(GROUPS):
        series, factor = f"layers = {k + 1}", 1.08**k
        crowded += (
            _points(series, factor) + _curve(f"theory {series}", factor, x=exact) + _curve(f"fit {series}", factor)
        )
    wide: list[EvidenceRecord] = []
    for k, name in enumerate(("gradient descent", "heavy ball momentum", "nesterov acceleration")):
        series, factor = f"method = {name}, start = {k}", 1 + 0.06 * k
        wide += _points(series, factor, 0.1) + _curve(f"theory {series}", factor, x=exact)
    arms: list[EvidenceRecord] = []
    for k in range(ARMS):
        series, y = f"family = a family of number {k}, p = {100 + 25 * k}", 0.1 + 0.05 * k
        arms.append(EvidenceRecord(series=series, step=0, x=50.0, y=y, low=y - 0.02, high=y + 0.03, predicted_high=0.6))
        arms.append(EvidenceRecord(series=f"theory {series}", step=0, x=50.0, y=0.6))
    return {
        "crowded": crowded,
        "wide_names": wide,
        "arms": arms,
        "level": _points("measured", 1.0, 0.1) + _curve("theory", 1.0, x=exact),
        "last": [
            *(EvidenceRecord(series="measured", step=k, x=x, y=0.0, low=0.0, high=0.0, predicted_high=1.0)
              for k, x in enumerate((4.0, 8.0))),
            *_curve("theory", 1.0, slope=0.0, x=np.array([4.0, 8.0])),
        ],
    }  # fmt: skip


def fill(url: str) -> None:
    writer = open_writer(url)
    try:
        writer.describe([GALLERY])
        batch = writer.start_batch(BATCH)
        made = runs()
        writer.record(batch, made)
        writer.finish_batch(batch, state="finished", done=len(made), failed=0)
        writer.save_verdicts(
            [
                VerdictRecord(
                    experiment=NAME, claim=claim, profile="standard", seeds=20, revision=1, status="supported",
                    because="made up", basis=claim, estimate=-1.0, low=-1.02, high=-0.98, predicted_low=-1.05,
                    predicted_high=-0.95, evidence=tuple(points),
                )
                for claim, points in evidence().items()
            ]
        )  # fmt: skip
    finally:
        writer.close()
