"""How far points are from the decision boundary: the distribution of their distances over the runs that keep them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.figures.boundary import ORDERS, lengths
from app.figures.robustness import Radii, radii_figure
from app.numbers.field_sql import fields_sql
from app.numbers.robustness import Array, norm_text, shares_at_edges, shares_within
from app.numbers.series import grouped
from app.panels.attacks import key_of, params_of, shown_by, with_curves
from app.reader import Reader
from app.text.wording import count
from app.views import Drawn, NothingToDrawError, Query
from storage.queries import cells_of_runs, fields_kept, fields_of_run
from storage.records import FieldInfo, FieldRecord, Value

VIEW = "radii"


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A run that keeps its fields: its model by key and parameters, and its seed.

    `distances` names, by norm, the field that says how far its points are from the boundary; `surface` says whether it
    has a surface, whose zero line may be a boundary.
    """

    experiment: str
    model: str
    params: dict[str, Value]
    seed: int
    run: int
    distances: Mapping[str, str]
    surface: bool


def kept_runs(read: Reader, experiment: str) -> tuple[Kept, ...]:
    """The runs of an experiment that keep fields, by model and seed."""
    return read.kept(kept_runs, experiment, lambda: _kept_runs(read, experiment))


def _kept_runs(read: Reader, experiment: str) -> tuple[Kept, ...]:
    runs, held = read(cells_of_runs, experiment), read(fields_kept, experiment)
    present = runs[runs.index.isin(held["run_id"])]
    norms = _norms_of(with_curves(read)[experiment].fields)
    distances: dict[int, dict[str, str]] = {}
    for run, name in zip(held["run_id"].tolist(), held["name"].tolist(), strict=True):
        if name in norms:
            distances.setdefault(run, {})[norms[name]] = name
    surfaces = set(held.loc[held["kind"] == "surface", "run_id"].tolist())
    made = [
        Kept(
            experiment=experiment,
            model=key_of(experiment, params),
            params=params,
            seed=seed,
            run=run,
            distances=distances.get(run, {}),
            surface=run in surfaces,
        )
        for params, members in grouped(present, list(params_of(read, experiment)))
        for seed, run in sorted(zip(members["seed"].tolist(), members.index.tolist(), strict=True))
    ]
    return tuple(made)


def _norms_of(fields: Sequence[FieldInfo]) -> dict[str, str]:
    """The fields that say how far points are from the boundary, each with its norm: arrows named …_NORM, and histograms
    that are said to be of distances in it."""
    found = {}
    for info in fields:
        words = info.text.lower().split()
        for norm in ORDERS:
            if info.kind == "arrows" and info.name.endswith(f"_{norm}"):
                found[info.name] = norm
            if info.kind == "histogram" and {"distances", "boundary", norm} <= set(words):
                found[info.name] = norm
    return found


def radii_of(read: Reader, kept: Kept, norm: str) -> Array | None:
    """How far each point of the run is from the boundary in the norm, ascending; None where the run does not say."""
    field = _field(read, kept, norm)
    if field is None or field.kind != "arrows":
        return None
    radii = lengths(field, norm)
    return np.sort(radii[np.isfinite(radii)])


def _field(read: Reader, kept: Kept, norm: str) -> FieldRecord | None:
    name = kept.distances.get(norm)
    return None if name is None else next(iter(read(fields_of_run, kept.run, name)), None)


def _distribution(read: Reader, kept: Kept, norm: str) -> tuple[Array, Array, bool] | None:
    """Distances, the share of the run's points within each, and whether these are the edges of bins; None where the run
    does not say."""
    return read.kept(_distribution, (kept.run, norm), lambda: _read_distribution(read, kept, norm))


def _read_distribution(read: Reader, kept: Kept, norm: str) -> tuple[Array, Array, bool] | None:
    field = _field(read, kept, norm)
    if field is None:
        return None
    if field.kind == "histogram":
        return *shares_at_edges(field.arrays["edges"], field.arrays["density"]), True
    radii = radii_of(read, kept, norm)
    return (*shares_within(radii), False) if radii is not None and radii.size else None


