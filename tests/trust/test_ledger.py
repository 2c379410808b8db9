from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from lineside.books import Books
from lineside.errors import ConfigurationError, LinesideError, UnusableData
from lineside.trust.ledger import (
    Asked,
    Entry,
    Export,
    Head,
    Held,
    Key,
    Kind,
    Ledger,
    Receipt,
    Verdict,
    append,
    as_file,
    exported_ledger,
    marked_head,
    read_held,
    scan_ledger,
    stored_ledger,
    write_export,
)
from lineside.trust.ledger.tree import Tree, leaf_hash
from tests.trust.conftest import START_US, Clock

MINUTE_US = 60_000_000


@pytest.fixture
def ledger(books: Books, clock: Clock) -> Ledger:
    """A ledger of one entry, which says that it begins."""
    return Ledger(books, clock)


def grow(books: Books, count: int) -> None:
    """Writes entries that are all different."""
    with books.session() as rows:
        append(
            rows,
            [Entry(Kind.TALLY, START_US + one, "account/1", "machine/press", {"good": one}) for one in range(count)],
        )


def kinds(ledger: Ledger) -> list[str]:
    """The kinds of all entries, the oldest first."""
    with ledger.stored() as now:
        return [entry["kind"] for entry in now.page(Asked(), 10_000)][::-1]


def verified(ledger: Ledger, *held: Held) -> Verdict:
    """What is found in the books."""
    with ledger.stored() as now:
        own = [Head.parse(text, "own") for *_, text in now.heads(receipts=False)]
        return scan_ledger(now.entries()).verdict(own, held)


def keys(verdict: Verdict) -> list[str]:
    """What is wrong, by key."""
    return [one.key for one in verdict.wrong]


def held_now(ledger: Ledger, level: int | None = None) -> Held:
    """What somebody takes away today."""
    with ledger.stored() as now:
        return Held.of(ledger.head(), now.at, file="held", level=level)


def test_an_entry_is_there_with_its_change_or_not_at_all(books: Books, ledger: Ledger) -> None:
    """An entry is undone with the transaction that it was written in, and the next one takes its place."""

    def fail() -> None:
        with books.session() as rows:
            ledger.write(rows, Kind.ROLES, about="account/1")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    ledger.append(Kind.BACKUP)

    assert kinds(ledger) == ["ledger.begun", "backup.made"]
    assert verified(ledger).whole


def test_the_key_is_its_owners_alone(books: Books, ledger: Ledger, clock: Clock) -> None:
    """Nobody else may read the key; rights that were widened are narrowed at the next start."""
    mode = ledger.file.stat().st_mode & 0o777
    ledger.file.chmod(0o644)

    again = Ledger(books, clock)

    assert mode == again.file.stat().st_mode & 0o777 == 0o600
    assert again.key == ledger.key
    assert kinds(again) == ["ledger.begun"]


def test_no_name_gets_into_an_entry() -> None:
    """Who did something is a number: a name would stay for good."""
    with pytest.raises(ValueError, match="eva"):
        Entry(Kind.LOGGED_IN, START_US, "eva", "node")


def test_stored_subtrees_give_the_roots_and_proofs_of_all_entries(books: Books, ledger: Ledger) -> None:
    """Entries appended in batches of any size have the root that their bytes give."""
    for count in (1, 2, 3, 7, 64, 5):
        grow(books, count)

    with ledger.stored() as now:
        tree = Tree([leaf_hash(body) for _, body, _ in now.entries()])
        roots = [now.root(size) for size in range(1, now.size + 1)]

    assert roots == [tree.root(size) for size in range(1, len(tree) + 1)]


def test_a_subtree_that_was_lost_is_made_again(books: Books, ledger: Ledger) -> None:
    """Hashes that are missing in the books hinder nobody: they come of the entries."""
    grow(books, 20)
    with closing(sqlite3.connect(ledger.name)) as raw, raw:
        raw.execute("DELETE FROM ledger_nodes WHERE level > 0")

    grow(books, 20)

    assert verified(ledger, held_now(ledger)).whole


