"""A laboratory of power laws and attacks, made by hand, with verdicts that the project's own claims reach on it."""

from __future__ import annotations

import contextlib
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from experiments.claims import Equals, PowerLaw
from experiments.claims.base import Claim, Runs
from storage.records import (
    ClaimInfo,
    CurveInfo,
    CurveRecord,
    ExperimentRecord,
    FieldInfo,
    FieldRecord,
    MetricInfo,
    ParamInfo,
    RunRecord,
    VerdictRecord,
)
from storage.store import open_writer
from tests.app.laboratory import BATCH, MARKUP, run_record

WIDTHS = (8, 16, 32, 64, 128)
LAYERS = (1, 2)
SEEDS = 8
ODD = '"a" | <img src=x onerror="window.hacked=1">'
EPSILONS = np.linspace(0.0, 0.5, 6)
METHODS = ("certified", "exact", "pgd", "fgsm")
POINTS = 9


@dataclass(frozen=True, kw_only=True)
class Decay:
    width: int
    layers: int
    networks: int

    @property
    def theory(self) -> float:
        return 3 * self.layers / self.width + 2 / self.width**2


@dataclass(frozen=True, kw_only=True)
class Cool:
    n: int


DECAYS = tuple(
    Decay(width=width, layers=layers, networks=4096 // width)
    for layers in LAYERS
    for width in (WIDTHS if layers == 1 else WIDTHS[:4])
)
COOLS = tuple(Cool(n=n) for n in (10, 40, 160, 640))
SAID: dict[str, Any] = {"statement": "It falls.", "source": "direct calculation", "reason": "made up"}
CLAIMS: dict[str, dict[str, Claim[Any]]] = {
    "decay": {
        "decay_slope": PowerLaw[Decay](
            **SAID, x="width", metric="spread", theory=lambda cell: cell.theory, tolerance=0.05, series=("layers",)
        ),
        "decay_level": Equals[Decay](
            **SAID, x="width", metric="spread", theory=lambda cell: cell.theory, tolerance=0.2, series=("layers",)
        ),
    },
    "cooling": {"cooling_slope": PowerLaw[Cool](**SAID, x="n", metric="error", slope=-0.5, where=lambda c: c.n > 10)},
}


def info(name: str, claim: Claim[Any], y_label: str) -> ClaimInfo:
    return ClaimInfo(
        name=name,
        kind=type(claim).__name__,
        statement=claim.statement,
        source=claim.source,
        tolerance=claim.tolerance_text(),
        reason=claim.reason,
        x_label=claim.x,
        y_label=y_label,
    )


DECAY = ExperimentRecord(
    name="decay", title="Decay", chapter=11, section="Wide limits", text="Made up.", revision=1, guide_params=None,
    params=(
        ParamInfo(name="width", type="int", text="neurons", is_size=True),
        ParamInfo(name="layers", type="int", text="layers"),
        ParamInfo(name="networks", type="int", text="replicates"),
    ),
    metrics=(
        MetricInfo(name="spread", text="spread of the outputs", unit="volts"),
        MetricInfo(name="shift", text="of both signs"),
    ),
    curves=(), fields=(),
    claims=tuple(info(name, claim, "spread [volts]") for name, claim in CLAIMS["decay"].items()),
)  # fmt: skip
COOLING = ExperimentRecord(
    name="cooling", title="Cooling", chapter=12, section="More", text="Made up.", revision=1, guide_params=None,
    params=(ParamInfo(name="n", type="int", text="points", is_size=True),),
    metrics=(MetricInfo(name="error", text="error"), MetricInfo(name=ODD, text=MARKUP, unit=MARKUP)),
    curves=(), fields=(),
    claims=tuple(info(name, claim, "error") for name, claim in CLAIMS["cooling"].items()),
)  # fmt: skip
ATTACKED = ExperimentRecord(
    name="attacked", title="Attacked", chapter=16, section="Robustness", text="Made up.", revision=1,
    guide_params={"width": 8, "training": "plain", "epsilon": 0.1},
    params=(
        ParamInfo(name="width", type="int", text="neurons", is_size=True),
        ParamInfo(name="training", type="str", text="how"),
        ParamInfo(name="epsilon", type="float", text="of the training"),
    ),
    metrics=(MetricInfo(name="accuracy", text="accuracy"),),
    curves=tuple(
        CurveInfo(name=f"{method}_{norm}", x_label=f"ε in {norm}", y_label="robust accuracy", role="robustness")
        for norm in ("l2", "linf") for method in METHODS
    ),
    fields=(
        FieldInfo(name="adversarial_l2", kind="arrows", text="from each point to the boundary"),
        FieldInfo(name="data", kind="points", text="the points"),
        FieldInfo(name="decision", kind="surface", text="the decision"),
        FieldInfo(name="regions", kind="polygons", text="the regions"),
    ),
    claims=(),
)  # fmt: skip
ODD_ATTACKED = ExperimentRecord(
    name="odd_attacked", title=f"Odd {MARKUP}", chapter=17, section="Robustness", text="Made up.", revision=1,
    guide_params=None,
    params=(ParamInfo(name="arm", type="str", text=MARKUP), ParamInfo(name="norm", type="int", text="taken")),
    metrics=(MetricInfo(name="one", text="one"),),
    curves=tuple(
        CurveInfo(name=name, x_label=MARKUP, y_label=MARKUP, role="robustness")
        for name in ("exact_l2", "pgd_l2", "<b>odd</b>_l2")
    ),
    fields=(), claims=(),
)  # fmt: skip


def scaling_runs() -> list[RunRecord]:
    made = []
    for cell in DECAYS:
        for seed in range(SEEDS):
            rng = np.random.default_rng([seed, cell.width, cell.layers])
            metrics = {
                "spread": cell.theory * float(np.exp(0.05 * rng.standard_normal())),
                "shift": float(rng.normal()),
            }
            made.append(run_record(DECAY, asdict(cell), seed, metrics=metrics))
    for cool in COOLS:
        for seed in range(SEEDS):
            rng = np.random.default_rng([seed, cool.n])
            metrics = {"error": 5 / cool.n**0.5 * float(np.exp(0.1 * rng.standard_normal())), ODD: 1.0 + seed}
            made.append(run_record(COOLING, asdict(cool), seed, metrics=metrics))
    return made


def accuracies(seed: int, width: int, training: str, norm: str) -> dict[str, Any]:
    """In the order that theory demands, all on hundredths."""
    rng = np.random.default_rng([seed, width, len(training), len(norm)])
    falls = np.sort(rng.integers(0, 40, (len(METHODS), len(EPSILONS))), axis=1)
    falls = np.sort(falls, axis=0)[::-1]
    return {method: (95 - fall) / 100 for method, fall in zip(METHODS, falls, strict=True)}


def plane(rng: np.random.Generator) -> tuple[FieldRecord, ...]:
    x = np.linspace(-2, 2, 20)
    at = rng.uniform(-1, 1, (POINTS, 2))
    corners = [np.array([(i, j), (i + 2, j), (i + 2, j + 2), (i, j + 2)], float) for i in (-2, 0) for j in (-2, 0)]
    nearest = {"x0": at[:, 0], "y0": at[:, 1], "x1": np.zeros(POINTS), "y1": at[:, 1]}
    return (
        FieldRecord(name="adversarial_l2", kind="arrows", arrays=nearest),
        FieldRecord(name="data", kind="points", arrays={"x": at[:, 0], "y": at[:, 1], "value": np.sign(at[:, 0])}),
        FieldRecord(name="decision", kind="surface", arrays={"x": x, "y": x, "z": np.tile(x, (20, 1))}),
        FieldRecord(
            name="regions",
            kind="polygons",
            arrays={"vertices": np.concatenate(corners), "offsets": np.arange(0, 17, 4), "value": np.arange(4.0)},
        ),
    )


def attack_runs() -> list[RunRecord]:
    made = []
    for width in (4, 8):
        for training in ("plain", "hard"):
            for seed in range(5):
                params: Any = {"width": width, "training": training, "epsilon": 0.1}
                curves = tuple(
                    CurveRecord(name=f"{method}_{norm}", x=EPSILONS, y=accuracy)
                    for norm in ("l2", "linf")
                    for method, accuracy in accuracies(seed, width, training, norm).items()
                )
                fields = plane(np.random.default_rng([seed, width, len(training)])) if seed < 2 else ()
                metrics = {"accuracy": 0.95}
                made.append(run_record(ATTACKED, params, seed, metrics=metrics, curves=curves, fields=fields))
    return made


def odd_runs() -> list[RunRecord]:
    """Runs with the methods in the wrong order twice, in the run of seed 1 alone; and with odd names."""
    made = []
    for seed in range(3):
        for arm in (MARKUP, "a | b"):
            exact = np.array([0.9, 0.8, 0.7])
            pgd = exact - (np.array([0.0, 0.1, 0.1]) if seed == 1 and arm == MARKUP else 0.0)
            curves = tuple(
                CurveRecord(name=info.name, x=np.array([0.0, 0.1, 0.2]), y=pgd if "pgd" in info.name else exact)
                for info in ODD_ATTACKED.curves
            )
            params: Any = {"arm": arm, "norm": len(arm)}
            made.append(run_record(ODD_ATTACKED, params, seed, metrics={"one": 1.0}, curves=curves))
    return made


def judged(experiment: str, cells: tuple[Any, ...], runs: list[RunRecord]) -> list[VerdictRecord]:
    """The verdicts that the project's own claims reach."""
    by_cell = {(str(sorted(run.params.items())), run.seed): run for run in runs if run.experiment == experiment}
    names = list(next(run.metrics for run in by_cell.values()))
    tables = {
        name: np.array(
            [
                [by_cell[str(sorted(asdict(cell).items())), seed].metrics[name] for seed in range(SEEDS)]
                for cell in cells
            ]
        )
        for name in names
    }
    made = []
    for name, claim in CLAIMS[experiment].items():
        judgement = claim.judge(Runs(cells=cells, metrics=tables))
        said = {key: getattr(judgement, key) for key in judgement.__dataclass_fields__}
        made.append(
            VerdictRecord(
                experiment=experiment, claim=name, profile="standard", seeds=SEEDS, revision=1, basis=name, **said
            )
        )
    return made


def fill(url: str) -> None:
    runs = scaling_runs()
    with contextlib.closing(open_writer(url)) as writer:
        writer.describe([DECAY, COOLING, ATTACKED, ODD_ATTACKED])
        batch = writer.start_batch(BATCH)
        for some in (runs, attack_runs(), odd_runs()):
            writer.record(batch, some)
        writer.finish_batch(batch, state="finished", done=len(runs), failed=0)
        writer.save_verdicts(judged("decay", DECAYS, runs) + judged("cooling", COOLS, runs))
