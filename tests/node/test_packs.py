"""Solution packs at a node, with a real hub on a socket: kept, tried, put to use, told, taken back."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lineside.errors import ConfigurationError, LinesideError, UnusableData
from lineside.exchange import PACK, Adoption, Envelope, Foreseen, Need, encoded
from lineside.jobs import JobState
from lineside.node import Node, compared, series_of
from lineside.node.packs import together
from lineside.plant import PLANT_FILE
from lineside.trust import Key, Kind
from tests.hub_peer import HubPeer, served
from tests.node.february import at, copied
from tests.node.pack_shelf import pack, shelve, signed, words
from tests.node.test_member import Works

CHOSEN = {"machine": "m1", "cycle": 9}
MARCH = at(3, 10)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubPeer]:
    """A hub that answers."""
    peer = HubPeer(tmp_path / "hub", at(2, 1))
    peer.speak_freely()
    with served(peer):
        yield peer
    peer.hub.close()


@pytest.fixture
def works(month: Path, tmp_path: Path, hub: HubPeer) -> Iterator[Works]:
    """A node with that February, a member of the hub."""
    folder = tmp_path / "plant"
    folder.mkdir()
    made = Works(Node.open(copied(month, folder)), hub)
    made.joined(hub)
    made.clock(MARCH)
    yield made
    made.close()


def file(works: Works) -> bytes:
    """The plant file."""
    return (works.node.folder / PLANT_FILE).read_bytes()


def adoptions(hub: HubPeer) -> list[Adoption]:
    """What the hub was told of packs."""
    return [one for one in hub.said() if isinstance(one, Adoption)]


# -- the shelf ---------------------------------------------------------------------------------------------


def test_the_packs_of_the_hub_are_kept(works: Works, hub: HubPeer) -> None:
    """Once each; asked again, what the hub says beside them is brought up to date."""
    first, second = shelve(hub, [pack(hub), pack(hub, id="other")])
    shelf = works.node.packs.shelf

    fetched = shelf.fetch()
    shelve(hub, [pack(hub), pack(hub, id="other")], withdrawn=True, why=["it did not work"])
    again = shelf.fetch()

    assert (fetched.new, fetched.listed, fetched.problems) == (2, 2, ())
    assert (again.new, again.listed) == (0, 2)
    assert [one.sha256 for one in shelf.all()] == [second.sha256, first.sha256]
    assert [one.listed and one.listed.withdrawn for one in shelf.all()] == [True, True]
    assert shelf.get(first.sha256).pack == pack(hub)
    assert shelf.find("set-cycle") == shelf.find(first.sha256[:8])


def test_a_hub_without_a_shelf_is_named(works: Works, hub: HubPeer) -> None:
    """An older hub answers no such question; what it tells amiss is no list."""
    hub.hub.asks.words.pop("packs", None)
    with pytest.raises(UnusableData) as silent:
        works.node.packs.shelf.fetch()
    hub.hub.asks.words["packs"] = lambda _member, _ask: {"shelf": []}
    with pytest.raises(UnusableData) as amiss:
        works.node.packs.shelf.fetch()

    assert (silent.value.key, amiss.value.key) == ("solutions.no_shelf", "solutions.no_list")


def test_a_pack_that_the_hub_did_not_sign_is_not_taken(works: Works, hub: HubPeer, tmp_path: Path) -> None:
    """Whatever the hub's own list says of it; the others are."""
    good = shelve(hub, [pack(hub, id="good")])[0]
    forged = Envelope.sign(PACK, encoded(pack(hub)), Key.make(tmp_path / "other.key"))
    told = [{"sha256": forged.sha256}, {"sha256": good.sha256}]
    hub.hub.asks.words["packs"] = lambda _member, _ask: {"packs": told}
    texts = {one.sha256: msgspec.Raw(one.json()) for one in (good, forged)}
    hub.hub.asks.words["pack"] = lambda _member, ask: texts[ask.about]

    fetched = works.node.packs.shelf.fetch()

    assert [one.key for one in fetched.problems] == ["solutions.forged"]
    assert [one.pack.id for one in works.node.packs.shelf.all()] == ["good"]


