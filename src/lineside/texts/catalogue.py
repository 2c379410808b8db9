"""Loads the catalogues and fills their placeholders."""

from __future__ import annotations

import json
import logging
from functools import cache
from importlib.resources import files

LANGUAGES = ("en", "zh")
DEFAULT_LANGUAGE = "en"
_log = logging.getLogger(__name__)


@cache
def catalogue(language: str) -> dict[str, str]:
    """All texts of one language, by key. An unknown language gives the default one."""
    if language not in LANGUAGES:
        language = DEFAULT_LANGUAGE
    texts: dict[str, str] = {}
    for file in sorted(files("lineside.texts").joinpath(language).iterdir(), key=lambda f: f.name):
        if file.name.endswith(".json"):
            texts.update(json.loads(file.read_text("utf-8")))
    return texts


def has(key: str) -> bool:
    """True when the catalogue knows this key."""
    return key in catalogue(DEFAULT_LANGUAGE)


def say(key: str, language: str = DEFAULT_LANGUAGE, /, **fields: object) -> str:
    """The sentence of `key` with its fields filled in.

    A key no catalogue holds, or a text that asks for other fields, gives the key with its fields: a reader is
    better served by that than by nothing at all.
    """
    try:
        return catalogue(language)[key].format_map(fields)
    except (LookupError, ValueError, TypeError, AttributeError):
        _log_once(key, language, ", ".join(fields))
        return " ".join([key, *(f"{name}={value}" for name, value in fields.items())])


@cache
def _log_once(key: str, language: str, fields: str) -> None:
    _log.error("no text of %s in %s takes the fields: %s", key, language, fields or "none")
