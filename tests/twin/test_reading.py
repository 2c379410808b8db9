from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from lineside.errors import ConfigurationError
from lineside.twin import Line, LineRefused, parse_line, read_line

WHOLE: dict[str, Any] = {
    "schema": "lineside.line/1",
    "products": {"lid": {}, "pot": {}},
    "calendars": {"early": {"on": [[0, 8], [9, 16]], "period": 24}},
    "resources": {"crew": {"count": 1}},
    "pallets": {"round": {"count": 4, "load": "saw", "unload": "weld"}},
    "buffers": {"lids": {"capacity": 8}},
    "sources": {"in": {"to": "saw", "product": "pot"}, "lids": {"to": "lids", "interval": 2, "product": "lid"}},
    "orders": [{"id": "o1", "product": "pot", "quantity": 5, "to": "saw"}],
    "stations": {
        "saw": {"work": {"pot": 1, "*": 2}, "buffer": 2, "to": "weld", "calendar": "early"},
        "weld": {
            "work": 1,
            "buffer": 3,
            "takes": {"weld": 1, "lids": 2},
            "makes": "pot",
            "to": [{"to": "out", "probability": 0.9}, {"to": "scrap", "probability": 0.1}],
            "failures": {"jam": {"time_to_failure": 9, "repair": 1, "needs": {"crew": 1}}},
            "setups": [{"from": "lid", "to": "pot", "time": 1}],
        },
    },
}


def changed(path: str, value: Any) -> dict[str, Any]:
    """The whole model with one thing changed."""
    document = deepcopy(WHOLE)
    *parents, last = path.split("/")
    place: Any = document
    for key in parents:
        place = place[int(key)] if isinstance(place, list) else place[key]
    place[int(last) if isinstance(place, list) else last] = value
    return document


def test_a_whole_model_is_read(tmp_path: Path) -> None:
    """Everything there is, from a file; the schema names each key."""
    path = tmp_path / "line.json"
    path.write_text(json.dumps(WHOLE), "utf-8-sig")

    assert list(read_line(path).stations) == ["saw", "weld"]
    assert "time_to_failure" in json.dumps(Line.model_json_schema(by_alias=True))


@pytest.mark.parametrize(
    ("path", "value", "where", "problem"),
    [
        ("schema", "lineside.line/2", "schema", "twin.schema"),
        ("stations/saw/work", -1, "stations.saw.work.*.constant.value", "twin.at_least"),
        ("stations/saw/speed", 1, "stations.saw.speed", "twin.no_such_key"),
        ("stations/saw/servers", 1.5, "stations.saw.servers", "twin.whole"),
        ("stations/saw/blocking", "never", "stations.saw.blocking", "twin.choice"),
        ("stations/saw/work", {"type": "gama"}, "stations.saw.work", "twin.choice"),
        ("stations/saw/to", [], "stations.saw.to", "twin.too_few"),
        ("stations/saw/to", "wled", "stations.saw.to[1].to", "twin.unknown"),
        ("stations/saw/calendar", "late", "stations.saw.calendar", "twin.unknown"),
        ("stations/saw/needs", {"crane": 1}, "stations.saw.needs.crane", "twin.unknown"),
        ("stations/saw/needs", {"crew": 2}, "stations.saw.needs.crew", "twin.more_than_there_are"),
        ("stations/weld/needs", {"crew": 1}, "stations.weld.failures.jam.needs", "twin.repair_waits_for_itself"),
        ("stations/saw/buffer", None, "sources.in", "twin.floods"),
        ("stations/saw/work", {"pot": 1}, "stations.saw.work", "twin.no_work"),
        ("stations/saw/to", [{"to": "weld", "product": "pot"}], "stations.saw.to", "twin.no_route"),
        ("stations/weld/to", [{"to": "out", "probability": 0.9}], "stations.weld.to", "twin.shares"),
        ("stations/weld/takes", {"weld": 1}, "buffers.lids", "twin.nobody_takes"),
        ("stations/weld/takes", {"weld": 4, "lids": 1}, "stations.weld.takes.weld", "twin.too_small"),
        ("stations/weld/makes", "jar", "stations.weld.makes", "twin.unknown"),
        ("sources/in/to", "swa", "sources.in.to", "twin.unknown"),
        ("sources/in/product", {"jar": 1}, "sources.in.product", "twin.unknown"),
        ("orders/0/to", "swa", "orders[1].to", "twin.unknown"),
        ("pallets/round/load", "swa", "pallets.round.load", "twin.unknown"),
        ("calendars/early/on", [[0, 8], [7, 16]], "calendars.early", "twin.spans"),
        ("stations/saw/buffer", {"capacity": 2, "initial": ["pot", "jar"]}, "buffers.saw.initial", "twin.unknown"),
        ("calendars/early/on", [[0, 30]], "calendars.early", "twin.spans"),
        ("buffers/out", {"capacity": 1}, "buffers.out", "twin.name_taken"),
    ],
)
def test_what_does_not_fit_is_named_with_its_place_and_cure(path: str, value: Any, where: str, problem: str) -> None:
    """A model that means nothing is refused before anything runs."""
    with pytest.raises(LineRefused) as refused:
        parse_line(changed(path, value))

    found = {f.problem: f for f in refused.value.findings if f.path.startswith(where)}
    assert problem in found, refused.value.findings
    finding = found[problem]
    assert finding.sentence("zh") != finding.sentence("en")


