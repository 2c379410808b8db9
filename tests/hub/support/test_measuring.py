"""What a grant did is what a pilot found: nobody types it, and what was before the application is no effect of it."""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest

from lineside.errors import ConfigurationError, NotPermitted
from lineside.exchange import Envelope
from lineside.hub import Hub
from lineside.hub.applications import APPLICATION, Decided, Measured, Payment, Proof, signed_content
from lineside.hub.pilots import Verdict
from lineside.trust import Grant, Role
from tests.hub.factories import Clock, Factory
from tests.hub.pilots.staged import START, TREATED, Stage, plan, prepare, write
from tests.hub.support.shelves import ID, put


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A hub folder with a programme of its own."""
    folder = write(tmp_path / "hub")
    put(folder)
    return folder


@pytest.fixture
def stage(hub: Hub, tmp_path: Path, clock: Clock) -> Stage:
    """In the month before a pilot starts, with its plan fixed and two reviewers."""
    stage = prepare(hub, tmp_path, clock)
    hub.people.add("root", "person", [Grant(Role.ADMINISTRATOR)])
    for name in ("rita", "paul"):
        hub.people.add(name, "service", [Grant(Role.REVIEWER)])
    hub.pilots.fix(plan())
    return stage


def granted(stage: Stage, factory: Factory, on: date) -> int:
    """The number of an application of a member, granted as of a day."""
    support, member = stage.hub.support, factory.number
    stated = {"spend": 100_000.0, "connected_share": 0.8}
    number = support.draft(member, ID, on, stated, "Sensors", stage.hub.people.get("root").id)
    statement = support.statements.newest(member)[0]
    proofs = [Proof(evidence="connected", sha256=statement.sha256, statement=statement.number)]
    others = ("staff", "invoice", "declaration")
    proofs += [Proof(evidence=one, sha256=sha256(one.encode()).hexdigest()) for one in others]
    content = signed_content(number, support.applications.get(number).application, proofs)
    envelope = Envelope.sign(APPLICATION, content, factory.key)
    support.applications.apply(number, envelope, stage.hub.people.get("root").id)
    decision = Decided(
        by=stage.hub.people.get("rita").id,
        granted=True,
        reasons="Shown.",
        confirmed={"no_other_money": True},
        amount=30_000,
        payments=(Payment(id="all", amount=30_000, due="2026-12-31"),),
    )
    support.review(number, decision)
    return number


def test_what_a_grant_did_is_what_a_pilot_found(stage: Stage) -> None:
    """To the last digit as everybody is told it; not before it was judged, and not by who is on the member's side."""
    hub, paul = stage.hub, stage.hub.people.get("paul").id
    number = granted(stage, stage.factories[0], date(2026, 3, 4))
    pilot = hub.pilots.listed()[0]

    with pytest.raises(ConfigurationError) as early:
        hub.support.measure(number, pilot.fixed.sha256, paul)
    stage.tell_all()
    hub.pilots.judge()
    with pytest.raises(NotPermitted):
        hub.support.measure(number, pilot.fixed.sha256, hub.people.get("root").id)
    now = hub.support.measure(number, pilot.fixed.sha256, paul)

    told = hub.pilots.get(pilot.number).judged
    assert early.value.key == "support.not_compared"
    assert told is not None
    assert told.told is not None
    (step,) = now.measured
    assert isinstance(step, Measured)
    found = told.told
    assert (step.indicator, step.relative, step.verdict) == (found.indicator, True, Verdict.WORKED)
    assert (step.effect, step.low, step.high) == (found.effect.mean, found.effect.low, found.effect.high)


@pytest.mark.parametrize(("member", "on"), [(TREATED + 1, date(2026, 3, 4)), (1, date(2026, 5, 4))])
def test_a_pilot_of_others_or_from_before_says_nothing(stage: Stage, member: int, on: date) -> None:
    """Who was only compared with did not try it, and what began before the application is no effect of the grant."""
    assert START == 2026 * 12 + 3
    number = granted(stage, stage.factories[member - 1], on)
    stage.tell_all()
    hub, pilot = stage.hub, stage.hub.pilots.listed()[0]
    hub.pilots.judge()

    with pytest.raises(ConfigurationError) as refused:
        hub.support.measure(number, pilot.fixed.sha256, hub.people.get("paul").id)

    assert refused.value.key == "support.not_compared"
    assert hub.support.comparisons(hub.support.applications.get(number)) == ()