def test_a_pack_comes_as_a_file(works: Works, hub: HubPeer) -> None:
    """Carried by somebody; twice is once, and a newer edition takes its place."""
    shelf = works.node.packs.shelf
    first, second = signed(hub, pack(hub)), signed(hub, pack(hub, edition=2))

    kept = shelf.take(first.json() + b"\n")
    shelf.take(first.json())
    shelf.take(second.json())

    assert (kept.came, kept.sha256) == ("file", first.sha256)
    assert [one.sha256 for one in shelf.all()] == [second.sha256]
    assert not shelf.get(first.sha256).newest


def test_a_pack_signed_before_the_hub_changed_its_key_is_good(works: Works, hub: HubPeer) -> None:
    """Its people did not lose the key, they gave the word to another one."""
    old = signed(hub, pack(hub))
    hub.hub.ledger.change_key()
    hub.backed_up(hub.folder.with_name("copy"))
    works.speak()
    shelve(hub, [pack(hub, id="later")])

    assert works.node.packs.shelf.take(old.json()).pack.id == "set-cycle"
    assert works.node.packs.shelf.fetch().new == 1


def spoilt(hub: HubPeer, what: str, key: Path) -> bytes:
    """A file that is no pack of this hub."""
    told = pack(hub)
    if what == "solutions.forged":
        return Envelope.sign(PACK, encoded(told), Key.make(key)).json()
    if what == "solutions.other_hub":
        return hub.hub.voice.say(PACK, encoded(pack(hub, hub="0" * 32)))
    if what == "solutions.replaced":
        return signed(hub, told).json()
    if what == "exchange.no_envelope":
        return signed(hub, told).json()[:-40]
    content = msgspec.to_builtins(told) | {"schema": "lineside.pack/9"}
    return hub.hub.voice.say(PACK, msgspec.json.encode(content))


@pytest.mark.parametrize(
    "what",
    ["solutions.forged", "solutions.other_hub", "solutions.replaced", "exchange.no_envelope", "solutions.no_pack"],
)
def test_a_file_that_is_no_good_is_refused_with_the_reason(
    works: Works, hub: HubPeer, what: str, tmp_path: Path
) -> None:
    """Forged, of another hub, replaced, cut short, malformed."""
    shelf = works.node.packs.shelf
    if what == "solutions.replaced":
        shelf.take(signed(hub, pack(hub, edition=2)).json())

    with pytest.raises(LinesideError) as refused:
        shelf.take(spoilt(hub, what, tmp_path / "other.key"))

    assert refused.value.key == what
    assert [one.pack.edition for one in shelf.all()] == ([2] if what == "solutions.replaced" else [])


def test_without_a_hub_nobody_vouches_for_a_pack(month: Path, tmp_path: Path, hub: HubPeer) -> None:
    """So no pack is taken."""
    folder = tmp_path / "plant"
    folder.mkdir()
    with Node.open(copied(month, folder)) as node, pytest.raises(ConfigurationError) as refused:
        node.packs.shelf.take(signed(hub, pack(hub)).json())

    assert refused.value.key == "solutions.no_hub"


# -- looking -----------------------------------------------------------------------------------------------


def test_looking_writes_nothing(works: Works, hub: HubPeer) -> None:
    """The file as it would be, with what was chosen in all parts of the pack."""
    before = file(works)
    kept = works.node.packs.shelf.take(signed(hub, pack(hub)).json())

    draft = works.node.packs.draft(kept.sha256, CHOSEN)

    assert file(works) == before == draft.plant.before
    added = [one[1:] for one in draft.plant.diff if one.startswith("+") and not one.startswith("+++")]
    assert 'name = "Press"  # as people call it' in added
    assert "ideal_cycle_s = 9" in added
    assert draft.plant.findings == ()
    assert draft.line == "l1"
    assert draft.changes == ({"name": "Faster", "scale": {"/stations/m1/work": 0.8}},)
    assert draft.settings[0].words.en == "Feed of m1"
    assert draft.instruction.en == "Set m1 to **9 s**."
    assert together("both", draft.changes).scales == {"/stations/m1/work": 0.8}


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({"machine": "m9"}, "solutions.no_machine"),
        ({}, "solutions.missing"),
        ({"machine": "m1", "cycle": "fast"}, "solutions.no_number"),
        ({"machine": "m1", "cycle": 61}, "solutions.out_of_bounds"),
        ({"machine": "m1", "cycle": float("nan")}, "solutions.out_of_bounds"),
        ({"machine": "m1", "label": 'x"'}, "solutions.no_text"),
        ({"machine": "m1", "other": 1}, "solutions.no_parameter"),
    ],
)
def test_values_that_fit_nothing_here_are_refused(works: Works, hub: HubPeer, given: dict[str, Any], key: str) -> None:
    """By the name of the parameter."""
    kept = works.node.packs.shelf.take(signed(hub, pack(hub)).json())

    with pytest.raises(ConfigurationError) as refused:
        works.node.packs.draft(kept.sha256, given)

    assert refused.value.key == key


