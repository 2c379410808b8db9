"""Makes a plan for a scheduling problem, without any plant."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from string import ascii_uppercase, digits

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from lineside.cli.terminal import console, language
from lineside.texts import say
from lineside.twin import LineRefused, read_line
from lineside.twin.schedule import (
    Origin,
    Plan,
    Problem,
    ProblemRefused,
    Prospect,
    Step,
    evaluate,
    measured,
    read_problem,
    solve,
    varies,
)

_COLUMNS = 96
_SIGNS = ascii_uppercase + ascii_uppercase.lower() + digits


def show_schedule(path: Path, twin: Path | None, *, seconds: float, seed: int, replications: int, as_json: bool) -> int:
    """Plans the problem and prints the plan; 1 when the problem cannot be used.

    Ctrl-C ends the search, not the command.
    """
    try:
        problem = read_problem(path)
        line = None if twin is None else read_line(twin)
    except (ProblemRefused, LineRefused) as refused:
        _tell_refusal(refused)
        return 1
    with interruptible() as stopped, _progress() as tell:
        plan = solve(problem, seconds=seconds, seed=seed, tell=tell, stopped=stopped)
    told, laws = measured(problem, plan, line)
    prospect = evaluate(told, plan, replications=replications, seed=seed) if replications and varies(told) else None
    if as_json:
        document = plan.model_dump(mode="json", by_alias=True)
        document["prospect"] = prospect.model_dump(mode="json") if prospect else None
        document["laws"] = laws
        click.echo(json.dumps(document, ensure_ascii=False, indent=1))
    else:
        _tell(problem, plan, prospect)
        if line is not None:
            _tell_laws(laws)
    return 0


def print_schema() -> None:
    """Prints the JSON Schema of scheduling problems."""
    click.echo(json.dumps(Problem.model_json_schema(by_alias=True), indent=1))


@contextmanager
def interruptible() -> Iterator[Callable[[], bool]]:
    """Turns the first Ctrl-C into the wish to stop."""
    wish = threading.Event()
    before = signal.signal(signal.SIGINT, lambda *_: wish.set())
    try:
        yield wish.is_set
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _progress() -> Iterator[Callable[[Step], None]]:
    screen = Console(stderr=True)
    with screen.status("") as shown:

        def tell(step: Step) -> None:
            if screen.is_terminal:
                shown.update(_words("progress", cost=step.cost, bound=step.bound))

        yield tell


def _words(key: str, **fields: object) -> str:
    return say(f"schedule.{key}", language(), **fields)


def _tell_laws(laws: Mapping[str, Origin]) -> None:
    """Whose laws each machine followed."""
    by_twin = {machine: origin == "measured" for machine, origin in laws.items()}
    for key, wanted in (("measured", True), ("not_measured", False)):
        if machines := [machine for machine, measured in by_twin.items() if measured is wanted]:
            console().print(_words(key, machines=", ".join(machines)))


def _tell_refusal(refused: ProblemRefused | LineRefused) -> None:
    err = Console(stderr=True)
    err.print(Text(refused.sentence(language()), style="bold red"))
    for finding in refused.findings:
        err.print(Text(f"{finding.path}: {finding.sentence(language())}"))
        if cure := finding.cure(language()):
            err.print(Text(f"    {cure}"))


def _tell(problem: Problem, plan: Plan, prospect: Prospect | None) -> None:
    """How good it is, the chart, the jobs, the machines."""
    out, late = console(), sum(not job.on_time for job in plan.jobs.values())
    gap = f"{100 * (plan.cost - plan.bound) / plan.cost:.1f}" if plan.cost else "0"
    if plan.optimal:
        out.print(_words("optimal", cost=plan.cost), style="bold")
    else:
        out.print(_words("best", cost=plan.cost, bound=plan.bound, gap=gap), style="bold")
    fields = {"makespan": plan.makespan, "tardiness": plan.weighted_tardiness, "unit": problem.time_unit}
    out.print(_words("told", **fields, late=late, jobs=len(plan.jobs), seconds=f"{plan.seconds:.1f}"))
    for line in chart(plan):
        out.print(Text(line))
    if prospect is not None:
        spread = {"mean": f"{prospect.makespan_mean:.4g}", "low": f"{prospect.makespan_5:.4g}"}
        out.print(_words("spread", replications=prospect.replications, **spread, high=f"{prospect.makespan_95:.4g}"))
    out.print(_jobs(plan, prospect))
    out.print(_machines(plan))


def chart(plan: Plan) -> list[str]:
    """A row of signs for each machine, a sign for each job; the job that takes most of a column is shown there."""
    step = max(-(-plan.makespan // _COLUMNS), 1)
    signs = {job: _SIGNS[i % len(_SIGNS)] for i, job in enumerate(plan.jobs)}
    width = max(len(name) for name in plan.machines)
    lines = [_words("scale", end=plan.makespan, unit=plan.time_unit, step=step)]
    for machine in plan.machines:
        row = ["·"] * -(-plan.makespan // step)
        for o in plan.operations:
            if o.machine == machine:
                for k in range(max(o.start - o.setup, 0) // step, -(-o.start // step) if o.setup else 0):
                    row[k] = "▒" if row[k] == "·" else row[k]
                for k in range(o.start // step, max(o.end // step, o.start // step + 1)):
                    row[k] = signs[o.job]
        lines.append(f"{machine:<{width}} {''.join(row)}")
    return lines


def _jobs(plan: Plan, prospect: Prospect | None) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("")
    table.add_column(_words("job"))
    for column in ("due", "completed", "late", *(("chance",) if prospect else ())):
        table.add_column(_words(column), justify="right")
    for i, (name, job) in enumerate(plan.jobs.items()):
        due = "-" if job.due is None else str(job.due)
        chance = [] if prospect is None else [_chance(prospect, name)]
        sign = _SIGNS[i % len(_SIGNS)]
        table.add_row(sign, Text(name), due, str(job.completed), str(job.late) if job.late else "-", *chance)
    return table


def _chance(prospect: Prospect, job: str) -> str:
    told = prospect.jobs[job].on_time
    return "-" if told is None else f"{told.mean:.0%} ({told.low:.0%}-{told.high:.0%})"


def _machines(plan: Plan) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(_words("machine"))
    for column in ("working", "setup", "utilisation"):
        table.add_column(_words(column), justify="right")
    for name, machine in plan.machines.items():
        table.add_row(Text(name), str(machine.working), str(machine.setup), f"{machine.utilisation:.0%}")
    return table
