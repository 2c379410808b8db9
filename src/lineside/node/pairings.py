"""Which OPC UA servers people of this plant trusted or refused: the word goes into the trust list, who said it here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Integer, select
from sqlalchemy.orm import Mapped, mapped_column

from lineside.books import Base, Books
from lineside.connect import KEY, KEYS, OWN, Pairing, fingerprint, look_at_pairing, make_certificate, without_password
from lineside.errors import ConfigurationError
from lineside.node.threads import in_own_thread
from lineside.plant import Plant, SourceSettings
from lineside.trust import Kind, Ledger


class PairingRecord(Base):
    """What somebody said of a server's certificate; the last word of a source counts."""

    __tablename__ = "pairings"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    source: Mapped[str]
    url: Mapped[str]
    fingerprint: Mapped[str]
    subject: Mapped[str]
    trusted: Mapped[bool]
    who: Mapped[str]
    time_us: Mapped[int]


NAMES = (PairingRecord.who,)
"""What of this room's records names people."""


class Pairings:
    """The pairings of one plant."""

    def __init__(
        self, folder: Path, books: Books, plant: Callable[[], Plant], now_us: Callable[[], int], ledger: Ledger
    ) -> None:
        self._keys = folder.resolve() / KEYS
        self._books, self._ledger = books, ledger
        self._plant = plant
        self._now_us = now_us

    async def look(self, source: str) -> Pairing:
        """How a source and its server stand. Raises ConfigurationError for what is no OPC UA source of the plant."""
        return await look_at_pairing(self._settings(source), self._keys / OWN)

    def last(self, source: str, *, trusted: bool | None = None) -> PairingRecord | None:
        """What was said last of the source's server; with `trusted`, what was trusted or refused last."""
        asked = select(PairingRecord).where(PairingRecord.source == source)
        if trusted is not None:
            asked = asked.where(PairingRecord.trusted == trusted)
        with self._books.reading() as session:
            return session.scalar(asked.order_by(PairingRecord.id.desc()).limit(1))

    async def decide(self, source: str, seen: str, who: str, *, trusted: bool, by: str) -> None:
        """Trusts or refuses the certificate with the fingerprint that was `seen`, if the server still shows it.

        `by` is how the ledger names who says so.
        Raises ConfigurationError when it shows another, or when there is nothing to decide.
        """
        pairing = await self.look(source)
        shown = None if pairing.shown is None else pairing.shown.certificate
        if pairing.trouble is not None and not pairing.decidable:
            raise pairing.trouble
        if shown is None or pairing.list is None or not pairing.decidable:
            raise ConfigurationError("node.pairing_settled", source=source)
        if fingerprint(shown) != seen:
            raise ConfigurationError("node.pairing_moved", source=source, seen=seen, shown=fingerprint(shown))
        before = await in_own_thread(self.last, source, trusted=True)
        if trusted:
            await in_own_thread(pairing.list.trust, shown, None if before is None else before.fingerprint)
        else:
            await in_own_thread(pairing.list.refuse, shown)
        record = PairingRecord(
            source=source,
            url=without_password(self._settings(source).url or ""),
            fingerprint=seen,
            subject=shown.subject.rfc4514_string(),
            trusted=trusted,
            who=who,
            time_us=self._now_us(),
        )
        await in_own_thread(self._write, record, by)

    @property
    def own(self) -> tuple[Path, Path]:
        """Where this node's certificate and key lie."""
        return self._keys / OWN, self._keys / KEY

    def make_own(self) -> None:
        """Makes them where they are not there yet."""
        make_certificate(self._keys)

    def _settings(self, source: str) -> SourceSettings:
        sources = self._plant().sources
        if source not in sources:
            raise ConfigurationError("node.no_source", source=source, known=", ".join(sources))
        return sources[source]

    def _write(self, record: PairingRecord, by: str) -> None:
        kind, about = Kind.TRUSTED if record.trusted else Kind.DISTRUSTED, f"source/{record.source}"
        with self._books.session() as session:
            session.add(record)
            self._ledger.write(session, kind, who=by, about=about, fingerprint=record.fingerprint)
