"""In which of the world's encodings a table is written: UTF-8, or GB18030 as usual in China."""

from __future__ import annotations

import re

from lineside.errors import UnusableData

UTF8, GB18030 = "utf-8", "gb18030"
_HANZI = re.compile(rb"[\xa1-\xf7][\xa1-\xfe]")
"""What nearly all Chinese text in GB18030 consists of; Western letters are followed by plain ones."""


class Decoder:
    """Gives blocks of whole lines as UTF-8. The first block that is not plain ASCII decides for the file."""

    def __init__(self, file: str) -> None:
        self.encoding = UTF8
        self._file = file
        self._decided = False
        self._header: bytes | None = None

    def read(self, block: bytes) -> bytes:
        """The block in UTF-8; raises UnusableData where the header is in neither encoding."""
        if self._header is None:
            self._header = block.partition(b"\n")[0]
        if block.isascii():
            return block
        if not self._decided:
            self.encoding, self._decided = self._find(block), True
        return block.decode(self.encoding, "replace").encode()

    def _find(self, block: bytes) -> str:
        """UTF-8 with at most a little damage, else GB18030, else UTF-8 where at least the header is that."""
        text = block.decode(UTF8, "replace")
        damaged = text.count("\N{REPLACEMENT CHARACTER}")
        if damaged * 5 <= sum(map(text.count, set(text) - set(map(chr, range(128))))):
            return UTF8
        foreign = len(block) - len(block.translate(None, bytes(range(128, 256))))
        if 4 * len(_HANZI.findall(block)) > foreign and _is(self._header or b"", GB18030):
            return GB18030
        if not _is(self._header or b"", UTF8):
            raise UnusableData("connect.recording.encoding", file=self._file)
        return UTF8


def _is(text: bytes, encoding: str) -> bool:
    try:
        text.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
