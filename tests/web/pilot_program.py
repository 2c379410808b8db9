"""Serves a real hub with pilots in every state: python -m tests.web.pilot_program FOLDER.

Each of PEOPLE logs in with PASSWORD.
"""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path

from lineside.api.hub import create_hub_app
from lineside.cli.serving import Served, begin, listener, serve_house
from lineside.exchange import month_number
from lineside.hub import Hub
from lineside.hub.pilots import Hypothesis
from lineside.trust import Grant, Role
from tests.hub.factories import Clock
from tests.hub.pilots.staged import Stage, plan, prepare, write
from tests.web.hub_program import PASSWORD

MEMBER = 17
"""The number of the member that the clerk speaks for: it is compared with."""
PEOPLE = {
    "root": Grant(Role.ADMINISTRATOR),
    "anna": Grant(Role.ANALYST),
    "clerk": Grant(Role.MEMBER, f"member/{MEMBER}"),
}


def pilots(stage: Stage) -> None:
    """One that was judged, one that runs, one that is planned, one that was called off."""
    fix = stage.hub.pilots.fix
    few = {"treated": tuple(range(1, 9)), "comparison": tuple(range(20, 34))}
    fix(plan())
    fix(
        plan(
            name="Promises kept",
            hypothesis=Hypothesis("lead_time", -0.1, -0.05, relative=True),
            start=month_number("2026-07"),
            post=6,
            **few,
        )
    )
    stage.tell_all()
    assert stage.hub.pilots.judge() == [1]
    oee = plan(name="Less rework", hypothesis=Hypothesis("oee", 0.05, 0.02), start=month_number("2026-11"), **few)
    fix(oee)
    off = fix(
        plan(name="Doors", hypothesis=Hypothesis("availability", 0.05, 0.02), start=month_number("2026-12"), **few)
    )
    stage.hub.pilots.cancel(off.number, "The maker delivers too late")


def run(folder: Path) -> None:
    """What a command that runs a hub does."""
    clock, hub_folder = Clock(), write(folder / "hub")
    begin(hub_folder, "hub")
    served = Served().with_credentials(hub_folder)
    with listener(0, served.host) as door, Hub(hub_folder, now_us=clock) as hub:
        pilots(prepare(hub, folder, clock))
        for name, grant in PEOPLE.items():
            hub.people.redeem(name, hub.people.add(name, "person", [grant]) or "", PASSWORD)
        served.require(hub.people)
        serve_house(hub, lambda told: create_hub_app(hub, told), door, served, live=nullcontext(), browser=False)


if __name__ == "__main__":
    run(Path(sys.argv[1]))
