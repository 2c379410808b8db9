"""Applications for support: signed, reviewed by others, by the rule and within its budget, each step provable."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineside.books import Books
from lineside.errors import ConfigurationError, LinesideError, NotPermitted, UnusableData
from lineside.exchange import Envelope
from lineside.hub.applications import (
    APPLICATION,
    Answered,
    Appealed,
    Application,
    Applications,
    Applied,
    Asked,
    Decided,
    Drafted,
    Judged,
    Measured,
    Milestone,
    Paid,
    Payment,
    Proof,
    Recovered,
    Register,
    State,
    Step,
    Withdrawn,
    after,
    begun,
    signed_content,
)
from lineside.hub.applications.steps import decoded, digest, encoded
from lineside.rules import Programmes, Range, programmes, read_programmes
from lineside.texts import LANGUAGES, say
from lineside.trust import Key, Kind, Ledger, Stored
from tests.hub.conftest import new_books

MEMBER, CLERK, REVIEWER, OTHER, CASHIER = 7, 1, 2, 3, 4
NOW_US = 1_800_000_000_000_000
RULE = """
[[programme]]
id = "meters"
edition = "1"
name = { en = "Meters", zh = "电表" }
country = "CN"
document = "d"
source = "s"
confidence = "found"
from = 2026-01-01
to = 2026-12-31
dated_by = { en = "d", zh = "日" }
authority = { en = "a", zh = "部门" }
amount = "grant"
timing = "once"
budget = "pot"
input = [{ name = "spend", unit = "CNY", least = 0, evidence = ["invoice"], en = "s", zh = "投入" }]
parameter = [
  { name = "rate", value = 0.5, unit = "1", en = "r", zh = "率" },
  { name = "pot", value = 120_000, unit = "CNY", en = "p", zh = "总额" },
]
condition = [
  { id = "large_enough", when = "spend >= 1000", en = "l", zh = "够大" },
  { id = "installed", evidence = ["connected"], en = "i", zh = "已安装" },
]
step = [{ name = "grant", unit = "CNY", formula = "rate * spend", en = "g", zh = "补助" }]
evidence = [
  { id = "invoice", shows = "document", en = "i", zh = "发票" },
  { id = "connected", shows = "indicator", indicator = "connected_share", en = "c", zh = "联网率" },
]
"""
SHELF = read_programmes([("own.toml", RULE)])
STATEMENT, INVOICE = sha256(b"statement 5").hexdigest(), sha256(b"invoice").hexdigest()
PROOFS = (Proof(evidence="connected", sha256=STATEMENT, statement=5), Proof(evidence="invoice", sha256=INVOICE))
GRANTED = Decided(
    by=REVIEWER,
    granted=True,
    reasons="The meters are there.",
    confirmed={"installed": True},
    amount=50_000,
    payments=(
        Payment(id="first", amount=20_000, due="2026-07-01"),
        Payment(id="second", amount=30_000, due="2027-01-31", milestone="online"),
    ),
    milestones=(Milestone(id="online", words="All meters online for three months", due="2026-12-31"),),
)
REFUSED = Decided(by=REVIEWER, granted=False, reasons="The invoice is of another firm.")


@pytest.fixture(params=["sqlite", "postgresql"])
def books(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Books]:
    """Books in a file and, where it is installed, in a server."""
    url = new_books(request.getfixturevalue("server")) if request.param == "postgresql" else None
    with Books.open(tmp_path / "hub", url) as opened:
        yield opened


@pytest.fixture
def key(tmp_path: Path) -> Key:
    """The member's."""
    return Key.make(tmp_path / "member.key")


