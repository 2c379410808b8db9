"""B2MML: schedules of several versions in, performances out and in again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from lxml import etree

from lineside.errors import UnusableData
from lineside.orders.b2mml import is_document, read_document
from lineside.orders.b2mml_performance import B2mmlVersion, completions_of, write_performance
from lineside.orders.b2mml_schedule import orders_of
from lineside.orders.entries import Entry
from lineside.plant import Plant, parse_plant

US = 1_000_000
PLANT = """
[site]
id = "works"
timezone = "Europe/Berlin"
[area.hall]
[line.filling]
area = "hall"
[product.juice]
"""

V0600 = """<?xml version="1.0" encoding="UTF-8"?>
<ProductionSchedule xmlns="http://www.mesa.org/xml/B2MML-V0600">
  <ID>week 48</ID>
  <Location><EquipmentID>works</EquipmentID><EquipmentElementLevel>Site</EquipmentElementLevel></Location>
  <ProductionRequest>
    <ID>4711</ID>
    <Description>Orange, for the north</Description>
    <ProductProductionRuleID>R-17</ProductProductionRuleID>
    <StartTime>2026-11-27T06:00:00+01:00</StartTime>
    <EndTime>2026-11-27T14:00:00+01:00</EndTime>
    <Priority>3</Priority>
    <SegmentRequirement>
      <ID>10</ID>
      <EarliestStartTime>2026-11-27T05:00:00+01:00</EarliestStartTime>
      <EquipmentRequirement><EquipmentID>filling </EquipmentID></EquipmentRequirement>
      <MaterialProducedRequirement>
        <MaterialDefinitionID>juice</MaterialDefinitionID>
        <Quantity>
          <QuantityString>0.12E4</QuantityString><DataType>float</DataType><UnitOfMeasure>PCE</UnitOfMeasure>
        </Quantity>
      </MaterialProducedRequirement>
      <MaterialConsumedRequirement>
        <MaterialDefinitionID>bottle</MaterialDefinitionID>
        <Quantity><QuantityString>1200</QuantityString></Quantity>
      </MaterialConsumedRequirement>
    </SegmentRequirement>
    <RequestState>Released</RequestState>
  </ProductionRequest>
  <ProductionRequest>
    <ID>4712</ID>
    <HierarchyScope>
      <EquipmentID>works</EquipmentID><EquipmentElementLevel>Site</EquipmentElementLevel>
      <HierarchyScope>
        <EquipmentID>hall</EquipmentID><EquipmentElementLevel>Area</EquipmentElementLevel>
        <HierarchyScope>
          <EquipmentID>filling</EquipmentID><EquipmentElementLevel>ProductionLine</EquipmentElementLevel>
        </HierarchyScope>
      </HierarchyScope>
    </HierarchyScope>
    <SegmentRequirement>
      <EarliestStartTime>2026-11-27T14:00:00Z</EarliestStartTime>
      <LatestEndTime>2026-11-27T20:00:00Z</LatestEndTime>
      <SegmentRequirement>
        <ID>mix</ID>
        <EarliestStartTime>2026-11-27T14:30:00+01:00</EarliestStartTime>
        <LatestEndTime>2026-11-27T15:00:00Z</LatestEndTime>
      </SegmentRequirement>
      <SegmentRequirement>
        <ID>fill</ID>
        <MaterialRequirement>
          <MaterialDefinitionID>juice</MaterialDefinitionID><MaterialUse>Produced</MaterialUse>
          <Quantity><QuantityString>200</QuantityString></Quantity>
        </MaterialRequirement>
        <MaterialRequirement>
          <MaterialDefinitionID>juice</MaterialDefinitionID><MaterialUse>Produced</MaterialUse>
          <Quantity><QuantityString>100.0</QuantityString></Quantity>
        </MaterialRequirement>
      </SegmentRequirement>
    </SegmentRequirement>
    <RequestState OtherValue="On hold">Other</RequestState>
  </ProductionRequest>
