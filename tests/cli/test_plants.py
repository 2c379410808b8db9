from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from lineside.plant import read_plant

Run = Callable[..., Result]

RECORDING = "".join(
    f"2025-06-12T0{hour}:00:00Z|execution|{state}\n2025-06-12T0{hour}:00:00Z|load|{hour}.5\n"
    for hour, state in enumerate(("READY", "ACTIVE", "STOPPED", "ACTIVE"))
)


def test_a_first_plant_file_is_written_and_fine(run: Run, tmp_path: Path) -> None:
    """`new` writes a plant file that `check` accepts, and says what to do next."""
    folder = tmp_path / "mill"

    written = run("new", folder, "--timezone", "Asia/Shanghai", "--machine", "mill-7")
    checked = run("check", folder)

    assert (written.exit_code, checked.exit_code) == (0, 0)
    assert f"lineside check {folder}" in written.output
    assert "is fine." in checked.output
    assert "mill (Asia/Shanghai): areas 1, lines 1, machines 1, signals 1" in checked.output
    assert list(read_plant(folder).plant.machines) == ["mill-7"]


def test_what_the_file_lacks_is_known_before_the_first_shift(run: Run, tmp_path: Path) -> None:
    """`check` says what OEE will miss, without calling it a mistake."""
    run("new", tmp_path / "mill")

    checked = run("check", tmp_path / "mill")

    assert checked.exit_code == 0
    assert "machine-1: no calendar and no orders, no counters. OEE will say that this is missing." in checked.output


def test_a_recording_gives_its_signals(run: Run, tmp_path: Path) -> None:
    """`new --from` lists the signals found in a recording, of the kinds they show."""
    recording = tmp_path / "mill.shdr"
    recording.write_text(RECORDING, "utf-8")

    written = run("new", tmp_path / "mill", "--from", recording)

    signals = read_plant(tmp_path / "mill").plant.machines["machine-1"].signals
    assert "the 2 signals found in mill.shdr" in written.output
    assert {name: signal.kind for name, signal in signals.items()} == {"execution": "state", "load": "measure"}


def test_a_table_whose_times_have_an_odd_name_gives_its_signals(run: Run, tmp_path: Path) -> None:
    """`new` takes the column of times as `import` does, so that such a table is no dead end."""
    table = tmp_path / "mill.csv"
    table.write_text("Begonnen;execution\n2025-06-12 06:00;ACTIVE\n", "utf-8")

    refused = run("new", tmp_path / "mill", "--from", table)
    written = run("new", tmp_path / "mill", "--from", table, "--time-column", "Begonnen")

    assert "--time-column NAME" in refused.stderr
    assert (refused.exit_code, written.exit_code) == (1, 0)
    assert list(read_plant(tmp_path / "mill").plant.machines["machine-1"].signals) == ["execution"]


@pytest.mark.parametrize("command", [("new",), ("demo", "--port", "0", "--no-browser")])
def test_a_folder_that_cannot_be_written_is_one_error(run: Run, tmp_path: Path, command: tuple[str, ...]) -> None:
    """No traceback where the system refuses: what cannot be written, why, and what to do."""
    (tmp_path / "file").write_text("", "utf-8")

    refused = run(*command, tmp_path / "file" / "plant")

    assert refused.exit_code == 1
    assert "cannot be written: Not a directory." in refused.stderr
    assert len(refused.stderr.splitlines()) == 2


def test_a_plant_file_that_is_there_is_never_overwritten(run: Run, tmp_path: Path) -> None:
    """`new` leaves what a person wrote as it is, and says so."""
    (tmp_path / "plant.toml").write_text("mine", "utf-8")

    again = run("new", tmp_path)

    assert again.exit_code == 1
    assert "is there already and is left as it is." in again.stderr
    assert (tmp_path / "plant.toml").read_text("utf-8") == "mine"


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--timezone", "Mars/Phobos", "Mars/Phobos is no time zone."),
        ("--from", "nowhere.shdr", "nowhere.shdr cannot be opened"),
        ("--from", __file__, "is no recording"),
    ],
)
def test_nothing_is_made_of_a_wrong_option(run: Run, tmp_path: Path, option: str, value: str, said: str) -> None:
    """A zone or a recording that cannot be used is refused, and no folder is left behind."""
    refused = run("new", tmp_path / "mill", option, value)

    assert refused.exit_code == 1
    assert said in refused.stderr
    assert not (tmp_path / "mill").exists()


def test_every_mistake_is_named_at_once_with_its_line(run: Run, tmp_path: Path) -> None:
    """`check` names all mistakes as file:line: key: what is wrong and what to do, and ends with 1."""
    run("new", tmp_path, "--timezone", "UTC")
    path = tmp_path / "plant.toml"
    text = path.read_text("utf-8")
    text = text.replace('"UTC"', '"Mars/Phobos"').replace('state = "running"', 'state = "sprinting"')
    path.write_text(text.replace('line = "line-1"', 'lime = "line-1"'), "utf-8")
    lines = path.read_text("utf-8").splitlines()

    checked = run("check", tmp_path)

    assert checked.exit_code == 1
    assert "4 finding(s)" in checked.stderr
    for wrong, key in (("Mars", "site.timezone"), ("lime", "machine.machine-1.lime"), ("sprinting", "states[1].state")):
        number = next(n for n, line in enumerate(lines, 1) if wrong in line)
        found = next(line for line in checked.stderr.splitlines() if f":{number}:" in line)
        assert found.startswith(f"{path}:{number}: ")
        assert key in found


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('type = "carrier-pigeon"', "there is no source type carrier-pigeon."),
        ('type = "shdr"\noptions = { wings = 2 }', "wings"),
    ],
)
def test_a_source_nobody_can_run_is_a_mistake(run: Run, tmp_path: Path, written: str, said: str) -> None:
    """`check` knows the installed types of source and their options."""
    run("new", tmp_path)
    path = tmp_path / "plant.toml"
    path.write_text(path.read_text("utf-8").replace('type = "shdr"', written), "utf-8")

    checked = run("check", tmp_path)

    assert checked.exit_code == 1
    assert said in checked.stderr
    assert "Known" in checked.stderr


