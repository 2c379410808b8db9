"""The edge as people start it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

PATIENCE_S = 60


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of an edge."""
    return tmp_path


@pytest.fixture
def checked(folder: Path, run: Callable[..., Result]) -> Callable[[str], tuple[int, str]]:
    """Gives the exit status and what `lineside edge --check` says of a file."""

    def check(text: str) -> tuple[int, str]:
        (folder / "edge.toml").write_text(text, "utf-8")
        result = run("edge", folder, "--check")
        return result.exit_code, result.output

    return check


def test_every_mistake_of_the_file_is_named_with_line_and_cure(
    folder: Path, checked: Callable[[str], tuple[int, str]]
) -> None:
    """Keys, types, addresses and options alike, as in a plant file."""
    wrong = """\
nod = "http://127.0.0.1:8000"
node = "here"
buffer_mb = 0
[source.press]
type = "shdr"
url = "tcp://h:1"
stale = 3
"""
    status, said = checked(wrong)

    assert status == 1
    file = folder / "edge.toml"
    assert f"{file}:1: nod: The key nod means nothing here. Did you mean node?" in said
    assert f"{file}:2: node: here is not the address of a node." in said
    assert f"{file}:3: buffer_mb:" in said
    assert f"{file}:7: source.press.stale:" in said


def test_sources_are_checked_as_in_a_plant_file(folder: Path, checked: Callable[[str], tuple[int, str]]) -> None:
    """Types that nobody reads, types that are not installed, options nobody knows, an address that is none."""
    wrong = """\
node = "http://127.0.0.1:8000"
[source.a]
type = "push"
[source.b]
type = "telepathy"
[source.c]
type = "shdr"
url = "tcp://h:1"
options = { settles = 3 }
[source.d]
type = "mqtt"
"""
    status, said = checked(wrong)

    assert status == 1
    for line in ("3: source.a.type: ", "5: source.b.type: ", "9: source.c.options.settles: ", "10: source.d: "):
        assert f"{folder / 'edge.toml'}:{line}" in said


def test_a_folder_without_an_edge_file_is_told_what_to_write(folder: Path, run: Callable[..., Result]) -> None:
    """In the reader's language, too."""
    said, zh = run("edge", folder).output, run("edge", folder, lang="zh_CN.UTF-8").output

    assert "There is no edge file" in said
    assert 'node = "http://' in said
    assert "边缘机" in zh


def test_a_check_says_when_the_node_is_away(checked: Callable[[str], tuple[int, str]]) -> None:
    """The file is fine, and nobody answers at the address it names."""
    text = 'node = "http://127.0.0.1:1"\n[source.a]\ntype = "shdr"\nurl = "tcp://h:1"\n'

    status, said = checked(text)

    assert status == 1
    assert "is fine: 1 source(s)" in said
    assert "The node http://127.0.0.1:1 cannot be reached" in said


@pytest.mark.parametrize(("content", "said"), [(None, "No such file"), ("two words", "9 B"), ("", "0 B")])
def test_a_token_that_cannot_be_read_is_told(
    folder: Path, checked: Callable[[str], tuple[int, str]], content: str | None, said: str
) -> None:
    """The file is named, with what it should hold; what it holds is not shown."""
    if content is not None:
        (folder / "node.token").write_text(content, "utf-8")

    status, output = checked(
        'node = "http://127.0.0.1:8000"\ntoken_file = "node.token"\n[source.press]\ntype = "shdr"\nurl = "tcp://h:1"\n'
    )

    assert status == 1
    assert str(folder / "node.token") in output
    assert said in output
    assert "two words" not in output


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a file that is always full is of Linux and its like")
def test_an_edge_that_can_say_nothing_goes_on(folder: Path) -> None:
    """What it says goes to a file on a full disk: it reads and waits for its node all the same."""
    source = '[source.mill]\ntype = "shdr"\nurl = "tcp://127.0.0.1:9"\n'
    (folder / "edge.toml").write_text(f'node = "http://127.0.0.1:9"\n{source}', "utf-8")
    log = folder / "data" / "edge.log"
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        edge = subprocess.Popen([sys.executable, "-m", "lineside", "edge", folder], stdout=full, stderr=full)
        try:
            began = time.monotonic()
            while not (log.exists() and "cannot be reached" in log.read_text("utf-8")):
                assert edge.poll() is None
                assert time.monotonic() - began < PATIENCE_S
                time.sleep(0.05)
            edge.send_signal(signal.SIGTERM)
            assert edge.wait(PATIENCE_S) == 0
        finally:
            edge.kill()
