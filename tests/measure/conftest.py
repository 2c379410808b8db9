"""A plant of one press, a history to tell it what happened, and rows to ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from lineside.history import SAMPLES, History, Quality
from lineside.measure import By, Number, Row, Scope, kpi_rows, opened
from lineside.measure.kpi import Kpi
from lineside.plant import Edition, Timeline

PLANT = """\
[site]
id = "works"
timezone = "UTC"
production_day_starts = "06:00"
calendar = "early"
[calendar.early]
[[calendar.early.shift]]
name = "early"
start = "06:00"
end = "14:00"
breaks = ["09:00-09:30"]
[area.hall]
[line.press]
area = "hall"
pace = "press"
product = "lid"
[product.lid]
ideal_cycle_s = 20.0
[product.pot]
ideal_cycle_s = 40.0
codes = ["P-40"]
[source.press]
type = "shdr"
url = "tcp://127.0.0.1:7878"
[machine.press]
line = "press"
name = "Press"
source = "press"
[machine.press.signals]
execution = { kind = "state" }
door = { kind = "state" }
power = { kind = "measure", unit = "kW" }
program = { kind = "text" }
parts = { kind = "counter" }
scrap = { kind = "counter" }
[[machine.press.states]]
state = "down"
when = { execution = "FAULT" }
[[machine.press.states]]
state = "running"
when = { execution = "ACTIVE" }
[[machine.press.states]]
state = "setup"
when = { execution = "SETUP" }
[[machine.press.states]]
state = "starved"
when = { execution = "WAITING" }
[[machine.press.states]]
state = "planned_stop"
when = { execution = "CLEANING" }
[[machine.press.states]]
state = "stopped"
when = { execution = ["READY", "STOPPED"] }
[machine.press.units]
total = "parts"
rejected = "scrap"
"""

BENCH = """\
[source.hand]
type = "tally"
[machine.bench]
line = "press"
source = "hand"
[machine.bench.signals]
made = { kind = "count" }
[machine.bench.units]
good = "made"
"""

FOREVER = 2**60


def teller(history: History) -> Callable[..., None]:
    """Stores (time, value) pairs of one signal; a str is a text, None means UNAVAILABLE."""

    def told(key: str, *pairs: tuple[int, float | str | None], quality: int | None = None) -> None:
        values = [value for _, value in pairs]
        missing = Quality.NO_DATA if quality is None else quality
        history.append(
            pa.table(
                {
                    "series": [history.series(key)] * len(pairs),
                    "time": pa.array([time for time, _ in pairs], pa.timestamp("us", "UTC")),
                    "number": pa.array([None if isinstance(v, str) else v for v in values], pa.float64()),
                    "text": pa.array([v if isinstance(v, str) else None for v in values], pa.string()),
                    "quality": [missing if v is None else quality or Quality.GOOD for v in values],
                }
            ).cast(SAMPLES)
        )

    return told


@pytest.fixture(scope="session")
def plant_text() -> str:
    """The plant file of one press: early shift daily 06:00 to 14:00 UTC, break 09:00 to 09:30, 20 s a lid."""
    return PLANT


@pytest.fixture(scope="session")
def bench_text() -> str:
    """A bench beside the press at which people count, to be added to its plant file."""
    return BENCH


@pytest.fixture(scope="session")
def change() -> Callable[..., str]:
    """Changes a plant file by (old, new) pairs, each of which must occur."""

    def changed(text: str, *pairs: tuple[str, str]) -> str:
        for old, new in pairs:
            assert old in text
            text = text.replace(old, new)
        return text

    return changed


@pytest.fixture(scope="session")
def timeline() -> Callable[..., Timeline]:
    """Makes a timeline of plant files; a (valid from, text) pair begins judging at that time."""

    def made(*texts: str | tuple[int, str]) -> Timeline:
        pairs = [(None, text) if isinstance(text, str) else text for text in texts]
        return Timeline(
            tuple(Edition(number, begin, f"sha-{number}", text) for number, (begin, text) in enumerate(pairs, start=1))
        )

    return made


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    """An open history, closed after the test."""
    with History.open(tmp_path) as opened_history:
        yield opened_history


@pytest.fixture
def tell(history: History) -> Callable[..., None]:
    """Stores (time, value) pairs of one signal; a str is a text, None means UNAVAILABLE."""
    return teller(history)


@pytest.fixture
def hear(history: History) -> Callable[..., None]:
    """Says when a source was heard; without spans, always."""

    def heard(source: str, *spans: tuple[int, int]) -> None:
        for start, end in spans or ((-FOREVER, FOREVER),):
            history.hear(source, start, end)

    return heard


@pytest.fixture
def ask(history: History) -> Callable[..., list[Row]]:
    """Asks for the rows of a scope."""

    def asked(timeline: Timeline, scope: str, start: int, end: int, by: By | None = None) -> list[Row]:
        return kpi_rows(history, timeline, [Scope.parse(scope, timeline.newest)], start, end, by)

    return asked


@pytest.fixture
def open_kpi(history: History) -> Callable[..., Number]:
    """Opens a KPI of a scope."""

    def opened_kpi(timeline: Timeline, scope: str, kpi: Kpi, start: int, end: int) -> Number:
        return opened(history, timeline, Scope.parse(scope, timeline.newest), kpi, start, end)

    return opened_kpi


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[History]:
    """One history for many examples."""
    with History.open(tmp_path_factory.mktemp("plant")) as opened_history:
        yield opened_history


@pytest.fixture(scope="module")
def shared_tell(shared: History) -> Callable[..., None]:
    """As `tell`, into the shared history."""
    return teller(shared)
