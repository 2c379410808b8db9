"""A pack before it is published: what somebody offers, and everything that is wrong about it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from math import isfinite
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from lineside.errors import ConfigurationError
from lineside.exchange import (
    Both,
    Catalogue,
    Chosen,
    Cost,
    Id,
    Pack,
    Parameter,
    Record,
    Setting,
    Text,
    filled_changes,
    filled_toml,
    places,
)
from lineside.rules import industries, size_schemes
from lineside.texts import DEFAULT_LANGUAGE, has, say


class Draft(Record, frozen=True, kw_only=True):
    """All that a provider says of a pack; what only the hub can say is added when it is published."""

    id: Id
    title: Both
    summary: Both
    indicator: Text
    industries: Annotated[tuple[Text, ...], Meta(max_length=40)] = ()
    sizes: Annotated[tuple[Text, ...], Meta(max_length=10)] = ()
    traits: Annotated[tuple[Text, ...], Meta(max_length=20)] = ()
    parameters: Annotated[tuple[Parameter, ...], Meta(max_length=20)] = ()
    plant: Annotated[str, Meta(max_length=20_000)] = ""
    changes: Annotated[tuple[dict[str, Any], ...], Meta(max_length=20)] = ()
    settings: Annotated[tuple[Setting, ...], Meta(max_length=40)] = ()
    instruction: Both
    cost: Cost
    offered_by: Text
    licence: Text


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong about a draft, and where."""

    path: str
    key: str
    fields: Mapping[str, object] = field(default_factory=dict)

    def sentence(self, language: str = DEFAULT_LANGUAGE) -> str:
        """What is wrong."""
        return say(self.key, language, **self.fields)

    def cure(self, language: str = DEFAULT_LANGUAGE) -> str:
        """What to write instead."""
        return say(f"{self.key}.cure", language, **self.fields) if has(f"{self.key}.cure") else ""


class DraftRefused(ConfigurationError):
    """A draft cannot be kept; `findings` holds every reason."""

    def __init__(self, name: str, findings: Sequence[Finding]) -> None:
        super().__init__("packs.refused", name=name, count=len(findings))
        self.findings = tuple(findings)


def encoded_draft(draft: Draft) -> bytes:
    """The bytes of a draft, the same for the same draft."""
    return msgspec.json.encode(draft, order="deterministic")


def decoded_draft(content: bytes) -> Draft:
    """The draft of such bytes. Raises what msgspec raises for others."""
    return msgspec.json.decode(content, type=Draft)


def digest(content: bytes) -> str:
    """SHA-256, by which the ledger names it."""
    return sha256(content).hexdigest()


def draft_of(pack: Pack) -> Draft:
    """The draft that a pack was published from, to be revised for its next edition; costs told are left to the hub."""
    told = {name: getattr(pack, name) for name in Draft.__struct_fields__}
    return Draft(**told | {"cost": msgspec.structs.replace(pack.cost, members=0)})


def require_draft(draft: Draft, catalogue: Catalogue, scheme: str) -> None:
    """Raises DraftRefused with everything that is wrong; sizes are those of the hub's `scheme`."""
    found = [*_names(draft, catalogue, scheme), *_cost(draft.cost), *_parameters(draft), *_templates(draft)]
    if found:
        raise DraftRefused(draft.id, found)


def _names(draft: Draft, catalogue: Catalogue, scheme: str) -> Iterator[Finding]:
    if draft.indicator not in catalogue.indicators:
        yield _unknown("indicator", draft.indicator, catalogue.indicators)
    sizes = [one.id for one in size_schemes()[scheme].classes]
    for at, one in enumerate(draft.sizes):
        if one not in sizes:
            yield _unknown(f"sizes[{at + 1}]", one, sizes)
    for at, one in enumerate(draft.industries):
        try:
            industries().of(one)
        except ConfigurationError as error:
            yield Finding(f"industries[{at + 1}]", error.key, error.fields)


def _unknown(path: str, value: str, known: Sequence[str] | Mapping[str, object]) -> Finding:
    return Finding(path, "packs.unknown", {"value": value[:60], "known": ", ".join(known)})


def _cost(cost: Cost) -> Iterator[Finding]:
    if cost.members:
        yield Finding("cost.members", "packs.cost_told")
    for name, (low, high) in (("once_cny", cost.once_cny), ("yearly_cny", cost.yearly_cny)):
        if not (low <= high and isfinite(high)):
            yield Finding(f"cost.{name}", "packs.from_to", {"low": low, "high": high})


def _parameters(draft: Draft) -> Iterator[Finding]:
    """Each declared once and used, with sane bounds; each that is used declared."""
    declared = [one.id for one in draft.parameters]
    told = [draft.plant, list(draft.changes), draft.instruction, [(one.words, one.value) for one in draft.settings]]
    used = set(places(told))
    for at, one in enumerate(draft.parameters):
        path = f"parameters[{at + 1}]"
        if one.id in declared[:at]:
            yield Finding(path, "packs.parameter_twice", {"id": one.id})
        if one.id not in used:
            yield Finding(path, "packs.unused", {"id": one.id})
        yield from _bounds(path, one)
    for name in sorted(used - set(declared)):
        yield Finding("parameters", "packs.undeclared", {"id": name})


def _bounds(path: str, one: Parameter) -> Iterator[Finding]:
    numeric = one.kind == "number"
    given = [bound for bound in (one.least, one.most) if bound is not None]
    if (given and not numeric) or (one.default is not None and isinstance(one.default, str) == numeric):
        yield Finding(path, "packs.not_its_kind", {"id": one.id, "kind": one.kind})
    elif numeric:
        inside = [one.least, one.default, one.most] if isinstance(one.default, int | float) else given
        order = [float(each) for each in inside if each is not None]
        if order != sorted(order):
            yield Finding(path, "packs.bounds", {"id": one.id})


def _templates(draft: Draft) -> Iterator[Finding]:
    sample = {one.id: _sample(one) for one in draft.parameters}
    try:
        tomllib.loads(filled_toml(draft.plant, sample))
    except tomllib.TOMLDecodeError as error:
        yield Finding("plant", "packs.no_toml", {"reason": str(error)[:200]})
    if draft.changes:
        yield from _changes(filled_changes(draft.changes, sample))
    if not (draft.plant.strip() or draft.changes or draft.settings):
        yield Finding("plant", "packs.changes_nothing")


def _changes(filled: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    from lineside.twin.answers import ChangesRefused, parse_changes  # here, as a hub starts without it

    try:
        parse_changes({"schema": "lineside.changes/1", "changes": filled})
    except ChangesRefused as error:
        for one in error.findings:
            yield Finding(one.path, one.problem, one.fields)


def _sample(one: Parameter) -> Chosen:
    """Something that could be chosen."""
    if one.default is not None:
        return one.default
    if one.kind != "number":
        return "sample"
    return next((bound for bound in (one.least, one.most) if bound is not None), 1.0)
