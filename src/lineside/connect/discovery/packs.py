"""Packs: what is known of a common kind of machine, as data with its sources. See `packs/*.toml`."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from lineside.connect.discovery.grouping import plain
from lineside.connect.discovery.proposal import Confidence, StateWords
from lineside.connect.found import Offer, Surroundings
from lineside.connect.modbus_browse import Meter, Reading
from lineside.errors import ConfigurationError
from lineside.plant import Kind, State


@dataclass(frozen=True, slots=True)
class PackSignal:
    """A signal such a machine has, and how it is recognised: by the model's name, its own name or its unit."""

    id: str
    kind: Kind
    model: frozenset[str] = frozenset()
    names: tuple[str, ...] = ()
    units: frozenset[str] = frozenset()
    role: str = ""
    states: tuple[StateWords, ...] = ()

    def fits(self, item: Offer) -> Confidence | None:
        """How surely the item is this signal; None when it is not."""
        if item.model.casefold() in self.model:
            return Confidence.KNOWN
        if self.units and item.unit and item.unit.casefold() not in self.units:
            return None
        name, path = plain(item.name), "".join(map(plain, item.place))
        if any(name == one or (("/" in one) and path.endswith(one.replace("/", ""))) for one in self.names):
            return Confidence.LIKELY
        if self.units and not self.names and item.unit:
            return Confidence.LIKELY
        return None


@dataclass(frozen=True, slots=True)
class Pack:
    """One kind of machine: what its signals are called and what its states mean. `sources` are those of the facts."""

    id: str
    names: dict[str, str]
    about: dict[str, str]
    sources: tuple[str, ...]
    types: frozenset[str]
    models: tuple[str, ...]
    needs: tuple[tuple[str, ...], ...]
    signals: tuple[PackSignal, ...]
    words: tuple[StateWords, ...]
    meters: tuple[Meter, ...] = ()
    """Maps of registers, for devices that can only be recognised by what they show."""

    def said(self, what: dict[str, str], language: str) -> str:
        """A text of the pack in a language."""
        return what.get(language) or what["en"]

    def plainly(self, language: str) -> dict[str, Any]:
        """The pack as plain data."""
        return {
            "id": self.id,
            "name": self.said(self.names, language),
            "about": self.said(self.about, language),
            "sources": list(self.sources),
        }

    def assign(self, items: list[Offer]) -> dict[str, tuple[PackSignal, Confidence]]:
        """Which items are which of its signals, by address; each signal is the one item that fits it best."""
        assigned: dict[str, tuple[PackSignal, Confidence]] = {}
        for signal in self.signals:
            for sure in (Confidence.KNOWN, Confidence.LIKELY):
                free = (item for item in items if item.address not in assigned and not item.useless)
                best = next((item for item in free if signal.fits(item) is sure), None)
                if best is not None:
                    assigned[best.address] = signal, sure
                    break
        return assigned

    def recognises(self, found: Surroundings, items: list[Offer]) -> bool:
        """Whether a machine with these items is one of its kind."""
        if self.types and found.settings.type not in self.types:
            return False
        if self.models and not any(model.startswith(self.models) for model in found.models):
            return False
        have = {signal.id for signal, _ in self.assign(items).values()}
        return all(have.intersection(some) for some in self.needs)


def packs() -> dict[str, Pack]:
    """Every pack by its id; the particular ones before the general ones."""
    return _read()


def pack_named(name: str) -> Pack:
    """The pack of a name; raises ConfigurationError when there is none."""
    known = _read()
    if name not in known:
        raise ConfigurationError("discover.no_pack", name=name, known=", ".join(known))
    return known[name]


@cache
def _read() -> dict[str, Pack]:
    folder = files("lineside.connect.discovery") / "packs"
    read = [
        (file.name.removesuffix(".toml"), tomllib.loads(file.read_text("utf-8")))
        for file in folder.iterdir()
        if file.name.endswith(".toml")
    ]
    read.sort(key=lambda entry: (entry[1]["place"], entry[0]))
    return {name: _pack(name, data) for name, data in read}


def _pack(name: str, data: dict[str, Any]) -> Pack:
    return Pack(
        id=name,
        names=data["name"],
        about=data["about"],
        sources=tuple(data["sources"]),
        types=frozenset(data.get("types", ())),
        models=tuple(data.get("models", ())),
        needs=tuple(tuple(some) for some in data.get("needs", ())),
        signals=tuple(_signal(one) for one in data["signal"]),
        words=_states(data.get("words", ())),
        meters=tuple(_meter(one) for one in data.get("meter", ())),
    )


def _signal(data: dict[str, Any]) -> PackSignal:
    return PackSignal(
        id=data["id"],
        kind=data["kind"],
        model=frozenset(text.casefold() for text in data.get("model", ())),
        names=tuple(re.sub(r"[^\w/]|_", "", text.casefold()) for text in data.get("names", ())),
        units=frozenset(text.casefold() for text in data.get("units", ())),
        role=data.get("role", ""),
        states=_states(data.get("states", ())),
    )


def _meter(data: dict[str, Any]) -> Meter:
    readings = (
        Reading(id, one["register"], one.get("unit", ""), *one.get("shows", (None, None)))
        for id, one in data["readings"].items()
    )
    return Meter(data["name"], tuple(readings))


def _states(data: Any) -> tuple[StateWords, ...]:
    return tuple(StateWords(one["rank"], State(one["state"]), tuple(map(str, one["words"]))) for one in data)
