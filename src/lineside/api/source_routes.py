"""The sources: how each one is and what it gives, which types there are, and the trying of one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from litestar import Request, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct, field

from lineside.api.guard import TheReach, Within, in_path, needs
from lineside.api.job_routes import job_json
from lineside.api.parameters import From, TheNode, To
from lineside.api.problems import language_of
from lineside.connect import PUSH, FileRead, Option, sources, without_password
from lineside.errors import ConfigurationError, LinesideError
from lineside.history import Event, Quality
from lineside.measure import parse_window
from lineside.node import Health, Node, now_us
from lineside.plant import Draft, DraftSignal, Finding, Kind, PlantFileError, fragment, read_by
from lineside.texts import DEFAULT_LANGUAGE, has, say
from lineside.trust import Permission, Reach

_A_DAY = 86_400_000_000
_LOSSES_SHOWN = 50


class SignalAsked(Struct, forbid_unknown_fields=True):
    """A signal of a source to be."""

    address: Annotated[str, Meta(min_length=1)]
    kind: Kind
    id: str = ""
    unit: str = ""


class DraftAsked(Struct, forbid_unknown_fields=True):
    """A source to be, and with `signals` the machine it feeds: the source's id when left out, in the first line."""

    id: str
    type: str
    url: str = ""
    device: str = ""
    options: dict[str, bool | float | str] = field(default_factory=dict)
    machine: str = ""
    line: str = ""
    signals: list[SignalAsked] = field(default_factory=list)


class ListenAsked(Struct, forbid_unknown_fields=True):
    """Whom to listen to: a `source` of the plant, or one that is a `draft`."""

    source: str | None = None
    draft: DraftAsked | None = None
    seconds: float = 10.0


@get("/api/sources", opt=needs(Permission.READ_SOURCES, Within.FILTERED), sync_to_thread=False)
def source_list(node: TheNode, request: Request[Any, Any, Any], reach: TheReach) -> list[dict[str, Any]]:
    """How each source is doing, in words and figures."""
    told = {source["id"]: source for source in sources_json(node, language_of(request))}
    return list(sources_within(told, reach).values())


def sources_within(sources: Mapping[str, Any], reach: Reach) -> Mapping[str, Any]:
    """Those that feed a machine in reach, with such machines only."""
    if reach.whole:
        return sources
    return {
        name: source | {"machines": [machine for machine in source["machines"] if reach.machine(machine)]}
        for name, source in sources.items()
        if reach.touches(name)
    }


def sources_json(node: Node, language: str) -> list[dict[str, Any]]:
    """The sources of the plant with state, reason, age and figures."""
    return [_source(node, name, health, language) for name, health in node.intake.health.items()]


def _source(node: Node, name: str, health: Health, language: str) -> dict[str, Any]:
    now, vitals, settings = now_us(), health.vitals, health.settings
    heard = node.intake.last_heard(name)
    failure = vitals.failure
    return {
        "id": name,
        "type": settings.type,
        "url": settings.url and without_password(settings.url),
        "machines": [machine.id for machine in node.plant.machines.values() if machine.source == name],
        "promise": health.promise,
        "state": health.state.value,
        "reason": health.reason(language),
        "cure": health.cure(language),
        "stale_after_s": settings.stale_after_s,
        "last_ms": None if heard is None else heard // 1000,
        "age_s": None if heard is None else max(0, now - heard) // 1_000_000,
        "since_ms": health.since // 1000,
        "values": health.values,
        "heard_per_s": round(vitals.heard.per_second, 2),
        "stored_per_s": round(vitals.stored.per_second, 2),
        "waiting": vitals.waiting,
        "most_waiting": vitals.most_waiting,
        "dropped": vitals.dropped,
        "losses": vitals.losses,
        "failures": vitals.failures,
        "failure": failure
        and {
            "time_ms": failure.time // 1000,
            "reason": LinesideError(failure.key, **failure.fields).sentence(language),
        },
        "skew_s": None if vitals.skew_s is None else round(vitals.skew_s, 3),
    }


@get("/api/sources/{source:str}", opt=needs(Permission.READ_SOURCES, in_path("source")))
async def source_view(
    node: TheNode, request: Request[Any, Any, Any], source: FromPath[str], reach: TheReach
) -> dict[str, Any]:
    """One source, with the signals it feeds and what was lost in the last day."""
    health, language, now = node.intake.health.get(source), language_of(request), now_us()
    if health is None:
        raise ConfigurationError("node.no_source", source=source, known=", ".join(node.intake.health))
    events = await asyncio.to_thread(node.history.events, now - _A_DAY, now + _A_DAY, source)
    losses = [event for event in events if event.kind == "loss"]
    shown = sources_within({source: _source(node, source, health, language)}, reach)
    return {
        **shown[source],
        "signals": [one for one in _signals(node, source, now) if reach.machine(one["machine"])],
        "told": [_loss(event, source, language) for event in losses[: -_LOSSES_SHOWN - 1 : -1]],
        "told_total": len(losses),
        "files": [_file(file, language) for file in node.intake.files_of(source)],
    }


