"""A programme of a hub of its own, which rests on what members measure, and members for it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from msgspec.structs import replace

from lineside.exchange import Profile, Value
from lineside.hub import Hub
from tests.hub.factories import PROFILE, Clock, Factory

ID = "park-connected"
CONNECTED = Path(__file__).with_name("park.toml").read_text("utf-8")
SOURCELESS = """\
[[programme]]
id = "park-rumour"
edition = "1"
name = { en = "Heard of", zh = "听说" }
"""


def put(folder: Path, text: str = CONNECTED, name: str = "park.toml") -> Path:
    """Lays a file of rules into the folder of a hub."""
    (folder / "programmes").mkdir(exist_ok=True)
    file = folder / "programmes" / name
    file.write_text(text, "utf-8")
    return file


def profile(staff: int, *, generated: bool = False, region: str = "north") -> Profile:
    """A factory with so many people, whose revenue grows a little faster than they."""
    name = f"Works of {staff}"
    revenue = 150_000.0 * staff**1.1
    return replace(PROFILE, name=name, employees=staff, revenue_cny=revenue, generated=generated, region=region)


def connected(share: float, origin: str = "measured") -> tuple[Value, ...]:
    """What a node says of its machines."""
    return (Value(indicator="connected_share", value=share, coverage=1.0, evidence="c" * 64, origin=origin),)  # type: ignore[arg-type]


def enrolled(hub: Hub, folder: Path, clock: Clock, of: Iterable[tuple[int, float]], made_up: int = 0) -> list[Factory]:
    """Members by staff and share connected, of which the last so many were made up for a demonstration."""
    told, found = list(of), []
    for at, (staff, share) in enumerate(told):
        generated = at >= len(told) - made_up
        factory = Factory.make(folder, clock, f"works-{at}").joined(
            hub, f"works {at}", profile(staff, generated=generated)
        )
        factory.send(
            hub, factory.say(factory.submission(values=connected(share, "generated" if generated else "measured")))
        )
        found.append(factory)
    return found
