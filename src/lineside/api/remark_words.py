"""What a hub remarks on a value, in words: the same at the hub and at the member that is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lineside.exchange import catalogue
from lineside.texts import has, say

_OF_VALUES = frozenset({"value", "before", "jump", "low", "high", "least", "most"})


def remark_words(key: str, indicator: str, fields: Mapping[str, Any], language: str) -> str:
    """The sentence, shares in per cent; the key of one that this version does not know."""
    text = f"exchange.remark.{key}"
    if not has(text):
        return key
    known = catalogue().indicators.get(indicator)
    of_shares = _OF_VALUES if known is not None and known.unit == "share" else frozenset[str]()
    shares = {"coverage", "least"} if key == "coverage" else of_shares
    return say(text, language, **{name: _figure(value, share=name in shares) for name, value in fields.items()})


def _figure(value: object, *, share: bool) -> object:
    if not isinstance(value, float):
        return value
    return f"{100 * value:.4g} %" if share else f"{value:.4g}"
