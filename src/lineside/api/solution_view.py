"""Solution packs and needs as the API and the commands tell them. Times in milliseconds since 1970."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec

from lineside.api.job_routes import job_json
from lineside.exchange import Both, Foreseen, Pack, Parameter, catalogue
from lineside.jobs import Job, JobState
from lineside.node import Applied, KeptPack, Node, Offer, Outlook, PackDraft, PostedNeed, compared, outlook, series_of
from lineside.plant import Finding
from lineside.texts import say

_COVERAGE = 0.8
"""What a month needs to be compared, of an indicator that this edition's catalogue has not."""


def solutions_json(node: Node, language: str) -> dict[str, Any]:
    """The packs that are here, and those that were put to use."""
    packs, membership = node.packs, node.member.memberships.current()
    kept, uses = packs.shelf.all(), packs.uses.all()
    return {
        "hub": None if membership is None or membership.over else membership.invitation.name,
        "packs": [card_json(one, uses, language) for one in kept],
        "applied": [applied_json(node, one, language) for one in uses],
    }


def card_json(kept: KeptPack, uses: Sequence[Applied], language: str) -> dict[str, Any]:
    """A pack in short: what it is for, what was measured of it, what it costs, whether it fits."""
    pack, listed = kept.pack, kept.listed
    return {
        "sha256": kept.sha256,
        "id": pack.id,
        "edition": pack.edition,
        "title": _words(pack.title, language),
        "summary": _words(pack.summary, language),
        "indicator": indicator_json(pack.indicator, language),
        "effects": [msgspec.to_builtins(one) for one in pack.effects],
        "cost": {
            "once_cny": list(pack.cost.once_cny),
            "yearly_cny": list(pack.cost.yearly_cny),
            "days": pack.cost.days,
            "members": pack.cost.members,
        },
        "offered_by": pack.offered_by,
        "licence": pack.licence,
        "came": kept.came,
        "taken_ms": kept.taken_us // 1000,
        "newest": kept.newest,
        "fits": None if listed is None else listed.fits,
        "why": [] if listed is None else [*listed.why, *filter(None, [listed.withdrawn_reasons])],
        "withdrawn": listed is not None and listed.withdrawn,
        "in_use": [one.id for one in uses if one.in_use and one.pack == kept.sha256],
    }


def solution_json(node: Node, sha256: str, language: str) -> dict[str, Any]:
    """A pack in full, with what may be chosen for each parameter, and what the twin was asked about it."""
    kept = node.packs.shelf.get(sha256)
    pack = kept.pack
    return {
        **card_json(kept, node.packs.uses.all(), language),
        "parameters": [_parameter(node, one, language) for one in pack.parameters],
        "plant": pack.plant,
        "changes": msgspec.to_builtins(pack.changes),
        "settings": [_setting(one.words, one.value, one.unit, language) for one in pack.settings],
        "instruction": _words(pack.instruction, language),
        "asked": [asked_json(one, pack, language) for one in node.packs.asked(node.jobs, sha256)],
    }


def _parameter(node: Node, one: Parameter, language: str) -> dict[str, Any]:
    told = msgspec.to_builtins(one) | {"words": _words(one.words, language)}
    defaults = {"unit": one.unit, "least": one.least, "most": one.most, "default": one.default}
    return {**defaults, **told, "options": _options(node, one.kind)}


def _options(node: Node, kind: str) -> list[dict[str, str]] | None:
    """What may be chosen, with what people call it; None where it is written."""
    plant = node.plant
    if kind == "line":
        return [{"id": one.id, "name": one.name} for one in plant.lines.values()]
    if kind == "machine":
        return [{"id": one.id, "name": one.name} for one in plant.machines.values()]
    if kind == "station":
        machines = plant.machines
        return [
            {"id": one, "name": machines[one].name if one in machines else one} for one in node.packs.drafts.stations()
        ]
    return None


def pack_draft_json(draft: PackDraft, language: str) -> dict[str, Any]:
    """What a pack would change here."""
    return {
        "pack": draft.kept.sha256,
        "values": dict(draft.choices),
        "line": draft.line,
        "seen": draft.plant.before_sha256,
        "changes_file": draft.plant.changes,
        "diff": list(draft.plant.diff),
        "findings": [_finding(one, language) for one in draft.plant.findings],
        "changes": list(draft.changes),
        "settings": [_setting(one.words, one.value, one.unit, language) for one in draft.settings],
        "instruction": _words(draft.instruction, language),
    }


def _finding(finding: Finding, language: str) -> dict[str, Any]:
    sentence, cure = finding.sentence(language), finding.cure(language)
    return {"line": finding.line, "key": finding.key, "sentence": sentence, "cure": cure}


