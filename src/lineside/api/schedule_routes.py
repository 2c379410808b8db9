"""Schedules: search for a plan, look at it, change it by hand."""

from __future__ import annotations

from typing import Any

from litestar import Request, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Struct

from lineside.api.guard import needs
from lineside.api.job_routes import job_json
from lineside.api.parameters import TheNode
from lineside.api.problems import language_of
from lineside.errors import ConfigurationError
from lineside.jobs import Job
from lineside.node import SOLVE
from lineside.trust import Permission
from lineside.twin.schedule import has_solver, problem_of_text

_FIGURES = ("cost", "bound", "optimal", "makespan", "weighted_tardiness", "seconds")


class ScheduleRequest(Struct, forbid_unknown_fields=True):
    """A problem to plan: `lineside.schedule/1`, or as `text` the numbers of an instance of the literature."""

    problem: dict[str, Any] | None = None
    text: str | None = None
    name: str = ""
    seconds: float = 20.0
    seed: int = 1
    twin: str | None = None


class Sequences(Struct, forbid_unknown_fields=True):
    """Every operation as (job, operation), machine by machine in the order wanted."""

    machines: dict[str, list[tuple[str, str]]]


@get("/api/schedule", opt=needs(Permission.READ_JOBS), sync_to_thread=True)
def schedule_list(node: TheNode, request: Request[Any, Any, Any]) -> dict[str, Any]:
    """Whether this node can plan, the lines with a twin to trust, and the searches so far, the newest first."""
    trusted = node.schedules.lines()
    return {
        "solver": has_solver(),
        "twins": [{"line": line.id, "name": line.name} for line in node.plant.lines.values() if line.id in trusted],
        "searches": [_search(job, language_of(request)) for job in node.jobs.recent(200, SOLVE)],
    }


@post("/api/schedule", opt=needs(Permission.PLAN), sync_to_thread=True)
def schedule_submit(node: TheNode, request: Request[Any, Any, Any], data: JSONBody[ScheduleRequest]) -> dict[str, Any]:
    """Queues a search; the job's result is the best plan (`lineside.plan/1`), also when it is cancelled."""
    document = data.problem
    if document is None:
        document = problem_of_text(data.text or "", data.name or "problem")
    if data.seed < 0:
        raise ConfigurationError("api.seed", seed=data.seed)
    asked = node.schedules.submit(node.jobs, document, seconds=data.seconds, seed=data.seed, line=data.twin)
    return _search(asked, language_of(request))


@get("/api/schedule/{job:int}", opt=needs(Permission.READ_JOBS), sync_to_thread=True)
def schedule_view(node: TheNode, request: Request[Any, Any, Any], job: FromPath[int]) -> dict[str, Any]:
    """One search: the problem, and its plan, prospect and laws when it is over."""
    found = node.jobs.get(job)
    if found.kind != SOLVE:
        raise ConfigurationError("node.no_plan", job=job)
    return _search(found, language_of(request)) | {"problem": found.params["problem"], "found": found.result}


@post("/api/schedule/{job:int}/edit", opt=needs(Permission.READ_JOBS), status_code=200, sync_to_thread=True)
def schedule_edit(node: TheNode, job: FromPath[int], data: JSONBody[Sequences]) -> dict[str, Any]:
    """The plan of a search with other sequences, timed anew and judged; nothing is kept."""
    return node.schedules.moved(node.jobs.get(job), data.machines)


@get("/api/schedule/{job:int}/beside/{other:int}", opt=needs(Permission.READ_JOBS), sync_to_thread=True)
def schedule_beside(node: TheNode, job: FromPath[int], other: FromPath[int]) -> dict[str, Any]:
    """The plan of another search for the same problem, judged by the same laws as this one's."""
    return node.schedules.beside(node.jobs.get(job), node.jobs.get(other))


def _search(job: Job, language: str) -> dict[str, Any]:
    """A search without the problem and the plan, but with the plan's figures."""
    told = job_json(job, language) | {key: job.params[key] for key in ("seconds", "seed", "line")}
    del told["result"]
    if job.result is None:
        return told | {"figures": None}
    plan: dict[str, Any] = job.result["plan"]  # type: ignore[assignment]
    late = sum(not one["on_time"] for one in plan["jobs"].values())
    figures = {key: plan[key] for key in _FIGURES} | {"late": late, "jobs": len(plan["jobs"])}
    return told | {"figures": figures | {"stopped": job.result["stopped"]}}
