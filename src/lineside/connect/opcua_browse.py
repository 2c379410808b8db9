"""Looks through the address space of an OPC UA server: every variable below Objects, and which objects are machines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

from lineside.connect.found import Look, Note, Offer, Surroundings
from lineside.connect.mqtt_payload import leaves
from lineside.connect.opcua_structures import Structures, Unfoldable
from lineside.connect.opcua_values import Reading, observe_value, reading_of
from lineside.plant import SourceSettings

if TYPE_CHECKING:
    from asyncua.client.client import Client

MOST_NODES = 50_000
"""What is beyond is told and not looked at."""
A_CALL = 500
ARRAY = "array"
OBJECTS, HAS_PROPERTY, HIERARCHICAL = 85, 46, 33
MOST_NODES_PER_READ, MOST_NODES_PER_BROWSE = 11_705, 11_710
NODE_CLASSES = 1 | 2
BROWSE_NAME, VALUE, DATA_TYPE, DEFINITION = 3, 13, 14, 23
TEXTS = frozenset({12, 21})
"""Data types String and LocalizedText."""
MACHINERY = "http://opcfoundation.org/UA/Machinery/"
DEVICES = "http://opcfoundation.org/UA/DI/"
OF_MACHINES = ("http://www.euromap.org/euromap77/", "http://opcfoundation.org/UA/PlasticsRubber/IMM2MES/")
"""Namespaces whose top object types are machines."""
MACHINE_TYPES = frozenset({"PackMLBaseObjectType", "IMM_MES_InterfaceType", "MachineToolType"})
ABOUT = frozenset({"EngineeringUnits", "EnumStrings", "EnumValues", "TrueState", "FalseState"})
"""Properties of a variable that say what its values mean."""

Place: TypeAlias = tuple[str, ...]
T = TypeVar("T")


@dataclass(slots=True)
class _Node:
    """One node on the way down."""

    id: Any
    place: Place
    is_variable: bool
    namespace: int
    type: Any
    of_object: bool = False
    about: dict[str, Any] = field(default_factory=dict)


async def look_around(client: Client, settings: SourceSettings, look: Look) -> Surroundings:
    """Every variable of the server with what it means, by node id with its namespace's URI."""
    uris = await client.get_namespace_array()
    reader = _Reader(
        client, await most_in_a_call(client, MOST_NODES_PER_BROWSE), await most_in_a_call(client, MOST_NODES_PER_READ)
    )
    nodes, cut = await _walk(reader, look)
    variables = [node for node in nodes if node.is_variable]
    found = Surroundings(settings, [], models=frozenset(uris))
    if cut:
        found.notes.append(Note("discover.cut", {"most": MOST_NODES}))
    values = await reader.read([node.id for node in variables], VALUE)
    types = await reader.read([node.id for node in variables], DATA_TYPE)
    await _read_abouts(reader, variables)
    structures = Structures(client)
    enums = await _enumerations(reader, [type.Value.Value for type in types if type.Value is not None])
    for node, value, type in zip(variables, values, types, strict=True):
        item = _offer(node, value, type, enums, uris)
        found.items += await _members(item, value, structures) or [item]
    found.machines = await _machines(reader, nodes, uris)
    look.found = len(found.items)
    return found


class _Reader:
    """Asks for many nodes at once, as many as the server takes."""

    def __init__(self, client: Client, browse: int, read: int) -> None:
        self._session = client.uaclient
        self._browse, self._read = browse, read

    async def below(self, ids: Sequence[Any]) -> list[list[Any]]:
        """The references down from each node; none where the server refuses."""
        from asyncua import ua

        found: list[list[Any]] = []
        for some in _chunks(ids, self._browse):
            parameters = ua.BrowseParameters(
                RequestedMaxReferencesPerNode=ua.UInt32(1_000),
                NodesToBrowse=[
                    ua.BrowseDescription(
                        NodeId=id,
                        BrowseDirection=ua.BrowseDirection.Forward,
                        ReferenceTypeId=ua.NodeId(ua.Int32(HIERARCHICAL)),
                        IncludeSubtypes=True,
                        NodeClassMask=ua.UInt32(NODE_CLASSES),
                        ResultMask=ua.UInt32(63),
                    )
                    for id in some
                ],
            )
            for result in await self._session.browse(parameters):
                references = list(result.References or ())
                while result.ContinuationPoint:
                    more = ua.BrowseNextParameters(
                        ReleaseContinuationPoints=False, ContinuationPoints=[result.ContinuationPoint]
                    )
                    (result,) = await self._session.browse_next(more)  # noqa: PLW2901 - the rest of the same result
                    references += result.References or ()
                found.append(references)
        return found

    async def read(self, ids: Sequence[Any], attribute: int) -> list[Any]:
        """An attribute of each node, as data values: those of nodes that refuse carry the reason."""
        found: list[Any] = []
        for some in _chunks(ids, self._read):
            found += await self._session.read_attributes(list(some), cast("Any", attribute))
        return found


