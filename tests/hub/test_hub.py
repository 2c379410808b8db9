"""A hub folder: one owner, its own books, exported whole."""

from __future__ import annotations

import asyncio
import hashlib
import json
import subprocess
import sys
import threading
from pathlib import Path

import msgspec
import pyarrow.parquet as pq
import pytest

from lineside.books import Base
from lineside.errors import ConfigurationError, FolderInUse
from lineside.exchange import Envelope
from lineside.hub import Hub, export_hub, size_of, submit_export
from lineside.jobs import JobState
from lineside.trust import Asked, Export
from tests.hub.conftest import Opens, write_hub
from tests.hub.factories import PROFILE, Clock, Factory


def test_a_folder_has_one_owner(hub: Hub, folder: Path) -> None:
    """A second process is refused, and so is a second opening in this one; a closed folder is free."""
    code = f"from lineside.hub import Hub; from pathlib import Path; Hub(Path({str(folder)!r}))"
    second = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert "FolderInUse" in second.stderr
    with pytest.raises(FolderInUse) as refused:
        Hub.open(folder)
    assert refused.value.key == "books.in_use"
    hub.close()
    Hub.open(folder).close()


def test_other_books_are_not_taken_for_its_own(hub: Hub, folder: Path) -> None:
    """Books that were lost, or are of another hub, are told; no new ledger is begun in their place."""
    hub.close()
    books = folder / "data" / "books.sqlite"
    kept = books.read_bytes()
    books.unlink()

    with pytest.raises(ConfigurationError) as refused:
        Hub.open(folder)

    assert refused.value.key == "hub.other_books"
    books.write_bytes(kept)
    Hub.open(folder).close()


def test_a_hub_is_known_by_the_same_id_after_its_key_changed(
    hub: Hub, opens: Opens, factory: Factory, folder: Path
) -> None:
    """Members that know the first key follow to the new one by the word of the old; old receipts stay as they were."""
    first = factory.say(factory.submission("2026-07"))
    before = factory.send(hub, first)[0].reply
    hub.ledger.change_key()

    hub = opens()

    assert hub.voice.key != factory.hub_key
    assert hub.receive(first.json())[0].reply == before is not None
    assert factory.send(hub, factory.say(factory.submission("2026-08")))[0].reply
    assert factory.told(hub, "status")["last"] == 2
    assert (folder / "data" / "hub.id").read_text("utf-8").strip() == factory.hub


async def test_a_live_hub_keeps_its_ledger(hub: Hub) -> None:
    """What was counted of strangers stands in the ledger about a second later, while the hub is alive."""
    hub.receive(b"nothing", "192.0.2.7")

    async with hub.live(), asyncio.timeout(60):
        while True:
            with hub.ledger.stored() as now:
                told = now.page(Asked(kinds=["statement.refused"]), 5)
            if told:
                break
            await asyncio.sleep(0.05)

    assert (told[0]["who"], told[0]["facts"]["why"]) == ("address/1", "exchange.no_envelope")


def test_a_whole_hub_can_leave(hub: Hub, factory: Factory, folder: Path, tmp_path: Path) -> None:
    """Register, statements with receipts as they travelled, ledger and figures, each with its sum; no key."""
    said = factory.say(factory.submission())
    receipt = factory.send(hub, said)[0].reply
    assert receipt is not None
    target = tmp_path / "out"

    job = hub.jobs.wait(submit_export(hub.jobs, folder, target).id, 60)

    assert job.state is JobState.DONE
    manifest = json.loads((target / "manifest.json").read_text("utf-8"))
    assert manifest["hub"] == hub.id
    assert manifest["files"].keys() | {"manifest.json"} == {one.name for one in target.iterdir()}
    for name, kept in manifest["files"].items():
        assert hashlib.sha256((target / name).read_bytes()).hexdigest() == kept["sha256"]
    (line,) = (target / "statements.jsonl").read_bytes().splitlines()
    told = msgspec.json.decode(line)
    assert Envelope.parse(msgspec.json.encode(told["envelope"])) == said
    assert msgspec.json.decode(receipt) == told["receipt"]
    assert Export.open(target / "ledger.jsonl").verify().wrong == []
    figures = pq.read_table(target / "figures.parquet").to_pylist()
    assert {(one["member"], one["month"], one["indicator"]): one["value"] for one in figures}[
        1, "2026-09", "oee"
    ] == 0.6
    assert [one["absent"] for one in figures if one["indicator"] == "lead_time"] == ["no_orders"]
    everything = b"".join(one.read_bytes() for one in target.iterdir())
    assert (folder / "data" / "ledger.key").read_bytes() not in everything


def test_no_table_of_a_hub_is_left_behind(hub: Hub, folder: Path, tmp_path: Path) -> None:
    """All that a hub keeps of members, of what was told and of what they apply for is exported, table by table."""
    export_hub(folder, hub.books, hub.ledger, hub.figures, tmp_path / "out")

    kept = [
        name for name in Base.metadata.tables if name.startswith(("hub_", "compare_", "application", "review_", "pack"))
    ]
    assert len(list((tmp_path / "out").glob("*.jsonl"))) - 1 == len(kept)  # and the ledger


def test_an_empty_hub_can_leave_too(hub: Hub, folder: Path, tmp_path: Path) -> None:
    """With no member and no value."""
    told = export_hub(folder, hub.books, hub.ledger, hub.figures, tmp_path / "out")

    assert (told["members"], told["statements"]) == (0, 0)
    assert pq.read_table(tmp_path / "out" / "figures.parquet").num_rows == 0


@pytest.mark.parametrize("place", ["inside", "there"])
def test_an_export_overwrites_nothing(hub: Hub, folder: Path, tmp_path: Path, place: str) -> None:
    """Nor does it go into the folder itself."""
    target = folder / "out" if place == "inside" else tmp_path

    with pytest.raises(ConfigurationError):
        export_hub(folder, hub.books, hub.ledger, hub.figures, target)


def test_a_size_is_known_as_far_as_the_profile_tells(hub: Hub) -> None:
    """By the scheme of the hub; what is not told leaves it open."""
    assert size_of(PROFILE, hub.settings.size_scheme) == "small"
    assert size_of(msgspec.structs.replace(PROFILE, employees=None), "cn-industry-2017") is None


def test_many_members_speak_at_once(tmp_path: Path, clock: Clock) -> None:
    """Each from a thread of its own, all are taken, and the ledger holds every statement once."""
    with Hub(write_hub(tmp_path / "hub"), now_us=clock) as hub:
        factories = [Factory.make(tmp_path, clock, f"m{at}").joined(hub, f"m{at}") for at in range(12)]

        def speak(factory: Factory) -> None:
            for month in range(1, 10):
                factory.send(hub, factory.say(factory.submission(f"2026-{month:02d}")))

        threads = [threading.Thread(target=speak, args=(factory,)) for factory in factories]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        entries = [receipt.entry for factory in factories for receipt in factory.receipts.values()]
        assert len(entries) == len(set(entries)) == 12 * 9
        assert hub.figures.snapshot().of("oee").value.shape == (12, 9)
