"""Support programmes as plain data: the rule in words and as formula, and what came of it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from lineside.exchange import catalogue
from lineside.hub.support import Fact, Fit, Fits, told_by
from lineside.rules import Confidence, Evidence, Input, Judged, Outcome, Programme, Range, RuleFinding, Standing, Sum
from lineside.texts import say


def number_json(value: float) -> float | None:
    """A figure; None for one without bound, or that is not there."""
    return value if math.isfinite(value) else None


def range_json(value: Range) -> dict[str, Any]:
    """The ends of a figure, None where it has no bound there."""
    return {"low": number_json(value.low), "high": number_json(value.high)}


def programme_json(one: Programme, language: str, on: date) -> dict[str, Any]:
    """A rule as it stands, with its figures on a day."""
    edition = one.edition
    budget = one.parameters[one.budget].on(on) if one.budget else None
    return {
        "id": one.id,
        "name": one.names[language],
        "edition": edition.id,
        "sha256": one.sha256,
        "country": one.country,
        "region": one.region[language],
        "document": edition.document,
        "source": edition.source,
        **_confidence_json(edition.confidence, language),
        "from": edition.since.isoformat(),
        "to": None if one.until is None else one.until.isoformat(),
        "in_force": one.in_force(on),
        "dated_by": one.dated_by[language],
        "authority": one.authority[language],
        "confirm": say("support.confirm", language, authority=one.authority[language]),
        "unit": str(one.unit),
        "timing": one.timing.value,
        "amount": one.amount,
        "payments": list(one.payments),
        "budget": budget,
        "inputs": [_input_json(each, language) for each in one.inputs.values()],
        "parameters": [
            {
                "name": each.name,
                "words": each.words[language],
                "unit": str(each.unit),
                "value": each.on(on),
                "phases": len(each.phases),
                "budget": each.name == one.budget,
            }
            for each in one.parameters.values()
        ],
        "conditions": [
            {
                "id": each.id,
                "words": each.words[language],
                "when": each.text or None,
                "evidence": list(each.evidence),
                **_confidence_json(each.confidence, language),
            }
            for each in one.conditions
        ],
        "steps": [
            {"name": each.name, "words": each.words[language], "unit": str(each.unit), "formula": each.text}
            for each in one.steps
        ],
        "evidence": [evidence_json(each, language) for each in one.evidence.values()],
        "excludes": sorted(one.excludes),
        "combines": sorted(one.combines),
        "cautions": [
            {"words": each.words[language], **_confidence_json(each.confidence, language)} for each in one.cautions
        ],
    }


def evidence_json(one: Evidence, language: str) -> dict[str, Any]:
    """What shows that something is so."""
    return {
        "id": one.id,
        "shows": one.shows.value,
        "words": one.words[language],
        "indicator": one.indicator or None,
    }


def finding_json(one: RuleFinding, language: str) -> dict[str, Any]:
    """What is wrong about a file of rules; of its place the name alone, as the folder is nobody's business."""
    return {
        "file": Path(one.file).name,
        "line": one.line,
        "key": one.key,
        "programme": one.programme,
        "sentence": one.sentence(language),
        "cure": one.cure(language),
    }


def outcome_json(rule: Programme, found: Outcome, facts: Mapping[str, Fact], language: str) -> dict[str, Any]:
    """What a rule is to somebody, with what is known of them and what would tell more."""
    return {
        "standing": found.standing.value,
        "on": found.on.isoformat(),
        "in_force": found.in_force,
        "amount": range_json(found.amount),
        "if_eligible": range_json(found.if_eligible),
        "unit": str(rule.unit),
        "timing": rule.timing.value,
        "conditions": [_judged_json(one, rule, language) for one in found.conditions],
        "steps": [
            {"name": one.step.name, "words": one.step.words[language], "unit": str(one.step.unit)}
            | {"formula": one.step.text, "value": range_json(one.value)}
            for one in found.steps
        ],
        "missing": [_input_json(rule.inputs[name], language) for name in found.missing if name in rule.inputs],
        "evidence": [evidence_json(rule.evidence[name], language) for name in found.evidence if name in rule.evidence],
        "known": [fact_json(rule, name, one, language) for name, one in facts.items()],
    }


def fact_json(rule: Programme, name: str, one: Fact, language: str) -> dict[str, Any]:
    """Something that is known of a member, in words, and where it is from."""
    asked = rule.inputs.get(name)
    said = one.value
    if asked is not None and isinstance(said, str) and said in asked.choices:
        said = asked.choices[said][language]
    return {
        "name": name,
        "words": words_of(rule, name, language),
        "value": one.value,
        "said": said,
        "unit": None if asked is None else str(asked.unit),
        "source": one.source,
        "month": one.month or None,
        "origin": one.origin or None,
        "coverage": one.coverage,
    }


def fits_json(found: Fits, language: str) -> dict[str, Any]:
    """All programmes in force for one member, the nearest first, and what they give together."""
    fits = sorted(found.fits, key=_how_far)
    return {
        "member": found.member,
        "on": found.on.isoformat(),
        "fits": [_fit_json(one, language) for one in fits],
        "sums": [_sum_json(one) for one in found.sums],
    }


def words_of(rule: Programme, name: str, language: str) -> str:
    """What an input, a condition or a parameter of a rule is called; else the name itself."""
    found: Iterable[Mapping[str, str]] = (
        *(one.words for one in (rule.inputs.get(name), rule.parameters.get(name)) if one is not None),
        *(one.words for one in rule.conditions if one.id == name),
    )
    return next((one[language] for one in found), name)


def _how_far(one: Fit) -> tuple[int, int]:
    """Those that it can have first, then those of which the least is open."""
    found = one.outcome
    order = (Standing.ELIGIBLE, Standing.UNKNOWN, Standing.NOT)
    return order.index(found.standing), len(found.missing) + sum(each.holds is None for each in found.conditions)


def _fit_json(one: Fit, language: str) -> dict[str, Any]:
    rule = programme_json(one.programme, language, one.outcome.on)
    return {"programme": rule, "outcome": outcome_json(one.programme, one.outcome, one.facts, language)}


def _sum_json(one: Sum) -> dict[str, Any]:
    return {
        "unit": str(one.unit),
        "timing": one.timing.value,
        "amount": range_json(one.amount),
        "chosen": list(one.chosen),
        "left_out": [{"programme": name, "by": list(by)} for name, by in sorted(one.left_out.items())],
    }


def _judged_json(one: Judged, rule: Programme, language: str) -> dict[str, Any]:
    return {
        "id": one.condition.id,
        "words": one.condition.words[language],
        "when": one.condition.text or None,
        "holds": one.holds,
        "missing": [words_of(rule, name, language) for name in one.missing],
        "evidence": [rule.evidence[name].words[language] for name in one.evidence if name in rule.evidence],
        **_confidence_json(one.condition.confidence, language),
    }


def _input_json(one: Input, language: str) -> dict[str, Any]:
    return {
        "name": one.name,
        "kind": one.kind.value,
        "words": one.words[language],
        "unit": str(one.unit),
        "least": number_json(one.least),
        "most": number_json(one.most),
        "choices": [{"id": name, "words": words[language]} for name, words in one.choices.items()],
        "evidence": list(one.evidence),
        "told_by": told_by(one, catalogue()),
    }


def _confidence_json(one: Confidence, language: str) -> dict[str, str]:
    return {"confidence": one.value, "confidence_words": say(f"support.confidence.{one.value}", language)}
