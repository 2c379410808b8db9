"""What members mean by other editions of the catalogue, as the hub's own edition counts it.

An envelope keeps for ever what was said; here is only what figures may take of it. A number that means something else
here, or of which this hub cannot know what it means, is absent to the figures with that reason, and its member is told.
A hub that knows the edition after an update finds the number in the envelope when it starts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from lineside.exchange import Catalogue, Remark, Value
from lineside.hub import figures

_Said = TypeVar("_Said", bound=figures.Value)


def understood(values: Sequence[_Said], edition: str, own: Catalogue) -> Sequence[_Said | Value]:
    """What figures by the catalogue `own` take of values of an edition; indicators that `own` has not are left out."""
    if edition == own.edition.id:
        return values
    return [
        one
        if one.value is None or own.means(one.indicator, edition)
        else Value(indicator=one.indicator, absent="other_edition")
        for one in values
        if one.indicator in own.indicators
    ]


def edition_remarks(values: Sequence[Value], edition: str, own: Catalogue) -> Iterator[Remark]:
    """What a member is told of values that are kept and that figures do not take."""
    if own.read(edition) is None:
        yield Remark(key="newer_edition", fields={"edition": edition, "own": own.edition.id})
        return
    for one in values:
        if one.value is not None and not own.means(one.indicator, edition):
            fields: dict[str, str | int | float] = {"edition": edition, "own": own.edition.id}
            yield Remark(key="other_meaning", indicator=one.indicator, fields=fields)
