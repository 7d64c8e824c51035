"""The kinds of claim that theory makes, and how runs support or refute them.

A claim is judged on a complete table of runs: every cell of a profile at every seed.
"""

from experiments.claims.base import Claim, Judgement, Runs, everywhere
from experiments.claims.comparisons import Ordered, PeakAt
from experiments.claims.decision import Decision, Points, decide
from experiments.claims.exact import Always, exactly
from experiments.claims.levels import AtLeast, AtMost, Equals
from experiments.claims.slopes import PowerLaw

__all__ = [
    "Always",
    "AtLeast",
    "AtMost",
    "Claim",
    "Decision",
    "Equals",
    "Judgement",
    "Ordered",
    "PeakAt",
    "Points",
    "PowerLaw",
    "Runs",
    "decide",
    "everywhere",
    "exactly",
]