def draw(read: Reader, query: Query) -> Drawn:
    """The view `radii`: the models of the view `robustness` for the same query, at the seeds that keep fields."""
    import pandas as pd

    shown = shown_by(read, query)
    models = {key_of(model.experiment, dict(model.params)) for model in shown.models}
    every = [kept for name in shown.experiments for kept in kept_runs(read, name) if kept.model in models]
    norm = next((norm for norm in (*shown.norms, *ORDERS) if any(norm in kept.distances for kept in every)), None)
    if norm is None:
        raise NothingToDrawError("No run of these models keeps the distances of its points to the boundary.")
    found = [(kept, of) for kept in every for of in [_distribution(read, kept, norm)] if of is not None]
    drawn = [kept for kept, _ in found]
    runs = {
        kept.run: Radii(
            meta=(kept.model, str(kept.seed), norm),
            title=kept.model if len(shown.experiments) > 1 else kept.model.removeprefix(f"{kept.experiment} "),
            seed=kept.seed,
            radius=radius,
            share=share,
            binned=binned,
        )
        for kept, (radius, share, binned) in found
    }
    silent = {kept.experiment for kept in every} - {kept.experiment for kept in drawn}
    said = _caption(read, list(runs.values()), drawn, norm)
    if silent:
        said += f" {' and '.join(sorted(silent))} keeps no distances of points in this norm."
    if norm not in shown.norms:
        said += f" These runs keep none in {' or '.join(map(norm_text, shown.norms))}."
    parts = [
        pd.DataFrame({"model": run.meta[0], "seed": run.seed, "run": of, "radius": run.radius, "share": run.share})
        for of, run in runs.items()
    ]
    return Drawn(
        figure=radii_figure(
            list(runs.values()), _pooled(list(runs.values())), f"distance to the boundary in {norm_text(norm)}"
        ),
        table=pd.concat(parts, ignore_index=True),
        caption=said,
        sql=_sql(read, drawn, norm),
    )


def _pooled(runs: Sequence[Radii]) -> dict[str, tuple[Array, Array]]:
    """Of each model, by title, the distribution of the points of all its runs; of bins the mean of the runs' shares."""
    pooled = {}
    for title in dict.fromkeys(run.title for run in runs):
        own = [run for run in runs if run.title == title]
        if any(run.binned for run in own):
            at = np.unique(np.concatenate([run.radius for run in own]))
            pooled[title] = at, np.mean([np.interp(at, run.radius, run.share) for run in own], axis=0)
        else:
            pooled[title] = shares_within(np.concatenate([run.radius for run in own]))
    return pooled


def _caption(read: Reader, runs: Sequence[Radii], drawn: Sequence[Kept], norm: str) -> str:
    seeds = count(len({run.seed for run in runs}), "seed")
    said = [
        f"Share of the points whose distance to the decision boundary in {norm_text(norm)} is at most so large: thin, "
        f"each of the {count(len(runs), 'run')} that keep their fields ({seeds} a model at most); broad, their points "
        "together."
    ]
    if not all(run.binned for run in runs):
        said.append("A click on a thin line shows the point on its boundary.")
    binned = {kept.experiment: kept.distances[norm] for kept, run in zip(drawn, runs, strict=True) if run.binned}
    for experiment, name in binned.items():
        text = next(info.text for info in with_curves(read)[experiment].fields if info.name == name)
        said.append(
            f"{experiment} keeps a histogram ({text}): its lines are exact at the edges of the bins and straight "
            "between them, and broad is their mean."
        )
    return " ".join(said)


def _sql(read: Reader, drawn: Sequence[Kept], norm: str) -> str:
    fields: dict[str, FieldRecord] = {}
    runs: dict[str, list[int]] = {}
    for kept in drawn:
        name = kept.distances[norm]
        runs.setdefault(name, []).append(kept.run)
        if name not in fields:
            (fields[name],) = read(fields_of_run, kept.run, name)
    ways = {
        "l1": "abs(x1 - x0) + abs(y1 - y0)",
        "l2": "numpy.hypot(x1 - x0, y1 - y0)",
        "linf": "numpy.maximum(abs(x1 - x0), abs(y1 - y0))",
    }
    how = {
        "arrows": f"An arrow leads from each point to the boundary: its distance is {ways[norm]}.",
        "histogram": "The share of the points within edges[1:] is numpy.cumsum(density * numpy.diff(edges)).",
    }
    more = "\n".join(dict.fromkeys(how[field.kind] for field in fields.values()))
    return fields_sql({tuple(of): [fields[name]] for name, of in runs.items()}, more)


VIEWS = {VIEW: draw}
