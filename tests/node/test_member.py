"""A node as a member of a hub on a real socket: one chain, in the books first, past a real valve."""

from __future__ import annotations

import base64
import ssl
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest

from lineside.errors import ConfigurationError, LinesideError, UnusableData
from lineside.exchange import (
    APPLICATION,
    RECEIPT,
    Answer,
    Envelope,
    Invitation,
    Profile,
    Proof,
    Signed,
    Submission,
    SumKey,
    decoded,
    encoded,
)
from lineside.measure import Scope, kpi_rows
from lineside.node import BOOKS, Membership, Node, Progress, Stage, back_up, restore
from lineside.node.member import Door
from lineside.node.member.asking import Question
from lineside.trust import Asked, Grade, Key, Kind, Outlet, Parcel, Withheld, stored_ledger
from lineside.valve import HUB as FLOW
from lineside.valve import Limits, Release, Terms
from tests.certificates import write_certificate
from tests.hub_peer import REGION, HubPeer, served
from tests.node.february import DAY_US, MINUTE_US, at, copied, put

PROFILE = Profile(name="Works", industry="34", region=REGION, employees=80)
TOLD = at(3, 2, 6, 1)
"""A day after February is over."""


@pytest.fixture
def opened(month: Path, tmp_path: Path, hub: HubPeer) -> Iterator[Callable[[], Works]]:
    """Opens the node on a copy of its folder, anew each time."""
    folder = tmp_path / "plant"
    folder.mkdir()
    copied(month, folder)
    works = list[Works]()

    def make() -> Works:
        shut(works)
        works.append(Works(Node.open(folder), hub))
        return works[0]

    yield make
    shut(works)


@pytest.fixture
def works(opened: Callable[[], Works]) -> Works:
    """A node with that February, at its beginning."""
    return opened()


class Works:
    """A node and a hub with one clock."""

    def __init__(self, node: Node, hub: HubPeer, us: int = at(2, 1)) -> None:
        self.node, self.member, self.hub, self.closed = node, node.member, hub, False
        node.valve.releases.latest_us = 0
        self.clock(us)

    def close(self) -> None:
        """Ends the node, once."""
        if not self.closed:
            self.closed = True
            self.node.close()

    def clock(self, us: int) -> None:
        """Sets it."""
        self.node.valve.releases.now = lambda: us
        self.hub.now_us = us

    def release(self, *content: str, address: str | None = None) -> Release:
        """What the hub may be told, asked for and allowed."""
        now = self.node.valve.releases.now()
        terms = Terms(
            name="Park",
            purpose="benchmarks",
            recipient="Park",
            flow=FLOW,
            address=address or self.hub.id,
            content=content or ("profile", "indicator/*"),
            grade=Grade.GENERAL,
            since_us=now,
            until_us=now + 300 * DAY_US,
            limits=Limits(),
            every="month",
        )
        asked = self.node.valve.ask(terms, 0)
        self.node.valve.releases.allow(asked.id, asked.digest, 0)
        return asked

    def enrol(self, hub: HubPeer, authority: str = "") -> Membership:
        """Takes an invitation, and signs the enrolment."""
        self.member.memberships.take(hub.invitation(authority))
        return self.member.memberships.enrol(PROFILE, hub.accepted)

    def joined(self, hub: HubPeer, *content: str) -> Membership:
        """Is admitted, by a release."""
        self.enrol(hub)
        self.release(*content)
        self.speak()
        hub.admit()
        found = self.speak()
        assert found.state is Stage.ADMITTED
        return found

    def speak(self, us: int | None = None, first: str | None = None) -> Membership:
        """One run, at a moment."""
        if us is not None:
            self.clock(us)
        self.node.valve.keep()  # as a beat does: what is not in the books for long lets nothing leave
        return cast("Membership", self.member.speak(first))

    @property
    def now(self) -> Membership:
        """The membership as it stands."""
        return cast("Membership", self.member.memberships.current())

    def why(self) -> str | None:
        """The key of what is wrong."""
        return None if self.now.problem is None else self.now.problem.key

    def entries(self, *kinds: Kind) -> list[dict[str, Any]]:
        """What the ledger says, the newest first."""
        with stored_ledger(self.node.folder / BOOKS) as ledger:
            return ledger.page(Asked(kinds=[one.value for one in kinds]), 50)


def shut(works: list[Works]) -> None:
    """Closes those that are still open."""
    while works:
        works.pop().close()


