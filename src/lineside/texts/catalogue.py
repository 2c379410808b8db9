"""Loads the catalogues and fills their placeholders."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

LANGUAGES = ("en", "zh")
DEFAULT_LANGUAGE = "en"


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
    """The sentence of `key` with its fields filled in. Raises KeyError for a key no catalogue holds."""
    return catalogue(language)[key].format_map(fields)
