"""Long work: what runs, start it, stop it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from litestar import Request, delete, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Struct, field

from lineside.api.guard import TheCaller, TheReach, Within, needs
from lineside.api.house import House, TheHouse
from lineside.api.parameters import TheNode
from lineside.api.problems import language_of
from lineside.errors import ConfigurationError, LinesideError
from lineside.jobs import Job
from lineside.node import submit_backup, submit_import
from lineside.trust import Permission, Reach, require


class JobRequest(Struct, forbid_unknown_fields=True):
    """A job to run."""

    kind: str
    params: dict[str, Any] = field(default_factory=dict)


@get("/api/jobs", opt=needs(Permission.READ_JOBS, Within.FILTERED), sync_to_thread=True)
def job_list(house: TheHouse, request: Request[Any, Any, Any], reach: TheReach) -> list[dict[str, Any]]:
    """The newest jobs first; who reaches some lines only sees the jobs of these."""
    return jobs_json(house, language_of(request), reach)


def in_reach(house: House, number: int, reach: Reach) -> Job:
    """A job, where it is of a line in reach; another is as if there were none. Raises LinesideError."""
    job = house.jobs.get(number)
    if not _is_in(job, reach):
        raise LinesideError("jobs.unknown", job=number)
    return job


def _is_in(job: Job, reach: Reach) -> bool:
    return reach.whole or reach.line(str(job.params.get("line")))


@get("/api/jobs/{job:int}", opt=needs(Permission.READ_JOBS, Within.FILTERED), sync_to_thread=True)
def job_state(house: TheHouse, request: Request[Any, Any, Any], job: FromPath[int], reach: TheReach) -> dict[str, Any]:
    """One job, with its result."""
    return job_json(in_reach(house, job, reach), language_of(request))


@post("/api/jobs", opt=needs(Permission.RUN_JOBS), sync_to_thread=True)
def job_submit(
    node: TheNode, request: Request[Any, Any, Any], data: JSONBody[JobRequest], caller: TheCaller
) -> dict[str, Any]:
    """Queues a job: an import of `files` of a `source`, or a backup to `target`; paths on the node's machine.

    A backup may be encrypted `to` a public key.
    """
    files, target = data.params.get("files"), data.params.get("target")
    if data.kind == "backup" and isinstance(target, str):
        require(caller, Permission.KEEP_NODE)
        to = data.params.get("to")
        job = submit_backup(node.jobs, node.folder, Path(target), caller.who, None if to is None else str(to))
    elif data.kind == "import" and isinstance(files, list) and all(isinstance(file, str) for file in files):
        job = submit_import(node.jobs, {**data.params, "by": caller.who})
    else:
        raise ConfigurationError("api.job_kind", kind=data.kind)
    return job_json(job, language_of(request))


@delete("/api/jobs/{job:int}", opt=needs(Permission.RUN_JOBS, Within.FILTERED), status_code=200, sync_to_thread=True)
def job_cancel(house: TheHouse, request: Request[Any, Any, Any], job: FromPath[int], reach: TheReach) -> dict[str, Any]:
    """Asks a job to stop; what it finished stays."""
    house.jobs.cancel(in_reach(house, job, reach).id)
    return job_json(house.jobs.get(job), language_of(request))


def jobs_json(house: House, language: str, reach: Reach | None = None) -> list[dict[str, Any]]:
    """The newest jobs as plain data, without their results: these can be long, and the one job tells its own."""
    found = [job for job in house.jobs.recent(20) if reach is None or _is_in(job, reach)]
    return [job_json(job, language) | {"result": None} for job in found]


def job_json(job: Job, language: str) -> dict[str, Any]:
    """A job as plain data; times in epoch milliseconds, an error as key and fields and in words."""
    return {
        "id": job.id,
        "kind": job.kind,
        "title": job.title,
        "state": job.state.value,
        "done": job.done,
        "total": job.total,
        "message": job.message,
        "result": job.result,
        "error": None if job.error_key is None else _error_json(job.error_key, job.error_fields or {}, language),
        "submitted_ms": job.submitted_us // 1000,
        "started_ms": None if job.started_us is None else job.started_us // 1000,
        "finished_ms": None if job.finished_us is None else job.finished_us // 1000,
    }


def _error_json(key: str, fields: Mapping[str, object], language: str) -> dict[str, Any]:
    error = LinesideError(key, **fields)
    return {"key": key, "fields": dict(fields), "detail": error.sentence(language), "cure": error.cure(language)}
