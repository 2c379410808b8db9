"""What a member's node is told when it asks for packs, for one of them, or for answers to its needs."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

import msgspec

from lineside.exchange import Ask, Cost, Effect
from lineside.hub.asks import Words
from lineside.hub.member import Member
from lineside.hub.packs.costs import ToldCost
from lineside.hub.packs.evidence import Calibration, Followed
from lineside.hub.packs.fitting import unfit
from lineside.hub.packs.needs import Kept
from lineside.hub.packs.offers import Offer
from lineside.hub.packs.packs import Packs
from lineside.hub.packs.shelf import Published

Plain = dict[str, Any]


def words(packs: Packs) -> Mapping[str, Words]:
    """By what is asked: "packs", "pack" and "offers"."""
    return {
        "packs": lambda member, ask: {"packs": packs_told(packs, member, ask.language)},
        "pack": lambda _, ask: _envelope(packs, ask),
        "offers": lambda member, ask: {"needs": needs_told(packs, member, ask.language)},
    }


def packs_told(packs: Packs, member: Member, language: str) -> list[Plain]:
    """The newest edition of each pack, and each that the member uses: also one that was withdrawn since."""
    using = {one.edition: one for one in packs.uses() if one.member == member.number and one.until is None}
    found = []
    for sha, one in packs.shelf.packs.items():
        if not (one.current or sha in using):
            continue
        why = unfit(one.pack, member.profile, packs.size(member), language)
        told = brief(packs, one, language) | {"fits": not why, "why": why, "used": sha in using}
        found.append(told)
    return found


def brief(packs: Packs, one: Published, language: str) -> Plain:
    """A pack on the shelf, as everybody may read it."""
    pack = one.pack
    indicator = packs.indicator(pack.indicator)
    return {
        "sha256": one.sha256,
        "id": pack.id,
        "edition": pack.edition,
        "title": _both(pack.title),
        "summary": _both(pack.summary),
        "indicator": pack.indicator,
        "indicator_name": indicator.names[language],
        "unit": indicator.unit,
        "step": indicator.step,
        "ratio": indicator.ratio,
        "better": indicator.better,
        "effects": [effect_json(each) for each in pack.effects],
        "cost": cost_json(pack.cost),
        "cost_told": told_cost_json(packs.cost(pack.id)),
        "generated": packs.has_generated(pack.id),
        "industries": list(pack.industries),
        "sizes": list(pack.sizes),
        "traits": list(pack.traits),
        "offered_by": pack.offered_by,
        "licence": pack.licence,
        "published_ms": one.published_us // 1000,
        "replaced_by": one.replaced_by,
        "withdrawn": one.withdrawal is not None,
        "withdrawn_reasons": "" if one.withdrawal is None else one.withdrawal.reasons,
    }


def needs_told(packs: Packs, member: Member, language: str) -> list[Plain]:
    """A member's own needs with the answers to them, the newest first."""
    mine = [one for one in packs.needs() if one.need.member == member.number]
    return [own_need(packs, one, language) for one in reversed(mine)]


def own_need(packs: Packs, one: Kept, language: str) -> Plain:
    """A need as its member reads it."""
    need = one.need
    return {
        "id": one.id,
        "number": need.number,
        "title": need.title,
        "words": need.words,
        "indicator": need.indicator,
        "worth_cny": need.worth_cny,
        "shown": need.shown,
        "open": one.open,
        "received_ms": one.received_us // 1000,
        "offers": [offer_json(packs, each, language) for each in packs.offers.of(one)],
    }


def offer_json(packs: Packs, one: Offer, language: str) -> Plain:
    """An answer, with the pack that it names: whether that was measured is part of it."""
    pack = None if one.pack is None else brief(packs, packs.shelf.get(one.pack), language)
    draft = None if one.draft is None else packs.drafts.get(one.draft)
    return {
        "id": one.id,
        "words": one.words,
        "at_ms": one.at_us // 1000,
        "pack": pack,
        "draft": None
        if draft is None
        else {
            "number": draft.number,
            "title": _both(draft.draft.title),
            "summary": _both(draft.draft.summary),
            "offered_by": draft.draft.offered_by,
            "cost": cost_json(draft.draft.cost),
            "state": draft.state,
        },
    }


def effect_json(one: Effect) -> Plain:
    """What a pilot found."""
    return {name: getattr(one, name) for name in Effect.__struct_fields__}


def cost_json(one: Cost) -> Plain:
    """What it costs, and of how many members that was told."""
    return {
        "once_cny": list(one.once_cny),
        "yearly_cny": list(one.yearly_cny),
        "days": one.days,
        "members": one.members,
    }


def told_cost_json(one: ToldCost | None) -> Plain | None:
    """What members told that it cost them."""
    if one is None:
        return None
    return {
        "median": one.median,
        "low": one.low,
        "high": one.high,
        "members": one.members,
        "generated": one.generated,
    }


def followed_json(one: Followed | None) -> Plain | None:
    """What came after, where it is told; an end that is open is None."""
    if one is None:
        return None
    low, high = (end if isfinite(end) else None for end in (one.low, one.high))
    return {"members": one.members, "gain": one.gain, "low": low, "high": high, "generated": one.generated}


def calibration_json(one: Calibration | None) -> Plain | None:
    """How many of the intervals that twins foresaw held."""
    return None if one is None else {"held": one.held, "of": one.of}


def _envelope(packs: Packs, ask: Ask) -> Any:
    """The signed file. Raises ConfigurationError for one that was never published here."""
    return msgspec.Raw(packs.shelf.get(ask.about).envelope)


def _both(told: Any) -> Plain:
    return {"en": told.en, "zh": told.zh}
