"""A pack as a hub publishes it, and a hub that has it on its shelf."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from lineside.exchange import PACK, Both, Cost, Effect, Envelope, Pack, Parameter, Setting, encoded
from tests.hub_peer import HubPeer

TEMPLATE = """\
[machine.{machine}]
name = "{label}"  # as people call it
[machine.{machine}.units]
rejected = "scrap"
[product.bolt]
ideal_cycle_s = {cycle}
"""


def words(en: str, zh: str | None = None) -> Both:
    """What people read."""
    return Both(en=en, zh=zh or f"{en}（中文）")


def pack(peer: HubPeer, **other: Any) -> Pack:
    """A pack that names a machine anew and corrects the cycle of its product."""
    told: dict[str, Any] = {
        "schema": "lineside.pack/1",
        "hub": peer.id,
        "id": "set-cycle",
        "edition": 1,
        "title": words("Right cycle"),
        "summary": words("Sets the ideal cycle time as it was measured."),
        "indicator": "oee",
        "parameters": (
            Parameter(id="machine", kind="machine", words=words("Machine")),
            Parameter(id="cycle", kind="number", words=words("Cycle"), unit="s", least=1, most=60, default=8.0),
            Parameter(id="label", kind="text", words=words("Name"), default="Press"),
        ),
        "plant": TEMPLATE,
        "changes": ({"name": "Faster", "scale": {"/stations/{machine}/work": 0.8}},),
        "settings": (Setting(words=words("Feed of {machine}"), value="{cycle}", unit="s"),),
        "instruction": words("Set {machine} to **{cycle} s**."),
        "cost": Cost(once_cny=(1000.0, 3000.0), days=2.0),
        "effects": (
            Effect(
                plan="a" * 64,
                indicator="oee",
                relative=True,
                mean=0.05,
                low=0.02,
                high=0.08,
                alpha=0.05,
                members=12,
                until="2026-01",
            ),
        ),
        "offered_by": "Lineside demo",
        "licence": "CC0-1.0",
        "made_ms": peer.now_us // 1000,
    }
    return Pack(**{**told, **other})


def signed(hub: HubPeer, told: Pack) -> Envelope:
    """As the hub publishes it."""
    return Envelope.parse(hub.hub.voice.say(PACK, encoded(told)))


def shelve(hub: HubPeer, packs: Sequence[Pack], **listed: Any) -> list[Envelope]:
    """The hub tells its members of these packs; `listed` is said of each."""
    envelopes = [signed(hub, one) for one in packs]
    by_hash = {one.sha256: msgspec.Raw(one.json()) for one in envelopes}
    told = [
        {"sha256": envelope.sha256, "id": one.id, "edition": one.edition, "fits": True, "why": [], "withdrawn": False}
        | {"title": {"en": one.title.en, "zh": one.title.zh}}
        | listed
        for envelope, one in zip(envelopes, packs, strict=True)
    ]
    hub.speak_freely()
    hub.hub.asks.words["packs"] = lambda _member, _ask: {"packs": told}
    hub.hub.asks.words["pack"] = lambda _member, ask: by_hash[ask.about]
    return envelopes
