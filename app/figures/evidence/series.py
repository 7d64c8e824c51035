"""What the series of a verdict's evidence are: measured points, and the curves of theory and fits that belong to them.

A series named `theory …` is a theory curve and `fit …` a fitted one; what follows the word is the measured series that
it belongs to, after `low` or `high` where theory gives both ends of a range. Every other series is measured.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from app.figures.look import worth_a_log
from storage.records import EvidenceRecord

Rows = Sequence[EvidenceRecord]
_ENDS = ("", " low", " high")


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Measured series and fitted lines by the series' name, in the order that people read; theory curves by their own
    name. `told` is what each measured series is called where `title` stands beside it. On an axis of `places`, x counts
    the values of a parameter that is no number."""

    measured: Mapping[str, Rows]
    theory: Mapping[str, Rows]
    fits: Mapping[str, Rows]
    told: Mapping[str, str]
    title: str
    places: Sequence[str]

    @property
    def points(self) -> list[EvidenceRecord]:
        return [row for rows in (*self.measured.values(), *self.theory.values()) for row in rows]

    @property
    def arms(self) -> bool:
        """Whether there is no x to draw along: each series has one point."""
        return all(len(rows) == 1 for rows in self.measured.values())

    def curves_of(self, name: str) -> dict[str, Rows]:
        """The theory curves of a measured series by what end of a range they are: "", low or high. One curve without a
        series' name is of them all."""
        found: dict[str, Rows] = {}
        for end in _ENDS:
            own = self.theory.get(curve_name(f"theory{end}", name)) or self.theory.get(f"theory{end}")
            found |= {end.strip(): own} if own else {}
        return found

    @property
    def y_log(self) -> bool:
        """Whether y is worth a logarithm: all positive, over most of a decade, and the ends of intervals positive too
        where no power law, which is a line on logarithmic axes alone, is fitted."""
        return worth_a_log([row.y for row in self.points], 0.9) and (
            bool(self.fits) or all(row.low is None or row.low > 0 for row in self.points)
        )

    @property
    def x_log(self) -> bool:
        return not self.places and worth_a_log([row.x for row in self.points], 0.75)


def evidence_of(points: Rows) -> Evidence:
    """`points` in the order of series and step."""
    found = {name: tuple(rows) for name, rows in groupby(points, key=lambda point: point.series)}
    measured = {name: found[name] for name in sorted(found, key=_natural) if _kind(name) == "measured"}
    shown = {name: name.partition(" (")[0] if _places(name) else name for name in measured}
    told, title = names_told(list(shown.values()))
    return Evidence(
        measured=measured,
        theory={name: rows for name, rows in found.items() if _kind(name) == "theory"} or _bounds(measured),
        fits={name: found[curve] for name in measured if (curve := curve_name("fit", name)) in found},
        told={name: told[shown[name]] for name in measured},
        title=title,
        places=_places(next(iter(measured), "")),
    )


def _kind(series: str) -> str:
    word = series.split(" ", 1)[0]
    return word if word in ("theory", "fit") else "measured"


def _bounds(measured: Mapping[str, Rows]) -> dict[str, Rows]:
    """The one end of what theory allows at each x, where no curve says it: of a peak, its height for all others."""
    found: dict[str, Rows] = {}
    for name, rows in measured.items():
        for end, other in (("low", "high"), ("high", "low")):
            level = [
                (row, getattr(row, f"predicted_{end}")) for row in rows if getattr(row, f"predicted_{other}") is None
            ]
            curve = curve_name(f"theory {end}", name)
            known = [EvidenceRecord(series=curve, step=row.step, x=row.x, y=y) for row, y in level if y is not None]
            found |= {curve: known} if known else {}
    return found


def curve_name(kind: str, series: str) -> str:
    """The name of a curve that belongs to a series: `theory`, or `theory depth = 3`."""
    return kind + series.removeprefix("measured") if series.startswith("measured") else f"{kind} {series}"


