"""The evidence of a value: a document of all that it was computed from, which stays at home, named by its hash."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Self

FORMAT = "lineside.evidence/1"


def told_bytes(told: Mapping[str, Any]) -> bytes:
    """JSON in UTF-8 with sorted keys and no white space; a number as its shortest decimal that reads back the same."""
    return json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


@dataclass(frozen=True, slots=True)
class Evidence:
    """The bytes of such a document."""

    document: bytes

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        """The evidence that says these things."""
        return cls(told_bytes({"format": FORMAT, **told}))

    @property
    def sha256(self) -> str:
        """By this a value names it."""
        return sha256(self.document).hexdigest()

    def packed(self) -> bytes:
        """As it is kept."""
        return zlib.compress(self.document)

    @classmethod
    def unpacked(cls, packed: bytes) -> Self:
        """What `packed` gave."""
        return cls(zlib.decompress(packed))
