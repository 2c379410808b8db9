from __future__ import annotations

import pytest

from lineside.publish.host import PrimaryHost

NEW, OLD = "spBv1.0/STATE/scada", "STATE/scada"


@pytest.mark.parametrize(
    ("said", "online"),
    [
        ([], None),
        ([(NEW, b'{"online": true, "timestamp": 5}')], True),
        ([(NEW, b'{"online": true, "timestamp": 5}'), (NEW, b'{"online": false, "timestamp": 5}')], False),
        ([(NEW, b'{"online": true, "timestamp": 5}'), (NEW, b'{"online": false, "timestamp": 4}')], True),
        ([(OLD, b"ONLINE")], True),
        ([(OLD, b"ONLINE"), (OLD, b"OFFLINE")], False),
        ([(OLD, b"ONLINE"), (NEW, b'{"online": false, "timestamp": 5}')], False),
        ([(NEW, b'{"online": true, "timestamp": 5}'), (OLD, b"OFFLINE")], True),
        ([(NEW, b'{"online": true}'), (NEW, b"1"), (NEW, b"\xff"), (NEW, b'{"online": 1, "timestamp": 2}')], None),
        ([(NEW, b"[" * 100_000)], None),
    ],
    ids=[
        "nothing",
        "online",
        "same time",
        "stale death",
        "2.2",
        "2.2 dies",
        "3.0 after 2.2",
        "2.2 after 3.0",
        "no",
        "deep",
    ],
)
def test_a_host_is_what_it_said_last(said: list[tuple[str, bytes]], online: bool | None) -> None:
    """By the time in STATE of 3.0; a word of 2.2 counts while nothing newer was said; what is neither says nothing."""
    host = PrimaryHost("scada")

    for topic, payload in said:
        host.hear(topic, payload)

    assert host.online is online
