from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

Run = Callable[..., Result]

LINES = [
    "2025-06-12T06:00:00Z|execution|READY",
    "2025-06-12T06:00:10Z|execution|ACTIVE|colour|green",
    "2025-06-12T06:00:05Z|execution|STOPPED",
    "yesterday|execution|ACTIVE",
    "2025-06-12T06:10:00Z|execution|READY",
]


MIXED = (("saw", "ACTIVE"), ("mill", "STOPPED"))


@pytest.fixture
def mill(run: Run, tmp_path: Path) -> Path:
    """A plant with one machine that says its execution."""
    run("new", tmp_path / "mill", "--timezone", "UTC")
    return tmp_path / "mill"


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """A recording with a bit of everything."""
    path = tmp_path / "june.shdr"
    path.write_text("\n".join(LINES) + "\n", "utf-8")
    return path


def test_an_import_says_what_became_of_a_file(run: Run, mill: Path, recording: Path) -> None:
    """The summary counts new values, tells their span, and names what was set aside, unwanted or out of order."""
    told = run("import", mill, recording)

    assert told.exit_code == 0
    assert told.output.splitlines() == [
        "june.shdr -> source machine-1: 4 new values",
        "  from 2025-06-12 06:00:00 UTC to 2025-06-12 06:10:00 UTC",
        "  1 lines go back in time; each value stands at its own time",
        "  set aside: 1 x no readable time, first at line 4: yesterday|execution|ACTIVE",
        "  1 values belong to no signal of plant.toml: colour",
    ]


def test_a_table_of_several_machines_is_noticed(run: Run, mill: Path, tmp_path: Path) -> None:
    """Rows that share their times are machines mixed up: nothing else would tell."""
    path = tmp_path / "cell.csv"
    rows = [f"2025-06-12T06:0{minute}:00Z,{asset},{word}" for minute in range(5) for asset, word in MIXED]
    path.write_text("\n".join(["time,asset,execution", *rows]) + "\n", "utf-8")

    told = run("import", mill, path)

    assert "5 rows have the time of the row before" in told.output


def test_a_preview_tells_what_an_import_would_do(run: Run, mill: Path, tmp_path: Path) -> None:
    """What each column means and each fault by its row, with the cure; nothing is stored, with a node or without."""
    table = tmp_path / "week.csv"
    table.write_text("time,Execution,load [%]\n2026-03-04 06:00,ACTIVE,5\nsoon,ACTIVE,6\n", "utf-8")

    told = run("import", mill, table, "--preview")
    data = run("import", mill, table, "--preview", "--json")
    open_one = run("import", mill, table, "--preview", "--time-column", "when")

    assert told.exit_code == 0
    assert "1 of 2 rows are good" in told.output
    assert 'row 3, column time, "soon": no readable time. Write the time as' in told.output.replace("\n", " ")
    assert json.loads(data.output)["reading"]["names"]["Execution"] == "execution"
    assert open_one.exit_code == 1
    assert "stored" not in told.output


def test_an_import_repeated_changes_nothing(run: Run, mill: Path, recording: Path) -> None:
    """The second time every value is recognised."""
    run("import", mill, recording)

    told = run("import", mill, recording)

    assert told.exit_code == 0
    assert "june.shdr -> source machine-1: 0 new values" in told.output
    assert "4 values were there already and changed nothing" in told.output


def test_an_import_can_be_read_by_programs(run: Run, mill: Path, recording: Path, tmp_path: Path) -> None:
    """With --json there is one object a file and nothing else."""
    second = tmp_path / "july.shdr.gz"
    second.write_bytes(gzip.compress(b"2025-07-12T06:00:00Z|execution|READY\n"))

    told = run("import", mill, recording, second, "--json")

    files = [json.loads(line) for line in told.output.splitlines()]
    assert [(file["file"], file["stored"]) for file in files] == [(str(recording), 4), (str(second), 1)]
    assert files[0]["set_aside"]["bad_timestamp"]["line"] == 4


def test_a_file_is_asked_for_its_source(run: Run, mill: Path, recording: Path) -> None:
    """Where several sources could have made a file, --source says which; an unknown one is refused by name."""
    with (mill / "plant.toml").open("a", encoding="utf-8") as plant:
        plant.write('\n[source.saw]\ntype = "file"\n')

    open_, wrong, right = (
        run("import", mill, recording, *more) for more in ([], ["--source", "lathe"], ["--source", "machine-1"])
    )

    assert (open_.exit_code, wrong.exit_code, right.exit_code) == (1, 1, 0)
    assert "It is not clear which source june.shdr belongs to." in open_.stderr
    assert "The plant has no source or machine called lathe." in wrong.stderr
    assert "Known: machine-1, saw" in wrong.stderr


