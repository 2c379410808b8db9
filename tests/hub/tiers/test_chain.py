"""A supply chain tells its industries in their order, and nothing that is not told of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from lineside.errors import ConfigurationError
from lineside.hub import Hub, read_hub
from lineside.hub.tiers import Reader, about, chain, line, surface
from lineside.plant import PlantFileError
from tests.hub.conftest import write_hub
from tests.hub.factories import Clock
from tests.hub.tiers.clusters import LAST, SIX, Cluster, of, profiles, values

CHAIN = '[[chain]]\nid = "valves"\nname = { en = "Valves", zh = "阀门" }\nindustries = ["31", "35", "C34"]\n'
NUMBER = 90
READER = Reader("en")


@pytest.fixture
def clock() -> Clock:
    """The 21st of November 2026."""
    found = Clock()
    found.forward(days=1)
    return found


@pytest.fixture
def hub(tmp_path: Path, clock: Clock) -> Iterator[Hub]:
    """A hub with a chain, of whose industries one has no members, and four months that are told."""
    with Hub(write_hub(tmp_path / "hub", CHAIN), now_us=clock) as made:
        cluster = Cluster(made, clock, tmp_path)
        rng = np.random.default_rng(1)
        cluster.join(profiles(rng, NUMBER))
        cluster.speak(of(values(rng, NUMBER, 4)), range(LAST - 3, LAST + 1))
        cluster.tell()
        yield made


def test_each_industry_says_what_line_says_of_it(hub: Hub) -> None:
    """In the order of the chain; one that is not told says why."""
    told = chain(hub.tiers, "valves", "oee", None, READER)

    assert [one["code"] for one in told["stages"]] == ["31", "35", "34"]
    for stage in told["stages"]:
        alone = line(hub.tiers, stage["code"], "oee", None, READER)
        assert (stage["bands"], stage["withheld"], stage["movement"]) == (
            alone["whole"],
            alone["withheld"],
            alone["movement"],
        )
    assert told["stages"][0]["withheld"] is not None
    assert told["stages"][2]["bands"] is not None
    assert told["stages"][2]["movement"] is not None
    assert told["whole"] == surface(hub.tiers, "oee", None, READER)["whole"]


def test_of_each_indicator_the_industry_that_is_farthest_behind_is_named(hub: Hub) -> None:
    """What holds the chain back most comes first, with the formula that its industry has."""
    told = chain(hub.tiers, "valves", "oee", None, READER)
    holds = {code: line(hub.tiers, code, "oee", None, READER)["holds"] for code in ("34", "35")}

    assert {one["indicator"] for one in told["weakest"]} == set(SIX)
    assert [one["gap"] for one in told["weakest"]] == sorted((one["gap"] for one in told["weakest"]), reverse=True)
    for one in told["weakest"]:
        gaps = {
            code: each["gap"]
            for code, those in holds.items()
            for each in those
            if each["indicator"] == one["indicator"]
        }
        assert one["gap"] == max(gaps.values()) == gaps[one["stage"]["code"]]


def test_a_chain_is_known_by_its_name(hub: Hub) -> None:
    """Everybody reads which there are; of another there is nothing."""
    assert about(hub.tiers, "zh")["chains"] == [{"id": "valves", "name": "阀门", "industries": ("31", "35", "34")}]
    with pytest.raises(ConfigurationError, match="no supply chain"):
        chain(hub.tiers, "pumps", "oee", None, READER)
    assert chain(hub.tiers, "valves", "energy_per_unit", None, READER)["stages"] == []


@pytest.mark.parametrize(
    ("good", "bad"), [('"35", "C34"', '"35", "C35"'), ('"31", "35", "C34"', '"34"'), ('"31", ', '"99", ')]
)
def test_a_chain_that_means_nothing_is_refused(tmp_path: Path, good: str, bad: str) -> None:
    """An industry twice, one alone, or one that is no manufacturing."""
    with pytest.raises(PlantFileError):
        read_hub(write_hub(tmp_path / "other", CHAIN.replace(good, bad)))
