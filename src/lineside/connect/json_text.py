"""Reads JSON that others wrote into values that can be kept."""

from __future__ import annotations

import json
from typing import Any


def read_document(document: bytes | str) -> Any:
    """What a document says; half a character pair, which no text can hold, becomes `?`.

    Raises ValueError for what is no JSON, that which is nested too deeply or has endless numbers included.
    """
    try:
        text = document if isinstance(document, str) else document.decode(json.detect_encoding(document))
        told = json.loads(text)
        if "\\u" in text:
            told = json.loads(json.dumps(told, ensure_ascii=False).encode("utf-8", "replace"))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return told
