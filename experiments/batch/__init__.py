"""A batch: plan, drop what the store holds, execute, record, judge. No database in it."""

from experiments.batch.compare import differing, run_again
from experiments.batch.crew import Crew, CrewError, DaskCrew, LocalCrew, cores
from experiments.batch.environment import describe_batch, differences
from experiments.batch.execute import execute
from experiments.batch.judge import judge
from experiments.batch.plan import Cell, plan, plan_own, run_key
from experiments.batch.record import Ledger, carry_out
from experiments.batch.stopping import interruptible
from experiments.batch.worker import StaleSourceError

__all__ = [
    "Cell",
    "Crew",
    "CrewError",
    "DaskCrew",
    "Ledger",
    "LocalCrew",
    "StaleSourceError",
    "carry_out",
    "cores",
    "describe_batch",
    "differences",
    "differing",
    "execute",
    "interruptible",
    "judge",
    "plan",
    "plan_own",
    "run_again",
    "run_key",
]
