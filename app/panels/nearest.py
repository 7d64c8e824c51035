"""One run's decision boundary, and on it one of its points with the way to the boundary."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from app.components.choices import SEVERAL, Offer, settled
from app.figures.boundary import ORDERS, boundary_figure, boundary_layers, lengths, ways
from app.figures.fields import field_frame
from app.numbers.field_sql import fields_sql
from app.numbers.robustness import names_of, norm_text
from app.panels.attacks import with_curves
from app.panels.radii import Kept, kept_runs, radii_of
from app.panels.shared import asked_experiment
from app.reader import Reader
from app.views import Drawn, NothingToDrawError, Query
from storage.queries import fields_of_run
from storage.records import FieldRecord
from storage.wording import number

BOUNDARY = "boundary"
AT = "at"
NO_POINT = "none"


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
        table=field_frame(layers),
        sql=fields_sql({(found.run,): layers}),
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


VIEWS = {BOUNDARY: draw_boundary}
