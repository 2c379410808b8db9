"""Serves a real hub whose members released what they depend on: python -m tests.web.shocks_program FOLDER.

Each of PEOPLE logs in with the password of `hub_program`.
"""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path

from msgspec.structs import replace

from lineside.api.hub import create_hub_app
from lineside.cli.serving import Served, begin, listener, serve_house
from lineside.exchange import Energy, Exposure, Input
from lineside.hub import Hub
from lineside.trust import Grant, Role
from tests.hub.conftest import write_hub
from tests.hub.factories import PROFILE, Clock, Factory
from tests.hub.shocks.exposures import MONTH, tried
from tests.web.hub_program import PASSWORD

MEMBERS, SILENT, MADE = 40, 4, 3
MINE = 10
"""The number of the member that the clerk speaks for."""
PEOPLE = {
    "root": Grant(Role.ADMINISTRATOR),
    "clerk": Grant(Role.MEMBER, f"member/{MINE}"),
    "anna": Grant(Role.ANALYST),
    "otto": Grant(Role.OVERSEER),
}


def join(hub: Hub, folder: Path, clock: Clock) -> None:
    """Members of two industries; the last ones told nothing, and a few were made up."""
    for at in range(1, MEMBERS + 1):
        made = at <= MADE
        name, industry = f"Works {at}", "C34" if at % 3 else "C36"
        profile = replace(PROFILE, name=name, industry=industry, employees=20 * at, generated=made)
        one = Factory.make(folder, clock, f"m{at}").joined(hub, name, profile)
        if at <= MEMBERS - SILENT:
            one.send(hub, one.say(_exposure(one, at, made=made)))


def _exposure(one: Factory, at: int, *, made: bool) -> Exposure:
    steel = Input(what="Cold-rolled steel", share=0.02 * at, stock_days=1.0 + at % 14, replaced_days=25.0)
    twin = tried(0.2, (0.05, 0.15 + 0.002 * at), cost_cny=(10_000.0 * at, 20_000.0 * at))
    return Exposure(
        month=MONTH,
        inputs=(steel, Input(what="Bearings", share=0.1, stock_days=20.0)) if at % 2 else (steel,),
        energy=Energy(power_kw=50.0, cost_share=0.03 + 0.001 * at, spared=0.05),
        recoveries=(twin,) if at % 4 == 0 else (),
        origin="generated" if made else "entered",
        **one.base(),
    )


def run(folder: Path) -> None:
    """What a command that runs a hub does."""
    hub_folder = write_hub(folder / "hub")
    begin(hub_folder, "hub")
    served = Served().with_credentials(hub_folder)
    with listener(0, served.host) as door, Hub(hub_folder, now_us=Clock()) as hub:
        join(hub, folder, Clock())
        for name, grant in PEOPLE.items():
            hub.people.redeem(name, hub.people.add(name, "person", [grant]) or "", PASSWORD)
        served.require(hub.people)
        serve_house(hub, lambda told: create_hub_app(hub, told), door, served, live=nullcontext(), browser=False)


if __name__ == "__main__":
    run(Path(sys.argv[1]))
