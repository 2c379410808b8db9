"""What was made of each order as a B2MML performance, and back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from lxml import etree

from lineside.orders.b2mml import POINTED, Document, chosen, code_of, only, text_of, texts, total_of
from lineside.orders.entries import Entry, Value
from lineside.plant import Plant, moment

B2mmlVersion = Literal["V0600", "V0700"]

_STATES = {
    "planned": "Ready",
    "released": "Ready",
    "running": "Running",
    "held": "Holding",
    "done": "Completed",
    "withdrawn": "Aborted",
}
_REJECTED = "Rejected"
"""The standard has no use for what was made and is no good, so it is an *Other* that says so."""
_REFUSE = frozenset({"rejected", "reject", "rework", "scrap", "scrapped"})
_PIECE = "C62"
"""One piece, in UN/CEFACT's list of units."""
_NO_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class _Names(NamedTuple):
    """How a version calls what both have."""

    space: str
    of: str
    state_first: bool
    """Whether the state of a response stands before its segments."""


_NAMES: dict[str, _Names] = {
    "V0600": _Names("http://www.mesa.org/xml/B2MML-V0600", "Production", state_first=False),
    "V0700": _Names("http://www.mesa.org/xml/B2MML", "Operations", state_first=True),
}


def write_performance(
    rows: Sequence[Mapping[str, Any]], plant: Plant, made_us: int, version: B2mmlVersion = "V0600"
) -> bytes:
    """A ProductionPerformance (V0600) or OperationsPerformance (V0700) of completions as they are listed.

    One response an order, times local to the plant. Quantities are all that was made of the order so far, and the
    response carries the order's id: a later document replaces what an earlier one said. What is not known is left out.
    """
    names = _NAMES[version]
    write = _Writer(names.space)
    root = etree.Element(f"{{{names.space}}}{names.of}Performance", nsmap={None: names.space})
    published = moment(made_us, plant.site.zone)
    write.text(root, "ID", f"{plant.site.id} {published:%Y-%m-%dT%H:%M:%S%z}")
    if version == "V0700":
        write.text(root, "PublishedDate", published.isoformat())
    scope = write.below(root, "HierarchyScope")
    write.text(scope, "EquipmentID", plant.site.id)
    write.text(scope, "EquipmentElementLevel", "Site")
    if version == "V0600":
        write.text(root, "PublishedDate", published.isoformat())
    for row in rows:
        _response(write, root, names, row, plant)
    data: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return data


def _response(write: _Writer, root: Any, names: _Names, row: Mapping[str, Any], plant: Plant) -> None:
    start, end = (moment(row[name], plant.site.zone).isoformat() for name in ("start", "end"))
    response = write.below(root, f"{names.of}Response")
    write.text(response, "ID", row["order"])
    if not names.state_first:
        write.text(response, f"{names.of}RequestID", row["order"])
    write.text(response, "StartTime", start)
    write.text(response, "EndTime", end)
    if names.state_first:
        write.text(response, f"{names.of}RequestID", row["order"])
        write.text(response, "ResponseState", _STATES[row["state"]])
    segment = write.below(response, "SegmentResponse")
    write.text(segment, "Description", row["basis"])
    write.text(segment, "ActualStartTime", start)
    write.text(segment, "ActualEndTime", end)
    if place := row["machine"] or row["line"]:
        write.text(write.below(segment, "EquipmentActual"), "EquipmentID", place)
    for use, name in (("Produced", "good"), (_REJECTED, "rejected")):
        if row[name] is not None:
            _material(write, segment, row["product"], use, row[name])
    if not names.state_first:
        write.text(response, "ResponseState", _STATES[row["state"]])


def _material(write: _Writer, segment: Any, product: str, use: str, quantity: float) -> None:
    material = write.below(segment, "MaterialActual")
    write.text(material, "MaterialDefinitionID", product)
    if use == _REJECTED:
        write.text(material, "MaterialUse", "Other").set("OtherValue", use)
    else:
        write.text(material, "MaterialUse", use)
    amount = write.below(material, "Quantity")
    write.text(amount, "QuantityString", f"{quantity:.15g}")
    write.text(amount, "DataType", "decimal")
    write.text(amount, "UnitOfMeasure", _PIECE)


class _Writer:
    """Adds elements of one namespace."""

    def __init__(self, space: str) -> None:
        self._space = space

    def below(self, parent: Any, name: str) -> Any:
        """A new last child."""
        return etree.SubElement(parent, f"{{{self._space}}}{name}")

    def text(self, parent: Any, name: str, text: str) -> Any:
        """The same with a text in it; characters that XML cannot hold are replaced."""
        element = self.below(parent, name)
        element.text = _NO_XML.sub("\ufffd", text)
        return element


# Reading

_CALLED = {
    "order": "RequestID",
    "id": "ID",
    "good": "Quantity",
    "rejected": "Quantity",
    "start": "ActualStartTime",
    "end": "ActualEndTime",
}
"""What an error names."""


def completions_of(document: Document) -> list[Entry]:
    """One entry a response: the order it answers, what was produced and rejected, and the actual times."""
    return [Entry(part.place, _completion(part.element), POINTED, _CALLED) for part in document.parts]


def _completion(response: Any) -> dict[str, Value]:
    segments = list(response.iter("{*}SegmentResponse"))
    starts = [text for one in segments for text in texts(one, "ActualStartTime")]
    ends = [text for one in segments for text in texts(one, "ActualEndTime")]
    told = {
        "id": text_of(response, "ID"),
        "order": text_of(response, "ProductionRequestID") or only(texts(response, "OperationsRequestID")),
        "good": ", ".join(_amounts(segments, _is_good)),
        "rejected": ", ".join(_amounts(segments, _is_refuse)),
        "start": chosen(starts, min) or text_of(response, "StartTime"),
        "end": chosen(ends, max) or text_of(response, "EndTime"),
    }
    if told["start"] == told["end"]:  # it was told at this moment: nobody knows how long it took
        told["start"] = ""
    return {name: text for name, text in told.items() if text}


def _amounts(segments: list[Any], wanted: Callable[[Any], bool]) -> Iterator[str]:
    """What each segment made of a kind; several are not added, as each may repeat the whole."""
    for segment in segments:
        made = [one for one in segment.iterchildren("{*}MaterialProducedActual", "{*}MaterialActual") if wanted(one)]
        if made:
            yield total_of(made)


def _is_good(material: Any) -> bool:
    plain = etree.QName(material).localname == "MaterialProducedActual"
    return plain or code_of(material, "MaterialUse") in {"Produced", "Material Produced", "Yield Produced"}


def _is_refuse(material: Any) -> bool:
    return code_of(material, "MaterialUse").lower() in _REFUSE
