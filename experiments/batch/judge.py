"""Judges the claims of an experiment on exactly the runs of a profile."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from experiments.batch.ledger import Bases
from experiments.batch.plan import Cell, keys_of
from experiments.catalog import Entry
from experiments.claims import Claim, Judgement, Runs
from storage.records import VerdictRecord

Metrics = Mapping[str, Mapping[str, float]]


def judge(
    entry: Entry,
    profile: str,
    cells: Sequence[Cell],
    fingerprints: Mapping[str, str],
    known: Bases,
    metrics: Callable[[Sequence[str]], Metrics],
) -> list[VerdictRecord]:
    """The verdicts that are not known already.

    `cells` are the planned cells of this experiment and `fingerprints` those of its stored runs by key; `known` are
    the bases of the stored verdicts; `metrics` fetches the metrics of runs by key, and is asked only if there is
    something to judge.
    """
    seeds, revision = len(cells[0].keys), entry.experiment.revision
    keys = keys_of(cells)
    basis = _basis(entry, [fingerprints.get(key, "") for key in keys])
    names = [
        name for name in entry.experiment.claims if known.get((entry.name, name, profile, seeds, revision)) != basis
    ]
    if not names:
        return []
    missing = sum(key not in fingerprints for key in keys)
    if missing:
        because = f"{len(keys) - missing} of {len(keys)} runs"
        judgements = {name: Judgement(status="undecided", because=because) for name in names}
    else:
        table = _table(entry, cells, metrics(keys))
        judgements = {name: _judge(entry.experiment.claims[name], table) for name in names}
    return [
        VerdictRecord(
            experiment=entry.name,
            claim=name,
            profile=profile,
            seeds=seeds,
            revision=revision,
            status=judgement.status,
            because=judgement.because,
            basis=basis,
            estimate=judgement.estimate,
            low=judgement.low,
            high=judgement.high,
            predicted_low=judgement.predicted_low,
            predicted_high=judgement.predicted_high,
            evidence=judgement.evidence,
        )
        for name, judgement in judgements.items()
    ]


def _judge(claim: Claim[Any], table: Runs[Any]) -> Judgement:
    try:
        return claim.judge(table)
    except Exception as error:
        # A defect of one claim must not cost the others their verdicts, nor be mistaken for one.
        return Judgement(status="undecided", because=f"judging failed with {type(error).__name__}: {error}")


def _table(entry: Entry, cells: Sequence[Cell], metrics: Metrics) -> Runs[Any]:
    shape = (len(cells), len(cells[0].keys))
    columns = {
        name: np.array([metrics[key].get(name, np.nan) for cell in cells for key in cell.keys]).reshape(shape)
        for name in entry.experiment.metrics
    }
    return Runs(tuple(entry.experiment.params(**cell.params) for cell in cells), columns)


def _basis(entry: Entry, fingerprints: Sequence[str]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for part in (_code(), entry.digest, *fingerprints):
        digest.update(f"{part}\n".encode())
    return digest.hexdigest()


@lru_cache(maxsize=1)
def _code() -> str:
    """A hash of the code that suite files rest on: when a formula or a rule changes, verdicts are found anew."""
    root = Path(__file__).parents[1]
    digest = hashlib.blake2b(digest_size=16)
    for path in sorted(root.rglob("*.py")):
        if path.parent != root / "suite":
            digest.update(f"{path.relative_to(root)}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()
