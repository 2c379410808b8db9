from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import pytest

from lineside.books import Books
from lineside.errors import ConfigurationError, LinesideError
from lineside.trust import (
    Asked,
    Grade,
    Judgement,
    Kind,
    Label,
    Ledger,
    Parcel,
    Statement,
    Thing,
    Withheld,
    stored_ledger,
)
from lineside.valve import DOWNLOAD, OWN_PEOPLE, Leavings, Limits, Releases, State, Terms, Valve
from lineside.valve.gate import HOUR_US
from lineside.valve.release import DAY_US

NOW = 1_790_000_000_000_000
BROKER = "mqtt://broker:1883"
THINGS = [Thing(f"signal/press/{name}") for name in ("load", "recipe", "speed")]
SECRET = Label("recipe", "customer recipe", leaves=False)
TERMS = Terms(
    name="OEE for the customer",
    purpose="Monthly talk",
    recipient="Acme",
    flow="sparkplug",
    address=BROKER,
    content=("signal/press/load", "signal/press/speed"),
    grade=Grade.GENERAL,
    since_us=NOW,
    until_us=NOW + 30 * DAY_US,
)
OWN = 1
"""The number of the release that is there from the start."""
PARCEL = Parcel("sparkplug", BROKER, frozenset({"signal/press/load"}), b"1.5", "text/plain", "DDATA press")