def _file(file: FileRead, language: str) -> dict[str, Any]:
    error = None if file.error is None else LinesideError(file.error[0], **file.error[1])
    return {
        "name": file.name,
        "time_ms": file.time // 1000,
        "rows": file.rows,
        "values": file.values,
        "faulty": file.faulty,
        "faults": [
            {
                "line": line,
                "column": column,
                "example": cell,
                "problem": say(f"connect.setaside.{reason}", language),
                "cure": say(cure, language) if has(cure := f"connect.setaside.{reason}.cure") else None,
            }
            for reason, line, column, cell in file.faults
        ],
        "problem": error and error.sentence(language),
        "cure": error and error.cure(language),
    }


def _signals(node: Node, source: str, now: int) -> list[dict[str, Any]]:
    known = node.history.catalogue()
    rows = []
    for one in read_by(node.plant, source):
        last = node.history.last(known[one.key].id) if one.key in known else None
        value = None if last is None else last.text if last.number is None else last.number
        rows.append(
            {
                "machine": one.owner,
                "signal": one.id,
                "address": one.address,
                "kind": one.kind,
                "unit": one.unit,
                "value": value,
                "quality": None if last is None else Quality(last.quality).name.lower(),
                "time_ms": None if last is None else last.time // 1000,
                "age_s": None if last is None else (now - last.time) // 1_000_000,
            }
        )
    return rows


def _loss(event: Event, source: str, language: str) -> dict[str, Any]:
    detail = json.loads(event.detail)
    error = LinesideError(detail["key"], **{"source": source, **detail["fields"]})
    return {"time_ms": event.time // 1000, "reason": error.sentence(language), "cure": error.cure(language)}


@get("/api/heard", opt=needs(Permission.READ_SOURCES, Within.FILTERED), sync_to_thread=True)
def heard(node: TheNode, start: From, end: To, reach: TheReach) -> dict[str, Any]:
    """When each source was heard in a window, as pairs of epoch milliseconds; between them nobody listened to it."""
    first, last = parse_window(start, end, node.plant)
    last = max(min(last, now_us()), first + 1)
    return {
        "from_ms": first // 1000,
        "to_ms": last // 1000,
        "sources": {
            name: (node.history.heard(name, first, last) // 1000).tolist()
            for name in node.plant.sources
            if reach.touches(name)
        },
    }


@get("/api/types", opt=needs(Permission.READ_SOURCES, Within.ANYWHERE), sync_to_thread=True)
def source_types(request: Request[Any, Any, Any]) -> list[dict[str, Any]]:
    """The types of source that this node can listen to, with the options of each."""
    language = language_of(request)
    return [
        {
            "type": name,
            "promise": kind.PROMISE,
            "address": say(f"option.{name}", language) if has(f"option.{name}") else None,
            "options": [_option(name, option, known, language) for option, known in kind.OPTIONS.items()],
        }
        for name, kind in sources().items()
        if name != PUSH
    ]


def _option(type: str, name: str, option: Option, language: str) -> dict[str, Any]:
    key = f"option.{type}.{name}"
    number = not isinstance(option.default, bool | str)
    text = say(key, language) if language != DEFAULT_LANGUAGE and has(key) else option.description
    return {
        "name": name,
        "default": option.default,
        "low": option.low if number else None,
        "high": option.high if number and option.high != float("inf") else None,
        "description": text.replace("`", ""),
    }


@post("/api/sources/fragment", opt=needs(Permission.READ_SOURCES), status_code=200, sync_to_thread=True)
def source_fragment(node: TheNode, request: Request[Any, Any, Any], data: JSONBody[DraftAsked]) -> dict[str, Any]:
    """What a source to be adds to the plant file, and what would be wrong with it there; nothing is written."""
    draft, language = _draft(node, data), language_of(request)
    findings: tuple[Finding, ...] = ()
    try:
        node.trials.drafted(draft)
    except PlantFileError as error:
        findings = error.findings
    return {"fragment": fragment(draft), "findings": findings_json(findings, language)}


def findings_json(findings: Sequence[Finding], language: str) -> list[dict[str, str]]:
    """What the plant file would refuse, in words."""
    return [{"key": f.key, "problem": f.sentence(language), "cure": f.cure(language)} for f in findings]


@post("/api/sources/listen", opt=needs(Permission.RUN_JOBS), sync_to_thread=True)
def source_listen(node: TheNode, request: Request[Any, Any, Any], data: JSONBody[ListenAsked]) -> dict[str, Any]:
    """Queues listening to a source for some seconds; the job's result says what came, and nothing is stored."""
    plant, name = node.plant, data.source or ""
    if data.draft is not None:
        draft = _draft(node, data.draft)
        plant, name = node.trials.drafted(draft), draft.id
    return job_json(node.trials.submit(node.jobs, plant, name, data.seconds), language_of(request))


def _draft(node: Node, asked: DraftAsked) -> Draft:
    signals = [DraftSignal(one.address, one.kind, one.id, one.unit) for one in asked.signals]
    line = asked.line or next(iter(node.plant.lines), "")
    return Draft(asked.id, asked.type, asked.url, asked.device, asked.options, asked.machine, line, signals)
