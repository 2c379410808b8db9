"""Pilots at a real hub: fixed before, judged once after, each in the ledger by its hash; nobody named to others."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from sqlalchemy import update

from lineside.errors import ConfigurationError, UnusableData
from lineside.exchange import Ask, Value, catalogue
from lineside.hub import Hub, Member
from lineside.hub.pilots import (
    Choice,
    Doubt,
    Hypothesis,
    Interval,
    PilotRecord,
    Plan,
    State,
    Verdict,
    Wanted,
    outcome,
    outcome_document,
    read_outcome,
    step_of,
    told,
    told_headline,
    told_pilots,
    too_near,
)
from tests.hub.factories import Clock
from tests.hub.pilots.staged import (
    CHANGE,
    DAYS,
    EARLIER,
    INDICATOR,
    OTHERS,
    POST,
    PRE,
    START,
    TREATED,
    Prepared,
    Stage,
    at,
    plan,
    prepare,
    prepared,
)


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """Members whose stops are about to end a quarter sooner."""
    return prepared(tmp_path_factory.mktemp("before"))


@pytest.fixture
def stage(before: Prepared, tmp_path: Path) -> Iterator[Stage]:
    """The same, open."""
    with before.opened(tmp_path / "hub") as opened:
        yield opened


def entry_of(hub: Hub, index: int) -> dict[str, Any]:
    """An entry of the ledger."""
    with hub.ledger.stored() as now:
        found: dict[str, Any] = msgspec.json.decode(now.body(index))
    return found


# -- fixed ---------------------------------------------------------------------------------------------


def test_a_plan_is_kept_with_its_hash_in_the_ledger(stage: Stage) -> None:
    """The document reads back as the plan, and the entry names it, by whoever fixed it."""
    pilot = stage.hub.pilots.fix(plan(), by="account/3")

    assert stage.hub.pilots.get(pilot.number) == pilot
    assert (pilot.plan, pilot.state(START - 1)) == (plan(), State.PLANNED)
    assert sha256(pilot.fixed.document).hexdigest() == pilot.fixed.sha256
    entry = entry_of(stage.hub, pilot.entry)
    assert (entry["kind"], entry["who"], entry["about"]) == ("pilot.fixed", "account/3", f"pilot/{pilot.number}")
    assert entry["facts"] == {"sha256": pilot.fixed.sha256, "start": "2026-04"}
    assert stage.hub.pilots.by_plan(pilot.fixed.sha256) == pilot
    assert stage.hub.pilots.by_plan("0" * 64) is None


def test_what_cannot_be_fixed_leaves_nothing_behind(stage: Stage) -> None:
    """Twice, with who is no member, with who stands in another pilot, or too late: refused, and no entry written."""
    pilots, oee = stage.hub.pilots, Hypothesis("oee", 0.05, 0.02)
    pilots.cancel(pilots.fix(plan(name="Same")).number, "To be fixed again")
    pilots.fix(plan())
    size = stage.hub.ledger.head().size
    treated, compared = plan().treated, plan().comparison
    spoilt = [
        plan(name="Another"),
        plan(treated=compared[:5], comparison=treated),
        plan(treated=compared[:5], comparison=compared[5:]),
    ]

    for one in spoilt:
        assert refusal(stage, one) == "pilots.elsewhere"
    assert refusal(stage, plan(hypothesis=oee, comparison=(33, 34, 35, 99))) == "pilots.not_admitted"
    stage.clock.us = at(START, 1)
    assert refusal(stage, plan(hypothesis=oee)) == "pilots.begun"
    assert len(pilots.listed()) == 2
    assert stage.hub.ledger.head().size == size


def test_the_same_plan_is_fixed_once(stage: Stage) -> None:
    """Also where it was called off: its hash names one pilot."""
    stage.hub.pilots.cancel(stage.hub.pilots.fix(plan()).number, "No money")

    assert refusal(stage, plan()) == "pilots.fixed_already"


def refusal(stage: Stage, wrong: Plan) -> str:
    """Why a plan is not fixed."""
    with pytest.raises(ConfigurationError) as refused:
        stage.hub.pilots.fix(wrong)
    return refused.value.key


def test_who_left_cannot_take_part(stage: Stage) -> None:
    """Their months stay in the figures; a plan needs members that go on."""
    leaver = stage.factories[0]
    leaver.send(stage.hub, leaver.leaving())

    with pytest.raises(ConfigurationError) as refused:
        stage.hub.pilots.fix(plan())

    assert (refused.value.key, refused.value.fields) == ("pilots.not_admitted", {"members": "1"})


def test_a_comparison_group_is_found_by_the_months_before(stage: Stage) -> None:
    """Nobody who takes part here or in a pilot at the same time is in it; a plan that says so is fixed with it."""
    hub, pilots = stage.hub, stage.hub.pilots
    wanted = Wanted(plan().hypothesis, plan().treated[:6], START, PRE, POST, each=1)
    found = pilots.match(wanted)
    other = pilots.fix(plan(treated=tuple(range(15, 19)), comparison=tuple(range(30, 35))))
    again = pilots.match(wanted)

    assert found.months == (START - PRE - EARLIER, START - PRE)
    assert not {*found.comparison} & {*wanted.treated}
    assert not {*again.comparison} & {*other.plan.treated, *wanted.treated}
    matched = plan(treated=wanted.treated, comparison=again.comparison, chosen=Choice.MATCHED)
    assert (
        refusal(stage, replace(matched, comparison=(*again.comparison[1:], 38 if 38 not in again.comparison else 37)))
        == "pilots.not_matched"
    )
    assert pilots.fix(matched, each=1).plan.chosen is Choice.MATCHED
    assert hub.pilots.planning.reach(matched).smallest < 0


def test_a_pilot_is_called_off_before_its_start_alone(stage: Stage) -> None:
    """With reasons, whose hash the ledger has; after its start nobody stops it."""
    pilots = stage.hub.pilots
    first = pilots.fix(plan())
    with pytest.raises(ConfigurationError) as wordless:
        pilots.cancel(first.number, "  ")
    cancelled = pilots.cancel(first.number, "No money", by="account/2")
    second = pilots.fix(plan(name="Again"))
    stage.clock.us = at(START, 1)

    assert wordless.value.key == "pilots.no_reason"
    assert cancelled.state(START) is State.CANCELLED
    assert cancelled.cancelled is not None
    entry = entry_of(stage.hub, cancelled.cancelled.entry)
    assert (entry["kind"], entry["facts"]["sha256"]) == ("pilot.cancelled", sha256(b"No money").hexdigest())
    for number in (first.number, second.number):
        with pytest.raises(ConfigurationError) as refused:
            pilots.cancel(number, "It looks bad")
        assert refused.value.key == "pilots.not_planned"
    with pytest.raises(ConfigurationError) as none:
        pilots.get(99)
    assert none.value.key == "pilots.none"


def test_a_plan_that_was_changed_in_the_books_is_found(stage: Stage) -> None:
    """By its hash, whenever it is read."""
    pilot = stage.hub.pilots.fix(plan())
    with stage.hub.books.session() as rows:
        rows.execute(update(PilotRecord).values(document=plan(name="Other").document()))

    with pytest.raises(UnusableData) as refused:
        stage.hub.pilots.get(pilot.number)

    assert refused.value.key == "pilots.changed"


# -- judged --------------------------------------------------------------------------------------------


def test_a_pilot_is_judged_once_when_its_last_month_is_ripe(stage: Stage) -> None:
    """Not on the second day after it; by the values of then, as computed directly; later corrections change nothing."""
    hub, pilots = stage.hub, stage.hub.pilots
    number = pilots.fix(plan()).number
    for month in range(START, START + POST):
        stage.tell(month)
    early = pilots.judge()
    stage.clock.forward(days=DAYS)
    direct = outcome(pilots.get(number).fixed, pilots.planning.panel(INDICATOR), START + POST)
    judged = pilots.judge()
    kept = pilots.get(number).judged
    size = hub.ledger.head().size
    for one in stage.factories[:TREATED]:
        stage.minutes[one.number][START + 1] *= 3
    stage.tell(START + 1)
    again = pilots.judge()

    assert (early, judged, again) == ([], [number], [])
    assert kept is not None
    assert kept.outcome == direct
    assert kept.outcome.verdict is Verdict.WORKED
    assert kept.outcome.effect.low < CHANGE < kept.outcome.effect.high
    assert 0 < kept.outcome.generated < 0.1
    entry = entry_of(hub, kept.entry)
    assert (entry["kind"], entry["who"]) == ("pilot.judged", "hub")
    assert entry["facts"] == {
        "plan": pilots.get(number).fixed.sha256,
        "sha256": sha256(outcome_document(direct)).hexdigest(),
    }
    assert pilots.get(number).judged == kept
    assert hub.ledger.head().size == size + len(stage.factories)


def test_what_others_are_told_was_protected_when_it_was_judged(stage: Stage) -> None:
    """No member and no exact number; the effect for packs is the same."""
    number = stage.hub.pilots.fix(plan()).number
    stage.tell_all()
    stage.hub.pilots.judge()
    pilot = stage.hub.pilots.get(number)
    assert pilot.judged is not None

    exact, shown = pilot.judged.outcome, pilot.judged.told
    assert shown == told(exact, 7, 0.01)
    assert shown is not None
    assert (shown.treated, shown.comparison) == (14, 21)
    assert shown.effect.low <= exact.effect.low < exact.effect.high <= shown.effect.high
    effect = stage.hub.pilots.effect_of(pilot.fixed.sha256)
    assert effect is not None
    assert (effect.mean, effect.low, effect.high) == (shown.effect.mean, shown.effect.low, shown.effect.high)
    assert (effect.members, effect.until, effect.plan) == (14, "2026-07", pilot.fixed.sha256)


def test_a_member_is_told_of_its_pilots_and_of_those_that_worked(stage: Stage) -> None:
    """Its own group, the verdict as everybody may read it, and the pack by which it can be copied; nobody's name."""
    fixed = stage.hub.pilots.fix(plan())
    inside = stage.hub.register.get(fixed.plan.treated[0])
    outside = replace(inside, number=999)

    def told_to(member: Member) -> list[dict[str, Any]]:
        found = told_pilots(stage.hub.pilots, catalogue(), {fixed.fixed.sha256: "f" * 64}.get)
        ask = Ask(hub=stage.hub.id, member=member.number, what="pilots", made_ms=1, nonce="0" * 64)
        return list(found(member, ask)["pilots"])

    assert [(one["group"], one["verdict"], one["pack"]) for one in told_to(inside)] == [("treated", None, None)]
    assert told_to(outside) == []
    stage.tell_all()
    stage.hub.pilots.judge()
    pilot = stage.hub.pilots.get(fixed.number)
    assert pilot.judged is not None
    assert pilot.judged.told is not None
    (mine,), (theirs,) = told_to(inside), told_to(outside)
    assert (mine["group"], theirs["group"], theirs["pack"]) == ("treated", None, "f" * 64)
    assert mine["verdict"] == told_headline(pilot.judged.told, pilot.plan) == theirs["verdict"]
    text = msgspec.json.encode(theirs).decode()
    assert not any(member.profile.name in text for member in stage.hub.register.members.values())