class Desk:
    """A hub's applications, with one member that made one statement, and a clock that goes on."""

    def __init__(self, books: Books, key: Key, shelf: Callable[[], Programmes] = lambda: SHELF) -> None:
        self.time_us, self.key = NOW_US, key
        self.ledger = Ledger(books, self.now)
        register = Register(
            lambda member: key.public if member == MEMBER else None, lambda *said: said == (MEMBER, 5, STATEMENT)
        )
        self.all = Applications(books, self.ledger, self.now, shelf, register)

    def now(self) -> int:
        """A second later each time."""
        self.time_us += 1_000_000
        return self.time_us

    def drafted(self, spend: float = 100_000, **other: object) -> int:
        """The number of an application that was begun."""
        rule = SHELF.usable[0]
        told = {"member": MEMBER, "programme": rule.id, "rule": rule.sha256, "on": "2026-06-01", **other}
        return self.all.draft(Drafted(by=CLERK, known={"spend": spend}, purpose="Meters on all presses", **told))  # type: ignore[arg-type]

    def envelope(self, number: int, proofs: tuple[Proof, ...] = PROOFS) -> Envelope:
        """What the member's node signs."""
        return Envelope.sign(APPLICATION, signed_content(number, self.all.get(number).application, proofs), self.key)

    def applied(self, spend: float = 100_000) -> int:
        """The number of one that was applied for."""
        number = self.drafted(spend)
        self.all.apply(number, self.envelope(number), CLERK)
        return number


@pytest.fixture
def desk(books: Books, key: Key) -> Desk:
    """A hub's applications."""
    return Desk(books, key)


def test_an_application_goes_from_draft_to_measured_effect(desk: Desk) -> None:
    """Drafted, applied, asked, answered, granted, paid by milestones, measured; each step in books and ledger."""
    number = desk.applied()
    steps: list[Step] = [
        Asked(by=REVIEWER, question="Which presses?"),
        Answered(by=CLERK, answer="1 to 12"),
        GRANTED,
        Paid(by=CASHIER, payment="first"),
        Judged(by=REVIEWER, milestone="online", met=True, reasons="Three months of statements."),
        Paid(by=CASHIER, payment="second"),
        Measured(by=REVIEWER, comparison=INVOICE, indicator="energy_per_unit", effect=-0.04, low=-0.07, high=-0.01),
    ]
    states = [desk.all.take(number, step).state for step in steps]

    kept = desk.all.get(number)
    with desk.ledger.stored() as ledger:
        entries = [one for one in _entries(ledger) if one["about"] == f"application/{number}"]
    assert states == [State.ASKED, State.APPLIED, *[State.GRANTED] * 5]
    assert kept.application.paid == {"first": 20_000, "second": 30_000}
    assert [one["facts"]["sha256"] for one in entries] == [digest(one) for one in kept.steps]
    assert [one["facts"]["number"] for one in entries] == list(range(1, 10))
    assert all(a.at_us < b.at_us for a, b in zip(kept.steps, kept.steps[1:], strict=False))
    assert desk.all.list(lambda one: one == MEMBER, State.GRANTED) == (number,)
    assert desk.all.list(state=State.REFUSED) == ()
    assert desk.all.committed(SHELF.usable[0]) == 50_000


def _entries(ledger: Stored) -> list[dict[str, Any]]:
    return [json.loads(body) for _, body, _ in ledger.entries()]


def test_only_the_members_own_node_applies(desk: Desk, tmp_path: Path) -> None:
    """Another key, another draft, another kind of envelope and a statement that was never made are refused."""
    number, second = desk.drafted(), desk.drafted(20_000)
    content = signed_content(number, desk.all.get(number).application, PROOFS)
    stranger = Key.make(tmp_path / "stranger.key")
    never = (Proof(evidence="connected", sha256=INVOICE, statement=5), PROOFS[1])
    refused = {
        "applications.not_signed": Envelope.sign(APPLICATION, content, stranger),
        "applications.other_draft": desk.envelope(second),
        "exchange.no_application": Envelope.sign(APPLICATION, b"{}", desk.key),
        "applications.no_statement": desk.envelope(number, never),
    }

    for why, envelope in refused.items():
        with pytest.raises(UnusableData) as raised:
            desk.all.apply(number, envelope, CLERK)
        assert raised.value.key == why
    with pytest.raises(UnusableData):
        desk.all.apply(number, Envelope.sign("text/plain", content, desk.key), CLERK)
    with pytest.raises(ConfigurationError):
        desk.all.take(number, Applied(by=CLERK, envelope=b"", proofs=PROOFS))
    assert desk.all.get(number).application.state is State.DRAFTED


def test_the_evidence_is_what_the_rule_asks_for(desk: Desk) -> None:
    """What is missing is named; a measured figure is shown by a statement, not by a paper; nothing else is taken."""
    number = desk.drafted()
    wrong = {
        "evidence_missing": PROOFS[:1],
        "needs_statement": (Proof(evidence="connected", sha256=STATEMENT), PROOFS[1]),
        "no_evidence": (*PROOFS, Proof(evidence="photo", sha256=INVOICE)),
    }

    for why, proofs in wrong.items():
        with pytest.raises(ConfigurationError) as raised:
            desk.all.apply(number, desk.envelope(number, proofs), CLERK)
        assert raised.value.key == f"applications.{why}"


