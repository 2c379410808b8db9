"""Serves a hub with sandboxes and incidents: python -m tests.web.sandboxes_program FOLDER.

Each of PEOPLE logs in with PASSWORD. Its clock stands on the 25th of March 2027, after four months of a sandbox.
"""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path

import msgspec

from lineside.api.hub import create_hub_app
from lineside.cli.serving import Served, begin, listener, serve_house
from lineside.exchange import Consent, Incident
from lineside.hub import Hub
from lineside.trust import Grant, Role
from tests.hub.conftest import write_hub
from tests.hub.factories import PROFILE, Clock, Factory
from tests.hub.sandboxes.test_sandboxes import FIRST, OFFER, tell, to

PASSWORD = "a horse on the staircase"
PEOPLE = {
    "root": Grant(Role.ADMINISTRATOR),
    "clerk": Grant(Role.MEMBER, "member/1"),
    "otto": Grant(Role.OVERSEER),
    "stella": Grant(Role.OVERSEER, "concern/security"),
}
OEE = (0.62, 0.47, 0.55, 0.44)
"""What the first member tells from November on: once and then again too little, never twice in a row."""


def made(folder: Path, hub: Hub, clock: Clock) -> None:
    """Fifteen members: the first runs in a sandbox, the second, made up, broke one; eight told of something."""
    offer = msgspec.structs.replace(OFFER, last="2027-04")
    factories = []
    for at in range(15):
        profile = msgspec.structs.replace(PROFILE, name=f"Works {at + 1}", generated=at == 1)
        factories.append(Factory.make(folder, clock, f"m{at}").joined(hub, f"works {at + 1}", profile))
    for factory in factories[:2]:
        one = hub.sandboxes.offer(factory.number, offer)
        factory.send(hub, factory.say(Consent(sandbox=one.sha256, agrees=True, **factory.base())))
    hub.sandboxes.offer(3, msgspec.structs.replace(offer, first="2027-05", last="2027-07"))
    for factory in factories[:8]:
        told = Incident(
            concern="safety",
            severity=1 + factory.number % 4,
            title="Oil on the floor",
            words="Beside the press; somebody slipped.",
            began_ms=clock.ms - 3_600_000,
            **factory.base(),
        )
        factory.send(hub, factory.say(told))
    for at, oee in enumerate(OEE):
        to(clock, FIRST + at + 1)
        tell(factories[0], hub, FIRST + at, oee)
        hub.watching.watch()


def run(folder: Path) -> None:
    """What a command that runs a hub does."""
    hub_folder = write_hub(folder / "hub")
    begin(hub_folder, "hub")
    served = Served().with_credentials(hub_folder)
    clock = Clock()
    with listener(0, served.host) as door, Hub(hub_folder, now_us=clock) as hub:
        made(folder, hub, clock)
        for name, grant in PEOPLE.items():
            hub.people.redeem(name, hub.people.add(name, "person", [grant]) or "", PASSWORD)
        served.require(hub.people)
        serve_house(hub, lambda told: create_hub_app(hub, told), door, served, live=nullcontext(), browser=False)


if __name__ == "__main__":
    run(Path(sys.argv[1]))
