"""The twin of a line: what it is, how far it can be trusted, what it answers."""

from __future__ import annotations

import time as clock
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from litestar import Request, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Struct, field
from msgspec.structs import asdict

from lineside.api.guard import TheReach, Within, in_path, needs
from lineside.api.job_routes import job_json
from lineside.api.parameters import TheNode
from lineside.api.problems import language_of
from lineside.api.twin_view import drift_json, parameter_json, station_json, trust_json
from lineside.measure import parse_window
from lineside.node import submit_fit, submit_question, tonight
from lineside.trust import Permission
from lineside.twin.fit import parse_twin

_FRESH_S = 20.0


class ChangeMade(Struct, forbid_unknown_fields=True):
    """What was changed in the line, as `lineside.changes/1` lists changes, and since when; none forgets the last."""

    since: str
    changes: list[dict[str, Any]]


class FitRequest(Struct, forbid_unknown_fields=True, rename={"start": "from", "end": "to"}):
    """What a twin is to be fitted to; the last weeks when left out."""

    start: str | None = None
    end: str | None = None
    change: ChangeMade | None = None
    """What to try the twin on, too."""


class ShockAsked(Struct, forbid_unknown_fields=True):
    """What goes wrong, from `start` on for `duration` seconds of a run from an empty line."""

    kind: Literal["station", "source", "resource", "power"]
    start: float
    duration: float
    name: str = ""
    less: float = 1.0


class Question(Struct, forbid_unknown_fields=True):
    """What to ask a twin: `what_if`, `rank`, `bottleneck`, `buffers` or `shock`, with what that needs."""

    question: str
    changes: list[dict[str, Any]] = field(default_factory=list)
    places: int | None = None
    shock: ShockAsked | None = None


@get("/api/twin", opt=needs(Permission.READ_FACTS, Within.FILTERED), sync_to_thread=True)
def twin_list(node: TheNode, reach: TheReach) -> list[dict[str, Any]]:
    """Every line, and whether it has a twin."""
    known = node.twins.verdicts()
    return [
        {"line": line.id, "name": line.name} | known.get(line.id, {"made_ms": None, "verdict": None})
        for line in node.plant.lines.values()
        if reach.line(line.id)
    ]


@get("/api/twin/{line:str}", opt=needs(Permission.READ_FACTS, in_path("line")), sync_to_thread=True)
def twin_view(node: TheNode, request: Request[Any, Any, Any], line: FromPath[str]) -> dict[str, Any]:
    """The twin of a line: model, parameters with their origin, trust, bottleneck."""
    language, plant = language_of(request), node.plant
    kept = node.twins.newest(line)
    fits = node.jobs.recent(1, "twin.fit", line=line)
    job = next((one for one in fits if kept is None or one.submitted_us > kept.made_us), None)
    name = plant.lines[line].name if line in plant.lines else line
    whole: dict[str, Any] = {
        "line": line,
        "name": name,
        "twin": None,
        "job": None if job is None else job_json(job, language),
    }
    if kept is None:
        return whole
    twin = parse_twin(kept.twin, line)
    names = node.twins.names(twin)
    result: Mapping[str, Any] = kept.today["result"]  # type: ignore[assignment]
    throughput = result["throughput"]
    whole["twin"] = {
        "id": kept.id,
        "made_ms": kept.made_us // 1000,
        "from_ms": kept.start_us // 1000 + round(twin.start * 1000),
        "to_ms": kept.end_us // 1000,
        "stations": [station_json(twin, result, station, names) for station in twin.line.stations],
        "throughput": {
            "mean": throughput["mean"] * 3600 * (twin.end - twin.start) / twin.on,
            "half_width": (throughput["half_width"] or 0.0) * 3600 * (twin.end - twin.start) / twin.on,
            "unit": "1/h",
        },
        "observed_throughput": twin.made / twin.on * 3600,
        "model": kept.twin["line"],
        "parameters": [parameter_json(parameter, names, language) for parameter in twin.parameters],
        "findings": [
            {"path": f.path, "sentence": f.sentence(language), "cure": f.cure(language)} for f in twin.findings
        ],
        "drift": [drift_json(change, names, kept.start_us, language) for change in twin.changes],
        "bottleneck": kept.today["bottleneck"],
        "trust": trust_json(kept.trust, names, kept.start_us, language),
    }
    return whole