def submissions(hub: HubPeer) -> list[Submission]:
    """The months that a hub was told."""
    return [one for one in hub.said() if isinstance(one, Submission)]


def test_a_factory_becomes_a_member(works: Works, hub: HubPeer) -> None:
    """Invited, asked, enrolled, admitted; each step is in the ledger, and the fingerprints are those of the keys."""
    found = works.enrol(hub)
    assert (found.state, works.speak().state, hub.lines) == (Stage.ASKED, Stage.ASKED, [])

    works.release()
    found = works.speak()
    assert (found.state, found.member, works.why()) == (Stage.ENROLLED, 1, None)
    hub.admit()
    found = works.speak()

    assert found.state is Stage.ADMITTED
    assert cast("bytes", hub.hub.register.members[1].key).hex() == found.key
    key = works.node.folder / "data" / "member.key"
    assert Key.read(key).public.hex() == found.key
    assert key.stat().st_mode & 0o777 == 0o600
    states = [one["facts"]["state"] for one in works.entries(Kind.HUB_STANDING)]
    assert states == ["admitted", "enrolled"]
    assert works.entries(Kind.HUB_ENROLLED)[0]["facts"]["agreement"] == hub.accepted


def test_a_month_is_told_a_day_after_it_is_over(works: Works, hub: HubPeer) -> None:
    """With the numbers of the screens, their coverage and the hash of their evidence; once, and with a receipt."""
    works.joined(hub)
    works.speak(TOLD - 2 * MINUTE_US)
    assert submissions(hub) == []

    works.speak(TOLD)
    works.speak(TOLD)

    (told,) = submissions(hub)
    values = {one.indicator: one for one in told.values}
    site = Scope("site", "works")
    row = kpi_rows(works.node.history, works.node.timeline, [site], at(2, 1), at(3, 1))[0]
    assert told.month == "2026-02"
    for name, kpi in (("oee", "oee"), ("performance", "effectiveness"), ("quality", "quality")):
        assert values[name].value == row.values[cast("Any", kpi)]
    assert values["oee"].coverage == row.coverage
    assert values["lead_time"].absent == "no_orders"
    assert (values["maturity_level"].absent, values["maturity_level"].evidence) == ("not_computed", None)
    assert values["energy_per_unit"].absent == "no_meter"
    document = works.member.evidence(str(values["oee"].evidence))
    assert sha256(document).hexdigest() == values["oee"].evidence
    (said,) = works.member.chain.all(works.now)
    kept = works.member.chain.receipts(works.now)[1]
    assert (said.progress, kept.receipt.entry, kept.receipt.statement) == (
        *(Progress.TAKEN, works.entries(Kind.HUB_RECEIPT)[0]["facts"]["entry"]),
        said.envelope.sha256,
    )
    with stored_ledger(hub.folder / BOOKS) as public:
        entry = public.page(Asked(before=kept.receipt.entry + 1), 1)[0]
    assert (entry["facts"]["sha256"], entry["who"]) == (said.envelope.sha256, "member/1")


def test_the_preview_is_what_leaves(works: Works, hub: HubPeer) -> None:
    """Byte for byte but for the moment it was signed; nothing is kept by looking."""
    works.joined(hub)
    works.clock(TOLD)
    release = works.node.valve.releases.get(2)
    (parcel,) = works.member.preview_parcels(release)

    works.speak()

    envelope = next(one for one in hub.lines if "statement" in one.kind)
    assert envelope.payload == parcel.content
    last = works.node.valve.total(release)[1]
    assert last["submission"].content == envelope.payload


def test_a_hub_gets_no_more_than_the_release_allows(works: Works, hub: HubPeer) -> None:
    """What is not among its things is absent, as not released; without one nothing is said at all."""
    works.joined(hub, "profile", "indicator/oee")
    works.speak(TOLD)
    (told,) = submissions(hub)
    assert {one.indicator for one in told.values if one.value is not None} == {"oee"}
    assert {one.absent for one in told.values if one.indicator != "oee"} == {"not_released", "not_computed"}

    count = len(hub.lines)
    works.node.valve.releases.close(2, 0)
    works.speak(at(4, 2, 7))

    assert len(hub.lines) == count
    assert works.why() == "valve.is_closed"


