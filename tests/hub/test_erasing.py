"""A former member is erased after the time of the contract: what is left are numbers, hashes, and its own receipts."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from lineside.errors import ConfigurationError
from lineside.exchange import Receipt, month_number
from lineside.hub import Hub
from lineside.hub.export import export_hub
from lineside.hub.records import EnrolmentRecord, ProfileRecord, StatementRecord
from lineside.hub.settings import Leaving
from lineside.trust import Asked
from tests.hub.conftest import Opens
from tests.hub.factories import MONTH, PROFILE, Clock, Factory, problem

DAYS = 365


def keeping(hub: Hub) -> Hub:
    """The hub with a time after which former members are erased."""
    hub.settings = hub.settings.model_copy(update={"leaving": Leaving(days=DAYS)})
    return hub


def left(hub: Hub, factory: Factory) -> Receipt:
    """The receipt of what a factory said before it left."""
    said = factory.say(factory.submission())
    (answer,) = factory.send(hub, said)
    receipt = factory.keep(answer)
    factory.send(hub, factory.leaving())
    return receipt


@pytest.mark.usefixtures("books")
def test_what_a_former_member_said_is_erased_when_its_time_is_over(opens: Opens, tmp_path: Path, clock: Clock) -> None:
    """Not a day earlier; over a restart as before it; another member keeps what it said."""
    hub = keeping(opens())
    gone, stays = (Factory.make(tmp_path, clock, name).joined(hub, name) for name in ("gone", "stays"))
    receipt = left(hub, gone)
    stays.send(hub, stays.say(stays.submission()))
    clock.forward(days=DAYS - 1)
    assert hub.erasing.keep() == 0
    clock.forward(days=1)
    assert (hub.erasing.keep(), hub.erasing.keep()) == (1, 0)

    _require_gone(hub, gone, stays, receipt)
    _require_gone(keeping(opens()), gone, stays, receipt)


def _require_gone(hub: Hub, gone: Factory, stays: Factory, receipt: Receipt) -> None:
    assert hub.figures.said(gone.number, month_number(MONTH)) == {}
    assert hub.figures.said(stays.number, month_number(MONTH)) != {}
    member = hub.register.get(gone.number)
    assert (member.label, member.profile.name, member.profile.employees) == ("–", "–", None)
    with hub.books.reading() as rows:
        assert set(rows.scalars(select(StatementRecord.member))) == {stays.number}
        mine = EnrolmentRecord.member == gone.number
        assert list(rows.execute(select(EnrolmentRecord.envelope, EnrolmentRecord.welcome).where(mine))) == [(b"", b"")]
        kept = rows.scalars(select(ProfileRecord.profile).where(ProfileRecord.member == gone.number))
        assert PROFILE.name not in str(list(kept))
    with hub.ledger.stored() as now:
        (entry,) = now.page(Asked(kinds=["member.erased"]), 9)
        assert entry["facts"]["statements"] == 2
        assert receipt.entry in [one["index"] for one in now.page(Asked(kinds=["statement.taken"]), 99)]


def test_a_receipt_still_shows_what_was_said(hub: Hub, factory: Factory, clock: Clock) -> None:
    """Its signature holds, and the entry that it names has the hash of the statement that the factory kept."""
    receipt = left(keeping(hub), factory)
    clock.forward(days=DAYS)
    hub.erasing.keep()

    with hub.ledger.stored() as now:
        found = {one["index"]: one for one in now.page(Asked(kinds=["statement.taken"]), 99)}[receipt.entry]
    assert found["facts"] == {"number": receipt.number, "sha256": receipt.statement}
    assert receipt.statement == factory.sent[receipt.number].sha256


def test_who_was_erased_is_answered_and_does_not_come_back(hub: Hub, factory: Factory, clock: Clock) -> None:
    """What is sent once more is refused with the reason, and holds nothing up; a question finds nothing to tell."""
    left(keeping(hub), factory)
    clock.forward(days=DAYS)
    hub.erasing.keep()

    assert problem(factory.send(hub, factory.sent[1])) == "hub.erased"
    told = factory.told(hub, "statements")
    assert told["statements"] == []


def test_a_member_is_not_erased_before_its_time(hub: Hub, factory: Factory, clock: Clock) -> None:
    """Nor without a time in the settings."""
    with pytest.raises(ConfigurationError):
        keeping(hub).erasing.erase(factory.number)
    left(hub, factory)
    with pytest.raises(ConfigurationError):
        hub.erasing.erase(factory.number)
    clock.forward(days=10 * DAYS)
    hub.settings = hub.settings.model_copy(update={"leaving": None})
    with pytest.raises(ConfigurationError):
        hub.erasing.erase(factory.number)


def test_an_export_holds_what_is_left(hub: Hub, factory: Factory, tmp_path: Path, clock: Clock) -> None:
    """Every line of it is JSON; nothing of the name is in any of them."""
    left(keeping(hub), factory)
    clock.forward(days=DAYS)
    hub.erasing.keep()

    export_hub(hub.folder, hub.books, hub.ledger, hub.figures, tmp_path / "export")

    for file in (tmp_path / "export").glob("*.jsonl"):
        assert PROFILE.name.encode() not in file.read_bytes()
    assert '"envelope":null' in (tmp_path / "export" / "enrolments.jsonl").read_text("utf-8")
