"""Applications as plain data: what was applied for, each step, where it stands and who may go on with it how."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from lineside.api.programme_view import fact_json, outcome_json, programme_json
from lineside.hub import Hub
from lineside.hub.applications import Application, Applied, Drafted, Kept, Measured, Payment, Proof, Step
from lineside.hub.support import Comparison, Fact, Told
from lineside.rules import Programme, Range
from lineside.texts import say


@dataclass(frozen=True, slots=True)
class Eyes:
    """Whose an answer is: their language, their account (0: nobody's), what they may do, and why no more."""

    language: str
    account: int
    whole: bool
    """Whether they see all of the hub: they read the names of accounts."""
    may: frozenset[str] = frozenset()
    why_not: str | None = None
    acts_for_member: bool = False


def list_json(hub: Hub, listed: Iterable[Kept], language: str) -> list[dict[str, Any]]:
    """Applications in their order."""
    rules = {one.sha256: one for one in hub.support.shelf.read().usable}
    return [_brief(hub, one, rules.get(one.application.draft.rule), language) for one in listed]


def _brief(hub: Hub, kept: Kept, rule: Programme | None, language: str) -> dict[str, Any]:
    application, draft = kept.application, kept.application.draft
    member = hub.register.members.get(draft.member)
    return {
        "number": kept.number,
        "member": draft.member,
        "member_name": None if member is None else member.profile.name,
        "generated": member is not None and member.profile.generated,
        "programme": draft.programme,
        "programme_name": draft.programme if rule is None else rule.names[language],
        "unit": None if rule is None else str(rule.unit),
        "state": application.state.value,
        "state_words": say(f"applications.state.{application.state.value}", language),
        "appealed": application.appealed,
        "on": draft.on,
        "drafted_ms": draft.at_us // 1000,
        "last_ms": kept.steps[-1].at_us // 1000,
        "granted": application.granted,
        "paid": sum(application.paid.values()),
        "overdue": [one.id for one in application.overdue(hub.support.today().isoformat())],
        "purpose": draft.purpose,
    }


def application_json(hub: Hub, kept: Kept, eyes: Eyes) -> dict[str, Any]:
    """One in full."""
    application, draft, language = kept.application, kept.application.draft, eyes.language
    rule = rule_of(hub, draft)
    decision = application.decision
    on = date.fromisoformat(draft.on)
    confirmed = {} if decision is None else decision.confirmed
    facts = facts_of(hub, draft, rule)
    return _brief(hub, kept, rule, language) | {
        "rule": None if rule is None else programme_json(rule, language, on),
        "sha256": draft.rule,
        "known": [] if rule is None else [fact_json(rule, name, one, language) for name, one in facts.items()],
        "outcome": None
        if rule is None
        else outcome_json(rule, hub.support.applications.outcome(kept, confirmed), facts, language),
        "proofs": [_proof_json(one, rule, language) for one in application.proofs],
        "steps": [_step_json(hub, one, application, eyes) for one in kept.steps],
        "decision": None if decision is None else msgspec.to_builtins(decision) | {"by": None},
        "payments": [] if decision is None else [_payment_json(one, application) for one in decision.payments],
        "milestones": []
        if decision is None
        else [
            {"id": one.id, "words": one.words, "due": one.due, "met": application.judged.get(one.id)}
            for one in decision.milestones
        ],
        "recovered": application.recovered,
        "comparisons": [_comparison_json(one) for one in hub.support.comparisons(kept)]
        if "measured" in eyes.may
        else [],
        "may": sorted(eyes.may),
        "why_not": eyes.why_not,
        "statements": _statements_json(hub.support.statements.newest(draft.member)) if eyes.acts_for_member else [],
    }


def _comparison_json(one: Comparison) -> dict[str, Any]:
    """A pilot that can tell what a grant did."""
    return {"plan": one.plan, "number": one.number, "name": one.found.name}


def rule_of(hub: Hub, draft: Drafted) -> Programme | None:
    """The edition by which it is decided, where its file is still there."""
    return next((one for one in hub.support.shelf.read().usable if one.sha256 == draft.rule), None)


def facts_of(hub: Hub, draft: Drafted, rule: Programme | None) -> Mapping[str, Fact]:
    """What the draft rests on: what the member told in its statements as such, all else as stated."""
    told = {} if rule is None else hub.support.told(draft.member, rule, date.fromisoformat(draft.on))
    return {
        name: told[name] if name in told and told[name].value == value else Fact(value, "stated")
        for name, value in draft.known.items()
        if not isinstance(value, Range)
    }


def _payment_json(one: Payment, application: Application) -> dict[str, Any]:
    if one.id in application.paid:
        state = "paid"
    elif one in application.payable():
        state = "payable"
    else:
        state = "lapsed" if application.judged.get(one.milestone) is False else "waits"
    return {"id": one.id, "amount": one.amount, "due": one.due, "milestone": one.milestone or None, "state": state}


def _proof_json(one: Proof, rule: Programme | None, language: str) -> dict[str, Any]:
    asked = None if rule is None else rule.evidence.get(one.evidence)
    return {
        "evidence": one.evidence,
        "words": one.evidence if asked is None else asked.words[language],
        "sha256": one.sha256,
        "statement": one.statement,
        "name": one.name,
    }


def _step_json(hub: Hub, one: Step, application: Application, eyes: Eyes) -> dict[str, Any]:
    """A step with who took it: a name for the hub's own people, and else the side they stand on alone."""
    told: dict[str, Any] = msgspec.to_builtins(one)
    for name in ("envelope", "known", "by", "at_us", "rule"):
        told.pop(name, None)
    if isinstance(one, Measured):
        told |= _measured_json(hub, one, eyes.language)
    return told | {
        "at_ms": one.at_us // 1000,
        "side": "member" if one.by in application.applicants and one.by not in application.reviewers else "hub",
        "who": _name(hub, one.by) if eyes.whole else None,
        "mine": eyes.account != 0 and one.by == eyes.account,
        "signed": isinstance(one, Applied),
    }


def _measured_json(hub: Hub, one: Measured, language: str) -> dict[str, Any]:
    """What a pilot found, with what people need to read it."""
    indicator, pilot = hub.catalogue.of(one.indicator), hub.pilots.by_plan(one.comparison)
    return {
        "relative": one.relative,
        "indicator_name": indicator.names[language],
        "unit": indicator.unit,
        "step_width": indicator.step,
        "ratio": indicator.ratio,
        "pilot": None if pilot is None else {"number": pilot.number, "name": pilot.plan.name},
        "verdict_words": say(f"pilots.verdict_word.{one.verdict}", language) if one.verdict else None,
    }


def _name(hub: Hub, account: int) -> str | None:
    return hub.people.numbered(account).name if account else None


def _statements_json(told: Iterable[Told]) -> list[dict[str, Any]]:
    return [
        {"number": one.number, "sha256": one.sha256, "month": one.month, "indicators": sorted(one.indicators)}
        for one in told
    ]