class Plant:
    """A valve with its books, a clock, people who may allow, and statements about its things."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.now, self.may = folder, NOW, {1, 2, 3}
        self.statements: list[Statement] = []
        self.grade()
        self.start()

    def start(self) -> None:
        """Starts the node, or starts it again."""
        self.books = Books.open(self.folder)
        self.ledger = Ledger(self.books, lambda: self.now)
        self.left = Leavings(self.books, self.ledger)
        self.releases = Releases(self.books, lambda: self.now, lambda by: by in self.may, self.ledger)
        self.valve = Valve(self.releases, self.left, lambda: self.judgement, self.ledger)

    def grade(self, *statements: Statement) -> None:
        """Says something about things."""
        self.statements += statements
        self.judgement = Judgement(THINGS, self.statements, [SECRET])

    def release(self, terms: Terms = TERMS, *, by: tuple[int, ...] = (1,)) -> int:
        """Asks for a release, which these people allow."""
        asked = self.valve.ask(terms, 9)
        for one in by:
            self.releases.allow(asked.id, asked.digest, one)
        return asked.id

    def refusal(self, parcel: Parcel = PARCEL) -> str:
        """Why a parcel does not leave; nothing where it does."""
        try:
            self.valve.let_out(parcel)
        except Withheld as withheld:
            return withheld.key if withheld.cure() else f"{withheld.key} without a cure"
        return ""


@pytest.fixture
def plant(tmp_path: Path) -> Iterator[Plant]:
    """A plant of whose things nothing was said."""
    made = Plant(tmp_path)
    yield made
    made.books.close()


def test_the_last_bytes_of_what_is_over_for_long_are_forgotten(plant: Plant) -> None:
    """Those of releases closed or ended before a day, counted in the ledger; how much left stays known."""
    open_still = plant.release(replace(TERMS, address="here", until_us=NOW + 300 * DAY_US))
    closed, ended = plant.release(), plant.release(replace(TERMS, address="there", until_us=NOW + 5 * DAY_US))
    for address in ("here", BROKER, "there"):
        plant.valve.let_out(replace(PARCEL, recipient=address))
    plant.releases.close(closed, 1)
    plant.valve.keep()

    plant.valve.forget(NOW - 1)
    assert all(plant.valve.total(plant.releases.get(one))[1] for one in (open_still, closed, ended))
    plant.valve.forget(NOW + 6 * DAY_US)
    plant.valve.forget(NOW + 6 * DAY_US)

    kept = [bool(plant.valve.total(plant.releases.get(one))[1]) for one in (open_still, closed, ended)]
    assert kept == [True, False, False]
    assert plant.valve.total(plant.releases.get(closed))[0].bytes == 3
    with stored_ledger(plant.folder / "data" / "books.sqlite") as ledger:
        (entry,) = ledger.page(Asked(kinds=["release.last_dropped"]), 9)
    assert entry["facts"] == {"releases": 2, "kinds": 2}


def test_nothing_leaves_without_a_release(plant: Plant) -> None:
    """One that nobody has allowed yet is none."""
    assert plant.refusal() == "valve.no_release_for"
    plant.release(by=())

    assert plant.refusal() == "valve.is_waiting"
    assert not plant.valve.is_open("sparkplug", BROKER)


def test_what_is_allowed_leaves_and_is_noted(plant: Plant) -> None:
    """How much, and the last bytes with those before them; over a restart."""
    number = plant.release()
    plant.valve.let_out(PARCEL)
    plant.valve.let_out(replace(PARCEL, content=b"2.25"))
    plant.valve.keep()
    plant.books.close()
    plant.start()

    total, last = plant.left.of(number)

    assert (total.hour.parcels, total.bytes, total.hour.largest) == (2, 7, 4)
    assert (last["DDATA press"].content, last["DDATA press"].before) == (b"2.25", b"1.5")
    assert plant.refusal() == ""


@pytest.mark.parametrize(
    ("parcel", "key"),
    [
        (replace(PARCEL, flow="mtconnect"), "valve.no_release_for"),
        (replace(PARCEL, recipient="mqtt://elsewhere"), "valve.other_address"),
        (replace(PARCEL, things=frozenset({"signal/press/load", "signal/press/recipe"})), "valve.not_among"),
        (replace(PARCEL, things=frozenset()), "valve.nothing_named"),
    ],
)
def test_what_is_not_allowed_stays(plant: Plant, parcel: Parcel, key: str) -> None:
    """Another way, address or content; nothing of a parcel leaves of which a part may not."""
    plant.release()

    assert plant.refusal(parcel) == key


def test_what_is_new_since_the_approval_stays(plant: Plant) -> None:
    """A pattern means what it meant to who allowed it."""
    plant.release(replace(TERMS, content=("signal/press/*",)))
    plant.judgement = Judgement([*THINGS, Thing("signal/press/key")], [], [])

    assert plant.refusal(replace(PARCEL, things=frozenset({"signal/press/key"}))) == "valve.not_among"
    assert plant.refusal() == ""


def test_a_grade_that_rises_holds_back_at_once(plant: Plant) -> None:
    """So does a label that may not leave; what is taken back lets out again."""
    plant.release()
    assert plant.refusal() == ""

    plant.grade(Statement("signal/press/load", "is", Grade.IMPORTANT))
    assert plant.refusal() == "valve.grade"
    plant.grade(Statement("signal/press/load", "is", Grade.GENERAL, frozenset({"recipe"})))
    assert plant.refusal() == "valve.label"
    plant.judgement = Judgement(THINGS[1:], [], [])
    assert plant.refusal() == "valve.not_graded"
    plant.statements.clear()
    plant.grade()
    assert plant.refusal() == ""


def test_important_data_needs_two_people(plant: Plant) -> None:
    """Different ones who still may: an approver who left counts no more. Core data leaves by no release."""
    plant.grade(Statement("signal/press/load", "is", Grade.IMPORTANT))
    terms = replace(TERMS, grade=Grade.IMPORTANT)
    number = plant.release(terms)
    assert plant.refusal() == "valve.is_waiting"
    release = plant.releases.get(number)
    with pytest.raises(ConfigurationError, match="already"):
        plant.releases.allow(number, release.digest, 1)
    with pytest.raises(ConfigurationError, match="may not allow"):
        plant.releases.allow(number, release.digest, 7)
    with pytest.raises(ConfigurationError, match="not what you were shown"):
        plant.releases.allow(number, "00", 2)

    plant.releases.allow(number, release.digest, 2)
    assert plant.refusal() == ""
    plant.may.remove(1)
    assert plant.releases.state(plant.releases.get(number)) is State.WAITING
    plant.releases.allow(number, release.digest, 3)
    assert plant.refusal() == ""
    with pytest.raises(ConfigurationError, match="Core"):
        plant.release(replace(TERMS, grade=Grade.CORE))


def test_an_approver_who_leaves_is_noticed_within_a_second(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Though nothing about the release itself changes."""
    plant.release()
    plant.valve.let_out(PARCEL)
    plant.may.clear()
    monkeypatch.setattr("lineside.valve.gate.FRESH_S", 0.0)

    assert plant.refusal() == "valve.is_waiting"


def test_a_release_ends_by_itself(plant: Plant) -> None:
    """And begins when it is to begin."""
    number = plant.release(replace(TERMS, since_us=NOW + HOUR_US))
    assert plant.releases.state(plant.releases.get(number)) is State.TO_COME

    plant.now += 2 * HOUR_US
    assert plant.releases.state(plant.releases.get(number)) is State.OPEN
    plant.now = TERMS.until_us
    assert plant.releases.state(plant.releases.get(number)) is State.ENDED