def test_nobody_reviews_their_own(desk: Desk) -> None:
    """Not who acted for the member, who has an interest, or who has no account; and the other way round."""
    number = desk.applied()
    desk.all.take(number, Asked(by=REVIEWER, question="Which?"))
    desk.all.take(number, Answered(by=OTHER, answer="These."))
    desk.all.conflict(CASHIER, MEMBER, "worked there until May", by=REVIEWER)

    for who, why in ((CLERK, "own"), (OTHER, "own"), (CASHIER, "conflict"), (0, "needs_account")):
        with pytest.raises(NotPermitted) as raised:
            desk.all.take(number, Decided(by=who, granted=False, reasons="No."))
        assert raised.value.key == f"applications.{why}"
    with pytest.raises(NotPermitted):
        desk.all.conflict_over(CASHIER, MEMBER, "over", by=CASHIER)
    with pytest.raises(ConfigurationError):
        desk.all.conflict_over(CASHIER, MEMBER, " ", by=REVIEWER)
    desk.all.conflict_over(CASHIER, MEMBER, "left in May", by=REVIEWER)
    with pytest.raises(ConfigurationError):
        desk.all.conflict_over(CASHIER, MEMBER, "again", by=REVIEWER)
    (ended,) = desk.all.conflicts(MEMBER)
    assert (ended.account, ended.ended_by, ended.ended_why) == (CASHIER, REVIEWER, "left in May")
    assert desk.all.take(number, Decided(by=CASHIER, granted=False, reasons="No.")).state is State.REFUSED
    with pytest.raises(NotPermitted):
        desk.all.take(number, Appealed(by=CASHIER, reasons="Unfair."))


def test_a_grant_is_what_the_rule_gives(desk: Desk) -> None:
    """Not before its conditions are confirmed, and not more than it gives; refusing needs no rule."""
    number = desk.applied()
    wrong: dict[str, dict[str, object]] = {
        "not_eligible": {"confirmed": {}},
        "above_rule": {"amount": 50_001.0, "payments": (Payment(id="a", amount=50_001, due="2026-07-01"),)},
        "payments_sum": {"payments": GRANTED.payments[:1]},
        "payments_unclear": {"milestones": ()},
        "misworded": {"reasons": ""},
        "not_to_confirm": {"confirmed": {"installed": True, "spend": True}},
        "no_day": {"milestones": (Milestone(id="online", words="w", due="2026-02-30"),)},
    }

    for why, other in wrong.items():
        with pytest.raises(ConfigurationError) as raised:
            desk.all.take(number, _with(GRANTED, **other))
        assert raised.value.key == f"applications.{why}"
    with pytest.raises(ConfigurationError) as raised:
        desk.all.take(number, _with(GRANTED, confirmed={"installed": False}))
    assert "installed" in str(raised.value)
    assert desk.all.take(number, REFUSED).state is State.REFUSED


def _with(step: Decided, **other: object) -> Decided:
    return msgspec.structs.replace(step, **other)


def test_the_budget_is_spent_once(desk: Desk) -> None:
    """Grants stop at what there is; what lapses with a milestone, or is taken back, is there again."""
    numbers = [desk.applied() for _ in range(3)]
    for number in numbers[:2]:
        desk.all.take(number, GRANTED)

    with pytest.raises(ConfigurationError) as raised:
        desk.all.take(numbers[2], GRANTED)
    assert raised.value.key == "applications.budget_spent"
    desk.all.take(numbers[0], Judged(by=REVIEWER, milestone="online", met=False, reasons="Nothing came."))
    assert desk.all.committed(SHELF.usable[0]) == 70_000
    assert desk.all.take(numbers[2], GRANTED).state is State.GRANTED
    desk.all.take(numbers[1], Paid(by=CASHIER, payment="first"))
    desk.all.take(numbers[1], Recovered(by=REVIEWER, amount=20_000, reasons="Sold within a year."))
    assert desk.all.committed(SHELF.usable[0]) == 100_000


