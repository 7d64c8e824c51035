"""A batch: plan, drop what the store holds, execute, record, judge. No database in it."""

from experiments.batch.choice import ChoiceError, check_choice, chosen_cells
from experiments.batch.compare import differing, run_again
from experiments.batch.crew import Crew, CrewError, DaskCrew, LocalCrew, cores, crew_of
from experiments.batch.execute import execute
from experiments.batch.judge import judge
from experiments.batch.ledger import Ledger, StoredRuns
from experiments.batch.listing import print_list, print_plan
from experiments.batch.plan import Cell, plan, plan_own, run_key
from experiments.batch.running import run_and_judge
from experiments.batch.status import Status
from experiments.batch.stopping import interruptible
from experiments.batch.verify import NothingToVerifyError, drawn, verify
from experiments.batch.worker import StaleSourceError

__all__ = [
    "Cell",
    "ChoiceError",
    "Crew",
    "CrewError",
    "DaskCrew",
    "Ledger",
    "LocalCrew",
    "NothingToVerifyError",
    "StaleSourceError",
    "Status",
    "StoredRuns",
    "check_choice",
    "chosen_cells",
    "cores",
    "crew_of",
    "differing",
    "drawn",
    "execute",
    "interruptible",
    "judge",
    "plan",
    "plan_own",
    "print_list",
    "print_plan",
    "run_again",
    "run_and_judge",
    "run_key",
    "verify",
]