def _natural(name: str) -> list[tuple[int, float, str]]:
    """Sorts names by the numbers in them, 25 before 100."""
    parts = re.split(r"(\d+(?:\.\d+)?)", name)
    return [(0, float(part), "") if k % 2 else (1, 0.0, part) for k, part in enumerate(parts)]


def _places(name: str) -> list[str]:
    """The values that x counts, where the name says so: `measured (solver: 0 = adam, 1 = lbfgs)`."""
    legend = re.search(r" \(\w+: (0 = .*)\)$", name)
    return re.split(r"(?:^|, )\d+ = ", legend.group(1))[1:] if legend else []


def names_told(names: Sequence[str]) -> tuple[dict[str, str], str]:
    """What to call series named `depth = 3, solver = adam`: without what they share, and where one parameter is left by
    its value alone, with that parameter as the title over them. The only series, `measured`, has no name."""
    if list(names) == ["measured"]:
        return {"measured": ""}, ""
    assigned = [dict(re.findall(r"(?:^|, )(\w+) = (.*?)(?=, \w+ = |$)", name)) for name in names]
    keys = [key for key in assigned[0] if len({each.get(key) for each in assigned}) > 1] if assigned else []
    if not keys or any(set(each) != set(assigned[0]) for each in assigned):
        return {name: name for name in names}, ""
    if len(keys) == 1:
        return {name: each[keys[0]] for name, each in zip(names, assigned, strict=True)}, keys[0]
    return {
        name: ", ".join(f"{key} {each[key]}" for key in keys) for name, each in zip(names, assigned, strict=True)
    }, ""


def slope_of(line: Rows) -> float:
    """The exponent of a power law from its two ends."""
    first, last = line[0], line[-1]
    return math.log(last.y / first.y) / math.log(last.x / first.x)


@dataclass(frozen=True, kw_only=True)
class Compared:
    """A measured point against theory at its x: ratio or difference with the interval's ends, and what is allowed."""

    x: float
    theory: float
    value: float
    low: float | None
    high: float | None
    allowed_low: float | None
    allowed_high: float | None


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Measured over theory (`ratio`) or measured minus theory, by measured series."""

    ratio: bool
    series: Mapping[str, Sequence[Compared]]

    @property
    def name(self) -> str:
        return "ratio" if self.ratio else "difference"


def against_theory(evidence: Evidence) -> Comparison | None:
    """Every measured point against its theory curve where that has the point's x, as a ratio on a logarithmic y.

    None where it would say nothing: no theory at these x, a theory that is one constant (the same picture again), or
    measured values that all equal theory to nine digits.
    """
    ratio = evidence.y_log
    series = {name: _compared(rows, evidence.curves_of(name).get("", ()), ratio) for name, rows in
              evidence.measured.items()}  # fmt: skip
    points = [point for rows in series.values() for point in rows]
    known = [point.theory for point in points]
    if evidence.arms or not points or _equal(known, known[:1] * len(known)):
        return None
    if _equal([1.0] * len(points) if ratio else known, [p.value if ratio else p.theory + p.value for p in points]):
        return None
    return Comparison(ratio=ratio, series={name: rows for name, rows in series.items() if rows})


def _compared(rows: Rows, theory: Rows, ratio: bool) -> list[Compared]:
    at = {row.x: row.y for row in theory}

    def against(value: float | None, known: float) -> float | None:
        return None if value is None else value / known if ratio else value - known

    return [
        Compared(
            x=row.x,
            theory=known,
            value=row.y / known if ratio else row.y - known,
            low=against(row.low, known),
            high=against(row.high, known),
            allowed_low=against(row.predicted_low, known),
            allowed_high=against(row.predicted_high, known),
        )
        for row in rows
        if (known := at.get(row.x)) is not None
    ]


def _equal(some: Iterable[float], others: Iterable[float]) -> bool:
    return all(math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-300) for a, b in zip(some, others, strict=True))
