"""Cuts the endless multipart answer of an agent into its documents."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

from lineside.errors import UnusableData

LARGEST_PART = 64 * 1024 * 1024
_BOUNDARY = re.compile(r'boundary="?([^";,\s]+)"?', re.IGNORECASE)
_LENGTH = re.compile(rb"^content-length:\s*(\d{1,12})\s*$", re.IGNORECASE | re.MULTILINE)


def boundary_of(content_type: str) -> bytes | None:
    """The boundary of a multipart answer, or None for a single document."""
    match = _BOUNDARY.search(content_type)
    return b"--" + match[1].encode() if "multipart" in content_type.lower() and match else None


async def read_parts(chunks: AsyncIterator[bytes], boundary: bytes) -> AsyncIterator[bytes]:
    """The documents of a stream, each as soon as it is whole: by its length, or else at the next boundary."""
    held = b""
    async for chunk in chunks:
        held += chunk
        while True:
            part, held = _next_part(held, boundary)
            if part is None:
                break
            yield part
        if len(held) > LARGEST_PART:
            raise UnusableData("connect.mtconnect.document", reason=f"> {LARGEST_PART} bytes")


def _next_part(held: bytes, boundary: bytes) -> tuple[bytes | None, bytes]:
    """The first whole document of what is held, and the rest."""
    start = held.find(boundary)
    if start < 0:
        return None, held
    gap = re.compile(rb"\r?\n\r?\n").search(held, start)
    if gap is None:
        return None, held
    length = _LENGTH.search(held[start : gap.start()].replace(b"\r", b""))
    if length is not None:
        end = gap.end() + int(length[1])
        return (held[gap.end() : end].strip(), held[end:]) if len(held) >= end else (None, held)
    end = held.find(boundary, gap.end())
    return (held[gap.end() : end].strip(), held[end:]) if end >= 0 else (None, held)
