"""Serves a real hub that learned types of its members: python -m tests.web.types_program FOLDER [generated].

Each of PEOPLE logs in with PASSWORD.
"""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path

from lineside.api.hub import create_hub_app
from lineside.cli.serving import Served, begin, listener, serve_house
from lineside.trust import Grant, Role
from tests.hub.classification.parks import learn, park

MEMBER = 20
"""The number of the member that mia speaks for."""
PASSWORD = "a horse on the staircase"
PEOPLE = {
    "root": Grant(Role.ADMINISTRATOR),
    "mia": Grant(Role.MEMBER, f"member/{MEMBER}"),
    "anna": Grant(Role.ANALYST),
    "rita": Grant(Role.REVIEWER),
}


def run(folder: Path, *, generated: bool) -> None:
    """What a command that runs a hub does."""
    with park(folder, generated=generated) as (hub, cluster, _):
        cluster.tell()
        if generated:
            learn(hub)
        begin(hub.folder, "hub")
        served = Served().with_credentials(hub.folder)
        for name, grant in PEOPLE.items():
            hub.people.redeem(name, hub.people.add(name, "person", [grant]) or "", PASSWORD)
        served.require(hub.people)
        with listener(0, served.host) as door:
            serve_house(hub, lambda told: create_hub_app(hub, told), door, served, live=nullcontext(), browser=False)


if __name__ == "__main__":
    run(Path(sys.argv[1]), generated="generated" in sys.argv[2:])
