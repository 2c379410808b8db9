from __future__ import annotations

from pathlib import Path

from lineside.history import Event, History


def test_events_are_kept_once_and_in_order(tmp_path: Path) -> None:
    """An event given twice is one; those of a window come in order of time, of one subject or of all."""
    alarm = Event("mazak", 20, "alarm", 800, '{"code": "A7"}')
    lost = Event("agent", 10, "source_lost", 500)
    with History.open(tmp_path) as history:
        assert history.add_events([alarm, lost, alarm]) == 2
        assert history.add_events([lost]) == 0
        assert history.add_events([]) == 0

    with History.open(tmp_path) as history:
        assert history.events(0, 21) == [lost, alarm]
        assert history.events(0, 20) == [lost]
        assert history.events(0, 99, "mazak") == [alarm]