</ProductionSchedule>
"""
V0600_FIELDS = [
    {
        "id": "4711",
        "product": "juice",
        "quantity": "1200",
        "start": "2026-11-27T06:00:00+01:00",
        "end": "2026-11-27T14:00:00+01:00",
        "priority": "3",
        "state": "Released",
        "note": "Orange, for the north",
        "machine": "filling",
    },
    {
        "id": "4712",
        "product": "juice",
        "quantity": "300",
        "start": "2026-11-27T14:30:00+01:00",
        "end": "2026-11-27T20:00:00Z",
        "state": "On hold",
        "line": "filling",
    },
]

V0700 = """<ns:ProcessOperationsSchedule xmlns:ns="http://www.mesa.org/xml/B2MML" releaseID="V0700">
  <ns:ApplicationArea>
    <ns:Sender><ns:LogicalID>ERP</ns:LogicalID></ns:Sender>
    <ns:CreationDateTime>2026-11-27T05:00:00Z</ns:CreationDateTime>
  </ns:ApplicationArea>
  <ns:DataArea>
    <ns:Process acknowledgeCode="OnError"/>
    <ns:OperationsSchedule>
      <ns:ID>S1</ns:ID>
      <ns:OperationsRequest>
        <ns:ID>A</ns:ID>
        <ns:StartTime>2026-11-27T06:00:00Z</ns:StartTime>
        <ns:OperationsType>Production</ns:OperationsType>
        <ns:SegmentRequirement>
          <ns:ID>1</ns:ID>
          <ns:EquipmentRequirement><ns:EquipmentID>press-1</ns:EquipmentID></ns:EquipmentRequirement>
          <ns:SegmentRequirementChild>
            <ns:ID>2</ns:ID>
            <ns:MaterialRequirement>
              <ns:MaterialDefinitionID>juice</ns:MaterialDefinitionID>
              <ns:MaterialUse>Produced</ns:MaterialUse>
              <ns:Quantity><ns:QuantityString>5</ns:QuantityString><ns:UnitOfMeasure>KG</ns:UnitOfMeasure></ns:Quantity>
            </ns:MaterialRequirement>
            <ns:MaterialRequirement>
              <ns:MaterialDefinitionID>peel</ns:MaterialDefinitionID>
              <ns:MaterialUse>By-product Produced</ns:MaterialUse>
            </ns:MaterialRequirement>
          </ns:SegmentRequirementChild>
        </ns:SegmentRequirement>
      </ns:OperationsRequest>
      <ns:OperationsRequest>
        <ns:ID>clean</ns:ID>
        <ns:OperationsType>Maintenance</ns:OperationsType>
      </ns:OperationsRequest>
    </ns:OperationsSchedule>
    <ns:OperationsSchedule>
      <ns:ID>S2</ns:ID>
      <ns:OperationsRequest>
        <ns:ID>B</ns:ID>
        <ns:OperationsDefinitionID>juice</ns:OperationsDefinitionID>
        <ns:SegmentRequirement>
          <ns:ID>1</ns:ID>
          <ns:EquipmentRequirement><ns:EquipmentID>m1</ns:EquipmentID></ns:EquipmentRequirement>
        </ns:SegmentRequirement>
        <ns:SegmentRequirement>
          <ns:ID>2</ns:ID>
          <ns:EquipmentRequirement><ns:EquipmentID>m2</ns:EquipmentID></ns:EquipmentRequirement>
        </ns:SegmentRequirement>
      </ns:OperationsRequest>
    </ns:OperationsSchedule>
  </ns:DataArea>
</ns:ProcessOperationsSchedule>
"""

BARE = """<ProductionSchedule>
  <ProductionRequest>
    <ID>1</ID>
    <SegmentRequirement>
      <LatestEndTime>2026-11-28T08:00:00</LatestEndTime>
      <MaterialProducedRequirement>
        <Quantity><UnitOfMeasure/><QuantityString>234.5</QuantityString></Quantity>
        <MaterialDefinitionID>juice</MaterialDefinitionID>
      </MaterialProducedRequirement>
    </SegmentRequirement>
    <SegmentRequirement>
      <LatestEndTime>2026-11-28T07:00:00Z</LatestEndTime>
      <MaterialProducedRequirement>
        <Quantity><QuantityString>234.5</QuantityString></Quantity>
        <MaterialDefinitionID>syrup</MaterialDefinitionID>
      </MaterialProducedRequirement>
    </SegmentRequirement>
  </ProductionRequest>