def test_a_pilot_that_did_not_work_has_no_effect_for_packs(tmp_path: Path) -> None:
    """It is judged and told like any other."""
    with prepared(tmp_path, 0.0).opened(tmp_path / "copy") as stage:
        pilot = stage.hub.pilots.fix(plan())
        stage.tell_all()
        stage.hub.pilots.judge()
        judged = stage.hub.pilots.get(pilot.number).judged

        assert judged is not None
        assert judged.outcome.verdict is Verdict.FAILED
        assert stage.hub.pilots.effect_of(pilot.fixed.sha256) is None


def test_a_pilot_of_which_too_little_was_told_waits(stage: Stage) -> None:
    """It says why, and is judged when the months come."""
    number = stage.hub.pilots.fix(plan()).number
    silent = range(3, TREATED + 1)
    stage.tell_all(silent)
    first = stage.hub.pilots.judge()
    why = stage.hub.pilots.hindrance(number)
    for month in range(START, START + POST):
        stage.tell(month, [one.number for one in stage.factories if one.number not in silent])
    second = stage.hub.pilots.judge()

    assert (first, second) == ([], [number])
    assert why is not None
    assert why.key == "pilots.too_few_told"
    assert stage.hub.pilots.hindrance(number) is None


def test_two_tellings_cannot_be_subtracted(stage: Stage) -> None:
    """Of two pilots whose comparison groups differ by fewer than hide single members the second is not told."""
    pilots = stage.hub.pilots
    first = pilots.fix(plan(treated=range_of(1, 7), comparison=range_of(15, 36)))
    second = pilots.fix(plan(treated=range_of(8, 14), comparison=range_of(15, 35)))
    stage.tell_all()
    pilots.judge()
    judged = [pilots.get(one.number).judged for one in (first, second)]

    assert [one is not None and one.told is not None for one in judged] == [True, False]
    assert pilots.effect_of(second.fixed.sha256) is None


