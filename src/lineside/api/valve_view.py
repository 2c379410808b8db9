"""The valve as the API and the commands tell it. Times in milliseconds since 1970."""

from __future__ import annotations

import base64
import difflib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lineside.errors import ConfigurationError, LinesideError
from lineside.node import Node
from lineside.publish import FORM as SPARKPLUG
from lineside.publish import said
from lineside.texts import say
from lineside.trust import Graded, Parcel
from lineside.valve import HUB, Closing, Held, Last, Release, State

_TEXTS = ("text/", "application/json", "application/problem+json", "application/xml", "application/jsonl")
_MOST_LINES = 2_000
_NEEDED = {State.WAITING, State.TO_COME, State.OPEN}


def valve_json(node: Node, language: str) -> dict[str, Any]:
    """Whether the valve is closed and why, every way out with its state, every release with what left by it."""
    releases = [release_json(node, one, language) for one in node.valve.releases.all.values()]
    return {
        "closed": _closing(node, node.valve.releases.closed, language),
        "flows": [_flow(node, way, releases, language) for way in _ways(node)],
        "releases": releases[::-1],
    }


def _ways(node: Node) -> list[tuple[str, str]]:
    """Every way out: of releases, of the plant file, of an invitation, and on which something was withheld."""
    ways = {(one.terms.flow, one.terms.address) for one in node.valve.releases.all.values()}
    ways |= {(one.parcel.flow, one.parcel.recipient) for one in node.valve.held()}
    hub = node.member.memberships.current()
    ways |= {(HUB, hub.hub)} if hub is not None and not hub.over else set()
    return sorted(ways | ({node.publisher.way} if node.publisher.way else set()))


def _recipient(node: Node, way: tuple[str, str]) -> str | None:
    """What whoever is told by a way is called; None where the way does not know."""
    hub = node.member.memberships.current()
    return hub.invitation.name if hub is not None and way == (HUB, hub.hub) else None


