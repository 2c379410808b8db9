"""What a member's node signs to apply for support: the draft that lies at the hub, by its hash, and what shows it."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from lineside.errors import UnusableData
from lineside.exchange.words import Hash, Number, Text

APPLICATION = "application/vnd.lineside.application+json"


class Proof(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Something that shows a thing: a figure in a signed statement of the member, or a document by its hash."""

    evidence: Text
    """Which evidence of the rule it is."""
    sha256: Hash
    """Of the statement, or of the document, which stays with the member until a reviewer asks for it."""
    statement: Number | None = None
    """The number of the statement, where it is one."""
    name: Annotated[str, Meta(max_length=200)] = ""


class Signed(Struct, frozen=True, forbid_unknown_fields=True):
    """The payload of an APPLICATION."""

    application: int
    draft: str
    proofs: tuple[Proof, ...]


def signed_of(payload: bytes) -> Signed:
    """What the payload of an APPLICATION says. Raises UnusableData."""
    try:
        return msgspec.json.decode(payload, type=Signed)
    except msgspec.DecodeError as error:
        raise UnusableData("exchange.no_application", reason=str(error)[:200]) from error