def test_wrong_passwords_by_the_thousand_are_two_entries_a_minute(ledger: Ledger, clock: Clock) -> None:
    """The first is told within a second, the others with their count when the minute is over."""
    for _ in range(1000):
        ledger.count(Kind.LOGIN_WRONG, address="10.0.0.7", about="account/1")
        ledger.flush()
        clock.us += 1000
    clock.us += MINUTE_US
    ledger.flush()

    with ledger.stored() as now:
        told = now.page(Asked(kinds=["login.wrong"]), 10)
        assert now.addresses() == {1: "10.0.0.7"}
    assert [one["facts"]["count"] for one in told] == [999, 1]
    assert {one["who"] for one in told} == {"address/1"}


def test_an_address_is_forgotten_and_its_number_stays_taken(books: Books, ledger: Ledger, clock: Clock) -> None:
    """Long after it was last seen nobody can say whose a number was; one that is still seen, or new, has another."""
    for address in ("10.0.0.7", "10.0.0.8"):
        ledger.count(Kind.LOGIN_WRONG, address=address, about="account/1")
    ledger.flush(everything=True)
    clock.us += 3_600_000_000
    ledger.count(Kind.LOGIN_WRONG, address="10.0.0.8", about="account/1")
    ledger.flush(everything=True)

    ledger.forget_addresses(clock.us)
    ledger.count(Kind.LOGIN_WRONG, address="10.0.0.7", about="account/1")
    ledger.flush(everything=True)

    with stored_ledger(Path(books.name)) as now:
        assert now.addresses() == {1: "forgotten-1", 2: "10.0.0.8", 3: "10.0.0.7"}


def test_many_addresses_do_not_fill_the_disk(ledger: Ledger) -> None:
    """Of a minute some fifty sorts are told apart, the rest as one, and nothing is lost of the count."""
    for number in range(500):
        ledger.count(Kind.LOGIN_WRONG, address=f"10.0.{number // 250}.{number % 250}", about="account/1")
    ledger.flush(everything=True)

    with ledger.stored() as now:
        counts = [one["facts"]["count"] for one in now.page(Asked(kinds=["login.wrong"]), 1000)]
    assert len(counts) == 51
    assert sum(counts) == 500


def test_what_cannot_be_written_is_told_later(ledger: Ledger) -> None:
    """A count stays until it is in the books."""
    ledger.count(Kind.REFUSED, who="account/1", permission="people.write")
    with closing(sqlite3.connect(ledger.name)) as raw, raw:
        raw.execute("ALTER TABLE ledger_entries RENAME TO away")
    with pytest.raises(Exception, match="no such table"):
        ledger.flush()
    with closing(sqlite3.connect(ledger.name)) as raw, raw:
        raw.execute("ALTER TABLE away RENAME TO ledger_entries")

    ledger.flush()

    assert kinds(ledger) == ["ledger.begun", "request.refused"]


def test_a_changed_key_is_vouched_for_by_the_one_before(books: Books, ledger: Ledger, clock: Clock) -> None:
    """Heads before and after a change of the key are verified; the key stays changed after a restart."""
    before = held_now(ledger)
    fingerprint = ledger.change_key()

    again = Ledger(books, clock)
    verdict = verified(again, before, held_now(again))

    assert verdict.whole
    assert verdict.notes == []
    assert verdict.key == fingerprint


def test_a_change_of_the_key_that_was_cut_off_is_finished(books: Books, ledger: Ledger, clock: Clock) -> None:
    """Ended between the entry and the file, the node takes the key that the ledger names."""
    old = ledger.file.read_bytes()
    ledger.change_key()
    ledger.file.rename(ledger.file.with_suffix(".new"))
    ledger.file.write_bytes(old)

    again = Ledger(books, clock)

    assert again.key == ledger.key
    assert kinds(again) == ["ledger.begun", "key.changed"]


def test_a_lost_key_is_told(books: Books, ledger: Ledger, clock: Clock) -> None:
    """Without its key the node makes another, and verification says that people must compare it."""
    before = held_now(ledger)
    ledger.file.unlink()

    again = Ledger(books, clock)
    verdict = verified(again, before, held_now(again))

    assert verdict.whole
    assert [one.key for one in verdict.notes] == ["ledger.key_lost"]


