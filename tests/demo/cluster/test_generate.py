"""The generated members: the same seed the same bytes, the shares that were published, and a label on all of it."""

from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise

import msgspec
import numpy as np
import pytest
from scipy.stats import spearmanr

from lineside.demo.cluster import MEMBERS, MONTHS, GeneratedCluster, GeneratedMember, generate, sources
from lineside.demo.cluster.firms import Firm, firms, is_technology
from lineside.demo.cluster.standing import returns
from lineside.exchange import catalogue, month_number
from lineside.rules import Confidence, industries, size_schemes

SEED = 22400
LAST = month_number("2026-10")
FIRST = LAST - MONTHS + 1


@pytest.fixture(scope="module")
def cluster() -> GeneratedCluster:
    """The cluster of the demo."""
    return generate(SEED, last=LAST)


@pytest.fixture(scope="module")
def made() -> tuple[Firm, ...]:
    """The factories behind its members."""
    return firms(SEED, MEMBERS)


def course(member: GeneratedMember, indicator: str) -> dict[int, float]:
    """An indicator of a member by month, as it stands after all corrections."""
    told = [(said.month, one) for said in member.said for one in said.values if one.indicator == indicator]
    return {month: one.value for month, one in told if one.value is not None}


def latest(cluster: GeneratedCluster, indicator: str) -> list[float]:
    """An indicator of all members that tell it in the last month."""
    courses = (course(member, indicator) for member in cluster.members)
    return [one[LAST] for one in courses if LAST in one]


def shares(found: list[str], kinds: list[str]) -> list[float]:
    """How many of each kind there are, relative to all."""
    counted = Counter(found)
    return [counted[kind] / len(found) for kind in kinds]


def relative(weights: list[float]) -> list[float]:
    """The same weights with the sum 1."""
    return [one / sum(weights) for one in weights]


def correlation(first: list[float], second: list[float]) -> float:
    """How far ranks go together, from -1 to 1 (Spearman)."""
    return float(spearmanr(first, second).statistic)


def test_the_same_seed_gives_the_same_bytes(cluster: GeneratedCluster) -> None:
    """Two people with one seed see one cluster; another seed gives another."""
    bytes_of = msgspec.json.encode

    assert bytes_of(generate(SEED, last=LAST).members) == bytes_of(cluster.members)
    assert bytes_of(generate(SEED + 1, last=LAST).members) != bytes_of(cluster.members)


def test_a_language_changes_words_and_no_number(cluster: GeneratedCluster) -> None:
    """Members of a Chinese demo are called otherwise and say the same."""
    chinese = generate(SEED, last=LAST, language="zh")

    assert chinese.members[6].profile.name == "示例 007"
    assert cluster.members[6].profile.name == "Generated 007"
    assert [[one.values for one in member.said] for member in chinese.members] == [
        [one.values for one in member.said] for member in cluster.members
    ]


def test_nothing_generated_is_without_its_label(cluster: GeneratedCluster) -> None:
    """Every profile and every value says that it was made up, also where a value is absent."""
    values = [one for member in cluster.members for said in member.said for one in said.values]

    assert all(member.profile.generated for member in cluster.members)
    assert {one.origin for one in values} == {"generated"}
    assert {one.evidence for one in values} == {None}


def test_a_month_tells_of_every_indicator_a_value_or_why_there_is_none(cluster: GeneratedCluster) -> None:
    """Nobody is silent about an indicator, and nobody tells a value and a reason; a correction tells what changed."""
    for member in cluster.members:
        for said in member.said:
            names = [one.indicator for one in said.values]
            assert names == list(catalogue().indicators) if said.after == said.month else names
            assert all((one.value is None) == (one.absent is not None) for one in said.values)


def test_every_value_can_be(cluster: GeneratedCluster) -> None:
    """All values lie between the bounds of the catalogue, and tell coverage where one is needed to compare them."""
    for member in cluster.members:
        for one in (one for said in member.said for one in said.values if one.value is not None):
            meant = catalogue().of(one.indicator)
            assert one.value is not None
            assert meant.low <= one.value <= meant.high
            assert one.coverage is not None or meant.coverage == 0


def test_oee_is_the_product_of_its_parts(cluster: GeneratedCluster) -> None:
    """To the last digit, in every month of everybody who does not play the game of the combination."""
    players = {member for member, (game, _) in cluster.planted.games.items() if game == "combination"}
    for member in cluster.members:
        parts = [course(member, name) for name in ("availability", "performance", "quality")]
        for month, oee in course(member, "oee").items():
            if member.number not in players:
                assert oee == parts[0][month] * parts[1][month] * parts[2][month]


