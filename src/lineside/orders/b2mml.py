"""Documents of B2MML, the XML of ISA-95, read by the local names of their elements: V0400 to V0700 and bare ones alike.

A document is a schedule (orders) or a performance (completions), by itself or in the message that hands it over, whose
verb says what is to be done with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from lxml import etree

from lineside.errors import UnusableData
from lineside.orders.entries import Reading

POINTED = Reading(decimal=".")
"""XML has decimal points."""
MOST_BYTES = 64 * 1024 * 1024
MOST_REQUESTS = 200_000
_BODIES = {"Schedule": "Request", "Performance": "Response"}
_VERBS = "Acknowledge|Cancel|Change|Get|Process|Respond|Show|Sync"
_TAKEN = frozenset({"", "Cancel", "Change", "Process", "Show", "Sync"})
_NAME = rf"(?P<verb>{_VERBS})?(?P<of>Production|Operations)(?P<body>Schedule|Request|Performance|Response)"
_ROOT = re.compile(_NAME)
_HEAD = re.compile(rf"<(?:[\w.-]+:)?{_NAME}[\s/>]")
_WORDS = "each ea pc pcs pce piece pieces st stk stück unit units nar c62 h87 件 个 個 只 台"
_PIECES = frozenset(_WORDS.split())
"""Units in which things are counted; UN/CEFACT has C62, H87, NAR, PCE."""


@dataclass(frozen=True, slots=True)
class Part:
    """One request or response of a document, and where it stands there."""

    place: str
    element: Any


@dataclass(frozen=True, slots=True)
class Document:
    """What is said of orders, and whether it takes them back."""

    kind: str
    """"Schedule" or "Performance"."""
    withdraws: bool
    parts: tuple[Part, ...]


def is_document(head: bytes) -> bool:
    """Whether a file that begins so is XML, and so none that a spreadsheet made."""
    text = head.decode("utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8", "replace")
    return text.lstrip("\ufeff \t\r\n").startswith("<?xml") or _HEAD.search(text) is not None


def read_document(data: bytes, name: str) -> Document:
    """The requests or responses of a document; raises UnusableData, naming it by `name`, for what holds none."""
    root = _parse(data, name)
    local = _local(root)
    match = _ROOT.fullmatch(local)
    if match is None:
        raise UnusableData("b2mml.root", file=name, root=local)
    verb, of, body = match["verb"] or "", match["of"], match["body"]
    if verb not in _TAKEN:
        raise UnusableData("b2mml.verb", file=name, verb=verb, root=local)
    if body in _BODIES.values():
        kind = next(key for key, value in _BODIES.items() if value == body)
        return Document(kind, withdraws=False, parts=(Part(f"{local} 1", root),))
    bodies = root.findall(f"{{*}}DataArea/{{*}}{of}{body}") if verb else [root]
    parts = tuple(_parts(bodies, f"{of}{_BODIES[body]}"))
    if not parts:
        raise UnusableData("b2mml.empty", file=name, wanted=f"{of}{_BODIES[body]}")
    if len(parts) > MOST_REQUESTS:
        raise _too_large(name)
    return Document(body, withdraws=bool(verb) and _withdraws(verb, root), parts=parts)


def _parse(data: bytes, name: str) -> Any:
    if len(data) > MOST_BYTES:
        raise _too_large(name)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise UnusableData("b2mml.xml", file=name, reason=error.msg) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnusableData("b2mml.doctype", file=name)
    return root


def _too_large(name: str) -> UnusableData:
    return UnusableData("b2mml.too_large", file=name, requests=MOST_REQUESTS, megabytes=MOST_BYTES // 1024**2)


def _parts(bodies: list[Any], wanted: str) -> Iterator[Part]:
    for number, body in enumerate(bodies, 1):
        before = f"{_local(body)} {number}, " if len(bodies) > 1 else ""
        for count, element in enumerate(body.findall(f"{{*}}{wanted}"), 1):
            yield Part(f"{before}{wanted} {count}", element)


def _withdraws(verb: str, root: Any) -> bool:
    """Whether the verb takes back what the message names; its action may say so as well."""
    actions = root.iterfind(f"{{*}}DataArea/{{*}}{verb}//{{*}}ActionExpression")
    return verb == "Cancel" or any(action.get("actionCode") == "Delete" for action in actions)


def _local(element: Any) -> str:
    return str(etree.QName(element).localname)


# What stands in an element


def texts(element: Any, *path: str) -> list[str]:
    """The texts at a path of local names, in the order of the document and without empty ones."""
    found = element.findall("/".join(f"{{*}}{name}" for name in path))
    return [text for one in found if (text := _text(one))]


def text_of(element: Any, *path: str) -> str:
    """The first text at a path of local names, "" without any."""
    return next(iter(texts(element, *path)), "")


def code_of(element: Any, name: str) -> str:
    """A word from a list of the standard, or the word that stands beside its *Other*; "" for a bare *Other*."""
    found = element.find(f"{{*}}{name}")
    if found is None:
        return ""
    word = _text(found)
    return str(found.get("OtherValue", "")).strip() if word == "Other" else word


def _text(element: Any) -> str:
    return " ".join((element.text or "").split())


def total_of(materials: list[Any]) -> str:
    """How much all lots of one segment are together, as a plain number; what is not a number stays as it stands.

    A unit in which things are not counted stays behind the number.
    """
    said = [amount for one in materials if (amount := _amount(one))[0]]
    numbers = [_number(text) for text, _ in said]
    units = {unit for _, unit in said}
    if not said or len(units) > 1 or None in numbers:
        return only(f"{text} {unit}".strip() for text, unit in said)
    total = sum((number for number in numbers if number is not None), Decimal())
    whole = total.to_integral_value()
    return f"{whole if total == whole else total.normalize():f} {units.pop()}".strip()


def _amount(material: Any) -> tuple[str, str]:
    """The first quantity of a material, and its unit where that is none of pieces."""
    for quantity in material.findall("{*}Quantity"):
        number, unit = text_of(quantity, "QuantityString") or _text(quantity), text_of(quantity, "UnitOfMeasure")
        if number:
            return number, "" if unit.lower() in _PIECES else unit
    return "", ""


def _number(text: str) -> Decimal | None:
    """A number within reason; exponents as in `0.4E1` are usual."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and (not number or -15 < number.adjusted() < 15) else None


def only(found: Iterable[str]) -> str:
    """The one text that is said, or all that contradict each other."""
    return ", ".join(dict.fromkeys(text for text in found if text))


def chosen(found: list[str], pick: Callable[..., str]) -> str:
    """The first (`min`) or last (`max`) of several moments; all of them where they cannot be compared."""
    try:
        return pick(found, key=datetime.fromisoformat, default="")
    except (ValueError, TypeError):
        return only(found)
