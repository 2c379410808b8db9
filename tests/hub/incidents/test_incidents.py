from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from sqlalchemy import select, update

from lineside.errors import LinesideError
from lineside.exchange import Incident
from lineside.hub import Hub
from lineside.hub.hearing import Uttered
from lineside.hub.incidents import LookRecord, Spell, Thread, counts, threads
from lineside.hub.records import StatementRecord
from lineside.hub.settings import Telling
from tests.hub.conftest import Opens
from tests.hub.factories import PROFILE, Clock, Factory, problem

GROUP = 7
"""Of the settings: five that stay hidden, and two who put together what they know."""
ZONE = ZoneInfo("Asia/Shanghai")
ALWAYS = Spell(0)


def anything(_: str) -> bool:
    """Who looks after all of a hub."""
    return True


def security(concern: str) -> bool:
    """Who looks after security alone."""
    return concern == "security"


def tell(factory: Factory, hub: Hub, **other: Any) -> int:
    """Tells of an incident; gives the number of the statement."""
    told = {"concern": "safety", "severity": 2, "title": "Burnt hand", "began_ms": factory.clock.ms - 1000, **other}
    answers = factory.send(hub, factory.say(Incident(**told, **factory.base())))
    assert answers[0].problem is None, answers[0].problem
    return factory.last


def only(hub: Hub, reaches: Any = anything) -> Thread:
    """The one incident that somebody looks after."""
    (one,) = hub.incidents.listed(reaches)
    return one


def entries(hub: Hub) -> list[tuple[str, str, str, dict[str, Any]]]:
    """What the ledger says of incidents: kind, who, about, facts."""
    with hub.ledger.stored() as now:
        every = [msgspec.json.decode(body) for _, body, _ in now.entries()]
    return [
        (one["kind"], one["who"], one["about"], one["facts"]) for one in every if one["kind"].startswith("incident.")
    ]


@pytest.mark.usefixtures("books")
def test_each_look_is_in_the_ledger_and_told_to_the_member(hub: Hub, factory: Factory) -> None:
    """Who, when and what for; in the ledger the purpose stands as its hash."""
    number = tell(factory, hub, words="At the press, second shift")
    one, told = hub.incidents.look(only(hub).number, " Inspection of presses ", anything, by="account/4")
    hub.incidents.look(only(hub).number, "Once more", anything, by="account/5")
    looks = factory.told(hub, "looks")["incidents"]

    assert [each.words for each in told] == ["At the press, second shift"]
    assert [(each.by, each.purpose) for each in one.looks] == [("account/4", "Inspection of presses")]
    assert [(row["by"], row["purpose"]) for row in looks[0]["looks"]] == [
        ("account/4", "Inspection of presses"),
        ("account/5", "Once more"),
    ]
    assert (looks[0]["statement"], looks[0]["closed"]) == (number, False)
    kind, who, about, facts = entries(hub)[0]
    assert (kind, who, about, facts["number"]) == ("incident.looked", "account/4", f"member/{factory.number}", number)
    assert "Inspection" not in str(entries(hub))
    assert looks[0]["looks"][0]["entry"] == one.looks[0].entry


@pytest.mark.usefixtures("books")
def test_a_look_stands_in_the_books_even_where_nothing_could_be_read(hub: Hub, factory: Factory) -> None:
    """It is written first: a failure on the way leaves a look too many, and never one too few."""
    tell(factory, hub)
    one = only(hub)
    with hub.books.session() as rows:
        rows.execute(update(StatementRecord).where(StatementRecord.say == "incident").values(envelope=b"{"))
    with pytest.raises(LinesideError):
        hub.incidents.look(one.number, "Inspection", anything, by="account/4")

    with hub.books.reading() as rows:
        assert rows.scalars(select(LookRecord.by)).all() == ["account/4"]
    assert [kind for kind, *_ in entries(hub)] == ["incident.looked"]
    assert len(factory.told(hub, "looks")["incidents"][0]["looks"]) == 1


def test_who_looks_after_another_concern_finds_nothing(hub: Hub, factory: Factory) -> None:
    """Not in the list and not by its number, and no look is noted, as there was none."""
    tell(factory, hub)
    number = only(hub).number

    assert hub.incidents.listed(security) == []
    for act in (
        lambda: hub.incidents.look(number, "Curious", security, by="account/9"),
        lambda: hub.incidents.share(number, "security", "Mine", security, by="account/9"),
        lambda: hub.incidents.close(number, "Done", security, by="account/9"),
        lambda: hub.incidents.look(number + 999, "Curious", security, by="account/9"),
    ):
        with pytest.raises(LinesideError) as error:
            act()
        assert error.value.key == "incidents.none"
    assert entries(hub) == []


