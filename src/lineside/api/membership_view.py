"""Membership of a hub as the API and the commands tell it. Times in milliseconds since 1970."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from lineside.errors import LinesideError
from lineside.exchange import (
    Profile,
    ProfileChange,
    Remark,
    Submission,
    Value,
    catalogue,
    encoded,
    month_name,
    month_number,
    remark_words,
)
from lineside.node import (
    TOLD_AFTER_US,
    EnteredValue,
    Kept,
    Membership,
    Node,
    Progress,
    Said,
    Stage,
    months_due,
    told_before,
)
from lineside.plant import moment
from lineside.texts import say
from lineside.trust import fingerprint
from lineside.valve import HUB, Release

_MOST_MONTHS = 36
_PATH = (Stage.INVITED, Stage.ASKED, Stage.ENROLLED, Stage.ADMITTED)


def membership_json(node: Node, language: str) -> dict[str, Any]:
    """Where the membership stands, what was said month by month, each statement with its receipt, what is due."""
    found = node.member.memberships.current()
    told: dict[str, Any] = {"indicators": indicators_json(language), "entered": _entered(node)}
    if found is None:
        return {**told, "membership": None, "months": [], "statements": [], "due": None, "next": None}
    said, receipts = node.member.chain.all(found), node.member.chain.receipts(found)
    before = told_before(said)
    return {
        **told,
        "membership": _membership(node, found, language),
        "months": [_month(month, before[month], said, language) for month in sorted(before, reverse=True)][
            :_MOST_MONTHS
        ],
        "statements": [_statement(one, receipts.get(one.number), language) for one in reversed(said)],
        "due": _due(node, found, before),
        "next": _next(node, before),
    }


def indicators_json(language: str) -> list[dict[str, Any]]:
    """The catalogue of indicators in a language, in its order."""
    return [
        {
            "id": one.id,
            "name": one.names[language],
            "meaning": one.meanings[language],
            "formula": one.formula,
            "unit": one.unit,
            "better": one.better,
            "coverage": one.coverage,
            "computed": one.computed,
        }
        for one in catalogue().indicators.values()
    ]


def _membership(node: Node, found: Membership, language: str) -> dict[str, Any]:
    invitation, release = found.invitation, node.member.release(found)
    return {
        "state": found.state.value,
        "state_name": say(f"member.state.{found.state.value}", language),
        "over": found.over,
        "path": [{"step": one.value, "name": say(f"member.state.{one.value}", language)} for one in _PATH],
        "hub": {
            "id": found.hub,
            "name": invitation.name,
            "address": invitation.address,
            "fingerprint": found.hub_fingerprint,
            "invited_by": fingerprint(bytes.fromhex(invitation.key)),
        },
        "member": found.member,
        "fingerprint": found.fingerprint,
        "agreement": {"sha256": found.agreement, "text": invitation.agreement},
        "profile": None if found.profile is None else msgspec.to_builtins(found.profile),
        "taken_ms": found.taken_us // 1000,
        "expires_ms": invitation.expires_ms if found.state in (Stage.INVITED, Stage.ASKED) else None,
        "admitted_ms": None if found.admitted_us is None else found.admitted_us // 1000,
        "problem": _problem(found.problem, language),
        "next_ms": found.next_us // 1000 or None,
        "releases": [one.id for one in _releases(node, found)],
        "open": release is not None,
        "sum_waits_ms": node.member.sums.waits_ms(),
        "lost": _lost(node, found, language),
        "rewound": _rewound(node, found, language),
    }


def _lost(node: Node, found: Membership, language: str) -> dict[str, Any] | None:
    """What the hub had no more, in words, and how much of it waits to be sent again; None: it never had lost any."""
    lost = node.member.chain.lost(found)
    if lost is None:
        return None
    told = {"time": _time(node, lost.at_us), "number": lost.number, "count": lost.count}
    waits = [one.number for one in node.member.chain.waiting(found) if one.number >= lost.number]
    return {
        "at_ms": lost.at_us // 1000,
        "number": lost.number,
        "count": lost.count,
        "waits": len(waits),
        "restored_ms": lost.restored_ms,
        "sentence": f"{say('member.lost', language, **told)} {_restored(node, lost.restored_ms, language)}".strip(),
    }


def _rewound(node: Node, found: Membership, language: str) -> dict[str, Any] | None:
    """That the hub's ledger did not go on from what this node held of it, in words; None: it always did."""
    rewound = node.member.witness.rewound(found)
    if rewound is None:
        return None
    told = say(rewound.why, language, time=_time(node, rewound.at_us), size=rewound.size)
    return {
        "at_ms": rewound.at_us // 1000,
        "restored_ms": rewound.restored_ms,
        "sentence": f"{told} {_restored(node, rewound.restored_ms, language)}".strip(),
    }


