"""A pack to draft, members of two industries, and what they say of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from lineside.exchange import (
    Adoption,
    Both,
    Cost,
    Effect,
    Foreseen,
    Need,
    Parameter,
    Setting,
    Value,
    month_name,
    month_number,
)
from lineside.hub import Hub
from lineside.hub.packs import Draft, Published, Shelf
from tests.hub.factories import PROFILE, Clock, Factory

PROVIDER, ANALYST = "account/2", "account/3"
NOW = month_number("2026-11")
"""The month in which the clock of tests stands."""


def both(en: str) -> Both:
    """A text in two languages."""
    return Both(en=en, zh=f"{en}（中）")


DRAFT = Draft(
    id="fast-recovery",
    title=both("Faster recovery"),
    summary=both("Buttons for reasons of stops, and standard work."),
    indicator="recovery_time",
    parameters=(
        Parameter(id="machine", kind="machine", words=both("The machine")),
        Parameter(id="share", kind="number", words=both("Time to repair left"), least=0.5, most=1.0, default=0.75),
    ),
    plant='[machine.{machine}.signals]\nreason = { kind = "text" }\n',
    changes=({"name": "Faster recovery", "scale": {"/stations/{machine}/breakdown/repair": "{share}"}},),
    settings=(Setting(words=both("Escalate after"), value="3", unit="min"),),
    instruction=both("# Stop\n\nPress the button at {machine}."),
    cost=Cost(once_cny=(20_000.0, 60_000.0), days=5.0),
    offered_by="Lineside test",
    licence="CC-BY-4.0",
)


EFFECT = Effect(
    plan="d" * 64,
    indicator="recovery_time",
    relative=True,
    mean=-0.24,
    low=-0.31,
    high=-0.17,
    alpha=0.05,
    members=28,
    until="2026-06",
)


def measured(hub: Hub, draft: Draft = DRAFT, effect: Effect = EFFECT) -> str:
    """The hash of a pack that a pilot measured, on a shelf that knows what it found; the hub reads it when it opens."""
    number = hub.packs.drafts.begin(draft, by=PROVIDER).number
    found = {effect.plan: effect}
    shelf = Shelf(hub.books, hub.ledger, hub.voice, found.get, Clock())
    return shelf.publish(number, "The pilot worked.", plans=[effect.plan], groups=hub.packs.groups, by=ANALYST).sha256


def published(hub: Hub, draft: Draft = DRAFT, **more: Any) -> Published:
    """The draft, made by one and published by another."""
    number = hub.packs.drafts.begin(draft, by=PROVIDER).number
    return hub.packs.publish(number, "It is sound.", by=ANALYST, **more)


def members(hub: Hub, folder: Path, clock: Clock, count: int, industry: str = "C3443", first: int = 0) -> list[Factory]:
    """So many factories of an industry."""
    found = []
    for at in range(first, first + count):
        profile = replace(PROFILE, name=f"Zebra works {at}", industry=industry)
        found.append(Factory.make(folder, clock, f"works-{industry}-{at}").joined(hub, f"works {at}", profile))
    return found


def adoption(factory: Factory, pack: str, month: int, **more: Any) -> Adoption:
    """The next statement: the pack is used from a month on."""
    return Adoption(pack=pack, month=month_name(month), **more, **factory.base())


def adopt(hub: Hub, factory: Factory, pack: str, month: int, **more: Any) -> None:
    """It says so, and the hub takes it."""
    (answer,) = factory.send(hub, factory.say(adoption(factory, pack, month, **more)))
    assert answer.problem is None, answer.problem


def need(factory: Factory, title: str = "Shorter stops", **more: Any) -> Need:
    """The next statement: it looks for something."""
    return Need(title=title, **more, **factory.base())


def foreseen(low: float, high: float, *, relative: bool = False) -> tuple[Foreseen, ...]:
    """What a twin says of the time to recover."""
    return (Foreseen(indicator="recovery_time", low=low, high=high, relative=relative),)


def recovery(hub: Hub, factory: Factory, months: Sequence[int], value: float, after: int | None, change: float) -> None:
    """Months of a factory at a level, and from `after` on at another; all in one go."""
    said = [
        factory.say(
            factory.submission(
                month_name(month),
                (
                    Value(
                        indicator="recovery_time",
                        value=value + (change if after is not None and month >= after else 0.0),
                        coverage=1.0,
                        evidence="e" * 64,
                    ),
                ),
            )
        )
        for month in months
    ]
    assert all(one.problem is None for one in factory.send(hub, *said))
