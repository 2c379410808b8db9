"""Orders and products told from elsewhere (an ERP), beside those of the plant file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from lineside.plant.model import Order, Product

LAST = 2**31
"""The rank of what has no priority."""

Place: TypeAlias = tuple[Literal["line", "machine"], str]


@dataclass(frozen=True, slots=True)
class OrderSpan:
    """Time that an order plans, as far as it was known so; microseconds UTC."""

    start: int
    end: int
    product: str
    order: str
    line: str | None
    machine: str | None
    told: int | None = None
    """When this was told; None: it stands in the plant file."""
    rank: int = LAST
    """Of two that begin together the smaller goes first."""


@dataclass(frozen=True, slots=True)
class ProductTold:
    """A product as it was told, and since when that judges facts (microseconds UTC; None: from the beginning)."""

    since: int | None
    product: Product


@dataclass(frozen=True)
class Told:
    """What was told: orders as they stand, the time they planned as it was known then, products by their versions."""

    orders: tuple[Order, ...] = ()
    spans: tuple[OrderSpan, ...] = ()
    products: tuple[ProductTold, ...] = ()
    """The versions of each product in the order in which they came."""

    def __bool__(self) -> bool:
        """Whether anything was told."""
        return bool(self.spans or self.products or self.orders)

    @cached_property
    def cuts(self) -> tuple[int, ...]:
        """When the ideal cycle of a product changed, or what machines call it."""
        found: set[int] = set()
        last: dict[str, tuple[float | None, tuple[str, ...]]] = {}
        for told in self.products:
            one = told.product
            said = one.ideal_cycle_s, one.codes
            if told.since is not None and last.get(one.id, said) != said:
                found.add(told.since)
            last[one.id] = said
        return tuple(sorted(found))

    def products_at(self, at: int) -> Iterator[Product]:
        """Each product as it judges facts of a time: its first version also before that came."""
        found: dict[str, Product] = {}
        for told in self.products:
            if told.since is None or told.since <= at:
                found[told.product.id] = told.product
            else:
                found.setdefault(told.product.id, told.product)
        return iter(found.values())


def rank_of_order(priority: int | None) -> int:
    """Where an order stands among those that begin with it: the smallest priority first, and one without it last."""
    return LAST if priority is None else priority


def by_place(spans: Iterable[OrderSpan]) -> dict[Place, list[OrderSpan]]:
    """The spans by the machine or line that they plan."""
    found: dict[Place, list[OrderSpan]] = {}
    for span in spans:
        place: Place = ("line", span.line or "") if span.machine is None else ("machine", span.machine)
        found.setdefault(place, []).append(span)
    return found


def filled(own: Product | None, told: Product) -> Product:
    """A product of the file, with what it does not say."""
    if own is None:
        return told
    unsaid = told.model_fields_set - own.model_fields_set - {"id"}
    unsaid |= {"name"} if own.name == own.id else set()
    return own.model_copy(update={key: getattr(told, key) for key in unsaid})
