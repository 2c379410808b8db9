from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lineside.connect.push_heard import KEPT, Heard, linked, runs

SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 12)).map(lambda s: (s[0], s[0] + s[1])), max_size=12)


def joined(spans: list[tuple[int, int]], pause: int) -> list[tuple[int, int]]:
    """The spans with the pauses between them closed."""
    whole: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if whole and start - whole[-1][1] <= pause:
            whole[-1] = (whole[-1][0], max(whole[-1][1], end))
        else:
            whole.append((start, end))
    return whole


@given(SPANS, st.integers(0, 5), st.integers(0, 12))
def test_what_was_heard_is_joined_in_whatever_order_it_comes(
    spans: list[tuple[int, int]], pause: int, told_after: int
) -> None:
    """Told in parts or at once, the spans are those of all that was said, pauses closed."""
    heard = Heard(pause, [])
    told: list[tuple[int, int]] = []
    for n, span in enumerate(spans):
        heard.add(*span)
        if n == told_after:
            told += heard.take_untold()
    told += heard.take_untold()

    whole = joined(spans, pause)
    assert joined(told, pause) == whole
    assert heard.take_untold() == []
    for time in range(75):
        reaching = [start for start, end in whole if start <= time and time - end <= pause]
        assert heard.reaching(time) == (reaching[-1] if reaching else None)


def test_spans_that_nothing_can_join_any_more_are_forgotten() -> None:
    """What is remembered is bounded, and all of it told."""
    remembered: list[tuple[int, int]] = []
    heard = Heard(1, remembered)
    for n in range(3 * KEPT):
        heard.add(10 * n, 10 * n + 1)

    assert len(remembered) == KEPT
    assert len(heard.take_untold()) == 3 * KEPT


@given(st.lists(st.integers(0, 100), min_size=1, max_size=30), st.integers(0, 10))
def test_times_make_spans(times: list[int], pause: int) -> None:
    """Those closer than the pause belong together."""
    assert runs(np.array(times, np.int64), pause) == joined([(t, t) for t in times], pause)


def test_spans_that_go_on_from_each_other_are_told_as_one() -> None:
    """An edge that comes back tells its time second by second; each span by itself would hold up the next writer."""
    backlog = [(second, second + 1) for second in range(3600)]

    assert linked([*backlog, (4000, 4001), (4001, 4002), (100, 200)]) == [(0, 3600), (4000, 4002), (100, 200)]