def asked_json(job: Job, pack: Pack, language: str) -> dict[str, Any]:
    """A question to the twin about a pack, and what the answer says of the pack's indicator."""
    told: dict[str, Any] = {
        **job_json(job, language),
        "values": job.params.get("values"),
        "line": job.params.get("line"),
    }
    if job.state is JobState.DONE and job.result is not None:
        result: Mapping[str, Any] = job.result
        told["outlook"] = _outlook(outlook(pack.indicator, result["answer"], result["part"]), language)
        told["part"] = result["part"]
    return told


def _outlook(found: Outlook, language: str) -> dict[str, Any]:
    basis = None if found.basis is None else say(f"solutions.basis.{found.basis}", language)
    silence = None if found.silence is None else say(f"solutions.silence.{found.silence}", language)
    return {"foreseen": foreseen_json(found.foreseen), "basis": basis, "silence": silence}


def foreseen_json(foreseen: Foreseen | None) -> dict[str, Any] | None:
    """A change of an indicator as an interval of 95 %."""
    if foreseen is None:
        return None
    return {"low": foreseen.low, "high": foreseen.high, "relative": foreseen.relative}


def applied_json(node: Node, applied: Applied, language: str) -> dict[str, Any]:
    """A pack in use, or one that was, with the months before and after it."""
    pack = node.packs.shelf.get(applied.pack).pack
    return {
        "id": applied.id,
        "pack": applied.pack,
        "title": _words(pack.title, language),
        "edition": pack.edition,
        "indicator": indicator_json(pack.indicator, language),
        "values": dict(applied.values),
        "at_ms": applied.at_us // 1000,
        "month": applied.month,
        "before_sha256": applied.before_sha256,
        "after_sha256": applied.after_sha256,
        "foreseen": foreseen_json(applied.foreseen),
        "cost_cny": applied.cost_cny,
        "yearly_cny": list(pack.cost.yearly_cny),
        "told": applied.told,
        "ended_ms": None if applied.ended_us is None else applied.ended_us // 1000,
        "ended_month": applied.ended_month,
        "restored": applied.restored,
        "measured_ms": None if applied.measured_us is None else applied.measured_us // 1000,
        "measured": _measured(applied, pack),
    }


def _measured(applied: Applied, pack: Pack) -> dict[str, Any] | None:
    """The months before and after and their difference; relative where what was foreseen, or piloted, is."""
    series = series_of(applied.measured)
    if series is None:
        return None
    before, after = series
    relative = applied.foreseen.relative if applied.foreseen else any(one.relative for one in pack.effects)
    known = catalogue().indicators.get(pack.indicator)
    coverage = _COVERAGE if known is None else known.coverage
    found = compared(before, after, coverage, applied.foreseen, relative=relative)
    told = {name: getattr(found, name) for name in found.__slots__}
    months = {name: msgspec.to_builtins(values) for name, values in (("before", before), ("after", after))}
    return {**told, "relative": relative, "needs_coverage": coverage, "series": months}


def indicator_json(name: str, language: str) -> dict[str, Any]:
    """What people call an indicator; one that this edition does not know by its id."""
    found = catalogue().indicators.get(name)
    if found is None:
        return {"id": name, "name": name, "unit": "", "better": "higher"}
    return {"id": name, "name": found.names[language], "unit": found.unit, "better": found.better}


def need_json(posted: PostedNeed, language: str) -> dict[str, Any]:
    """A need that was posted, and whether it is over."""
    need = posted.need
    return {
        "number": posted.number,
        "title": need.title,
        "words": need.words,
        "indicator": None if need.indicator is None else indicator_json(need.indicator, language),
        "worth_cny": need.worth_cny,
        "shown": need.shown,
        "made_ms": posted.made_us // 1000,
        "taken": posted.taken,
        "back": posted.back,
    }


def needs_json(node: Node, language: str) -> dict[str, Any]:
    """All of them, and the indicators that a need can name."""
    known = [indicator_json(one, language) for one in catalogue().indicators]
    return {"needs": [need_json(one, language) for one in node.packs.needs.all()], "indicators": known}


def offers_json(node: Node, language: str) -> list[dict[str, Any]]:
    """What the hub tells of offers, asked now; by the number of the need."""
    kept = {one.sha256 for one in node.packs.shelf.all()}
    return [
        {"number": one.number, "offers": [_offer(offer, kept, language) for offer in one.offers]}
        for one in node.packs.needs.offers()
    ]


def _offer(offer: Offer, kept: Collection[str], language: str) -> dict[str, Any]:
    pack = offer.pack
    named = pack or offer.draft
    return {
        "words": offer.words,
        "pack": None if pack is None else pack.sha256,
        "here": pack is not None and pack.sha256 in kept,
        "measured": pack is not None and bool(pack.effects),
        "draft": offer.draft is not None and pack is None,
        "title": "" if named is None else named.title.get(language, ""),
        "by": "" if named is None else named.offered_by,
    }


def _setting(words: Both, value: str, unit: str, language: str) -> dict[str, str]:
    return {"words": _words(words, language), "value": value, "unit": unit}


def _words(words: Both, language: str) -> str:
    return words.zh if language == "zh" else words.en
