"""Schedules of a node: solved as jobs, changed by hand, judged by the laws of a line's twin."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lineside.errors import ConfigurationError, LinesideError
from lineside.jobs import Cancelled, Job, JobContext, Jobs
from lineside.node.twins import UNTRUSTED, Twins
from lineside.twin import parse_line
from lineside.twin.fit import plain_line
from lineside.twin.schedule import (
    Plan,
    Problem,
    Step,
    has_solver,
    judged,
    parse_problem,
    retimed,
    solve_apart,
    violations,
)

SOLVE = "schedule.solve"
MOST_SECONDS = 3600.0


@dataclass(slots=True)
class Schedules:
    """Solves and changes the schedules of one plant."""

    twins: Twins

    def lines(self) -> list[str]:
        """The lines whose twins can tell laws."""
        return [line for line, told in self.twins.verdicts().items() if told["verdict"] not in UNTRUSTED]

    def submit(self, jobs: Jobs, document: object, *, seconds: float, seed: int, line: str | None) -> Job:
        """Queues a search for the best plan of a problem.

        With a line, its twin's laws tell how sure the plan is. Raises ProblemRefused, ConfigurationError without
        CP-SAT, without a trusted twin, or for a time nobody waits.
        """
        problem = parse_problem(document)
        if not has_solver():
            raise ConfigurationError("schedule.no_solver")
        if not 0 < seconds <= MOST_SECONDS:
            raise ConfigurationError("node.schedule_seconds", seconds=seconds, most=int(MOST_SECONDS))
        params = {"problem": document, "seconds": seconds, "seed": seed, "line": line, "twin": None}
        if line is not None:
            self.twins.trusted(line)
            kept = self.twins.newest(line)
            params["twin"] = None if kept is None else kept.id
        return jobs.submit(SOLVE, problem.name, params)

    def solve_work(self, context: JobContext, params: Mapping[str, Any]) -> dict[str, Any]:
        """The job kind "schedule.solve"; when it is cancelled, its result is the best plan so far."""
        seconds, begun = round(float(params["seconds"])), time.monotonic()
        best, unwanted = "", False

        def wished() -> bool:
            nonlocal unwanted
            try:
                context.progress(min(round(time.monotonic() - begun), seconds), seconds, best)
            except Cancelled:
                unwanted = True
            return unwanted

        def tell(step: Step) -> None:
            nonlocal best
            best = f"cost {step.cost}, bound {step.bound}"

        asked = {key: params[key] for key in ("problem", "seconds", "seed")} | {"line": self._model(params)}
        try:
            return solve_apart(asked, tell, wished)
        except LinesideError as error:
            if unwanted:
                raise Cancelled from error
            raise

    def moved(self, job: Job, sequences: Mapping[str, Sequence[tuple[str, str]]]) -> dict[str, Any]:
        """The plan of a job with other sequences, (job, operation) by machine, judged as the plan was.

        Raises EditRefused for sequences that no plan can keep, ConfigurationError for a job without a plan.
        """
        problem, before = _planned(job)
        return self._judged(job, problem, retimed(problem, sequences, before))

    def beside(self, job: Job, other: Job) -> dict[str, Any]:
        """The plan of another job, judged by the laws of this one, so that both can be compared.

        Raises ConfigurationError for a job without a plan, or where the other planned another problem.
        """
        problem, plan = _planned(job)[0], _planned(other)[1]
        if broken := violations(problem, plan):
            first = f"{broken[0].path}: {broken[0].sentence()}"
            raise ConfigurationError("schedule.other_plan", count=len(broken), first=first)
        return self._judged(job, problem, plan)

    def _judged(self, job: Job, problem: Problem, plan: Plan) -> dict[str, Any]:
        model = self._model(job.params)
        return judged(problem, plan, None if model is None else parse_line(model))

    def _model(self, params: Mapping[str, Any]) -> dict[str, Any] | None:
        """The line model of the twin whose laws were asked for. Raises ConfigurationError when it is kept no more."""
        if params["twin"] is None:
            return None
        return plain_line(self.twins.edition(int(params["twin"]), str(params["line"])).line)


def _planned(job: Job) -> tuple[Problem, Plan]:
    """The problem a job searched for, and the plan it found."""
    if job.kind != SOLVE or job.result is None:
        raise ConfigurationError("node.no_plan", job=job.id)
    return parse_problem(job.params["problem"]), Plan.model_validate(job.result["plan"])
