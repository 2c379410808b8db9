"""Programmes on the real hub: read anew, filled with what members told, applied for and tried."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest
from msgspec.structs import replace as changed_struct

from lineside.errors import ConfigurationError, NotPermitted, UnusableData
from lineside.exchange import Envelope, Value, catalogue
from lineside.hub import Hub
from lineside.hub.applications import APPLICATION, Asked, Decided, Paid, Payment, Proof, Withdrawn, signed_content
from lineside.hub.support import LABORATORY, By, Change
from lineside.hub.support.facts import asked
from lineside.jobs import JobState
from lineside.rules import Range, read_programmes
from lineside.rules import Standing as Fitting
from lineside.texts import LANGUAGES
from lineside.trust import Grant, Role
from tests.hub.conftest import Opens
from tests.hub.factories import MONTH, Clock, Factory
from tests.hub.support.shelves import CONNECTED, ID, SOURCELESS, connected, enrolled, profile, put

TODAY = date(2026, 11, 20)
MEMBERS = [(20 * (at + 1), 0.3 + 0.03 * at) for at in range(20)]
"""Of whom 13 are connected well enough, and 15 small enough."""


@pytest.fixture
def folder(folder: Path) -> Path:
    """A hub folder with a programme of its own."""
    put(folder)
    return folder


def fit(hub: Hub, member: int, **stated: float | bool | str) -> tuple[Fitting, Range, tuple[str, ...]]:
    """What the programme is to a member: its standing, its amount and what is missing."""
    fits = hub.support.fits(member, TODAY, {ID: stated} if stated else {})
    found = next(one.outcome for one in fits.fits if one.programme.id == ID)
    return found.standing, found.amount, found.missing


def test_a_file_that_changes_is_read_again(hub: Hub, folder: Path) -> None:
    """And one that does not is not; what is wrong is told, and is no programme."""
    shelf = hub.support.shelf
    before = shelf.read()
    again = shelf.read()
    file = put(folder, CONNECTED.replace("value = 0.3,", "value = 0.4,"))
    os.utime(file, ns=(1, 1))
    after = shelf.read()
    put(folder, SOURCELESS, "rumour.toml")
    wrong = shelf.read()
    file.unlink()
    gone = shelf.read()

    assert before is again
    assert [one.of(ID, TODAY).parameters["rate"].on(TODAY) for one in (before, after)] == [0.3, 0.4]
    assert {"source", "document"} <= {one.key.rpartition(".")[2] for one in wrong.findings if "rumour" in one.file}
    assert "park-rumour" not in {one.id for one in wrong.usable}
    assert ID not in {one.id for one in gone.usable}


def test_what_a_member_told_is_what_the_rule_is_worked_out_with(hub: Hub, factory: Factory) -> None:
    """What nobody told stays unknown, so that the amount is a range; a supposition narrows it and is kept nowhere."""
    factory.send(hub, factory.say(factory.submission(values=connected(0.8))))

    first = fit(hub, 1)
    supposed = fit(hub, 1, spend=100_000.0, no_other_money=True)
    small = fit(hub, 1, connected_share=0.4)

    assert first == (Fitting.UNKNOWN, Range(0.0, 200_000.0), ("spend",))
    assert supposed == (Fitting.ELIGIBLE, Range.only(30_000.0), ())
    assert small[0] is Fitting.NOT
    assert fit(hub, 1) == first


@pytest.mark.parametrize(
    ("values", "month", "known"),
    [
        (connected(0.8), MONTH, "2026-09"),
        (connected(0.8), "2025-12", "2025-12"),
        (connected(0.8), "2025-11", None),
        ((), MONTH, None),
        ((Value(indicator="connected_share", absent="no_source"),), MONTH, None),
        (connected(0.8, "entered"), MONTH, "2026-09"),
    ],
)
def test_the_newest_value_of_a_year_counts(
    hub: Hub, factory: Factory, values: tuple[Value, ...], month: str, known: str | None
) -> None:
    """With its month and origin; what is older, absent or was never told is not known."""
    factory.send(hub, factory.say(factory.submission(month, values=values)))

    fits = hub.support.fits(1, TODAY, {})
    facts = next(one.facts for one in fits.fits if one.programme.id == ID)

    found = facts.get("connected_share")
    assert (None if found is None else found.month) == known
    assert found is None or found.origin == values[0].origin
    assert facts["employees"].source == "profile"
    assert facts["region"].value == "north"


def test_what_was_measured_too_thinly_is_not_known(hub: Hub, factory: Factory) -> None:
    """The newest value with the coverage that its indicator needs counts; what it needs the catalogue says."""
    need = hub.catalogue.of("availability").coverage
    put(hub.folder, CONNECTED.replace("connected_share", "availability"))
    for month, value, coverage in (("2026-08", 0.7, need), ("2026-09", 0.9, need / 2)):
        thin = Value(indicator="availability", value=value, coverage=coverage, evidence="a" * 64)
        factory.send(hub, factory.say(factory.submission(month, values=(thin,))))

    fits = hub.support.fits(1, TODAY, {})
    facts = next(one.facts for one in fits.fits if one.programme.id == ID)

    assert (facts["availability"].value, facts["availability"].month) == (0.7, "2026-08")


def test_what_a_rule_does_not_ask_is_refused(hub: Hub, factory: Factory) -> None:
    """A name that it has not, a programme that there is not, a member that there is not."""
    assert factory.number == 1
    attempts: dict[str, Callable[[], object]] = {
        "support.not_asked": lambda: fit(hub, 1, spent=3.0),
        "rules.no_number": lambda: fit(hub, 1, spend="much"),
        "rules.out_of_bounds": lambda: fit(hub, 1, connected_share=1.5),
        "rules.programme.none": lambda: hub.support.fits(1, TODAY, {"other": {}}),
        "hub.no_member": lambda: hub.support.fits(9, TODAY, {}),
    }

    for key, attempt in attempts.items():
        with pytest.raises(ConfigurationError) as refused:
            attempt()
        assert refused.value.key == key


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_rule_in_the_manual_holds(language: str) -> None:
    """Whoever copies it has a programme, and its inputs are those that members tell."""
    page = (Path(__file__).parents[3] / "docs" / language / "programmes.md").read_text("utf-8")
    (text,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)

    found = read_programmes([("manual.toml", text)])

    assert found.findings == ()
    assert [one.id for one in asked(found.usable[0], catalogue())] == ["connected_share"]


# -- applications --------------------------------------------------------------------------------------


def account(hub: Hub, name: str, *grants: Grant) -> int:
    """The number of a new account."""
    if hub.people.nobody:
        hub.people.add("root", "person", [Grant(Role.ADMINISTRATOR)])
    hub.people.add(name, "service", grants)
    return hub.people.get(name).id


def drafted(hub: Hub, by: int, **stated: float | bool | str) -> int:
    """The number of an application of member 1."""
    return hub.support.draft(1, ID, TODAY, {"spend": 100_000.0, **stated}, "Sensors on all presses", by)


def applied(hub: Hub, factory: Factory, by: int) -> int:
    """The same, signed by the node with a statement that it made."""
    factory.send(hub, factory.say(factory.submission(values=connected(0.8))))
    number = drafted(hub, by)
    statement = factory.receipts[factory.last]
    proofs = [Proof(evidence="connected", sha256=statement.statement, statement=statement.number)]
    proofs += [
        Proof(evidence=one, sha256=sha256(one.encode()).hexdigest()) for one in ("staff", "invoice", "declaration")
    ]
    content = signed_content(number, hub.support.applications.get(number).application, proofs)
    hub.support.applications.apply(number, Envelope.sign(APPLICATION, content, factory.key), by)
    return number


def test_nobody_states_what_others_confirm_or_what_was_measured_otherwise(hub: Hub, factory: Factory) -> None:
    """Else who applies would decide, or better the figures of their own node."""
    factory.send(hub, factory.say(factory.submission(values=connected(0.3))))

    for name, value, key in (
        ("no_other_money", True, "support.not_yours"),
        ("connected_share", 0.9, "support.told_otherwise"),
    ):
        with pytest.raises(ConfigurationError) as refused:
            drafted(hub, 1, **{name: value})
        assert refused.value.key == key
    assert hub.support.applications.list() == ()
    assert drafted(hub, 1, connected_share=0.3) == 1


def test_who_is_no_member_applies_for_nothing(hub: Hub, factory: Factory) -> None:
    """Neither before it is admitted nor after it left."""
    factory.send(hub, factory.leaving())

    with pytest.raises(ConfigurationError) as refused:
        drafted(hub, 1)

    assert refused.value.key == "support.not_admitted"


def test_a_statement_shows_only_what_the_member_said(hub: Hub, factory: Factory, clock: Clock, tmp_path: Path) -> None:
    """A statement of somebody else, or another hash, is no proof."""
    other = Factory.make(tmp_path, clock, "other").joined(hub)
    other.send(hub, other.say(other.submission()))
    number = drafted(hub, 1)
    theirs = other.receipts[1].statement
    proofs = [Proof(evidence="connected", sha256=theirs, statement=1)]
    content = signed_content(number, hub.support.applications.get(number).application, proofs)

    with pytest.raises(UnusableData) as refused:
        hub.support.applications.apply(number, Envelope.sign(APPLICATION, content, factory.key), 1)

    assert refused.value.key == "applications.no_statement"
    assert hub.support.statements.holds(2, 1, theirs)


def test_nobody_decides_for_a_member_that_they_have_a_role_for(hub: Hub, factory: Factory) -> None:
    """Whoever they act as by now; an account of nobody does not decide at all, and a stranger to the member does."""
    clerk = account(hub, "clerk", Grant(Role.MEMBER, "member/1"))
    torn = account(hub, "torn", Grant(Role.REVIEWER), Grant(Role.MEMBER, "member/1"))
    audits = account(hub, "audits", Grant(Role.REVIEWER), Grant(Role.AUDITOR, "member/1"))
    fair = account(hub, "fair", Grant(Role.REVIEWER), Grant(Role.MEMBER, "member/2"))
    number = applied(hub, factory, clerk)
    asked = Asked(by=0, question="Which machines?")

    keys = []
    for by in (torn, audits, clerk, 0):
        with pytest.raises(NotPermitted) as refused:
            hub.support.review(number, changed_struct(asked, by=by))
        keys.append(refused.value.key)
    now = hub.support.review(number, changed_struct(asked, by=fair))

    assert keys == ["support.own_member"] * 3 + ["applications.needs_account"]
    assert now.state == "asked"


def test_an_application_goes_from_what_was_measured_to_money(hub: Hub, factory: Factory) -> None:
    """Drafted by the member, signed by its node, decided by one reviewer, paid by another; never above the rule."""
    clerk = account(hub, "clerk", Grant(Role.MEMBER, "member/1"))
    reviewer, cashier = (account(hub, name, Grant(Role.REVIEWER)) for name in ("reviewer", "cashier"))
    number = applied(hub, factory, clerk)

    def decided(amount: float) -> Decided:
        payment = Payment(id="all", amount=amount, due="2026-12-31")
        confirmed = {"no_other_money": True}
        return Decided(
            by=reviewer, granted=True, reasons="Shown.", confirmed=confirmed, amount=amount, payments=(payment,)
        )

    with pytest.raises(ConfigurationError) as above:
        hub.support.review(number, decided(30_001))
    hub.support.review(number, decided(30_000))
    with pytest.raises(NotPermitted) as same:
        hub.support.review(number, Paid(by=reviewer, payment="all"))
    paid = hub.support.review(number, Paid(by=cashier, payment="all"))

    assert (above.value.key, same.value.key) == ("applications.above_rule", "applications.decider_pays")
    assert paid.paid == {"all": 30_000}
    assert (
        hub.support.applications.committed(hub.support.shelf.read().of("park-connected", hub.support.today())) == 30_000
    )
    with pytest.raises(ConfigurationError):
        hub.support.answer(number, Withdrawn(by=clerk, reasons="Too late."))


# -- the laboratory ------------------------------------------------------------------------------------

CHANGE = Change(ID, {"least_share": 0.7}, TODAY, assumed={"no_other_money": True, "spend": 500_000.0})


@pytest.fixture
def cluster(hub: Hub, tmp_path: Path, clock: Clock) -> Hub:
    """A hub with twenty members, of which three were made up."""
    enrolled(hub, tmp_path, clock, MEMBERS, made_up=3)
    return hub


def test_a_change_says_of_all_what_the_rule_says_of_each(cluster: Hub) -> None:
    """Who receives and what it costs are those of each member by itself, before and after."""
    found = cluster.support.try_change(CHANGE)

    for rule, told in ((found.before, found.effect.eligible_before), (found.after, found.effect.eligible_after)):
        least = rule.parameters["least_share"].on(TODAY) or 0.0
        eligible = [staff for staff, share in MEMBERS if share >= least and staff <= 300]
        assert told.low == told.high == len(eligible)
    assert found.effect.whole.cost_before.value == 150_000 * found.effect.eligible_before.low
    assert found.effect.whole.drops_out.value == found.effect.eligible_before.low - found.effect.eligible_after.low > 0
    assert {one.measure for one in found.effect.unevenness} == {"gini", "theil_t"}
    assert "support.note.assumed" in {one.key for one in found.effect.notes}
    assert (found.counts.whole.members, found.generated) == (20, 3)


def test_members_that_were_made_up_can_be_left_out(cluster: Hub) -> None:
    """And who left is not in it."""
    found = cluster.support.try_change(replace(CHANGE, generated=False))

    assert (found.counts.whole.members, found.generated) == (17, 0)


def test_the_same_question_has_the_same_answer(cluster: Hub) -> None:
    """To the last digit, also where what is unknown is filled in by lot."""
    unknown = replace(CHANGE, assumed={"no_other_money": True})

    assert cluster.support.try_change(unknown).effect == cluster.support.try_change(unknown).effect


def test_a_trial_of_many_is_a_job_whose_record_tells_no_figure(cluster: Hub) -> None:
    """Who may see jobs may see no figures: the result is fetched by itself; after the hub ended it is not there."""
    cluster.jobs.start()
    job = cluster.support.submit(cluster.jobs, CHANGE, "account/1")
    with pytest.raises(ConfigurationError) as early:
        cluster.support.result(replace(job, params={"key": "other"}))
    while not (now := cluster.jobs.get(job.id)).state.over:
        pass

    assert (now.state, now.kind, now.result) == (JobState.DONE, LABORATORY, {})
    assert cluster.support.result(now).effect == cluster.support.try_change(CHANGE).effect
    assert early.value.key == "support.result_gone"


POPULATION = """
[[population]]
industry = "34"
size = "{size}"
{region}
enterprises = {enterprises}
source = "yearbook"
"""


def told(size: str, enterprises: int, region: str = "") -> str:
    """A number of enterprises in the settings."""
    place = f'region = "{region}"' if region else ""
    return POPULATION.format(size=size, enterprises=enterprises, region=place)


def test_members_stand_for_those_of_their_kind(folder: Path, opens: Opens, tmp_path: Path, clock: Clock) -> None:
    """Where the settings tell how many there are; others stand for nobody and are left out, which is said."""
    file = folder / "hub.toml"
    whole = told("small", 500) + told("small", 80, "north")
    file.write_text(file.read_text("utf-8") + whole, "utf-8")
    hub = opens()
    enrolled(hub, tmp_path, clock, MEMBERS)
    small = sum(20 <= staff < 300 for staff, _ in MEMBERS)

    found = hub.support.try_change(replace(CHANGE, stand=True))

    assert found.effect.whole.enterprises == pytest.approx(500)
    assert (found.counts.whole.members, found.left_out) == (small, 20 - small)
    assert found.effect.whole.drops_out.low < found.effect.whole.drops_out.value < found.effect.whole.drops_out.high
    with pytest.raises(ConfigurationError) as refused:
        hub.support.try_change(replace(CHANGE, stand=True, by=By.REGION))
    assert refused.value.key == "support.not_by_region"


def test_nobody_stands_for_what_nothing_tells(cluster: Hub) -> None:
    """Without numbers in the settings there is nothing to stand for."""
    with pytest.raises(ConfigurationError) as refused:
        cluster.support.try_change(replace(CHANGE, stand=True))

    assert refused.value.key == "support.no_population"


def test_nobody_can_be_asked_of_nothing(hub: Hub) -> None:
    """A hub without members says so, and a figure that the rule has not is told."""
    for change, key in (
        (CHANGE, "laboratory.nobody"),
        (replace(CHANGE, parameters={"most_stuff": 1.0}), "rules.programme.no_parameter"),
        (replace(CHANGE, assumed={"stuff": 1.0}), "support.not_asked"),
        (replace(CHANGE, programme="other"), "rules.programme.none"),
    ):
        with pytest.raises(ConfigurationError) as refused:
            hub.support.try_change(change)
        assert refused.value.key == key


def test_profiles_of_one_size_are_equal(hub: Hub, tmp_path: Path, clock: Clock) -> None:
    """Inequality of equals is none before; a grant for some makes some."""
    for at, share in enumerate((0.2, 0.2, 0.8, 0.8)):
        one = Factory.make(tmp_path, clock, f"equal-{at}").joined(hub, f"equal {at}", profile(100))
        one.send(hub, one.say(one.submission(values=connected(share))))

    found = hub.support.try_change(replace(CHANGE, parameters={"least_share": 0.0}))

    gini = next(one for one in found.effect.unevenness if one.measure == "gini")
    assert gini.after.value == pytest.approx(0.0, abs=1e-12)
    assert gini.before.value > 1e-4
