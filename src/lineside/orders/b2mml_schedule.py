"""Orders from the requests of a B2MML schedule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lineside.orders.b2mml import POINTED, Document, chosen, code_of, only, text_of, texts, total_of
from lineside.orders.cells import LONGEST
from lineside.orders.entries import Entry, Value
from lineside.orders.fields import WITHDRAWN

_CALLED = {
    "id": "ID",
    "product": "MaterialDefinitionID",
    "quantity": "Quantity",
    "start": "StartTime",
    "end": "EndTime",
    "line": "EquipmentID",
    "machine": "EquipmentID",
    "priority": "Priority",
    "state": "RequestState",
    "note": "Description",
}
"""What an error names."""
_PRODUCING = frozenset({"", "Mixed", "Production"})
_PRODUCED = frozenset({"Produced", "Material Produced", "Yield Produced"})
_INNER = ("{*}SegmentRequirement", "{*}SegmentRequirementChild")
_LINES = frozenset({"ProcessCell", "ProductionLine", "ProductionUnit", "WorkCenter"})
_MACHINES = frozenset({"Unit", "WorkCell", "WorkUnit"})


def orders_of(document: Document) -> list[Entry]:
    """One entry a request of production; requests of maintenance, quality and inventory are none.

    A message that takes back names its orders only.
    """
    requests = [part for part in document.parts if text_of(part.element, "OperationsType") in _PRODUCING]
    if document.withdraws:
        return [Entry(p.place, {"id": text_of(p.element, "ID"), "state": WITHDRAWN}) for p in requests]
    return [Entry(part.place, _order(part.element), POINTED, _CALLED) for part in requests]


def _order(request: Any) -> dict[str, Value]:
    segments = list(request.iter(*_INNER))
    made = _produced(request)
    starts = [text for segment in segments for text in texts(segment, "EarliestStartTime")]
    ends = [text for segment in segments for text in texts(segment, "LatestEndTime")]
    told = {
        "id": text_of(request, "ID"),
        "product": only(_material(one) for each in made for one in each) or _rule(request, segments),
        "quantity": ", ".join(total_of(each) for each in made),
        "start": text_of(request, "StartTime") or chosen(starts, min),
        "end": text_of(request, "EndTime") or chosen(ends, max),
        "priority": text_of(request, "Priority"),
        "state": code_of(request, "RequestState"),
        "note": only(texts(request, "Description"))[:LONGEST],
        **_where(request, segments),
    }
    return {name: text for name, text in told.items() if text}


def _produced(request: Any) -> list[list[Any]]:
    """What the request makes: the materials of each of its outermost segments that make any.

    With several segments it is not known whether each makes a share or repeats the whole.
    """
    level = request.findall("{*}SegmentRequirement")
    while level:
        made = [each for segment in level if (each := list(_made_by(segment)))]
        if made:
            return made
        level = [inner for outer in level for inner in outer.iterchildren(*_INNER)]
    return []


def _made_by(segment: Any) -> Iterator[Any]:
    yield from segment.findall("{*}MaterialProducedRequirement")
    for material in segment.findall("{*}MaterialRequirement"):
        if code_of(material, "MaterialUse") in _PRODUCED:
            yield material


def _material(made: Any) -> str:
    return text_of(made, "MaterialDefinitionID") or text_of(made, "MaterialClassID")


def _rule(request: Any, segments: list[Any]) -> str:
    """By what it is made, where no material is named: many plants have one such rule a product, named alike."""
    names = (text_of(request, name) for name in ("ProductProductionRuleID", "OperationsDefinitionID"))
    named = next((name for name in names if name), "")
    return named or only(text_of(segment, "ProductSegmentID") for segment in segments)


def _where(request: Any, segments: list[Any]) -> dict[str, str]:
    """The line or machine: the equipment required, else the innermost that the request is addressed to."""
    if named := only(text for segment in segments for text in texts(segment, "EquipmentRequirement", "EquipmentID")):
        return {"machine": named}
    for element in (*segments, request, request.getparent()):
        for scope in () if element is None else reversed(_scopes(element)):
            level, name = _level(scope), text_of(scope, "EquipmentID")
            if name and level in _LINES | _MACHINES:
                return {"line" if level in _LINES else "machine": name}
    return {}


def _scopes(element: Any) -> list[Any]:
    """The equipment an element is addressed to, each within the one before: a site, its area, a line."""
    scopes: list[Any] = []
    for name in ("HierarchyScope", "Location"):
        inner = element.find(f"{{*}}{name}")
        while inner is not None:
            scopes.append(inner)
            inner = inner.find(f"{{*}}{name}")
    return scopes


def _level(scope: Any) -> str:
    return code_of(scope, "EquipmentElementLevel") or code_of(scope, "EquipmentLevel")
