"""Judges a plan by the problem alone: it shares no line with what made it, so neither hides the other's mistake."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise

from lineside.twin.model import ANY
from lineside.twin.reading import Finding
from lineside.twin.schedule.plan import Plan, PlannedOperation
from lineside.twin.schedule.problem import Machine, Operation, Problem, operation_names


def violations(problem: Problem, plan: Plan) -> list[Finding]:
    """Everything in a plan that the problem does not allow, and every figure of it that is wrong."""
    specs = {
        (job, name): operation
        for job, spec in problem.jobs.items()
        for name, operation in zip(operation_names(spec), spec.operations, strict=True)
    }
    planned = Counter((o.job, o.operation) for o in plan.operations)
    missing = [key for key in specs if planned[key] != 1] + [key for key in planned if key not in specs]
    if missing:
        return [_finding(f"{job}.{name}", "schedule.not_once", times=planned[job, name]) for job, name in missing]
    checks = (_single(problem, plan, specs), _jobs(problem, plan), _machines(problem, plan))
    found = [finding for check in checks for finding in check]
    found += _resources(problem, plan, specs)
    return found + list(_figures(problem, plan))


def _finding(path: str, key: str, **fields: object) -> Finding:
    return Finding(path, key, fields)


def time_on(problem: Problem, machine: str, start: int, end: int) -> int:
    """How much of the time from start to end a machine is on shift."""
    calendar = problem.calendars.get(problem.machines[machine].calendar or "")
    if calendar is None:
        return end - start
    if calendar.period is None:
        return sum(max(min(b, end) - max(a, start), 0) for a, b in calendar.on)
    return sum(
        max(min(b + k * calendar.period, end) - max(a + k * calendar.period, start), 0)
        for k in range(start // calendar.period, end // calendar.period + 1)
        for a, b in calendar.on
    )


def _single(problem: Problem, plan: Plan, specs: dict[tuple[str, str], Operation]) -> Iterator[Finding]:
    """Each operation on a machine that can do it, for as long as it takes, on shift."""
    for o in plan.operations:
        spec, path = specs[o.job, o.operation], f"{o.job}.{o.operation}"
        if o.machine not in spec.on:
            yield _finding(path, "schedule.wrong_machine", machine=o.machine)
            continue
        work = spec.on[o.machine]
        begins_on = time_on(problem, o.machine, o.start, o.start + 1) == 1
        ends_on = time_on(problem, o.machine, o.end - 1, o.end) == 1
        whole = spec.interruptible or o.end - o.start == work
        if o.start < 0 or time_on(problem, o.machine, o.start, o.end) != work or not (begins_on and ends_on and whole):
            yield _finding(path, "schedule.wrong_time", machine=o.machine, start=o.start, end=o.end, work=work)


def _jobs(problem: Problem, plan: Plan) -> Iterator[Finding]:
    """Each job after its release, its operations after those they wait for."""
    by_name = {(o.job, o.operation): o for o in plan.operations}
    for job, spec in problem.jobs.items():
        names = operation_names(spec)
        for i, name in enumerate(names):
            o, told = by_name[job, name], spec.operations[i].after
            if o.start < spec.release:
                yield _finding(f"{job}.{name}", "schedule.too_early", start=o.start, limit=spec.release)
            for before in names[i - 1 : i] if told is None and i else told or ():
                if by_name[job, before].end > o.start:
                    limit = by_name[job, before].end
                    yield _finding(f"{job}.{name}", "schedule.too_early", start=o.start, limit=limit)


def _machines(problem: Problem, plan: Plan) -> Iterator[Finding]:
    """On each machine one operation after the other, the set-ups between them."""
    by_machine: dict[str, list[PlannedOperation]] = defaultdict(list)
    for o in sorted(plan.operations, key=lambda o: (o.start, o.end)):
        by_machine[o.machine].append(o)
    for machine, row in by_machine.items():
        spec = problem.machines[machine]
        made: str | None = spec.made
        end = 0
        for o in row:
            product = problem.jobs[o.job].product
            if o.start < end:
                yield _finding(f"{o.job}.{o.operation}", "schedule.overlap", machine=machine, start=o.start, end=end)
            setup = setup_needed(spec, made, product)
            if o.setup != setup or time_on(problem, machine, end, max(o.start, end)) < setup:
                yield _finding(f"{o.job}.{o.operation}", "schedule.no_setup", machine=machine, setup=setup)
            made, end = product, o.end


def setup_needed(machine: Machine, made: str | None, product: str | None) -> int:
    """The set-up from what was made to what is to be made, by the rule that says most."""
    best, time = -1, 0
    for rule in machine.setups:
        same = made is not None and made == product
        before_fits = rule.before == made or (rule.before == ANY and not same)
        after_fits = rule.after == product or (rule.after == ANY and not same)
        says = 2 * (rule.after != ANY) + (rule.before != ANY)
        if before_fits and after_fits and says > best:
            best, time = says, rule.time
    return time


def _resources(problem: Problem, plan: Plan, specs: dict[tuple[str, str], Operation]) -> Iterator[Finding]:
    """Never more of a resource held than there is."""
    for name, resource in problem.resources.items():
        changes: list[tuple[int, int]] = []
        for o in plan.operations:
            count = specs[o.job, o.operation].needs.get(name, 0)
            changes += [(o.start, count), (o.end, -count)]
        held = 0
        for (time, change), (later, _) in pairwise([*sorted(changes), (2**62, 0)]):
            held += change
            if held > resource.count and later > time:
                yield _finding(name, "schedule.held", resource=name, held=held, there=resource.count, time=time)
                break


def _figures(problem: Problem, plan: Plan) -> Iterator[Finding]:
    """The makespan, the lateness of each job and the cost are what the operations say."""
    ends = {job: max(o.end for o in plan.operations if o.job == job) for job in problem.jobs}
    late = {job: 0 if s.due is None else max(ends[job] - s.due, 0) for job, s in problem.jobs.items()}
    tardiness = sum(spec.weight * late[job] for job, spec in problem.jobs.items())
    cost = problem.objective.makespan * max(ends.values()) + problem.objective.tardiness * tardiness
    told = (plan.makespan, plan.weighted_tardiness, plan.cost, {j: (p.completed, p.late) for j, p in plan.jobs.items()})
    if told != (max(ends.values()), tardiness, cost, {j: (ends[j], late[j]) for j in ends}) or plan.bound > plan.cost:
        yield _finding("plan", "schedule.wrong_figures", cost=cost, told=plan.cost)
