"""The table of runs as a URL asks for it: which runs, which columns, in which order; and a run as a row of text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.components.choices import SEVERAL
from app.text.wording import exact, params_text, value_text
from app.views import Query
from storage.queries import RunFilter, RunRow, SortKey
from storage.records import ExperimentRecord, MetricInfo, ParamInfo, Value
from storage.wording import duration, number

RIGHT = {"type": "rightAligned"}
OF_RUN: Mapping[str, dict[str, Any]] = {
    "experiment": {"width": 190},
    "cell": {"sortable": False, "minWidth": 240, "flex": 1},
    "seed": {"width": 80, **RIGHT},
    "status": {"width": 100, "cellRenderer": "Status"},
    "seconds": {"headerName": "took", "width": 100, **RIGHT},
    "batch_id": {"headerName": "batch", "width": 80, **RIGHT},
    "started_at": {"headerName": "started (UTC)", "width": 170},
    "revision": {"width": 90, **RIGHT},
    "key": {"width": 290},
    "fingerprint": {"width": 290},
}
"""The columns that every run has, and what the grid is told of them; the first column is always the run itself."""

Described = Mapping[str, ExperimentRecord]


def filter_of(query: Query, described: Described) -> RunFilter:
    """What the URL asks for; an experiment, status or batch that cannot be is left out."""
    experiment, status, batch = query.get("experiment"), query.get("status"), query.get("batch", "")
    return RunFilter(
        experiment=experiment if experiment in described else None,
        status=status if status in ("ok", "failed") else None,
        batch=int(batch) if batch.isdecimal() and len(batch) < 10 else None,
        where=query.get("where", "").strip(),
    )


def sort_of(written: str) -> tuple[SortKey, ...]:
    """`-metric.loss|seed`: by loss, the greatest first, then by seed."""
    return tuple(SortKey(key.removeprefix("-"), key.startswith("-")) for key in written.split(SEVERAL) if key)


def _of(described: Described, experiment: str | None) -> list[ExperimentRecord]:
    return [each for each in described.values() if experiment in (None, each.name)]


def offered_columns(described: Described, experiment: str | None) -> dict[str, str]:
    """column -> the name in its head, in order: of one experiment its parameters and metrics, else those of all."""
    of = _of(described, experiment)
    params = {f"param.{info.name}": info.name for each in of for info in each.params}
    metrics = {f"metric.{info.name}": info.name for each in of for info in each.metrics}
    own = {name: str(column.get("headerName", name)) for name, column in OF_RUN.items()}
    if experiment is None:
        first = {name: own.pop(name) for name in ("experiment", "cell", "seed", "status")}
        return {**first, **dict(sorted(params.items())), **dict(sorted(metrics.items())), **own}
    first = {name: own.pop(name) for name in ("seed", "status")}
    return {**params, **first, **metrics, **own}


def usual_columns(described: Described, experiment: str | None) -> list[str]:
    """Of all runs the cell in words; of one experiment a column for every parameter and metric."""
    if experiment is None:
        return [name for name in OF_RUN if name not in ("key", "fingerprint")]
    return [
        name
        for name in offered_columns(described, experiment)
        if name not in ("experiment", "cell", "key", "fingerprint")
    ]


def shown_columns(chosen: str | None, named: Sequence[str], described: Described, experiment: str | None) -> list[str]:
    """The columns that the URL names, in the order in which they are offered, and those that the filter names."""
    offered, usual = offered_columns(described, experiment), usual_columns(described, experiment)
    wanted = set((chosen or "").split(SEVERAL)) & set(offered) or set(usual)
    spoken = {column for name in named for column in (name, f"param.{name}", f"metric.{name}")}
    return [column for column in offered if column in wanted or column in spoken]


def column_definitions(
    columns: Sequence[str], sort: Sequence[SortKey], described: Described, experiment: str | None
) -> list[dict[str, Any]]:
    """What the grid needs to know of the columns; the run's own comes first."""
    of = _of(described, experiment)
    infos: dict[str, ParamInfo | MetricInfo] = {}
    for each in reversed(of):
        infos |= {f"param.{info.name}": info for info in each.params}
        infos |= {f"metric.{info.name}": info for info in each.metrics}
    run = {"field": "id", "headerName": "run", "cellRenderer": "RunLink", "width": 110, **RIGHT}
    made = [run]
    for column in columns:
        told = OF_RUN.get(column) or _measured(infos[column], alone=experiment is not None)
        made.append({"field": column, "headerName": column, **told})
    order = {key.column: (position, key.descending) for position, key in enumerate(sort)}
    for each_column in made:
        if each_column["field"] in order:
            position, descending = order[each_column["field"]]
            each_column |= {"sort": "desc" if descending else "asc", "sortIndex": position}
    return made


WORDS = 124
"""Pixels that a column of words takes at least."""


def _measured(info: ParamInfo | MetricInfo, *, alone: bool) -> dict[str, Any]:
    kind = "parameter" if isinstance(info, ParamInfo) else "metric"
    told: dict[str, Any] = {
        "headerName": info.name,
        "headerTooltip": info.text if alone else kind,
        "width": round(max(90, 34 + 7.2 * len(info.name))),
    }
    words = isinstance(info, ParamInfo) and info.type not in ("int", "float")
    return told | ({"width": max(told["width"], WORDS)} if words else RIGHT)


def row(run: RunRow) -> dict[str, str]:
    """What the grid shows of a run, all of it text; the id also names the row."""
    return {
        "id": str(run.id),
        "experiment": run.experiment,
        "cell": params_text(run.params),
        "seed": str(run.seed),
        "status": run.status,
        "seconds": duration(run.seconds),
        "batch_id": str(run.batch_id),
        "started_at": exact(run.started_at).removesuffix(" UTC"),
        "revision": str(run.revision),
        "key": run.key,
        "fingerprint": run.fingerprint,
        **{f"param.{name}": value_text(value) for name, value in run.params.items()},
        **{f"metric.{name}": number(value) for name, value in run.metrics.items()},
    }


def cell_query(experiment: str, params: Mapping[str, Value]) -> str:
    """The filter that the runs of this cell pass, whatever their seed."""
    return " and ".join(
        [f"experiment = {experiment}", *(f"param.{name} = {_literal(value)}" for name, value in params.items())]
    )


def _literal(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, (int, float)) else "'" + value.replace("'", "''") + "'"