@pytest.mark.parametrize(
    ("station", "start", "where", "problem"),
    [
        ("saw", [{"state": "down", "failure": "jam"}], "stations.saw.start[1].failure", "twin.unknown"),
        ("saw", [{"state": "idle", "made": "jar"}], "stations.saw.start[1].made", "twin.unknown"),
        ("saw", [{"state": "blocked", "product": "jar"}], "stations.saw.start[1].product", "twin.unknown"),
        ("saw", [{"state": "idle"}, {"state": "idle"}], "stations.saw.start", "twin.start_servers"),
        ("saw", [{"state": "waiting"}], "stations.saw.start[1]", "twin.start_waits"),
        ("saw", [{"state": "setup"}], "stations.saw.start[1]", "twin.start_no_setup"),
        ("saw", [{"state": "asleep"}], "stations.saw.start[1]", "twin.choice"),
        ("weld", [{"state": "working", "product": "lid"}], "stations.weld.start[1]", "twin.start_makes"),
        (
            "weld",
            [{"state": "down", "failure": "jam", "doing": {"state": "setup", "made": "pot"}}],
            "stations.weld.start[1]",
            "twin.start_no_setup",
        ),
        ("cut", [{"state": "working"}, {"state": "setup", "left": 1}], "resources.crew", "twin.start_resources"),
        ("round", [{"state": "working"}], "stations.saw.start", "twin.start_pallets"),
    ],
)
def test_a_start_that_cannot_be_is_refused(station: str, start: list[Any], where: str, problem: str) -> None:
    """What servers do at time 0 must fit their station, and what it holds must be there."""
    document = changed("stations/saw/needs", {})
    document["stations"]["cut"] = {"work": 1, "buffer": 1, "servers": 2, "needs": {"crew": 1}, "to": "out"}
    if station == "round":
        station = "saw"
    else:
        del document["pallets"]
    document["stations"][station]["start"] = start

    with pytest.raises(LineRefused) as refused:
        parse_line(document)

    assert [(found.path, found.problem) for found in refused.value.findings] == [(where, problem)]


def test_a_start_that_can_be_is_read() -> None:
    """Of two machines that need the crew one waits; what is left of a set-up needs no rule."""
    document = changed("stations/saw/start", [{"state": "setup", "left": 1, "product": "pot"}])
    del document["pallets"]
    document["stations"]["saw"]["buffer"] = {"capacity": 2, "initial": ["pot", "lid"]}
    document["stations"]["weld"]["start"] = [{"state": "down", "failure": "jam", "doing": {"state": "blocked"}}]
    document["stations"]["cut"] = {"work": 1, "buffer": 1, "servers": 2, "needs": {"crew": 1}, "to": "out"}
    document["stations"]["cut"]["start"] = [{"state": "working"}, {"state": "waiting"}]

    assert [len(station.start) for station in parse_line(document).stations.values()] == [1, 1, 2]


def test_everything_wrong_is_said_at_once() -> None:
    """Two names that lead nowhere are two findings."""
    document = changed("sources/in/to", "swa")
    document["orders"][0]["to"] = "was"

    with pytest.raises(LineRefused) as refused:
        parse_line(document)

    assert {finding.path for finding in refused.value.findings} >= {"sources.in.to", "orders[1].to"}


def test_a_station_without_places_or_parts_is_asked_for_them() -> None:
    """No silent default: how many may wait before a station changes every number."""
    document = changed("stations/saw/buffer", 2)
    del document["stations"]["saw"]["buffer"]

    with pytest.raises(LineRefused) as refused:
        parse_line(document)

    assert "twin.no_buffer" in {finding.problem for finding in refused.value.findings}


@pytest.mark.parametrize(("content", "problem"), [(b'{"a": ', "twin.no_json"), (b"\xff\xfe", "twin.unreadable")])
def test_a_file_that_is_no_json_is_named(tmp_path: Path, content: bytes, problem: str) -> None:
    """With the line, or the reason why it cannot be read at all."""
    path = tmp_path / "line.json"
    path.write_bytes(content)

    with pytest.raises(ConfigurationError) as raised:
        read_line(path)

    assert raised.value.key == problem
