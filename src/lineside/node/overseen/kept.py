"""What is kept of a hub's questions, terms and looks, read into values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import select

from lineside.books import Books
from lineside.errors import ConfigurationError, LinesideError
from lineside.exchange import Envelope, Question, Sandbox, decoded
from lineside.node.member import Membership, problem_json, problem_of
from lineside.node.overseen.records import FetchRecord, LookRecord, OverseenRecord

D = TypeVar("D", Question, Sandbox)


@dataclass(frozen=True, slots=True)
class Document(Generic[D]):
    """A document that the hub signed, and how it stands by its last word."""

    sha256: str
    says: D
    envelope: Envelope
    told: Mapping[str, Any] | None
    """None where somebody carried it here, and the hub has said nothing of it."""
    known_us: int


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody at the hub looked at an incident; `who` is the number of an account there."""

    incident: int
    at_ms: int
    who: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Fetch:
    """When the hub was asked last (microseconds since 1970), and what went wrong then."""

    asked_us: int
    problem: LinesideError | None


class Kept:
    """The documents and looks of memberships. `now_us`: microseconds since 1970."""

    def __init__(self, books: Books, now_us: Callable[[], int]) -> None:
        self._books, self._now = books, now_us

    def documents(self, membership: Membership, kind: type[D]) -> list[Document[D]]:
        """Those of a kind, the newest number first."""
        mine = (OverseenRecord.membership == membership.id) & (OverseenRecord.kind == kind.__name__.lower())
        with self._books.reading() as rows:
            found = [_document(one, kind) for one in rows.scalars(select(OverseenRecord).where(mine))]
        return sorted(found, key=lambda one: one.says.number, reverse=True)

    def document(self, membership: Membership, sha256: str, kind: type[D]) -> Document[D]:
        """One by its hash. Raises ConfigurationError where it is not here."""
        with self._books.reading() as rows:
            record = rows.get(OverseenRecord, (membership.id, sha256))
            if record is None or record.kind != kind.__name__.lower():
                raise ConfigurationError("overseen.not_here", sha256=sha256[:64])
            return _document(record, kind)

    def put(self, membership: Membership, envelope: Envelope, told: Mapping[str, Any] | None) -> bool:
        """Keeps a document, or what is said of it now; whether it is new. What was told is not forgotten."""
        with self._books.session() as rows:
            record = rows.get(OverseenRecord, (membership.id, envelope.sha256))
            if record is not None:
                record.told = record.told if told is None else dict(told)
                return False
            rows.add(
                OverseenRecord(
                    membership=membership.id,
                    sha256=envelope.sha256,
                    kind=type(decoded(envelope)).__name__.lower(),
                    envelope=envelope.json(),
                    told=None if told is None else dict(told),
                    known_us=self._now(),
                )
            )
            return True

    def looks(self, membership: Membership) -> list[Look]:
        """Every look, the newest first."""
        mine = select(LookRecord).where(LookRecord.membership == membership.id).order_by(LookRecord.at_ms.desc())
        with self._books.reading() as rows:
            return [Look(one.incident, one.at_ms, one.who, one.purpose) for one in rows.scalars(mine)]

    def put_looks(self, membership: Membership, looks: Iterable[Look]) -> None:
        """Keeps those that are not known yet; one that was told once stays."""
        with self._books.session() as rows:
            for one in looks:
                if rows.get(LookRecord, (membership.id, one.incident, one.at_ms, one.who)) is None:
                    told = {"incident": one.incident, "at_ms": one.at_ms, "who": one.who, "purpose": one.purpose}
                    rows.add(LookRecord(membership=membership.id, **told))
                    rows.flush()

    def fetch(self, membership: Membership) -> Fetch | None:
        """The last one; None where the hub was never asked."""
        with self._books.reading() as rows:
            record = rows.get(FetchRecord, membership.id)
            if record is None:
                return None
            return Fetch(record.asked_us, None if record.problem is None else problem_of(record.problem))

    def fetched(self, membership: Membership, problem: LinesideError | None) -> None:
        """Notes that the hub was asked."""
        with self._books.session() as rows:
            told = None if problem is None else problem_json(problem)
            rows.merge(FetchRecord(membership=membership.id, asked_us=self._now(), problem=told))


def _document(record: OverseenRecord, kind: type[D]) -> Document[D]:
    envelope = Envelope.parse(record.envelope)
    says = decoded(envelope)
    if not isinstance(says, kind):
        raise ConfigurationError("overseen.not_here", sha256=record.sha256)
    return Document(record.sha256, says, envelope, record.told, record.known_us)
