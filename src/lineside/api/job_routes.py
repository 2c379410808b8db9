"""Long work: what runs, start it, stop it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from litestar import Request, delete, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Struct, field

from lineside.api.guard import needs
from lineside.api.parameters import TheNode
from lineside.api.problems import language_of
from lineside.errors import ConfigurationError, LinesideError
from lineside.jobs import Job
from lineside.node import Node, submit_backup, submit_import
from lineside.trust import Permission


class JobRequest(Struct, forbid_unknown_fields=True):
    """A job to run."""

    kind: str
    params: dict[str, Any] = field(default_factory=dict)


@get("/api/jobs", opt=needs(Permission.READ_JOBS), sync_to_thread=True)
def job_list(node: TheNode, request: Request[Any, Any, Any]) -> list[dict[str, Any]]:
    """The newest jobs first."""
    return jobs_json(node, language_of(request))


@get("/api/jobs/{job:int}", opt=needs(Permission.READ_JOBS), sync_to_thread=True)
def job_state(node: TheNode, request: Request[Any, Any, Any], job: FromPath[int]) -> dict[str, Any]:
    """One job, with its result."""
    return job_json(node.jobs.get(job), language_of(request))


@post("/api/jobs", opt=needs(Permission.RUN_JOBS), sync_to_thread=True)
def job_submit(node: TheNode, request: Request[Any, Any, Any], data: JSONBody[JobRequest]) -> dict[str, Any]:
    """Queues a job: an import of `files` of a `source`, or a backup to `target`; paths on the node's machine."""
    files, target = data.params.get("files"), data.params.get("target")
    if data.kind == "backup" and isinstance(target, str):
        job = submit_backup(node.jobs, node.folder, Path(target))
    elif data.kind == "import" and isinstance(files, list) and all(isinstance(file, str) for file in files):
        job = submit_import(node.jobs, data.params)
    else:
        raise ConfigurationError("api.job_kind", kind=data.kind)
    return job_json(job, language_of(request))


@delete("/api/jobs/{job:int}", opt=needs(Permission.RUN_JOBS), status_code=200, sync_to_thread=True)
def job_cancel(node: TheNode, request: Request[Any, Any, Any], job: FromPath[int]) -> dict[str, Any]:
    """Asks a job to stop; what it finished stays."""
    node.jobs.cancel(job)
    return job_json(node.jobs.get(job), language_of(request))


def jobs_json(node: Node, language: str) -> list[dict[str, Any]]:
    """The newest jobs as plain data, without their results: these can be long, and the one job tells its own."""
    return [job_json(job, language) | {"result": None} for job in node.jobs.recent(20)]


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
