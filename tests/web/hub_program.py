"""Serves a real hub with members and a programme of its own: python -m tests.web.hub_program FOLDER.

Each of PEOPLE logs in with PASSWORD.
"""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path

from lineside.api.hub import create_hub_app
from lineside.cli.serving import Served, begin, listener, serve_house
from lineside.hub import Hub
from lineside.trust import Grant, Role
from tests.hub.conftest import write_hub
from tests.hub.factories import Clock
from tests.hub.support.shelves import SOURCELESS, enrolled, put

MEMBERS = 24
CLERKS = 10
"""The number of the member that the clerk speaks for."""
PASSWORD = "a horse on the staircase"
POPULATION = """
[[population]]
industry = "34"
size = "{size}"
enterprises = {enterprises}
source = "yearbook 2025"
"""
PEOPLE = {
    "root": Grant(Role.ADMINISTRATOR),
    "clerk": Grant(Role.MEMBER, f"member/{CLERKS}"),
    "anna": Grant(Role.ANALYST),
    "otto": Grant(Role.OVERSEER),
    "rita": Grant(Role.REVIEWER),
    "paul": Grant(Role.REVIEWER),
    "rosa": Grant(Role.REGISTRAR),
    "vera": Grant(Role.PROVIDER),
    "adam": Grant(Role.AUDITOR),
}


def made(folder: Path) -> Path:
    """A hub folder with enterprises, and two files of rules, of which one cannot be used."""
    told = "".join(POPULATION.format(size=size, enterprises=n) for size, n in (("small", 420), ("medium", 90)))
    write_hub(folder, told)
    put(folder)
    put(folder, SOURCELESS, "rumour.toml")
    return folder


def run(folder: Path) -> None:
    """What a command that runs a hub does."""
    hub_folder = made(folder / "hub")
    begin(hub_folder, "hub")
    served = Served().with_credentials(hub_folder)
    with listener(0, served.host) as door, Hub(hub_folder, now_us=Clock()) as hub:
        enrolled(hub, folder, Clock(), [(15 + 17 * at, 0.3 + 0.025 * at) for at in range(MEMBERS)], made_up=4)
        for name, grant in PEOPLE.items():
            hub.people.redeem(name, hub.people.add(name, "person", [grant]) or "", PASSWORD)
        served.require(hub.people)
        serve_house(hub, lambda told: create_hub_app(hub, told), door, served, live=nullcontext(), browser=False)


if __name__ == "__main__":
    run(Path(sys.argv[1]))
