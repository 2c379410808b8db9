"""What a hub found odd, in words: the same at the hub and at the node that is told."""

from __future__ import annotations

from lineside.exchange.messages import Remark
from lineside.texts import has, say


def remark_words(remark: Remark, language: str) -> str:
    """The sentence of a remark, numbers to four digits; one that this version does not know by its key."""
    key = f"exchange.remark.{remark.key}"
    plain = {name: _plain(one) if isinstance(one, float) else one for name, one in remark.fields.items()}
    return say(key, language, **plain) if has(key) else remark.key


def _plain(value: float) -> str:
    return f"{float(f'{value:.4g}'):.15g}"
