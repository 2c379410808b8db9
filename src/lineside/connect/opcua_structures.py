"""Structures of an OPC UA server, taken apart by the definitions that the server itself gives of them.

The library would register classes for the whole process, where the same type id may mean another structure at another
server. So each session learns its own, when a value of the type first comes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from asyncua.client.client import Client

HAS_ENCODING, HAS_SUBTYPE = 38, 45
DEFINITION = 23
STRUCTURE, ABSTRACT_NUMBERS, ENUMERATION, INT32, VARIANT = 22, (26, 27, 28), 29, 6, 24
LAST_BUILTIN = 25
PLAIN, WITH_OPTIONAL, UNION = 0, 1, 2
DEEPEST = 16
LONGEST = 100_000


class Unfoldable(ValueError):
    """A structure that cannot be taken apart; the text says why."""


class Field(NamedTuple):
    """One member: its name, what it is, and whether there are several of it or it may be missing."""

    name: str
    type: int | Layout
    several: bool
    optional: bool


@dataclass(slots=True, eq=False)
class Layout:
    """The members of a structure in the order of their bytes."""

    kind: int
    members: list[Field]


Known: TypeAlias = Layout | Unfoldable


class Structures:
    """What the structures of one session are made of."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._by_encoding: dict[Any, Known] = {}
        self._by_type: dict[Any, int | Layout] = {}

    async def meet(self, value: object) -> None:
        """Learns every structure in a value that is not known yet."""
        for one in _unknown(value):
            if one.TypeId not in self._by_encoding:
                self._by_encoding[one.TypeId] = await self._learn(one.TypeId)
            known = self._by_encoding[one.TypeId]
            if isinstance(known, Layout):
                await self.meet(_decoded(known, one.Body))

    def unfold(self, value: object) -> object:
        """The value with dicts in the place of structures that are known; raises Unfoldable for one that is not."""
        from asyncua import ua

        if isinstance(value, ua.ExtensionObject):
            known = self._by_encoding.get(value.TypeId, Unfoldable("not met"))
            if isinstance(known, Unfoldable):
                raise known
            return self.unfold(_decoded(known, value.Body))
        if isinstance(value, list | tuple):
            return [self.unfold(one) for one in value]
        if isinstance(value, dict):
            return {name: self.unfold(one) for name, one in value.items()}
        if isinstance(value, ua.LocalizedText):
            return value.Text or ""
        if is_dataclass(value) and not isinstance(value, type | Enum | ua.NodeId | ua.Variant | ua.DataValue):
            return {one.name: self.unfold(getattr(value, one.name)) for one in fields(value)}
        return self.unfold(value.Value) if isinstance(value, ua.Variant) else value

    async def _learn(self, encoding: Any) -> Known:
        from asyncua.ua.uaerrors import UaError

        try:
            type = await self._above(encoding, HAS_ENCODING) or encoding
            return await self._layout(type, 0)
        except UaError as error:
            return Unfoldable(error.__class__.__name__)
        except Unfoldable as error:
            return error

    async def _layout(self, type: Any, depth: int) -> Layout:
        known = self._by_type.get(type)
        if isinstance(known, Layout):
            return known
        told = await self._client.get_node(type).read_attribute(DEFINITION)
        definition: Any = told.Value.Value if told.Value is not None else None
        kind = getattr(definition, "StructureType", None)
        if kind is None or kind.value > UNION or depth > DEEPEST:
            raise Unfoldable("the server does not say what it is made of")
        layout = Layout(int(kind.value), [])
        self._by_type[type] = layout
        for one in definition.Fields or ():
            if one.ValueRank > 1:
                raise Unfoldable(f"{one.Name} has several dimensions")
            layout.members.append(
                Field(one.Name, await self._resolve(one.DataType, depth), one.ValueRank in (0, 1), bool(one.IsOptional))
            )
        return layout

    async def _resolve(self, type: Any, depth: int) -> int | Layout:
        """The builtin type, or the layout, that the bytes of a data type follow."""
        builtin = _builtin(type)
        if builtin is not None:
            return builtin
        if type not in self._by_type:
            above = await self._above(type, HAS_SUBTYPE)
            if above is None:
                raise Unfoldable(f"{type.to_string()} is of no known type")
            if not above.NamespaceIndex and above.Identifier == STRUCTURE:
                return await self._layout(type, depth + 1)
            base = await self._resolve(above, depth + 1)
            self._by_type[type] = base if isinstance(base, int) else await self._layout(type, depth + 1)
        return self._by_type[type]

    async def _above(self, node: Any, reference: int) -> Any:
        from asyncua import ua

        found = await self._client.get_node(node).get_references(
            ua.NodeId(ua.Int32(reference)), ua.BrowseDirection.Inverse
        )
        return ua.NodeId(found[0].NodeId.Identifier, found[0].NodeId.NamespaceIndex) if found else None


def _builtin(type: Any) -> int | None:
    if type.NamespaceIndex:
        return None
    number = int(type.Identifier)
    if number == ENUMERATION:
        return INT32
    if number in ABSTRACT_NUMBERS:
        return VARIANT
    return number if number <= LAST_BUILTIN else None


def _unknown(value: object) -> Iterator[Any]:
    """Every structure in a value that the library did not take apart."""
    from asyncua import ua

    if isinstance(value, ua.ExtensionObject):
        yield value
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _unknown(one)
    elif isinstance(value, dict):
        for one in value.values():
            yield from _unknown(one)


def _decoded(layout: Layout, body: bytes | None) -> dict[str, object]:
    """The members of a structure by name; those of structures within it are dicts, too."""
    from asyncua.common.utils import Buffer

    try:
        return _read(layout, Buffer(body or b""), 0)
    except Unfoldable:
        raise
    except Exception as error:
        raise Unfoldable(f"its bytes do not fit: {error.__class__.__name__}") from error


def _read(layout: Layout, data: Any, depth: int) -> dict[str, object]:
    from asyncua.ua.ua_binary import Primitives

    if depth > DEEPEST:
        raise Unfoldable("too deep")
    mask = Primitives.UInt32.unpack(data) if layout.kind in (WITH_OPTIONAL, UNION) else 0
    members = layout.members
    if layout.kind == UNION:
        members = members[mask - 1 : mask] if mask else []
    found: dict[str, object] = {}
    bit = 1
    for member in members:
        if layout.kind == WITH_OPTIONAL and member.optional:
            present, bit = mask & bit, bit << 1
            if not present:
                found[member.name] = None
                continue
        found[member.name] = _value(member, data, depth)
    return found


def _value(member: Field, data: Any, depth: int) -> object:
    from asyncua import ua
    from asyncua.ua.ua_binary import Primitives, unpack_uatype

    def one() -> object:
        if isinstance(member.type, Layout):
            return _read(member.type, data, depth + 1)
        return unpack_uatype(ua.VariantType(member.type), data)

    if not member.several:
        return one()
    count = int(Primitives.Int32.unpack(data))
    if count > LONGEST:
        raise Unfoldable(f"{member.name} has {count} elements")
    return [one() for _ in range(count)]