@pytest.mark.parametrize(
    ("limits", "measure"),
    [
        (Limits(parcels_an_hour=2), "parcels"),
        (Limits(bytes_an_hour=8), "bytes"),
        (Limits(bytes_in_all=8), "bytes_in_all"),
    ],
)
def test_what_goes_past_a_limit_closes_the_release(plant: Plant, limits: Limits, measure: str) -> None:
    """The parcel that would go past it stays in; the reason is kept, and the release stays closed."""
    number = plant.release(replace(TERMS, sandbox=limits.bytes_in_all is not None, limits=limits))
    plant.valve.let_out(PARCEL)
    plant.valve.let_out(PARCEL)

    assert plant.refusal() == "valve.past_limit"
    assert plant.refusal() == "valve.is_closed"
    plant.valve.keep()
    assert plant.left.of(number)[0].bytes == 6
    closing = plant.releases.get(number).closing
    assert closing is not None
    assert (closing.key, closing.by, closing.fields["measure"]) == ("valve.past_limit", None, measure)


def test_what_is_out_of_the_usual_closes_the_release(plant: Plant) -> None:
    """After a day of some parcels an hour, a flood is unusual; the day itself is not, nor is a little more."""
    number = plant.release(replace(TERMS, limits=Limits(parcels_an_hour=10**6)))
    for _ in range(25):
        for _ in range(3):
            plant.valve.let_out(PARCEL)
        plant.now += HOUR_US
    for _ in range(4 * 3 + 100):
        plant.valve.let_out(PARCEL)

    assert plant.refusal() == "valve.unusual"
    closing = plant.releases.get(number).closing
    assert closing is not None
    assert closing.fields["measure"] == "parcels"


def test_closing_the_valve_holds_over_a_restart(plant: Plant) -> None:
    """Everything, whatever is released, until somebody opens it."""
    plant.release()
    plant.releases.shut(2)
    assert plant.refusal() == "valve.shut"
    assert not plant.valve.is_open("sparkplug", BROKER)
    plant.books.close()
    plant.start()
    assert plant.refusal() == "valve.shut"

    plant.releases.open(2)

    assert plant.refusal() == ""


def test_a_valve_that_cannot_be_noted_closed_is_closed(plant: Plant) -> None:
    """The disk may be full: it holds all the same for as long as the node runs."""
    plant.release()
    plant.valve.let_out(PARCEL)
    with plant.books.session() as rows:
        rows.connection().exec_driver_sql("DROP TABLE valve")

    with pytest.raises(Exception, match="valve"):
        plant.releases.shut(1)

    assert plant.refusal() == "valve.shut"


NO_WRITING = "CREATE TRIGGER full BEFORE UPDATE ON releases BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"


def test_a_release_that_cannot_be_noted_closed_is_closed(plant: Plant) -> None:
    """By a limit or by hand it holds at once, whatever is read anew, and is written down when that works again."""
    limited = plant.release(replace(TERMS, limits=Limits(parcels_an_hour=1)))
    by_hand = plant.release(replace(TERMS, address="there"))
    there = replace(PARCEL, recipient="there")
    plant.valve.let_out(PARCEL)
    with plant.books.session() as rows:
        rows.connection().exec_driver_sql(NO_WRITING)

    refused = plant.refusal()
    with pytest.raises(Exception, match="the disk is full"):
        plant.releases.close(by_hand, 1)
    with pytest.raises(Exception, match="the disk is full"):
        plant.valve.keep()
    other = Releases(plant.books, lambda: plant.now, lambda by: by in plant.may, plant.ledger)
    other.shut(2)
    other.open(2)
    with pytest.raises(Exception, match="the disk is full"):
        plant.releases.notice()
    still = plant.refusal(), plant.refusal(there)
    with plant.books.session() as rows:
        rows.connection().exec_driver_sql("DROP TRIGGER full")
    plant.valve.keep()
    plant.books.close()
    plant.start()

    assert refused == "valve.past_limit"
    assert still == ("valve.is_closed", "valve.is_closed")
    keys = [plant.releases.get(one).closing for one in (limited, by_hand)]
    assert [(one.key, one.by) for one in keys if one] == [("valve.past_limit", None), ("valve.closed_by_hand", 1)]
    with stored_ledger(plant.folder / "data" / "books.sqlite") as ledger:
        entries = ledger.page(Asked(kinds=["release.closed"]), 9)
    assert sorted(entry["about"] for entry in entries) == [f"release/{limited}", f"release/{by_hand}"]


