"""A hub that came back from a backup does not know what it told of the pilots that were over by then."""

from __future__ import annotations

from pathlib import Path

from lineside.hub import Hub
from lineside.node import back_up_hub, restore
from tests.hub.pilots.staged import plan, prepared


def test_a_pilot_that_may_have_been_told_is_judged_for_analysts_alone(tmp_path: Path) -> None:
    """Members kept what they were told; an outcome of values corrected since could be subtracted from it."""
    with prepared(tmp_path / "before").opened(tmp_path / "hub") as stage:
        number = stage.hub.pilots.fix(plan()).number
        stage.tell_all()
        folder = stage.hub.folder
        stage.hub.close()
        back_up_hub(folder, tmp_path / "backup")
        with Hub(folder, now_us=stage.clock) as before:
            before.pilots.judge()
            told = before.pilots.get(number).judged
        restore(tmp_path / "backup", tmp_path / "again")
        with Hub(tmp_path / "again", now_us=stage.clock) as after:
            after.pilots.judge()
            again = after.pilots.get(number).judged

    assert told is not None
    assert told.told is not None
    assert again is not None
    assert (again.sha256, again.told) == (told.sha256, None)
