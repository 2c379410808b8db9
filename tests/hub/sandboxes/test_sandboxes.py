from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from lineside.errors import LinesideError
from lineside.exchange import Both, Consent, Envelope, Limit, Sandbox, SandboxReport, Value, decoded, month_name, signer
from lineside.hub import Hub
from lineside.hub.sandboxes import Cause, Offer, Running, Verdict
from tests.hub.conftest import Opens
from tests.hub.factories import Clock, Factory, problem

pytestmark = pytest.mark.usefixtures("books")
FIRST = 2026 * 12 + 10
"""November 2026, in which the clock stands at first."""
OFFER = Offer(
    title=Both(en="Night shift without a second person", zh="夜班单人值守"),
    relaxed=Both(en="One person may run two cells at night", zh="夜间一人可看管两个单元"),
    basis="Order 7 of the park, section 3",
    limits=(
        Limit(indicator="oee", least=0.5, months=2),
        Limit(indicator="first_pass_yield", least=0.9),
    ),
    first="2026-11",
    last="2027-02",
)


@pytest.fixture
def terms(hub: Hub, factory: Factory) -> Running:
    """What was offered to a member."""
    return hub.sandboxes.offer(factory.number, OFFER, by="account/3")


def consent(factory: Factory, hub: Hub, one: Running, *, agrees: bool = True, **other: Any) -> None:
    """The member's word on a sandbox."""
    told = Consent(sandbox=one.sha256, agrees=agrees, **factory.base(**other))
    assert factory.send(hub, factory.say(told))[0].problem is None


def tell(
    factory: Factory, hub: Hub, month: int, oee: float | None, yielded: float | None = 0.95, cover: float = 0.95
) -> None:
    """What the member tells of a month."""
    named = (("oee", oee), ("first_pass_yield", yielded))
    values = tuple(
        Value(indicator=name, value=value, coverage=cover, evidence="a" * 64)
        for name, value in named
        if value is not None
    )
    answers = factory.send(hub, factory.say(factory.submission(month_name(month), values)))
    assert answers[0].problem is None