def test_a_key_that_nobody_vouched_for_is_found(ledger: Ledger, tmp_path: Path) -> None:
    """Who writes an entry with a key of their own cannot sign it with the one before."""
    thief = Key.make(tmp_path / "thief")
    ledger.append(Kind.KEY_CHANGED, key=thief.public.hex(), signature="00" * 64)

    assert keys(verified(ledger)) == ["ledger.key_taken"]


def test_a_receipt_is_kept_of_this_past_alone(ledger: Ledger, tmp_path: Path) -> None:
    """What an auditor countersigned comes back and is shown; of another ledger or another past it is refused."""
    auditor = Key.make(tmp_path / "auditor")
    receipt = Receipt.sign(auditor, ledger.head(), START_US)
    with Books.open(tmp_path / "other") as others:
        foreign = Receipt.sign(auditor, Ledger(others, lambda: START_US).head(), START_US)
    forged = Receipt.sign(auditor, Head.sign(auditor, ledger.head().log, 1, b"\1" * 32, START_US), START_US)

    ledger.keep_receipt(Receipt.parse(json.loads(as_file(receipt.told())), "receipt"))
    ledger.keep_receipt(receipt)

    with ledger.stored() as now:
        assert [text for *_, text in now.heads(receipts=True)] == [receipt.told()]
    assert kinds(ledger) == ["ledger.begun", "receipt.kept"]
    for wrong, key in ((foreign, "ledger.foreign"), (forged, "ledger.other_past")):
        with pytest.raises(UnusableData) as raised:
            ledger.keep_receipt(wrong)
        assert raised.value.key == key


@pytest.mark.parametrize(
    ("spoil", "key"),
    [
        (lambda told: told | {"size": told["size"] + 1}, "ledger.head_forged"),
        (lambda told: told | {"root": "00" * 32}, "ledger.head_forged"),
        (lambda told: told | {"root": "00"}, "ledger.no_head"),
        (lambda told: told | {"size": -1}, "ledger.no_head"),
        (lambda told: told | {"size": True}, "ledger.no_head"),
        (lambda told: told | {"size": 1e9}, "ledger.no_head"),
        (lambda told: told | {"time": 2**80}, "ledger.no_head"),
        (lambda told: told | {"signature": 5}, "ledger.no_head"),
        (lambda told: told | {"signature": "xyz"}, "ledger.head_forged"),
        (lambda told: told | {"format": "lineside.receipt/1"}, "ledger.no_head"),
        (lambda told: told | {"format": "lineside.held/1"}, "ledger.no_head"),
        (lambda _: [], "ledger.no_head"),
        (lambda _: {}, "ledger.no_head"),
    ],
)
def test_a_head_that_was_tampered_with_is_refused(
    ledger: Ledger, spoil: Callable[[dict[str, object]], object], key: str
) -> None:
    """A changed, cut or foreign head is refused in words, whatever it holds."""
    with pytest.raises(UnusableData) as raised:
        Held.parse(json.dumps(spoil(ledger.head().told())).encode(), "head")

    assert raised.value.key == key


@pytest.mark.parametrize("level", [None, 0, 3, 5])
def test_marks_belong_to_their_head(books: Books, ledger: Ledger, level: int | None) -> None:
    """Marks come back as they were written, and a changed one is found."""
    grow(books, 41)
    held = held_now(ledger, level)
    told = held.told()

    assert Held.parse(as_file(told), "held") == held
    told["marks"][0] = "11" * 32
    with pytest.raises(UnusableData) as raised:
        Held.parse(as_file(told), "held")
    assert raised.value.key == "ledger.marks_forged"


@pytest.mark.parametrize("text", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"format": "lineside.ledger/1"}', b"1"])
def test_what_is_no_file_of_a_ledger_is_refused(tmp_path: Path, text: bytes) -> None:
    """Any other file is refused in words."""
    path = tmp_path / "file"
    path.write_bytes(text)

    for read in (read_held, Export.open, Key.read):
        with pytest.raises(LinesideError):
            read(path)
        with pytest.raises(LinesideError):
            read(tmp_path / "none")


