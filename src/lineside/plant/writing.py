"""How names and texts are written in a plant file."""

from __future__ import annotations

import json
import re
import unicodedata

_LONGEST = 60
_WORD = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Pc"})
"""What Unicode calls letters, their marks, digits and underscores: all that an id holds beside `.` and `-`."""


def identifier(text: str, mark: str) -> str:
    """An id made of what `text` is written with; `mark` stands for all that an id cannot hold."""
    kept = "".join(c if c in ".-" or unicodedata.category(c) in _WORD else " " for c in text)
    return re.sub(r" +", mark, kept.strip(" ._-"))[:_LONGEST].strip("._-")


def toml_key(identifier: str) -> str:
    """An id as a key of a table, in quotes where TOML wants them."""
    return identifier if re.fullmatch(r"[A-Za-z0-9_-]+", identifier) else f'"{identifier}"'


def toml_string(text: str) -> str:
    """A text in quotes; what UTF-8 cannot write becomes a question mark."""
    return json.dumps(text.encode("utf-8", "replace").decode(), ensure_ascii=False).replace("\x7f", "\\u007f")


def toml_comment(text: str) -> str:
    """A text that stays on its line behind a `#`."""
    return "".join(c if c.isprintable() else " " for c in text)
