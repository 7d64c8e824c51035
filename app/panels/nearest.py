"""How far points are from the decision boundary: the distribution of their radii, and one run's boundary itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.components.choices import SEVERAL, Offer, settled
from app.figures.boundary import ORDERS, boundary_figure, boundary_layers, lengths, ways
from app.figures.fields import field_frame
from app.figures.robustness import Radii, radii_figure
from app.numbers.robustness import Array, names_of, norm_text, shares_within
from app.numbers.series import grouped
from app.panels.attacks import key_of, params_of, shown_by, with_curves
from app.panels.shared import asked_experiment
from app.reader import Reader
from app.text.wording import count
from app.views import Drawn, NothingToDrawError, Query
from storage.queries import cells_of_runs, fields_kept, fields_of_run
from storage.records import FieldRecord, Value
from storage.wording import number

RADII, BOUNDARY = "radii", "boundary"
AT = "at"
NO_POINT = "none"


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A run that keeps its fields: its model by key and parameters, its seed; `arrows` names its fields of arrows,
    `surface` says whether it has one, whose zero line may be a boundary."""

    experiment: str
    model: str
    params: dict[str, Value]
    seed: int
    run: int
    arrows: tuple[str, ...]
    surface: bool


def kept_runs(read: Reader, experiment: str) -> tuple[Kept, ...]:
    """The runs of an experiment that keep fields, by model and seed."""
    return read.kept(kept_runs, experiment, lambda: _kept_runs(read, experiment))


def _kept_runs(read: Reader, experiment: str) -> tuple[Kept, ...]:
    runs, held = read(cells_of_runs, experiment), read(fields_kept, experiment)
    present = runs[runs.index.isin(held["run_id"])]
    arrows = held[held["kind"] == "arrows"].groupby("run_id")["name"].agg(tuple).to_dict()
    surfaces = set(held.loc[held["kind"] == "surface", "run_id"].tolist())
    made = [
        Kept(
            experiment=experiment,
            model=key_of(experiment, params),
            params=params,
            seed=seed,
            run=run,
            arrows=arrows.get(run, ()),
            surface=run in surfaces,
        )
        for params, members in grouped(present, list(params_of(read, experiment)))
        for seed, run in sorted(zip(members["seed"].tolist(), members.index.tolist(), strict=True))
    ]
    return tuple(made)


def radii_of(read: Reader, kept: Kept, norm: str) -> Array | None:
    """How far each point of the run is from the boundary in the norm, ascending; None where the run does not say."""
    return read.kept(radii_of, (kept.run, norm), lambda: _radii_of(read, kept, norm))


def _radii_of(read: Reader, kept: Kept, norm: str) -> Array | None:
    name = next((name for name in kept.arrows if name.endswith(f"_{norm}")), None)
    if name is None or norm not in ORDERS:
        return None
    (arrows,) = read(fields_of_run, kept.run, name)
    radii = lengths(arrows, norm)
    return np.sort(radii[np.isfinite(radii)])


def draw_radii(read: Reader, query: Query) -> Drawn:
    """The view `radii`: the models of the view `robustness` for the same query, at the seeds that keep fields."""
    import pandas as pd

    shown = shown_by(read, query)
    models = {key_of(model.experiment, dict(model.params)) for model in shown.models}
    norm, silent = shown.norms[0], set()
    runs: dict[int, Radii] = {}
    for experiment in shown.experiments:
        for kept in kept_runs(read, experiment):
            radii = radii_of(read, kept, norm) if kept.model in models else np.zeros(0)
            if radii is None:
                silent.add(experiment)
            elif radii.size:
                title = kept.model if len(shown.experiments) > 1 else kept.model.removeprefix(f"{experiment} ")
                x, share = shares_within(radii)
                said_by = (kept.model, str(kept.seed), norm)
                runs[kept.run] = Radii(meta=said_by, title=title, seed=kept.seed, radius=x, share=share)
    if not runs:
        raise NothingToDrawError(
            f"No run of these models keeps the way of each point to the boundary in {norm_text(norm)}."
        )
    titles = list(dict.fromkeys(run.title for run in runs.values()))
    pooled = {
        title: shares_within(np.concatenate([run.radius for run in runs.values() if run.title == title]))
        for title in titles
    }
    parts = [
        pd.DataFrame(
            {"model": run.meta[0], "seed": run.seed, "run": number_of, "radius": run.radius, "share": run.share}
        )
        for number_of, run in runs.items()
    ]
    seeds = count(len({run.seed for run in runs.values()}), "seed")
    said = (
        f"Share of the points whose distance to the decision boundary in {norm_text(norm)} is at most so large: thin, "
        f"each of the {count(len(runs), 'run')} that keep their fields ({seeds} a model at most); broad, their points "
        "together. A click on a thin line shows the point on its boundary."
    )
    if silent:
        said += f" {' and '.join(sorted(silent))} keeps no distances of points in this norm."
    return Drawn(
        figure=radii_figure(list(runs.values()), pooled, f"distance to the boundary in {norm_text(norm)}"),
        numbers=pd.concat(parts, ignore_index=True),
        caption=said,
    )


