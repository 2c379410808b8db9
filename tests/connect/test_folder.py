"""A watched folder: what appears in it is read once and whole, and nothing in it stops the rest."""

from __future__ import annotations

import asyncio
import os
import shutil
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from lineside.connect import MemorySink, SourceState, contract, listen, source
from lineside.connect.aside import Aside, Hangs
from lineside.connect.contract import Link, Peer, Rule
from lineside.connect.folder import FolderSource
from lineside.connect.folder_files import Read, Shelf, Stamp, Watch, copied, listed
from lineside.errors import ConfigurationError
from lineside.plant import SourceSettings

QUICK = {"scan_s": 0.05, "stable_s": 0.1}
RULES: tuple[Rule, ...] = (
    contract.values_are_delivered,
    contract.coverage_is_of_the_past,
    contract.a_peer_may_come_later,
    contract.a_cut_is_told_and_mended,
    contract.who_goes_on_later_misses_what_is_promised,
    contract.it_ends_when_told,
    contract.what_the_sink_raises_ends_it,
)
"""The other rules are of connections: a folder has none to stall, to be a stranger at or to log in to."""


class FolderPeer(Peer):
    """A program that writes a file for each value, and goes on where its folder cannot be seen by the source."""

    TYPE, SCHEME, ADDRESS = "folder", "", "load"
    OPTIONS: ClassVar = QUICK

    def __init__(self, place: Path) -> None:
        self.port = 0
        self.folder, self.away = place / "exports", place / "away"
        self._count = 0

    async def __aenter__(self) -> Self:
        self.folder.mkdir()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, link: Link, login: str = "") -> str:
        """Its folder."""
        del link, login
        return str(self.folder)

    async def say(self, number: float) -> None:
        """Writes a file."""
        self._count += 1
        folder = self.folder if self.folder.exists() else self.away
        write(folder / f"{self._count}.csv", f"{datetime.now(UTC).isoformat()},{number}")


class Share(Link):
    """The way to a folder, which goes when the share does."""

    def __init__(self, peer: FolderPeer) -> None:
        super().__init__(0)
        self._peer = peer

    async def cut(self) -> None:
        """Takes the folder away."""
        if self._peer.folder.exists():
            self._peer.folder.rename(self._peer.away)

    async def restore(self, *, instead: bytes | None = None) -> None:
        """Brings it back."""
        del instead
        if self._peer.away.exists():
            self._peer.away.rename(self._peer.folder)


def write(path: Path, *rows: str, head: str = "time,load") -> Path:
    """Writes a table."""
    path.write_text("\n".join((head, *rows)) + "\n", "utf-8")
    return path


def stamps(*seconds: int, load: float = 1.0) -> list[str]:
    """Rows of a table, so many seconds after six in the morning UTC."""
    return [f"2026-03-04T06:{second // 60:02}:{second % 60:02}Z,{load + second}" for second in seconds]


@asynccontextmanager
async def watching(
    folder: Path, sink: MemorySink, memory: dict[str, Any] | None = None, **said: Any
) -> AsyncIterator[FolderSource]:
    """The source of a folder, which runs while the block does."""
    options = QUICK | said.pop("options", {})
    settings = SourceSettings.model_validate(
        {"id": "f", "type": "folder", "url": str(folder), "options": options, **said}
    )
    peer = source(settings, {"load": "measure"})
    assert isinstance(peer, FolderSource)
    peer.zone = ZoneInfo("Europe/Berlin")
    if memory is not None:
        peer.memory = memory
    task = asyncio.create_task(peer.run(sink))
    try:
        yield peer
    finally:
        task.cancel()
        await asyncio.wait([task])
    if not task.cancelled():
        task.result()


def has(*numbers: float) -> Callable[[MemorySink], bool]:
    """Holds when all of these came."""
    return lambda sink: set(numbers) <= {row.number for row in sink.observations}


