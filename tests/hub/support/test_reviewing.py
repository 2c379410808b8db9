"""What a page offers next is what the application takes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lineside.errors import LinesideError
from lineside.hub.applications import Drafted, Step, after, begun
from lineside.hub.support import OF_MEMBER, open_to_member, open_to_reviewer
from tests.hub.applications.test_applications import CLERK, INVOICE, MEMBER, STEPS


@given(st.lists(st.sampled_from(STEPS), max_size=40))
def test_what_is_taken_was_offered(steps: list[Step]) -> None:
    """Whatever is tried in whatever order: each step that the application takes was open to who took it."""
    application = begun(
        Drafted(by=CLERK, member=MEMBER, programme="meters", rule=INVOICE, on="2026-06-01", known={}, purpose="p")
    )
    for step in steps:
        name = type(step).__name__.lower()
        open_ = open_to_member(application) if name in OF_MEMBER else open_to_reviewer(application, step.by)
        try:
            application = after(application, step)
        except LinesideError:
            continue
        assert name in open_


def test_what_is_offered_is_taken() -> None:
    """In each state that the steps above lead to, the steps that fit it are open, and some are."""
    seen: dict[str, frozenset[str]] = {}
    application = begun(
        Drafted(by=CLERK, member=MEMBER, programme="meters", rule=INVOICE, on="2026-06-01", known={}, purpose="p")
    )
    for at in (0, 1, 2, 5, 8, 4):
        seen[f"{application.state}/{application.appealed}"] = open_to_member(application) | open_to_reviewer(
            application, 3
        )
        application = after(application, STEPS[at])
    seen["end"] = open_to_reviewer(application, 4)

    assert seen == {
        "drafted/False": {"applied", "withdrawn"},
        "applied/False": {"asked", "decided", "withdrawn"},
        "asked/False": {"answered", "withdrawn"},
        "refused/False": {"appealed"},
        "appealed/True": {"asked", "decided", "withdrawn"},
        "end": {"judged", "measured", "paid"},
    }
