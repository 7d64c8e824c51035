"""Finds experiments by the names of their files, checks them, and describes them for the store.

There is no registry: a file in `experiments/suite` (or in a folder that the user names) is an experiment.
"""

from __future__ import annotations

import dataclasses
import hashlib
import importlib
import importlib.util
import inspect
import re
import sys
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, get_args, get_origin

from experiments.claims import Claim
from experiments.spec import PROFILES, Experiment, Metric
from storage.records import (
    ClaimInfo,
    CurveInfo,
    ExperimentRecord,
    FieldInfo,
    MetricInfo,
    ParamInfo,
    SnippetInfo,
    Value,
)

SUITE = Path(__file__).parent / "suite"
NAME = re.compile(r"[a-z][a-z0-9_]*")
ROBUSTNESS = re.compile(r"(certified|exact|pgd|fgsm)_[a-z0-9]+")
RESERVED = frozenset({"run_id", "key", "seed"})
TYPES = (int, float, str, bool)


class CatalogError(Exception):
    """A suite file that cannot be used; the message is one sentence that names the file and what to mend."""


@dataclass(frozen=True)
class Entry:
    """An experiment with what its file tells of it: name, text (the module's docstring) and a hash of its source."""

    name: str
    path: Path
    text: str
    digest: str
    experiment: Experiment[Any]


def find(folders: Sequence[Path] = ()) -> dict[str, Entry]:
    """All experiments of the laboratory and of the given folders, by chapter and name."""
    entries: dict[str, Entry] = {}
    for folder in (SUITE, *folders):
        if not folder.is_dir():
            raise CatalogError(f"The suite folder {folder} does not exist.")
        for path in sorted(folder.glob("*.py")):
            if path.stem.startswith("_"):
                continue
            if path.stem in entries:
                raise CatalogError(f"Two suite files are called {path.stem}: {entries[path.stem].path} and {path}.")
            entries[path.stem] = load(path.resolve())
    return dict(sorted(entries.items(), key=lambda item: (item[1].experiment.chapter, item[0])))


@cache
def load(path: Path) -> Entry:
    """The experiment of one suite file, checked."""
    if not NAME.fullmatch(path.stem):
        raise CatalogError(f"The suite file {path} needs a name of lower-case letters, digits and underscores.")
    try:
        source = path.read_bytes()
        module = _module(path)
    except Exception as error:
        reason = " ".join(str(error).split())
        raise CatalogError(f"The suite file {path} does not import: {type(error).__name__}: {reason}") from error
    experiment = getattr(module, "EXPERIMENT", None)
    problems = _problems(module, experiment)
    for problem in problems:
        raise CatalogError(f"The suite file {path} {problem}.")
    assert isinstance(experiment, Experiment)
    text = inspect.cleandoc(module.__doc__ or "")
    return Entry(path.stem, path, text, hashlib.blake2b(source, digest_size=16).hexdigest(), experiment)


def _module(path: Path) -> ModuleType:
    if path.parent == SUITE.resolve():
        return importlib.import_module(f"experiments.suite.{path.stem}")
    name = f"suite_{hashlib.blake2b(bytes(path), digest_size=8).hexdigest()}_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def param_infos(experiment: Experiment[Any]) -> tuple[ParamInfo, ...]:
    """The parameters as their dataclass declares them: Annotated[type, text]."""
    hints = typing.get_type_hints(experiment.params, include_extras=True)
    return tuple(
        ParamInfo(
            name=field.name,
            type=get_args(hints[field.name])[0].__name__,
            text=get_args(hints[field.name])[1],
            is_size=field.name == experiment.size,
        )
        for field in dataclasses.fields(experiment.params)
    )


def values(cell: Any) -> dict[str, Value]:
    """A cell's parameters by name."""
    return {field.name: getattr(cell, field.name) for field in dataclasses.fields(cell)}


def _problems(module: ModuleType, experiment: object) -> Iterator[str]:
    if not isinstance(experiment, Experiment):
        yield "has no EXPERIMENT = Experiment(...)"
        return
    if not (module.__doc__ or "").strip():
        yield "has no docstring, which is the text that the dashboard prints"
    if (experiment.run is None) == (experiment.run_ensemble is None):
        yield "must give either run or run_ensemble"
    if not 1 <= experiment.chapter <= 16:
        yield f"has chapter {experiment.chapter}; the guide has chapters 1 to 16"
    yield from _problems_of_params(experiment)
    yield from _problems_of_profiles(experiment)
    yield from _problems_of_names(experiment)
    yield from _problems_of_claims(experiment)


