"""Hubs whose members are of planted types, and told so for two years."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from lineside.exchange import Adoption, Profile, month_name
from lineside.hub import HUB_FILE, Hub
from lineside.hub.classification import LEARN
from lineside.hub.types.arrays import Floats, Ints
from lineside.jobs import Job
from tests.hub.conftest import write_hub
from tests.hub.factories import Clock
from tests.hub.packs.drafts import published
from tests.hub.tiers.clusters import LAST, Cluster
from tests.hub.types.planted import typed

MEMBERS = 72
MONTHS = 24
ADOPTERS = range(18, 54)
"""Places of those who put the pack to use in the middle of the two years."""
GAIN = 0.08
"""By which their OEE rose."""


def planted(seed: int = 5) -> tuple[Mapping[str, Floats], Ints]:
    """Two types by turns, and a pack that raised OEE."""
    random = np.random.default_rng(seed)
    values, own = typed(MEMBERS, 2, 6.0, random)
    months = dict(values)
    months["oee"] = np.clip(0.6 + 0.05 * random.normal(size=(MEMBERS, MONTHS)), 0.1, 0.95)
    months["oee"][ADOPTERS.start : ADOPTERS.stop, MONTHS // 2 :] += GAIN
    return months, own


def profiles(number: int, made: int = 0) -> list[Profile]:
    """Small and medium firms of two trades; the last of them made up."""
    return [
        Profile(
            name=f"Works {at}",
            industry=("3443", "35")[at % 3 == 0],
            region=("all", "north")[at % 2],
            employees=(120, 500)[at % 4 == 0],
            revenue_cny=50e6,
            traits=("little-giant",) if at < 9 else (),
            generated=at >= number - made,
        )
        for at in range(number)
    ]


@contextmanager
def park(folder: Path, *, generated: bool = False, clock: Clock | None = None) -> Iterator[tuple[Hub, Cluster, Ints]]:
    """A hub of which all spoke, with the type that was planted for each."""
    clock = clock or Clock()
    clock.forward(days=1)
    if generated:
        file = write_hub(folder / "hub") / HUB_FILE
        file.write_text(file.read_text("utf-8").replace("generated = false", "generated = true"), "utf-8")
    with Hub(folder / "hub" if generated else write_hub(folder / "hub"), now_us=clock) as hub:
        cluster = Cluster(hub, clock, folder)
        cluster.join(profiles(MEMBERS, MEMBERS if generated else 0))
        values, own = planted()
        speak(cluster, values, range(MEMBERS), generated=generated)
        adopt(cluster)
        yield hub, cluster, own


def speak(cluster: Cluster, values: Mapping[str, Floats], places: range, *, generated: bool = False) -> None:
    """They say all their months."""

    def chosen(place: int, month: int, indicator: str) -> float | None:
        value = float(values[indicator][place, month])
        return None if np.isnan(value) else round(value, 6)

    months = range(LAST - MONTHS + 1, LAST + 1)
    cluster.speak(chosen, months, list(values), places=list(places), origin="generated" if generated else "measured")


def adopt(cluster: Cluster) -> None:
    """Those who adopted the pack say so."""
    pack, month = published(cluster.hub).sha256, month_name(LAST - MONTHS // 2 + 1)
    for place in ADOPTERS:
        one = cluster.factories[place]
        told = Adoption(pack=pack, month=month, cost_cny=20_000.0 + place, **one.base())
        assert one.send(cluster.hub, one.say(told))[0].problem is None


def pack_of(hub: Hub) -> str:
    """The hash of the pack that was put to use."""
    return next(iter(hub.packs.shelf.packs))


def learn(hub: Hub) -> Job:
    """Types are learned, to the end of the job."""
    return hub.jobs.wait(hub.classification.learn(hub.jobs, "machine").id, 120)


def learned_jobs(hub: Hub) -> list[Job]:
    """The jobs that learned types."""
    return hub.jobs.recent(10, LEARN)
