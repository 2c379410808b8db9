"""Reads XES, the XML of process mining (IEEE 1849): traces of events, with entities off."""

from __future__ import annotations

import io

from lxml import etree

from lineside.errors import ConfigurationError
from lineside.twin.fit.reading.tables import Table, table_of
from lineside.twin.reading import Finding


def read_xes(data: bytes, name: str) -> Table:
    """One row an event; attributes of its trace come as columns that begin with "case:"."""
    columns: dict[str, list[str | None]] = {}
    count = 0
    trace: dict[str, str] = {}
    findings: list[Finding] = []
    walk = etree.iterparse(
        io.BytesIO(data), ("start", "end"), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True
    )
    try:
        for action, element in walk:
            kind = etree.QName(element).localname
            parent = element.getparent()
            if action == "start":
                trace = {} if kind == "trace" else trace
            elif kind == "event":
                own = {str(a.get("key")): str(a.get("value", "")) for a in element if isinstance(a.tag, str)}
                for key, value in {**trace, **own}.items():
                    column = columns.setdefault(key, [])
                    column.extend([None] * (count - len(column)))
                    column.append(value)
                count += 1
                forget(element)
            elif parent is not None and isinstance(parent.tag, str) and etree.QName(parent).localname == "trace":
                trace[f"case:{element.get('key')}"] = str(element.get("value", ""))
            elif kind == "trace":
                forget(element)
    except (etree.XMLSyntaxError, ValueError) as error:
        if not count:
            raise ConfigurationError("log.unreadable", file=name, reason=str(error)) from error
        findings.append(Finding("-", "log.cut", {"count": count, "reason": str(error)}))
    table = table_of(name, columns, count)
    table.findings += findings
    return table


def forget(element: etree._Element) -> None:
    """Frees what has been read."""
    element.clear()
    while element.getprevious() is not None:
        del element.getparent()[0]
