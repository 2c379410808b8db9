"""What the manual shows of orders is what happens."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from litestar.testing import AsyncTestClient

from lineside.api import create_app
from lineside.cli import main
from lineside.cli.terminal import language as speaks
from lineside.node import Node

DOCS = Path(__file__).parents[2] / "docs"
PLANT = """\
[site]
id = "works"
timezone = "Europe/Berlin"
[area.hall]
[line.pumps]
area = "hall"
[line.valves]
area = "hall"
[product.pump-a]
name = "Pump A"
"""


def shown(language: str) -> list[tuple[str, str]]:
    """Return the commands of the page, each with what it prints."""
    blocks = re.findall(r"```console\n(.*?)```", (DOCS / language / "orders.md").read_text("utf-8"), re.DOTALL)
    parts = [part for block in blocks for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]]
    return [(command, printed) for command, _, printed in (part.partition("\n") for part in parts)]


async def asked(client: AsyncTestClient[Any], command: str) -> Any:
    """Ask what a curl command asks."""
    _, url, *rest = shlex.split(command)
    body = rest[rest.index("-d") + 1] if "-d" in rest else None
    path = url.removeprefix("http://127.0.0.1:8000")
    answer = await (client.get(path) if body is None else client.post(path, content=body))
    return answer.json()


def known(told: Any, printed: Any) -> Any:
    """Return what was told, without keys that the manual leaves out."""
    if isinstance(printed, dict):
        return {key: known(told[key], value) for key, value in printed.items()}
    if isinstance(printed, list):
        assert len(told) == len(printed)
        return [known(one, other) for one, other in zip(told, printed, strict=True)]
    return told


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_the_examples_of_the_page_on_orders_are_true(
    language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file of the page is read and refused as it says; a curl command whose answer it shows is answered so."""
    (tmp_path / "plant.toml").write_text(PLANT, "utf-8")
    monkeypatch.setenv("LC_ALL", f"{language}.UTF-8")
    speaks.cache_clear()
    (_, file), (_, printed), *rest = shown(language)
    (tmp_path / "export.csv").write_text(file, "utf-8")

    read = CliRunner().invoke(main, ["orders", "import", str(tmp_path), str(tmp_path / "export.csv")])
    speaks.cache_clear()

    assert read.output == printed
    with Node.open(tmp_path) as node:
        async with AsyncTestClient(create_app(node), base_url="http://127.0.0.1:8000") as client:
            for command, answer in rest:
                if command.startswith("curl") and answer.strip():
                    wanted = json.loads(answer)
                    assert known(await asked(client, command), wanted) == wanted