def test_a_file_in_which_nothing_is_wanted_is_noticed(run: Run, mill: Path, tmp_path: Path) -> None:
    """A recording whose items are not in the plant file is no error, but is said to hold nothing."""
    strange = tmp_path / "strange.shdr"
    strange.write_text("2025-06-12T06:00:00Z|colour|green\n2025-06-12T06:00:01Z|colour|red\n", "utf-8")

    told = run("import", mill, strange)

    assert told.exit_code == 0
    assert "0 new values" in told.output
    assert "compare the addresses in plant.toml with those in the file" in told.output


def test_a_cut_file_gives_what_it_has(run: Run, mill: Path, tmp_path: Path) -> None:
    """An archive without its end is read as far as it goes, and said to be damaged; a script sees it by the status."""
    whole = "".join(
        f"2025-06-12T06:{n // 60:02}:{n % 60:02}Z|execution|{'ACTIVE' if n % 2 else 'READY'}\n"
        for n in range(3600 // 2)
    )
    cut = tmp_path / "cut.shdr.gz"
    cut.write_bytes(gzip.compress(whole.encode())[:-600])

    told = run("import", mill, cut, "--json")

    summary = json.loads(told.output)
    assert told.exit_code == 1
    assert 100 < summary["stored"] < 1800
    assert "archive_cut" in summary["set_aside"]
    again = run("import", mill, cut)
    assert (again.exit_code, "line 0" in again.output) == (1, False)
    assert "damaged or cut (" in again.output


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("time,execution\n", "It holds no values."),
        ("time,execution\n2025-06-12 06:00\n2025-06-12 06:01\n", "Nothing in it can be used"),
        ("time,colour\n2025-06-12 06:00,red\n", "compare the addresses"),
    ],
)
def test_why_nothing_came_of_a_file_is_said(run: Run, mill: Path, tmp_path: Path, content: str, said: str) -> None:
    """A header alone, cut rows and rows of other addresses are three things to look into."""
    (tmp_path / "table.csv").write_text(content, "utf-8")

    told = run("import", mill, tmp_path / "table.csv")

    last = told.output.splitlines()[-1]
    assert (told.exit_code, said in last) == (0, True), told.output


def test_a_folder_is_no_file(run: Run, mill: Path, tmp_path: Path) -> None:
    """It is there, so nobody is told that it is not; its files are to be named."""
    (tmp_path / "recordings").mkdir()

    refused = run("import", mill, tmp_path / "recordings")

    assert refused.exit_code == 1
    assert refused.stderr.splitlines()[0].endswith("recordings is a folder.")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("missing.shdr", None, "There is no file"),
        ("letter.txt", "Dear all\nplease read this.\n", "is no recording"),
        ("broken.parquet", "PAR1 and then something else", "is no readable Parquet file"),
    ],
)
def test_a_file_that_is_no_recording_is_refused(
    run: Run, mill: Path, tmp_path: Path, name: str, content: str | None, said: str
) -> None:
    """What cannot be read is named with its cure, and the import ends with 1."""
    if content is not None:
        (tmp_path / name).write_text(content, "utf-8")

    refused = run("import", mill, tmp_path / name)

    assert refused.exit_code == 1
    assert said in refused.stderr
    assert name in refused.stderr
    assert len(refused.stderr.splitlines()) == 2


def test_a_running_node_does_the_import_itself(run: Run, running: tuple[Path, Any], tmp_path: Path) -> None:
    """While a node owns the folder, the command asks it to import; the job stands in its list."""
    folder, node = running
    tally = tmp_path / "bench-by-hand.csv"
    tally.write_text("time,address,value\n2025-06-12T06:00:00Z,good,7\n2025-06-12T07:00:00Z,good,8\n", "utf-8")

    told = run("import", folder, tally)

    assert told.exit_code == 0
    assert "bench-by-hand.csv -> source bench: 2 new values" in told.output
    assert "bench-by-hand.csv" in [job["title"] for job in node.ask("/api/jobs")]


def test_a_running_node_refuses_in_the_readers_words(run: Run, running: tuple[Path, Any], tmp_path: Path) -> None:
    """What the node cannot import is told as if the command had tried itself, in the reader's language."""
    folder, _ = running

    refused = run("import", folder, tmp_path / "bench-missing.csv", lang="zh_CN.UTF-8")

    assert refused.exit_code == 1
    assert refused.stderr.splitlines() == [f"没有文件 {tmp_path / 'bench-missing.csv'}。", "请检查路径。"]
