"""Two made experiments whose curves have what real ones have: ends of their own, grids of their own, awkward names."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from storage.records import CurveInfo, CurveRecord, ExperimentRecord, ParamInfo, RunRecord, Value
from storage.store import open_writer
from tests.app.laboratory import BATCH, run_record

SEEDS = 9
SIZES = (4, 16, 64)
ARMS = ("plain", "all", "a|b")


def described(name: str, title: str, params: tuple[ParamInfo, ...], curves: tuple[CurveInfo, ...]) -> ExperimentRecord:
    return ExperimentRecord(
        name=name,
        title=title,
        chapter=9,
        section="Training",
        text="Text.",
        revision=1,
        guide_params=None,
        params=params,
        metrics=(),
        curves=curves,
        fields=(),
        claims=(),
    )


DESCENT = described(
    "descent",
    "Descent",
    (
        ParamInfo(name="n", type="int", text="size", is_size=True),
        ParamInfo(name="arm", type="str", text="arm"),
        ParamInfo(name="step", type="float", text="length of a step"),
    ),
    (
        CurveInfo(name="loss", x_label="epoch", y_label="training loss", y_log=True, role="learning"),
        CurveInfo(name="stopped", x_label="epoch", y_label="training loss", role="learning"),
        CurveInfo(name="own grid", x_label="samples", y_label="error", x_log=True, y_log=True),
    ),
)
ASCENT = described(
    "ascent",
    "Ascent",
    (ParamInfo(name="n", type="int", text="size", is_size=True), ParamInfo(name="arm", type="int", text="arm")),
    (CurveInfo(name="gain", x_label="samples", y_label="gain", unit="nats", role="learning"),),
)


def runs() -> list[RunRecord]:
    """`descent`: all cells of n and arm at a step that follows from the arm; `ascent`: a few."""
    made = []
    for n in SIZES:
        for place, arm in enumerate(ARMS):
            for seed in range(SEEDS):
                rng = np.random.default_rng([seed, n, place])
                params: dict[str, Value] = {"n": n, "arm": arm, "step": 0.1 * (place + 1)}
                epochs = np.arange(1.0, 13.0)
                grid = np.unique(np.round(np.geomspace(1, 60 + 7 * seed, 14)))
                made.append(
                    run_record(
                        DESCENT,
                        params,
                        seed,
                        curves=(
                            curve("loss", epochs, np.exp(-epochs / n) + 0.1 * rng.gamma(2.0, size=12)),
                            curve("stopped", epochs[: 12 - seed % 4], rng.gamma(2.0, size=12 - seed % 4)),
                            curve("own grid", grid, grid**-0.5 * rng.gamma(4.0, 0.25, len(grid))),
                        ),
                    )
                )
    for n in (10, 20):
        for arm_number in (1, 2):
            for seed in range(5):
                rng = np.random.default_rng([seed, n, arm_number])
                samples = np.linspace(0, 1, 5)
                values = samples + rng.standard_normal(5)
                made.append(
                    run_record(ASCENT, {"n": n, "arm": arm_number}, seed, curves=(curve("gain", samples, values),))
                )
    return made


def curve(name: str, x: Any, y: Any) -> CurveRecord:
    return CurveRecord(name=name, x=x, y=y)


def fill_curves(url: str) -> None:
    writer = open_writer(url)
    try:
        writer.describe([DESCENT, ASCENT])
        batch = writer.start_batch(BATCH)
        made = runs()
        writer.record(batch, made)
        writer.finish_batch(batch, state="finished", done=len(made), failed=0)
    finally:
        writer.close()


def points(experiment: str, curve: str) -> pd.DataFrame:
    """Every point of the curve as it was made, one row each, by pandas alone."""
    rows: list[dict[str, Any]] = []
    for run in runs():
        for each in run.curves:
            if (run.experiment, each.name) == (experiment, curve):
                length = np.ptp(each.x)
                rows += [
                    {
                        **run.params,
                        "seed": run.seed,
                        "step_of_run": k,
                        "x": x,
                        "share": (x - each.x[0]) / length,
                        "y": y,
                    }
                    for k, (x, y) in enumerate(zip(each.x.tolist(), each.y.tolist(), strict=True))
                ]
    return pd.DataFrame(rows)
