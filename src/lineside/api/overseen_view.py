"""What authorities ask of this factory, as the API and the commands tell it. Times in milliseconds since 1970."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import msgspec

from lineside.api.membership_view import value_json
from lineside.errors import LinesideError
from lineside.exchange import Addressed, Limit, Question, Reply, Sandbox, catalogue
from lineside.jobs import Job
from lineside.node import CONCERNS, Answer, Document, Draft, Held, Node, Said, ToldIncident
from lineside.texts import has, say

_FLOWS = ("profile", "indicator/*", "replies", "incidents", "exposures")


def overseen_json(node: Node, language: str) -> dict[str, Any]:
    """All that the hub asks and offers, what was said to it, and who looked; nothing where this is no member."""
    found = node.member.memberships.current()
    if found is None or found.over or found.member is None:
        return {"member": False}
    overseen, opened = node.overseen, node.member.opened(found)
    kept, fetch = overseen.kept, overseen.kept.fetch(found)
    replies, words = overseen.answering.replies(), overseen.terms.words()
    now_ms = node.member.now() // 1000
    return {
        "member": True,
        "hub": {"id": found.hub, "name": found.invitation.name, "address": found.invitation.address},
        "asked_ms": None if fetch is None else fetch.asked_us // 1000,
        "problem": None if fetch is None else problem_json(fetch.problem, language),
        "released": {one: any(_names(each.things, one) for each in opened) for one in _FLOWS},
        "questions": [
            _question(one, replies.get(one.sha256), now_ms, language) for one in kept.documents(found, Question)
        ],
        "sandboxes": [
            _sandbox(one, words.get(one.sha256), overseen.terms.held(one.says), language)
            for one in kept.documents(found, Sandbox)
        ],
        "incidents": [_incident(one, language) for one in overseen.incidents.all()],
        "concerns": [{"id": one, "name": concern_name(one, language)} for one in CONCERNS],
        "severities": [{"id": one, "name": say(f"overseen.severity.{one}", language)} for one in range(1, 5)],
        "exposure": _exposure(overseen.exposures.last(), language),
    }


def _names(things: frozenset[str], flow: str) -> bool:
    """Whether a release names a thing, or any of a kind."""
    return any(one.startswith(flow[:-1]) for one in things) if flow.endswith("*") else flow in things


def problem_json(why: LinesideError | None, language: str) -> dict[str, Any] | None:
    """What went wrong, in words."""
    if why is None:
        return None
    return {"key": why.key, "sentence": why.sentence(language), "cure": why.cure(language)}


def said_json(said: Said, language: str) -> dict[str, Any]:
    """A statement with what became of it."""
    return {
        "number": said.number,
        "made_ms": said.made_us // 1000,
        "state": said.progress.value,
        "state_name": say(f"member.progress.{said.progress.value}", language),
        "problem": problem_json(said.problem, language),
    }


# questions


def _question(one: Document[Question], reply: Said | None, now_ms: int, language: str) -> dict[str, Any]:
    asked = one.says
    told = one.told or {}
    due = told.get("due_ms") or asked.due_ms
    late = due is not None and due < now_ms and reply is None
    state = str(told.get("state") or ("answered" if reply else "overdue" if late else "open"))
    return {
        "sha256": one.sha256,
        "number": asked.number,
        "title": getattr(asked.title, language),
        "words": getattr(asked.words, language),
        "purpose": getattr(asked.purpose, language),
        "basis": asked.basis,
        "kind": asked.kind,
        "kind_name": say(f"overseen.kind.{asked.kind}", language),
        "indicators": [_indicator(name, language) for name in asked.indicators],
        "month": asked.month,
        "rule": asked.rule,
        "bands": bands(asked, language),
        "to": _whom(asked.to),
        "duty": asked.duty,
        "due_ms": due,
        "published_ms": asked.published_ms,
        "state": state,
        "state_name": state_name(state, language),
        "carried": one.told is None,
        "reply": None if reply is None else said_json(reply, language) | {"words": reply_words(asked, reply, language)},
    }


def _whom(to: Addressed) -> dict[str, list[Any]]:
    return {name: list(value) for name, value in msgspec.to_builtins(to).items() if value}


def _indicator(name: str, language: str) -> dict[str, str]:
    known = catalogue().indicators.get(name)
    return {"id": name, "name": name if known is None else known.names[language]}


def state_name(state: str, language: str) -> str:
    """How something stands at the hub; a word that this version does not know as it came."""
    key = f"overseen.state.{state}"
    return say(key, language) if has(key) else state


def bands(asked: Question, language: str) -> list[str]:
    """The bands of a question in words, from the lowest."""
    if asked.kind != "band":
        return []
    edges, unit = [_amount(edge, asked.unit) for edge in asked.edges], _unit_words(asked.unit)
    if not edges:
        return [say("overseen.band.any", language)]
    within = [
        say("overseen.band.within", language, low=low, high=high, unit=unit).strip() for low, high in pairwise(edges)
    ]
    below = say("overseen.band.below", language, high=edges[0], unit=unit).strip()
    above = say("overseen.band.above", language, low=edges[-1], unit=unit).strip()
    return [below, *within, above]


def _amount(value: float, unit: str) -> str:
    """A figure as people write it beside `_unit_words`: a share in percent."""
    return f"{100 * value:.10g}" if unit == "share" else f"{value:g}"


def _unit_words(unit: str) -> str:
    return "%" if unit == "share" else unit


def reply_words(asked: Question, said: Said, language: str) -> str:
    """An answer in words."""
    told = said.statement
    return _answer(asked, told, language) if isinstance(told, Reply) else ""


def _answer(asked: Question, told: Reply, language: str) -> str:
    if told.declined:
        return f"{say('overseen.answer.declined', language)}: {told.why}"
    if told.absent is not None:
        return say("overseen.answer.absent", language, why=say(f"exchange.absent.{told.absent}", language))
    if told.yes is not None:
        return say("overseen.answer.yes" if told.yes else "overseen.answer.no", language)
    if told.band is not None:
        known = bands(asked, language)
        words = known[told.band] if told.band < len(known) else ""
        return say("overseen.answer.band", language, place=told.band + 1, words=words)
    return say("overseen.answer.proof", language)


def answer_json(answer: Answer, language: str) -> dict[str, Any]:
    """What would be said to a question: in words, what it was computed of, the bytes, and why it could not leave."""
    reply = answer.draft.statement
    assert isinstance(reply, Reply)  # noqa: S101 - as `Answering` makes it
    return draft_json(answer.draft, language) | {
        "words": _answer(answer.question.says, reply, language),
        "origin_name": say(f"exchange.origin.{reply.origin}", language),
        "coverage": reply.coverage,
        "values": [value_json(one, language) | _named(one.indicator, language) for one in answer.values],
        "document": reply.document or None,
        "reveals": None if answer.reveals is None else dict(answer.reveals),
    }


def _named(indicator: str, language: str) -> dict[str, str]:
    return {"name": _indicator(indicator, language)["name"]}


def draft_json(draft: Draft, language: str) -> dict[str, Any]:
    """What would be said: the bytes as people read them, the things it tells of, and why the valve holds it back."""
    return {
        "raw": json.dumps(json.loads(draft.content), indent=1, ensure_ascii=False),
        "digest": draft.digest,
        "things": list(draft.things),
        "missing": list(draft.missing),
        "held": problem_json(draft.held, language),
    }


# sandboxes


def _sandbox(one: Document[Sandbox], word: Said | None, held: Sequence[Held], language: str) -> dict[str, Any]:
    terms, told = one.says, one.told or {}
    state = str(told.get("state") or "offered")
    return {
        "sha256": one.sha256,
        "number": terms.number,
        "title": getattr(terms.title, language),
        "relaxed": getattr(terms.relaxed, language),
        "basis": terms.basis,
        "first": terms.first,
        "last": terms.last,
        "follows": terms.follows,
        "state": state,
        "state_name": state_name(state, language),
        "carried": one.told is None,
        "why": str(told.get("why") or ""),
        "months": [_judged(month, language) for month in told.get("months", [])],
        "limits": [_held(limit, language) for limit in held],
        "word": None
        if word is None
        else said_json(word, language) | {"agrees": getattr(word.statement, "agrees", None)},
    }


def _judged(month: Mapping[str, Any], language: str) -> dict[str, Any]:
    """A month as the hub judged it."""
    limits = [one for one in month.get("limits", []) if isinstance(one, Mapping)]
    return {
        "month": str(month.get("month", "")),
        "limits": [
            _indicator(str(one.get("indicator", "")), language)
            | {"state": str(one.get("state", "")), "state_name": keeping_name(str(one.get("state", "")), language)}
            for one in limits
        ],
    }


def keeping_name(state: str, language: str) -> str:
    """Whether a limit was kept, in words."""
    key = f"overseen.keeping.{state}"
    return say(key, language) if has(key) else state


def _held(held: Held, language: str) -> dict[str, Any]:
    limit = held.limit
    return _indicator(limit.indicator, language) | {
        "least": limit.least,
        "most": limit.most,
        "months_in_a_row": limit.months,
        "words": limit_words(limit, language),
        "unit": _unit(limit.indicator),
        "months": [
            {
                "month": month,
                "value": None if value is None else value.value,
                "state": state,
                "state_name": keeping_name(state, language),
            }
            for month, value, state in held.months
        ],
    }


def _unit(indicator: str) -> str:
    """Of an indicator; none of one that only a newer edition of the catalogue has."""
    known = catalogue().indicators.get(indicator)
    return "" if known is None else known.unit


def limit_words(limit: Limit, language: str) -> str:
    """A limit in words."""
    which = "both" if limit.least is not None and limit.most is not None else "most" if limit.least is None else "least"
    unit = _unit(limit.indicator)
    low, high = (None if one is None else _amount(one, unit) for one in (limit.least, limit.most))
    return say(f"overseen.limit.{which}", language, least=low, most=high, unit=_unit_words(unit)).strip()


# incidents, and what the plant depends on


def concern_name(concern: str, language: str) -> str:
    """A concern in words; one of a hub's own as it is called there."""
    key = f"overseen.concern.{concern}"
    return say(key, language) if has(key) else concern