@pytest.mark.usefixtures("books")
def test_it_is_shared_with_reasons_with_who_looks_after_another_concern(hub: Hub, factory: Factory) -> None:
    """Once; the member is told why."""
    tell(factory, hub)
    number = only(hub).number
    hub.incidents.share(number, "security", "The controller was reached from outside", anything, by="account/4")
    with pytest.raises(LinesideError) as twice:
        hub.incidents.share(number, "security", "Again", anything, by="account/4")
    with pytest.raises(LinesideError) as strange:
        hub.incidents.share(number, "gossip", "Why not", anything, by="account/4")
    _, told = hub.incidents.look(number, "Find the way in", security, by="account/9")

    assert (twice.value.key, strange.value.key) == ("incidents.shared", "incidents.no_concern")
    assert len(told) == 1
    (shared,) = factory.told(hub, "looks")["incidents"][0]["shares"]
    assert (shared["concern"], shared["reasons"]) == ("security", "The controller was reached from outside")
    assert [kind for kind, *_ in entries(hub)] == ["incident.shared", "incident.looked"]


@pytest.mark.usefixtures("books")
def test_what_follows_is_one_thread_and_opens_it_again(hub: Hub, factory: Factory) -> None:
    """The last word has the severity; another concern lets who looks after it look, too."""
    first = tell(factory, hub)
    number = only(hub).number
    hub.incidents.close(number, "All was done", anything, by="account/4")
    closed = only(hub)
    with pytest.raises(LinesideError) as again:
        hub.incidents.close(number, "Once more", anything, by="account/4")
    second = tell(factory, hub, follows=first, severity=4, concern="security", title="It was no accident")
    third = tell(factory, hub, follows=second, severity=3, title="Under control")
    tell(factory, hub, follows=99, title="Something else")
    opened = hub.incidents.get(number, security)

    assert (closed.closed, again.value.key) == (True, "incidents.closed")
    assert (opened.closed, opened.severity, opened.concerns) == (False, 3, ("safety", "security"))
    assert [one.told.number for one in opened.said] == [first, second, third]
    assert len(hub.incidents.listed(anything)) == 2
    assert hub.incidents.close(number, "Now", anything, by="account/4").closed


@pytest.mark.usefixtures("books")
def test_all_of_it_is_there_after_a_restart(opens: Opens, tmp_path: Path, clock: Clock) -> None:
    """The looks, the shares and what is closed."""
    hub = opens()
    factory = Factory.make(tmp_path, clock).joined(hub)
    tell(factory, hub)
    number = only(hub).number
    hub.incidents.look(number, "Inspection", anything, by="account/4")
    hub.incidents.share(number, "quality", "Parts of that night", anything, by="account/4")
    before = hub.incidents.close(number, "Done", anything, by="account/4")

    assert only(opens()) == before


@pytest.mark.parametrize(
    ("other", "key"),
    [
        ({"concern": "gossip"}, "incidents.no_concern"),
        ({"began_ms": 2**53 - 1}, "incidents.future"),
        ({"began_ms": 1000, "ended_ms": 999}, "incidents.end"),
        ({"began_ms": 1000, "ended_ms": 2**53 - 1}, "incidents.end"),
    ],
)
def test_an_incident_that_cannot_be_is_refused(hub: Hub, factory: Factory, other: dict[str, Any], key: str) -> None:
    """With the reason, and nothing is taken."""
    told = {"concern": "safety", "severity": 2, "title": "Burnt hand", "began_ms": 0, **other}

    assert problem(hub.receive(factory.signed(Incident(**told, **factory.base())).json())) == key
    assert hub.incidents.listed(anything) == []


@pytest.mark.parametrize("words", ["", "  ", "x" * 1001])
def test_nobody_looks_without_saying_what_for(hub: Hub, factory: Factory, words: str) -> None:
    """Nor shares or closes without reasons."""
    tell(factory, hub)
    number = only(hub).number
    for act in (
        lambda: hub.incidents.look(number, words, anything, by="account/4"),
        lambda: hub.incidents.share(number, "quality", words, anything, by="account/4"),
        lambda: hub.incidents.close(number, words, anything, by="account/4"),
    ):
        with pytest.raises(LinesideError) as error:
            act()
        assert error.value.key == "incidents.words"
    assert entries(hub) == []


def test_a_member_is_told_of_its_own_looks_alone(hub: Hub, factory: Factory, tmp_path: Path, clock: Clock) -> None:
    """And of the concerns that it may name."""
    other = Factory.make(tmp_path, clock, "other").joined(hub, "another")
    tell(factory, hub)
    hub.incidents.look(only(hub).number, "Inspection", anything, by="account/4")
    told = other.told(hub, "looks")

    assert told["incidents"] == []
    assert [one["id"] for one in told["concerns"]] == ["safety", "environment", "quality", "security"]


# -- counted for everybody -----------------------------------------------------------------------------


