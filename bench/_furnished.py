"""A hub that is no empty house: what members said beside their months, and what its people put into it.

Members' statements are written into the books as they would lie there, signed by a key that nobody checks here; all
that the hub's people do goes the way it always goes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import convert, to_builtins
from msgspec.structs import replace
from sqlalchemy import insert

from lineside.demo.cluster.packs import drafts
from lineside.errors import LinesideError
from lineside.exchange import (
    STATEMENT,
    Addressed,
    Adoption,
    Both,
    Energy,
    Envelope,
    Exposure,
    Incident,
    Input,
    Limit,
    Need,
    Recovery,
    Reply,
    Statement,
    encoded,
    month_name,
    month_number,
)
from lineside.hub import Hub
from lineside.hub.pilots import Choice, Hypothesis, Plan, Wanted
from lineside.hub.records import StatementRecord
from lineside.hub.sandboxes import Offer
from lineside.hub.sums import AskedSum
from lineside.rules import FOLDER
from lineside.trust import HUB, Key

DAY_MS = 86_400_000
FIRST_ENTRY = 1_000_000_000
"""Of the statements that are written here: far behind those of the ledger."""
RULES = Path(__file__).parent.parent / "tests/hub/support/park.toml"
PROGRAMME = "park-connected"
GOODS = ("steel", "castings", "bearings", "tools", "drives", "chips", "boards", "copper", "yarn", "paper")
PILOTS, TAKING_PART, COMING = 8, 24, 4
PACKS, QUESTIONS, SANDBOXES, SUMS, APPLICATIONS, OBJECTIONS = 9, 8, 40, 3, 300, 200
EXPOSED, ADOPTING, NEEDING, REPORTING, REPLYING = 0.8, 0.2, 0.1, 0.1, 0.8
"""The shares of members that say such a thing."""
WORDS = Both(en="To see where support is needed.", zh="了解何处需要支持。")
Said: TypeAlias = tuple[type[Statement], int, dict[str, Any]]


def lay_rules(folder: Path) -> None:
    """Write a programme of support into a hub's folder."""
    (folder / FOLDER).mkdir(exist_ok=True)
    (folder / FOLDER / RULES.name).write_text(RULES.read_text("utf-8"), "utf-8")


def plan_pilots(hub: Hub, members: int, start: int) -> None:
    """Fix pilots before they start, each with the comparison group that is found for it."""
    chance = np.random.default_rng(3)
    names = ("oee", "lead_time", "first_pass_yield", "recovery_time")
    for at in range(PILOTS):
        expected = Hypothesis(names[at % len(names)], 0.1, 0.05, relative=True)
        _fix(hub, f"Pilot {at}", expected, _free(hub, chance, members), start)


def _fix(hub: Hub, name: str, expected: Hypothesis, treated: list[int], start: int) -> None:
    wanted = Wanted(expected, tuple(treated), start, 12, 6)
    try:
        found = hub.pilots.match(wanted)
        plan = Plan(name, expected, wanted.treated, found.comparison, start, 12, 6, chosen=Choice.MATCHED)
        hub.pilots.fix(plan, each=wanted.each)
    except LinesideError as error:
        raise SystemExit(error.sentence()) from error