def test_sizes_are_those_of_eurostat_times_who_joins(made: tuple[Firm, ...]) -> None:
    """The share of each size class is that of the source within one member, and by the EU's rules all are in it."""
    told = sources().sizes
    kinds = [one.id for one in told]

    found = shares([firm.size for firm in made], kinds)

    assert found == pytest.approx(relative([one.enterprises * one.joining for one in told]), abs=1 / MEMBERS)
    for firm in made:
        figures = {"employees": firm.employees, "turnover_eur": firm.turnover_eur, "balance_eur": firm.balance_eur}
        known = size_schemes()["eu-2003"].of(figures).known
        assert known is not None
        assert known.id == firm.size


@pytest.mark.parametrize("size", ["micro", "small", "medium", "large"])
def test_digital_intensity_is_that_of_eurostat_in_every_size_class(made: tuple[Firm, ...], size: str) -> None:
    """Of a size class as many are at each level as the source says, within one member."""
    own = [firm for firm in made if firm.size == size]
    level = [
        "very low" if f.criteria < 4 else "low" if f.criteria < 7 else "high" if f.criteria < 10 else "very"
        for f in own
    ]

    found = shares(level, ["very low", "low", "high", "very"])

    assert found == pytest.approx(relative(list(sources().digital[size])), abs=1 / len(own))


def test_maturity_is_that_of_the_index_report(made: tuple[Firm, ...]) -> None:
    """Of all factories as many are at each level as the report of 2022 says, within two members."""
    levels = [str(max(1, firm.maturity)) for firm in made]

    found = shares(levels, ["1", "2", "3", "4"])

    assert found == pytest.approx(relative(list(sources().maturity)), abs=2 / MEMBERS)


def test_industries_are_those_of_the_mix(made: tuple[Firm, ...]) -> None:
    """The share of each division is the one that is told, within one member, and every division is known."""
    mix = sources().industries

    found = shares([firm.division for firm in made], list(mix))

    assert found == pytest.approx(relative(list(mix.values())), abs=1 / MEMBERS)
    assert {industries().of(code).code for code in mix} == set(mix)


def test_oee_lies_where_it_is_said_to_lie(cluster: GeneratedCluster) -> None:
    """Its mean is that of most factories, 55 to 60 %, within a point; one in a hundred reaches world class."""
    honest = [m for m in cluster.members if m.number not in cluster.planted.games]
    oee = [one[LAST] for member in honest if LAST in (one := course(member, "oee"))]
    low, high = sources().oee_usual

    assert low - 0.01 <= float(np.mean(oee)) <= high + 0.01
    assert sum(one >= sources().oee_world_class for one in oee) <= 0.01 * len(oee)


def test_regions_lie_apart_as_those_of_europe(made: tuple[Firm, ...]) -> None:
    """Makers of technology gather by region as far apart as the source has it, within its sampling error."""
    codes = [region.code for region in sources().regions]
    many = [firm for seed in range(10) for firm in firms(seed, MEMBERS)]
    odds = []
    for code in codes:
        own = [is_technology(firm.division) for firm in many if firm.region == code]
        odds.append(math.log(sum(own) / (len(own) - sum(own))))

    assert float(np.std(odds)) == pytest.approx(sources().technology, abs=0.15)
    digital = [float(np.mean([firm.digital for firm in made if firm.region == code])) for code in codes]
    assert correlation(digital, [float(-place) for place in range(len(codes))]) > 0.7


def test_larger_is_more_digital_and_more_digital_is_better(made: tuple[Firm, ...], cluster: GeneratedCluster) -> None:
    """Connection, OEE and recovery go with digital intensity, lead time against it; what digital brings diminishes."""
    digital = {firm.number: firm.digital for firm in made}

    def goes_with(indicator: str) -> float:
        told = {m.number: one[LAST] for m in cluster.members if LAST in (one := course(m, indicator))}
        return correlation([digital[number] for number in told], list(told.values()))

    assert correlation([firm.employees for firm in made], list(digital.values())) > 0.1
    assert goes_with("connected_share") > 0.5
    assert goes_with("oee") > 0.15
    assert goes_with("recovery_time") < -0.2
    assert goes_with("lead_time") < -0.1
    assert returns(0.25) > returns(1.0) / 2


def test_the_pilot_shortens_recovery_by_a_quarter(cluster: GeneratedCluster) -> None:
    """Thirty members recover a quarter sooner from one month on, against their own months before and all the others."""
    pilot = cluster.planted.pilot

    def change(member: GeneratedMember) -> float | None:
        told = course(member, pilot.indicator)
        before = [math.log(value) for month, value in told.items() if month < pilot.start]
        after = [math.log(value) for month, value in told.items() if month >= pilot.start]
        return float(np.mean(after) - np.mean(before)) if min(len(before), len(after)) > 4 else None

    changes = {member.number: found for member in cluster.members if (found := change(member)) is not None}
    treated = [changes[number] for number in pilot.members]
    others = [found for number, found in changes.items() if number not in pilot.members]

    assert len(pilot.members) == 30
    assert math.exp(float(np.mean(treated) - np.mean(others))) - 1 == pytest.approx(pilot.change, abs=0.05)


