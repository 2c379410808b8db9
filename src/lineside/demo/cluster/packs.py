"""The solution packs of the demo cluster: laid on the shelf of its hub, and put to use by generated members."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

import msgspec

from lineside.demo.cluster.adopting import Adopting
from lineside.demo.cluster.generate import GeneratedCluster
from lineside.demo.cluster.speaking import Speaker, heard
from lineside.hub import Hub
from lineside.hub.packs import Draft, Published
from lineside.texts import DEFAULT_LANGUAGE, say
from lineside.trust import HERE, HUB

MEASURED = "fast-recovery"
"""The pack that the pilot of the demo tries, and that others take up afterwards."""


@cache
def drafts() -> tuple[Draft, ...]:
    """The packs that come with the demo, as their provider drafts them."""
    folder = files("lineside.demo.cluster").joinpath("data/packs")
    found = sorted((one for one in folder.iterdir() if one.name.endswith(".toml")), key=lambda one: one.name)
    return tuple(msgspec.convert(tomllib.loads(one.read_text("utf-8")), Draft) for one in found)


def publish_packs(hub: Hub, plans: Sequence[str] = (), language: str = DEFAULT_LANGUAGE) -> Published:
    """Lays the drafts into a hub and publishes one, with what pilots of these plans found of its indicator.

    The drafts come with the program, so that whoever owns the folder publishes them, and not who drafted them.
    """
    numbers = {draft.id: hub.packs.drafts.begin(draft, by=HUB).number for draft in drafts()}
    tried = next(draft for draft in drafts() if draft.id == MEASURED)
    found = hub.packs.shelf.measured(plans, tried.indicator)
    return hub.packs.publish(numbers[MEASURED], say("demo.cluster.published", language), plans=found, by=HERE)


def say_adoptions(hub: Hub, speakers: Mapping[int, Speaker], pack: str, told: Sequence[Adopting], now_ms: int) -> int:
    """Lets generated members say what they adopt, each by its own signed statement; gives how many were taken."""
    return heard(hub, [(speakers[one.member], speakers[one.member].adoption(pack, one, now_ms)) for one in told])


def spread_packs(
    hub: Hub,
    made: GeneratedCluster,
    speakers: Mapping[int, Speaker],
    now_ms: int,
    *,
    plans: Sequence[str] = (),
    language: str = DEFAULT_LANGUAGE,
) -> int:
    """Publishes the pack that the pilot tried and lets generated members put it to use; gives how many statements.

    `plans` are those of the pilots that the hub keeps.
    """
    pack = publish_packs(hub, plans, language)
    return say_adoptions(hub, speakers, pack.sha256, made.planted.adopting, now_ms)
