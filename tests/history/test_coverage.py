from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from lineside.history import History
from lineside.history.coverage import Spans

SPANS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=12)


def covered(spans: list[tuple[int, int]]) -> set[int]:
    """All moments inside the spans."""
    return {moment for start, end in spans for moment in range(start, end)}


@given(spans=SPANS, start=st.integers(0, 40), length=st.integers(0, 40))
def test_coverage_is_the_union_of_what_was_heard(spans: list[tuple[int, int]], start: int, length: int) -> None:
    """In whatever order spans come, coverage holds their union as disjoint, ordered, clipped spans."""
    heard = Spans()
    for span in spans:
        heard.add(*span)

    inside = [(int(first), int(past)) for first, past in heard.within(start, start + length)]

    assert covered(inside) == {moment for moment in covered(spans) if start <= moment < start + length}
    assert all(first < past for first, past in inside)
    assert all(before[1] < after[0] for before, after in pairwise(inside))


@given(spans=SPANS)
def test_the_order_of_spans_does_not_matter(spans: list[tuple[int, int]]) -> None:
    """Two sources of the same truth, in any order, give the same coverage."""
    assert list(Spans(spans)) == list(Spans(reversed(spans)))


def test_coverage_survives_a_restart_and_a_compaction(tmp_path: Path) -> None:
    """What was heard of each source is there after compacting and reopening."""
    with History.open(tmp_path) as history:
        for start in range(0, 100, 10):
            history.hear("mazak", start, start + 10)
        history.hear("mazak", 150, 160)
        history.compact(0)
        history.hear("agent", 5, 7)

    with History.open(tmp_path) as history:
        assert history.heard("mazak", 50, 155).tolist() == [[50, 100], [150, 155]]
        assert history.heard("agent", 0, 99).tolist() == [[5, 7]]
        assert history.heard("unheard", 0, 99).tolist() == []


@given(spans=SPANS, start=st.integers(0, 40), length=st.integers(0, 40))
def test_what_is_cut_out_is_not_covered(spans: list[tuple[int, int]], start: int, length: int) -> None:
    """Cutting takes the moments between out and leaves all others."""
    heard = Spans(spans)
    heard.cut(start, start + length)

    assert covered(list(heard)) == covered(spans) - set(range(start, start + length))


def test_what_was_not_heard_after_all_is_gone_for_good(tmp_path: Path) -> None:
    """Time that has not come yet is taken out of one source's coverage, also where it was on disk already."""
    with History.open(tmp_path) as history:
        history.hear("mazak", 0, 100, durable=True)
        history.hear("agent", 0, 100)
        history.unhear("mazak", 40, 60)

    with History.open(tmp_path) as history:
        assert history.heard("mazak", 0, 100).tolist() == [[0, 40], [60, 100]]
        assert history.heard("agent", 0, 100).tolist() == [[0, 100]]
