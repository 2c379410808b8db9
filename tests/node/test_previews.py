"""What an import of a file would do, told before anything is stored."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lineside.errors import ConfigurationError
from lineside.node import Node, Reading, import_files, now_us, preview

Values = Any
ONE = Reading(source="only")


@pytest.fixture
def one(plant: Any) -> Path:
    """A plant with a single source of files, and a press."""
    folder: Path = plant.write(plant.source("only", "file", ""), plant.machine("press", "only"))
    return folder


def table(folder: Path, text: str, name: str = "week.csv") -> Path:
    """Writes a table."""
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_columns_are_proposed_by_their_names(one: Path) -> None:
    """With a unit behind, with the machine before, in capitals; what is like nothing is left out."""
    path = table(one, "When,Load [%],press.Parts,MODE,remark\n2026-03-04 06:00,5,1,ACTIVE,x\n")

    with Node.open(one) as node:
        told = preview(node.plant, path, Reading(), now_us())

        assert told["reading"]["time_column"] == "When"
        assert told["reading"]["names"] == {"Load [%]": "load", "press.Parts": "parts", "MODE": "mode", "remark": ""}
        assert (told["form"], told["reading"]["source"], told["zone"]) == ("wide", "only", "Europe/Berlin")
        assert told["head"] == [{"row": 2, "cells": ["2026-03-04 06:00", "5", "1", "ACTIVE", "x"]}]
        assert (told["checked"]["observations"], told["checked"]["whole"]) == (3, True)
        assert node.history.extent() is None


def test_what_a_preview_proposes_an_import_does(one: Path, values: Values) -> None:
    """Rows that are good are stored, and faults are told by row, as the preview said; again, nothing changes."""
    path = table(one, "When;Load\n4.3.2026 06:00;5,5\nlater;6\n4.3.2026 06:02;much\n")

    with Node.open(one) as node:
        told = preview(node.plant, path, Reading(), now_us())
        reading = Reading.of(told["reading"])
        done = import_files(node.history, node.plant, [path], lambda *_: None, now_us(), reading)[0]
        again = import_files(node.history, node.plant, [path], lambda *_: None, now_us(), reading)[0]

        assert [(f["line"], f["column"], f["example"]) for f in told["checked"]["faults"]] == [
            (3, "When", "later"),
            (4, "Load", "much"),
        ]
        assert (told["checked"]["rows"], told["checked"]["faulty"]) == (3, 2)
        assert done["faults"] == told["checked"]["faults"]
        assert done["reasons"]["bad_timestamp"]["zh"]["cure"]
        assert (done["stored"], again["stored"], again["repeated"]) == (2, 0, 2)
        assert values(node, "press/load") == [5.5, None]


def test_a_long_table_is_proposed_with_its_machines(one: Path) -> None:
    """Signals are found in the rows; a machine in a column of its own is joined to them."""
    path = table(one, "time,machine,signal,value\n2026-03-04 06:00,press,load,5\n2026-03-04 06:00,saw,load,7\n")

    with Node.open(one) as node:
        told = preview(node.plant, path, Reading(), now_us())

    assert told["form"] == "long"
    assert told["items"] == ["press/load", "saw/load"]
    assert told["reading"]["names"] == {"press/load": "load", "saw/load": ""}
    assert (told["checked"]["observations"], told["checked"]["unwanted"]) == (1, {"saw/load": 1})


def test_a_table_is_read_in_the_form_a_person_says(one: Path) -> None:
    """Long columns may stand for what they are in a wide table, and others for long ones."""
    long = table(one, "time,signal,value\n2026-03-04 06:00,load,5\n")
    other = table(one, "time,was,war\n2026-03-04 06:00,load,5\n", "other.csv")

    with Node.open(one) as node:
        wide = preview(node.plant, long, ONE, now_us(), "wide")
        told = preview(node.plant, other, ONE, now_us(), "long")

    assert (wide["form"], wide["items"]) == ("wide", ["signal", "value"])
    assert (told["reading"]["signal_column"], told["reading"]["value_column"]) == ("was", "war")
    assert told["checked"]["observations"] == 1


def test_the_source_is_found_by_what_the_file_speaks_of(plant: Any) -> None:
    """Where neither name nor plant tell, the columns do; and if they do not, it is asked."""
    folder = plant.write(
        plant.source("left", "file", ""),
        plant.source("right", "file", ""),
        plant.machine("press", "left", "M1"),
        plant.machine("drill", "right", "M2"),
    )
    clear = table(folder, "time,M2\n2026-03-04 06:00,ACTIVE\n")
    open_one = table(folder, "time,load\n2026-03-04 06:00,5\n", "open.csv")

    with Node.open(folder) as node:
        found = preview(node.plant, clear, Reading(), now_us())
        asked = preview(node.plant, open_one, Reading(), now_us())
        with pytest.raises(ConfigurationError, match="no source or machine"):
            preview(node.plant, clear, Reading(source="middle"), now_us())

    assert (found["reading"]["source"], found["problem"]) == ("right", None)
    assert (asked["reading"]["source"], asked["problem"]["key"], asked["checked"]) == (None, "node.import_open", None)
    assert [one["id"] for one in asked["sources"]] == ["left", "right"]


def test_what_must_be_asked_is_asked(one: Path) -> None:
    """Which column is the time, and which of 3/4 is the day: the question comes with the columns to choose from."""
    timeless = table(one, "a,load\nx,5\n")
    dates = table(one, "time,load\n3/4/2026 06:00,5\n", "dates.csv")

    with Node.open(one) as node:
        first = preview(node.plant, timeless, ONE, now_us())
        second = preview(node.plant, dates, ONE, now_us())
        answered = preview(node.plant, dates, Reading(source="only", day_first=True, zone="UTC"), now_us())
        with pytest.raises(ConfigurationError, match="no time zone Mars"):
            preview(node.plant, dates, Reading(source="only", day_first=True, zone="Mars"), now_us())

    assert (first["problem"]["key"], first["columns"]) == ("connect.recording.no_time_column", ("a", "load"))
    assert second["problem"]["key"] == "connect.recording.day_or_month"
    assert answered["problem"] is None
    assert answered["checked"]["first"] == 1_775_196_000_000  # 3 April 2026 06:00 UTC


def test_a_recording_of_an_adapter_has_no_columns(one: Path) -> None:
    """It is examined all the same."""
    path = table(one, "2026-03-04T06:00:00Z|load|5\n2026-03-04T06:00:01Z|mode|ACTIVE\n", "week.shdr")

    with Node.open(one) as node:
        told = preview(node.plant, path, Reading(), now_us())

    assert (told["format"], told["form"], told["columns"]) == ("shdr", None, ())
    assert (told["checked"]["lines"], told["checked"]["observations"]) == (2, 2)
