"""Whom a round of a secure sum holds: each member by the key that it signed itself, and by the hub's receipt of that.

A hub that lies may still invent a member together with its key; who it is, people compare with its fingerprint.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import msgspec
from msgspec import Struct

from lineside.errors import UnusableData
from lineside.exchange import Envelope, Receipt, SumKey, SumRound, Told, decoded, signer
from lineside.node.member.membership import Membership
from lineside.trust import fingerprint

Members: TypeAlias = Callable[[str, int], Told]
"""Asks the hub for those of a round, by its hash, after a member. Raises LinesideError."""


class _Proof(Struct, frozen=True):
    key: str
    statement: msgspec.Raw
    receipt: msgspec.Raw


class _Answer(Struct, frozen=True):
    members: tuple[_Proof, ...]


@dataclass(frozen=True, slots=True)
class SeenMember:
    """A member of a round: the fingerprint by which people know it, and the entry of the hub's ledger with its key."""

    member: int
    fingerprint: str
    entry: int
    own: bool


@dataclass(frozen=True, slots=True)
class SeenRound:
    """A round that waits for shares, with all its members, each of them proven. Times in milliseconds since 1970."""

    sha256: str
    attempt: int
    closes_ms: int
    least: int
    """As few as the call allows."""
    members: tuple[SeenMember, ...]
    agreed: bool
    """Whether a person said yes to it already."""


def proven(found: Membership, told: SumRound, sha256: str, ask: Members) -> tuple[SeenMember, ...]:
    """The members of a round as the hub shows them. Raises UnusableData where it does not for one of them."""
    seen: dict[int, SeenMember] = {}
    keys = {one.member: one.key for one in told.members}
    if len(keys) < len(told.members) or len({*keys.values()}) < len(keys):
        raise UnusableData("sums.twice")
    while len(seen) < len(keys):
        answer = ask(sha256, max(seen, default=0))
        fresh = [_one(found, told.call, keys, one, answer) for one in _read(answer).members]
        if not fresh or {one.member for one in fresh} & seen.keys():
            raise UnusableData("sums.unproven", member=min(keys.keys() - seen.keys()))
        seen.update((one.member, one) for one in fresh)
    if len({one.fingerprint for one in seen.values()}) < len(seen):
        raise UnusableData("sums.twice")
    return tuple(seen[number] for number in sorted(seen))


def _one(found: Membership, call: str, keys: Mapping[int, str], proof: _Proof, answer: Told) -> SeenMember:
    """One member. Raises UnusableData where what it signed, or the receipt, is of something else."""
    statement, receipt = Envelope.parse(bytes(proof.statement)), Envelope.parse(bytes(proof.receipt))
    said, kept = decoded(statement), decoded(receipt)
    signer(receipt, found.hub, bytes.fromhex(found.hub_key), answer.succession)
    number = said.member if isinstance(said, SumKey) else 0
    if (
        not isinstance(said, SumKey)
        or not isinstance(kept, Receipt)
        or (said.hub, said.call, said.key) != (found.hub, call, keys.get(number))
        or (kept.hub, kept.member, kept.number, kept.statement) != (said.hub, number, said.number, statement.sha256)
        or not _signed(statement, proof.key)
    ):
        raise UnusableData("sums.unproven", member=number)
    return SeenMember(number, fingerprint(bytes.fromhex(proof.key)), kept.entry, number == found.member)


def _signed(statement: Envelope, key: str) -> bool:
    try:
        return statement.signed_by(bytes.fromhex(key))
    except ValueError:  # no key at all
        return False


def _read(answer: Told) -> _Answer:
    try:
        return msgspec.json.decode(answer.answer, type=_Answer)
    except msgspec.DecodeError as error:
        raise UnusableData("member.no_receipt") from error