class Attacker:
    """Owns the node and its key: changes entries, and signs whatever comes of it."""

    def __init__(self, bodies: list[bytes], key: Key, log: str, random: Random) -> None:
        self.bodies, self._key, self._log, self._random = list(bodies), key, log, random
        self.first = random.randrange(1, len(bodies))

    def changed(self) -> None:
        """Another count in one entry."""
        self.bodies[self.first] = self._another()

    def removed(self) -> None:
        """Takes some entries out."""
        del self.bodies[self.first : self.first + self._random.randint(1, 3)]

    def inserted(self) -> None:
        """Puts some in between."""
        self.bodies[self.first : self.first] = [self._another() for _ in range(self._random.randint(1, 3))]

    def truncated(self) -> None:
        """Cuts the end off."""
        del self.bodies[self.first :]

    def rolled_back(self) -> None:
        """Puts an older state back and goes on from there, past where it was."""
        count = len(self.bodies) - self.first + self._random.randint(0, 5)
        self.bodies[self.first :] = [self._another() for _ in range(count)]

    def _another(self) -> bytes:
        facts = {"good": self._random.randrange(10**9, 10**12)}
        return Entry(Kind.TALLY, START_US, "account/1", "machine/press", facts).bytes()

    def file(self, path: Path) -> Export:
        """An export that is right in itself."""
        head = Head.sign(self._key, self._log, len(self.bodies), Tree(list(map(leaf_hash, self.bodies))).root(), 0)
        line = json.dumps({"format": "lineside.ledger/1", "head": head.told(), "own": [], "receipts": []})
        path.write_bytes(b"\n".join([line.encode(), *self.bodies, b""]))
        return Export.open(path)


@pytest.mark.parametrize("what", ["changed", "removed", "inserted", "truncated", "rolled_back"])
def test_every_change_is_found_and_placed_by_a_head_held_elsewhere(
    books: Books, ledger: Ledger, tmp_path: Path, what: str
) -> None:
    """Two hundred of each, all hashes computed anew and signed by the node's own key: each is found, and placed.

    Marks of a small ledger name the entry and what was done to it; coarse ones the part; a bare head says so alone.
    """
    grow(books, 60)
    exact, coarse = held_now(ledger), held_now(ledger, level=3)
    bare = Held(exact.head, "bare")
    with ledger.stored() as now:
        bodies = [body for _, body, _ in now.entries()]
    key, names = Key.read(ledger.file), {"truncated": "cut", "rolled_back": "other"}

    for seed in range(200):
        attacker = Attacker(bodies, key, exact.head.log, Random(seed))
        getattr(attacker, what)()
        forged = attacker.file(tmp_path / "forged")

        assert forged.verify().whole, seed
        (found,) = forged.verify([exact]).wrong
        last = attacker.first + 1 >= len(bodies) or (what == "removed" and attacker.first + 3 >= len(bodies))
        assert found.fields["first"] == attacker.first, seed
        assert last or found.key == f"ledger.{names.get(what, what)}", seed
        (found,) = forged.verify([coarse]).wrong
        first, end = found.fields["first"], found.fields["last"]
        assert isinstance(first, int)
        assert isinstance(end, int)
        assert first <= attacker.first <= end <= first + 8, seed
        assert keys(forged.verify([bare])) in (["ledger.differs"], ["ledger.shorter"]), seed


def test_several_heads_place_a_change_between_them(books: Books, ledger: Ledger, tmp_path: Path) -> None:
    """A bare head that still agrees says that the change comes after it."""
    grow(books, 30)
    early = Held(ledger.head(), "early")
    grow(books, 30)
    late = Held(ledger.head(), "late")
    with ledger.stored() as now:
        bodies = [body for _, body, _ in now.entries()]
    attacker = Attacker(bodies, Key.read(ledger.file), late.head.log, Random(1))
    attacker.first = 40
    attacker.changed()

    (found,) = attacker.file(tmp_path / "forged").verify([early, late]).wrong

    assert (found.fields["first"], found.fields["last"]) == (31, 60)


