from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from lineside.node import Node

SAMPLE = re.compile(r'([a-z_]+)(?:\{((?:[a-z]+="(?:[^"\\\n]|\\[\\"n])*",?)*)\})? (\S+)')


async def page(client: AsyncTestClient[Litestar]) -> str:
    """What is told, as it is scraped."""
    answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return answer.text


async def test_prometheus_reads_how_the_node_fares(client: AsyncTestClient[Litestar], node: Node) -> None:
    """Every line is of the text format; each family tells what it is once, before its samples."""
    async with node.live():
        lines = (await page(client)).splitlines()
    samples = [match.groups() for line in lines if (match := SAMPLE.fullmatch(line))]
    told = [line.split(" ", 3)[1:3] for line in lines if line.startswith("#")]
    families = [name for kind, name in told if kind == "HELP"]
    values = {(name, labels or ""): float(value) for name, labels, value in samples}

    assert len(samples) + len(told) == len(lines)
    assert [name for kind, name in told if kind == "TYPE"] == families
    assert len(families) == len(set(families))
    assert {name for name, _, _ in samples} == set(families)
    assert values["lineside_source_state", 'source="disk",type="file",state="active"'] == 1
    assert values["lineside_source_state", 'source="disk",type="file",state="degraded"'] == 0
    assert values["lineside_jobs", 'state="queued"'] == 0
    assert values["lineside_push_requests", ""] == 0
    assert values["lineside_disk_free_bytes", ""] > values["lineside_disk_reserve_bytes", ""] > 0


async def test_a_label_may_hold_anything(client: AsyncTestClient[Litestar], node: Node, folder: Path) -> None:
    """Quotes, backslashes and line ends are escaped as the format says."""
    text = (folder / "plant.toml").read_text("utf-8")
    async with node.live():
        (folder / "plant.toml").write_text(text + '[source.odd]\ntype = "a\\"b\\\\c\\nd"\n', "utf-8")
        while "odd" not in node.intake.health:  # noqa: ASYNC110 - it looks at the file by itself
            await asyncio.sleep(0.05)
        lines = (await page(client)).splitlines()

    assert r'lineside_source_rows_total{source="odd",type="a\"b\\c\nd"} 0.0' in lines


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool comes with Prometheus only")
async def test_promtool_finds_nothing_wrong(client: AsyncTestClient[Litestar], node: Node) -> None:
    """Where Prometheus' own linter is at hand, it agrees."""
    async with node.live():
        text = await page(client)

    checked = subprocess.run(  # noqa: ASYNC221 - it takes no time
        ["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False
    )

    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")
