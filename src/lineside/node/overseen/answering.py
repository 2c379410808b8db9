"""Answers to published questions, worked out of this plant's own indicators; a person decides on each of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from lineside.errors import ConfigurationError, UnusableData
from lineside.exchange import Question, Reply, Value, answered
from lineside.node.member import TOLD_AFTER_US, Build, Member, Said, told_before
from lineside.node.overseen.drafts import Draft, Drafts
from lineside.node.overseen.kept import Document, Kept
from lineside.trust import HERE

How: TypeAlias = Literal["computed", "entered", "declined"]
_OVER = frozenset({"withdrawn", "excused"})
"""States in which the hub wants no answer."""
_SILENT = frozenset({"not_released", "not_computed"})
"""Why there is no answer, where that tells nothing of the plant: no indicator is named by it, and nothing of any."""
MOST_DOCUMENT = 60_000


@dataclass(frozen=True, slots=True)
class Wish:
    """How a person wants to answer. By hand one of `yes` and `band`; to decline a reason."""

    how: How
    yes: bool | None = None
    band: int | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What would be said to a question, what it was computed of, and what its document shows to who reads it."""

    question: Document[Question]
    draft: Draft
    values: tuple[Value, ...] = ()
    reveals: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class _Worked:
    """The fields of a reply, the values that they rest on, and a document that goes with it."""

    fields: Mapping[str, Any]
    values: tuple[Value, ...] = ()
    document: str = ""


class Answering:
    """Works answers out, and says them."""

    def __init__(self, member: Member, kept: Kept, drafts: Drafts) -> None:
        self._member, self._kept, self._drafts = member, kept, drafts

    def look(self, sha256: str, wish: Wish) -> Answer:
        """What would be said. Raises LinesideError for what cannot be."""
        asked, worked = self._worked(sha256, wish)
        reveals = revealed(worked.document) if worked.document else None
        return Answer(asked, self._drafts.of(_build(asked.sha256, worked)), worked.values, reveals)

    def say(self, sha256: str, wish: Wish, seen: str, who: str = HERE) -> Said:
        """Signs what was seen. Raises what `look` and `Drafts.sign` do."""
        return self._drafts.sign(lambda: _build(sha256, self._worked(sha256, wish)[1]), seen, who)

    def replies(self) -> dict[str, Said]:
        """The newest answer of this factory to each question, by its hash."""
        found = self._member.memberships.speaking()
        said = self._member.chain.all(found)
        return {one.statement.question: one for one in said if isinstance(one.statement, Reply)}

    def _worked(self, sha256: str, wish: Wish) -> tuple[Document[Question], _Worked]:
        found = self._member.memberships.speaking()
        asked = self._kept.document(found, sha256, Question)
        state = (asked.told or {}).get("state")
        if state in _OVER:
            raise ConfigurationError("overseen.not_asked", state=str(state))
        if wish.how == "declined":
            return asked, _declined(wish)
        if not asked.says.indicators:
            return asked, _entered(asked.says, wish)
        if wish.how != "computed":
            raise ConfigurationError("overseen.computed")
        return asked, self._proved(asked.says) if asked.says.kind == "proof" else self._computed(asked.says)

    def _computed(self, question: Question) -> _Worked:
        """Of the indicators of its month as a submission made now would tell them."""
        month = self._whole_month(question)
        found = self._member.memberships.speaking()
        told = self._member.told(month, self._member.release(found))
        values = {one.indicator: one for one in told.values}
        answer = answered(question, values, self._member.months.catalogue)
        of = tuple(values[name] for name in question.indicators if name in values)
        kept = of[0].evidence if len(of) == 1 and self._is_kept(of[0].evidence) else None
        if answer.absent in _SILENT:
            return _Worked({"absent": answer.absent}, of)
        fields = {
            "yes": answer.yes,
            "band": answer.band,
            "absent": answer.absent,
            "indicators": question.indicators,
            "coverage": answer.coverage,
            "origin": answer.origin,
            "evidence": None if answer.absent else kept,
        }
        return _Worked(fields, of)

    def _whole_month(self, question: Question) -> str:
        month = question.month
        if month is None:
            raise UnusableData("overseen.no_month")
        if self._member.months.window(month)[1] + TOLD_AFTER_US > self._member.now():
            raise ConfigurationError("overseen.month_not_over", month=month)
        return month

    def _is_kept(self, evidence: str | None) -> bool:
        """Whether its document will be here when somebody asks for it: only what was said before names one that is."""
        found = self._member.memberships.speaking()
        said = told_before(self._member.chain.all(found)).values()
        return evidence is not None and any(one.evidence == evidence for month in said for one in month.values())

    def _proved(self, question: Question) -> _Worked:
        """The document that the value told before rests on, byte for byte."""
        if len(question.indicators) != 1 or question.month is None:
            raise UnusableData("exchange.not_computable", number=question.number)
        (indicator,) = question.indicators
        said = told_before(self._member.chain.all(self._member.memberships.speaking()))
        value = said.get(question.month, {}).get(indicator)
        if value is None or value.evidence is None:
            absent = "not_released" if value is None else value.absent or "not_computed"
            named = () if absent in _SILENT else question.indicators
            return _Worked({"absent": absent, "indicators": named}, () if value is None else (value,))
        document = self._member.evidence(value.evidence).decode()
        if len(document) > MOST_DOCUMENT:
            raise ConfigurationError("overseen.large", characters=len(document), most=MOST_DOCUMENT)
        fields = {
            "document": document,
            "evidence": value.evidence,
            "indicators": question.indicators,
            "coverage": value.coverage,
            "origin": value.origin,
        }
        return _Worked(fields, (value,), document)


def _declined(wish: Wish) -> _Worked:
    if not wish.why.strip():
        raise ConfigurationError("overseen.no_reason")
    return _Worked({"declined": True, "why": wish.why.strip()})


def _entered(question: Question, wish: Wish) -> _Worked:
    """What people say where nothing is computed."""
    given = {"yes_no": wish.yes, "band": wish.band, "proof": None}[question.kind]
    fits = question.kind != "band" or (wish.band is not None and 0 <= wish.band <= len(question.edges))
    if wish.how != "entered" or given is None or not fits:
        raise ConfigurationError("overseen.by_hand", bands=len(question.edges) + 1)
    key = "yes" if question.kind == "yes_no" else "band"
    return _Worked({key: given, "origin": "entered", "why": wish.why.strip()})


def _build(sha256: str, worked: _Worked) -> Build:
    return lambda fields: Reply(question=sha256, **worked.fields, **fields)


def revealed(document: str) -> dict[str, Any]:
    """What a document of evidence shows beside its value: which names, by what they are, and how many numbers."""
    told = json.loads(document)
    names: dict[str, list[str]] = {}
    basis = told.get("from", {})
    for what, part in basis.items() if isinstance(basis, dict) else ():
        if isinstance(part, dict):
            names[what] = sorted(map(str, part))
        elif isinstance(part, list):
            names[what] = [str(one["id"]) if isinstance(one, dict) and "id" in one else str(one) for one in part]
    return {"characters": len(document), "numbers": _numbers(told), "names": names}


def _numbers(told: Any) -> int:
    if isinstance(told, dict):
        return sum(map(_numbers, told.values()))
    if isinstance(told, list):
        return sum(map(_numbers, told))
    return int(isinstance(told, int | float) and not isinstance(told, bool))
