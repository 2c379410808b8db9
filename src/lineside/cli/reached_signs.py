"""Whether what a plant file names beside machines can be reached: an ERP's database, and who says who people are."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from lineside.cli.signs import Sign
from lineside.cli.terminal import language, words
from lineside.connect import read_view
from lineside.errors import LinesideError
from lineside.plant import Feed, Plant, SignIn
from lineside.trust import SignIns


async def feed_signs(plant: Plant, folder: Path) -> list[Sign]:
    """Reads each feed once from its beginning, all at the same time; nothing of it is taken."""
    return list(await asyncio.gather(*(_read(feed, folder) for feed in plant.feeds.values())))


async def _read(feed: Feed, folder: Path) -> Sign:
    try:
        sheet, *_ = await asyncio.to_thread(read_view, feed, folder)
    except LinesideError as error:
        return _wrong(feed.id, error)
    return Sign("well", words("doctor.feed", feed=feed.id, rows=len(sheet.rows)))


async def sign_in_signs(plant: Plant, folder: Path, *, running: bool) -> list[Sign]:
    """Looks for each provider's document and keys, and for the secret by which it knows this node.

    A `running` node may have the secret from an environment of its own, so then it is not looked for.
    """
    sign_ins = SignIns(folder, lambda: plant.sign_ins, lambda: time.time_ns() // 1000)
    return list(await asyncio.gather(*(_look(one, sign_ins, running) for one in plant.sign_ins.values())))


async def _look(settings: SignIn, sign_ins: SignIns, running: bool) -> Sign:
    try:
        await sign_ins.look(settings.id, secret=not running)
    except LinesideError as error:
        return _wrong(settings.id, error)
    return Sign("well", words("doctor.sign_in", provider=settings.name))


def _wrong(name: str, error: LinesideError) -> Sign:
    return Sign("wrong", f"{name}: {error.sentence(language())}", error.cure(language()))