@get("/api/twin/{line:str}/document", opt=needs(Permission.READ_FACTS, in_path("line")), sync_to_thread=True)
def twin_document(node: TheNode, line: FromPath[str]) -> dict[str, Any]:
    """The newest twin of a line and its trial as documents (`lineside.twin/1`, `lineside.trust/1`)."""
    node.twins.twin(line)
    kept = node.twins.newest(line)
    return {} if kept is None else {"id": kept.id, "twin": kept.twin, "trust": kept.trust}


@post("/api/twin/{line:str}/fit", opt=needs(Permission.RUN_JOBS, in_path("line")), sync_to_thread=True)
def twin_fit(
    node: TheNode, request: Request[Any, Any, Any], line: FromPath[str], data: JSONBody[FitRequest]
) -> dict[str, Any]:
    """Queues a fit of a line's twin, with its trial on shifts held out."""
    start = end = None
    if data.start is not None and data.end is not None:
        start, end = parse_window(data.start, data.end, node.plant)
    change = None if data.change is None else asdict(data.change)
    return job_json(submit_fit(node.jobs, node.plant, line, start, end, change), language_of(request))


@post("/api/twin/{line:str}/ask", opt=needs(Permission.PLAN, in_path("line")), sync_to_thread=True)
def twin_ask(
    node: TheNode, request: Request[Any, Any, Any], line: FromPath[str], data: JSONBody[Question]
) -> dict[str, Any]:
    """Queues a question to a line's twin; the job's result is the answer (`lineside.answer/1`)."""
    language = language_of(request)
    asked: dict[str, Any] = {"language": language}
    asked |= {"changes": data.changes} if data.changes else {}
    asked |= {} if data.places is None else {"places": data.places}
    asked |= {} if data.shock is None else {"shock": asdict(data.shock)}
    node.twins.require(line, data.question, asked)
    return job_json(submit_question(node.jobs, node.plant, line, data.question, asked), language)


Limit = Annotated[int, QueryParameter(ge=1, le=200, description="At most so many questions, the newest.")]


@get("/api/twin/{line:str}/answers", opt=needs(Permission.READ_JOBS, in_path("line")), sync_to_thread=True)
def twin_answers(
    node: TheNode, request: Request[Any, Any, Any], line: FromPath[str], limit: Limit = 20
) -> list[dict[str, Any]]:
    """The questions asked of a line's twin, the newest `limit` first, with their answers."""
    language, asked = language_of(request), node.jobs.recent(limit, "twin.ask", line=line)
    return [job_json(job, language) | {"params": dict(job.params)} for job in asked]


@get("/api/twin/{line:str}/candidates", opt=needs(Permission.READ_FACTS, in_path("line")), sync_to_thread=True)
def twin_candidates(node: TheNode, request: Request[Any, Any, Any], line: FromPath[str]) -> list[dict[str, Any]]:
    """Ready-made changes of a line, as `lineside.changes/1` holds them."""
    twin = node.twins.twin(line)
    return [
        change.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        for change in node.twins.candidates(twin, language_of(request))
    ]


@get("/api/twin/{line:str}/tonight", opt=needs(Permission.READ_FACTS, in_path("line")), sync_to_thread=True)
def twin_tonight(node: TheNode, line: FromPath[str]) -> dict[str, Any]:
    """Units by the end of the running shift and each order's chance to be on time; made anew every 20 s at most."""
    known = node.forecasts.get(line)
    if known is None or clock.monotonic() - known[0] > _FRESH_S:
        known = node.forecasts[line] = (clock.monotonic(), tonight(node.twins, line))
    return known[1]
