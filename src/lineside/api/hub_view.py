"""Members, invitations, figures and objections as plain data; times in epoch milliseconds."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import Any

import msgspec
import numpy as np

from lineside.exchange import Remark, month_name, remark_words
from lineside.hub import (
    REASONS,
    Hub,
    Invited,
    Member,
    Objection,
    Origin,
    Pleaded,
    RefusedRecord,
    Spoken,
    Waiting,
    copied,
    odd,
    size_of,
)
from lineside.texts import say
from lineside.trust import fingerprint


def member_json(hub: Hub, member: Member) -> dict[str, Any]:
    """What the register says of a member: no value of it."""
    key = member.key
    return {
        "number": member.number,
        "state": member.state.value,
        "label": member.label,
        "profile": msgspec.to_builtins(member.profile),
        "generated": member.profile.generated,
        "size": size_of(member.profile, hub.settings.size_scheme),
        "fingerprint": None if key is None else _fingerprint(key),
        "last": member.last,
        "enrolled_ms": _ms(member.enrolled_us),
        "admitted_ms": _ms(member.admitted_us),
        "ended_ms": _ms(member.ended_us),
        "into": member.into,
    }


_fingerprint = lru_cache(maxsize=2**17)(fingerprint)
"""The register is read whole, and keys stay what they are."""


def keys_json(member: Member) -> list[dict[str, Any]]:
    """The keys that spoke for a member, by the statements that they may sign."""
    return [
        {"fingerprint": fingerprint(one.public), "since": one.since, "until": one.until}
        for one in member.keys
        if one.until is None or one.until >= one.since
    ]


def refused_json(one: RefusedRecord, language: str) -> dict[str, Any]:
    """What was not taken, in words; `other` is the hash of what was taken under the same number."""
    return {
        "at_ms": _ms(one.at_us),
        "signed": one.signed,
        "number": one.number,
        "sha256": one.sha256,
        "other": one.other,
        "why": one.why,
        "sentence": say(one.why, language, **one.fields),
    }


def waiting_json(one: Waiting) -> dict[str, Any]:
    """An invitation that nobody used yet; its code is nowhere but in the file that went out."""
    told = {"id": one.id, "label": one.label, "again": one.again}
    return {**told, "made_ms": _ms(one.made_us), "expires_ms": _ms(one.expires_us)}


def invited_json(one: Invited) -> dict[str, Any]:
    """An invitation that was just made, with the file to hand on."""
    envelope = msgspec.json.decode(one.envelope)
    return {"label": one.label, "expires_ms": _ms(one.expires_us), "invitation": envelope}


def figures_json(hub: Hub, member: Member) -> dict[str, Any]:
    """What a member released: by indicator a list as long as that of the months."""
    now = hub.figures.snapshot()
    series, found = now.of_member(member.number), {}
    for at, name in enumerate(now.indicators):
        if (series.origin[at] != Origin.ABSENT).any() or series.reason[at].any():
            found[name] = {
                "value": _numbers(series.value[at]),
                "coverage": _numbers(series.coverage[at]),
                "origin": [Origin(one).word if one else None for one in series.origin[at]],
                "absent": [REASONS[int(one)] or None for one in series.reason[at]],
            }
    return {
        "member": member.number,
        "generated": member.profile.generated,
        "catalogue": hub.catalogue.edition.id,
        "months": [month_name(now.first + one) for one in range(now.months)],
        "indicators": found,
    }


def spoken_json(one: Spoken, language: str) -> dict[str, Any]:
    """A statement of a member, with what was odd in it."""
    return {
        "number": one.number,
        "say": one.say,
        "month": None if one.month is None else month_name(one.month),
        "sha256": one.sha256,
        "entry": one.entry,
        "received_ms": _ms(one.received_us),
        "remarks": [remark_json(remark, language) for remark in one.remarks],
    }


def remarks_json(hub: Hub, members: Collection[int] | None, before: int | None, language: str) -> dict[str, Any]:
    """What was odd in what some members said, or all (None), the newest statements first, or those `before` an entry.

    Who told the same as another is for who sees both, and comes with the newest.
    """
    alike = [] if members is not None or before is not None else copied(hub.figures.snapshot())
    return {
        "statements": [_odd_json(hub, one, language) for one in odd(hub.books, members, before)],
        "copied": [
            {
                "month": month_name(one.month),
                "members": [_named(hub, number) for number in one.members],
                "indicators": one.indicators,
            }
            for one in alike
        ],
    }


def _odd_json(hub: Hub, one: Spoken, language: str) -> dict[str, Any]:
    told = spoken_json(one, language)
    remarks = [{"indicator": each.indicator, "sentence": remark_words(each, language)} for each in one.remarks]
    kept = {name: told[name] for name in ("month", "entry", "received_ms")}
    return {"member": _named(hub, one.member), **kept, "remarks": remarks}


def _named(hub: Hub, number: int) -> dict[str, Any]:
    profile = hub.register.get(number).profile
    return {"number": number, "name": profile.name, "generated": profile.generated}


def remark_json(one: Remark, language: str) -> dict[str, Any]:
    """A remark, in words."""
    sentence = remark_words(one, language)
    return {"key": one.key, "indicator": one.indicator, "fields": one.fields, "sentence": sentence}


def objection_json(one: Objection) -> dict[str, Any]:
    """An objection; who decided it stands in the ledger."""
    return {
        "id": one.id,
        "member": one.member,
        "against": one.against,
        "subject": dict(one.subject),
        **_pleaded_json(one.first),
        "appeal": None if one.appeal is None else _pleaded_json(one.appeal),
    }


def _pleaded_json(one: Pleaded) -> dict[str, Any]:
    return {
        "words": one.words,
        "raised_ms": _ms(one.raised_us),
        "upheld": one.upheld,
        "reasons": one.reasons,
        "decided_ms": _ms(one.decided_us),
    }


def settings_json(hub: Hub) -> dict[str, Any]:
    """What a hub tells all who belong to it: by which rules it goes, and by which key it is known."""
    told = hub.settings
    return {
        "hub": hub.id,
        "name": told.name,
        "address": told.address,
        "fingerprint": fingerprint(hub.voice.key),
        "time_zone": told.time_zone,
        "size_scheme": told.size_scheme,
        "catalogue": hub.catalogue.edition.id,
        "protection": told.protection.model_dump(),
        "regions": [one.model_dump() for one in told.regions],
        "population": [one.model_dump() for one in told.population],
        "concerns": [one.model_dump() for one in told.concerns],
    }


def _numbers(values: Any) -> list[float | None]:
    return [None if np.isnan(one) else float(one) for one in values]


def _ms(time_us: int | None) -> int | None:
    return None if time_us is None else time_us // 1000
