"""Shocks at a hub: what they would do to its members now, and what everybody was told of them."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from hashlib import sha256
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import select

from lineside.books import Books
from lineside.errors import ConfigurationError
from lineside.exchange import Exposure
from lineside.hub.compare import Secrecy
from lineside.hub.hearing import Hearing
from lineside.hub.member import Standing
from lineside.hub.numbering import numbered
from lineside.hub.register import Register
from lineside.hub.settings import HubSettings
from lineside.hub.shocks.effect import Effect, Exposed, effect, inputs_named
from lineside.hub.shocks.records import ToldShocksRecord
from lineside.hub.shocks.risk import Basis, Risk, risk
from lineside.hub.shocks.shock import PUBLISHED, Shock
from lineside.hub.shocks.telling import Figure, Loss, Seat, figures, renewed
from lineside.rules import industries
from lineside.trust import HERE, HUB, Kind, Ledger

EVERY_DAYS = 80
"""So many days lie between two editions at least."""
_MOST_KEPT = 16
"""So many shocks are kept worked out; with 10,000 members each is about 3 MB."""
_DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Told:
    """An edition: what is told of each of the published shocks, in their order; microseconds since 1970."""

    edition: int
    told_us: int
    shocks: tuple[tuple[Figure, ...], ...]


class _Known:
    """What the members are exposed to at a moment, and what was asked of it."""

    def __init__(self, exposed: list[Exposed]) -> None:
        self.exposed = exposed
        self.effects: dict[Shock, Effect] = {}

    @cached_property
    def inputs(self) -> dict[str, int]:
        """See `inputs_named`."""
        return inputs_named(self.exposed)


class Shocks:
    """The shocks of one hub. Any thread may ask. `now_us` is the time in microseconds since 1970."""

    def __init__(
        self,
        books: Books,
        ledger: Ledger,
        register: Register,
        hearing: Hearing,
        settings: Callable[[], HubSettings],
        now_us: Callable[[], int],
    ) -> None:
        self._books, self._ledger, self._register, self._hearing = books, ledger, register, hearing
        self._settings, self._now = settings, now_us
        self._known: dict[bool, _Known] = {}
        """By whether generated members count."""
        self._keeping = threading.Lock()

    def effect(self, shock: Shock, *, generated: bool = True) -> Effect:
        """What a shock does to the members, by what each released last; generated ones only where they are wanted.

        Who asks the same while nobody released anything else gets the same.
        """
        known = self._looked(generated=generated)
        found = known.effects.get(shock)
        if found is None:
            found = effect(known.exposed, shock)
            with self._keeping:
                while len(known.effects) >= _MOST_KEPT:
                    known.effects.pop(next(iter(known.effects)))
                known.effects[shock] = found
        return found

    def inputs(self) -> dict[str, int]:
        """How many members name each input, those named most first."""
        return dict(self._looked(generated=True).inputs)

    def of_member(self, number: int) -> list[Risk]:
        """What each of the published shocks costs one member. Raises ConfigurationError for no member."""
        self._register.get(number)
        told = self._newest().get(number)
        return [risk(told, shock) for shock in PUBLISHED]

    def told(self) -> Told | None:
        """The last edition that everybody is told; None before the first."""
        newest = select(ToldShocksRecord).order_by(ToldShocksRecord.edition.desc()).limit(1)
        with self._books.reading() as rows:
            found = rows.scalar(newest)
            if found is None:
                return None
            shocks = msgspec.json.decode(found.content, type=tuple[tuple[Figure, ...], ...])
            return Told(found.edition, found.told_us, shocks)

    def tell(self, *, by: str = HERE) -> Told:
        """Tells everybody of the published shocks anew. Raises ConfigurationError: too soon, of too few, or never."""
        secrecy, everybody = self._secrecy(), self._may_count()
        now = [_losses(everybody, shock) for shock in PUBLISHED]
        newest = select(ToldShocksRecord).order_by(ToldShocksRecord.edition.desc()).limit(1)
        with self._books.session() as rows:
            last, now_us = rows.scalar(newest), self._now()
            before = [{} for _ in PUBLISHED] if last is None else _read(last.basis)
            if last is not None and now_us < last.told_us + EVERY_DAYS * _DAY_US:
                raise ConfigurationError("shocks.told_lately", day=self._day(last.told_us + EVERY_DAYS * _DAY_US))
            seats = [renewed(old, new, secrecy) for old, new in zip(before, now, strict=True)]
            shocks = tuple(tuple(figures(one, secrecy)) for one in seats)
            if not any(shocks):
                raise ConfigurationError("shocks.too_few", group=secrecy.group)
            edition, content = numbered(rows, "shocks", ToldShocksRecord.edition), msgspec.json.encode(shocks)
            record = {"edition": edition, "told_us": now_us, "by": by, "content": content, "basis": _written(seats)}
            rows.add(ToldShocksRecord(**record))
            digest = sha256(content).hexdigest()
            self._ledger.write(rows, Kind.SHOCKS_TOLD, who=by, about=HUB, edition=edition, sha256=digest)
        return Told(edition, now_us, shocks)

    def _secrecy(self) -> Secrecy:
        told = self._settings().protection
        return Secrecy(told.group, told.colluders, told.largest)

    def _may_count(self) -> list[Exposed]:
        """Who counts in what is told. Raises ConfigurationError where the hub tells nothing of groups."""
        telling = self._settings().telling
        if telling is None:
            raise ConfigurationError("shocks.no_telling")
        return self._exposed(generated=telling.generated)

    def _looked(self, *, generated: bool) -> _Known:
        """Who is exposed to what now, with what was worked out of just that."""
        exposed = self._exposed(generated=generated)
        known = self._known.get(generated)
        if known is None or known.exposed != exposed:
            known = self._known[generated] = _Known(exposed)
        return known

    def _exposed(self, *, generated: bool) -> list[Exposed]:
        newest = self._newest()
        return [
            Exposed(
                one.number,
                industries().of(one.profile.industry).code,
                one.profile.employees,
                newest.get(one.number),
                one.profile.generated,
            )
            for one in self._register.everybody()
            if one.state is Standing.MEMBER and (generated or not one.profile.generated)
        ]

    def _newest(self) -> dict[int, Exposure]:
        """What each member said last."""
        return {one.told.member: one.told for one in self._hearing.of(Exposure)}

    def _day(self, at_us: int) -> str:
        zone = ZoneInfo(self._settings().time_zone)
        return datetime.fromtimestamp(at_us / 1e6, UTC).astimezone(zone).date().isoformat()


def _losses(everybody: list[Exposed], shock: Shock) -> dict[int, Loss]:
    """What each that told loses, of the output of the shock's days."""
    risks = ((one, risk(one.told, shock)) for one in everybody)
    return {
        one.member: Loss(one.group, own.lost[0] / shock.days, own.lost[1] / shock.days, one.generated)
        for one, own in risks
        if own.basis is not Basis.UNKNOWN
    }


def _written(seats: list[dict[int, Seat]]) -> bytes:
    return zlib.compress(msgspec.json.encode(seats))


def _read(basis: bytes) -> list[dict[int, Seat]]:
    return msgspec.json.decode(zlib.decompress(basis), type=list[dict[int, Seat]])
