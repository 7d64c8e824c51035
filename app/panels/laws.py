"""The curves of a run that are the law of one of its histograms."""

from __future__ import annotations

from collections.abc import Sequence

from app.figures.fields.spectrum import Law
from app.reader import Reader
from storage.queries import curves_of_run, curves_of_runs_sql
from storage.records import ExperimentRecord


def laws_of(read: Reader, experiment: ExperimentRecord, run_id: int, text: str) -> dict[str, Law]:
    """By curve, the run's densities of what the histogram counts: y says `density` (unscaled), and x names it."""
    infos = {
        info.name: info
        for info in experiment.curves
        if info.y_label.startswith("density")
        and "scaled" not in info.y_label
        and info.x_label.split(" ")[0].lower() in text.lower()
    }
    return {
        curve.name: (infos[curve.name].y_label, curve.x, curve.y)
        for curve in read(curves_of_run, run_id)
        if curve.name in infos
    }


def laws_said(read: Reader, run_id: int, curves: Sequence[str]) -> str:
    """The statements that give the lines over a histogram."""
    statements = [read(curves_of_runs_sql, (run_id,), curve) for curve in curves]
    return "\n".join(["The lines over it:", *statements] if statements else [])