def uttered(member: int, day: str, concern: str = "safety", severity: int = 2, number: int = 1) -> Uttered[Incident]:
    """An incident that was received on a day."""
    us = int(datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=UTC).timestamp()) * 1_000_000
    base = {"hub": "0" * 32, "member": member, "number": number, "previous": "0" * 64, "made_ms": us // 1000}
    told = Incident(concern=concern, severity=severity, title="x", began_ms=0, **base)  # type: ignore[arg-type]
    return Uttered(told, "0" * 64, member * 100 + number, us)


def counted(
    said: list[Uttered[Incident]], day: str, members: range = range(1, 100), spell: Spell = ALWAYS
) -> list[tuple[Any, ...]]:
    """What is told on a day, of members that were it for so long."""
    now = uttered(1, day).received_us
    found = counts(said, dict.fromkeys(members, spell), ("safety", "security"), GROUP, now, ZONE)
    return [(one.quarter, one.concern, one.severity, one.members) for one in found]


def test_members_are_counted_in_steps_and_quarters_that_are_over() -> None:
    """Six are none, thirteen are seven, and who told of two counts once."""
    said = [uttered(member, "2026-05-01") for member in range(1, 14)]
    said += [uttered(member, "2026-06-01", severity=4, number=2) for member in range(1, 7)]
    said += [uttered(member, "2026-06-01", "security", number=3) for member in range(1, 7)]

    assert counted(said, "2026-06-30") == []
    assert counted(said, "2026-08-01") == [("2026-Q2", "safety", None, 7), ("2026-Q2", "safety", 2, 7)]
    assert counted(said, "2027-08-01") == []


def test_one_member_more_changes_nothing_that_was_told() -> None:
    """A quarter is counted by when statements came, so who watches the figures sees no single one come."""
    said = [uttered(member, "2026-05-01") for member in range(1, 9)]
    before = counted(said, "2026-08-01")
    late = [*said, uttered(50, "2026-08-02"), *(uttered(member, "2026-08-03") for member in range(20, 40))]

    assert counted(late, "2026-08-04") == before


@pytest.mark.parametrize("there", range(1, 30))
def test_a_count_tells_of_no_single_member(there: int) -> None:
    """With or without one of them it is the same, but where a whole group is complete: then so many stay hidden."""
    said = [uttered(member, "2026-05-01") for member in range(1, there + 1)]
    told, without = counted(said, "2026-08-01"), counted(said[:-1], "2026-08-01")

    assert (told == without) is (there % GROUP != 0)
    assert all(row[3] % GROUP == 0 and row[3] <= there for row in told)


@pytest.mark.parametrize("members", range(7, 30))
def test_a_count_leaves_a_group_that_may_not_have_told(members: int) -> None:
    """Also where everybody told: whoever knows two that did not would else know it of all the others."""
    said = [uttered(member, "2026-05-01") for member in range(1, members + 1)]

    told = counted(said, "2026-08-01", range(1, members + 1))

    assert all(members - row[3] >= GROUP for row in told)
    assert (told == []) is (members < 2 * GROUP)


def test_who_comes_later_hides_nobody_of_a_quarter_before() -> None:
    """Nor who had left before it, so that what was told of a quarter stays when members come and go."""
    said = [uttered(member, "2026-05-01") for member in range(1, 9)]
    may, july = (uttered(1, day).received_us for day in ("2026-05-01", "2026-07-02"))

    assert counted(said, "2026-08-01", range(1, 30), Spell(may, july)) != []
    assert counted(said, "2026-08-01", range(1, 30), Spell(july)) == []
    assert counted(said, "2026-08-01", range(1, 30), Spell(0, 1)) == []


def test_generated_members_are_not_counted_unless_the_hub_tells_so(hub: Hub, tmp_path: Path, clock: Clock) -> None:
    """As with every other figure of groups."""
    profile = msgspec.structs.replace(PROFILE, generated=True)
    made = [Factory.make(tmp_path, clock, f"m{at}").joined(hub, f"made {at}", profile) for at in range(2 * GROUP)]
    for one in made[:GROUP]:
        tell(one, hub)
    clock.forward(days=60)
    without = hub.incidents.counts()
    telling = Telling(days=20, generated=True)
    hub.settings = hub.settings.model_copy(update={"telling": telling})
    found, generated = hub.incidents.counts()

    assert without == ((), False)
    assert [(one.quarter, one.severity, one.members) for one in found] == [("2026-Q4", None, 7), ("2026-Q4", 2, 7)]
    assert generated


def test_words_of_two_members_never_make_one_thread() -> None:
    """Though both say that they follow their own first word, by the same number."""
    said = [
        uttered(1, "2026-05-01"),
        uttered(2, "2026-05-02"),
        Uttered(msgspec.structs.replace(uttered(2, "2026-05-03", number=2).told, follows=1), "0" * 64, 900, 0),
    ]

    assert [[(one.told.member, one.told.number) for one in words] for words in threads(said)] == [
        [(1, 1)],
        [(2, 1), (2, 2)],
    ]