def test_mended_words_of_a_rule_are_no_new_budget(desk: Desk) -> None:
    """Another SHA-256 of the same edition: what was granted before still counts; that of another year is its own."""
    for _ in range(2):
        desk.all.take(desk.applied(), GRANTED)
    mended = read_programmes([("own.toml", RULE.replace("电表", "电能表"))]).usable[0]
    next_year = RULE.replace("2026-01-01", "2027-01-01").replace("2026-12-31", "2027-12-31")

    assert mended.sha256 != SHELF.usable[0].sha256
    assert desk.all.committed(mended) == 100_000
    assert desk.all.committed(read_programmes([("own.toml", next_year)]).usable[0]) == 0


def test_an_appeal_goes_once_to_somebody_else(desk: Desk) -> None:
    """The first reviewer cannot decide again; the second decision stands."""
    number = desk.applied()
    desk.all.take(number, REFUSED)
    desk.all.take(number, Appealed(by=CLERK, reasons="It is our invoice."))

    with pytest.raises(NotPermitted) as raised:
        desk.all.take(number, GRANTED)
    assert raised.value.key == "applications.decided_before"
    desk.all.take(number, Asked(by=OTHER, question="Whose name is on it?"))
    assert desk.all.take(number, Answered(by=CLERK, answer="Ours.")).state is State.APPEALED
    assert desk.all.take(number, _with(GRANTED, by=OTHER)).state is State.GRANTED
    with pytest.raises(ConfigurationError) as again:
        desk.all.take(number, Appealed(by=CLERK, reasons="More."))
    assert again.value.key == "applications.appealed_already"


def test_money_is_paid_by_somebody_else_and_taken_back_at_most_once(desk: Desk) -> None:
    """Who granted does not pay; a milestone comes first; what was not paid is not taken back."""
    number = desk.applied()
    desk.all.take(number, GRANTED)
    wrong: list[tuple[Step, str]] = [
        (Paid(by=REVIEWER, payment="first"), "decider_pays"),
        (Paid(by=CLERK, payment="first"), "own"),
        (Paid(by=CASHIER, payment="second"), "no_payment"),
        (Paid(by=CASHIER, payment="third"), "no_payment"),
        (Recovered(by=OTHER, amount=1, reasons="Why not."), "more_than_paid"),
        (Judged(by=OTHER, milestone="offline", met=True, reasons="x"), "no_milestone"),
        (Withdrawn(by=CLERK, reasons="Too late."), "no_place"),
    ]

    for step, why in wrong:
        with pytest.raises(LinesideError) as raised:
            desk.all.take(number, step)
        assert raised.value.key == f"applications.{why}"
    desk.all.take(number, Paid(by=CASHIER, payment="first"))
    for step, why in (
        (Paid(by=CASHIER, payment="first"), "no_payment"),
        (Recovered(by=OTHER, amount=20_001, reasons="All."), "more_than_paid"),
        (Appealed(by=CLERK, reasons="More."), "paid_already"),
    ):
        with pytest.raises(LinesideError) as raised:
            desk.all.take(number, step)
        assert raised.value.key == f"applications.{why}"
    assert desk.all.take(number, Recovered(by=OTHER, amount=20_000, reasons="Sold.")).recovered == 20_000


def test_what_is_late_is_told(desk: Desk) -> None:
    """Payments that may be made and milestones that nobody judged, once their day is over."""
    number = desk.applied()
    application = desk.all.take(number, GRANTED)

    assert [one.id for one in application.overdue("2026-07-01")] == []
    assert [one.id for one in application.overdue("2026-07-02")] == ["first"]
    assert [one.id for one in application.overdue("2027-06-01")] == ["online", "first"]
    met = desk.all.take(number, Judged(by=OTHER, milestone="online", met=True, reasons="Seen."))
    assert [one.id for one in met.overdue("2027-06-01")] == ["first", "second"]


def test_an_application_is_decided_by_the_rule_it_was_made_by(desk: Desk, books: Books, key: Key) -> None:
    """Another edition does not take its place: without the old one nothing is granted."""
    number = desk.applied()
    later = read_programmes([("own.toml", RULE.replace("value = 0.5", "value = 0.9"))])

    with pytest.raises(ConfigurationError) as raised:
        Desk(books, key, lambda: later).all.take(number, GRANTED)
    with pytest.raises(ConfigurationError) as unknown:
        desk.drafted(rule=INVOICE)
    with pytest.raises(ConfigurationError) as before:
        desk.drafted(on="2025-12-31")

    assert raised.value.key == unknown.value.key == "applications.no_rule"
    assert before.value.key == "applications.not_in_force"