def told(state: SourceState, key: str, **fields: object) -> Callable[[MemorySink], bool]:
    """Holds when this was told last, with these fields."""

    def claim(sink: MemorySink) -> bool:
        last = sink.told[-1] if sink.told else None
        return last is not None and (last.state, last.key, {**last.fields, **fields}) == (
            state,
            f"connect.folder.{key}",
            last.fields,
        )

    return claim


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
async def test_a_folder_keeps_the_contract(rule: Rule, tmp_path: Path) -> None:
    """As far as it has no connection to be spoiled."""
    async with FolderPeer(tmp_path) as peer, Share(peer) as link:
        await rule(peer, link)


async def test_every_format_is_read(tmp_path: Path) -> None:
    """CSV, workbooks and SHDR; local times are of the plant."""
    write(tmp_path / "a.csv", "2026-03-04 07:00:00,1")
    (tmp_path / "b.shdr").write_text("2026-03-04T06:00:01Z|load|2\n", "utf-8")
    book = openpyxl.Workbook()
    for row in (["time", "load"], [datetime(2026, 3, 4, 7, 0, 2), 3]):  # noqa: DTZ001
        book.active.append(row)
    book.save(tmp_path / "c.xlsx")
    sink = MemorySink()

    async with watching(tmp_path, sink) as peer:
        await sink.until(has(1, 2, 3))
        await sink.until(told(SourceState.ACTIVE, "active"))

        assert {file.name for file in peer.files} == {"a.csv", "b.shdr", "c.xlsx"}
    assert sorted(row.time // 1_000_000 - 1_772_604_000 for row in sink.observations) == [0, 1, 2]


async def test_a_file_is_read_when_it_is_whole(tmp_path: Path) -> None:
    """Not while it grows, nor under the name of an unfinished one; and once."""
    sink = MemorySink()
    (tmp_path / "~$book.xlsx").write_bytes(b"lock")
    write(tmp_path / "next.csv.part", *stamps(9))

    async with watching(tmp_path, sink, options={"stable_s": 3}):
        growing = write(tmp_path / "a.csv")
        for second in range(12):
            with growing.open("a", encoding="utf-8") as file:
                file.write(stamps(second)[0] + "\n")
            await asyncio.sleep(0.06)
            assert not sink.observations
        await sink.until(has(*range(1, 13)))
        await asyncio.sleep(0.4)

    assert len(sink.observations) == 12


async def test_a_file_that_grew_or_changed_is_read_again(tmp_path: Path) -> None:
    """Its rows may come twice, under the same times; touched only, it is left alone."""
    path, sink = write(tmp_path / "a.csv", *stamps(0)), MemorySink()

    async with watching(tmp_path, sink):
        await sink.until(has(1))
        write(path, *stamps(0, 1))
        await sink.until(has(1, 2))
        count = len(sink.observations)
        os.utime(path, (1, 1))
        await asyncio.sleep(0.5)

    assert count == len(sink.observations) == 3


async def test_what_was_read_is_known_after_a_restart(tmp_path: Path) -> None:
    """By name, size, time and sum; when other signals are wanted everything is read again."""
    write(tmp_path / "a.csv", *stamps(0))
    sink, memory = MemorySink(), dict[str, Any]()
    async with watching(tmp_path, sink, memory):
        await sink.until(lambda s: "place" in memory and has(1)(s))

    later = MemorySink()
    async with watching(tmp_path, later, memory) as peer:
        await later.until(told(SourceState.ACTIVE, "active"))
        write(tmp_path / "b.csv", *stamps(1))
        await later.until(has(2))
        await later.until(told(SourceState.ACTIVE, "active", file="b.csv"))
        assert {file.name for file in peer.files} == {"a.csv", "b.csv"}
    other = MemorySink()
    async with watching(tmp_path, other, memory, options={"first": "day"}):
        await other.until(has(1, 2))

    assert {row.number for row in later.observations} == {2}


async def test_a_bad_file_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    """It stays where and as it is; mended or gone, the source is well again."""
    bad = tmp_path / "a.xlsx"
    bad.write_bytes(b"PK\x03\x04 no workbook")
    write(tmp_path / "b.csv", *stamps(0))
    sink = MemorySink()

    async with watching(tmp_path, sink) as peer:
        await sink.until(has(1))
        await sink.until(told(SourceState.DEGRADED, "bad"))
        assert "a.xlsx" in sink.told[-1].sentence()
        assert bad.read_bytes() == b"PK\x03\x04 no workbook"
        assert [file.error and file.error[0] for file in peer.files if file.name == "a.xlsx"] == [
            "connect.sheet.damaged"
        ]
        await asyncio.sleep(0.4)
        assert [key for _, key, _ in sink.losses] == ["connect.sheet.damaged"]
        bad.unlink()
        await sink.until(told(SourceState.ACTIVE, "active"))


async def test_a_file_with_nothing_wanted_is_told(tmp_path: Path) -> None:
    """A column that was named anew would else be missed in silence; a header alone is no fault."""
    write(tmp_path / "a.csv", "2026-03-04T06:00:00Z,1", head="time,Load")
    write(tmp_path / "b.csv")
    sink = MemorySink()

    async with watching(tmp_path, sink):
        await sink.until(told(SourceState.DEGRADED, "bad", count=1))

    assert [(key, fields["names"]) for _, key, fields in sink.losses] == [("connect.folder.nothing", "Load")]


async def test_a_test_of_a_folder_reads_what_is_there(tmp_path: Path) -> None:
    """It has no time to see whether files rest."""
    write(tmp_path / "a.csv", *stamps(0))
    settings = SourceSettings.model_validate({"id": "f", "type": "folder", "url": str(tmp_path)})

    ear = await listen(settings, {"load": "measure"}, 60, lambda _, ear: not ear.values)

    assert ear.came["load"].last.number == 1


async def test_faults_are_kept_by_row(tmp_path: Path) -> None:
    """Good rows are read; the page names the others, also after a restart."""
    write(tmp_path / "a.csv", "2026-03-04T06:00:00Z,1", "soon,2", "2026-03-04T06:00:02Z,much")
    sink, memory = MemorySink(), dict[str, Any]()
    async with watching(tmp_path, sink, memory):
        await sink.until(lambda s: "place" in memory and bool(s.losses))

    later = MemorySink()
    async with watching(tmp_path, later, memory) as peer:
        await later.until(told(SourceState.ACTIVE, "active"))
        file = peer.files[0]

    assert [row.number for row in sink.observations] == [1, None]
    assert (file.rows, file.faulty) == (3, 2)
    assert [list(fault) for fault in file.faults] == [
        ["bad_timestamp", 3, "time", "soon"],
        ["not_a_number", 4, "load", "much"],
    ]
    assert [(key, fields["count"], fields["line"]) for _, key, fields in sink.losses] == [
        ("connect.folder.faults", 2, 3)
    ]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
async def test_a_file_nobody_may_read_is_tried_again(tmp_path: Path) -> None:
    """It is well as soon as its permissions are, though it did not change."""
    path = write(tmp_path / "a.csv", *stamps(0))
    path.chmod(0)
    sink = MemorySink()

    async with watching(tmp_path, sink):
        await sink.until(told(SourceState.DEGRADED, "bad"))
        path.chmod(0o600)
        await sink.until(has(1))


async def test_one_logger_leaves_no_gap_between_its_files(tmp_path: Path) -> None:
    """Files a few minutes apart are one span; what lies further apart is a gap."""
    write(tmp_path / "a.csv", *stamps(0, 60))
    write(tmp_path / "b.csv", *stamps(120, 180))
    write(tmp_path / "c.csv", *stamps(3000, 3060))
    sink = MemorySink()

    async with watching(tmp_path, sink):
        await sink.until(has(1, 121, 3061))
        await sink.until(told(SourceState.ACTIVE, "active"))

    heard = {
        ((a - 1_772_604_000_000_000) // 1_000_000, (b - 1_772_604_000_000_000) // 1_000_000) for a, b in sink.spans
    }
    assert heard == {(0, 60), (60, 180), (3000, 3060)}


async def test_only_files_of_the_pattern_are_read_and_folders_below_when_asked(tmp_path: Path) -> None:
    """`files` is the pattern that `lineside import` knows a source by."""
    (tmp_path / "june").mkdir()
    write(tmp_path / "mill-1.csv", *stamps(0))
    write(tmp_path / "saw-1.csv", *stamps(1))
    write(tmp_path / "june" / "mill-2.csv", *stamps(2))
    sink = MemorySink()

    async with watching(tmp_path, sink, files="mill*", options={"subfolders": True}) as peer:
        await sink.until(told(SourceState.ACTIVE, "active", count=2))
        assert {file.name for file in peer.files} == {"mill-1.csv", "june/mill-2.csv"}


async def test_silence_is_told_when_asked(tmp_path: Path) -> None:
    """A program that stopped to write is noticed."""
    sink = MemorySink()

    async with watching(tmp_path, sink, options={"quiet_h": 0.0001}):
        await sink.until(told(SourceState.ACTIVE, "empty"))
        await sink.until(told(SourceState.DEGRADED, "quiet"))


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"url": "exports"}, "full path"),
        ({"url": None}, "full path"),
        ({"options": {"first": "year"}}, "first in a date"),
    ],
)
def test_settings_that_mean_nothing_are_refused(said: dict[str, Any], wrong: str) -> None:
    """When the plant file is checked, not at night."""
    settings = SourceSettings.model_validate({"id": "f", "type": "folder", "url": "/exports", **said})

    with pytest.raises(ConfigurationError, match=wrong):
        source(settings, {})