def _flow(node: Node, way: tuple[str, str], releases: Iterable[Mapping[str, Any]], language: str) -> dict[str, Any]:
    """One way out: whether anything may leave on it now and, where not, why."""
    flow, address = way
    own = [one for one in releases if (one["flow"], one["address"]) == way]
    held = [one for one in node.valve.held() if (one.parcel.flow, one.parcel.recipient) == way]
    last = max(held, key=lambda one: one.at_us, default=None)
    why = node.valve.why_not(flow, address)
    return {
        "flow": flow,
        "name": say(f"valve.flow.{flow.partition('/')[0]}", language),
        "address": address,
        "recipient": _recipient(node, way),
        "open": why is None,
        **_why(why, language),
        "releases": [one["id"] for one in own],
        "content": sorted({one for each in node.valve.releases.open_on(*way) for one in each.terms.content}),
        "parcels": sum(one["left"]["parcels_hour"] for one in own),
        "bytes": sum(one["left"]["bytes_hour"] for one in own),
        "last_ms": max((one["left"]["last_ms"] or 0 for one in own), default=0) or None,
        "withheld": None
        if last is None
        else {"at_ms": last.at_us // 1000, "what": last.parcel.what, **_why(last.why, language)},
    }


def release_json(node: Node, release: Release, language: str) -> dict[str, Any]:
    """A release: what was asked for and allowed, by whom, where it stands, what left by it and what may yet."""
    terms, releases = release.terms, node.valve.releases
    state = releases.state(release)
    allowed = release.allowed_by(releases.may)
    left = release.left(releases.may)
    total, last = node.valve.total(release)
    limits, usual = terms.limits, total.usual
    spare = None if limits.bytes_in_all is None else max(0, limits.bytes_in_all - total.bytes)
    words = dict.fromkeys(("name", "purpose", "recipient"), "") if terms.own else {}
    return {
        "id": release.id,
        **{name: getattr(terms, name) for name in ("name", "purpose", "recipient", "flow", "address")},
        **{name: say(f"valve.own.{name}", language) for name in words},
        "own": terms.own,
        "content": list(terms.content),
        "things": len(release.things),
        "tells": [
            {"kind": kind, "name": say(f"grades.kind.{kind}", language), "things": count}
            for kind, count in sorted(Counter(one.partition("/")[0] for one in release.things).items())
        ],
        "grade": str(terms.grade),
        "grade_name": say(f"grades.{terms.grade}", language),
        "sandbox": terms.sandbox,
        "state": state.value,
        "state_name": say(f"valve.state.{state.value}", language),
        "since_ms": terms.since_us // 1000,
        "until_ms": terms.until_us // 1000,
        "made_ms": release.made_us // 1000,
        "by": _called(node, release.by, language),
        "digest": release.digest,
        "needed": terms.approvals,
        "missing": max(0, terms.approvals - len(allowed)) if state in _NEEDED else 0,
        "approvals": [
            {"by": _called(node, one.by, language), "at_ms": one.at_us // 1000, "counts": one.by in allowed}
            for one in release.approvals
        ],
        "gone": [_called(node, one, language) for one in left],
        "closing": _closing(node, release.closing, language),
        "limits": {
            "parcels_an_hour": limits.parcels_an_hour,
            "bytes_an_hour": limits.bytes_an_hour,
            "bytes_in_all": limits.bytes_in_all,
        },
        "schedule": terms.every,
        "shaping": None if terms.shaping is None else terms.shaping.json(),
        "shaped": _shaped(release, language),
        "epsilon_left": node.outbox.left_of_budget(release),
        "epsilon_beside": _epsilon_beside(node, release),
        "left": {
            "parcels_hour": total.hour.parcels,
            "bytes_hour": total.hour.bytes,
            "bytes": total.bytes,
            "budget_left": spare,
            "usual": None if usual is None else {"parcels": usual.parcels, "bytes": usual.bytes},
            "chain": total.chain,
            "last_ms": max((one.at_us for one in last.values()), default=0) // 1000 or None,
        },
    }


def _epsilon_beside(node: Node, release: Release) -> float | None:
    """What other releases with noise may cost, or cost; None for a release without noise."""
    shaping = release.terms.shaping
    return node.valve.releases.noise_beside(release.id) if shaping and shaping.how == "noise" else None


def release_in_full_json(node: Node, release: Release, language: str, by: int = 0) -> dict[str, Any]:
    """The same, with every thing it means and its grade now, and the last bytes of each kind that left by it.

    `deciding` says why the account `by` may not allow it; `hours` what left in each of the last two weeks,
    `files` what became of each period.
    """
    total, last = node.valve.total(release)
    births = [one.content for what, one in last.items() if what.startswith("DBIRTH")]
    return {
        **release_json(node, release, language),
        "deciding": _why(node.valve.releases.why_not_allow(release, by), language),
        "hours": [
            {"at_ms": at_us // 1000, "parcels": hour.parcels, "bytes": hour.bytes}
            for at_us, hour in (*((at, hour) for at, hour, _ in total.closed_hours), (total.hour_us, total.hour))
            if hour.parcels
        ],
        "files": [
            {
                "period": one.period,
                "state": one.state,
                "state_name": say(f"valve.file.{one.state}", language),
                "at_ms": one.at_us // 1000,
                **_why(None if one.key is None else LinesideError(one.key, **(one.fields or {})), language),
            }
            for one in node.outbox.became(release)
        ],
        "means": [_thing(node, one, language) for one in sorted(release.things)],
        "beside": _beside(node, release),
        "last": [_last(what, one, births) for what, one in sorted(last.items())],
    }


def _beside(node: Node, release: Release) -> list[dict[str, Any]]:
    """The other open releases of its way, each with the things that it names and this one does not."""
    opened = node.valve.releases.open_on(release.terms.flow, release.terms.address)
    return [
        {"id": one.id, "name": one.terms.name, "lacks": sorted(one.things - release.things)}
        for one in opened
        if one.id != release.id
    ]


def preview_parcels_json(node: Node, release: Release, language: str) -> list[dict[str, Any]]:
    """What would leave by a release now, byte for byte, and whether it would let each parcel out.

    Of an edge node its births as they would be said this moment, of files and hubs the last period that is over,
    with what the rules hold back in it. Of ways on which others ask it is what they were last refused, since the node
    started; nothing where nobody has asked yet.
    """
    way = release.terms.flow, release.terms.address
    now = node.valve.releases.now()
    said_now = node.outbox.preview(release) or _said_now(node, release)
    found: list[Held | tuple[Parcel, int]] = [(one, now) for one in said_now]
    found += [one for one in node.valve.held() if (one.parcel.flow, one.parcel.recipient) == way and one.size]
    births = [one.content for one in said_now]
    before = _left_last(node, way)
    seen: dict[str, dict[str, Any]] = {}
    for one in found:
        parcel, at_us = (one.parcel, one.at_us) if isinstance(one, Held) else one
        told = _bytes(parcel.content, parcel.form, one.size if isinstance(one, Held) else None, births)
        seen.setdefault(
            parcel.what,
            {
                "what": parcel.what,
                "at_ms": at_us // 1000,
                "things": [_thing(node, thing, language) for thing in sorted(parcel.things)],
                **told,
                "difference": _difference(before.get(parcel.what), told, births),
                "held_back": node.outbox.withheld(release, language) if not seen else [],
                "leaves": (why := node.valve.would(release, parcel)) is None,
                **_why(why, language),
            },
        )
    return list(seen.values())


def _shaped(release: Release, language: str) -> str | None:
    """What is done to the figures, in words; None where nothing is."""
    if (shaping := release.terms.shaping) is None:
        return None
    unit = say(f"valve.unit.{shaping.unit}", language)
    told = {name: f"{value:g}" if isinstance(value, float) else value for name, value in shaping.json().items()}
    return say(f"valve.shaped.{shaping.how}", language, **{**told, "unit": unit})


def _said_now(node: Node, release: Release) -> list[Parcel]:
    if release.terms.flow == HUB:
        return node.member.preview_parcels(release)
    way = release.terms.flow, release.terms.address
    return node.publisher.preview() if way == node.publisher.way else []


def _left_last(node: Node, way: tuple[str, str]) -> dict[str, Last]:
    """The last of each kind that left on a way, by whichever release."""
    found: dict[str, Last] = {}
    for release in node.valve.releases.all.values():
        if (release.terms.flow, release.terms.address) == way:
            for what, one in node.valve.total(release)[1].items():
                found[what] = max(found.get(what, one), one, key=lambda left: left.at_us)
    return found


def _last(what: str, one: Last, births: Iterable[bytes]) -> dict[str, Any]:
    """The last parcel of a kind, raw and in words, and what is other than in the one before it."""
    told = _bytes(one.content, one.form, one.size, births)
    before = None if one.before is None else one._replace(content=one.before)
    return {"what": what, "at_ms": one.at_us // 1000, **told, "difference": _difference(before, told, births)}


def _bytes(content: bytes, form: str, size: int | None, births: Iterable[bytes]) -> dict[str, Any]:
    """Bytes in base64, as text where they are text, and line by line in words where they can be read."""
    text = content.decode("utf-8", "replace") if form.startswith(_TEXTS) else None
    words = said(content, births) if form == SPARKPLUG else None if text is None else _lines(text, form)
    whole = len(content) if size is None else size
    return {
        "form": form,
        "size": whole,
        "shown": len(content),
        "raw": base64.b64encode(content).decode(),
        "text": text,
        "words": None if words is None else words[:_MOST_LINES],
    }


def _lines(text: str, form: str) -> list[str]:
    """Text line by line; JSON as one line for each value, "machines.0.state = running"."""
    try:
        return list(_leaves(json.loads(text))) if "json" in form else text.splitlines()
    except (ValueError, RecursionError):  # a piece of JSON, or none at all
        return text.splitlines()


def _leaves(value: object, path: str = "") -> Iterator[str]:
    inside = list(value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ())
    if not inside:
        yield f"{path} = {json.dumps(value, ensure_ascii=False)}"
    for name, one in inside:
        yield from _leaves(one, f"{path}.{name}" if path else str(name))


def _difference(last: Last | None, now: Mapping[str, Any], births: Iterable[bytes]) -> list[str] | None:
    """Lines that went ("- ") and came ("+ "); None where there is nothing to compare, or nothing to read."""
    before = None if last is None else _bytes(last.content, last.form, None, births)["words"]
    if before is None or now["words"] is None:
        return None
    lines = difflib.unified_diff(before, now["words"], n=0, lineterm="")
    return [f"{line[0]} {line[1:]}" for line in lines if not line.startswith(("---", "+++", "@@"))]


def _thing(node: Node, name: str, language: str) -> dict[str, Any]:
    """A thing with its grade as it is now; without one where it is not there any more."""
    try:
        graded: Graded = node.catalogue.of(name)
    except ConfigurationError:
        return {"id": name, "grade": None, "grade_name": None}
    return {"id": name, "grade": str(graded.grade), "grade_name": say(f"grades.{graded.grade}", language)}


def _closing(node: Node, closing: Closing | None, language: str) -> dict[str, Any] | None:
    if closing is None:
        return None
    by = None if closing.by is None else _called(node, closing.by, language)
    told = LinesideError(closing.key, **closing.fields)
    why = told.sentence(language)
    return {"at_ms": closing.at_us // 1000, "by": by, "why": why, "reason": closing.fields.get("reason")}


def _why(why: LinesideError | None, language: str) -> dict[str, Any]:
    if why is None:
        return {"why": None, "cure": None}
    return {"why": why.sentence(language), "cure": why.cure(language)}


def _called(node: Node, number: int, language: str) -> str:
    """The name of an account; who has none was at the machine itself."""
    if not number:
        return say("valve.by_owner", language)
    try:
        return node.people.numbered(number).name
    except KeyError:
        return f"account/{number}"