def test_mistakes_of_sources_stand_beside_the_others_with_their_lines(run: Run, tmp_path: Path) -> None:
    """A silence below zero hides neither options nor addresses; each is told as file:line: key."""
    run("new", tmp_path, "--timezone", "UTC")
    path = tmp_path / "plant.toml"
    text = path.read_text("utf-8")
    text = text.replace(
        'url = "tcp://127.0.0.1:7878"', 'url = "http://mill"\nstale_after_s = -1\noptions = { wings = 2, claws = 3 }'
    )
    path.write_text(text + '[source.agent]\ntype = "mtconnect"\n[source.bird]\ntype = "pigeon"\n', "utf-8")

    checked = run("check", tmp_path)

    told = [line.removeprefix(f"{path}:") for line in checked.stderr.splitlines() if line.startswith(str(path))][1:]
    lines = path.read_text("utf-8").splitlines()
    found = {key: lines[int(number) - 1] for number, key, *_ in (line.split(":", 3) for line in told)}
    assert {key.strip(): line.split(" ")[0] for key, line in found.items()} == {
        "source.machine-1.url": "url",
        "source.machine-1.stale_after_s": "stale_after_s",
        "source.machine-1.options.wings": "options",
        "source.machine-1.options.claws": "options",
        "source.agent": "[source.agent]",
        "source.bird.type": "type",
    }
    assert checked.exit_code == 1
    assert "  " not in checked.stderr


def test_every_address_that_means_nothing_is_named_with_its_line(run: Run, tmp_path: Path) -> None:
    """A slip in a signal is found before the machine is asked, with what to write instead."""
    run("new", tmp_path, "--timezone", "UTC")
    path = tmp_path / "plant.toml"
    text = re.sub(r'type = "shdr".*', 'type = "modbus"', path.read_text("utf-8"))
    text = text.replace("tcp://127.0.0.1:7878", "modbus://127.0.0.1")
    signals = (
        'execution = { address = "1/holdng/0", kind = "state" }',
        'load = { address = "1/holding/1:float", kind = "measure" }',
        'parts = { address = "1/holding/10", kind = "counter" }',
    )
    path.write_text(re.sub(r"execution = .*kind.*", "\n".join(signals), text), "utf-8")

    checked = run("check", tmp_path)

    lines = path.read_text("utf-8").splitlines()
    where = f"{path}:{lines.index(signals[0]) + 1}: machine.machine-1.signals.execution.address"
    assert checked.exit_code == 1
    assert f"{where}: 1/holdng/0 is no Modbus address. Write unit/table/offset:type" in checked.stderr
    assert "load.address: 1/holding/1:float: its table has no values of this type. Types:" in checked.stderr
    assert "parts" not in checked.stderr


@pytest.mark.parametrize("command", ["check", "oee", "run", "doctor"])
def test_a_folder_without_a_plant_is_left_alone(run: Run, tmp_path: Path, command: str) -> None:
    """A command given the wrong folder says how to make a plant and writes nothing into it."""
    refused = run(command, tmp_path)

    assert refused.exit_code == 1
    assert f"lineside new {tmp_path}" in refused.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(("check", "."), "没有"), (("oee", "."), "没有"), (("new", ".", "--timezone", "Mars"), "不是时区")],
)
def test_errors_are_said_in_chinese(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], said: str
) -> None:
    """A reader whose computer speaks Chinese reads what is wrong, and the cure, in Chinese."""
    monkeypatch.chdir(tmp_path)

    refused = run(*arguments, lang="zh_CN.UTF-8")

    assert refused.exit_code == 1
    assert said in refused.stderr
    assert len(refused.stderr.splitlines()) == 2


def test_what_keep_takes_away_is_named(run: Run, tmp_path: Path) -> None:
    """Which signals lose values and when, before any do; what KPIs read goes only with a line of its own."""
    (tmp_path / "plant.toml").write_text(
        '[site]\nid = "s"\ntimezone = "UTC"\n[area.a]\n[line.l]\narea = "a"\n[source.disk]\ntype = "file"\n'
        '[machine.saw]\nline = "l"\nsource = "disk"\n[machine.saw.signals]\n'
        'mode = { kind = "state" }\nload = { kind = "measure" }\nprogram = { kind = "text" }\n'
        '[[machine.saw.states]]\nstate = "running"\nwhen = { mode = "ACTIVE" }\n'
        "[keep]\nmeasures_days = 90\ntexts_days = 365\nkpi_days = 700\n",
        "utf-8",
    )

    told = run("check", tmp_path).output

    assert "After 90 days 1 numbers that no KPI reads are thinned" in told
    assert "of each minute: saw/load" in told
    assert "After 365 days 1 states and texts that no KPI reads are removed: saw/program" in told
    assert "After 700 days what KPIs and twins read is removed" in told
