from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lineside.connect.line_exact import Series
from lineside.connect.memory import rows
from lineside.connect.observations import Observation
from lineside.connect.push_address import line_address, read_line_address
from lineside.connect.push_lines import REMEMBERED, Found, LineReader
from lineside.history import Quality
from lineside.plant import Kind

NOW = 1_767_225_600_000_000  # 2026-01-01T00:00Z
SILENCE = 30_000_000
GOOD, BAD, NO_DATA = Quality.GOOD, Quality.BAD, Quality.NO_DATA


def reader(**wanted: Kind) -> LineReader:
    """A reader of a source that wants these: `press_load="measure"` is the address `press#load`."""
    return LineReader({name.replace("_", "#", 1): kind for name, kind in wanted.items()}, SILENCE)


def taken(found: Found) -> list[Observation]:
    """What was taken, by address."""
    return sorted((row for batch in found.batches for row in rows(batch)), key=lambda row: (row.address, row.time))


def test_a_value_becomes_what_its_signal_is() -> None:
    """Numbers, truths and texts for every kind of signal; a text where a number belongs is kept as bad."""
    lines = reader(m_load="measure", m_on="measure", m_mode="state", m_run="state", m_alarm="condition", m_n="counter")

    found = lines.read(b'm load=1.5,on=true,mode="ACTIVE",run=f,alarm="warning",n=7i 1', 10**9, NOW)
    late = lines.read(b'm load="2.5",on="x",mode="UNAVAILABLE",n=2u 1767225600', 10**9, NOW)

    assert [bad.reason for bad in found.bad] == ["stamp"]
    assert found.batches == []
    assert taken(late) == [
        Observation("m#load", NOW, 2.5, None, GOOD),
        Observation("m#mode", NOW, None, None, NO_DATA),
        Observation("m#n", NOW, 2.0, None, GOOD),
        Observation("m#on", NOW, None, None, BAD),
    ]
    again = lines.read(b'm load=1.5,on=true,mode="ACTIVE",run=f,alarm="warning",n=7i', 10**9, NOW)
    assert taken(again) == [
        Observation("m#alarm", NOW, None, "WARNING", GOOD),
        Observation("m#load", NOW, 1.5, None, GOOD),
        Observation("m#mode", NOW, None, "ACTIVE", GOOD),
        Observation("m#n", NOW, 7.0, None, GOOD),
        Observation("m#on", NOW, 1.0, None, GOOD),
        Observation("m#run", NOW, None, "false", GOOD),
    ]


def test_an_address_means_the_series_that_have_its_tags() -> None:
    """Whatever other tags they have; names are escaped as in the protocol, and `#` by a backslash."""
    wanted: dict[str, Kind] = {
        "m,line=a#load": "measure",
        "m,line=a,side=left#load": "measure",
        "a b,t=c\\=d#f#g": "measure",
        "m#x\\#y": "measure",
        "plain": "measure",
    }
    lines = LineReader(wanted, SILENCE)

    found = lines.read(
        b"m,host=h,line=a load=1\nm,line=a,side=left load=2\na\\ b,t=c\\=d f#g=3\nm x#y=4\nm,line=b load=5\nplain f=6",
        1,
        NOW,
    )

    assert {(row.address, row.number) for row in taken(found)} == {
        ("m,line=a#load", 1.0), ("m,line=a,side=left#load", 2.0), ("m#x\\#y", 4.0),
    }  # fmt: skip
    assert found.unwanted == {"a b,t=c\\=d#f\\#g": 1, "m,line=b#load": 1, "plain#f": 1}
    both = LineReader(wanted, SILENCE).read(b"m,line=a,side=left load=2", 1, NOW)
    assert {row.address for row in taken(both)} == {"m,line=a#load", "m,line=a,side=left#load"}
    assert found.rivals == {"m,line=a#load": ("m,host=h,line=a#load", "m,line=a,side=left#load")}


NAMES = st.text(min_size=1, max_size=6).filter(lambda name: not name.endswith("\\") and "\\" not in name)


@given(NAMES, st.dictionaries(NAMES, NAMES, max_size=3), NAMES)
def test_the_address_that_is_told_for_a_series_means_it(measurement: str, tags: dict[str, str], field: str) -> None:
    """What is listed as unwanted can be copied into the plant file."""
    series = Series(measurement, dict(sorted(tags.items())))

    meant = read_line_address(line_address(series, field))

    assert meant is not None
    assert (meant.measurement, dict(meant.tags), meant.field) == (measurement, tags, field)
    assert meant.means(series)


def test_two_series_never_share_an_address_at_a_time() -> None:
    """The second one is told and not mixed in; it is taken when the first has been silent long enough."""
    lines = reader(m_load="measure")
    lines.read(b"m,host=a load=1", 1, NOW)

    rival = lines.read(b"m,host=b load=2\nm,host=a load=3", 1, NOW + SILENCE)
    heir = lines.read(b"m,host=b load=4", 1, NOW + 2 * SILENCE + 1)
    back = lines.read(b"m,host=a load=5", 1, NOW + 2 * SILENCE + 2)

    assert [row.number for row in taken(rival)] == [3.0]
    assert rival.rivals == {"m#load": ("m,host=a#load", "m,host=b#load")}
    assert [row.number for row in taken(heir)] == [4.0]
    assert taken(back) == []
    assert list(back.rivals) == ["m#load"]


def test_a_count_needs_its_own_time() -> None:
    """Without one a body sent again would count twice: the line is named, what else it says is taken."""
    lines = reader(m_good="count", m_total="counter")

    found = lines.read(b"m good=1i,total=5i\nm good=1i 1767225600\n\nm total=6i\nm good=2i", 10**9, NOW)

    assert [(bad.line, bad.reason, bad.text) for bad in found.bad] == [
        (1, "count", "m good=1i,total=5i"),
        (5, "count", "m good=2i"),
    ]
    assert (found.refused, found.values) == (2, 3)
    assert [(row.address, row.number) for row in taken(found)] == [("m#good", 1.0), ("m#total", 5.0), ("m#total", 6.0)]


def test_times_no_clock_can_have_said_are_refused_by_line() -> None:
    """Before 1990, and more than a day ahead: as when the precision is wrong."""
    lines = reader(m_f="measure")

    found = lines.read(f"m f=1 {NOW}\nm f=2 {NOW * 1000}\nm f=3 {(NOW + 86_401_000_000) * 1000}".encode(), 1, NOW)

    assert [row.number for row in taken(found)] == [2.0]
    assert [(bad.line, bad.reason) for bad in found.bad] == [(1, "stamp"), (3, "stamp")]


def test_many_series_take_bounded_memory() -> None:
    """Names that change with every line are forgotten again; what is wanted is found all the same."""
    lines = reader(m_f="measure")
    for body in range(9):
        lines.read(b"\n".join(b"n,id=%d%02d,x=%s f=1" % (body, n, b"x" * 60_000) for n in range(20)), 1, NOW)

    assert sum(map(len, lines._good)) < REMEMBERED  # noqa: SLF001 - nothing public tells it
    assert len(taken(lines.read(b"m f=1", 1, NOW))) == 1
