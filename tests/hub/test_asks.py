"""Questions of members about themselves: answered to who signed them, soon, and once."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from lineside.exchange import Envelope
from lineside.hub import Hub
from lineside.hub.asks import AHEAD_MS
from lineside.hub.records import AskedRecord
from lineside.trust import Key
from tests.hub.conftest import Opens
from tests.hub.factories import Clock, Factory, problem


def test_a_member_learns_how_far_it_is(hub: Hub, factory: Factory) -> None:
    """State, key, number and hash of its last statement."""
    said = factory.say(factory.submission())
    factory.send(hub, said)

    told = factory.told(hub, "status")

    assert (told["state"], told["admitted"], told["last"], told["sha256"]) == ("member", True, 1, said.sha256)


def test_a_member_is_shown_entries_of_its_own_alone(hub: Hub, factory: Factory, tmp_path: Path, clock: Clock) -> None:
    """With the proof that its receipt is true; of everything else in the ledger nothing but hashes and the head."""
    other = Factory.make(tmp_path, clock, "other").joined(hub, "other")
    for one in (factory, other):
        one.send(hub, one.say(one.submission()))

    shown = [
        factory.told(hub, "status", nonce=f"{entry:064x}", about=str(entry))["ledger"]
        for entry in range(other.receipts[1].entry + 1)
    ]

    assert [at for at, one in enumerate(shown) if one["body"] or one["includes"]] == [factory.receipts[1].entry]


def test_a_member_gets_back_what_it_said(hub: Hub, factory: Factory) -> None:
    """Every byte of it with the receipts, piece by piece where it is much: so a node that lost its books goes on."""
    said = [
        factory.say(factory.submission(f"20{year}-{month:02d}"))
        for year in (17, 18, 19, 20, 21)
        for month in range(1, 13)
    ]
    for at in range(0, 60, 20):
        factory.send(hub, *said[at : at + 20])

    found: list[dict[str, object]] = []
    pieces = 0
    while (told := factory.told(hub, "statements", since=len(found), nonce=f"{pieces:064x}"))["statements"]:
        found += told["statements"]
        pieces += 1

    assert pieces > 1
    assert told["last"] == 60
    assert [Envelope.parse(msgspec.json.encode(one["statement"])) for one in found] == said


def test_a_question_is_answered_once_and_soon(hub: Hub, factory: Factory, clock: Clock) -> None:
    """Whoever picks it up and sends it again learns nothing, and so does who kept it for later."""
    asked = factory.ask("status")
    old = factory.ask("status", nonce="2" * 64)

    assert hub.receive(asked.json())[0].reply
    assert problem(hub.receive(asked.json())) == "hub.asked"
    clock.forward(minutes=6)
    assert problem(hub.receive(old.json())) == "hub.ask_late"
    early = factory.ask("status", nonce="3" * 64, made_ms=clock.ms + 120_000)
    assert problem(hub.receive(early.json())) == "hub.ask_late"


def test_a_question_from_before_the_start_is_not_answered(factory: Factory, clock: Clock, opens: Opens) -> None:
    """A hub that was started anew does not know any more what it answered before."""
    asked = factory.ask("status")
    clock.forward(minutes=3)

    assert problem(opens().receive(asked.json())) == "hub.ask_late"


@pytest.mark.usefixtures("books")
def test_a_question_of_a_clock_ahead_is_not_answered_again_after_a_restart(
    opens: Opens, tmp_path: Path, clock: Clock
) -> None:
    """What was answered stands in the books: it was signed after the new start, by a clock that goes ahead."""
    hub = opens()
    factory = Factory.make(tmp_path, clock).joined(hub)
    asked = factory.ask("status", made_ms=clock.ms + AHEAD_MS)
    assert hub.receive(asked.json())[0].reply
    clock.forward(minutes=0.5)

    again = opens()

    assert problem(again.receive(asked.json())) == "hub.asked"
    fresh = factory.ask("status", nonce="2" * 64, made_ms=clock.ms + AHEAD_MS)
    assert again.receive(fresh.json())[0].reply


def test_what_is_late_is_kept_no_longer(hub: Hub, factory: Factory, clock: Clock) -> None:
    """Of questions the books hold those alone that somebody could still send again."""
    hub.receive(factory.ask("status").json())
    clock.forward(minutes=6)
    hub.receive(factory.ask("status", nonce="2" * 64).json())

    with hub.books.reading() as rows:
        assert list(rows.scalars(select(AskedRecord.nonce))) == ["2" * 64]


def test_who_asks_in_vain_is_told_why(hub: Hub, factory: Factory) -> None:
    """A member that is none, and what no hub knows."""
    assert problem(hub.receive(factory.ask("status", member=7).json())) == "hub.stranger"
    assert problem(hub.receive(factory.ask("luck").json())) == "exchange.no_record"


def test_nobody_asks_for_another(hub: Hub, factory: Factory, tmp_path: Path) -> None:
    """Without the member's key there is no answer."""
    factory.key = Key.make(tmp_path / "stranger.key")

    assert problem(hub.receive(factory.ask("statements").json())) == "hub.forged"
