"""Figures in memory: what was said last, one moment for a reader, the same after a start."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import get_args

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from lineside.exchange import Absence, Value, catalogue, month_name
from lineside.hub import REASONS, Figures, Hub, Origin
from lineside.hub.figures import Said
from lineside.hub.loading import load_figures
from tests.hub.factories import Clock, Factory

FIRST = 24_000


def said(member: int, month: int, **values: float | None) -> Said:
    """What a member measured."""
    told = [
        Value(indicator=name, value=value, absent=None if value is not None else "no_cycle", coverage=0.5)
        for name, value in values.items()
    ]
    return Said(member, FIRST + month, told)


def test_a_series_has_a_row_for_each_member_and_a_column_for_each_month() -> None:
    """Absent is what nobody said, and what was said to be absent, with the reason."""
    figures = Figures(catalogue())
    entered = Value(indicator="oee", value=0.3, origin="entered")
    generated = Value(indicator="oee", value=0.4, origin="generated", coverage=1.0)

    figures.take([said(3, 0, oee=0.5, quality=None), Said(1, FIRST + 2, [entered]), Said(2, FIRST + 2, [generated])])

    now = figures.snapshot()
    oee, quality = now.of("oee"), now.of("quality")
    assert (now.members, now.first, now.months) == (3, FIRST, 3)
    assert oee.value.shape == oee.origin.shape == (3, 3)
    assert np.array_equal(
        oee.value, [[np.nan, np.nan, 0.3], [np.nan, np.nan, 0.4], [0.5, np.nan, np.nan]], equal_nan=True
    )
    assert oee.origin.tolist() == [
        [Origin.ABSENT, Origin.ABSENT, Origin.ENTERED],
        [Origin.ABSENT, Origin.ABSENT, Origin.GENERATED],
        [Origin.MEASURED, Origin.ABSENT, Origin.ABSENT],
    ]
    assert np.isnan(oee.coverage[0, 2])
    assert REASONS[quality.reason[2, 0]] == "no_cycle"
    assert quality.origin.max() == Origin.ABSENT


def test_there_is_a_code_for_every_reason() -> None:
    """So that none is taken for another."""
    assert set(REASONS[1:]) == set(get_args(Absence))


def test_nothing_at_all_is_a_snapshot_too() -> None:
    """A hub without any submission answers with no rows and no columns."""
    now = Figures(catalogue()).snapshot()

    assert now.of("oee").value.shape == (0, 0)


def test_what_was_said_later_takes_the_place_value_by_value() -> None:
    """Also within one batch; what a correction does not name stays."""
    figures = Figures(catalogue())

    figures.take([said(1, 0, oee=0.1, quality=0.9), said(1, 0, oee=0.2), said(1, 0, quality=None)])

    now = figures.snapshot()
    assert now.of("oee").value[0, 0] == 0.2
    assert np.isnan(now.of("quality").value[0, 0])
    assert figures.said(1, FIRST) == {"oee": 0.2}
    assert figures.said(9, FIRST) == figures.said(1, FIRST + 1) == {}


def test_a_snapshot_stays_as_it_was() -> None:
    """While values change, members come and months begin."""
    figures = Figures(catalogue())
    figures.take([said(1, 0, oee=0.1)])
    before = figures.snapshot()

    figures.take([said(1, 0, oee=0.9), said(5000, 0, oee=0.5), said(1, 1, oee=0.9)])

    assert before.of("oee").value.tolist() == [[0.1]]
    assert figures.snapshot().of("oee").value.shape == (5000, 2)
    assert figures.snapshot().version == figures.version == before.version + 1


def test_a_reader_sees_all_of_a_batch_or_nothing() -> None:
    """Two indicators that are always written alike are alike in every snapshot, however it meets the writer."""
    figures, over, torn = Figures(catalogue()), threading.Event(), []

    def read() -> None:
        while not over.is_set():
            now = figures.snapshot()
            if now.members:
                one, other = (now.of(name).value for name in ("oee", "quality"))
                torn.append(not np.array_equal(one, other, equal_nan=True) or len(np.unique(one)) != 1)

    reader = threading.Thread(target=read)
    reader.start()
    for turn in range(300):
        figures.take(
            [said(member, month, oee=turn / 300, quality=turn / 300) for member in range(1, 40) for month in (0, 1)]
        )
    over.set()
    reader.join()

    assert torn
    assert not any(torn)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=some.data())
def test_any_order_of_sending_ends_with_the_same_figures(
    data: some.DataObject, hub: Hub, clock: Clock, tmp_path: Path
) -> None:
    """Lines that are repeated, reordered, cut and sent again until all have receipts say what the clean order says."""
    number = len(hub.register.members)
    pairs = [Factory.make(tmp_path, clock, f"m{number}-{at}").joined(hub, f"m{at}") for at in range(2)]
    clean = Figures(catalogue())
    values = some.one_of(some.none(), some.floats(0, 1))
    for factory in pairs:
        for _ in range(data.draw(some.integers(1, 5))):
            month, value = data.draw(some.integers(0, 2)), data.draw(values)
            one = said(factory.number, month, oee=value)
            factory.say(factory.submission(month_name(24_310 + month), tuple(one.values)))  # type: ignore[arg-type]
            clean.take([Said(factory.number, 24_310 + month, one.values)])
    wanted = [(factory, envelope) for factory in pairs for envelope in factory.sent[1:]]

    while missing := [(f, e) for f, e in wanted if all(r.statement != e.sha256 for r in f.receipts.values())]:
        mixed = data.draw(some.permutations(missing))
        mixed += data.draw(some.lists(some.sampled_from(wanted), max_size=3))
        cut = data.draw(some.integers(0, 300))
        text = b"\n".join(envelope.json() for _, envelope in mixed)
        answers = {one.sha256: one for one in hub.receive(text[: len(text) - cut]) if one.reply is not None}
        for factory, envelope in wanted:
            if envelope.sha256 in answers:
                factory.keep(answers[envelope.sha256])

    assert_same(hub.figures, clean, [factory.number for factory in pairs])
    anew = Figures(catalogue())
    load_figures(hub.books, anew, catalogue())
    assert_same(anew, clean, [factory.number for factory in pairs])


def assert_same(one: Figures, other: Figures, members: list[int]) -> None:
    """What some members said is the same in both."""
    for member in members:
        for month in range(24_310, 24_313):
            assert one.said(member, month) == other.said(member, month)


def test_a_reason_keeps_its_code() -> None:
    """Figures that are stored hold the code alone: a new reason comes after all there were."""
    assert REASONS[:13] == (
        *("", "no_source", "no_calendar", "no_cycle", "no_units", "no_orders", "no_meter", "too_little_coverage"),
        *("nothing_happened", "not_released", "not_computed", "no_model", "other_edition"),
    )
