"""The `path` of a request to the MTConnect agent: which data items it means.

Of XPath only steps, alternatives and comparisons of attributes are taken, which is what clients write; they cost little
however they are nested.
"""

from __future__ import annotations

import re

LONGEST = 1_000
_MOST_STEPS = 20
_STRING = r"(?:'[^'<]*'|\"[^\"<]*\")"
_CLAIM = rf"@[A-Za-z]+\s*=\s*{_STRING}"
_STEP = rf"//?(?:\*|[A-Za-z]+)(?:\[\s*{_CLAIM}(?:\s+(?:and|or)\s+{_CLAIM})*\s*\])*"
_PATH = re.compile(rf"\s*(?:{_STEP})+\s*(?:\|\s*(?:{_STEP})+\s*)*")
_SPACE = re.compile(r' xmlns="[^"]*"')


def items_of(path: str, devices: str) -> set[str] | None:
    """The ids of the data items at or below what `path` finds in a devices document; None for what it cannot mean."""
    if len(path) > LONGEST or path.count("/") > _MOST_STEPS or not _PATH.fullmatch(path):
        return None
    from lxml import etree

    root = etree.fromstring(_SPACE.sub("", devices, count=1).encode())
    found = {item.get("id") for element in root.xpath(path) for item in element.iter("DataItem")}
    return found or None
