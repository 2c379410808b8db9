"""Follows a job with progress, in this process or in the node that runs on the folder."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from lineside.cli.remote import RemoteNode
from lineside.errors import LinesideError
from lineside.jobs import Job, JobState

_LOOK_EVERY_S = 0.2


def plain(job: Job) -> dict[str, Any]:
    """A job of this process as the API tells it."""
    error = None if job.error_key is None else {"key": job.error_key, "fields": job.error_fields or {}}
    return {
        "state": job.state.value,
        "done": job.done,
        "total": job.total,
        "message": job.message,
        "result": job.result,
        "error": error,
    }


def follow_remote(node: RemoteNode, kind: str, params: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The same of a job that a running node is asked to do."""
    job = node.post("/api/jobs", {"kind": kind, "params": params})["id"]
    return follow(lambda: node.get(f"/api/jobs/{job}"), lambda: node.delete(f"/api/jobs/{job}"))


def follow(look: Callable[[], dict[str, Any]], cancel: Callable[[], object] | None = None) -> Mapping[str, Any] | None:
    """Shows how far a job is until it is over; its result, None when a person stopped it. Raises what ended it."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    screen = Console(stderr=True)
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as shown:
        task = shown.add_task("", total=None)
        while True:
            try:
                job = look()
                if JobState(job["state"]).over:
                    return _result(job)
                shown.update(task, description=job["message"], completed=job["done"], total=job["total"])
                time.sleep(_LOOK_EVERY_S)
            except KeyboardInterrupt:
                if cancel is None:
                    raise
                cancel()


def _result(job: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if job["error"] is not None:
        raise LinesideError(job["error"]["key"], **job["error"]["fields"])
    result: Mapping[str, Any] | None = job["result"]
    return result