def test_a_file_that_never_rests_is_named() -> None:
    """It would be read never, and nobody would know."""
    now = [0.0]
    watch = Watch(10, lambda: now[0])
    for second in range(0, 100, 5):
        now[0] = second
        assert watch.whole({"log.csv": Stamp(second + 1, second)}) == []

    assert watch.growing(60) == "log.csv"
    assert watch.growing(200) is None
    now[0] += 10
    assert watch.whole({"log.csv": Stamp(96, 95)}) == ["log.csv"]
    assert watch.growing(60) is None


def test_a_file_that_changes_while_it_is_copied_is_not_read(tmp_path: Path) -> None:
    """The last line of one that goes on growing may be half."""
    path = write(tmp_path / "a.csv", *stamps(0))
    stamp = listed(tmp_path, "*", below=False)["a.csv"]

    same = copied(path, tmp_path / "copy", stamp)
    with path.open("a", encoding="utf-8") as file:
        file.write(stamps(1)[0][:-2])

    assert same
    assert (tmp_path / "copy").read_bytes() == b"time,load\n" + stamps(0)[0].encode() + b"\n"
    assert copied(path, tmp_path / "copy", stamp) is None


def test_very_many_files_are_known_by_the_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is remembered stays bounded."""
    monkeypatch.setattr("lineside.connect.folder_files.MOST_KNOWN", 2)
    shelf = Shelf(None, "x")
    shelf.files = {str(n): Read(1, 0, "", n) for n in range(5)}

    again = Shelf(shelf.place(), "x")

    assert list(again.files) == ["3", "4"]
    assert Shelf(shelf.place(), "y").files == {}


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    """A link to a folder is not followed."""
    (tmp_path / "again").symlink_to(tmp_path, target_is_directory=True)
    write(tmp_path / "a.csv", *stamps(0))

    assert list(listed(tmp_path, "*", below=True)) == ["a.csv"]


async def test_a_share_that_hangs_holds_up_nothing() -> None:
    """It is given up after a while, asked once only, and used again when it answers."""
    aside, free = Aside(0.1), threading.Event()

    async with asyncio.timeout(60):
        for _ in range(2):
            with pytest.raises(Hangs):
                await aside.do(free.wait)
        free.set()
        seven = None
        while seven is None:
            with suppress(Hangs):  # the thread has not noticed yet, or is slow to begin
                seven = await aside.do(lambda: 7)
            await asyncio.sleep(0.01)

    assert seven == 7
