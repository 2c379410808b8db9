"""Needs and the answers to them: whose a need is nobody reads but its member and who reads the figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lineside.errors import ConfigurationError, NotPermitted
from lineside.exchange import Envelope, Need
from lineside.hub import Hub
from lineside.hub.compare import Secrecy
from lineside.hub.packs.needs import Kept, Kind, Kinds, worth_told
from tests.hub.factories import Clock, Factory, problem
from tests.hub.packs.drafts import ANALYST, DRAFT, NOW, PROVIDER, adopt, members, need, published


def test_a_need_is_told_taken_back_and_never_without_a_title(hub: Hub, factory: Factory) -> None:
    """Nor is one taken back that there is not; both words may come in one batch."""

    def said(told: Need) -> str:
        return problem(hub.receive(factory.signed(told).json()))

    assert said(need(factory, " ")) == "packs.no_title"
    assert said(need(factory, indicator="happiness")) == "exchange.no_indicator"
    factory.send(hub, factory.say(need(factory, worth_cny=80_000.0)))
    assert said(need(factory, "", takes_back=7)) == "packs.no_need"
    assert [one.open for one in hub.packs.needs()] == [True]
    back = [factory.say(need(factory, "", takes_back=1)), factory.say(need(factory, "Another"))]
    again = factory.say(need(factory, "", takes_back=3))
    assert [one.problem for one in factory.send(hub, *back, again)] == [None] * 3
    assert [(one.id, one.open) for one in hub.packs.needs()] == [(1, False), (3, False)]
    assert said(need(factory, "", takes_back=1)) == "packs.no_need"


def test_a_member_reads_packs_and_answers_by_its_node(hub: Hub, factory: Factory) -> None:
    """The shelf, the signed file of one, and its needs with what was answered."""
    pack = published(hub)
    factory.send(hub, factory.say(need(factory)))
    hub.packs.offer(1, "We can help.", pack=pack.sha256, by=PROVIDER)

    (told,) = factory.told(hub, "packs", nonce="2" * 64)["packs"]
    assert (told["sha256"], told["fits"], told["why"], told["withdrawn"], told["used"]) == (
        pack.sha256,
        True,
        [],
        False,
        False,
    )
    file = factory.told(hub, "pack", about=pack.sha256, nonce="3" * 64)
    assert Envelope.parse(pack.envelope).sha256 == Envelope.parse(_line(file)).sha256 == pack.sha256
    (mine,) = factory.told(hub, "offers", nonce="4" * 64)["needs"]
    (offer,) = mine["offers"]
    assert (mine["title"], offer["words"], offer["pack"]["sha256"]) == ("Shorter stops", "We can help.", pack.sha256)


def _line(told: dict[str, Any]) -> bytes:
    import msgspec

    return msgspec.json.encode(told)


def test_who_uses_a_pack_is_told_that_it_was_withdrawn(hub: Hub, tmp_path: Path, clock: Clock) -> None:
    """And who does not, does not see it any more."""
    one, other = members(hub, tmp_path, clock, 2)
    pack = published(hub)
    adopt(hub, one, pack.sha256, NOW - 2)
    hub.packs.shelf.withdraw(pack.sha256, "It was not safe.", by=ANALYST)

    (told,) = one.told(hub, "packs")["packs"]
    assert (told["withdrawn"], told["withdrawn_reasons"]) == (True, "It was not safe.")
    assert other.told(hub, "packs", nonce="5" * 64)["packs"] == []
    with pytest.raises(ConfigurationError, match="replaced or withdrawn"):
        hub.packs.offer(1, "", pack=pack.sha256)


def test_a_pack_says_why_it_does_not_fit(hub: Hub, factory: Factory) -> None:
    """Industry, size and traits, in the reader's language."""
    import msgspec

    published(hub, msgspec.structs.replace(DRAFT, industries=("13",), sizes=("micro",), traits=("job shop",)))

    (told,) = factory.told(hub, "packs", language="zh")["packs"]

    assert not told["fits"]
    assert len(told["why"]) == 3
    assert "job shop" in told["why"][2]


def test_answers_are_of_packs_own_drafts_or_words(hub: Hub, factory: Factory) -> None:
    """Not of a draft of somebody else, and only who gave one takes it back."""
    factory.send(hub, factory.say(need(factory)))
    draft = hub.packs.drafts.begin(DRAFT, by=PROVIDER).number

    with pytest.raises(NotPermitted):
        hub.packs.offer(1, "", draft=draft, by="account/9")
    with pytest.raises(ConfigurationError):
        hub.packs.offer(1, " ", by=PROVIDER)
    with pytest.raises(ConfigurationError):
        hub.packs.offer(2, "To nobody.", by=PROVIDER)
    made = hub.packs.offer(1, "Soon.", draft=draft, by=PROVIDER)
    with pytest.raises(NotPermitted):
        hub.packs.offers.end(made.id, by="account/9")
    hub.packs.offers.end(made.id, by=PROVIDER)

    assert hub.packs.offers.of(hub.packs.need(1)) == []


def test_the_kind_of_a_member_is_told_as_far_as_many_share_it() -> None:
    """Industry and size, industry alone, or nothing."""
    small, large, food = ("34", "small"), ("34", "large"), ("13", "small")
    every = [*[small] * 7, *[large] * 2, *[food] * 3]

    assert Kinds(every, 7).told("34", "small") == Kind("34", "small")
    assert Kinds(every, 7).told("34", "large") == Kind("34", None)
    assert Kinds(every, 7).told("34", None) == Kind("34", None)
    assert Kinds(every, 7).told("13", "small") == Kind(None, None)


def _needs(worth: list[float], indicator: str = "oee") -> list[Kept]:
    told = {"hub": "0" * 32, "number": 1, "previous": "0" * 64, "made_ms": 0, "indicator": indicator}
    return [
        Kept(at + 1, Need(title="x", worth_cny=each, member=at + 1, **told), 0, open=True)  # type: ignore[arg-type]
        for at, each in enumerate(worth)
    ]


def test_what_needs_are_worth_is_told_of_many_and_of_no_one_that_is_most_of_it() -> None:
    """Equal to the sum of the whole groups that told first, to two digits."""
    secrecy = Secrecy(5, 2, 0.5)

    (even,) = worth_told(_needs([10_000.0 + at for at in range(9)]), secrecy)
    (two,) = worth_told(_needs([10_000.0 + at for at in range(15)]), secrecy)

    assert (even.cny, even.members) == (float(f"{sum(10_000.0 + at for at in range(7)):.2g}"), 7)
    assert (two.cny, two.members) == (float(f"{sum(10_000.0 + at for at in range(14)):.2g}"), 14)
    assert worth_told(_needs([10_000.0] * 6), secrecy) == []
    assert worth_told(_needs([1e6, *[10_000.0] * 9]), secrecy) == []
    assert worth_told(_needs([1e6, 9e5, 9e5, *[10_000.0] * 9]), secrecy) == []
