"""Loads the catalogues and fills their placeholders."""

from __future__ import annotations

import json
import logging
import re
from functools import cache
from importlib.resources import files

LANGUAGES = ("en", "zh")
DEFAULT_LANGUAGE = "en"
_log = logging.getLogger(__name__)

_PERIOD_FIELD = re.compile(r"\{(\w+):month\}")
_PERIOD = re.compile(r"(?P<year>\d{4})-(?:(?P<month>0[1-9]|1[0-2])|Q(?P<quarter>[1-4]))")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sept", "Oct", "Nov", "Dec")
"""As the screens write them, which have them from the browser."""


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
    """The sentence of `key` with its fields filled in; `{start:month}` reads "2026-10" as people say it.

    A key no catalogue holds, or a text that asks for other fields, gives the key with its fields: a reader is
    better served by that than by nothing at all.
    """
    try:
        text = catalogue(language)[key]
        if ":month}" in text:
            text, fields = _PERIOD_FIELD.sub(r"{\1}", text), fields | _periods(text, fields, language)
        return text.format_map(fields)
    except (LookupError, ValueError, TypeError, AttributeError):
        _log_once(key, language, ", ".join(fields))
        return " ".join([key, *(f"{name}={value}" for name, value in fields.items())])


def _periods(text: str, fields: dict[str, object], language: str) -> dict[str, str]:
    """The fields that the text wants to read as months, in words."""
    return {name: period_words(str(fields[name]), language) for name in _PERIOD_FIELD.findall(text)}


def period_words(period: str, language: str = DEFAULT_LANGUAGE) -> str:
    """A month "2026-10" or a quarter "2026-Q3" as a reader of that language says it; anything else as it is."""
    found = _PERIOD.fullmatch(period)
    if not found:
        return period
    year, month, quarter = found.group("year", "month", "quarter")
    if language == "zh":
        return f"{year}年{int(month)}月" if month else f"{year}年第{quarter}季度"
    return f"{_MONTHS[int(month) - 1]} {year}" if month else f"Q{quarter} {year}"


@cache
def _log_once(key: str, language: str, fields: str) -> None:
    _log.error("no text of %s in %s takes the fields: %s", key, language, fields or "none")