def test_stations_are_those_of_the_lines(works: Works, hub: HubPeer) -> None:
    """A line without a twin has its machines for stations; the station says which line is meant."""
    parameters = (pack(hub).parameters[0],)
    station = msgspec.structs.replace(parameters[0], id="station", kind="station")
    told = pack(hub, parameters=(station,), plant="", settings=(), instruction=words("-"), changes=())
    kept = works.node.packs.shelf.take(signed(hub, told).json())

    draft = works.node.packs.draft(kept.sha256, {"station": "m3"})

    assert draft.line == "l3"
    assert not draft.plant.changes
    with pytest.raises(ConfigurationError) as refused:
        works.node.packs.draft(kept.sha256, {"station": "l3"})
    assert refused.value.key == "solutions.no_station"


def test_what_the_check_would_find_is_shown_and_stops_it(works: Works, hub: HubPeer) -> None:
    """A pack that names a signal that the machine has not is shown with the finding, and not applied."""
    told = pack(hub, plant='[machine.{machine}.units]\ntotal = "{label}"\n')
    kept = works.node.packs.shelf.take(signed(hub, told).json())
    before = file(works)

    draft = works.node.packs.draft(kept.sha256, CHOSEN)
    with pytest.raises(ConfigurationError) as refused:
        works.node.packs.apply(draft, draft.plant.before_sha256)

    assert [one.key for one in draft.plant.findings] == ["machine.m1.units.total"]
    assert refused.value.key == "solutions.findings"
    assert file(works) == before


# -- put to use --------------------------------------------------------------------------------------------


def test_a_pack_is_put_to_use_told_and_taken_back(works: Works, hub: HubPeer) -> None:
    """File, edition, books, both ledgers and the hub say the same; then the file is as it was, byte for byte."""
    packs, before = works.node.packs, file(works)
    kept = packs.shelf.take(signed(hub, pack(hub)).json())
    draft = packs.draft(kept.sha256, CHOSEN)

    applied = packs.apply(draft, draft.plant.before_sha256, cost_cny=2500.0, tell=True)
    works.speak()

    assert file(works) == draft.plant.after != before
    assert works.node.plant.products["bolt"].ideal_cycle_s == 9
    assert works.entries(Kind.PACK_APPLIED)[0]["facts"] == {
        "sha256": kept.sha256,
        "before": draft.plant.before_sha256,
        "after": draft.plant.after_sha256,
    }
    assert [(one.pack, one.month, one.cost_cny, one.ended) for one in adoptions(hub)] == [
        (kept.sha256, "2026-04", 2500.0, False)
    ]

    works.clock(at(5, 20))
    ended = packs.end(applied.id, why="it did not help")
    works.speak()

    assert file(works) == before
    assert works.node.plant.products["bolt"].ideal_cycle_s == 10
    assert (ended.in_use, ended.restored, ended.ended_month) == (False, True, "2026-06")
    assert [(one.month, one.ended, one.why) for one in adoptions(hub)[1:]] == [("2026-06", True, "it did not help")]
    assert len(works.entries(Kind.PACK_ENDED)) == 1


def test_nothing_is_told_that_nobody_wants_told(works: Works, hub: HubPeer) -> None:
    """The hub learns of it when somebody says so, once."""
    packs = works.node.packs
    kept = packs.shelf.take(signed(hub, pack(hub)).json())
    draft = packs.draft(kept.sha256, CHOSEN)

    applied = packs.apply(draft, draft.plant.before_sha256)
    works.speak()
    quiet = len(adoptions(hub))
    packs.tell(applied.id)
    works.speak()

    assert (quiet, len(adoptions(hub))) == (0, 1)
    with pytest.raises(ConfigurationError) as refused:
        packs.tell(applied.id)
    assert refused.value.key == "solutions.told_before"