def test_what_cannot_be_written_down_does_not_leave_for_long(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    """What left meanwhile is written down when that works again."""
    number = plant.release()
    plant.valve.let_out(PARCEL)
    with plant.books.session() as rows:
        rows.connection().exec_driver_sql('ALTER TABLE "left" RENAME TO elsewhere')
    with pytest.raises(Exception, match="left"):
        plant.valve.keep()
    monkeypatch.setattr("lineside.valve.gate.UNKEPT_S", 0.0)
    assert plant.refusal() == "valve.not_noted"

    with plant.books.session() as rows:
        rows.connection().exec_driver_sql('ALTER TABLE elsewhere RENAME TO "left"')
    monkeypatch.undo()
    plant.valve.keep()

    assert plant.left.of(number)[0].hour.parcels == 1
    assert plant.refusal() == ""


def test_the_hash_tells_every_parcel_and_their_order(tmp_path: Path) -> None:
    """Two that left the same have the same; another order is another hash."""
    chains = []
    for place, contents in enumerate(((b"1", b"2"), (b"1", b"2"), (b"2", b"1"))):
        other = Plant(tmp_path / str(place))
        number = other.release()
        for content in contents:
            other.valve.let_out(replace(PARCEL, content=content))
        other.valve.keep()
        chains.append(other.left.of(number)[0].chain)
        other.books.close()

    assert chains[0] == chains[1] != chains[2]


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"name": " "}, "valve.words"),
        ({"flow": "pigeon"}, "valve.no_flow"),
        ({"content": ()}, "valve.content"),
        ({"content": ("signal/press/nothing*",)}, "valve.means_nothing"),
        ({"until_us": NOW}, "valve.time"),
        ({"until_us": NOW + 400 * DAY_US}, "valve.time"),
        ({"sandbox": True}, "valve.sandbox_limits"),
        ({"sandbox": True, "limits": Limits(bytes_in_all=1), "until_us": NOW + 31 * DAY_US}, "valve.time"),
        ({"limits": Limits(parcels_an_hour=0)}, "valve.limits"),
    ],
)
def test_what_cannot_be_meant_is_refused(plant: Plant, change: dict[str, object], key: str) -> None:
    """With its cure; nothing is kept."""
    with pytest.raises(LinesideError) as refused:
        plant.release(replace(TERMS, **change))  # type: ignore[arg-type]

    assert (refused.value.key, bool(refused.value.cure()), list(plant.releases.all)) == (key, True, [OWN])


def test_closing_reaches_all_flows_under_load(plant: Plant) -> None:
    """Ten ways that send as fast as they can stop within a second."""
    plant.release(replace(TERMS, limits=Limits(parcels_an_hour=10**9, bytes_an_hour=10**12)))
    stopped: list[float] = []

    def send() -> None:
        while True:
            try:
                plant.valve.let_out(PARCEL)
            except Withheld:
                stopped.append(perf_counter())
                return

    senders = [threading.Thread(target=send) for _ in range(10)]
    for sender in senders:
        sender.start()
    began = perf_counter()
    plant.releases.shut(1)
    for sender in senders:
        sender.join()

    assert max(stopped) - began < 1.0


def test_the_ledger_tells_who_asked_allowed_and_closed_and_what_left(plant: Plant) -> None:
    """Each hour once, when it is over; what stayed is summed; over a restart."""
    number = plant.release()
    plant.valve.let_out(PARCEL)
    for _ in range(3):
        plant.refusal(replace(PARCEL, recipient="elsewhere"))
    plant.valve.keep()
    plant.ledger.flush(everything=True)
    plant.books.close()
    plant.start()
    plant.now += 2 * HOUR_US
    plant.valve.keep()
    plant.now += HOUR_US
    plant.valve.keep()
    plant.releases.close(number, 2)
    plant.releases.shut(3)
    plant.releases.open(3)

    with plant.ledger.stored() as ledger:
        entries = [json.loads(body) for _, body, _ in ledger.entries()]
    assert [(one["kind"], one["who"], one["about"]) for one in entries[1:]] == [
        (Kind.RELEASE_ASKED, "node", "release/1"),
        (Kind.RELEASE_ASKED, "account/9", "release/2"),
        (Kind.RELEASE_ALLOWED, "account/1", "release/2"),
        (Kind.WITHHELD, "node", "valve"),
        (Kind.LEFT, "node", "release/2"),
        (Kind.RELEASE_CLOSED, "account/2", "release/2"),
        (Kind.VALVE_SHUT, "account/3", "valve"),
        (Kind.VALVE_OPENED, "account/3", "valve"),
    ]
    left = next(one["facts"] for one in entries if one["kind"] == Kind.LEFT)
    assert (left["parcels"], left["bytes"]) == (1, 3)


