"""Lines over seeds of any curves: what the page of learning curves and an experiment's curves both draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from app.figures.lines import lines_figure
from app.numbers.intervals import BANDS, STATISTICS
from app.numbers.lines.averaging import CELL, Line, line_key, lines_of
from app.numbers.lines.comparing import Beside, counts, difference, ratio, smooth
from app.numbers.lines.frames import lines_frame
from app.numbers.lines.statement import CurveSource, lines_sql
from app.numbers.series import alike, grouped, telling, varying
from app.panels.shared import scales, with_unit
from app.text.wording import count
from app.views import Drawn, NothingToDrawError
from storage.queries import cells_of_runs, curves, runs_with_points
from storage.records import CurveInfo, ExperimentRecord, Value

if TYPE_CHECKING:
    import pandas as pd

    from app.reader import Reader

ABSCISSAE = {"own": "as stored", "step": "point by point", "share": "share of the run"}
POINTS = {"auto": "as fits", "stored": "where they are", "joined": "joined by straight lines"}
BELOW = {"none": "nothing", "n": "n", "difference": "difference", "ratio": "ratio"}
FIRST = "first"


@dataclass(frozen=True, kw_only=True)
class Source:
    """A curve of an experiment and the runs that count: `kept` are the values left of a parameter, where not all are.

    The runs are told apart by every parameter that then varies, but for those `pooled` and what follows from these.
    """

    experiment: ExperimentRecord
    info: CurveInfo
    kept: Mapping[str, Sequence[Value]] = field(default_factory=dict)
    pooled: Sequence[str] = ()

    @property
    def size(self) -> str | None:
        return next((info.name for info in self.experiment.params if info.is_size), None)

    def selected(self, runs: pd.DataFrame) -> pd.DataFrame:
        keep = np.ones(len(runs), dtype=bool)
        for name, values in self.kept.items():
            keep &= runs[name].isin(list(values)).to_numpy()
        return runs[keep]


@dataclass(frozen=True, kw_only=True)
class How:
    """What is drawn of the runs: keys of STATISTICS, BANDS, ABSCISSAE, POINTS, BELOW; `smoothing` as smooth() has it.

    `reference` is the key of the line that `below` sets the others against, FIRST or that of no line for the first.
    """

    statistic: str = "mean"
    band: str = "ci"
    abscissa: str = "own"
    points: str = "auto"
    smoothing: str = "none"
    axes: str = "auto"
    runs: bool = False
    below: str = "none"
    reference: str = FIRST


def lines_of_sources(read: Reader, sources: Sequence[Source], how: How) -> list[Line]:
    made: list[Line] = []
    for source in sources:
        held = read(curves, source.experiment.name, source.info.name)
        made += lines_of(
            source.experiment.name,
            source.info.name,
            _groups(read, source),
            held,
            statistic=how.statistic,
            band=how.band,
            abscissa=how.abscissa,
            points=how.points,
        )
    return made if how.smoothing == "none" else [smooth(line, how.smoothing) for line in made]


def keys_of_sources(read: Reader, sources: Sequence[Source]) -> list[str]:
    """The keys of the lines, in order."""
    return [
        line_key(source.experiment.name, source.info.name, params)
        for source in sources
        for params, _ in _groups(read, source)
    ]


def _groups(read: Reader, source: Source) -> list[tuple[dict[str, Value], pd.DataFrame]]:
    """The runs of each line: of each combination of the parameters that tell lines apart."""
    taken = source.selected(runs_with(read, source.experiment.name, (source.info.name,)))
    together = _pooled(taken, source.pooled)
    apart = [param for param in varying(taken) if param not in together]
    cells = alike(taken, list(taken.columns.drop("seed")))
    return grouped(taken.assign(**{CELL: cells}), telling(taken, apart, source.size))


def _pooled(runs: pd.DataFrame, names: Sequence[str]) -> list[str]:
    """The names that vary, and every parameter that has one value at each combination of theirs."""
    vary = varying(runs)
    asked = [name for name in names if name in vary]
    if not asked:
        return []
    last = alike(runs, asked).max()
    return [name for name in vary if name in asked or alike(runs, [*asked, name]).max() == last]


def runs_with(read: Reader, experiment: str, names: tuple[str, ...]) -> pd.DataFrame:
    """The runs that have a point of one of the curves."""

    def found() -> pd.DataFrame:
        runs = read(cells_of_runs, experiment)
        held = frozenset().union(*(read(runs_with_points, experiment, name) for name in names))
        return runs[runs.index.isin(held)]

    return read.kept(runs_with, (experiment, names), found)


def draw_lines(read: Reader, sources: Sequence[Source], how: How) -> Drawn:
    """Raises NothingToDrawError where no run that counts has a curve."""
    lines = lines_of_sources(read, sources, how)
    if not lines:
        asked = ", ".join(f"{source.experiment.name}/{source.info.name}" for source in sources) or "any experiment"
        raise NothingToDrawError(f"The store holds no such curve of {asked}.")
    reference = next((line for line in lines if line.key == how.reference), lines[0])
    besides = _besides(lines, reference, how)
    frame = partial(lines_frame, lines, how.statistic, besides if how.below != "n" else (), how.below)
    told = frame()
    x_log, y_log = scales(how.axes, _fitting([source.info for source in sources], how))
    return Drawn(
        figure=lines_figure(
            lines,
            _x_label(sources, how.abscissa),
            _joined_words([with_unit(source.info.y_label, source.info.unit) for source in sources]),
            x_log=x_log,
            y_log=y_log,
            sizes={source.experiment.name: source.size for source in sources if source.size is not None},
            runs=how.runs,
            below=besides,
            below_label={"n": "n (runs)", "difference": "difference", "ratio": "ratio"}.get(how.below, ""),
            below_zero=how.below == "n",
            below_log=how.below == "ratio" and all((beside.value > 0).all() for beside in besides),
        ),
        table=partial(frame, runs=True) if how.runs else told,
        told=told,
        caption=" ".join(_caption(lines, sources, how, reference, besides, y_log=y_log)),
        sql=_sql(lines, sources, how),
        interval=BANDS[how.band],
    )


def _besides(lines: Sequence[Line], reference: Line, how: How) -> list[Beside]:
    if how.below == "n":
        return [counts(line) for line in lines]
    if how.below == "difference":
        return [difference(line, reference, how.statistic, how.band) for line in lines]
    return [ratio(line, reference) for line in lines] if how.below == "ratio" else []


def _fitting(infos: Sequence[CurveInfo], how: How) -> tuple[bool, bool]:
    """The scales that all the curves would have."""
    return how.abscissa == "own" and all(info.x_log for info in infos), all(info.y_log for info in infos)


def _x_label(sources: Sequence[Source], abscissa: str) -> str:
    own = _joined_words([source.info.x_label for source in sources])
    return {"own": own, "step": "point of the curve", "share": f"share of the run's {own}"}[abscissa]


def _joined_words(words: Sequence[str]) -> str:
    different = list(dict.fromkeys(words))
    return "; ".join(different) if len(different) <= 3 else "; ".join([*different[:2], "…"])


def _caption(
    lines: Sequence[Line],
    sources: Sequence[Source],
    how: How,
    reference: Line,
    besides: Sequence[Beside],
    *,
    y_log: bool,
) -> list[str]:
    """Sentences: what is drawn, over how many runs, and whatever a reader could take for something else."""
    runs = {run for line in lines for run in line.sample.ids.tolist()}
    seeds = {seed for line in lines for seed in line.sample.seeds.tolist()}
    statistic = STATISTICS[how.statistic].capitalize()
    said = [
        f"{statistic} over runs at each x{_band_said(how)}; {count(len(runs), 'run')}, {count(len(seeds), 'seed')}."
    ]
    said += _pooled_said(lines, sources, how)
    if any(line.joined for line in lines):
        said.append("Runs have points at different x: between its own points each is taken as straight.")
    if any((line.n[-1] if line.joined else line.n.min()) < line.n.max() for line in lines):
        why = (
            "Some runs end early"
            if all(line.joined or _falls(line) for line in lines)
            else "Not every run is at every x"
        )
        said.append(f"{why}: each point is over the runs that are there, and n, shown on hover, says how many.")
    if how.smoothing != "none":
        word, _, size = how.smoothing.partition(" ")
        kind = f"running mean over {size} points" if word == "mean" else f"exponential average of weight {size}"
        said.append(f"Bold: {kind}; faint: as measured, which band, n and SQL are of.")
    if how.runs:
        said.append("Thin lines: every run.")
    if how.below in ("difference", "ratio"):
        said.append(_below_said(how, reference, besides))
    hidden = sum(int((line.value <= 0).sum()) for line in lines) if y_log else 0
    if hidden:
        said.append(
            f"{count(hidden, 'point')} at or below zero {'has' if hidden == 1 else 'have'} no place on a log axis."
        )
    return said


def _band_said(how: How) -> str:
    if how.band == "ci":
        kinds = {"mean": "95 % t interval", "median": "95 % interval by order statistics", "iqm": "95 % interval"}
        return f", {kinds[how.statistic]}"
    return "" if how.band == "none" else f", band: {BANDS[how.band]}"


def _pooled_said(lines: Sequence[Line], sources: Sequence[Source], how: How) -> list[str]:
    most = max(line.sample.cells for line in lines)
    if most == 1:
        return []
    names = dict.fromkeys(name for source in sources for name in source.pooled)
    follows = "it" if len(names) == 1 else "them"
    whole = f"Pooled over {' and '.join(names)} with what follows from {follows}"
    said = [f"{whole}: up to {most} cells a line, and n counts runs."]
    if how.band in ("ci", "se") and any(len(set(line.sample.seeds.tolist())) < len(line.sample.ids) for line in lines):
        said.append(
            "Cells of one seed share their random numbers, so that runs are not independent as the band has it."
        )
    return said


def _falls(line: Line) -> bool:
    return bool((np.diff(line.n) <= 0).all())


def _below_said(how: How, reference: Line, besides: Sequence[Beside]) -> str:
    said = f"Below: {how.below} {'from' if how.below == 'difference' else 'to'} {reference.key}"
    if how.below == "difference" and all(beside.paired for beside in besides):
        return f"{said}, paired by seed, with its band."
    if any(beside.paired for beside in besides):
        return f"{said}, paired by seed within an experiment and without a band elsewhere."
    return f"{said}, of the two {STATISTICS[how.statistic]}s, without a band."


def _sql(lines: Sequence[Line], sources: Sequence[Source], how: How) -> str:
    made = []
    for source in sources:
        own = [line for line in lines if (line.experiment, line.curve) == (source.experiment.name, source.info.name)]
        kinds = {info.name: info.type for info in source.experiment.params}
        if own:
            made.append(
                CurveSource(
                    experiment=source.experiment.name,
                    curve=source.info.name,
                    apart={name: kinds[name] for name in own[0].params},
                    kept=source.kept,
                    joined=own[0].joined,
                )
            )
    return lines_sql(made, how.statistic, how.abscissa)
