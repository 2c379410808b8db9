from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress

import pytest
from click.testing import Result

from lineside.cli.usage import in_words

Run = Callable[..., Result]

CASES = {
    "check --colour x": "没有选项“--colour”。",
    "oee . --sit": "没有选项“--sit”。您是否想输入",
    "chek x": "没有命令“chek”。",
    "twin wonder": "没有命令“wonder”。",
    "check": "缺少 DIR。",
    "twin forecast .": "缺少 --line。",
    "check /nowhere": "'DIR' 的值无效：'/nowhere' 不存在。",
    "check /etc/hostname": "'DIR' 的值无效：'/etc/hostname' 是文件。",
    "run . --port": "选项“--port”需要一个值。",
    "run . --port many": "'--port' 的值无效：'many' 不是整数。",
    "run . --port 70000": "'--port' 的值无效：70000 不在范围 0<=x<=65535 之内。",
    "discover http://x --watch long": "'--watch' 的值无效：'long' 不是数字。",
    "oee . --by week": "'--by' 的值无效：'week' 不是 'shift', 'day', 'product' 之一。",
    "run . --no-browser=yes": "选项“--no-browser”不带值。",
    "check . twice": "此处多余：twice",
    "discover": "请给出 URL 或 --from-csv FILE，二者之一。",
    "schedule": "缺少 PROBLEM。",
}


@pytest.mark.parametrize(("typed", "told"), CASES.items())
def test_what_was_typed_wrongly_is_told_in_the_readers_language(run: Run, typed: str, told: str) -> None:
    """The common mistakes and the frame around them; the exit status says that the command was not understood."""
    chinese, english = run(*typed.split(), lang="zh_CN.UTF-8"), run(*typed.split())

    assert told in chinese.output
    assert "错误：" in chinese.output
    framed = "Usage: " in english.output  # click cannot tell of which command an option lacks its value
    assert ("用法：" in chinese.output, "--help”查看帮助" in chinese.output) == (framed, framed)
    assert not {"Usage", "Error", "Try", "such", "Invalid", "Missing"} & set(chinese.output.split())
    assert framed or "--" in typed
    assert "Error: " in english.output
    assert chinese.exit_code == english.exit_code == 2


def test_a_mistake_that_is_not_known_is_told_as_it_is() -> None:
    """A sentence that click says one day is better in English than not at all."""
    assert in_words("The moon is full.") == "The moon is full."


ENDLESS = """
import click, duckdb
from lineside.cli import main

@click.group(cls=type(main))
def group(): ...

@group.command()
def endless():
    print("begun", flush=True)
    duckdb.connect(config={"threads": 1}).sql("SELECT sum(sin(range)) FROM range(1_000_000_000_000)").fetchall()

group(["endless"])
"""


def test_ctrl_c_in_the_middle_of_a_query_is_no_fault() -> None:
    """DuckDB makes an error of its own of it; the command ends as anywhere else."""
    command = [sys.executable, "-c", ENDLESS]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as asked:
        begun = asked.stdout.readline() if asked.stdout else ""
        said, patience_s = "", 1
        while not said:
            with suppress(subprocess.TimeoutExpired):
                said = asked.communicate(timeout=patience_s)[1]
            asked.send_signal(signal.SIGINT)
            patience_s = 60  # a second ctrl-C would hit a slow machine in the midst of its farewell

    assert (begun, said.strip(), asked.returncode) == ("begun\n", "Aborted!", 1)
