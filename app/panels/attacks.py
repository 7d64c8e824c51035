"""What the page of robustness shows: models attacked in a norm by some methods, and how the choices pick them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.components.choices import SEVERAL, Offer, settled
from app.numbers.robustness import Attacked, attacked, method_text, names_of, norm_text
from app.numbers.series import telling, varying
from app.panels.selection import cell_offers, first_view, fixed_by
from app.reader import Reader
from app.text.wording import params_text
from app.views import NothingToDrawError, Query
from storage.queries import cells_of_runs, curves, experiments
from storage.records import ExperimentRecord, Value

MOST_PANELS = 9
EACH, ONE = "each", "one"


@dataclass(frozen=True, kw_only=True)
class Shown:
    """The models that are shown, each with the chosen methods; `fixed` holds the parameters fixed, by experiment."""

    experiments: tuple[str, ...]
    norms: tuple[str, ...]
    methods: tuple[str, ...]
    fixed: dict[str, dict[str, Value]]
    models: tuple[Attacked, ...]
    layout: str


def with_curves(read: Reader) -> dict[str, ExperimentRecord]:
    """The experiments that have robustness curves, by name."""
    return {each.name: each for each in read(experiments) if names_of(each.curves)}


def models(read: Reader, experiment: str, norm: str) -> tuple[Attacked, ...]:
    """Every model of the experiment attacked in the norm."""
    return read.kept(models, (experiment, norm), lambda: _models(read, experiment, norm))


def _models(read: Reader, experiment: str, norm: str) -> tuple[Attacked, ...]:
    named = names_of(with_curves(read)[experiment].curves)
    found = {(method, of): read(curves, experiment, curve) for curve, (method, of) in named.items() if of == norm}
    return attacked(experiment, read(cells_of_runs, experiment), list(params_of(read, experiment)), found)


def params_of(read: Reader, experiment: str) -> dict[str, list[Value]]:
    """The parameters that tell the models of the experiment apart, each with its values in order."""
    return read.kept(params_of, experiment, lambda: _params_of(read, experiment))


def _params_of(read: Reader, experiment: str) -> dict[str, list[Value]]:
    cells = read(cells_of_runs, experiment)
    cells = cells[~cells.duplicated(subset=[name for name in cells.columns if name != "seed"])]
    values = varying(cells)
    return {name: values[name] for name in telling(cells, list(values))}


def key_of(experiment: str, params: dict[str, Value]) -> str:
    """What the URL calls a model."""
    return f"{experiment} {params_text(params)}".strip()


def title_of(model: Attacked, shown: Shown) -> str:
    several = [model.experiment] if len(shown.experiments) > 1 or not model.params else []
    norm = [norm_text(model.norm)] if len(shown.norms) > 1 else []
    return ", ".join([*several, *([params_text(model.params)] if model.params else []), *norm])


def chosen_experiments(read: Reader, query: Query) -> tuple[list[str], Offer]:
    known = with_curves(read)
    first = next((name for name in known if not read(cells_of_runs, name).empty), next(iter(known)))
    offer = Offer(
        key="experiment",
        label="experiments",
        options=[(name, name) for name in known],
        default=first,
        several=True,
        turns=True,
    )
    return offer.settled(query.get("experiment")).split(SEVERAL), offer


def offers(read: Reader, query: Query) -> list[Offer]:
    """Empty where no experiment has robustness curves."""
    known = with_curves(read)
    if not known:
        return []
    names, experiment = chosen_experiments(read, query)
    named = [names_of(known[name].curves).values() for name in names]
    norms = list(dict.fromkeys(norm for pairs in named for _, norm in pairs))
    methods = list(dict.fromkeys(method for pairs in named for method, _ in pairs))
    common = [norm for norm in norms if all(norm in {of for _, of in pairs} for pairs in named)]
    made = [
        experiment,
        Offer(
            key="norm",
            label="norms",
            options=[(norm, norm_text(norm)) for norm in norms],
            default=(common or norms)[0],
            several=True,
        ),
        Offer(
            key="method",
            label="methods",
            options=[(method, method_text(method)) for method in methods],
            default=SEVERAL.join(methods),
            several=True,
        ),
    ]
    for name in names:
        made += _cell_offers(read, known[name], most=max(2, MOST_PANELS // len(names)), alone=len(names) == 1)
    panels = Offer(
        key="models", label="models", options=[(EACH, "a panel each"), (ONE, "over one another")], default=EACH
    )
    return [*made, panels]


def _cell_offers(read: Reader, experiment: ExperimentRecord, *, most: int, alone: bool) -> list[Offer]:
    values = params_of(read, experiment.name)
    cells = read(cells_of_runs, experiment.name)[["seed", *values]].drop_duplicates(subset=list(values) or None)
    first = first_view(cells, list(values), experiment.guide_params or {}, most)
    return cell_offers(values, first, f"{experiment.name}.", "" if alone else experiment.name)


def shown_by(read: Reader, query: Query) -> Shown:
    """Raises NothingToDrawError where no experiment has robustness curves."""
    return read.kept(shown_by, tuple(sorted(query.items())), lambda: _shown(read, query))


def _shown(read: Reader, query: Query) -> Shown:
    offered = offers(read, query)
    if not offered:
        raise NothingToDrawError("No experiment of the store has curves of robust accuracy.")
    chosen = settled(offered, query)
    names, norms, methods = (tuple(chosen[key].split(SEVERAL)) for key in ("experiment", "norm", "method"))
    fixed = {name: fixed_by(chosen, params_of(read, name), f"{name}.") for name in names}
    taken = tuple(
        replace(model, accuracy=accuracy)
        for name in names
        for norm in norms
        for model in models(read, name, norm)
        if all(model.params[param] == value for param, value in fixed[name].items())
        for accuracy in [{method: table for method, table in model.accuracy.items() if method in methods}]
        if accuracy
    )
    return Shown(experiments=names, norms=norms, methods=methods, fixed=fixed, models=taken, layout=chosen["models"])