def _restored(node: Node, restored_ms: int | None, language: str) -> str:
    """What the hub said of a backup; nothing where it is of a version that says nothing."""
    if restored_ms is None:
        return ""
    if not restored_ms:
        return say("member.lost_silent", language)
    return say("member.lost_restored", language, time=_time(node, restored_ms * 1000))


def _time(node: Node, at_us: int) -> str:
    return f"{moment(at_us, node.plant.site.zone):%Y-%m-%d %H:%M}"


def _releases(node: Node, found: Membership) -> list[Release]:
    every = node.valve.releases.all.values()
    return [one for one in every if (one.terms.flow, one.terms.address) == (HUB, found.hub) and one.closing is None]


def _problem(why: LinesideError | None, language: str) -> dict[str, Any] | None:
    if why is None:
        return None
    return {"key": why.key, "sentence": why.sentence(language), "cure": why.cure(language)}


def _month(month: str, values: Mapping[str, Value], said: Sequence[Said], language: str) -> dict[str, Any]:
    numbers = [one.number for one in said if isinstance(one.statement, Submission) and one.statement.month == month]
    waits = any(one.progress is Progress.MADE for one in said if one.number in numbers)
    return {
        "month": month,
        "statements": numbers,
        "waits": waits,
        "values": [value_json(one, language) for one in values.values()],
    }


def value_json(value: Value, language: str) -> dict[str, Any]:
    """A value, with its reason and origin in words."""
    return {
        "indicator": value.indicator,
        "value": value.value,
        "absent": value.absent,
        "absent_name": None if value.absent is None else say(f"exchange.absent.{value.absent}", language),
        "coverage": value.coverage,
        "origin": value.origin,
        "origin_name": say(f"exchange.origin.{value.origin}", language),
        "evidence": value.evidence,
    }


def _statement(said: Said, kept: Kept | None, language: str) -> dict[str, Any]:
    told = said.statement
    tag = str(told.__struct_config__.tag)
    return {
        "number": said.number,
        "say": tag,
        "say_name": say(f"member.say.{tag}", language),
        "month": told.month if isinstance(told, Submission) else None,
        "why": told.why if isinstance(told, Submission) else "",
        "profile": msgspec.to_builtins(told.profile) if isinstance(told, ProfileChange) else None,
        "values": len(said.values),
        "sha256": said.envelope.sha256,
        "made_ms": said.made_us // 1000,
        "sent_ms": None if said.sent_us is None else said.sent_us // 1000,
        "entry": said.entry,
        "state": said.progress.value,
        "state_name": say(f"member.progress.{said.progress.value}", language),
        "problem": _problem(said.problem, language),
        "receipt": None
        if kept is None
        else {
            "entry": kept.receipt.entry,
            "received_ms": kept.receipt.received_ms,
            "remarks": [_remark(one, language) for one in kept.receipt.remarks],
        },
    }


def _remark(remark: Remark, language: str) -> str:
    known = catalogue().indicators.get(remark.indicator)
    name = remark.indicator if known is None else known.names[language]
    words = remark_words(remark, language)
    return say("exchange.remark.of", language, name=name, words=words) if name else words


def _due(node: Node, found: Membership, before: Mapping[str, Any]) -> list[str]:
    """The months that would be said with the next run."""
    release = node.member.release(found)
    if release is None:
        return []
    return months_due(release.terms.since_us, node.member.now(), node.plant, before)[0]


def _next(node: Node, before: Mapping[str, Any]) -> dict[str, Any]:
    """The next month that will be said, and when."""
    number = month_number(node.member.last_month()) + 1
    name = month_name(number)
    return {
        "month": name,
        "at_ms": (node.member.months.window(name)[1] + TOLD_AFTER_US) // 1000,
        "said": name in before,
    }


def _entered(node: Node) -> list[dict[str, Any]]:
    """What people entered for the last months, the newest first."""
    last = month_number(node.member.last_month())
    months = [month_name(last - back) for back in range(_MOST_MONTHS)]
    return [
        {"month": month, "indicator": name, **_entered_json(value)}
        for month in months
        for name, value in node.member.entered.of(month).items()
    ]


def _entered_json(value: EnteredValue) -> dict[str, Any]:
    return {"value": value.value, "note": value.note, "at_ms": value.at_us // 1000}


def membership_preview_json(node: Node, month: str | None, language: str) -> dict[str, Any]:
    """What would be said of a month by the release that is open, raw and in words; nothing is said by it."""
    submission, told = node.member.preview(month)
    return {
        "month": told.month,
        "raw": json.dumps(json.loads(encoded(submission)), indent=1, ensure_ascii=False),
        "values": [value_json(one, language) for one in told.values],
    }


def profile_of(told: Mapping[str, Any]) -> Profile:
    """The profile that plain data are. Raises msgspec.ValidationError."""
    return msgspec.convert(told, Profile)
