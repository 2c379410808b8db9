"""The shelf: packs that were published, each a signed envelope, edition after edition."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType
from typing import TypeAlias, cast

from msgspec.structs import replace
from sqlalchemy import select
from sqlalchemy.orm import Session as Rows

from lineside.books import Books
from lineside.errors import ConfigurationError, NotPermitted
from lineside.exchange import PACK, Cost, Effect, Envelope, Pack, decoded, encoded
from lineside.hub.numbering import following
from lineside.hub.packs.draft import Draft, decoded_draft
from lineside.hub.packs.drafts import drafted, open_record
from lineside.hub.packs.records import PackGroupRecord, PackRecord
from lineside.hub.voice import Voice
from lineside.trust import HERE, Fact, Kind, Ledger

Effects: TypeAlias = Callable[[str], Effect | None]
"""What a pilot found, by the hash of its plan; None where it did not work, or there is none."""
MOST_WORDS = 5000


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Why a pack is not to be used any more."""

    reasons: str
    at_us: int
    by: str


@dataclass(frozen=True, slots=True)
class Published:
    """A pack as it was published; `by` as the ledger names people."""

    sha256: str
    pack: Pack
    envelope: bytes
    entry: int
    published_us: int
    by: str
    reasons: str
    withdrawal: Withdrawal | None
    replaced_by: str | None = None
    """The next edition."""

    @property
    def current(self) -> bool:
        """Whether it is the newest edition, and not withdrawn."""
        return self.withdrawal is None and self.replaced_by is None


