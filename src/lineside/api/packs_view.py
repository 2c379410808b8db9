"""Packs, drafts and needs as plain data, for whoever reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from lineside.api.ledger_view import name_of
from lineside.exchange import month_name
from lineside.hub import Hub
from lineside.hub.compare.peers import size_name
from lineside.hub.packs import (
    Drafted,
    Kept,
    Kind,
    Offer,
    Published,
    brief,
    calibration_json,
    followed_json,
    offer_json,
    own_need,
    unfit,
)
from lineside.hub.pilots import REST, Diffusion, Pilot, Spread
from lineside.hub.tiers.plain import division_name, region_names

Plain = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Eyes:
    """Whose an answer is: their language, as the ledger names them, and what they may."""

    language: str
    who: str
    exact: bool
    """Whether they read what members released, of the whole hub."""
    offers: bool
    publishes: bool
    members: frozenset[int] = frozenset()
    """For which they speak."""


def shelf_json(hub: Hub, eyes: Eyes) -> Plain:
    """The newest editions, those withdrawn last, and drafts for who may go on with them."""
    every = list(hub.packs.shelf.packs.values())
    shown = [one for one in every if one.replaced_by is None]
    drafts = [one for one in hub.packs.drafts.listed() if _sees(one, eyes)] if eyes.offers or eyes.publishes else []
    return {
        "packs": [card_json(hub, one, eyes) for one in sorted(shown, key=lambda one: (not one.current, -one.entry))],
        "drafts": [draft_json(hub, one, eyes) for one in drafts],
        "may": {"offer": eyes.offers, "publish": eyes.publishes},
        "exact": eyes.exact,
    }


def card_json(hub: Hub, one: Published, eyes: Eyes) -> Plain:
    """A pack as a card: what it brings and costs, how far it has spread, and whom of the reader's members it fits."""
    spread = hub.packs.told(one.pack.id)
    adopted = len({each.member for each in hub.packs.uses(one.pack.id)}) if eyes.exact else spread.whole.adopted[-1]
    fits = [_fit(hub, one, number, eyes.language) for number in sorted(eyes.members)]
    return brief(hub.packs, one, eyes.language) | {"adopted": adopted, "exact": eyes.exact, "fits": fits}


