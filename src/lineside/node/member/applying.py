"""What people bring from a hub to be signed: an application for support, looked at before a key is put to it."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Self

import msgspec
from msgspec import Struct

from lineside.errors import UnusableData
from lineside.exchange import APPLICATION, Signed, signed_of


class _Content(Struct, forbid_unknown_fields=True):
    payloadType: str  # noqa: N815 - as DSSE calls it
    payload: str


@dataclass(frozen=True, slots=True)
class Brought:
    """The bytes to be signed, and what they say."""

    payload: bytes
    says: Signed

    @classmethod
    def parse(cls, text: bytes) -> Self:
        """That of a file that a hub gave out. Raises UnusableData for any other: nothing else is signed this way."""
        try:
            told = msgspec.json.decode(text, type=_Content)
            payload = base64.b64decode(told.payload, validate=True)
        except (msgspec.DecodeError, ValueError) as error:
            raise UnusableData("exchange.no_application", reason=str(error)[:200]) from error
        if told.payloadType != APPLICATION:
            raise UnusableData("exchange.no_application", reason=told.payloadType[:100])
        return cls(payload, signed_of(payload))