def test_who_follows_the_pilot_recovers_sooner_too(cluster: GeneratedCluster) -> None:
    """From the month in which they put it to use; until then, and once they gave it up, they are as before."""
    planted = cluster.planted
    followers = [one for one in planted.adopting if not one.ended and one.member not in planted.pilot.members]
    told = {one.number: course(one, planted.pilot.indicator) for one in cluster.members}

    def change(member: int, month: int) -> float | None:
        before = [math.log(value) for at, value in told[member].items() if month - 6 <= at < month]
        after = [math.log(value) for at, value in told[member].items() if month <= at < month + 3]
        return float(np.mean(after) - np.mean(before)) if before and len(after) > 1 else None

    found = [one for each in followers if (one := change(each.member, each.month)) is not None]

    assert len(followers) > 15
    assert math.exp(float(np.mean(found))) - 1 == pytest.approx(planted.pilot.change, abs=0.06)


def test_only_who_plays_a_game_jumps(cluster: GeneratedCluster) -> None:
    """No other value goes further from one month to the next than the catalogue takes for possible."""
    jumped = set()
    for member in cluster.members:
        for name, meant in catalogue().indicators.items():
            told = course(member, name)
            steps = [told[b] - told[a] for a, b in pairwise(sorted(told)) if b == a + 1]
            if any(abs(step) > meant.jump for step in steps):
                jumped.add(member.number)

    assert jumped == set(cluster.planted.games)


def test_what_was_planted_is_what_is_said(cluster: GeneratedCluster) -> None:
    """Left out months are not said, corrections come a month later with a reason, outages show in the coverage."""
    planted = cluster.planted
    for member in cluster.members:
        months = [said.month for said in member.said if said.after == said.month]
        again = [said for said in member.said if said.after > said.month]
        covered = {
            said.month: one.coverage
            for said in member.said
            for one in said.values
            if one.indicator == "availability" and one.coverage is not None
        }

        assert set(range(FIRST, LAST + 1)) - set(months) == set(planted.left_out.get(member.number, ()))
        assert [(one.month, one.after) for one in again] == [
            (month, month + 1) for number, month in planted.corrections.items() if number == member.number
        ]
        assert all(one.why and len(one.values) == 2 for one in again)
        assert {month for month, of in covered.items() if of < 0.8} == {
            month for number, month in planted.outages.items() if number == member.number
        }


def test_nobody_gets_two_things_but_the_pilot(cluster: GeneratedCluster) -> None:
    """What is looked for can be told apart; a pilot's member may leave a month out, as in life."""
    planted = cluster.planted
    apart = [set(planted.games), set(planted.outages), set(planted.corrections), set(planted.pilot.members)]

    assert sum(len(one) for one in apart) == len(set().union(*apart))
    assert not set(planted.left_out) & (apart[0] | apart[1] | apart[2])
    assert {game for game, _ in planted.games.values()} == {"combination", "jump"}


def test_small_firms_lack_what_they_would_lack(made: tuple[Firm, ...], cluster: GeneratedCluster) -> None:
    """Without source, orders or meter there is no value and the reason is told; most who lack one are small."""
    reasons = {
        member.number: {one.absent for one in member.said[-1].values if one.absent} for member in cluster.members
    }
    small = {firm.number for firm in made if firm.size in {"micro", "small"}}

    for reason in ("no_source", "no_orders", "no_meter"):
        lacking = [number for number, found in reasons.items() if reason in found]
        within = sum(number in small for number in lacking) / len(lacking)
        assert within > len(small) / MEMBERS


def test_every_source_says_how_sure_it_is() -> None:
    """Each set of figures names where it is from; what no source says is marked as our own choice."""
    told = sources().told

    assert all(len(one.text) > 40 for one in told.values())
    assert told["industries"].confidence is Confidence.OWN
    assert {one.confidence for name, one in told.items() if name != "industries"} == {Confidence.FOUND}


@pytest.mark.parametrize("count", [20, 57, 1000])
def test_clusters_of_other_sizes_are_as_whole(count: int) -> None:
    """Fewer or more members can be made, each with a number and a name of its own."""
    made = generate(3, count, last=LAST, months=14)

    assert [member.number for member in made.members] == list(range(1, count + 1))
    assert len({member.profile.name for member in made.members}) == count
    assert len(made.planted.pilot.members) == count // 10
