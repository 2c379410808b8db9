"""Members and hubs by different editions of the catalogue: nothing is lost, nothing is taken for something else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from lineside.exchange import Catalogue, Value, catalogue
from lineside.hub import REASONS, Hub
from lineside.hub.editions import edition_remarks, understood
from tests.hub.conftest import Opens
from tests.hub.factories import EDITION, Clock, Factory

NOW = catalogue()
OEE = Value(indicator="oee", value=0.5, coverage=0.9, evidence="a" * 64)
TWIN = Value(indicator="twin_in_use", value=1.0, coverage=1.0, evidence="b" * 64)
LATER = "2031-01"


def figure(hub: Hub, member: int, indicator: str) -> tuple[float | None, str]:
    """What the figures have of the only month, and why they have none."""
    series = hub.figures.snapshot().of(indicator)
    value = float(series.value[member - 1, 0])
    return None if np.isnan(value) else value, REASONS[series.reason[member - 1, 0]]


def test_members_of_both_editions_are_compared_and_corrected_alike(opens: Opens, tmp_path: Path, clock: Clock) -> None:
    """What means the same counts from either, also after a start; a node that was updated corrects its old month."""
    hub = opens()
    old, new = (Factory.make(tmp_path, clock, name).joined(hub, name) for name in ("old", "new"))
    old.send(hub, old.say(old.submission(values=(OEE,))))
    new.send(hub, new.say(new.submission(values=(OEE, TWIN), catalogue=NOW.edition.id)))
    assert [figure(hub, member, "oee")[0] for member in (1, 2)] == [0.5, 0.5]

    better = replace_value(OEE, 0.6)
    old.send(hub, old.say(old.submission(values=(better, TWIN), catalogue=NOW.edition.id)))

    for each in (hub, opens()):
        assert [figure(each, member, "oee") for member in (1, 2)] == [(0.6, ""), (0.5, "")]
        assert [figure(each, member, "twin_in_use") for member in (1, 2)] == [(1.0, ""), (1.0, "")]
    assert all(not one.remarks for one in (*old.receipts.values(), *new.receipts.values()))


def test_what_is_newer_than_the_hub_is_kept_told_and_counted_after_its_update(
    folder: Path, tmp_path: Path, clock: Clock
) -> None:
    """The hub takes it, says that it does not count it, and shows the month's old value no more; updated, it counts."""
    with Hub(folder, now_us=clock, catalogue=catalogue(EDITION)) as hub:
        factory = Factory.make(tmp_path, clock).joined(hub)
        factory.send(hub, factory.say(factory.submission(values=(OEE,))))
        newer = factory.submission(values=(replace_value(OEE, 0.6), TWIN), catalogue=NOW.edition.id)
        factory.send(hub, factory.say(newer))
        assert figure(hub, 1, "oee") == (None, "other_edition")
        assert hub.figures.said(1, hub.figures.snapshot().first) == {}
        (remark,) = factory.receipts[2].remarks
        assert (remark.key, remark.fields) == ("newer_edition", {"edition": NOW.edition.id, "own": EDITION})
    with Hub(folder, now_us=clock, catalogue=catalogue(EDITION)) as hub:
        assert figure(hub, 1, "oee") == (None, "other_edition")

    with Hub(folder, now_us=clock) as hub:
        assert figure(hub, 1, "oee") == (0.6, "")
        assert figure(hub, 1, "twin_in_use") == (1.0, "")


def test_an_edition_that_never_came_does_not_keep_a_hub_from_starting(
    opens: Opens, tmp_path: Path, clock: Clock
) -> None:
    """A member said what no catalogue ever named: it is kept, and stays out of the figures for good."""
    hub = opens()
    factory = Factory.make(tmp_path, clock).joined(hub)
    said = (OEE, Value(indicator="luck", value=7.0))
    factory.send(hub, factory.say(factory.submission(values=said, catalogue=LATER)))

    hub = opens()

    assert hub.loaded == 1
    assert figure(hub, 1, "oee") == (None, "other_edition")
    passed = replace(NOW, edition=replace(NOW.edition, id="2032-01"))
    assert [one.absent for one in understood((OEE,), LATER, passed)] == ["other_edition"]


def changed() -> Catalogue:
    """An edition that means something else by OEE and has no quality any more."""
    indicators = {**NOW.indicators, "oee": replace(NOW.of("oee"), since=LATER)}
    del indicators["quality"]
    before = {**NOW.before, NOW.edition.id: NOW}
    return Catalogue(replace(NOW.edition, id=LATER), indicators, before)


def test_a_value_whose_meaning_changed_is_kept_and_not_compared(folder: Path, tmp_path: Path, clock: Clock) -> None:
    """The figures have the reason in its place; the envelope has the value, and the receipt says so."""
    quality, none = (
        Value(indicator="quality", value=0.9, coverage=1.0),
        Value(indicator="lead_time", absent="no_orders"),
    )
    availability = Value(indicator="availability", value=0.8, coverage=1.0, evidence="c" * 64)
    with Hub(folder, now_us=clock, catalogue=changed()) as hub:
        factory = Factory.make(tmp_path, clock).joined(hub)
        factory.send(hub, factory.say(factory.submission(values=(OEE, quality, none, availability))))

        assert figure(hub, 1, "oee") == (None, "other_edition")
        assert figure(hub, 1, "availability") == (0.8, "")
        assert figure(hub, 1, "lead_time") == (None, "no_orders")
        assert "quality" not in hub.figures.indicators
        told = [(one.key, one.indicator) for one in factory.receipts[1].remarks]
        assert told == [("other_meaning", "oee"), ("other_meaning", "quality")]


def test_absent_values_need_no_remark() -> None:
    """There is nothing to misread in a reason."""
    assert not list(edition_remarks((Value(indicator="oee", absent="no_cycle"),), EDITION, changed()))


def replace_value(value: Value, number: float) -> Value:
    """The same with another number."""
    return Value(indicator=value.indicator, value=number, coverage=value.coverage, evidence=value.evidence)
