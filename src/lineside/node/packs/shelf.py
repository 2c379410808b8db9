"""The packs that a node keeps: asked of its hub, or carried to it; each signed by the hub of which it is a member."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Self

import msgspec
from msgspec import Struct
from sqlalchemy import select

from lineside.books import Books
from lineside.errors import ConfigurationError, LinesideError, UnusableData
from lineside.exchange import PACK, Envelope, Pack, decoded, signer
from lineside.node.member import Member, Membership
from lineside.node.packs.records import AppliedRecord, PackRecord
from lineside.trust import HERE

_MOST = 200
"""So many packs of a hub's list are looked at."""
_SILENT = "hub.no_answer"


class Listed(Struct, frozen=True):
    """What a hub says of a pack on its shelf, as far as a node reads it; a hub may say more."""

    sha256: str
    id: str = ""
    fits: bool = True
    why: list[str] = []
    withdrawn: bool = False
    withdrawn_reasons: str = ""


class _List(Struct, frozen=True):
    packs: list[Listed]


@dataclass(frozen=True, slots=True)
class KeptPack:
    """A pack that is here. `taken_us`: microseconds since 1970."""

    sha256: str
    pack: Pack
    came: str
    taken_us: int
    listed: Listed | None
    """What the hub said of it last; None of one that was only carried."""
    newest: bool = True
    """Whether no later edition of it is here."""

    @classmethod
    def of(cls, record: PackRecord) -> Self:
        """What a record says."""
        pack = decoded(Envelope.parse(record.envelope))
        if not isinstance(pack, Pack):
            raise UnusableData("solutions.no_pack")
        listed = None if record.told is None else msgspec.convert(record.told, Listed)
        return cls(record.sha256, pack, record.came, record.taken_us, listed)


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came of asking: how many are new, how many the hub listed, and why some were not taken."""

    new: int
    listed: int
    problems: tuple[LinesideError, ...] = ()


class Shelf:
    """Keeps them in the books."""

    def __init__(self, books: Books, member: Member) -> None:
        self._books, self._member = books, member

    def all(self) -> list[KeptPack]:
        """The newest edition of each pack, and older ones that are in use; in the order of their ids."""
        with self._books.reading() as rows:
            kept = [KeptPack.of(one) for one in rows.scalars(select(PackRecord))]
            used = set(rows.scalars(select(AppliedRecord.pack).where(AppliedRecord.ended_us.is_(None))))
        shown = [one for one in _with_newest(kept) if one.newest or one.sha256 in used]
        return sorted(shown, key=lambda one: (one.pack.id, -one.pack.edition))

    def get(self, sha256: str) -> KeptPack:
        """The pack of this hash. Raises ConfigurationError where it is not here."""
        with self._books.reading() as rows:
            if rows.get(PackRecord, sha256) is None:
                raise ConfigurationError("solutions.not_here", sha256=sha256[:64])
            kept = [KeptPack.of(one) for one in rows.scalars(select(PackRecord))]
        return next(one for one in _with_newest(kept) if one.sha256 == sha256)

    def find(self, name: str) -> KeptPack:
        """The pack of an id, or of a hash by its first eight digits or more. Raises ConfigurationError."""
        named = [one for one in self.all() if one.pack.id == name and one.newest]
        hashed = [one for one in self.all() if len(name) >= 8 and one.sha256.startswith(name.lower())]
        found = named or hashed
        if len(found) != 1:
            raise ConfigurationError("solutions.not_here", sha256=name[:64])
        return found[0]

    # how they come

    def take(self, text: bytes, who: str = HERE) -> KeptPack:
        """Keeps the pack in a file that somebody carried here.

        Raises UnusableData for what is no pack, or not signed by this node's hub, ConfigurationError where it is of
        another hub, was replaced by an edition that is here, or where this node knows no hub.
        """
        return self._keep(Envelope.parse(text.strip()), "file", who, None)[0]

    def fetch(self, who: str = HERE) -> Fetched:
        """Asks the hub for its packs and keeps those that are new. Raises LinesideError where it cannot be asked."""
        listed = self._list()
        new, problems = 0, list[LinesideError]()
        for one in listed:
            try:
                new += self._fetch(one, who)
            except (UnusableData, ConfigurationError) as why:
                problems.append(why)
        return Fetched(new, len(listed), tuple(problems))

    def _list(self) -> Sequence[Listed]:
        try:
            told = self._member.ask("packs")
        except UnusableData as error:
            if error.key == _SILENT:
                raise UnusableData("solutions.no_shelf") from error
            raise
        try:
            return msgspec.json.decode(told.answer, type=_List).packs[:_MOST]
        except msgspec.DecodeError as error:
            raise UnusableData("solutions.no_list") from error

    def _fetch(self, one: Listed, who: str) -> bool:
        """Whether it is new."""
        with self._books.session() as rows:
            if (record := rows.get(PackRecord, one.sha256)) is not None:
                record.told = msgspec.to_builtins(one)
                return False
        if one.withdrawn:
            return False
        told = self._member.ask("pack", one.sha256)
        envelope = Envelope.parse(bytes(told.answer))
        if envelope.sha256 != one.sha256:
            raise UnusableData("solutions.no_pack")
        return self._keep(envelope, "hub", who, one, told.succession)[1]

    def _keep(
        self,
        envelope: Envelope,
        came: str,
        who: str,
        listed: Listed | None,
        succession: Sequence[tuple[str, str]] = (),
    ) -> tuple[KeptPack, bool]:
        pack = self._checked(envelope, succession)
        with self._books.session() as rows:
            if (known := rows.get(PackRecord, envelope.sha256)) is not None:
                return KeptPack.of(known), False
            same = (PackRecord.hub == pack.hub) & (PackRecord.id == pack.id) & (PackRecord.edition >= pack.edition)
            newer = rows.scalar(select(PackRecord.edition).where(same).limit(1))
            if newer is not None:
                raise ConfigurationError("solutions.replaced", pack=pack.id, edition=pack.edition, newer=newer)
            record = PackRecord(
                sha256=envelope.sha256,
                hub=pack.hub,
                id=pack.id,
                edition=pack.edition,
                envelope=envelope.json(),
                came=came,
                taken_us=self._member.now(),
                by=who,
                told=None if listed is None else msgspec.to_builtins(listed),
            )
            rows.add(record)
            rows.flush()
            return KeptPack.of(record), True

    def _checked(self, envelope: Envelope, succession: Sequence[tuple[str, str]]) -> Pack:
        """The pack in an envelope, once it is known to be this node's hub's word."""
        membership = self._member.memberships.current()
        if membership is None:
            raise ConfigurationError("solutions.no_hub")
        if envelope.kind != PACK:
            raise UnusableData("solutions.no_pack")
        try:
            pack = decoded(envelope)
        except UnusableData as error:
            raise UnusableData("solutions.no_pack") from error
        if not isinstance(pack, Pack):
            raise UnusableData("solutions.no_pack")
        if pack.hub != membership.hub:
            raise ConfigurationError("solutions.other_hub", hub=membership.invitation.name)
        _require_signed(envelope, membership, succession)
        return pack


def _require_signed(envelope: Envelope, membership: Membership, succession: Sequence[tuple[str, str]]) -> None:
    """Raises UnusableData where no key of the hub signed it: that known now, that of the invitation, or one between."""
    welcomed = () if membership.welcome is None else membership.welcome.succession
    last: UnusableData | None = None
    for known in dict.fromkeys((membership.hub_key, membership.invitation.key)):
        for keys in (succession, welcomed):
            try:
                signer(envelope, membership.hub, bytes.fromhex(known), keys)
            except UnusableData as error:
                last = error
            else:
                return
    raise UnusableData("solutions.forged", hub=membership.invitation.name) from last


def _with_newest(kept: Sequence[KeptPack]) -> Iterator[KeptPack]:
    last: dict[tuple[str, str], int] = {}
    for one in kept:
        name = (one.pack.hub, one.pack.id)
        last[name] = max(last.get(name, 0), one.pack.edition)
    for one in kept:
        newest = one.pack.edition == last[one.pack.hub, one.pack.id]
        yield replace(one, newest=newest)
