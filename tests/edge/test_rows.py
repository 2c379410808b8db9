from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lineside.connect.observations import Observation, observe_number, observe_text, to_batch
from lineside.connect.push_rows import RowReader
from lineside.edge.rows import heard_row, pack, said_row, unpack, value_rows
from lineside.history import Quality
from lineside.plant import NUMBER_KINDS, Kind

NOW = 1_795_000_000_000_000
KINDS: tuple[Kind, ...] = ("state", "measure", "counter", "count", "text", "condition")


@st.composite
def said(draw: st.DrawFn) -> tuple[Kind, Observation]:
    """A kind, and an observation that a source makes of it."""
    kind = draw(st.sampled_from(KINDS))
    time = draw(st.integers(NOW - 10**14, NOW))
    if draw(st.booleans()):
        quality = draw(st.sampled_from((Quality.BAD, Quality.NO_DATA)))
        return kind, Observation("a", time, None, None, quality)
    if kind in NUMBER_KINDS:
        quality = draw(st.sampled_from((Quality.GOOD, Quality.UNCERTAIN)))
        return kind, observe_number("a", time, draw(st.floats()), quality)
    return kind, observe_text("a", kind, time, draw(st.text(st.characters(exclude_categories=["Cs"]))))


@given(said())
def test_the_node_reads_what_the_edge_observed(one: tuple[Kind, Observation]) -> None:
    """Whatever a source says of any kind, the node makes the same observation of its row."""
    kind, observation = one
    rows = value_rows(to_batch([observation]))

    told = RowReader({"a": kind}).read(b"\n".join(unpack(pack(rows))), NOW, edge=True)

    assert told.refused == 0
    assert told.observations == [observation]


def test_what_only_an_edge_says_is_read_of_an_edge_only() -> None:
    """Coverage, losses and states; from anybody else these rows are wrong."""
    rows = [
        heard_row(NOW - 5, NOW),
        said_row("lost", NOW, "edge.dropped", {"count": 3, "why": ValueError("x")}),
        said_row("state", "degraded", "connect.silent", {"seconds": 3}),
    ]

    told = RowReader({}).read(b"\n".join(rows), NOW, edge=True)
    other = RowReader({}).read(b"\n".join(rows), NOW)

    assert told.heard == [(NOW - 5, NOW)]
    assert told.lost == [(NOW, "edge.dropped", {"count": 3, "why": "x"})]
    assert told.state == ("degraded", "connect.silent", {"seconds": 3})
    assert (told.refused, other.refused) == (0, 3)


def test_rows_of_an_edge_that_mean_nothing_are_refused() -> None:
    """Spans that end before they begin, times of no clock, states nobody knows, fields that would shift others."""
    rows = b"""{"heard": [1795000000000000, 1794000000000000]}
{"heard": [1, 1795000000000000]}
{"heard": 3}
{"lost": 1795000000000000, "key": "edge.dropped", "fields": {"time": 1}}
{"lost": 1795000000000000, "key": "edge.dropped"}
{"state": "happy", "key": "connect.active", "fields": {}}
{}"""

    told = RowReader({}).read(rows, NOW, edge=True)

    assert (told.rows, told.refused) == (7, 7)
    assert {wrong.key for wrong in told.wrong} == {"connect.push.row_edge"}
