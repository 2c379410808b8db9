"""How a factory becomes a member, stays one when it loses its key, and ceases to be one."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from lineside.errors import ConfigurationError
from lineside.exchange import Envelope, Invitation, decoded
from lineside.hub import Hub, Standing, agreement, agreement_hash, labels_of
from lineside.trust import Key, fingerprint
from tests.hub.conftest import Opens
from tests.hub.factories import PROFILE, Clock, Factory, only, problem


def told(envelope: bytes) -> Invitation:
    """What an invitation says."""
    found = decoded(Envelope.parse(envelope))
    assert isinstance(found, Invitation)
    return found


def test_an_invitation_says_who_invites_and_what_is_accepted(hub: Hub, folder: Path) -> None:
    """Signed by the hub, with a code of its own for each, the agreement in full, and a day on which it ends."""
    one, other = hub.invitations.invite(["one", "other"], days=10, language="zh")

    first, second = told(one.envelope), told(other.envelope)
    assert Envelope.parse(one.envelope).signed_by(hub.voice.key)
    assert (first.hub, first.name, first.key) == (hub.id, "Park", hub.voice.key.hex())
    assert first.agreement == second.agreement == agreement(folder, "zh")
    assert first.code != second.code
    assert first.expires_ms == one.expires_us // 1000
    assert [one.label for one in hub.registrar.invitations()] == ["other", "one"]


def test_a_hub_may_have_an_agreement_of_its_own(hub: Hub, folder: Path, tmp_path: Path, clock: Clock) -> None:
    """The text in its folder is put to factories; who was invited before accepts the text of their invitation."""
    before = hub.invitations.invite(["before"])[0]
    (folder / "agreement.en.md").write_text("Ours.", "utf-8")
    after = hub.invitations.invite(["after"])[0]

    assert told(after.envelope).agreement == "Ours."
    late = Factory.make(tmp_path, clock)
    wrong = late.enrolment(before, agreement=agreement_hash("Ours."))
    assert problem(hub.receive(wrong.json())) == "hub.other_agreement"
    assert late.enrol(hub, before).member == 1


@pytest.mark.parametrize("text", ["", "   ", "x" * 50_001])
def test_an_agreement_that_cannot_be_sent_is_refused(hub: Hub, folder: Path, text: str) -> None:
    """Before anybody is invited by it."""
    (folder / "agreement.en.md").write_text(text, "utf-8")

    with pytest.raises(ConfigurationError) as refused:
        hub.invitations.invite(["one"])

    assert refused.value.key == "hub.agreement_size"
    assert hub.registrar.invitations() == []


def test_many_are_invited_by_a_table(hub: Hub) -> None:
    """The first column names them; all are invited, or with a row that cannot be read none."""
    assert labels_of("\ufefflabel,remark\nOne works,x\n\n  Two   works \n".encode()) == ["One works", "Two works"]
    assert labels_of(b"One works\n") == ["One works"]

    with pytest.raises(ConfigurationError, match="Row 2"):
        labels_of(f"One works\n{'x' * 201}\n".encode())
    assert len(hub.invitations.invite([f"works {at}" for at in range(300)])) == 300


@pytest.mark.parametrize("parted", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_table_is_read_as_spreadsheets_save_it(parted: str, encoding: str) -> None:
    """On a Chinese computer, on a European one, and with what stands in other columns left out."""
    table = f'名称{parted}备注\n第一阀门厂{parted}一号\n"北方泵业, 总厂"{parted}\n'

    assert labels_of(table.encode(encoding)) == ["第一阀门厂", "北方泵业, 总厂"]


def test_a_table_that_is_no_text_is_refused() -> None:
    """With the way to mend it."""
    with pytest.raises(ConfigurationError, match="neither in UTF-8"):
        labels_of(b"\x89PNG\xff\xff\xff")


@pytest.mark.parametrize(("labels", "days"), [([], 14), (["x\x1b[2J"], 14), ([""], 14), (["x"], 0), (["x"], 400)])
def test_an_invitation_that_makes_no_sense_is_refused(hub: Hub, labels: list[str], days: int) -> None:
    """None of those that were asked for is made."""
    with pytest.raises(ConfigurationError):
        hub.invitations.invite(["good", *labels] if labels else labels, days=days)

    assert hub.registrar.invitations() == []


def test_a_factory_enrols_and_is_admitted(hub: Hub, opens: Opens, tmp_path: Path, clock: Clock) -> None:
    """It gets a number and a signed welcome; people compare the fingerprint before it may speak."""
    factory = Factory.make(tmp_path, clock)

    welcome = factory.enrol(hub, hub.invitations.invite(["First"])[0])

    member = hub.register.get(welcome.member)
    assert (member.state, member.label, member.profile, member.last) == (Standing.PENDING, "First", PROFILE, 0)
    with pytest.raises(ConfigurationError) as refused:
        hub.registrar.admit(1, "4F2A-91C0-7B3D-E855-0A6C")
    assert refused.value.key == "hub.other_fingerprint"
    hub.registrar.admit(1, fingerprint(factory.key.public).lower().replace("-", " "))
    assert opens().register.get(1).state is Standing.MEMBER


def test_the_same_enrolment_gets_the_same_welcome(hub: Hub, opens: Opens, tmp_path: Path, clock: Clock) -> None:
    """However often and when it comes, also when it is two in one text, and after the invitation expired."""
    factory = Factory.make(tmp_path, clock)
    line = factory.enrolment(hub.invitations.invite(["one"])[0]).json()

    first, second = hub.receive(line + b"\n" + line)
    clock.forward(days=30)
    third = only(opens().receive(line))

    assert first.reply == second.reply == third.reply is not None


def test_a_code_opens_the_register_once(hub: Hub, tmp_path: Path, clock: Clock) -> None:
    """Who comes second with it is refused, and the registrar sees that somebody did, beside the first."""
    invited = hub.invitations.invite(["one"])[0]
    Factory.make(tmp_path, clock, "first").enrol(hub, invited)

    second = Factory.make(tmp_path, clock, "second").enrolment(invited)

    assert problem(hub.receive(second.json())) == "hub.code_used"
    (shown,) = hub.registrar.refused(1)
    assert (shown.why, shown.sha256) == ("hub.code_used", second.sha256)
    assert list(hub.register.members) == [1]


def test_an_enrolment_must_be_right(hub: Hub, tmp_path: Path, clock: Clock) -> None:
    """A code that nobody made, an old one, a profile from elsewhere, a key that is known: none becomes a member."""
    invited = hub.invitations.invite(["one", "two"])
    factory = Factory.make(tmp_path, clock)
    moon = msgspec.structs.replace(PROFILE, region="moon")

    assert problem(hub.receive(factory.enrolment(invited[0], code="x").json())) == "hub.no_code"
    assert problem(hub.receive(factory.enrolment(invited[0], moon).json())) == "hub.no_region"
    assert problem(hub.receive(factory.enrolment(invited[0], key="a" * 64).json())) == "hub.forged"
    factory.enrol(hub, invited[0])
    assert problem(hub.receive(factory.enrolment(invited[1]).json())) == "hub.key_known"
    clock.forward(days=14)
    late = Factory.make(tmp_path, clock, "late").enrolment(invited[1])
    assert problem(hub.receive(late.json())) == "hub.code_expired"
    assert list(hub.register.members) == [1]


def test_who_lost_its_key_comes_again_as_the_same_member(
    hub: Hub, opens: Opens, factory: Factory, tmp_path: Path
) -> None:
    """The old key is closed at once; with the new one the chain goes on where it stood, once somebody compared it."""
    first = factory.say(factory.submission("2026-07"))
    factory.send(hub, first)
    lost = factory.key

    invited = hub.invitations.again(1)
    assert problem(hub.receive(factory.signed(factory.submission("2026-08"), lost).json())) == "hub.forged"
    with pytest.raises(ConfigurationError) as refused:
        hub.registrar.admit(1, fingerprint(lost.public))
    assert refused.value.key == "hub.no_key_yet"
    factory.key = Key.make(tmp_path / "again.key")
    again = factory.enrolment(invited)
    assert only(hub.receive(again.json())).reply
    assert problem(hub.receive(factory.signed(factory.submission("2026-08")).json())) == "hub.not_admitted"
    hub.registrar.admit(1, fingerprint(factory.key.public))

    hub = opens()
    told = factory.told(hub, "status")
    assert told.pop("ledger")["head"] == hub.ledger.head().told()
    assert told == {
        "state": "member",
        "admitted": True,
        "key": fingerprint(factory.key.public),
        "last": 1,
        "sha256": first.sha256,
        "restored_ms": 0,
    }
    assert factory.send(hub, factory.say(factory.submission("2026-08")))[0].reply
    assert only(hub.receive(first.json())).reply
    assert list(hub.register.members) == [1]


def test_who_lost_its_key_before_it_spoke_begins_with_the_new_enrolment(
    hub: Hub, factory: Factory, opens: Opens, tmp_path: Path
) -> None:
    """Its first statement names what it sent last."""
    invited = hub.invitations.again(1)
    factory.key = Key.make(tmp_path / "again.key")
    again = factory.enrolment(invited)
    hub.receive(again.json())
    hub.registrar.admit(1, fingerprint(factory.key.public))
    factory.sent = [again]

    assert factory.send(opens(), factory.say(factory.submission()))[0].reply


def test_after_a_merger_one_goes_on(hub: Hub, opens: Opens, factory: Factory, tmp_path: Path, clock: Clock) -> None:
    """The other is closed with the reason, and the register says into whom it went."""
    other = Factory.make(tmp_path, clock, "other").joined(hub, "other")

    hub.registrar.close(2, "merged", into=1)

    assert problem(other.send(hub, other.say(other.submission()))) == "hub.over"
    hub = opens()
    assert (hub.register.get(2).into, hub.registrar.why(2)) == (1, "merged")
    assert other.told(hub, "status")["state"] == "closed"
    assert factory.send(hub, factory.say(factory.submission()))[0].reply


def test_what_cannot_be_decided_is_refused(hub: Hub, factory: Factory) -> None:
    """Without a reason, into itself, into nobody, twice, or for somebody who was admitted already."""
    for call, key in (
        (lambda: hub.registrar.close(1, " "), "hub.no_reason"),
        (lambda: hub.registrar.close(1, "x", into=1), "hub.into_itself"),
        (lambda: hub.registrar.close(1, "x", into=2), "hub.no_member"),
        (lambda: hub.registrar.close(7, "x"), "hub.no_member"),
        (lambda: hub.registrar.refuse(1, "x"), "hub.admitted"),
        (lambda: hub.invitations.again(7), "hub.no_member"),
    ):
        with pytest.raises(ConfigurationError) as refused:
            call()
        assert refused.value.key == key
    hub.registrar.close(1, "done")
    with pytest.raises(ConfigurationError) as refused:
        hub.registrar.admit(1, fingerprint(factory.key.public))
    assert refused.value.key == "hub.over"


def test_who_is_not_wanted_is_refused(hub: Hub, tmp_path: Path, clock: Clock) -> None:
    """Closed without ever having been a member; the invitation stays used."""
    factory = Factory.make(tmp_path, clock)
    factory.enrol(hub, hub.invitations.invite(["one"])[0])

    assert hub.registrar.refuse(1, "another fingerprint").state is Standing.CLOSED
    assert problem(factory.send(hub, factory.say(factory.submission()))) == "hub.over"
    assert hub.registrar.invitations() == []
