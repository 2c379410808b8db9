"""A hub in a process of its own that is killed: it reads envelopes from members in threads until nobody hears it.

    python -m tests.hub.sending FOLDER MEMBERS

Writes each line of the answers to standard output, flushed when it is known: what stands there was answered.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from lineside.exchange import Envelope, month_name
from lineside.hub import Hub
from lineside.trust import Key
from tests.hub.factories import Clock, Factory

FIRST = 24_240
MONTHS = 60


def statements(factory: Factory) -> Iterator[Envelope]:
    """What a member says, month by month; the same bytes each time they are made."""
    for at in range(MONTHS):
        yield factory.say(factory.submission(month_name(FIRST + at)))


def known(folder: Path, hub: Hub, member: int, head: Envelope) -> Factory:
    """A member that was admitted before, as its own folder knows it."""
    return Factory(Key.read(folder / f"m{member}.key"), Clock(), hub.id, hub.voice.key, member, [head])


def main(folder: Path, members: int) -> None:
    """Send from as many threads as members, each waiting for its receipt before it says more."""
    clock = Clock()
    with Hub(folder / "hub", now_us=clock) as hub:

        def send(member: int) -> None:
            head = Envelope.parse((folder / f"m{member}.enrolment").read_bytes())
            for envelope in statements(known(folder, hub, member, head)):
                (answer,) = hub.receive(envelope.json())
                os.write(1, answer.json() + b"\n")

        threads = [threading.Thread(target=send, args=(member,)) for member in range(1, members + 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
