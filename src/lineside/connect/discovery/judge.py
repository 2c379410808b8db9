"""What kind of signal a value is, told from its name, unit, type and behaviour; pure, and with its reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from lineside.connect.discovery.grouping import COUNT_NAME, STATE_NAME
from lineside.connect.discovery.packs import Pack
from lineside.connect.discovery.proposal import Confidence, StateWords
from lineside.connect.found import Note, Offer
from lineside.plant import Kind, State

BOOLEANS = frozenset({"true", "false"})
TOTALS = frozenset({"wh", "kwh", "mwh", "varh", "kvarh", "gj", "mj"})
"""Units of what a meter adds up."""
RISES = 3
"""A whole number that rose so often and never fell may be a counter."""
LAST_RANK = 900


class Verdict(NamedTuple):
    """A kind, how sure it is, and why."""

    kind: Kind
    confidence: Confidence
    why: Note
    keep: bool = True


def judge(item: Offer) -> Verdict:
    """The kind of an item that no pack knows."""
    seen = item.seen
    if item.useless:
        return _verdict("text", Confidence.KNOWN, "useless", keep=False, reason=item.useless)
    if item.kind is not None and item.kind != "text":
        return _verdict(item.kind, Confidence.KNOWN, "protocol", name=item.model or item.kind)
    if item.constant:
        return _verdict("text", Confidence.LIKELY, "constant", keep=False)
    if item.labels:
        return _verdict("state", Confidence.KNOWN, "labels", count=len(item.labels))
    if not seen.count:
        return _verdict(item.kind or "text", Confidence.GUESS, "silent", keep=False)
    if BOOLEANS.issuperset(seen.words):
        return _verdict("state", Confidence.LIKELY, "boolean")
    return _number(item) if seen.numbers and item.kind is None else _text(item)


def _text(item: Offer) -> Verdict:
    seen = item.seen
    if seen.few and (STATE_NAME.search(item.name) or (len(seen.words) > 1 and seen.count > len(seen.words))):
        sure = Confidence.LIKELY if STATE_NAME.search(item.name) else Confidence.GUESS
        return _verdict("state", sure, "few", count=len(seen.words))
    return _verdict("text", Confidence.GUESS, "text", keep=False)


def _number(item: Offer) -> Verdict:
    seen, unit = item.seen, item.unit.casefold()
    if unit in TOTALS and not seen.falls:
        return _verdict("counter", Confidence.LIKELY, "total_unit", unit=item.unit)
    if unit and unit not in ("pcs", "parts", "1"):
        return _verdict("measure", Confidence.LIKELY, "unit", unit=item.unit)
    if seen.whole and not seen.falls and COUNT_NAME.search(item.name):
        return _verdict("counter", Confidence.LIKELY, "count_name", name=item.name)
    if seen.whole and seen.few and "." not in seen.example and STATE_NAME.search(item.name):
        return _verdict("state", Confidence.LIKELY, "state_name", name=item.name)
    if seen.whole and not seen.falls and seen.rises >= RISES:
        return _verdict("counter", Confidence.GUESS, "rises", count=seen.rises)
    return _verdict("measure", Confidence.GUESS, "number")


def _verdict(kind: Kind, confidence: Confidence, why: str, *, keep: bool = True, **fields: object) -> Verdict:
    return Verdict(kind, confidence, Note(f"discover.why.{why}", fields), keep)


def states_of(item: Offer, pack: Pack) -> tuple[StateWords, ...]:
    """Which states the values of an item mean, by the words of the pack; a value without a word means none."""
    meanings = {word: one for one in pack.words for word in one.words}
    values = item.labels or {value: value for value in item.seen.words}
    if values and BOOLEANS.issuperset(values):
        own = meanings.get(_word(item.name))
        if own is None:
            return ()
        rest = (StateWords(LAST_RANK, State.STOPPED, ("false",)),) if own.state is State.RUNNING else ()
        return (StateWords(own.rank, own.state, ("true",)), *rest)
    found: dict[StateWords, list[str]] = {}
    for value, label in values.items():
        if (one := meanings.get(_word(label))) is not None:
            found.setdefault(one, []).append(value)
    return tuple(StateWords(one.rank, one.state, tuple(words)) for one, words in found.items())


def vocabulary(item: Offer, packs: Iterable[Pack]) -> tuple[StateWords, ...]:
    """All words of a standard in which the words seen stand, also those not seen yet; none for numbers."""
    seen = set(item.seen.words)
    if not seen or item.seen.numbers or item.labels:
        return ()
    for pack in packs:
        for signal in pack.signals:
            states = tuple(replace(one, words=_cased(one.words, seen)) for one in signal.states)
            if not pack.types and seen <= {word for one in states for word in one.words}:
                return tuple(one for one in states if one.words)
    return ()


def _cased(words: Iterable[str], like: Iterable[str]) -> tuple[str, ...]:
    """The words that are written in capitals, or not, as others are."""
    capitals = all(word.isupper() for word in like)
    return tuple(word for word in words if not word.isdigit() and word.isupper() == capitals)


def _word(text: str) -> str:
    return " ".join(text.casefold().replace("_", " ").replace("-", " ").split())