class Shelf:
    """Packs of a hub, in memory as in the books. `now_us` is the time in microseconds since 1970."""

    def __init__(self, books: Books, ledger: Ledger, voice: Voice, effects: Effects, now_us: Callable[[], int]) -> None:
        self._books, self._ledger, self._voice, self._effects, self._now = books, ledger, voice, effects, now_us
        self._lock = threading.Lock()
        self._packs: Mapping[str, Published] = {}
        self._groups: Mapping[str, Mapping[int, str]] = {}
        self._read()

    @property
    def packs(self) -> Mapping[str, Published]:
        """Every edition that was ever published, by its hash, in the order in which they were."""
        return self._packs

    @property
    def ids(self) -> Mapping[str, str]:
        """Of which pack an edition is, by its hash."""
        return {sha: one.pack.id for sha, one in self._packs.items()}

    def proven(self) -> frozenset[str]:
        """Those that a pilot measured, by their hashes."""
        return frozenset(sha for sha, one in self.packs.items() if one.pack.effects)

    def title(self, sha: str, language: str) -> str:
        """What a pack is called; of one that is not here the beginning of its hash."""
        found = self.packs.get(sha)
        return sha[:8] if found is None else str(getattr(found.pack.title, language))

    def get(self, sha: str) -> Published:
        """One edition. Raises ConfigurationError."""
        found = self._packs.get(sha)
        if found is None:
            raise ConfigurationError("packs.none", sha256=sha[:64])
        return found

    def editions(self, pack: str) -> list[Published]:
        """All editions of a pack, the newest first."""
        return sorted((one for one in self._packs.values() if one.pack.id == pack), key=lambda one: -one.pack.edition)

    def groups(self, pack: str) -> Mapping[int, str]:
        """In which group members are counted when others are told how far a pack has spread."""
        return self._groups.get(pack, {})

    def newest_by(self, plan: str) -> str | None:
        """The newest edition in force whose effect the pilot by this plan has shown, by its hash."""
        found = [one for one in self.packs.values() if one.current and plan in {each.plan for each in one.pack.effects}]
        return max(found, key=lambda one: one.published_us).sha256 if found else None

    def measured(self, plans: Iterable[str], indicator: str) -> list[str]:
        """Those of these plans by which a pilot bettered an indicator."""
        return [plan for plan in plans if (found := self._effects(plan)) is not None and found.indicator == indicator]

    def publish(
        self,
        number: int,
        reasons: str,
        *,
        plans: Sequence[str] = (),
        cost: Cost | None = None,
        groups: Callable[[], Mapping[int, str]],
        by: str = HERE,
    ) -> Published:
        """The draft of a number, published as the next edition of its pack.

        `plans` are hashes of plans of pilots that worked; `cost` takes the place of what the provider says. `groups`
        are asked for at the first edition. Raises NotPermitted for who had a hand in the draft, and ConfigurationError
        without reasons, and for a plan by which nothing is known.
        """
        plain = _plain(reasons)
        effects = self._found(plans)
        with self._changing() as rows:
            record = open_record(rows, number)
            draft = decoded_draft(record.content)
            if by in drafted(rows, record).authors:
                raise NotPermitted("packs.own_draft", draft=number)
            if other := [one.indicator for one in effects if one.indicator != draft.indicator]:
                raise ConfigurationError("packs.other_indicator", indicator=other[0], own=draft.indicator)
            pack = self._pack(rows, draft, effects, cost)
            payload = encoded(pack)
            sha = sha256(payload).hexdigest()
            told: dict[str, Fact] = {"number": pack.edition, "sha256": sha, "draft": number, "reasons": _hash(plain)}
            entry = self._ledger.write(rows, Kind.PACK_PUBLISHED, who=by, about=f"pack/{sha[:16]}", **told)
            rows.add(
                PackRecord(
                    sha256=sha,
                    pack=pack.id,
                    edition=pack.edition,
                    draft=number,
                    published_us=self._now(),
                    by=by,
                    reasons=plain,
                    entry=entry,
                    envelope=self._voice.say(PACK, payload),
                    withdrawn_reasons="",
                )
            )
            if rows.get(PackGroupRecord, pack.id) is None:
                kept = {str(member): group for member, group in groups().items()}
                rows.add(PackGroupRecord(pack=pack.id, members=kept))
            record.state = "published"
        return self.get(sha)

    def withdraw(self, sha: str, reasons: str, *, by: str = HERE) -> Published:
        """The edition, not to be used any more. Raises ConfigurationError without reasons, and where it was already."""
        plain = _plain(reasons)
        with self._changing() as rows:
            record = rows.get(PackRecord, sha)
            if record is None:
                raise ConfigurationError("packs.none", sha256=sha[:64])
            if record.withdrawn_us is not None:
                raise ConfigurationError("packs.withdrawn_already", sha256=sha)
            record.withdrawn_us, record.withdrawn_by, record.withdrawn_reasons = self._now(), by, plain
            told = {"sha256": sha, "reasons": _hash(plain)}
            self._ledger.write(rows, Kind.PACK_WITHDRAWN, who=by, about=f"pack/{sha[:16]}", **told)
        return self.get(sha)

    @contextmanager
    def _changing(self) -> Iterator[Rows]:
        """One change of the shelf at a time, which is in memory once it is in the books."""
        with self._lock:
            with self._books.session() as rows:
                yield rows
            self._read()

    def _found(self, plans: Sequence[str]) -> tuple[Effect, ...]:
        found = []
        for plan in dict.fromkeys(plans):
            effect = self._effects(plan)
            if effect is None:
                raise ConfigurationError("packs.no_effect", plan=plan[:64])
            found.append(effect)
        return tuple(found)

    def _pack(self, rows: Rows, draft: Draft, effects: tuple[Effect, ...], cost: Cost | None) -> Pack:
        before = next(iter(self.editions(draft.id)), None)
        told = {name: getattr(draft, name) for name in Draft.__struct_fields__}
        pack = Pack(
            schema="lineside.pack/1",
            hub=self._voice.hub,
            edition=following(rows, "edition", 0 if before is None else before.pack.edition),
            effects=effects,
            made_ms=self._now() // 1000,
            replaces=None if before is None else before.sha256,
            **told,
        )
        return pack if cost is None else replace(pack, cost=cost)

    def _read(self) -> None:
        with self._books.reading() as rows:
            found = _stored(rows)
            groups = {one.pack: _counted(one.members) for one in rows.scalars(select(PackGroupRecord))}
        self._packs, self._groups = MappingProxyType(found), groups


def _stored(rows: Rows) -> dict[str, Published]:
    records = list(rows.scalars(select(PackRecord).order_by(PackRecord.entry)))
    packs = {one.sha256: cast("Pack", decoded(Envelope.parse(one.envelope))) for one in records}
    after = {pack.replaces: sha for sha, pack in packs.items() if pack.replaces is not None}
    return {
        one.sha256: Published(
            one.sha256,
            packs[one.sha256],
            one.envelope,
            one.entry,
            one.published_us,
            one.by,
            one.reasons,
            None
            if one.withdrawn_us is None
            else Withdrawal(one.withdrawn_reasons, one.withdrawn_us, one.withdrawn_by or HERE),
            after.get(one.sha256),
        )
        for one in records
    }


def _counted(members: Mapping[str, str]) -> dict[int, str]:
    return {int(member): group for member, group in members.items()}


def _hash(words: str) -> str:
    return sha256(words.encode()).hexdigest()


def _plain(words: str) -> str:
    plain = words.strip()
    if not 0 < len(plain) <= MOST_WORDS:
        raise ConfigurationError("hub.no_words", most=MOST_WORDS)
    return plain