def test_a_release_for_replies_alone_takes_nothing_from_the_months(works: Works, hub: HubPeer) -> None:
    """Each statement leaves whole by one release: months by the newest that names an indicator, the rest by any."""
    works.joined(hub, "profile", "indicator/oee")
    reply = works.member.drafted(lambda fields: SumKey(call="ab" * 32, key="cd" * 32, **fields))
    held = works.member.held_back(works.now, reply)
    second = works.release("replies")
    works.speak(TOLD)

    (told,) = submissions(hub)
    assert held is not None
    assert held.key == "valve.not_among"
    assert works.member.held_back(works.now, reply) is None
    assert {one.indicator for one in told.values if one.value is not None} == {"oee"}
    assert [one.id for one in works.member.opened(works.now)] == [second.id, 2]

    works.release("replies", "indicator/availability")
    _, narrow = works.member.preview("2026-02")
    assert {one.indicator for one in narrow.values if one.value is not None} == {
        "availability"
    }  # nothing is put together


def test_a_release_to_another_hub_lets_nothing_out(works: Works, hub: HubPeer) -> None:
    """Nor does the flow take what hubs are not told."""
    works.enrol(hub)
    works.release(address="cd" * 16)
    works.speak()
    assert hub.lines == []

    for content, key in ((("kpi/*",), "valve.not_to_hubs"), (("profile",), "valve.no_hub")):
        with pytest.raises(ConfigurationError) as error:
            works.release(*content, address="here" if key == "valve.no_hub" else None)
        assert error.value.key == key


