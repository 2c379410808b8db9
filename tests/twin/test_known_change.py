"""A change that a past holds: a twin of the time before it must foretell the time after."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from lineside.errors import ConfigurationError
from lineside.texts import LANGUAGES
from lineside.twin import Line, parse_line
from lineside.twin.answers import Change, changed
from lineside.twin.distributions import mean_of
from lineside.twin.fit import Record, Spans, Visits, fit
from lineside.twin.fit.record import joined
from lineside.twin.validate import Known, Trust, fit_now, in_words, rungs_in_words, validate
from tests.twin.past import Told, record_of

SHIFT = 2 * 3600.0
BEFORE, AFTER = 9, 5
SINCE = BEFORE * SHIFT
EPOCHS = [(start * SHIFT, (start + 1) * SHIFT) for start in range(BEFORE + AFTER)]
FASTER = Change(name="mill 20 % faster", scale={"/stations/mill/work": 0.8})
SLOWER = Change(name="mill 40 % slower", scale={"/stations/mill/work": 1.4})
SECOND = Change(name="a second mill", set={"/stations/mill/servers": 2})
MENDED = Change(name="repairs halved", scale={"/stations/mill/failures/jam/repair": 0.5})
COUNTERS, PARTS = Told(parts=False, begins=False), Told()


def row() -> Line:
    """A row whose second station limits it, and fails."""
    jam = {
        "time_to_failure": {"type": "exponential", "mean": 900},
        "repair": {"type": "gamma", "shape": 4, "mean": 300},
    }
    stations: dict[str, Any] = {
        "saw": {"work": {"type": "gamma", "shape": 50, "mean": 30}, "buffer": 0, "to": "mill"},
        "mill": {
            "work": {"type": "gamma", "shape": 50, "mean": 50},
            "buffer": 4,
            "failures": {"jam": jam},
            "to": "wash",
        },
        "wash": {"work": {"type": "gamma", "shape": 50, "mean": 30}, "buffer": 4, "to": "out"},
    }
    return parse_line({"schema": "lineside.line/1", "sources": {"in": {"to": "saw"}}, "stations": stations})


@cache
def past(*names: str, told: Told = COUNTERS) -> Record:
    """What was written down of the row, and from a moment on of the row with some changes."""
    changes = [change for change in (FASTER, SECOND, MENDED) if change.name in names]
    first = record_of(row(), SINCE, 1, told)
    second = record_of(changed(row(), *changes), AFTER * SHIFT, 2, told)
    visits, spans = second.visits, second.spans
    later = replace(
        visits,
        part=np.where(visits.part < 0, visits.part, visits.part + len(first.visits)),
        started=visits.started + SINCE,
        finished=visits.finished + SINCE,
    )
    visits = joined(Visits, [first.visits, later])
    spans = joined(Spans, [first.spans, replace(spans, start=spans.start + SINCE, end=spans.end + SINCE)])
    order = np.lexsort((spans.start, spans.server, spans.station))
    spans = Spans(*(getattr(spans, name)[order] for name in Spans.__slots__))
    return replace(first, visits=visits, spans=spans, end=SINCE + AFTER * SHIFT)


def said(trust: Trust, part: int, language: str = "en") -> list[str]:
    """What the trial says of changes, to trust (0) or not (1)."""
    start = {"en": "what a change does", "zh": "改变的作用"}[language]
    return [sentence for sentence in in_words(trust.plain(), {}, language)[part] if sentence.startswith(start)]


@pytest.mark.parametrize(("change", "told"), [(FASTER, COUNTERS), (MENDED, COUNTERS), (SECOND, PARTS)])
def test_what_a_known_change_brings_is_foretold_from_the_time_before_it(change: Change, told: Told) -> None:
    """A cycle, a repair, a machine more: the gain told is had, and the other rungs are tried before it alone."""
    trust = validate(past(change.name, told=told), epochs=EPOCHS, known=Known(SINCE, (change,)))

    found = trust.change
    assert found is not None
    assert (found.verdict, found.shifts) == ("held", AFTER)
    assert found.told.low <= found.made <= found.told.high
    assert found.gain.low < found.made / found.unchanged.mean - 1 + 0.05
    assert found.gain.low > 0.02
    assert max(end for _, end in trust.epochs) <= SINCE
    assert [len(said(trust, 0, language)) for language in LANGUAGES] == [1, 1]


def test_a_change_that_did_not_come_fails_and_the_twin_is_not_good() -> None:
    """Somebody says the mill was made slower, and it was not."""
    trust = validate(past(), epochs=EPOCHS, known=Known(SINCE, (SLOWER,)))

    assert trust.change is not None
    assert trust.change.verdict == "failed"
    assert trust.verdict != "good"
    assert len(said(trust, 1)) == 1
    assert [(one["rung"], one["told"]) for one in rungs_in_words(trust.plain())][2] == ("A known change", "failed")


def test_a_change_too_small_to_tell_says_so() -> None:
    """Half a percent is within what the line as it was might have made."""
    small = Change(name="a little", scale={"/stations/wash/work": 0.995})
    trust = validate(past(), epochs=EPOCHS, known=Known(SINCE, (small,)))

    assert trust.change is not None
    assert trust.change.verdict == "open"
    assert "too small" in said(trust, 1)[0]


def test_a_drift_of_the_record_is_a_known_change() -> None:
    """Nobody said it: the record shows when the mill became faster, and by how much."""
    trust = validate(past(FASTER.name), epochs=EPOCHS, drifts=fit(past(FASTER.name)).changes)

    assert trust.change is not None
    assert [(one.what, one.station) for one in trust.change.known.drifts] == [("work", "mill")]
    assert trust.change.known.since == pytest.approx(SINCE, abs=600)
    assert trust.change.verdict == "held"


def test_where_no_change_is_known_it_says_so() -> None:
    """The trial of a steady line names what it could not try."""
    trust = validate(past(), epochs=EPOCHS)

    assert trust.change is None
    assert trust.plain()["change"] is None
    assert "not tried" in said(trust, 1)[0]


def test_the_twin_is_of_the_line_as_it_is_now() -> None:
    """With six shifts since the change it is fitted to them alone; with fewer to all, and says that it is a mixture."""
    record = past(FASTER.name)
    halves = [(start + half * SHIFT / 2, start + (half + 1) * SHIFT / 2) for start, _ in EPOCHS for half in (0, 1)]

    now, mixed = (fit_now(record, Known(SINCE, (FASTER,)), epochs) for epochs in (halves, EPOCHS))

    assert (now.start, mixed.start) == (SINCE, 0.0)
    work = [mean_of(twin.line.stations["mill"].work["*"]) for twin in (now, mixed)]
    assert work == pytest.approx([40, 46], abs=1)
    assert [[one.problem for one in twin.findings if one.problem == "fit.mixed"] for twin in (now, mixed)] == [
        [],
        ["fit.mixed"],
    ]


@pytest.mark.parametrize(
    ("since", "key"),
    [(5 * SHIFT, "validate.too_short_before"), ((BEFORE + AFTER - 0.5) * SHIFT, "validate.nothing_since")],
)
def test_a_change_too_early_or_too_late_to_try_is_refused(since: float, key: str) -> None:
    """With what would cure it."""
    with pytest.raises(ConfigurationError) as refused:
        validate(past(), epochs=EPOCHS, known=Known(since, (FASTER,)))

    assert refused.value.key == key
    assert refused.value.cure()