def to(clock: Clock, month: int, day: int = 25) -> None:
    """Let it be a day of a month; on the 25th the month before it is ripe."""
    clock.us = int(datetime(month // 12, month % 12 + 1, day, tzinfo=UTC).timestamp()) * 1_000_000


def verdicts(one: Running) -> list[tuple[int, int, list[str]]]:
    """Month, edition and verdicts of each month."""
    return [(each.month, each.edition, [verdict.value for verdict in each.verdicts]) for each in one.months]


def entries(hub: Hub) -> list[tuple[str, str, dict[str, Any]]]:
    """What the ledger says of sandboxes: kind, who, facts."""
    with hub.ledger.stored() as now:
        every = [msgspec.json.decode(body) for _, body, _ in now.entries()]
    return [(one["kind"], one["who"], one["facts"]) for one in every if one["kind"].startswith("sandbox.")]


def report(hub: Hub, one: Running) -> SandboxReport:
    """What was learnt, signed by the hub."""
    assert one.report is not None
    envelope = Envelope.parse(one.report)
    assert envelope.signed_by(hub.voice.key)
    told = decoded(envelope)
    assert isinstance(told, SandboxReport)
    return told


def test_terms_are_signed_by_the_hub_and_agreed_to_by_the_member(hub: Hub, factory: Factory, terms: Running) -> None:
    """The node reads the terms in full, and answers to their hash."""
    told = factory.told(hub, "sandboxes")["sandboxes"]
    envelope = Envelope.parse(msgspec.json.encode(told[0]["terms"]))
    read = decoded(envelope)
    signer(envelope, factory.hub, factory.hub_key, ())
    consent(factory, hub, terms)
    one = hub.sandboxes.get(terms.number)

    assert isinstance(read, Sandbox)
    assert (read.limits, read.first, read.last, read.member) == (OFFER.limits, "2026-11", "2027-02", factory.number)
    assert (told[0]["stage"], told[0]["sha256"]) == ("offered", envelope.sha256)
    assert [each["key"] for each in told[0]["warnings"]] == ["unanswered"]
    assert (one.stage(hub.sandboxes.month), one.statement) == ("running", 1)
    assert [(kind, who) for kind, who, _ in entries(hub)] == [
        ("sandbox.offered", "account/3"),
        ("sandbox.agreed", f"member/{factory.number}"),
    ]


def test_a_sandbox_that_keeps_its_limits_ends_with_its_last_month(
    hub: Hub, factory: Factory, terms: Running, clock: Clock
) -> None:
    """A month is judged when it is ripe; after the last one the hub signs what was learnt."""
    consent(factory, hub, terms)
    for month in range(FIRST, FIRST + 4):
        to(clock, month + 1, day=5)
        tell(factory, hub, month, 0.6)
        hub.watching.watch()
        assert len(hub.sandboxes.get(terms.number).months) == month - FIRST
        to(clock, month + 1)
        hub.watching.watch()
    one = hub.sandboxes.get(terms.number)

    assert verdicts(one) == [(month, 1, ["kept", "kept"]) for month in range(FIRST, FIRST + 4)]
    assert (one.why, one.ended_by) == (Cause.LAST, "hub")
    assert [(each.kept, each.beyond, each.untold) for each in report(hub, one).limits] == [(4, 0, 0), (4, 0, 0)]
    assert (report(hub, one).first, report(hub, one).last) == ("2026-11", "2027-02")
    assert [kind for kind, _, _ in entries(hub)][2:] == ["sandbox.judged"] * 4 + ["sandbox.ended"]


def test_a_limit_that_is_broken_ends_it(hub: Hub, factory: Factory, terms: Running, clock: Clock) -> None:
    """OEE may be too low once, and not twice in a row; the member is warned before."""
    consent(factory, hub, terms)
    to(clock, FIRST + 1)
    tell(factory, hub, FIRST, 0.4)
    hub.watching.watch()
    warned = factory.told(hub, "sandboxes")["sandboxes"][0]
    to(clock, FIRST + 2)
    tell(factory, hub, FIRST + 1, 0.49)
    hub.watching.watch()
    hub.watching.watch()
    one = hub.sandboxes.get(terms.number)

    assert [each for each in warned["warnings"] if each["key"] == "once_more"] == [
        {"key": "once_more", "month": "2026-11", "indicator": "oee", "more": 1}
    ]
    assert warned["months"][0]["limits"][0] == {
        "indicator": "oee",
        "verdict": "beyond",
        "value": 0.4,
        "coverage": 0.95,
        "origin": "measured",
    }
    assert (one.why, verdicts(one)[-1]) == (Cause.LIMIT, (FIRST + 1, 1, ["beyond", "kept"]))
    assert [kind for kind, _, _ in entries(hub)][2:] == ["sandbox.judged", "sandbox.judged", "sandbox.ended"]
    assert factory.told(hub, "sandboxes", nonce="2" * 64)["sandboxes"][0]["why"] == "limit"


@pytest.mark.parametrize("silent", ["nothing", "too little"])
def test_a_member_that_goes_silent_ends_it(
    hub: Hub, factory: Factory, terms: Running, clock: Clock, silent: str
) -> None:
    """What was not told, or of too little of the time, is not kept: the yield has no patience."""
    consent(factory, hub, terms)
    to(clock, FIRST + 1)
    if silent == "too little":
        tell(factory, hub, FIRST, 0.6, cover=0.3)
    before = hub.watching.warned(hub.sandboxes.get(terms.number))
    hub.watching.watch()
    one = hub.sandboxes.get(terms.number)

    assert verdicts(one) == [(FIRST, 1, ["untold", "untold"])]
    assert one.why is Cause.LIMIT
    assert [(each.key, each.indicator) for each in before if each.key == "untold"] == (
        [("untold", "oee"), ("untold", "first_pass_yield")] if silent == "nothing" else []
    )


def test_a_correction_is_judged_again_while_it_runs(hub: Hub, factory: Factory, terms: Running, clock: Clock) -> None:
    """In another edition with an entry of its own, and the row is counted by the newest."""
    consent(factory, hub, terms)
    to(clock, FIRST + 1)
    tell(factory, hub, FIRST, 0.4)
    hub.watching.watch()
    tell(factory, hub, FIRST, 0.55)
    hub.watching.watch()
    hub.watching.watch()
    to(clock, FIRST + 2)
    tell(factory, hub, FIRST + 1, 0.4)
    hub.watching.watch()
    one = hub.sandboxes.get(terms.number)

    assert verdicts(one) == [(FIRST, 2, ["kept", "kept"]), (FIRST + 1, 1, ["beyond", "kept"])]
    assert one.why is None
    judged = [facts for kind, _, facts in entries(hub) if kind == "sandbox.judged"]
    assert [(facts["month"], facts["edition"]) for facts in judged] == [("2026-11", 1), ("2026-11", 2), ("2026-12", 1)]
    assert all(facts.keys() == {"number", "month", "edition", "sha256"} for facts in judged)


def test_a_hub_that_stood_still_makes_up_for_it(opens: Opens, tmp_path: Any, clock: Clock) -> None:
    """A consent that nobody took up before it ended, and the months it missed, until the one that ends it."""
    hub = opens()
    factory = Factory.make(tmp_path, clock).joined(hub)
    terms = hub.sandboxes.offer(factory.number, OFFER)
    consent(factory, hub, terms)
    for month, oee in enumerate((0.6, 0.4, 0.3, 0.6), FIRST):
        to(clock, month + 1, day=3)
        tell(factory, hub, month, oee)
    hub = opens()
    to(clock, FIRST + 8)
    hub.watching.watch()
    one = hub.sandboxes.get(terms.number)
    hub = opens()
    hub.watching.watch()

    assert [row[2][0] for row in verdicts(one)] == ["kept", "beyond", "beyond"]
    assert one.why is Cause.LIMIT
    assert hub.sandboxes.get(terms.number) == one
    assert [kind for kind, _, _ in entries(hub)].count("sandbox.agreed") == 1


def test_an_overseer_extends_and_the_member_agrees_again(
    hub: Hub, factory: Factory, terms: Running, clock: Clock
) -> None:
    """New terms follow the old ones to the month; each has its own report."""
    consent(factory, hub, terms)
    to(clock, FIRST + 3, day=2)
    further = msgspec.structs.replace(OFFER, first="2027-03", last="2027-04")
    for bad in (OFFER, msgspec.structs.replace(further, first="2027-04")):
        with pytest.raises(LinesideError) as error:
            hub.sandboxes.extend(terms.number, bad)
        assert error.value.key == "sandboxes.first"
    new = hub.sandboxes.extend(terms.number, further)
    with pytest.raises(LinesideError) as again:
        hub.sandboxes.extend(terms.number, further)
    consent(factory, hub, new)
    for month in range(FIRST, FIRST + 6):
        tell_at = max(month + 1, FIRST + 4)
        to(clock, tell_at, day=3)
        tell(factory, hub, month, 0.7)
    to(clock, FIRST + 7)
    hub.watching.watch()
    old, last = hub.sandboxes.get(terms.number), hub.sandboxes.get(new.number)

    assert again.value.key == "sandboxes.extended"
    assert (new.terms.follows, new.follows) == (terms.sha256, terms.number)
    assert (old.why, last.why, len(old.months), len(last.months)) == (Cause.LAST, Cause.LAST, 4, 2)
    extended = [facts for kind, _, facts in entries(hub) if kind == "sandbox.extended"]
    assert extended == [{"number": new.number, "follows": terms.number}]


def test_terms_that_extend_a_broken_sandbox_end_with_it(
    hub: Hub, factory: Factory, terms: Running, clock: Clock
) -> None:
    """Nobody goes on under relaxed rules by terms that were agreed to before."""
    consent(factory, hub, terms)
    new = hub.sandboxes.extend(terms.number, msgspec.structs.replace(OFFER, first="2027-03", last="2027-04"))
    consent(factory, hub, new)
    to(clock, FIRST + 1)
    hub.watching.watch()

    assert hub.sandboxes.get(terms.number).why is Cause.LIMIT
    assert hub.sandboxes.get(new.number).why is Cause.FORMER


def test_an_overseer_and_the_member_each_end_it_with_reasons(hub: Hub, factory: Factory) -> None:
    """At once, for good, and both read why."""
    first, second = (hub.sandboxes.offer(factory.number, OFFER) for _ in range(2))
    consent(factory, hub, first)
    consent(factory, hub, second)
    with pytest.raises(LinesideError) as empty:
        hub.sandboxes.end(first.number, "  ")
    hub.sandboxes.end(first.number, "An accident in another plant", by="account/3")
    consent(factory, hub, second, agrees=False)
    consent(factory, hub, second)
    one, two = hub.sandboxes.get(first.number), hub.sandboxes.get(second.number)
    with pytest.raises(LinesideError) as over:
        hub.sandboxes.end(first.number, "again")

    assert (empty.value.key, over.value.key) == ("sandboxes.words", "sandboxes.over")
    assert (one.why, one.reasons, one.ended_by) == (Cause.OVERSEER, "An accident in another plant", "account/3")
    assert (two.why, two.ended_by) == (Cause.MEMBER, f"member/{factory.number}")
    assert report(hub, one).last == "2026-10"
    facts = next(facts for kind, _, facts in entries(hub) if kind == "sandbox.ended")
    assert "accident" not in str(facts)


def test_an_offer_nobody_takes_lapses_and_a_late_word_changes_nothing(
    hub: Hub, factory: Factory, terms: Running, clock: Clock
) -> None:
    """The first month is the last one to agree in; a late statement is taken, as it stands in the member's chain."""
    to(clock, FIRST + 1, day=2)
    consent(factory, hub, terms)
    late = hub.sandboxes.get(terms.number)
    hub.watching.watch()
    one = hub.sandboxes.get(terms.number)

    assert (late.stage(hub.sandboxes.month), one.why, one.report) == ("offered", Cause.LAPSED, None)


def test_a_member_that_leaves_ends_its_sandboxes(hub: Hub, factory: Factory, terms: Running) -> None:
    """With the next look of the hub."""
    consent(factory, hub, terms)
    factory.send(hub, factory.leaving())
    hub.watching.watch()

    assert hub.sandboxes.get(terms.number).why is Cause.LEFT


def test_a_member_answers_for_itself_alone(hub: Hub, terms: Running, tmp_path: Any, clock: Clock) -> None:
    """Terms of another member, or of nobody, are none to agree to; and it is told of its own alone."""
    other = Factory.make(tmp_path, clock, "other").joined(hub, "another")
    for sha256 in (terms.sha256, "0" * 64):
        told = Consent(sandbox=sha256, agrees=True, **other.base())
        assert problem(hub.receive(other.signed(told).json())) == "sandboxes.unknown"

    assert other.told(hub, "sandboxes") == {"sandboxes": []}
    assert hub.sandboxes.get(terms.number).agreed_us is None


def limits(*told: Limit) -> dict[str, Sequence[Limit]]:
    """Other limits."""
    return {"limits": told}


@pytest.mark.parametrize(
    ("other", "key"),
    [
        ({"first": "2026-10"}, "sandboxes.first"),
        ({"last": "2026-10"}, "sandboxes.last"),
        ({"last": "2029-11"}, "sandboxes.last"),
        ({"first": "soon"}, "exchange.no_month"),
        ({"title": Both(en=" ", zh="无")}, "sandboxes.words"),
        ({"basis": " "}, "sandboxes.words"),
        (limits(Limit(indicator="oee")), "sandboxes.limit"),
        (limits(Limit(indicator="oee", least=0.9, most=0.5)), "sandboxes.limit"),
        (limits(Limit(indicator="oee", most=float("nan"))), "sandboxes.limit"),
        (limits(Limit(indicator="luck", most=1.0)), "exchange.no_indicator"),
        (limits(Limit(indicator="oee", most=1.0), Limit(indicator="oee", least=0.1)), "sandboxes.twice"),
    ],
)
def test_what_cannot_be_terms_is_not_offered(hub: Hub, factory: Factory, other: dict[str, Any], key: str) -> None:
    """Nothing is written, and the reason says what to change."""
    with pytest.raises(LinesideError) as error:
        hub.sandboxes.offer(factory.number, msgspec.structs.replace(OFFER, **other))

    assert error.value.key == key
    assert (hub.sandboxes.listed(), entries(hub)) == ([], [])


def test_what_is_entered_by_hand_keeps_no_limit(hub: Hub, factory: Factory, terms: Running, clock: Clock) -> None:
    """It has no coverage; a sandbox rests on what is measured."""
    consent(factory, hub, terms)
    to(clock, FIRST + 1)
    values = tuple(Value(indicator=one, value=0.95, origin="entered") for one in ("oee", "first_pass_yield"))
    factory.send(hub, factory.say(factory.submission("2026-11", values)))
    hub.watching.watch()

    assert hub.sandboxes.get(terms.number).months[0].verdicts == (Verdict.UNTOLD, Verdict.UNTOLD)