</ProductionSchedule>
"""


FOREIGN = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>'


def orders(text: str) -> list[Entry]:
    """Read the orders of a document."""
    return orders_of(read_document(text.encode(), "plan.xml"))


def fields(text: str) -> list[Mapping[str, object]]:
    """Return what is told of each order."""
    return [entry.fields for entry in orders(text)]


@pytest.fixture
def plant() -> Plant:
    """A plant with one line and one product."""
    return parse_plant(PLANT)


def test_a_production_schedule_is_read_as_orders() -> None:
    """Product, quantity, times, state and place come from the request, else from its segments, at any depth."""
    assert fields(V0600) == V0600_FIELDS


@pytest.mark.parametrize("space", ["http://www.mesa.org/xml/B2MML", "http://www.wbf.org/xml/B2MML-V0401", "urn:x"])
def test_the_namespace_of_the_version_does_not_matter(space: str) -> None:
    """The same elements are read under the names of V0400 to V0700, and without any."""
    assert fields(V0600.replace("http://www.mesa.org/xml/B2MML-V0600", space)) == V0600_FIELDS
    assert fields(V0600.replace(' xmlns="http://www.mesa.org/xml/B2MML-V0600"', "")) == V0600_FIELDS


def test_a_state_that_says_nothing_is_none() -> None:
    """*Other* alone tells no state, and keeps no order from being taken."""
    assert "state" not in fields(V0600.replace(' OtherValue="On hold"', ""))[1]


def test_a_message_holds_several_operations_schedules() -> None:
    """Each request has its place; requests of maintenance are no orders, by-products no products."""
    first, second = orders(V0700)

    assert first.place == "OperationsSchedule 1, OperationsRequest 1"
    assert first.fields == {
        "id": "A",
        "product": "juice",
        "quantity": "5 KG",
        "start": "2026-11-27T06:00:00Z",
        "machine": "press-1",
    }
    assert second.place == "OperationsSchedule 2, OperationsRequest 1"
    assert second.fields == {"id": "B", "product": "juice", "machine": "m1, m2"}


def test_contradictions_stay_as_they_stand() -> None:
    """Two products, a quantity that may be a share or the whole, and times without a common zone are not decided."""
    assert fields(BARE) == [
        {
            "id": "1",
            "product": "juice, syrup",
            "quantity": "234.5, 234.5",
            "end": "2026-11-28T08:00:00, 2026-11-28T07:00:00Z",
        }
    ]


@pytest.mark.parametrize("verb", ["Sync", "Change", "Show"])
def test_other_verbs_bring_orders_too(verb: str) -> None:
    """What is synchronised, changed or shown is taken as what is to be processed."""
    assert [entry.fields["id"] for entry in orders(V0700.replace("Process", verb))] == ["A", "B"]


def test_cancel_takes_orders_back() -> None:
    """A message that cancels, or whose action deletes, names orders and withdraws them."""
    action = '<ns:ActionCriteria><ns:ActionExpression actionCode="Delete"/></ns:ActionCriteria>'
    deleted = V0700.replace("Process", "Change").replace(
        '<ns:Change acknowledgeCode="OnError"/>', f"<ns:Change>{action}</ns:Change>"
    )

    for text in (V0700.replace("Process", "Cancel"), deleted):
        assert fields(text) == [{"id": "A", "state": "withdrawn"}, {"id": "B", "state": "withdrawn"}]


def test_a_single_request_is_a_document() -> None:
    """The standard lets a request stand by itself."""
    request = V0600[V0600.index("<ProductionRequest>") : V0600.index("</ProductionRequest>")] + "</ProductionRequest>"

    assert orders(request)[0].place == "ProductionRequest 1"
    assert fields(request) == V0600_FIELDS[:1]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("<ProductionSchedule><ID>1</ID>", "b2mml.xml"),
        ("", "b2mml.xml"),
        ("<WorkSchedule/>", "b2mml.root"),
        ("<ProductionSchedule><ID>1</ID></ProductionSchedule>", "b2mml.empty"),
        ("<SyncProductionSchedule><DataArea/></SyncProductionSchedule>", "b2mml.empty"),
        (V0700.replace("Process", "Get"), "b2mml.verb"),
        (V0700.replace("Process", "Acknowledge"), "b2mml.verb"),
        (f"{FOREIGN}<ProductionRequest><ID>&x;</ID></ProductionRequest>", "b2mml.doctype"),
    ],
)
def test_a_document_of_no_use_is_refused(text: str, key: str) -> None:
    """What is cut off, of another kind, empty, a question, or brings a DOCTYPE is refused by name."""
    with pytest.raises(UnusableData) as refused:
        read_document(text.encode(), "plan.xml")

    assert refused.value.key == key
    assert "plan.xml" in refused.value.sentence("en")
    assert refused.value.cure("zh")


def test_an_avalanche_of_entities_is_refused_at_once() -> None:
    """A document that grows without end when it is read does not grow here."""
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    text = f'<!DOCTYPE a [<!ENTITY e0 "lol">{entities}]><ProductionRequest><ID a="&e11;">&e11;</ID></ProductionRequest>'

    with pytest.raises(UnusableData):
        read_document(text.encode(), "plan.xml")


def test_numbers_beyond_measure_stay_texts() -> None:
    """A quantity of a million digits is not worked out."""
    assert fields(V0600.replace("0.12E4", "1E999999"))[0]["quantity"] == "1E999999"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_document_is_known_by_its_beginning(encoding: str) -> None:
    """XML is told from tables by its declaration or first element, in any encoding."""
    assert is_document(f"<!-- plan -->{V0700}".encode(encoding)[:400])
    assert is_document("<?xml version='1.0'?><Other/>".encode(encoding))
    assert not is_document("order;product\n1;ProductionSchedule\n".encode(encoding))
    assert not is_document("<DATE>;<ORDER>\n".encode(encoding))


# Performances

DONE: dict[str, Any] = {
    "order": "4711",
    "product": "juice",
    "line": "filling",
    "machine": None,
    "good": 1180.0,
    "rejected": 20.0,
    "start": 1_764_219_600 * US,
    "end": 1_764_248_400 * US,
    "basis": "counted",
    "state": "done",
}
OPEN = {
    **DONE,
    "order": "4712",
    "machine": "press-1",
    "good": 10.5,
    "rejected": None,
    "start": 1_764_248_400 * US,
    "end": 1_764_252_000 * US,
    "basis": "entered",
    "state": "held",
}


@pytest.mark.parametrize("version", ["V0600", "V0700"])
def test_a_performance_is_read_as_it_was_written(plant: Plant, version: B2mmlVersion) -> None:
    """Order, good and rejected quantities and actual times survive the way through a document."""
    written = write_performance([DONE, OPEN], plant, DONE["end"], version)
    document = read_document(written, "done.xml")

    assert document.kind == "Performance"
    assert [entry.fields for entry in completions_of(document)] == [
        {
            "id": "4711",
            "order": "4711",
            "good": "1180",
            "rejected": "20",
            "start": "2025-11-27T06:00:00+01:00",
            "end": "2025-11-27T14:00:00+01:00",
        },
        {
            "id": "4712",
            "order": "4712",
            "good": "10.5",
            "start": "2025-11-27T14:00:00+01:00",
            "end": "2025-11-27T15:00:00+01:00",
        },
    ]


SEQUENCES = {
    "V0600": {
        "ProductionPerformance": "ID HierarchyScope PublishedDate ProductionResponse",
        "ProductionResponse": "ID ProductionRequestID StartTime EndTime SegmentResponse ResponseState",
        "SegmentResponse": "Description ActualStartTime ActualEndTime EquipmentActual MaterialActual",
        "MaterialActual": "MaterialDefinitionID MaterialUse Quantity",
        "Quantity": "QuantityString DataType UnitOfMeasure",
    },
    "V0700": {
        "OperationsPerformance": "ID PublishedDate HierarchyScope OperationsResponse",
        "OperationsResponse": "ID StartTime EndTime OperationsRequestID ResponseState SegmentResponse",
        "SegmentResponse": "Description ActualStartTime ActualEndTime EquipmentActual MaterialActual",
        "MaterialActual": "MaterialDefinitionID MaterialUse Quantity",
        "Quantity": "QuantityString DataType UnitOfMeasure",
    },
}
"""The order in which the schemas of MESA want what we write."""


@pytest.mark.parametrize("version", ["V0600", "V0700"])
def test_a_performance_has_its_elements_in_order(plant: Plant, version: B2mmlVersion) -> None:
    """The schemas are sequences: an element out of order makes a document invalid."""
    root = etree.fromstring(write_performance([DONE, OPEN], plant, DONE["end"], version))

    for name, sequence in SEQUENCES[version].items():
        for element in root.iter(f"{{*}}{name}"):
            found = list(dict.fromkeys(etree.QName(child).localname for child in element))
            assert found == [one for one in sequence.split() if one in found], name
            assert {etree.QName(child).namespace for child in element} == {etree.QName(root).namespace}


def test_a_foreign_performance_is_read() -> None:
    """Older documents name what was produced by an element of its own; the last segment's end counts."""
    text = """<ProductionPerformance xmlns="http://www.wbf.org/xml/B2MML-V0401"><ProductionResponse>
      <ProductionRequestID>4711</ProductionRequestID>
      <SegmentResponse><ActualStartTime>2026-11-27T06:00:00Z</ActualStartTime>
        <ActualEndTime>2026-11-27T09:00:00Z</ActualEndTime>
        <MaterialProducedActual><MaterialDefinitionID>juice</MaterialDefinitionID>
          <Quantity><QuantityString>800.000</QuantityString><DataType>decimal</DataType></Quantity>
        </MaterialProducedActual>
        <MaterialConsumedActual><Quantity><QuantityString>7</QuantityString></Quantity></MaterialConsumedActual>
      </SegmentResponse>
    </ProductionResponse></ProductionPerformance>"""

    (entry,) = completions_of(read_document(text.encode(), "x.xml"))

    assert entry.fields == {
        "order": "4711",
        "good": "800",
        "start": "2026-11-27T06:00:00Z",
        "end": "2026-11-27T09:00:00Z",
    }


def test_what_xml_cannot_hold_is_replaced(plant: Plant) -> None:
    """An order named with a control character does not keep the others from being told."""
    odd = {**DONE, "order": "a\x01b"}

    assert re.search(b"<ID>a\xef\xbf\xbdb</ID>", write_performance([odd], plant, US))
