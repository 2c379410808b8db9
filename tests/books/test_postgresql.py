"""Books in a real PostgreSQL: the same records, promises and troubles as in a file."""

from __future__ import annotations

import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from lineside.books import HEAD, Base, Books, editions, record_edition
from lineside.books.hold import LOCK
from lineside.errors import ConfigurationError, FolderInUse, LinesideError
from lineside.hub.applications import ApplicationRecord
from lineside.hub.compare import ToldMonthRecord
from lineside.hub.records import StatementRecord
from lineside.jobs import Jobs, JobState
from lineside.node.places import PlaceRecord
from lineside.trust import Asked, Grant, Held, Kind, Ledger, People, Receipt, Role, exported_ledger, prove, scan_ledger
from lineside.twin.fit.keeping import TwinRecord
from lineside.valve import ToldRecord
from tests.postgres import Postgres, needed

SECRET = "s3cr:et/%40?"
NOW_US = 1_800_000_000_000_000
LET_GO = f"SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = {LOCK}"  # noqa: S608
"""Ends whoever has books for themselves."""


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """A PostgreSQL with an owner of books, who has a password."""
    with Postgres(needed()) as started:
        started.run(f"CREATE ROLE lineside LOGIN CREATEDB PASSWORD '{SECRET}'")
        yield started


@pytest.fixture
def url(server: Postgres) -> str:
    """The address of a database without anything in it, with the password."""
    name = f"b{uuid.uuid4().hex}"
    server.run(f"CREATE DATABASE {name} OWNER lineside")
    secret = SECRET.replace("%", "%25").replace("/", "%2F").replace(":", "%3A").replace("?", "%3F")
    return f"postgresql://lineside:{secret}@127.0.0.1:{server.port}/{name}"


@pytest.fixture
def books(url: str, tmp_path: Path) -> Iterator[Books]:
    """Books in that database."""
    with Books.open(tmp_path, url) as opened:
        yield opened


def record(books: Books, told: str) -> None:
    """Writes something."""
    with books.session() as session:
        record_edition(session, told, noticed_us=1)


def test_the_migrations_make_the_tables_the_rooms_declare(books: Books) -> None:
    """The same line of migrations builds on PostgreSQL what the rooms map."""
    with books.looking() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), Base.metadata)
        head = connection.scalar(text("SELECT version_num FROM alembic_version"))

    assert {
        one.__tablename__
        for one in (ApplicationRecord, PlaceRecord, StatementRecord, ToldMonthRecord, ToldRecord, TwinRecord)
    } <= Base.metadata.tables.keys()
    assert differences == []
    assert head == HEAD


def test_what_was_written_is_there_for_the_next_who_opens(url: str, tmp_path: Path) -> None:
    """A session is kept whole when it ends well, and undone when it raises; no file of books is made."""
    with Books.open(tmp_path, url) as books:
        with books.session() as session:
            record_edition(session, "kept", noticed_us=1)
        with suppress(KeyError), books.session() as session:
            record_edition(session, "undone", noticed_us=2)
            raise KeyError

    with Books.open(tmp_path, url) as books, books.reading() as session:
        assert [edition.text for edition in editions(session)] == ["kept"]
    assert not (tmp_path / "data" / "books.sqlite").exists()


def test_sessions_of_many_threads_lose_nothing(books: Books) -> None:
    """Sessions that read and then write come one after another, so none is refused and no number is given twice."""

    def write(thread: int) -> None:
        for number in range(5):
            with books.session() as session:
                record_edition(session, f"text {thread} {number}", noticed_us=number)

    threads = [threading.Thread(target=write, args=(thread,)) for thread in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with books.session() as session:
        assert [edition.number for edition in editions(session)] == list(range(1, 21))


def test_a_second_process_is_refused_while_the_first_has_the_books(url: str, tmp_path: Path) -> None:
    """It is told so at once, and nothing is changed; once the first lets go, the second may have them."""
    with Books.open(tmp_path / "one", url, alone=True) as first:
        record(first, "first")
        with pytest.raises(FolderInUse) as refused:
            Books.open(tmp_path / "two", url, alone=True)
        assert refused.value.key == "books.held"
        first.keep_hold()
        record(first, "still")

    with Books.open(tmp_path / "two", url, alone=True) as second:
        record(second, "second")


def test_the_books_of_a_killed_process_can_be_had_at_once(url: str, tmp_path: Path) -> None:
    """Though the server takes the lock back only when it sees that the process is gone; and so after a good end."""
    script = "import sys; from pathlib import Path; from lineside.books import Books\n"
    script += "books = Books.open(Path(sys.argv[1]), sys.argv[2], alone=True); print('has', flush=True); input()"
    for n in range(5):
        with subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path / f"one{n}"), url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"has\n"
            process.kill()
            Books.open(tmp_path / f"two{n}", url, alone=True).close()


def test_who_lost_the_books_writes_nothing_any_more(url: str, server: Postgres, tmp_path: Path) -> None:
    """After the server let its lock go and another took the books, each change of the first is refused."""
    with Books.open(tmp_path / "one", url, alone=True) as first:
        record(first, "first")
        server.run(LET_GO)
        with Books.open(tmp_path / "two", url, alone=True) as second:
            with pytest.raises(LinesideError) as taken:
                record(first, "lost")
            assert taken.value.key == "books.taken"
            with pytest.raises(FolderInUse):
                first.keep_hold()
            record(second, "second")
            with first.reading() as session:
                assert [one.text for one in editions(session)] == ["first", "second"]