def _problems_of_params(experiment: Experiment[Any]) -> Iterator[str]:
    params = experiment.params
    if not (dataclasses.is_dataclass(params) and params.__dataclass_params__.frozen):  # type: ignore[attr-defined]  # not in typeshed
        yield "needs a frozen dataclass as params"
        return
    hints = typing.get_type_hints(params, include_extras=True)
    for name, hint in hints.items():
        if not (get_origin(hint) is Annotated and get_args(hint)[0] in TYPES and isinstance(get_args(hint)[1], str)):
            yield f'must declare its parameter {name} as Annotated[int | float | str | bool, "text"] with one type'
            return
    numeric = [name for name, hint in hints.items() if get_args(hint)[0] in (int, float)]
    if experiment.size is not None and experiment.size not in numeric:
        yield f"names the size {experiment.size}, which is no numeric parameter"


def _problems_of_profiles(experiment: Experiment[Any]) -> Iterator[str]:
    if tuple(experiment.profiles) != PROFILES:
        yield f"must have the profiles {', '.join(PROFILES)}, in this order"
        return
    types = {
        name: get_args(hint)[0] for name, hint in typing.get_type_hints(experiment.params, include_extras=True).items()
    }
    for profile, grid in experiment.profiles.items():
        if not grid.cells or grid.seeds < 1:
            yield f"has no cell or no seed in its profile {profile}"
        if len(set(grid.cells)) < len(grid.cells):
            yield f"has a cell twice in its profile {profile}"
        for cell in grid.cells:
            for name, value in values(cell).items():
                if type(value) is not types[name]:
                    yield f"gives {name} = {value!r} in its profile {profile}, which is no {types[name].__name__}"
                    return
    if experiment.guide is not None:
        for profile in ("standard", "deep"):
            if experiment.guide not in experiment.profiles[profile].cells:
                yield f"leaves the guide's own cell out of its profile {profile}"


def _problems_of_names(experiment: Experiment[Any]) -> Iterator[str]:
    params = [field.name for field in dataclasses.fields(experiment.params)]
    for name in (*params, *experiment.metrics, *experiment.curves, *experiment.fields, *experiment.claims):
        if not NAME.fullmatch(name):
            yield f"uses the name {name!r}; names are lower-case letters, digits and underscores"
    for name in (*params, *experiment.metrics):
        if name in RESERVED:
            yield f"uses the name {name}, which every runs view already has"
    for name in set(params) & set(experiment.metrics):
        yield f"calls a parameter and a metric {name}"
    for name, axes in experiment.curves.items():
        if axes.role == "robustness" and not ROBUSTNESS.fullmatch(name):
            yield f"must name its robustness curve {name} METHOD_NORM, as in exact_linf"


def _problems_of_claims(experiment: Experiment[Any]) -> Iterator[str]:
    params = {field.name for field in dataclasses.fields(experiment.params)}
    for name, claim in experiment.claims.items():
        if claim.x not in params:
            yield f"draws the claim {name} over {claim.x}, which is no parameter"
        for metric in claim_metrics(claim):
            if metric not in experiment.metrics:
                yield f"judges the claim {name} on {metric}, which is no metric"


def claim_metrics(claim: Claim[Any]) -> tuple[str, ...]:
    """The metrics that a claim reads."""
    return tuple(getattr(claim, name) for name in ("metric", "lower", "upper") if hasattr(claim, name))


def judged_quantity(claim: Claim[Any], metrics: Mapping[str, Metric]) -> str:
    """What stands along y in the claim's evidence: the metric, or upper − lower, with its unit. Of two arms in one
    metric it is the difference in it; which arm is the upper one, the claim's statement says."""
    names = claim_metrics(claim)[::-1]
    unit = metrics[names[0]].unit if names else ""
    two_arms = len(names) == 2 and names[0] == names[1]
    return (f"difference in {names[0]}" if two_arms else " − ".join(names)) + (f" [{unit}]" if unit else "")


def describe(entry: Entry) -> ExperimentRecord:
    """All that the store keeps of an experiment, so that the dashboard never has to import it."""
    experiment = entry.experiment
    return ExperimentRecord(
        name=entry.name,
        title=experiment.title,
        chapter=experiment.chapter,
        section=experiment.section,
        text=entry.text,
        revision=experiment.revision,
        guide_params=None if experiment.guide is None else values(experiment.guide),
        params=param_infos(experiment),
        metrics=tuple(MetricInfo(name=n, text=m.text, unit=m.unit) for n, m in experiment.metrics.items()),
        curves=tuple(
            CurveInfo(name=n, x_label=a.x, y_label=a.y, unit=a.unit, x_log=a.x_log, y_log=a.y_log, role=a.role)
            for n, a in experiment.curves.items()
        ),
        fields=tuple(FieldInfo(name=n, kind=f.kind, text=f.text) for n, f in experiment.fields.items()),
        claims=tuple(
            ClaimInfo(
                name=n,
                kind=type(c).__name__,
                statement=c.statement,
                source=c.source,
                tolerance=c.tolerance_text(),
                reason=c.reason,
                x_label=c.x,
                y_label=judged_quantity(c, experiment.metrics),
            )
            for n, c in experiment.claims.items()
        ),
        snippets=tuple(
            SnippetInfo(chapter=experiment.chapter, **dataclasses.asdict(snippet)) for snippet in experiment.snippets
        ),
    )