def test_pilots_are_near_by_their_members_in_the_same_months() -> None:
    """Of the same indicator; the same group is not near itself, as it tells nothing of one of them."""
    one, others = plan(), plan().comparison
    later, oee = START + PRE + POST, Hypothesis("oee", 0.1, 0.1)
    cases = [
        plan(comparison=others[:-1]),
        plan(comparison=others[:-6]),
        one,
        plan(comparison=others[:-7]),
        plan(comparison=others[:-1], start=later),
        plan(comparison=others[:-1], hypothesis=oee),
    ]

    assert [too_near(other, [one], 7) for other in cases] == [True, True, False, False, False, False]


def range_of(first: int, last: int) -> tuple[int, ...]:
    """Numbers of members."""
    return tuple(range(first, last + 1))


def test_values_that_are_not_covered_enough_are_not_taken(stage: Stage) -> None:
    """As where members are compared; and who was made up is flagged."""
    factory, before = stage.factories[0], stage.hub.pilots.planning.panel(INDICATOR)
    low = Value(indicator=INDICATOR, value=12.0, coverage=0.3, evidence="b" * 64)
    factory.send(stage.hub, factory.say(factory.submission("2026-02", (low,))))
    after = stage.hub.pilots.planning.panel(INDICATOR)
    month = START - 2 - before.first

    assert before.value[0, month] == stage.minutes[1][START - 2]
    assert np.isnan(after.value[0, month])
    assert np.array_equal(np.delete(before.value.ravel(), month), np.delete(after.value.ravel(), month))
    assert after.generated is not None
    assert after.members[after.generated].tolist() == [TREATED + OTHERS - 1, TREATED + OTHERS]