def test_whoever_asked_has_not_the_last_word(plant: Plant) -> None:
    """Where two people are needed; who sits at the machine may be anybody of them, and does not count."""
    plant.may |= {0, 9}
    number = plant.release(replace(TERMS, grade=Grade.IMPORTANT), by=())
    release = plant.releases.get(number)
    with pytest.raises(ConfigurationError) as here:
        plant.releases.allow(number, release.digest, 0)
    plant.releases.allow(number, release.digest, 1)
    with pytest.raises(ConfigurationError) as own:
        plant.releases.allow(number, release.digest, 9)

    assert (here.value.key, own.value.key) == ("valve.needs_accounts", "valve.asked_by_you")
    assert plant.refusal() == "valve.is_waiting"
    assert plant.releases.get(plant.release(by=(0,))).terms.approvals == 1
    assert plant.refusal() == ""


@pytest.mark.parametrize(
    ("said", "key"),
    [
        (Statement("signal/press/load", "is", Grade.IMPORTANT), "valve.above"),
        (Statement("signal/press/load", "is", None, frozenset({"recipe"})), "valve.bears"),
    ],
)
def test_a_release_that_contradicts_the_grades_is_refused(plant: Plant, said: Statement, key: str) -> None:
    """It could never let out what it names."""
    plant.grade(said)

    with pytest.raises(ConfigurationError) as refused:
        plant.release()

    assert (refused.value.key, bool(refused.value.cure()), list(plant.releases.all)) == (key, True, [OWN])


def test_a_clock_that_is_set_back_lets_nothing_out(plant: Plant) -> None:
    """A release that was over would be open again; over a restart, until somebody says that the clock is right."""
    plant.release()
    plant.now += 2 * DAY_US
    plant.valve.let_out(PARCEL)
    plant.valve.keep()
    plant.now -= DAY_US
    assert plant.refusal() == "valve.clock"
    plant.books.close()
    plant.start()
    assert plant.refusal() == "valve.clock"

    plant.releases.shut(1)
    plant.releases.open(1)

    assert plant.refusal() == ""


def test_own_people_may_download_until_somebody_closes_that(plant: Plant) -> None:
    """The release is there from the start, and not again after a restart; another one needs two people."""
    parcel = Parcel(DOWNLOAD, OWN_PEOPLE, frozenset({"backups"}), b"1", "text/csv", "catalogue")
    assert plant.refusal(parcel) == ""
    plant.releases.close(OWN, 2)
    assert plant.refusal(parcel) == "valve.is_closed"
    plant.books.close()
    plant.start()
    assert plant.refusal(parcel) == "valve.is_closed"

    plant.release(replace(TERMS, flow=DOWNLOAD, address=OWN_PEOPLE, content=("*",), grade=Grade.CORE), by=(1, 2))

    assert plant.refusal(parcel) == ""


def test_what_another_process_closes_is_closed_here_with_the_next_beat(plant: Plant) -> None:
    """As the command does, whatever becomes of the node; it is in the ledger, and stays over other changes."""
    plant.release()
    with Books.open(plant.folder) as books:
        Releases(books, lambda: plant.now, lambda _: True, Ledger(books, lambda: plant.now)).shut(0)

    plant.valve.keep()

    assert plant.refusal() == "valve.shut"


def test_what_is_withheld_can_be_looked_at_before_it_is_allowed(plant: Plant) -> None:
    """The last of each kind, the exact bytes, and whether a release would let them out."""
    number = plant.release(by=())
    for content in (b"1", b"22"):
        plant.refusal(replace(PARCEL, content=content))
    plant.refusal(replace(PARCEL, what="DDATA mill", things=frozenset({"signal/press/recipe"})))

    held, release = plant.valve.held(), plant.releases.get(number)

    assert [(one.parcel.what, one.parcel.content) for one in held] == [("DDATA press", b"22"), ("DDATA mill", b"1.5")]
    whys = [plant.valve.would(release, one.parcel) for one in held]
    assert [why and why.key for why in whys] == [None, "valve.not_among"]
