"""All claims in one glance: a row an experiment, a mark a claim, each a link to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from app.numbers.overview import Overview
from app.text.markup import Node
from storage.records import ExperimentRecord

Address: TypeAlias = Callable[[str, str], str]
"""Where an experiment is, or where its claim is if one is named."""


def matrix(found: Overview, address: Address) -> Node:
    rows: list[Node] = []
    for chapter, members in found.chapters:
        rows.append(["h3", {"className": "matrix-chapter", "data-chapter": str(chapter)}, str(chapter)])
        rows += [_row(found, each, address) for each in members]
    return ["section", {"className": "matrix", "aria-label": "Experiments and claims"}, *rows]


def _row(found: Overview, each: ExperimentRecord, address: Address) -> Node:
    cells: list[Node] = []
    for claim in each.claims:
        status = found.status(each, claim)
        told = f"{claim.name.replace('_', ' ')}: {status}"
        link = {"href": address(each.name, claim.name), "title": told, "aria-label": told}
        look = {"className": f"mark {status.replace(' ', '-')}", "data-claim": f"{each.name}.{claim.name}"}
        cells.append(["li", {}, ["a", {**link, **look}, ["span", {"className": "shape"}]]])
    title: Node = ["a", {"href": address(each.name, "")}, each.title]
    return [
        "div",
        {"className": "matrix-row", "data-experiment": each.name},
        title,
        ["ul", {"aria-label": each.title}, *cells],
    ]
