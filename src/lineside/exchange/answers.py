"""What a hub answers to one envelope: its own signed word, or the problem in words that people read."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from lineside.errors import LinesideError
from lineside.exchange.envelope import Envelope
from lineside.texts import LANGUAGES

_MOST_CHARACTERS = 500
_NOTHING = msgspec.Raw(b"null")
Field = str | int | float | bool | None


class Problem(Struct, frozen=True, kw_only=True):
    """Why something was not taken: a key of the texts with its fields, and the same in words, by language."""

    key: str
    fields: dict[str, Field] = {}
    sentence: dict[str, str] = {}
    cure: dict[str, str] = {}

    @classmethod
    def of(cls, error: LinesideError) -> Problem:
        """An error as it travels."""
        return cls(
            key=error.key,
            fields={name: _plain(value) for name, value in error.fields.items()},
            sentence={language: error.sentence(language) for language in LANGUAGES},
            cure={language: error.cure(language) or "" for language in LANGUAGES},
        )


class Answer(Struct, frozen=True, kw_only=True):
    """The answer to the envelope whose payload has this hash; to what is no envelope, the hash of the whole line."""

    sha256: str
    receipt: msgspec.Raw = _NOTHING
    """An envelope: the receipt of a statement, the welcome of an enrolment, what was told to a question; else null."""
    problem: Problem | None = None

    @classmethod
    def parse(cls, text: bytes) -> Answer:
        """The answer that a line is. Raises msgspec.DecodeError for what is none."""
        return _DECODER.decode(text)

    def json(self) -> bytes:
        """As it is sent, in one line."""
        return msgspec.json.encode(self)

    @property
    def reply(self) -> bytes | None:
        """The envelope byte for byte as the hub sent it; None where there is a problem instead."""
        found = bytes(self.receipt)
        return None if found == b"null" else found

    @property
    def envelope(self) -> Envelope | None:
        """What the hub signed, with nobody's word yet that it did. Raises UnusableData."""
        return None if self.reply is None else Envelope.parse(self.reply)


_DECODER = msgspec.json.Decoder(Answer)


def _plain(value: object) -> Field:
    return value if isinstance(value, Field) else str(value)[:_MOST_CHARACTERS]