def test_what_may_not_be_told_changes_nothing(works: Works, hub: HubPeer) -> None:
    """The valve is asked before the file is written, when it is put to use and when it is given up."""
    packs, before = works.node.packs, file(works)
    kept = packs.shelf.take(signed(hub, pack(hub)).json())
    draft = packs.draft(kept.sha256, CHOSEN)
    for one in list(works.node.valve.releases.all):
        works.node.valve.releases.close(one, None, "valve.by_hand")

    with pytest.raises(LinesideError) as refused:
        packs.apply(draft, draft.plant.before_sha256, tell=True)

    assert refused.value.key == "member.no_release"
    assert (file(works), packs.uses.all(), works.entries(Kind.PACK_APPLIED)) == (before, [], [])


def test_a_file_that_somebody_edited_meanwhile_is_not_overwritten(works: Works, hub: HubPeer) -> None:
    """Neither when a pack is applied, nor when what was before is put back; it can be given up as it is."""
    packs, path = works.node.packs, works.node.folder / PLANT_FILE
    kept = packs.shelf.take(signed(hub, pack(hub)).json())
    seen = packs.draft(kept.sha256, CHOSEN).plant.before_sha256
    path.write_bytes(file(works) + b"# mine\n")
    with pytest.raises(ConfigurationError) as early:
        packs.apply(packs.draft(kept.sha256, CHOSEN), seen)
    draft = packs.draft(kept.sha256, CHOSEN)
    applied = packs.apply(draft, draft.plant.before_sha256)
    path.write_bytes(file(works) + b"# mine too\n")
    mine = file(works)
    with pytest.raises(ConfigurationError) as late:
        packs.end(applied.id)

    assert (early.value.key, late.value.key) == ("solutions.file_changed", "solutions.file_changed")
    assert packs.uses.get(applied.id).in_use
    assert not packs.end(applied.id, restore=False).in_use
    assert file(works) == mine


def test_a_draft_whose_file_changes_under_it_is_not_written(works: Works, hub: HubPeer) -> None:
    """Between the look and the write: the file is compared once more, and the books keep nothing."""
    packs, path = works.node.packs, works.node.folder / PLANT_FILE
    kept = packs.shelf.take(signed(hub, pack(hub)).json())
    draft = packs.draft(kept.sha256, CHOSEN)
    path.write_bytes(file(works) + b"# mine\n")

    with pytest.raises(ConfigurationError) as refused:
        packs.apply(draft, draft.plant.before_sha256)

    assert refused.value.key == "solutions.file_changed"
    assert file(works).endswith(b"# mine\n")
    assert (packs.uses.all(), works.entries(Kind.PACK_APPLIED)) == ([], [])


def test_a_disk_that_refuses_leaves_all_as_it_was(works: Works, hub: HubPeer) -> None:
    """Where the file cannot be written, books and ledger say nothing either."""
    packs, before = works.node.packs, file(works)
    kept = packs.shelf.take(signed(hub, pack(hub)).json())
    draft = packs.draft(kept.sha256, CHOSEN)
    (works.node.folder / f".{PLANT_FILE}.{os.getpid()}").mkdir()

    with pytest.raises(LinesideError) as refused:
        packs.apply(draft, draft.plant.before_sha256)

    assert refused.value.key == "solutions.unwritten"
    assert (file(works), packs.uses.all(), works.entries(Kind.PACK_APPLIED)) == (before, [], [])


def test_a_pack_is_in_use_once_and_never_when_withdrawn(works: Works, hub: HubPeer) -> None:
    """The same values twice are refused; so is a pack that the hub took back, or that a newer edition replaced."""
    packs = works.node.packs
    envelope = shelve(hub, [pack(hub)])[0]
    packs.shelf.fetch()
    draft = packs.draft(envelope.sha256, CHOSEN)
    packs.apply(draft, draft.plant.before_sha256)
    keys = []
    for step in ("twice", "withdrawn", "replaced"):
        if step == "withdrawn":
            shelve(hub, [pack(hub)], withdrawn=True)
            packs.shelf.fetch()
        if step == "replaced":
            shelve(hub, [pack(hub)])
            packs.shelf.fetch()
            packs.shelf.take(signed(hub, pack(hub, edition=2)).json())
        again = packs.draft(envelope.sha256, CHOSEN)
        with pytest.raises(ConfigurationError) as refused:
            packs.apply(again, again.plant.before_sha256)
        keys.append(refused.value.key)

    assert keys == ["solutions.in_use", "solutions.withdrawn", "solutions.old_edition"]
    assert [one.pack.edition for one in packs.shelf.all()] == [2, 1], "the one in use is still shown"