def pack_json(hub: Hub, one: Published, eyes: Eyes) -> Plain:
    """A pack in full, with what came of it and how far it has spread."""
    pack, packs = one.pack, hub.packs
    found = packs.evidence(pack.id, pack.indicator, exact=eyes.exact)
    return card_json(hub, one, eyes) | {
        "parameters": [msgspec.to_builtins(each) for each in pack.parameters],
        "plant": pack.plant,
        "changes": [dict(each) for each in pack.changes],
        "settings": [msgspec.to_builtins(each) for each in pack.settings],
        "instruction": {"en": pack.instruction.en, "zh": pack.instruction.zh},
        "reasons": one.reasons,
        "entry": one.entry,
        "editions": [
            {"sha256": each.sha256, "edition": each.pack.edition, "published_ms": each.published_us // 1000}
            for each in packs.shelf.editions(pack.id)
        ],
        "followed": followed_json(found.followed),
        "calibration": calibration_json(found.calibration),
        "least": packs.secrecy.least,
        "group": packs.secrecy.group,
        "spread": spread_json(hub, one, eyes),
        "pilots": [_pilot(each) for plan in pack.effects if (each := hub.pilots.by_plan(plan.plan)) is not None],
        "may_withdraw": eyes.publishes and one.withdrawal is None,
    }


def spread_json(hub: Hub, one: Published, eyes: Eyes) -> Plain:
    """Months by groups; for who reads the figures exact and by region as well, else "at least"."""
    mine = [
        {"member": each.member, "since": month_name(each.since), "until": _month(each.until)}
        for each in hub.packs.uses(one.pack.id)
        if each.member in eyes.members
    ]
    if not eyes.exact:
        told = hub.packs.told(one.pack.id)
        return _diffusion(told, {}, eyes.language) | {"regions": None, "mine": mine}
    exact = hub.packs.exact(one.pack.id)
    names = region_names(hub.settings, eyes.language)
    regions = [_group(each, names, eyes.language) for each in exact.by_region.groups]
    more = {"in_use": exact.in_use, "given_up": exact.given_up, "generated": exact.generated}
    return _diffusion(exact.by_industry, {}, eyes.language) | {"regions": regions, "mine": mine, **more}


def draft_json(hub: Hub, one: Drafted, eyes: Eyes) -> Plain:
    """A draft with all that it says, and whether the reader may publish it."""
    names = {f"account/{account.id}": account.name for account in hub.people.everybody()}
    return {
        "number": one.number,
        "state": one.state,
        "sha256": one.sha256,
        "at_ms": one.at_us // 1000,
        "authors": [name_of(who, names, eyes.language) for who in one.authors],
        "mine": eyes.who in one.authors,
        "may_publish": eyes.publishes and eyes.who not in one.authors and one.state == "open",
        "cost_told": hub.packs.cost(one.draft.id) is not None,
        "draft": msgspec.to_builtins(one.draft),
    }


def needs_json(hub: Hub, eyes: Eyes, *, whole: bool) -> Plain:
    """Needs that are open, as far as the reader may know them, and what they are worth together."""
    every = [one for one in hub.packs.needs() if one.need.member in hub.register.members]
    mine = [one for one in every if one.need.member in eyes.members]
    others = [
        one
        for one in every
        if one.open and one.need.member not in eyes.members and (whole or one.need.shown == "members")
    ]
    kinds, offers = hub.packs.kinds(), hub.packs.offers.all()
    packs = [one for one in hub.packs.shelf.packs.values() if one.current]
    return {
        "mine": [own_need(hub.packs, one, eyes.language) | {"member": one.need.member} for one in reversed(mine)],
        "open": [
            _need(hub, one, kinds(one.need.member), offers.get((one.need.member, one.need.number), ()), eyes)
            for one in reversed(others)
        ],
        "worth": [{"indicator": one.indicator, "cny": one.cny, "members": one.members} for one in hub.packs.worth()],
        "may_offer": eyes.offers,
        "packs": [{"sha256": one.sha256, "title": getattr(one.pack.title, eyes.language)} for one in packs],
    }


def _need(hub: Hub, one: Kept, kind: Kind, offers: Sequence[Offer], eyes: Eyes) -> Plain:
    """A need of somebody else: what kind of factory it is as far as many are, and who it is for who may know."""
    need = one.need
    told = {
        "id": one.id,
        "title": need.title,
        "words": need.words,
        "indicator": need.indicator,
        "industry": None if kind.division is None else division_name(kind.division, eyes.language),
        "size": None if kind.size is None else size_name(kind.size, eyes.language),
        "offers": [
            offer_json(hub.packs, each, eyes.language) | {"mine": each.by == eyes.who}
            for each in offers
            if eyes.exact or each.by == eyes.who
        ],
    }
    if not eyes.exact:
        return told
    member = hub.register.get(need.member)
    more = {"member": need.member, "member_name": member.profile.name, "generated": member.profile.generated}
    return told | more | {"worth_cny": need.worth_cny}


def _sees(one: Drafted, eyes: Eyes) -> bool:
    return eyes.publishes or eyes.who in one.authors


def _pilot(one: Pilot) -> Plain:
    """Where a pack was tried first: what everybody is told of a pilot before it starts."""
    plan = one.plan
    return {
        "number": one.number,
        "name": plan.name,
        "start": month_name(plan.start),
        "last": month_name(plan.end - 1),
    }


def _fit(hub: Hub, one: Published, number: int, language: str) -> Plain:
    member = hub.register.members.get(number)
    why = [] if member is None else unfit(one.pack, member.profile, hub.packs.size(member), language)
    return {"member": number, "fits": member is not None and not why, "why": why}


def _diffusion(found: Diffusion, names: dict[str, str], language: str) -> Plain:
    months = [month_name(found.first + at) for at in range(len(found.whole.adopted))]
    return {
        "told": found.told,
        "months": months,
        "whole": _group(found.whole, names, language),
        "industries": [_group(one, names, language, industry=True) for one in found.groups],
    }


def _group(one: Spread, names: Any, language: str, *, industry: bool = False) -> Plain:
    name = names.get(one.group, one.group)
    if industry and one.group != REST:
        name = division_name(one.group, language)
    return {"group": one.group, "name": name, "members": one.members, "adopted": list(one.adopted)}


def _month(number: int | None) -> str | None:
    return None if number is None else month_name(number)