def test_a_step_that_fails_leaves_nothing_behind(desk: Desk) -> None:
    """Books and ledger are written together or not at all."""
    number = desk.applied()
    with desk.ledger.stored() as stored:
        size = stored.size

    with pytest.raises(ConfigurationError):
        desk.all.take(number, _with(GRANTED, confirmed={}))

    with desk.ledger.stored() as stored:
        assert stored.size == size
    assert len(desk.all.get(number).steps) == 2


def test_what_is_kept_comes_back_as_it_was(desk: Desk) -> None:
    """Figures within bounds, choices and truths survive the books; the bytes of a step are always the same."""
    number = desk.all.draft(
        Drafted(
            by=CLERK,
            member=MEMBER,
            programme="meters",
            rule=SHELF.usable[0].sha256,
            on="2026-06-01",
            known={"spend": Range(5.0, 9.0), "other": True, "word": "steel", "figure": 3.5},
            purpose="p",
        )
    )

    (step,) = desk.all.get(number).steps

    assert isinstance(step, Drafted)
    assert step.known == {"spend": Range(5.0, 9.0), "other": True, "word": "steel", "figure": 3.5}
    assert decoded(encoded(step)) == step
    with pytest.raises(ConfigurationError):
        desk.all.get(number + 1)


STEPS: list[Step] = [
    Applied(by=CLERK, envelope=b"x", proofs=PROOFS),
    Asked(by=REVIEWER, question="q"),
    Answered(by=CLERK, answer="a"),
    GRANTED,
    _with(GRANTED, by=OTHER),
    REFUSED,
    _with(REFUSED, by=OTHER),
    _with(REFUSED, by=CLERK),
    Appealed(by=CLERK, reasons="r"),
    Judged(by=OTHER, milestone="online", met=True, reasons="r"),
    Judged(by=OTHER, milestone="online", met=False, reasons="r"),
    Paid(by=CASHIER, payment="first"),
    Paid(by=CASHIER, payment="second"),
    Paid(by=REVIEWER, payment="first"),
    Recovered(by=OTHER, amount=15_000, reasons="r"),
    Measured(by=OTHER, comparison=INVOICE, indicator="oee", effect=0.1, low=0.0, high=0.2),
    Withdrawn(by=CLERK, reasons="r"),
]


@given(st.lists(st.sampled_from(STEPS), max_size=40))
def test_no_order_of_steps_breaks_the_rules(steps: list[Step]) -> None:
    """Whatever is tried in whatever order: who decides is no applicant, two decisions at most, never more paid."""
    application = begun(
        Drafted(by=CLERK, member=MEMBER, programme="meters", rule=INVOICE, on="2026-06-01", known={}, purpose="p")
    )
    for step in steps:
        with suppress(LinesideError):
            application = after(application, step)
        _holds(application)


def _holds(application: Application) -> None:
    paid = sum(application.paid.values())
    assert not application.reviewers & application.applicants
    assert len(application.decisions) <= 2
    assert len(application.reviewers) == len(application.decisions)
    assert 0 <= application.recovered <= paid <= 50_000
    assert not paid or application.state is State.GRANTED
    assert 0 <= application.granted <= 50_000
    assert paid - application.recovered <= application.granted
    assert application.state is not State.GRANTED or application.decisions[-1].granted


def test_every_kind_of_step_has_its_words() -> None:
    """The ledger says each in both languages."""
    kinds = [one for one in Kind if one.value.startswith(("application.", "review."))]

    facts = {"number": 1, "sha256": "s", "rule": "r", "granted": True, "met": True, "member": 7, "ends": False}
    said = {say(f"ledger.said.{one.value}", language, **facts) for one in kinds for language in LANGUAGES}
    assert len(said) == 24
    assert not any("=" in one for one in said)


def test_what_ships_can_be_applied_for() -> None:
    """Each programme names evidence for its conditions, so that an application can be whole."""
    for one in programmes().usable:
        assert one.evidence
        assert all(condition.evidence for condition in one.conditions)
