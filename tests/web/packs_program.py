"""Serves a real hub with packs, members that use them, and needs: python -m tests.web.packs_program FOLDER.

Each of PEOPLE logs in with PASSWORD.
"""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path

from msgspec.structs import replace

from lineside.api.hub import create_hub_app
from lineside.cli.serving import Served, begin, listener, serve_house
from lineside.exchange import Both
from lineside.hub import Hub
from lineside.trust import Grant, Role
from tests.hub.conftest import write_hub
from tests.hub.factories import Clock, Factory
from tests.hub.packs.drafts import DRAFT, NOW, adopt, foreseen, measured, members, need, published, recovery

CLERKS = 3
"""The number of the member that the clerk speaks for."""
PASSWORD = "a horse on the staircase"
PEOPLE = {
    "root": Grant(Role.ADMINISTRATOR),
    "clerk": Grant(Role.MEMBER, f"member/{CLERKS}"),
    "anna": Grant(Role.ANALYST),
    "pia": Grant(Role.PROVIDER),
}
OTHER = replace(
    DRAFT,
    id="quick-changeover",
    title=Both(en="Quick changeover", zh="快速换型"),
    indicator="lead_time",
    instruction=Both(en="<img src=x onerror=alert(1)>\n# At {machine}", zh="在 {machine}"),
)


def stock(hub: Hub, folder: Path) -> tuple[list[Factory], str]:
    """Members of three industries, a pack that was not measured, and one that was: its hash."""
    clock = Clock()
    factories = [
        *members(hub, folder, clock, 24),
        *members(hub, folder, clock, 20, "C1351"),
        *members(hub, folder, clock, 12, "C2927"),
    ]
    published(hub, OTHER)
    return factories, measured(hub)


def fill(hub: Hub, factories: list[Factory], sha256: str) -> None:
    """Who uses it and what came of it, and two needs."""
    for at, factory in enumerate(factories):
        uses = at < 14 or 24 <= at < 34 or 44 <= at < 46
        began = NOW - 14 + at % 6
        recovery(hub, factory, list(range(NOW - 20, NOW)), 20.0 + at / 10, began if uses else None, -4.0 - at % 3)
        if uses:
            adopt(hub, factory, sha256, began, cost_cny=30_000.0 + 500 * at, foreseen=foreseen(-6.0, -3.0))
    _say(hub, factories[CLERKS - 1], title="Fewer stops of the press", worth_cny=90_000.0, indicator="recovery_time")
    _say(hub, factories[30], title="Less scrap", shown="members", indicator="quality")


def _say(hub: Hub, factory: Factory, **told: object) -> None:
    answers = factory.send(hub, factory.say(need(factory, **told)))  # type: ignore[arg-type]
    if answers[0].problem is not None:
        raise ValueError(answers[0].problem)


def run(folder: Path) -> None:
    """What a command that runs a hub does."""
    hub_folder = write_hub(folder / "hub")
    begin(hub_folder, "hub")
    served = Served().with_credentials(hub_folder)
    with Hub(hub_folder, now_us=Clock()) as hub:
        stocked = stock(hub, folder)
    with listener(0, served.host) as door, Hub(hub_folder, now_us=Clock()) as hub:
        fill(hub, *stocked)
        for name, grant in PEOPLE.items():
            hub.people.redeem(name, hub.people.add(name, "person", [grant]) or "", PASSWORD)
        served.require(hub.people)
        serve_house(hub, lambda told: create_hub_app(hub, told), door, served, live=nullcontext(), browser=False)


if __name__ == "__main__":
    run(Path(sys.argv[1]))