# -- after -------------------------------------------------------------------------------------------------


def test_months_before_and_after_are_computed_by_the_node(works: Works, hub: HubPeer) -> None:
    """Each as the hub would be told it; a month without facts says why, and is left out of the means."""
    packs = works.node.packs
    kept = packs.shelf.take(signed(hub, pack(hub)).json())
    draft = packs.draft(kept.sha256, CHOSEN)
    foreseen = Foreseen(indicator="oee", low=0.0, high=0.1, relative=True)
    packs.uses.apply(draft, draft.plant.before_sha256, packs.first_whole(), foreseen)
    works.clock(at(6, 3))

    job = works.node.jobs.wait(packs.measure(works.node.jobs, 1).id, 60)
    applied = packs.uses.get(1)
    series = series_of(applied.measured)

    assert job.state is JobState.DONE, job
    assert series is not None
    before, after = series
    february = {one.indicator: one for one in works.member.told("2026-02", None).values}["oee"]
    assert [one.month for one in before][-2:] == ["2026-01", "2026-02"]
    assert (before[-1].value, before[-1].coverage) == (february.value, february.coverage)
    assert [one.month for one in after] == ["2026-04", "2026-05"]
    assert [one.value for one in after] == [None, None]
    assert all(one.absent for one in after)
    told = compared(before, after, 0.8, applied.foreseen, relative=True)
    assert (told.months_before, told.months_after, told.left_out, told.change) == (1, 0, 7, None)


# -- needs -------------------------------------------------------------------------------------------------


def test_a_need_is_posted_and_taken_back(works: Works, hub: HubPeer) -> None:
    """It reaches the hub by its number, and is over by a word that names it."""
    needs = works.node.packs.needs

    posted = needs.post(" Shorter stops ", "at the press", "recovery_time", 50_000.0)
    works.speak()
    sent = needs.all()[0]
    needs.take_back(posted.number)
    works.speak()

    assert (posted.taken, sent.taken) == (False, True)
    said = [one for one in hub.said() if isinstance(one, Need)]
    assert [(one.title, one.indicator, one.takes_back) for one in said] == [
        ("Shorter stops", "recovery_time", None),
        ("", None, posted.number),
    ]
    assert [(one.number, one.back) for one in needs.all()] == [(posted.number, said[1].number)]
    with pytest.raises(ConfigurationError) as refused:
        needs.take_back(posted.number)
    assert refused.value.key == "solutions.no_need"


def test_a_need_says_something_the_catalogue_knows(works: Works) -> None:
    """A title, and an indicator that there is."""
    with pytest.raises(ConfigurationError) as untitled:
        works.node.packs.needs.post("  ")
    with pytest.raises(ConfigurationError) as unknown:
        works.node.packs.needs.post("Faster", indicator="speed")

    assert (untitled.value.key, unknown.value.key) == ("solutions.no_title", "exchange.no_indicator")


def test_offers_are_read(works: Works, hub: HubPeer) -> None:
    """As the hub tells them; one that tells none is named."""
    needs = works.node.packs.needs
    hub.hub.asks.words.pop("offers", None)
    with pytest.raises(UnusableData) as silent:
        needs.offers()
    named = {"sha256": "a" * 64, "title": {"en": "A", "zh": "甲"}, "offered_by": "Lineside demo", "effects": []}
    drafted = {"title": {"en": "B", "zh": "乙"}, "offered_by": "Lineside demo", "number": 2}
    offers = [{"words": "Try this", "pack": named, "draft": None}, {"words": "", "pack": None, "draft": drafted}]
    told = {"needs": [{"number": 3, "title": "x", "offers": offers}]}
    hub.hub.asks.words["offers"] = lambda _member, _ask: told

    offered = needs.offers()

    assert silent.value.key == "solutions.no_offers"
    found = [
        (one.words, one.pack and one.pack.sha256, one.draft and one.draft.title["zh"]) for one in offered[0].offers
    ]
    assert found == [("Try this", "a" * 64, None), ("", None, "乙")]