def _chunks(ids: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for at in range(0, len(ids), size):
        yield ids[at : at + size]


async def most_in_a_call(client: Client, node: int, ours: int = A_CALL) -> int:
    """How much one call may hold: what the server says in a node of its limits, and no more than we send anyway."""
    from asyncua import ua
    from asyncua.ua.uaerrors import UaError

    try:
        told = await client.get_node(ua.NodeId(ua.Int32(node))).read_value()
    except UaError:
        told = 0
    return min(int(told or ours), ours)


async def _walk(reader: _Reader, look: Look) -> tuple[list[_Node], bool]:
    """Every object and variable below Objects in breadth, the server's own left out; and whether some were cut off."""
    from asyncua import ua

    root = _Node(ua.NodeId(ua.Int32(OBJECTS)), (), is_variable=False, namespace=0, type=None)
    nodes: list[_Node] = []
    seen = {root.id}
    level = [root]
    while level:
        following: list[_Node] = []
        for above, references in zip(level, await reader.below([node.id for node in level]), strict=True):
            for reference in sorted(references, key=_machines_first):
                id = _plain_id(reference.NodeId)
                if id in seen or (above is root and id.NamespaceIndex == 0):
                    continue
                seen.add(id)
                if (node := _node(id, reference, above)) is not None:
                    following.append(node)
        nodes += following
        look.found = sum(node.is_variable for node in nodes)
        if len(nodes) > MOST_NODES:
            return nodes[:MOST_NODES], True
        level = following
    return nodes, False


def _machines_first(reference: Any) -> bool:
    return bool(reference.BrowseName.Name != "Machines")


def _plain_id(id: Any) -> Any:
    from asyncua import ua

    return ua.NodeId(id.Identifier, id.NamespaceIndex, id.NodeIdType)


def _node(id: Any, reference: Any, above: _Node) -> _Node | None:
    """The node a reference leads to; what only explains its variable is kept there."""
    from asyncua import ua

    name = reference.BrowseName.Name or reference.DisplayName.Text or str(id)
    is_property = reference.ReferenceTypeId.Identifier == HAS_PROPERTY
    if above.is_variable and is_property:
        if name in ABOUT:
            above.about[name] = id
        return None
    return _Node(
        id,
        (*above.place, name),
        is_variable=reference.NodeClass == ua.NodeClass.Variable,
        namespace=reference.BrowseName.NamespaceIndex,
        type=_plain_id(reference.TypeDefinition),
        of_object=is_property,
    )


async def _read_abouts(reader: _Reader, variables: Iterable[_Node]) -> None:
    """Puts values in the place of the nodes of properties."""
    places = [(node, name) for node in variables for name in node.about]
    values = await reader.read([node.about[name] for node, name in places], VALUE)
    for (node, name), value in zip(places, values, strict=True):
        node.about[name] = value.Value.Value if value.Value is not None else None


async def _enumerations(reader: _Reader, types: Iterable[Any]) -> dict[Any, dict[str, str]]:
    """What the numbers of each enumeration mean, by data type."""
    own = [type for type in dict.fromkeys(types) if type is not None and type.NamespaceIndex]
    found: dict[Any, dict[str, str]] = {}
    for type, told in zip(own, await reader.read(own, DEFINITION), strict=True):
        fields = getattr(told.Value.Value, "Fields", None) if told.Value is not None else None
        if fields and hasattr(fields[0], "Value"):
            found[type] = {str(one.Value): one.Name for one in fields}
    lacking = [type for type in own if type not in found]
    for type, references in zip(lacking, await reader.below(lacking), strict=True):
        ids = {one.BrowseName.Name: _plain_id(one.NodeId) for one in references if one.BrowseName.Name in ABOUT}
        values = await reader.read(list(ids.values()), VALUE)
        about = {n: v.Value.Value for n, v in zip(ids, values, strict=True) if v.Value is not None}
        if labels := _labels(about):
            found[type] = labels
    return found


def _labels(about: Mapping[str, Any]) -> dict[str, str]:
    """What numbers, or true and false, mean by the properties of a variable or data type."""
    if strings := about.get("EnumStrings"):
        return {str(number): text.Text or "" for number, text in enumerate(strings)}
    if values := about.get("EnumValues"):
        return {str(one.Value): one.DisplayName.Text or "" for one in values}
    states = {"true": about.get("TrueState"), "false": about.get("FalseState")}
    return {value: text.Text for value, text in states.items() if text is not None and text.Text}


def _offer(node: _Node, value: Any, type: Any, enums: Mapping[Any, dict[str, str]], uris: list[str]) -> Offer:
    data_type = type.Value.Value if type.Value is not None else None
    unit = node.about.get("EngineeringUnits")
    textual = data_type is not None and not data_type.NamespaceIndex and data_type.Identifier in TEXTS
    item = Offer(
        address=_address(node.id, uris),
        place=node.place,
        kind="text" if textual else None,
        unit=(unit.DisplayName.Text or "") if unit is not None else "",
        labels=_labels(node.about) or enums.get(data_type, {}),
        constant=node.of_object,
        useless=_useless(value),
    )
    if not item.useless:
        item.seen.see(observe_value(item.address, "text", reading_of(value), 0).text or "")
    return item


async def _members(item: Offer, value: Any, structures: Structures) -> list[Offer]:
    """What stands in a structure or a short array, each as a value of its own; none where it cannot be taken apart."""
    if item.useless not in (ARRAY, "ExtensionObject"):
        return []
    try:
        await structures.meet(value.Value.Value)
        whole = structures.unfold(value.Value.Value)
    except Unfoldable:
        return []
    members = []
    for path, names, part in leaves(whole):
        member = Offer(f"{item.address}#{path}", (*item.place, *names), kind="text" if isinstance(part, str) else None)
        member.seen.see(observe_value(member.address, "text", Reading(part), 0).text or "")
        members.append(member)
    return members


def _useless(value: Any) -> str:
    """Why no signal can hold this value; empty where one can."""
    from asyncua import ua

    if value.StatusCode is not None and value.StatusCode.is_bad():
        waiting = ("BadWaitingForInitialData", "BadNoCommunication", "BadNotConnected", "BadOutOfService")
        return "" if value.StatusCode.name in waiting else str(value.StatusCode.name)
    if value.Value is None:
        return ""
    if value.Value.is_array or isinstance(value.Value.Value, list):
        return ARRAY
    simple = ua.VariantType.Boolean.value <= value.Value.VariantType.value <= ua.VariantType.DateTime.value
    localized = value.Value.VariantType is ua.VariantType.LocalizedText
    return "" if simple or localized or value.Value.Value is None else str(value.Value.VariantType.name)


def _address(id: Any, uris: list[str]) -> str:
    text = id.to_string()
    index = id.NamespaceIndex
    if not index or index >= len(uris):
        return str(text)
    return f"nsu={uris[index]};{text.partition(';')[2]}"


async def _machines(reader: _Reader, nodes: Sequence[_Node], uris: list[str]) -> dict[Place, str]:
    """The objects that a companion model says are machines."""
    objects = [node for node in nodes if not node.is_variable]
    types = [id for id in dict.fromkeys(node.type for node in objects) if id is not None and not id.is_null()]
    names = await reader.read(types, BROWSE_NAME)
    named = {id: told.Value.Value.Name for id, told in zip(types, names, strict=True) if told.Value is not None}

    def uri(index: int) -> str:
        return uris[index] if index < len(uris) else ""

    found: dict[Place, str] = {}
    for node in objects:
        above, type = node.place[:-1], named.get(node.type, "")
        folder = above[-1] if above else ""
        kind = uri(node.type.NamespaceIndex) if node.type is not None else ""
        if (len(above) == 1 and folder in ("Machines", "DeviceSet")) or type in MACHINE_TYPES or kind in OF_MACHINES:
            found[node.place] = node.place[-1]
        elif node.place[-1] == "Identification" and uri(node.namespace) in (DEVICES, MACHINERY) and len(above) > 0:
            found[above] = above[-1]
    return found