def test_what_was_not_answered_is_sent_again_as_it_is(opened: Callable[[], Works], hub: HubPeer) -> None:
    """Also after the node began anew: the hub has it once."""
    works = opened()
    works.joined(hub)
    hub.mute = "statement"
    works.speak(TOLD)
    assert works.why() == "member.status"
    assert works.now.next_us > TOLD
    assert not works.member.due()
    works = opened()
    works.clock(TOLD + DAY_US // 4)
    hub.mute = ""

    assert works.member.due()
    works.speak()

    first, again = (one for one in hub.lines if one.kind.startswith("application/vnd.lineside.statement"))
    assert first.json() == again.json()
    assert len(hub.said()) == 1
    assert works.member.chain.all(works.now)[0].progress is Progress.TAKEN


def test_the_time_between_tries_grows(works: Works, hub: HubPeer) -> None:
    """Each failure doubles it, to six hours and a quarter at most."""
    works.joined(hub)
    hub.mute = "statement"
    waits = []
    for _ in range(12):
        works.speak(TOLD)
        waits.append((works.now.next_us - TOLD) / 1_000_000)

    assert waits[1] == pytest.approx(2 * waits[0])
    assert 60 <= waits[0] <= 75
    assert max(waits) <= 6 * 3600 * 1.25


def test_a_hub_that_lost_statements_gets_them_again(works: Works, hub: HubPeer, tmp_path: Path) -> None:
    """From where it lost them on, as they are; both receipts are kept."""
    works.joined(hub)
    works.speak(TOLD)
    hub.backed_up(tmp_path / "backup")
    works.speak(at(4, 2, 7))
    works.member.change_profile(profile(employees=81))
    works.speak(at(4, 2, 8))
    before = [one.sha256 for one in hub.envelopes()]
    hub.restored(tmp_path / "backup")
    assert len(hub.envelopes()) == 1

    works.speak(at(4, 2, 9))

    assert [one.sha256 for one in hub.envelopes()] == before
    assert len(before) == 3
    assert {one.progress for one in works.member.chain.all(works.now)} == {Progress.TAKEN}
    assert len(works.entries(Kind.HUB_RECEIPT)) == 5


def test_facts_that_came_late_are_a_correction(works: Works, hub: HubPeer) -> None:
    """It names the values that changed, and why; an earlier month is told on request."""
    works.joined(hub)
    works.speak(TOLD)
    late = [(at(2, 27, 21, 40), 10.0), (at(2, 27, 21, 41), 15_000.0), (at(2, 27, 21, 42), 10.0)]
    put(works.node, "m0/scrap", [(time, value) for time, value in late])
    works.speak(at(3, 3, 7))

    first, correction = submissions(hub)
    assert correction.month == first.month
    assert "quality" in {one.indicator for one in correction.values}
    assert len(correction.values) < len(first.values)
    assert correction.why.startswith("facts came late or were corrected: ")

    works.speak(at(3, 3, 8), first="2026-01")
    assert [one.month for one in submissions(hub)][2:] == ["2026-01"]
    assert {one.absent for one in submissions(hub)[2].values if one.indicator == "oee"} == {"too_little_coverage"}


def test_entered_values_look_different(works: Works, hub: HubPeer) -> None:
    """They are told where the node computes none, and never carry evidence."""
    edition = works.member.months.catalogue
    works.joined(hub)
    works.member.entered.enter(edition, "2026-02", "maturity_level", 1.5, "self-assessment")
    works.member.entered.enter(edition, "2026-02", "oee", 0.99)
    works.speak(TOLD)

    values = {one.indicator: one for one in submissions(hub)[0].values}
    entered = values["maturity_level"]
    assert (entered.value, entered.origin, entered.evidence, entered.coverage) == (None, "measured", None, None)
    assert entered.absent == "not_released"  # it was not there when the release was asked for
    assert values["oee"].origin == "measured"

    works.release()
    works.speak(at(3, 3, 7))
    correction = submissions(hub)[1]
    (entered,) = correction.values
    assert (entered.value, entered.origin, entered.evidence) == (1.5, "entered", None)
    assert works.entries(Kind.INDICATOR_ENTERED)[0]["about"] == "indicator/oee"
    with pytest.raises(ConfigurationError):
        works.member.entered.enter(edition, "2026-02", "oee", 40.0)


def test_a_rotation_is_signed_by_both_keys(works: Works, hub: HubPeer) -> None:
    """The new one speaks once the hub has it, also when the answer was lost."""
    works.joined(hub)
    before = works.now.key
    hub.mute = "statement"
    works.member.rotate()
    works.speak()
    assert works.now.key == before
    with pytest.raises(ConfigurationError, match="key"):
        works.member.rotate()
    hub.mute = ""

    works.speak(at(2, 1, 7))
    works.speak(TOLD)

    assert works.now.key != before
    rotation, told = hub.envelopes()
    assert rotation.signed_by(bytes.fromhex(before))
    assert rotation.signed_by(bytes.fromhex(works.now.key))
    assert told.signed_by(bytes.fromhex(works.now.key))
    assert not told.signed_by(bytes.fromhex(before))


def test_leaving_is_the_last_word(works: Works, hub: HubPeer) -> None:
    """The release is closed with it, the key stays, and another invitation may follow."""
    works.joined(hub)
    works.member.leave("moved away")
    assert works.speak().state is Stage.LEFT
    assert works.node.valve.why_not(FLOW, hub.id) is not None
    assert works.node.valve.releases.get(2).closing is not None
    count = len(hub.lines)

    works.speak(TOLD)
    assert len(hub.lines) == count
    found = works.member.memberships.take(hub.invitation())

    assert found.state is Stage.INVITED
    assert (works.node.folder / "data" / "member-1.key").exists()


def test_a_profile_that_is_refused_is_told_and_replaced(works: Works, hub: HubPeer) -> None:
    """At the same number, by the next one that is right; the reason stays until then."""
    works.joined(hub)
    works.member.change_profile(profile(region="nowhere"))
    works.speak()
    assert works.why() == "hub.no_region"
    assert works.member.chain.all(works.now)[0].progress is Progress.REFUSED
    works.member.change_profile(profile(employees=90))
    works.speak(at(2, 1, 8))

    assert [one.number for one in hub.said()] == [1]
    assert cast("Any", hub.said()[0]).profile.employees == 90
    assert works.why() is None


def profile(**changes: Any) -> Profile:
    """The profile with something else in it."""
    return msgspec.structs.replace(PROFILE, **changes)


def test_a_node_that_was_restored_takes_its_own_back(opened: Callable[[], Works], hub: HubPeer, tmp_path: Path) -> None:
    """What it said after the backup it gets from the hub, checks its own signature, and goes on from there."""
    works = opened()
    works.joined(hub)
    works.speak(TOLD)
    works.close()
    back_up(works.node.folder, tmp_path / "backup")
    works = opened()
    for number in range(4):
        works.clock(at(3, 3 + number))
        works.member.change_profile(profile(employees=81 + number))
        works.speak()
    works.close()
    restore(tmp_path / "backup", tmp_path / "again")

    with Node.open(tmp_path / "again") as node:
        again = Works(node, hub, at(4, 2, 7))
        found = again.speak()

        assert (found.state, again.why()) == (Stage.ADMITTED, None)
        assert [one.number for one in again.member.chain.all(found)] == [1, 2, 3, 4, 5, 6]
        assert [one.number for one in hub.said()] == [1, 2, 3, 4, 5, 6]
        assert len(again.member.chain.receipts(found)) == 6
        assert sum(one["facts"]["count"] for one in again.entries(Kind.HUB_RECOVERED)) == 4


def test_a_copied_folder_stops_speaking(opened: Callable[[], Works], hub: HubPeer, tmp_path: Path) -> None:
    """Two nodes with one key: the one that finds statements that it did not make says no more, until a person looks."""
    works = opened()
    works.joined(hub)
    works.close()
    copy = tmp_path / "copy"
    copy.mkdir()
    copied(works.node.folder, copy)
    with Node.open(copy) as node:
        other = Works(node, hub, TOLD)
        other.speak()
    works = opened()

    found = works.speak(at(3, 3, 7))
    assert (found.state, works.why()) == (Stage.STOPPED, "member.forked")
    count = len(hub.lines)
    works.speak(at(4, 3, 7))
    assert len(hub.lines) == count

    works.member.recover()
    works.speak(at(4, 3, 8))
    assert works.now.state is Stage.ADMITTED
    assert [one.month for one in submissions(hub)] == ["2026-02", "2026-03"]


def test_statements_are_carried_on_a_stick(works: Works, hub: HubPeer) -> None:
    """A hub without an address gets a file, and its answers are taken as if they had come by themselves."""
    hub.address = ""
    works.enrol(hub)
    with pytest.raises(LinesideError, match="No release"):
        works.member.letters()
    works.release()
    works.member.carry(hub.receive(works.member.letters()))
    assert works.now.state is Stage.ENROLLED
    hub.admit()
    works.clock(TOLD)
    assert not works.member.due()

    letters = works.member.letters()
    answers = hub.receive(letters)
    carried = works.member.carry(answers)

    assert len(letters.splitlines()) == 1
    assert (carried.taken, carried.problems, works.now.state) == (1, (), Stage.ADMITTED)
    assert [one.month for one in submissions(hub)] == ["2026-02"]
    assert works.member.carry(answers).taken == 0
    with pytest.raises(UnusableData):
        works.member.carry(b"nothing of it\n")


def brought(kind: str = APPLICATION, payload: bytes | None = None) -> bytes:
    """What the hub gives out to be signed."""
    told = Signed(7, "d" * 64, (Proof(evidence="staff", sha256="e" * 64),))
    content = msgspec.json.encode(told) if payload is None else payload
    return msgspec.json.encode({"payloadType": kind, "payload": base64.b64encode(content).decode()})


def test_an_application_is_signed_past_the_valve(works: Works, hub: HubPeer) -> None:
    """With the key that speaks; without a release it does not leave, and nothing but an application is signed so."""
    with pytest.raises(ConfigurationError, match="member of no hub"):
        works.member.sign(brought())
    works.joined(hub)

    says, envelope = works.member.sign(brought())

    assert (says.application, says.proofs[0].evidence) == (7, "staff")
    assert envelope.kind == APPLICATION
    assert envelope.signed_by(hub.hub.register.members[1].key or b"")
    for wrong in (
        b"{}",
        b"no json",
        brought(payload=b"{}"),
        brought("application/vnd.lineside.statement+json"),
        brought(payload=encoded(works.member.preview()[0])),
    ):
        with pytest.raises(UnusableData) as refused:
            works.member.sign(wrong)
        assert refused.value.key == "exchange.no_application"
    works.node.valve.releases.shut(0)
    with pytest.raises(Withheld):
        works.member.sign(brought())


def test_an_answer_of_somebody_else_counts_nothing(works: Works, hub: HubPeer, tmp_path: Path) -> None:
    """A receipt that the hub did not sign is no receipt; its own is taken when it comes."""
    works.joined(hub)
    other = Key.make(tmp_path / "other.key")

    def forged(answers: bytes) -> bytes:
        answer = Answer.parse(answers)
        envelope = answer.envelope
        if envelope is None or envelope.kind != RECEIPT:
            return answers
        word = Envelope.sign(envelope.kind, envelope.payload, other).json()
        return Answer(sha256=answer.sha256, receipt=msgspec.Raw(word)).json()

    hub.spoil = forged
    works.speak(TOLD)
    assert works.why() == "exchange.other_signer"
    assert works.member.chain.receipts(works.now) == {}

    hub.spoil = bytes
    works.speak(at(3, 2, 15))
    assert [one.progress for one in works.member.chain.all(works.now)] == [Progress.TAKEN]


def test_an_invitation_is_looked_at(works: Works, hub: HubPeer, tmp_path: Path) -> None:
    """Forged, over or with an address that could be read on the way it is not taken."""
    text, other = Envelope.parse(hub.invitation()), Key.make(tmp_path / "forged.key")
    wrong = replace(text, signatures=Envelope.sign(text.kind, text.payload, other).signatures)

    def invited(**changes: Any) -> bytes:
        told = msgspec.structs.replace(cast("Invitation", decoded(text)), key=other.public.hex(), **changes)
        return Envelope.sign(text.kind, encoded(told), other).json()

    for content, key in (
        (wrong.json(), "member.no_invitation"),
        (invited(expires_ms=1), "member.invitation_over"),
        (invited(address="http://hub.example"), "member.address"),
        (invited(authority="none"), "member.authority"),
        (b"{}", "exchange.no_envelope"),
    ):
        with pytest.raises(LinesideError) as error:
            works.member.memberships.take(content)
        assert error.value.key == key
    works.enrol(hub)
    with pytest.raises(ConfigurationError) as error:
        works.member.memberships.enrol(PROFILE, "00" * 32)
    assert error.value.key == "member.other_agreement"


def test_a_hub_of_its_own_authority_is_known_by_the_invitation(works: Works, hub: HubPeer, tmp_path: Path) -> None:
    """It is trusted by the certificate there; one that shows another certificate is told nothing."""
    contexts = []
    for name in ("own", "other"):
        (tmp_path / name).mkdir()
        certificate, key = write_certificate(tmp_path / name, hosts=("127.0.0.1",))
        contexts.append(ssl.create_default_context(ssl.Purpose.CLIENT_AUTH))
        contexts[-1].load_cert_chain(certificate, key)
    authority = (tmp_path / "own" / "own.pem").read_text("ascii")
    with served(hub, contexts[1]):
        works.enrol(hub, authority)
        works.release()
        works.speak()
        assert (works.why(), hub.lines) == ("member.unreachable", [])
    with served(hub, contexts[0]):
        works.enrol(hub, authority)
        assert works.speak().state is Stage.ENROLLED


def test_a_month_is_due_the_moment_its_day_is_over(works: Works, hub: HubPeer) -> None:
    """Whenever it was looked at before, by the beat of a node that runs."""
    works.joined(hub)
    works.speak(TOLD - 10 * MINUTE_US)
    assert not works.member.due()

    works.clock(TOLD)

    assert works.member.due()


def test_two_pasts_on_a_stick_stop_a_member(opened: Callable[[], Works], hub: HubPeer, tmp_path: Path) -> None:
    """A copy of the folder spoke first: the hub refuses the other statement of that number; no more is said."""
    works = opened()
    works.joined(hub)
    works.close()
    (tmp_path / "copy").mkdir()
    with Node.open(copied(works.node.folder, tmp_path / "copy")) as node:
        other = Works(node, hub, TOLD)
        hub.receive(other.member.letters())
    works = opened()
    works.clock(TOLD + MINUTE_US)

    carried = works.member.carry(hub.receive(works.member.letters()))

    assert (carried.taken, [one.key for one in carried.problems]) == (0, ["member.forked"])
    assert works.now.state is Stage.STOPPED
    with pytest.raises(LinesideError):
        works.member.letters()


async def test_a_node_that_runs_speaks_by_itself(works: Works, hub: HubPeer, until: Any) -> None:
    """By a job of its own, without anybody asking."""
    works.joined(hub)
    works.clock(TOLD)

    async with works.node.live():
        await until(lambda: len(submissions(hub)) == 1)

    assert works.why() is None


class Counting(Outlet):
    """Lets out what another outlet lets out, and counts it."""

    def __init__(self, outlet: Outlet) -> None:
        self.outlet, self.parcels = outlet, list[Parcel]()

    def let_out(self, parcel: Parcel) -> None:
        """Counts it."""
        self.outlet.let_out(parcel)
        self.parcels.append(parcel)

    def is_open(self, flow: str, recipient: str) -> bool:
        """As the other one is."""
        return self.outlet.is_open(flow, recipient)


def test_a_letter_passes_the_outlet_once(works: Works, hub: HubPeer) -> None:
    """What leaves is counted as often as it leaves: a limit of a release holds as much as it says."""
    membership = works.joined(hub)
    outlet = Counting(works.node.valve)
    question = Question.of(membership, works.member.memberships.key_of(membership), "status", hub.now_us)

    Door(outlet, membership.invitation).send(question.letter)

    assert [parcel.what for parcel in outlet.parcels] == ["ask status"]