# -- documents -----------------------------------------------------------------------------------------


def test_an_outcome_reads_back_whatever_of_it_has_no_bound(stage: Stage) -> None:
    """Ends without bound and a p that is none; also where a plan is called like one of these."""
    pilot = stage.hub.pilots.fix(plan(name="nan"))
    stage.tell_all()
    found = outcome(pilot.fixed, stage.hub.pilots.planning.panel(INDICATOR), START + POST)
    without = tuple(replace(one, effect=Interval(0.1, -math.inf, math.inf)) for one in found.without)
    odd = replace(found, without=without, verdict=Verdict.OPEN, doubts=(Doubt.CHANCE,))

    assert read_outcome(outcome_document(odd)) == odd
    assert math.isnan(read_outcome(outcome_document(replace(odd, p_chance=math.nan))).p_chance)
    for wrong in (b"{}", b"[]", b"x", outcome_document(odd).replace(b"outcome/1", b"outcome/2")):
        with pytest.raises(UnusableData) as refused:
            read_outcome(wrong)
        assert refused.value.key == "pilots.no_outcome"


@pytest.mark.parametrize(("indicator", "relative", "step"), [(INDICATOR, True, 0.01), (INDICATOR, False, 1.0)])
def test_effects_are_told_on_the_public_grid(indicator: str, *, relative: bool, step: float) -> None:
    """In the indicator's unit as its values are; of relative effects in hundredths."""
    assert step_of(Hypothesis(indicator, -0.25, -0.1, relative), catalogue().of(indicator)) == step


def test_the_books_of_a_server_keep_pilots_too(books: str, folder: Path, tmp_path: Path) -> None:
    """Fixed, judged, read back after the hub was closed."""
    assert books in ("sqlite", "postgresql")
    clock = Clock()
    with Hub(folder, now_us=clock) as hub:
        stage = prepare(hub, tmp_path, clock)
        number = hub.pilots.fix(plan()).number
        stage.tell_all()
        assert hub.pilots.judge() == [number]
        kept = hub.pilots.get(number)
        panel = hub.pilots.planning.panel(INDICATOR)
        assert panel.generated is not None
        assert np.isnan(panel.value[panel.generated]).all(), "generated members do not count by the file of a new hub"
    with Hub(folder, now_us=clock) as again:
        assert again.pilots.listed() == [kept]
