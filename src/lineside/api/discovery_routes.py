"""Discovery: look around at an address, and turn what was edited into text of a plant file."""

from __future__ import annotations

from typing import Any

from litestar import Request, get, post
from litestar.params import JSONBody
from msgspec import Struct, field, to_builtins

from lineside.api.guard import Within, needs
from lineside.api.job_routes import job_json
from lineside.api.parameters import TheNode
from lineside.api.problems import language_of
from lineside.api.source_routes import findings_json
from lineside.connect import packs
from lineside.trust import Permission


class DiscoveryRequest(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Where to look around; `line` is the plant's line in which new machines stand, where it has several."""

    url: str
    options: dict[str, str | float | bool] = field(default_factory=dict)
    pack: str | None = None
    watch_s: float | None = None
    line: str | None = None


class EditedTable(Struct, forbid_unknown_fields=True):
    """A table of a discovery as CSV, edited."""

    csv: str
    line: str | None = None


@get("/api/packs", opt=needs(Permission.READ_SOURCES, Within.ANYWHERE), sync_to_thread=False)
def pack_list(request: Request[Any, Any, Any]) -> list[dict[str, Any]]:
    """What is known of common kinds of machines, with the sources of the facts."""
    return [pack.plainly(language_of(request)) for pack in packs().values()]


@post("/api/discover", opt=needs(Permission.RUN_JOBS), sync_to_thread=True)
def discovery_submit(
    node: TheNode, request: Request[Any, Any, Any], data: JSONBody[DiscoveryRequest]
) -> dict[str, Any]:
    """Queues a look around; the job's result holds `proposal`, the same as `csv`, and the `fragment` to add."""
    language = language_of(request)
    return job_json(node.discoveries.submit(node.jobs, to_builtins(data), language), language)


@post("/api/discover/fragment", opt=needs(Permission.READ_SOURCES), status_code=200, sync_to_thread=True)
def discovery_fragment(node: TheNode, request: Request[Any, Any, Any], data: JSONBody[EditedTable]) -> dict[str, Any]:
    """What an edited table adds to the plant file, or what would be wrong with it there; nothing is written."""
    language = language_of(request)
    text, findings = node.discoveries.fragment(data.csv, data.line, language)
    return {"fragment": text, "findings": findings_json(findings, language)}
