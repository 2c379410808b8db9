"""OCEL 2.0 in its three forms, as https://www.ocel-standard.org/specification/ writes them down."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineside.errors import ConfigurationError
from lineside.twin.fit.reading import read_log

Events: TypeAlias = list[tuple[str, str, str, list[str]]]
"""Id, type, time and objects."""

OBJECTS = {"p1": "Part", "p2": "Part", "m1": "Machine", "t1": "Tray"}
EVENTS: Events = [
    ("e1", "saw off", "06:00:10", ["p1", "m1", "t1"]),
    ("e2", "saw off", "06:00:20", ["p2", "m1", "t1"]),
    ("e3", "wash", "06:00:40", ["p1"]),
]


def as_json(path: Path) -> None:
    """The log as JSON."""
    document = {
        "objectTypes": [],
        "eventTypes": [],
        "objects": [{"id": one, "type": kind} for one, kind in OBJECTS.items()],
        "events": [
            {
                "id": one,
                "type": kind,
                "time": f"2026-03-02T{clock}Z",
                "attributes": [{"name": "result", "value": "ok"}],
                "relationships": [{"objectId": named, "qualifier": ""} for named in related],
            }
            for one, kind, clock, related in EVENTS
        ],
    }
    path.write_text(json.dumps(document), "utf-8")


def as_xml(path: Path, named: str = "relationship", *, types: str = "<object-types/><event-types/>") -> None:
    """The log as XML; an object that an event names bears one of several tags."""
    objects = "".join(
        f'<object id="{one}" type="{kind}"><attributes><attribute name="mass" time="1970-01-01T00:00:00Z">3</attribute>'
        f'</attributes><objects><{named} object-id="t1" qualifier="on"/></objects></object>'
        for one, kind in OBJECTS.items()
    )
    events = "".join(
        f'<event id="{one}" type="{kind}" time="2026-03-02T{clock}Z">'
        '<attributes><attribute name="result">ok</attribute></attributes><objects>'
        + "".join(f'<{named} object-id="{other}" qualifier=""/>' for other in related)
        + "</objects></event>"
        for one, kind, clock, related in EVENTS
    )
    text = f'<?xml version="1.0"?><log>{types}<objects>{objects}</objects><events><!-- all -->{events}</events></log>'
    path.write_text(text, "utf-8")


def as_other_xml(path: Path) -> None:
    """The same as the schema has it, where what an event names is again an object."""
    as_xml(path, "object", types="")


def as_sqlite(path: Path, *, mode: str = "delete") -> None:
    """The log as a database: objects, events by type, and which event names which object."""
    called = {"saw off": "SawOff", "wash": "Wash"}
    with closing(sqlite3.connect(path)) as books:
        books.execute(f"PRAGMA journal_mode = {mode}")
        books.execute("CREATE TABLE object (ocel_id TEXT PRIMARY KEY, ocel_type TEXT)")
        books.execute("CREATE TABLE event (ocel_id TEXT PRIMARY KEY, ocel_type TEXT)")
        books.execute("CREATE TABLE event_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT)")
        books.execute("CREATE TABLE event_object (ocel_event_id TEXT, ocel_object_id TEXT, ocel_qualifier TEXT)")
        for name in called.values():
            books.execute(f'CREATE TABLE "event_{name}" (ocel_id TEXT, ocel_time TIMESTAMP, result TEXT)')
        books.executemany("INSERT INTO object VALUES (?, ?)", OBJECTS.items())
        books.executemany("INSERT INTO event_map_type VALUES (?, ?)", called.items())
        for one, kind, clock, related in EVENTS:
            books.execute("INSERT INTO event VALUES (?, ?)", (one, kind))
            told = (one, f"2026-03-02 {clock}", "ok")
            books.execute(f'INSERT INTO "event_{called[kind]}" VALUES (?, ?, ?)', told)  # noqa: S608 - our own name
            books.executemany("INSERT INTO event_object VALUES (?, ?, '')", [(one, other) for other in related])
        books.commit()


@pytest.mark.parametrize("form", [as_json, as_xml, as_other_xml, as_sqlite])
def test_ocel_takes_one_type_of_object_as_the_part(tmp_path: Path, form: Callable[[Path], None]) -> None:
    """In each form events name parts and machines; the type of the part can be chosen."""
    file = tmp_path / "log"
    form(file)

    found, trays = read_log(file), read_log(file, columns={"part": "Tray"})

    assert [found.stations[i] for i in found.visits.station] == ["saw off", "saw off", "wash"]
    assert found.visits.finished.tolist() == [0, 10, 30]
    assert found.visits.part.tolist() == [0, 1, 0]
    assert found.visits.server.tolist()[:2] == [0, 0]
    assert np.array_equal(found.visits.result, [1, 1, 1])
    assert trays.visits.part.tolist()[:2] == [0, 0]
    with pytest.raises(ConfigurationError) as refused:
        read_log(file, columns={"part": "Order"})
    assert refused.value.key == "log.no_type"


def test_a_database_with_a_write_ahead_log_is_read_and_left_alone(tmp_path: Path) -> None:
    """Its bytes stay as they are, and no file appears beside it."""
    file = tmp_path / "log.sqlite"
    as_sqlite(file, mode="wal")
    before = file.read_bytes()

    assert len(read_log(file).visits) == 3
    assert file.read_bytes() == before
    assert list(tmp_path.iterdir()) == [file]


def test_a_database_that_is_no_log_is_refused(tmp_path: Path) -> None:
    """With what it lacks and what is needed."""
    with closing(sqlite3.connect(tmp_path / "books.sqlite")) as books:
        books.execute("CREATE TABLE orders (id)")
        books.commit()

    with pytest.raises(ConfigurationError) as refused:
        read_log(tmp_path / "books.sqlite")

    assert refused.value.key == "log.no_ocel"
    assert "object" in refused.value.sentence()
    assert "event_map_type" in (refused.value.cure() or "")


def test_of_xml_that_is_cut_what_it_holds_is_kept(tmp_path: Path) -> None:
    """And said."""
    as_xml(tmp_path / "log.xml")
    text = (tmp_path / "log.xml").read_text("utf-8")
    (tmp_path / "log.xml").write_text(text[: text.index('<event id="e3"') + 30], "utf-8")

    found = read_log(tmp_path / "log.xml")

    assert len(found.visits) == 2
    assert "log.cut" in {one.problem for one in found.findings}


def test_entities_of_xml_are_not_followed(tmp_path: Path) -> None:
    """A file that asks for another file gets nothing of it."""
    (tmp_path / "secret.txt").write_text("hidden", "utf-8")
    as_xml(tmp_path / "log.xml")
    text = (tmp_path / "log.xml").read_text("utf-8")
    entity = f'<!DOCTYPE log [<!ENTITY x SYSTEM "{(tmp_path / "secret.txt").as_uri()}">]><log>'
    text = text.replace("<log>", entity).replace(">ok<", ">&x;<")
    (tmp_path / "log.xml").write_text(text, "utf-8")

    assert "hidden" not in repr(read_log(tmp_path / "log.xml"))


@settings(max_examples=100, deadline=None)
@given(form=st.sampled_from([as_xml, as_sqlite]), at=st.integers(0, 30_000), junk=st.binary(min_size=1, max_size=9))
def test_damage_makes_no_more_than_a_refusal(
    tmp_path_factory: pytest.TempPathFactory, form: Callable[[Path], None], at: int, junk: bytes
) -> None:
    """Bytes changed anywhere give a record or a ConfigurationError with a cure."""
    file = tmp_path_factory.mktemp("fuzz") / "log"
    form(file)
    data = file.read_bytes()
    place = at % len(data)
    file.write_bytes(data[:place] + junk + data[place + len(junk) :])

    try:
        found = read_log(file)
    except ConfigurationError as refused:
        assert refused.cure()  # noqa: PT017  both outcomes are right
    else:
        assert found.start <= found.end
