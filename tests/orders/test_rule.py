"""Facts are judged by orders and products as they were known: a change of plan leaves the past as it was."""

from __future__ import annotations

import pytest

from lineside.measure import planned_time
from lineside.measure.facts import product_spans
from lineside.orders import rows_of
from tests.orders.office import HOUR, NOON, Office


def spans(office: Office) -> list[tuple[int, int, str]]:
    """Return what is planned on the press, in hours after noon."""
    plant = office.plant
    return [
        ((s.start - NOON) // HOUR, (s.end - NOON) // HOUR, s.product) for s in plant.spans_of(plant.machines["press"])
    ]


def test_an_order_told_before_it_begins_is_as_it_was_told_last(office: Office) -> None:
    """Nothing was judged by the first plan, so nothing of it is left."""
    office.order(2, 6, now=0)
    office.order(3, 8, now=1)

    assert spans(office) == [(3, 8, "bolt")]


def test_a_change_of_a_running_order_leaves_its_past(office: Office) -> None:
    """What ran before the change was planned as it was known then."""
    office.order(0, 6, now=-1)
    office.order(0, 9, now=2, product="nut")

    assert spans(office) == [(0, 2, "bolt"), (2, 9, "nut")]


def test_of_orders_that_begin_together_the_most_urgent_is_in_force(office: Office) -> None:
    """A smaller number goes first, a word stands for one, and an order without a priority goes last."""
    ids = {"A": ("bolt", None), "B": ("nut", "low"), "C": ("bolt", 7), "D": ("nut", "dringend"), "E": ("bolt", "0")}
    for id_, (product, priority) in ids.items():
        office.order(2, 6, now=0, id=id_, product=product, priority=priority)
    plant = office.plant
    press = plant.machines["press"]

    assert [s.order for s in plant.spans_of(press)] == ["E", "D", "B", "C", "A"]
    assert product_spans(plant, press, {}, NOON + 2 * HOUR, NOON + 6 * HOUR) == (
        (NOON + 2 * HOUR, NOON + 6 * HOUR, "bolt"),
    )
    assert [row["id"] for row in rows_of("orders", plant, office.ledger, {})] == ["E", "D", "B", "C", "A"]


def test_a_withdrawn_order_planned_until_it_was_withdrawn(office: Office) -> None:
    """From then on it plans nothing, and it is no order of the plant any more."""
    office.order(0, 6, now=-1)
    office.order(0, 6, now=2, state="cancelled")

    assert spans(office) == [(0, 2, "bolt")]
    assert office.plant.orders == ()


def test_an_order_told_late_judges_all_its_time(office: Office) -> None:
    """Nobody knew otherwise, so its whole plan counts; KPIs tell that it came late."""
    office.order(-4, 2, now=0)

    assert spans(office) == [(-4, 2, "bolt")]


def test_a_correction_says_from_when_it_judges(office: Office) -> None:
    """A mistaken plan is corrected for its own time, on purpose."""
    office.order(0, 6, now=-1)
    start, end = ({"start": "2026-12-01 12:00"}, {"end": "2026-12-01 18:00"})
    office.tell({"id": "A1", **start, **end, "product": "nut"}, now=NOON + 3 * HOUR, since_us=NOON)

    assert spans(office) == [(0, 6, "nut")]


def test_time_before_the_first_order_stays_planned_by_the_calendar(office: Office) -> None:
    """Taking in the first order does not empty the past; after it only ordered time is planned."""
    office.order(4, 6, now=0)
    plant = office.plant
    press = plant.machines["press"]

    before = planned_time(plant, press, NOON - 6 * HOUR, NOON)
    across = planned_time(plant, press, NOON, NOON + 10 * HOUR)

    assert (before.basis, before.spans) == ("calendar", ((NOON - 6 * HOUR, NOON),))
    assert (across.basis, across.spans) == ("orders", ((NOON, NOON + 6 * HOUR),))
    assert [(e.reason, e.start) for e in across.excluded if e.reason == "no_order"] == [("no_order", NOON + 6 * HOUR)]


@pytest.mark.parametrize(("at", "cycle"), [(-1, 30.0), (1, 45.0)])
def test_a_new_ideal_cycle_judges_what_comes_after_it(office: Office, at: int, cycle: float) -> None:
    """A cycle changed at noon is two editions of the plant, one before and one after."""
    office.tell({"id": "cap", "ideal_cycle_s": 30}, kind="products", now=NOON - 100 * HOUR)
    office.tell({"id": "cap", "ideal_cycle_s": 45}, kind="products", now=NOON)

    parts = list(office.timeline.during(NOON - 2 * HOUR, NOON + 2 * HOUR))
    judging = next(edition for a, b, edition in parts if a <= NOON + at * HOUR < b)

    assert [(a, b) for a, b, _ in parts] == [(NOON - 2 * HOUR, NOON), (NOON, NOON + 2 * HOUR)]
    assert judging.plant.ideal_cycle_s("cap", "press") == cycle
    assert office.plant.ideal_cycle_s("cap", "press") == 45.0
