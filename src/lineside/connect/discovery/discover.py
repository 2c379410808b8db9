"""Looks around at an address with every type of source that knows its scheme, and proposes a part of a plant file."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass
from secrets import token_hex
from typing import Any
from urllib.parse import unquote, urlsplit

import pyarrow as pa

from lineside.connect.discovery.packs import pack_named
from lineside.connect.discovery.proposal import Proposal
from lineside.connect.discovery.propose import joined, propose
from lineside.connect.found import Look, Note, Surroundings
from lineside.connect.memory import rows
from lineside.connect.registry import source, sources
from lineside.connect.source import Source, SourceState
from lineside.connect.wording import reason, without_password
from lineside.errors import ConfigurationError, LinesideError, Unreachable
from lineside.plant import SourceSettings

TELL_S = 0.2
WATCH_S = 10.0
LONGEST_WATCH_S = 3600.0
MOST_WATCHED = 2_000
"""Values watched at once: a controller has other things to do."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a discovery is: seconds watched, of how many, and values found."""

    seconds: float
    of: float
    found: int


async def discover(
    url: str,
    *,
    options: Mapping[str, Any] | None = None,
    pack: str | None = None,
    watch_s: float = WATCH_S,
    tell: Callable[[Progress], None] = lambda _: None,
    machines: AbstractSet[str] = frozenset(),
    taken: AbstractSet[str] = frozenset(),
) -> Proposal:
    """What is at the address, watched for `watch_s`; ids in `machines` and `taken` (sources) are not used again.

    `tell` is called several times a second; what it raises ends the discovery. Raises ConfigurationError for an
    address, option or pack that means nothing, Unreachable where nobody answers.
    """
    if not 0 <= watch_s <= LONGEST_WATCH_S:
        raise ConfigurationError("discover.watch", seconds=watch_s, most=int(LONGEST_WATCH_S))
    chosen = None if pack is None else pack_named(pack)
    kinds = _kinds(url, options or {})
    looks = [Look(watch_s) for _ in kinds]
    looking = [
        asyncio.ensure_future(_look(type, kind, url, options or {}, look))
        for (type, kind), look in zip(kinds.items(), looks, strict=True)
    ]
    try:
        while not all(one.done() for one in looking):
            await asyncio.wait(looking, timeout=TELL_S)
            tell(Progress(max(look.seconds for look in looks), watch_s, sum(look.found for look in looks)))
    finally:
        for one in looking:
            one.cancel()
        await asyncio.gather(*looking, return_exceptions=True)
    found, errors = [], []
    for one in looking:
        try:
            found.append(one.result())
        except LinesideError as error:
            errors.append(error)
    if not found:
        raise errors[0]
    found[0].notes += [Note(error.key, error.fields) for error in errors]
    return joined(propose(one, chosen, machines=machines, sources=taken) for one in found)


def _kinds(url: str, options: Mapping[str, Any]) -> dict[str, type[Source]]:
    """The types of source that know the address's scheme."""
    scheme = url.partition("://")[0].casefold()
    known = sources()
    kinds = {type: kind for type, kind in known.items() if scheme in kind.SCHEMES}
    if not kinds:
        schemes = sorted({name for kind in known.values() for name in kind.SCHEMES})
        raise ConfigurationError("discover.scheme", url=without_password(url), known=", ".join(schemes))
    names = {name for kind in kinds.values() for name in kind.OPTIONS}
    for name in options:
        if name not in names:
            raise ConfigurationError(
                "connect.option_unknown", source="/".join(kinds), name=name, known=", ".join(sorted(names))
            )
    return kinds


async def _look(type: str, kind: type[Source], url: str, options: Mapping[str, Any], look: Look) -> Surroundings:
    own = {name: value for name, value in options.items() if name in kind.OPTIONS}
    id = f"discover-{type}-{token_hex(3)}"  # brokers throw out a client when another of its name comes
    settings = SourceSettings.model_validate({"id": id, "type": type, "url": url, "options": own})
    beside = kind.beside(settings)
    try:
        found = await kind(beside, {}).look_around(look)
        look.found = len(found.items)
        if not found.listened and found.items:
            await _watch(found, beside, look)
    except LinesideError as error:
        shown = {"url": without_password(url), **error.fields}
        raise error.__class__(error.key, **shown) from error
    except TimeoutError as error:
        raise Unreachable("connect.no_answer", url=without_password(url)) from error
    except (OSError, EOFError) as error:
        raise Unreachable("connect.unreachable", url=without_password(url), reason=reason(error)) from error
    options = {name: value for name, value in found.settings.options.items() if beside.options.get(name) != value}
    found.settings = _shown(settings.model_copy(update={"options": own | options}), kind)
    return found


def _shown(settings: SourceSettings, kind: type[Source]) -> SourceSettings:
    """The settings as they may stand in a file: never with a password."""
    url = settings.url or ""
    user = unquote(urlsplit(url).username or "")
    options = dict(settings.options)
    if user and "user" in kind.OPTIONS:
        options.setdefault("user", user)
    return settings.model_copy(update={"url": without_password(url), "options": options})


async def _watch(found: Surroundings, settings: SourceSettings, look: Look) -> None:
    """Runs a source on what was found, as a node would, and sees what it delivers."""
    usable = sorted((item for item in found.items if not item.useless), key=lambda item: item.constant)
    items = {item.address: item for item in usable[:MOST_WATCHED]}
    if len(usable) > len(items):
        found.notes.append(Note("discover.watched", {"count": len(items), "of": len(usable)}))
    watching = _Watching(items)
    peer = source(settings, {address: item.kind or "text" for address, item in items.items()})
    running = asyncio.ensure_future(peer.run(watching))
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(look.left_s):
                await running
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    if watching.wrong is not None:
        found.notes.append(watching.wrong)


class _Watching:
    """A sink that keeps how values behave, and nothing else."""

    def __init__(self, items: Mapping[str, Any]) -> None:
        self._items = items
        self.wrong: Note | None = None

    async def observe(self, batch: pa.RecordBatch) -> None:
        """Sees each value."""
        for row in rows(batch):
            if row.number is not None:
                text = str(int(row.number)) if row.number.is_integer() else repr(row.number)
            else:
                text = row.text or ""
            self._items[row.address].seen.see(text)

    async def heard(self, start: int, end: int, *, durable: bool = False) -> None:
        """Coverage is of no interest."""

    async def lost(self, time: int, key: str, **fields: object) -> None:
        """Nor are losses."""

    def status(self, state: SourceState, key: str, **fields: object) -> None:
        """Keeps what was wrong last."""
        if state is SourceState.DEGRADED:
            self.wrong = Note(key, fields)
        elif state is SourceState.ACTIVE:
            self.wrong = None