def test_a_lock_that_the_server_let_go_is_taken_again(url: str, server: Postgres, tmp_path: Path) -> None:
    """Where nobody else came meanwhile the books stay those of the first."""
    with Books.open(tmp_path / "one", url, alone=True) as first:
        server.run(LET_GO)
        first.keep_hold()
        record(first, "kept")
        with pytest.raises(FolderInUse):
            Books.open(tmp_path / "two", url, alone=True)


def test_a_look_waits_for_no_writer_and_stays_as_it_was(books: Books) -> None:
    """While somebody writes, others read what was there before, and a look that began stays at its moment."""
    with books.looking() as look:
        before = look.scalar(text("SELECT count(*) FROM editions"))
        with books.session() as session:
            record_edition(session, "new", noticed_us=1)
            session.flush()
            with books.reading() as other:
                beside = list(editions(other))
        after = look.scalar(text("SELECT count(*) FROM editions"))

    with books.reading() as session:
        at_last = len(list(editions(session)))
    assert (before, beside, after, at_last) == (0, [], 0, 1)


def test_a_look_cannot_write(books: Books) -> None:
    """What only looks is told so by the database."""
    with pytest.raises(LinesideError) as raised, books.looking() as look:
        look.execute(text("DELETE FROM editions"))

    assert raised.value.key == "books.read_only"


def test_the_ledger_proves_there_what_it_proves_in_a_file(books: Books, tmp_path: Path) -> None:
    """Entries, heads, proofs, receipts and exports are those of any ledger."""
    ledger = Ledger(books, lambda: NOW_US)
    for number in range(1, 40):
        ledger.append(Kind.BACKUP, made=number)
    ledger.count(Kind.LOGIN_WRONG, address="192.0.2.7")
    ledger.flush(everything=True)

    head = ledger.head()
    receipt = Receipt.sign(ledger._key, head, NOW_US)  # noqa: SLF001 - anybody's key would do
    ledger.keep_receipt(receipt)
    with ledger.stored() as now:
        file = tmp_path / "ledger.jsonl"
        file.write_bytes(b"".join(exported_ledger(now, head)))
        found = scan_ledger(now.entries()).verdict([], [Held(head, "held elsewhere")])
        newest = now.page(Asked(kinds=(Kind.BACKUP,)), 2)
        addresses, kept = now.addresses(), now.heads(receipts=True)

    assert (found.whole, found.compared, found.size) == (True, 1, head.size + 1)
    assert [one["facts"]["made"] for one in newest] == [39, 38]
    assert (addresses, len(kept)) == ({1: "192.0.2.7"}, 1)
    assert len(prove(ledger, 3, None)["proof"]) == 6
    assert (tmp_path / "data" / "ledger.key").exists()


def test_people_and_work_live_there(books: Books) -> None:
    """Accounts, their roles and jobs are records like all others."""
    people = People(books, lambda: NOW_US, Ledger(books, lambda: NOW_US))
    people.add("mei", "person", [Grant(Role.ADMINISTRATOR)], by="machine")
    jobs = Jobs(books, {"count": lambda _, params: {"twice": 2 * int(str(params["number"]))}})
    try:
        number = jobs.submit("count", "Counting", {"number": 4}).id
        waiting = threading.Event()
        while jobs.get(number).state in (JobState.QUEUED, JobState.RUNNING):
            waiting.wait(0.02)
        done = jobs.get(number)
    finally:
        jobs.close()

    assert [str(grant) for grant in people.get("mei").grants] == ["administrator"]
    assert (done.state, done.result) == (JobState.DONE, {"twice": 8})


@pytest.mark.parametrize("spoiled", ["password", "port", "database"])
def test_a_database_out_of_reach_is_told_without_the_password(
    url: str, server: Postgres, tmp_path: Path, spoiled: str
) -> None:
    """The error names the address and what to see to, and never the password."""
    wrong = {
        "password": url.replace("s3cr", "secr"),
        "port": url.replace(f":{server.port}/", ":1/"),
        "database": f"{url}x",
    }[spoiled]

    with pytest.raises(LinesideError) as raised:
        Books.open(tmp_path, wrong)

    told = f"{raised.value.sentence('en')} {raised.value.cure('en')} {raised.value.fields}"
    assert raised.value.key == "books.unreachable"
    assert "127.0.0.1" in told
    assert "cr:et" not in told
    assert "cr%3Aet" not in told


def test_a_server_that_was_gone_is_found_again(url: str, server: Postgres, tmp_path: Path) -> None:
    """While it is away each session says so; when it is back the next one goes on."""
    with Books.open(tmp_path, url) as books:
        server.stop()
        try:
            with pytest.raises(LinesideError) as raised:
                record(books, "lost")
        finally:
            server.start()
        record(books, "kept")

        with books.reading() as session:
            assert [edition.text for edition in editions(session)] == ["kept"]
    assert raised.value.key == "books.unreachable"


@pytest.mark.parametrize("address", ["mysql://a@b/c", "books.sqlite", "sqlite:///x", ""])
def test_only_an_address_of_postgresql_is_one(address: str, tmp_path: Path) -> None:
    """Anything else is refused before anything is opened."""
    with pytest.raises(ConfigurationError) as raised:
        Books.open(tmp_path, address)

    assert raised.value.key == "books.no_url"
