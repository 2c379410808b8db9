"""Serves a real hub whose overseers have asked its members: python -m tests.web.oversight_program FOLDER.

Each of PEOPLE logs in with PASSWORD.
"""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path

from msgspec.structs import replace

from lineside.api.hub import create_hub_app
from lineside.cli.serving import Served, begin, listener, serve_house
from lineside.exchange import Value
from lineside.hub import Hub
from lineside.trust import Grant, Role
from tests.hub.conftest import write_hub
from tests.hub.factories import Clock, Factory
from tests.hub.oversight.asking import DAY_MS, asked_people, band, draft, factories, reply

MEMBERS = 24
MINE = 10
"""The number of the member that the clerk speaks for."""
PASSWORD = "a horse on the staircase"
PEOPLE = {
    "root": Grant(Role.ADMINISTRATOR),
    "clerk": Grant(Role.MEMBER, f"member/{MINE}"),
    "otto": Grant(Role.OVERSEER),
    "anna": Grant(Role.ANALYST),
}
FIRE = {
    "title": {"en": "Fire plan", "zh": "消防预案"},
    "words": {"en": "Is there a fire plan that was tried within a year?", "zh": "是否有一年内演练过的消防预案？"},
}


def filled(hub: Hub, folder: Path, clock: Clock) -> list[Factory]:
    """Members of which the last four were made up, and five questions: one is over, one was withdrawn."""
    every = factories(hub, folder, clock, MEMBERS - 4)
    for at in range(4):
        profile = replace(hub.register.get(1).profile, name=f"Made up {at}", generated=True)
        made_up = Factory.make(folder, clock, f"g{at}").joined(hub, "made up", profile)
        value = Value(indicator="availability", value=0.8, coverage=1.0, evidence="e" * 64, origin="generated")
        made_up.send(hub, made_up.say(made_up.submission(values=(value,))))
        every.append(made_up)
    ask = hub.oversight.questions.publish
    fire = ask(asked_people(clock, due_ms=clock.ms + 5 * DAY_MS, **FIRE))
    for one in every[:20]:
        one.send(hub, reply(one, fire, yes=one.number % 2 == 0))
    clock.forward(days=8)
    running = ask(draft(clock, duty=True, due_ms=clock.ms + 20 * DAY_MS))
    oee = {"en": "In which band does your OEE lie?", "zh": "OEE 处于哪个区间？"}
    ask(band(clock, 0.4, 0.6, 0.8, title={"en": "OEE", "zh": "设备综合效率"}, words=oee))
    gone = ask(asked_people(clock, title={"en": "Overtime", "zh": "加班"}, words={"en": "Overtime?", "zh": "加班吗？"}))
    hub.oversight.questions.withdraw(gone.number, "It was asked by another authority already.")
    late = ask(
        draft(clock, kind="proof", rule="", duty=True, title={"en": "Proof of availability", "zh": "可用率的证明"})
    )
    hub.oversight.questions.waive(late.number, 3, "It moves its works.", by="account/3")
    for one in every[:16]:
        one.send(hub, reply(one, running, yes=True))
    every[16].send(hub, reply(every[16], running, declined=True))
    return every


def run(folder: Path) -> None:
    """What a command that runs a hub does."""
    hub_folder = write_hub(folder / "hub")
    begin(hub_folder, "hub")
    served, clock = Served().with_credentials(hub_folder), Clock()
    with listener(0, served.host) as door, Hub(hub_folder, now_us=clock) as hub:
        filled(hub, folder, clock)
        for name, grant in PEOPLE.items():
            hub.people.redeem(name, hub.people.add(name, "person", [grant]) or "", PASSWORD)
        served.require(hub.people)
        serve_house(hub, lambda told: create_hub_app(hub, told), door, served, live=nullcontext(), browser=False)


if __name__ == "__main__":
    run(Path(sys.argv[1]))
