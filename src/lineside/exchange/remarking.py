"""What a hub found odd, in words: the same at the hub and at the node that is told."""

from __future__ import annotations

from lineside.exchange.catalogue import catalogue
from lineside.exchange.messages import Remark
from lineside.texts import has, say

_OF_VALUES = frozenset({"value", "before", "jump", "low", "high", "least", "most"})


def remark_words(remark: Remark, language: str) -> str:
    """The sentence of a remark, numbers to four digits and shares in per cent.

    One that this version does not know is told by its key.
    """
    key = f"exchange.remark.{remark.key}"
    if not has(key):
        return remark.key
    known = catalogue().indicators.get(remark.indicator)
    of_shares = _OF_VALUES if known is not None and known.unit == "share" else frozenset[str]()
    shares = {"coverage", "least"} if remark.key == "coverage" else of_shares
    return say(key, language, **{name: _figure(one, share=name in shares) for name, one in remark.fields.items()})


def _figure(value: str | float, *, share: bool) -> str | float:
    if not isinstance(value, float):
        return value
    return f"{_plain(100 * value)} %" if share else _plain(value)


def _plain(value: float) -> str:
    return f"{float(f'{value:.4g}'):.15g}"