def ask(hub: Hub) -> None:
    """Publish the questions that are over by now: half of what is asked."""
    for at in range(QUESTIONS // 2):
        hub.oversight.questions.publish(_question(hub, at))


def furnish(hub: Hub, members: int, month: str) -> None:
    """Put everything else into a hub whose months are told."""
    chance = np.random.default_rng(4)
    for at in range(COMING):
        start = month_number(month) + 4 + at
        _fix(hub, f"Coming {at}", Hypothesis("oee", 0.1, 0.05), _free(hub, chance, members), start)
    for at in range(QUESTIONS // 2, QUESTIONS):
        hub.oversight.questions.publish(_question(hub, at))
    packs = list(_packs(hub))
    say(hub, [*_exposures(chance, members, month), *_beside(hub, chance, members, month, packs)])
    first = month_number(month) + 1
    limits = (Limit(indicator="oee", least=0.2),)
    offer = Offer(
        title=WORDS, relaxed=WORDS, basis="Order 7", limits=limits, first=month_name(first), last=month_name(first + 5)
    )
    for one in _some(chance, members, SANDBOXES):
        hub.sandboxes.offer(one, offer)
    for at in range(SUMS):
        to = Addressed(industries=(str(30 + at),))
        hub.sums.call(AskedSum(WORDS, WORDS, Both(en=f"Use {at}", zh=f"用量{at}"), month, "kWh", 1.0, 1e6, to=to))
    for at, one in enumerate(_some(chance, members, APPLICATIONS)):
        hub.support.draft(one, PROGRAMME, hub.support.today(), {"spend": 1000.0}, f"Sensors {at}", 0)
    for one in _some(chance, members, OBJECTIONS):
        hub.objections.raise_one(one, "figure", {"indicator": "oee", "month": month}, "It stood for an audit.")
    hub.shocks.tell()


def _some(chance: np.random.Generator, members: int, count: int) -> list[int]:
    return sorted((chance.permutation(members)[: min(count, members // 20)] + 1).tolist())


def _free(hub: Hub, chance: np.random.Generator, members: int) -> list[int]:
    """Members for a pilot that have no part in any other."""
    taken = {one for pilot in hub.pilots.listed() for one in (*pilot.plan.treated, *pilot.plan.comparison)}
    free = [one for one in (chance.permutation(members) + 1).tolist() if one not in taken]
    return sorted(free[: min(TAKING_PART, members // 100)])


def _question(hub: Hub, at: int) -> dict[str, Any]:
    titles = {"en": f"Question {at}", "zh": f"问题{at}"}
    words = {"en": WORDS.en, "zh": WORDS.zh}
    return {
        "title": titles,
        "words": words,
        "purpose": words,
        "basis": "Park order 3",
        "kind": "yes_no",
        "to": {},
        "duty": at % 2 == 0,
        "due_ms": hub.oversight.now_ms + 20 * DAY_MS,
    }


def _packs(hub: Hub) -> Iterator[str]:
    for at in range(PACKS):
        draft = drafts()[at % len(drafts())]
        number = hub.packs.drafts.begin(replace(draft, id=f"{draft.id}-{at}"), by=HUB).number
        yield hub.packs.publish(number, "It is measured.").sha256


def _exposures(chance: np.random.Generator, members: int, month: str) -> Iterator[Said]:
    for one in range(1, members + 1):
        if chance.random() > EXPOSED:
            continue
        inputs = tuple(
            Input(
                what=GOODS[good],
                share=round(float(chance.uniform(0.1, 0.9)), 2),
                stock_days=round(float(chance.uniform(2, 60))),
                replaced_days=None if chance.random() < 0.2 else round(float(chance.uniform(10, 90))),
            )
            for good in chance.permutation(len(GOODS))[:3]
        )
        energy = Energy(power_kw=100.0, cost_share=round(float(chance.uniform(0.01, 0.15)), 3), spared=0.1)
        tried = tuple(
            Recovery(
                shock="power",
                size=size,
                days=10.0,
                output_lost=(size / 2, size * 0.9),
                recovery_days=(1.0, 4.0),
                cost_cny=(1000.0, 9000.0),
            )
            for size in (0.1, 0.2, 0.4)
        )
        yield (
            Exposure,
            one,
            {"month": month, "inputs": inputs, "energy": energy, "recoveries": tried if one % 3 == 0 else ()},
        )


def _beside(hub: Hub, chance: np.random.Generator, members: int, month: str, packs: list[str]) -> Iterator[Said]:
    now_ms, until = hub.oversight.now_ms, month_number(month)
    concerns = hub.settings.concern_ids
    asked = hub.oversight.questions.listed()
    for one in range(1, members + 1):
        if chance.random() < ADOPTING:
            since = month_name(until - int(chance.integers(1, 12)))
            yield Adoption, one, {"pack": packs[int(chance.integers(len(packs)))], "month": since, "cost_cny": 32_000.0}
        if chance.random() < NEEDING:
            shown = "members" if one % 2 else "hub"
            yield Need, one, {"title": f"Need {one}", "indicator": "oee", "worth_cny": 1e5, "shown": shown}
        if chance.random() < REPORTING:
            told = {"concern": concerns[one % len(concerns)], "severity": 1 + one % 4, "title": f"Stop {one}"}
            yield Incident, one, {**told, "began_ms": now_ms - DAY_MS}
        for question in asked:
            if chance.random() < REPLYING:
                yield Reply, one, {"question": question.sha256, "yes": one % 3 > 0}


def say(hub: Hub, said: list[Said]) -> None:
    """Write what members say into the books."""
    key, numbers, received_us = Key(Ed25519PrivateKey.generate()), Counter[int](), hub.oversight.now_ms * 1000
    rows = []
    for at, (kind, member, told) in enumerate(said):
        numbers[member] += 1
        tag = str(kind.__struct_config__.tag)
        common = {"hub": hub.id, "member": member, "number": numbers[member], "previous": "0" * 64}
        statement = convert({**common, "say": tag, "made_ms": hub.oversight.now_ms, **to_builtins(told)}, kind)
        envelope = Envelope.sign(STATEMENT, encoded(statement), key)
        rows.append(
            {
                "member": member,
                "number": numbers[member],
                "entry": FIRST_ENTRY + at,
                "say": tag,
                "month": None,
                "sha256": envelope.sha256,
                "previous": "0" * 64,
                "received_us": received_us,
                "envelope": envelope.json(),
                "receipt": b"{}",
                "remarks": [],
            }
        )
    with hub.books.session() as books:
        books.execute(insert(StatementRecord), rows)
