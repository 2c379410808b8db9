"""Finite-capacity schedules: a problem as plain data, the best plan found for it, and what becomes of it in real life.

Compiled searches and CP-SAT are imported at the first solve.
"""

from lineside.twin.schedule.apart import has_solver, solve_apart
from lineside.twin.schedule.formats import problem_of_text
from lineside.twin.schedule.measured import Origin, judged, measured
from lineside.twin.schedule.moving import EditRefused, retimed
from lineside.twin.schedule.plan import PLAN, Plan, PlannedJob, PlannedMachine, PlannedOperation, Step
from lineside.twin.schedule.problem import SCHEMA, Problem
from lineside.twin.schedule.reading import ProblemRefused, parse_problem, read_problem
from lineside.twin.schedule.robust import Estimate, JobProspect, Prospect, evaluate, most_robust, varies
from lineside.twin.schedule.solving import solve
from lineside.twin.schedule.verify import violations

__all__ = [
    "PLAN",
    "SCHEMA",
    "EditRefused",
    "Estimate",
    "JobProspect",
    "Origin",
    "Plan",
    "PlannedJob",
    "PlannedMachine",
    "PlannedOperation",
    "Problem",
    "ProblemRefused",
    "Prospect",
    "Step",
    "evaluate",
    "has_solver",
    "judged",
    "measured",
    "most_robust",
    "parse_problem",
    "problem_of_text",
    "read_problem",
    "retimed",
    "solve",
    "solve_apart",
    "varies",
    "violations",
]