def test_an_export_is_verified_without_the_node(books: Books, ledger: Ledger, tmp_path: Path) -> None:
    """A file that was exported is whole by itself, and against heads held elsewhere and other exports."""
    grow(books, 20)
    early = held_now(ledger)
    grow(books, 300)
    with ledger.stored() as now:
        head = ledger.head()
        write_export(tmp_path / "export", exported_ledger(now, head))
        (tmp_path / "head").write_bytes(as_file(marked_head(head, now.at)))

    verdict = Export.open(tmp_path / "export").verify(
        [early, read_held(tmp_path / "head"), read_held(tmp_path / "export")]
    )

    assert verdict.whole
    assert (verdict.size, verdict.compared) == (321, 3)
    with pytest.raises(UnusableData):
        write_export(tmp_path / "export", [])


@pytest.mark.parametrize("kept", [0.3, 0.9])
def test_a_truncated_export_is_told(books: Books, ledger: Ledger, tmp_path: Path, kept: float) -> None:
    """A file that was cut on its way is not whole, wherever it was cut."""
    grow(books, 50)
    with ledger.stored() as now:
        write_export(tmp_path / "export", exported_ledger(now, ledger.head()))
    whole = (tmp_path / "export").read_bytes()
    (tmp_path / "export").write_bytes(whole[: int(len(whole) * kept)])

    assert "ledger.own_head" in keys(Export.open(tmp_path / "export").verify())


def test_an_export_of_another_plant_is_told(ledger: Ledger, tmp_path: Path) -> None:
    """A head of another node says that it is of another ledger, not that entries were changed."""
    with Books.open(tmp_path / "other") as others:
        foreign = held_now(Ledger(others, lambda: START_US))

    assert keys(verified(ledger, foreign)) == ["ledger.other_log"]


def test_damaged_rows_are_named(books: Books, ledger: Ledger) -> None:
    """Rows that were changed or deleted in the books are told with their number, without any head."""
    grow(books, 20)
    with closing(sqlite3.connect(ledger.name)) as raw, raw:
        raw.execute("UPDATE ledger_entries SET body = x'7b7d' WHERE \"index\" = 5")
        raw.execute('DELETE FROM ledger_entries WHERE "index" = 9')

    found = [(one.key, one.fields["entry"]) for one in verified(ledger).wrong]

    assert found == [("ledger.unlike", 5), ("ledger.no_entry", 5), ("ledger.gap", 9)]


def test_a_clock_that_was_a_day_off_is_a_note(ledger: Ledger, clock: Clock) -> None:
    """Time that goes back is told, and what counts is the order."""
    clock.us -= 86_400_000_000
    ledger.append(Kind.BACKUP)

    verdict = verified(ledger, held_now(ledger))

    assert verdict.whole
    assert [(one.key, one.fields["hours"]) for one in verdict.notes] == [("ledger.clock", 24)]


def test_the_node_keeps_heads_of_its_own(books: Books, ledger: Ledger, clock: Clock) -> None:
    """One after an hour with news or a thousand entries, none without news."""
    kept = [ledger.keep_head()]
    clock.us += 3_600_000_000
    kept.append(ledger.keep_head())
    grow(books, 1)
    kept.append(ledger.keep_head())
    grow(books, 999)
    kept.append(ledger.keep_head())
    grow(books, 1)
    kept.append(ledger.keep_head())

    assert kept == [True, False, True, False, True]


def test_entries_are_found_by_kind_person_and_time(ledger: Ledger, clock: Clock) -> None:
    """Filters narrow what is shown, and the newest come first."""
    clock.us += 1_000_000
    ledger.append(Kind.BACKUP, who="account/2")
    ledger.append(Kind.RESTORED, who="account/2", made="2026-11-27")

    with ledger.stored() as now:
        by_kind = now.page(Asked(kinds=["backup.made"]), 9)
        by_who = now.page(Asked(who="account/2"), 9)
        by_time = now.page(Asked(end_us=clock.us), 9)
        before = now.page(Asked(before=2), 1)

    assert [one["index"] for one in by_kind] == [1]
    assert [one["index"] for one in by_who] == [2, 1]
    assert [one["index"] for one in by_time] == [0]
    assert [one["index"] for one in before] == [1]


def test_a_key_file_that_holds_none_stops_the_start_in_words(books: Books, ledger: Ledger, clock: Clock) -> None:
    """A damaged key file is named, with what to do."""
    ledger.file.write_text("no key")

    with pytest.raises(ConfigurationError) as raised:
        Ledger(books, clock)

    assert raised.value.key == "ledger.no_key"