def _incident(told: ToldIncident, language: str) -> dict[str, Any]:
    return _happened(told.first, language) | {
        "more": [_happened(one, language) for one in told.more],
        "looks": [msgspec.to_builtins({"at_ms": o.at_ms, "who": o.who, "purpose": o.purpose}) for o in told.looks],
    }


def _happened(said: Said, language: str) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(said.statement)
    return said_json(said, language) | {
        "concern": told["concern"],
        "concern_name": concern_name(told["concern"], language),
        "severity": told["severity"],
        "severity_name": say(f"overseen.severity.{told['severity']}", language),
        "title": told["title"],
        "words": told.get("words", ""),
        "began_ms": told["began_ms"],
        "ended_ms": told.get("ended_ms"),
    }


def _exposure(said: Said | None, language: str) -> dict[str, Any] | None:
    if said is None:
        return None
    told: dict[str, Any] = msgspec.to_builtins(said.statement)
    kept = {name: told.get(name) for name in ("month", "inputs", "energy", "recoveries")}
    return said_json(said, language) | kept


def exposure_basis_json(node: Node) -> dict[str, Any]:
    """What could go into it: the power that signals tell, and the answers of twins to shocks from outside."""
    month, power = node.overseen.exposures.power()
    return {
        "month": month,
        "power_kw": power.total_kw,
        "signals": dict(power.signals),
        "silent": list(power.silent),
        "answers": [_twin_answer(node, one) for one in node.overseen.exposures.answers()],
    }


def _twin_answer(node: Node, job: Job) -> dict[str, Any]:
    line = str(job.params.get("line", ""))
    name = node.plant.lines[line].name if line in node.plant.lines else line
    return {
        "job": job.id,
        "line": line,
        "name": name,
        "shock": job.params["shock"],
        "asked_ms": job.submitted_us // 1000,
    }
