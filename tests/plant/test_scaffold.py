from __future__ import annotations

import errno
import os
from fnmatch import fnmatch
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lineside.errors import ConfigurationError
from lineside.plant import PLANT_FILE, Kind, Plant, ScaffoldItem, State, read_plant, scaffold


def made(folder: Path, *items: ScaffoldItem, machine: str = "machine-1", recording: str | None = None) -> Plant:
    """The plant of a new folder."""
    scaffold(folder, timezone="Europe/Berlin", machine=machine, items=items, recording=recording)
    return read_plant(folder).plant


def test_the_first_plant_is_whole(tmp_path: Path) -> None:
    """A new folder holds a plant that can be used as it is, and its rules name what a machine says."""
    plant = made(tmp_path / "press shop")

    machine = plant.machines["machine-1"]
    assert (plant.site.id, plant.site.timezone) == ("press-shop", "Europe/Berlin")
    assert plant.sources["machine-1"].url == "tcp://127.0.0.1:7878"
    assert [rule.state for rule in machine.states] == [State.RUNNING, State.STOPPED]
    assert list(machine.signals) == ["execution"]


def test_every_item_of_a_recording_becomes_a_signal(tmp_path: Path) -> None:
    """Addresses are kept to the letter and kinds as guessed; the recording is named as the source."""
    items = [ScaffoldItem("load", "measure", "3.5"), ScaffoldItem("exec", "state", "ACTIVE")]

    plant = made(tmp_path / "a", *items, recording="March.csv")

    signals = plant.machines["machine-1"].signals.values()
    assert [(signal.address, signal.kind) for signal in signals] == [("load", "measure"), ("exec", "state")]
    assert (plant.sources["machine-1"].type, plant.sources["machine-1"].files) == ("file", "March.csv")
    assert list(plant.machines["machine-1"].states[0].when) == ["exec"]


def test_a_recording_without_states_gets_no_rules(tmp_path: Path) -> None:
    """A rule about a signal that is not there would be refused."""
    assert made(tmp_path / "a", ScaffoldItem("load", "measure", "3.5")).machines["machine-1"].states == ()


@pytest.mark.parametrize(
    ("items", "signal"),
    [
        ([ScaffoldItem("day", "state", "Mon"), ScaffoldItem("Program_Status", "state", "READY")], "Program_Status"),
        ([ScaffoldItem("mode", "state", "READY"), ScaffoldItem("exec", "state", "?")], "exec"),
        ([ScaffoldItem("Day_of_week", "state", "Monday"), ScaffoldItem("load", "measure", "3")], None),
    ],
)
def test_rules_are_guessed_from_an_execution_state_only(
    tmp_path: Path, items: list[ScaffoldItem], signal: str | None
) -> None:
    """A weekday never shows ACTIVE: without a likely signal the rules are an example to fill in."""
    plant = made(tmp_path / "a", *items)

    rules = plant.machines["machine-1"].states
    assert [list(rule.when) for rule in rules] == ([] if signal is None else [[signal], [signal]])
    text = (tmp_path / "a" / PLANT_FILE).read_text("utf-8")
    assert ('# when = { Day_of_week = "Monday" }' in text) == (signal is None)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """A file in its place, or no right to write: the file and the system's reason."""
    (tmp_path / "a").write_text("", "utf-8")

    with pytest.raises(ConfigurationError) as raised:
        scaffold(tmp_path / "a" / "b", timezone="UTC")

    assert (raised.value.key, raised.value.fields["reason"]) == ("plant.unwritable", os.strerror(errno.ENOTDIR))


def test_a_plant_file_that_is_there_is_left_alone(tmp_path: Path) -> None:
    """What a person wrote is never overwritten."""
    (tmp_path / PLANT_FILE).write_text("mine", "utf-8")

    with pytest.raises(ConfigurationError) as raised:
        scaffold(tmp_path, timezone="UTC")

    assert raised.value.key == "plant.exists"
    assert (tmp_path / PLANT_FILE).read_text("utf-8") == "mine"


@pytest.mark.parametrize(
    "address",
    [
        'say "load"',
        "C:\\load",
        "主轴转速",
        "Durchfluss m³/h",
        "½",
        "ns=2;s=Press.Stan d",
        "a" * 100,
        "...",
        "tab\tbell\x07del\x7f",
        "हिन्दी",
    ],
)
@pytest.mark.parametrize("kind", ["state", "measure"])
def test_odd_addresses_are_kept_to_the_letter(tmp_path: Path, address: str, kind: Kind) -> None:
    """Quotes, Chinese, superscripts, lengths and control characters: the source is asked for exactly that."""
    plant = made(tmp_path / "a", ScaffoldItem(address, kind, "line\nbreak \x1b[0m"))

    (signal,) = plant.machines["machine-1"].signals.values()
    assert signal.address == address


def test_addresses_that_make_the_same_id_get_ids_of_their_own(tmp_path: Path) -> None:
    """Two items are two signals, also where an id cannot hold their difference."""
    items = [ScaffoldItem(address, "state", "") for address in ("a b", "a_b", "a/b")]

    machine = made(tmp_path / "a", *items).machines["machine-1"]

    assert [signal.address for signal in machine.signals.values()] == ["a b", "a_b", "a/b"]


@pytest.mark.parametrize("machine", ["机床 1", 'the "old" one', "A.B", "back\\slash", "?"])
def test_odd_machine_names_are_shown_as_given(tmp_path: Path, machine: str) -> None:
    """The id is made to fit; people see the name they gave."""
    (only,) = made(tmp_path / "a", machine=machine).machines.values()

    assert only.name == machine


@pytest.mark.parametrize("recording", ['a"b.csv', "C\\x.csv", "三月.csv", "x[1]*.csv"])
def test_odd_recording_names_match_their_file(tmp_path: Path, recording: str) -> None:
    """The pattern written for a recording is met by its own name."""
    files = made(tmp_path / "a", recording=recording).sources["machine-1"].files

    assert files is not None
    assert fnmatch(recording, files)


@pytest.mark.parametrize("folder", ["###", "车间 2", 'a "quoted" place', "x" * 120, "m²"])
def test_odd_folder_names_make_a_site(tmp_path: Path, folder: str) -> None:
    """Wherever the folder is, its plant can be read."""
    assert made(tmp_path / folder).site.id


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    addresses=st.lists(st.text(st.characters(exclude_categories=["Cs", "Cn"]), min_size=1), max_size=4, unique=True),
    machine=st.text(st.characters(exclude_categories=["Cs", "Cn"]), min_size=1),
)
def test_any_names_make_a_plant_that_can_be_read(tmp_path: Path, addresses: list[str], machine: str) -> None:
    """Whatever a source calls its items and a person the machine, the first plant is accepted."""
    (tmp_path / PLANT_FILE).unlink(missing_ok=True)

    plant = made(tmp_path, *(ScaffoldItem(address, "state", address) for address in addresses), machine=machine)

    (only,) = plant.machines.values()
    assert [signal.address for signal in only.signals.values()] == (addresses or ["execution"])