def at_offers(read: Reader, experiments: Sequence[str]) -> list[Offer]:
    """Which run's boundary to draw, in which norm, with which point; empty where no run keeps a boundary."""
    kept = [each for name in experiments for each in kept_runs(read, name) if each.surface]
    if not kept:
        return []
    guide = _guide_model(read, experiments[0], kept)
    seeds = sorted({each.seed for each in kept})
    norms = list(dict.fromkeys(norm for name in experiments for norm in _norms(read, name)))
    most = max(
        (
            len(radii)
            for norm in norms
            for each in kept[:1]
            for radii in [radii_of(read, each, norm)]
            if radii is not None
        ),
        default=0,
    )
    models = list(dict.fromkeys(each.model for each in kept))
    return [
        Offer(key="model", label="model", options=[(model, model) for model in models], default=guide),
        Offer(key="seed", label="seed", options=[(str(seed), str(seed)) for seed in seeds], default=str(seeds[0])),
        Offer(key="norm", label="norm", options=[(norm, norm_text(norm)) for norm in norms], default=norms[0]),
        Offer(
            key="point",
            label="point, nearest first",
            options=[(NO_POINT, NO_POINT), *((str(rank), str(rank)) for rank in range(1, most + 1))],
            default=NO_POINT,
        ),
    ]


def _norms(read: Reader, experiment: str) -> list[str]:
    return list(dict.fromkeys(norm for _, norm in names_of(with_curves(read)[experiment].curves).values()))


def _guide_model(read: Reader, experiment: str, kept: Sequence[Kept]) -> str:
    guide = with_curves(read)[experiment].guide_params or {}
    return next(
        (each.model for each in kept if all(guide.get(name) == value for name, value in each.params.items())),
        kept[0].model,
    )


def draw_boundary(read: Reader, query: Query) -> Drawn:
    """The view `boundary`: experiments (parted by |), and of the choices model, seed, norm, point."""
    names = [name for name in query.get("experiment", "").split(SEVERAL) if name in with_curves(read)]
    offered = at_offers(read, names) if names else []
    if not offered:
        raise NothingToDrawError("No run of these experiments keeps its fields.")
    chosen = settled(offered, query)
    kept = [each for name in names for each in kept_runs(read, name) if each.model == chosen["model"]]
    found = next((each for each in kept if str(each.seed) == chosen["seed"]), None)
    fields = read(fields_of_run, found.run) if found else ()
    layers = boundary_layers(fields, chosen["norm"])
    if found is None or not layers:
        raise NothingToDrawError(f"{chosen['model']} keeps no decision boundary in a plane at seed {chosen['seed']}.")
    arrows = ways(fields, chosen["norm"])
    place, said = _place(arrows, chosen["norm"], chosen["point"])
    described = {info.name: info.text for info in asked_experiment(read, {"experiment": found.experiment}).fields}
    legend = "; ".join(f"{field.name}: {described.get(field.name, field.kind)}" for field in layers)
    return Drawn(
        figure=boundary_figure(layers, None if arrows is None or place is None else (arrows, place)),
        numbers=field_frame(layers),
        caption=f"{found.model}, seed {found.seed}, run {found.run}. {said}{legend}.",
    )


def _place(arrows: FieldRecord | None, norm: str, point: str) -> tuple[int | None, str]:
    """Where the point of this rank (the nearest to the boundary is 1) stands among the arrows, and a sentence on it."""
    if arrows is None or norm not in ORDERS or point == NO_POINT:
        return None, ""
    radii = lengths(arrows, norm)
    order = np.argsort(np.where(np.isfinite(radii), radii, np.inf), kind="stable")
    rank = int(point)
    if rank > len(order) or not np.isfinite(radii[order[rank - 1]]):
        return None, f"There is no point {rank}. "
    place = int(order[rank - 1])
    return place, f"Point {rank} of {len(order)}, nearest first: {number(float(radii[place]))} in {norm_text(norm)}. "


VIEWS = {RADII: draw_radii, BOUNDARY: draw_boundary}
