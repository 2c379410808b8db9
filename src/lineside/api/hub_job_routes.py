"""Long work of a hub: its export and its backups."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from litestar import Request, post
from litestar.params import JSONBody

from lineside.api.guard import TheCaller, needs
from lineside.api.hub_parameters import TheHub
from lineside.api.job_routes import JobRequest, job_json
from lineside.api.problems import language_of
from lineside.errors import ConfigurationError
from lineside.hub import EXPORT, submit_export
from lineside.node import BACKUP, require_file_books, submit_backup
from lineside.trust import Permission, require


@post("/api/jobs", opt=needs(Permission.RUN_JOBS), sync_to_thread=True)
def hub_job_submit(
    hub: TheHub, request: Request[Any, Any, Any], data: JSONBody[JobRequest], caller: TheCaller
) -> dict[str, Any]:
    """Queues a job: an export or a backup to `target`, a new folder on the hub's machine.

    A backup may be encrypted `to` a public key; one of a hub with its books in PostgreSQL is refused.
    """
    target, to = data.params.get("target"), data.params.get("to")
    if not isinstance(target, str) or data.kind not in {EXPORT, BACKUP}:
        raise ConfigurationError("hub.job_kind", kind=data.kind[:40], known=f"{EXPORT}, {BACKUP}")
    require(caller, Permission.KEEP_NODE)
    if data.kind == EXPORT:
        job = submit_export(hub.jobs, hub.folder, Path(target), caller.who)
    else:
        require_file_books(hub.settings)
        job = submit_backup(hub.jobs, hub.folder, Path(target), caller.who, None if to is None else str(to))
    return job_json(job, language_of(request))
