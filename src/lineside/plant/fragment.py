"""What a person adds to a plant file for a new source, as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lineside.plant.model import Kind
from lineside.plant.writing import identifier, toml_key, toml_string

_EXACT = 2**53
"""Whole numbers below are written as such."""


@dataclass(frozen=True, slots=True)
class DraftSignal:
    """A signal as a person wants it: its address at the source, and its id where that is another."""

    address: str
    kind: Kind
    id: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A source as a person describes it; with signals, those of one machine that it feeds."""

    id: str
    type: str
    url: str = ""
    device: str = ""
    options: Mapping[str, str | float | bool] = field(default_factory=dict)
    machine: str = ""
    """The id of the machine; the source's when left out."""
    line: str = ""
    """The line in which it stands."""
    signals: Sequence[DraftSignal] = ()


def fragment(draft: Draft) -> str:
    """The tables of the source and its machine. Whether they are valid is for whoever reads the whole to say."""
    settings: dict[str, str | float | bool] = {"type": draft.type}
    settings |= {name: text for name, text in (("url", draft.url), ("device", draft.device)) if text}
    text = f"[source.{toml_key(draft.id)}]\n" + "".join(_pair(*pair) for pair in settings.items())
    if draft.options:
        text += f"options = {{ {', '.join(_pair(*pair).strip() for pair in draft.options.items())} }}\n"
    if not draft.signals:
        return text
    machine = toml_key(draft.machine or draft.id)
    text += f"\n[machine.{machine}]\n" + _pair("line", draft.line) + _pair("source", draft.id)
    return text + f"\n[machine.{machine}.signals]\n" + "".join(_signals(draft.signals))


def _signals(signals: Sequence[DraftSignal]) -> list[str]:
    lines, taken = [], set[str]()
    for signal in signals:
        id = first = signal.id or identifier(signal.address, "_") or "signal"
        number = 1
        while id in taken and not signal.id:
            number += 1
            id = f"{first}_{number}"
        taken.add(id)
        known = {"kind": signal.kind, "unit": signal.unit}
        known = known if id == signal.address else {"address": signal.address, **known}
        pairs = ", ".join(_pair(name, text).strip() for name, text in known.items() if text)
        lines.append(f"{toml_key(id)} = {{ {pairs} }}\n")
    return lines


def _pair(name: str, value: str | float | bool) -> str:  # noqa: FBT001 as TOML has it
    if isinstance(value, bool):
        return f"{toml_key(name)} = {str(value).lower()}\n"
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        value = int(value)
    return f"{toml_key(name)} = {toml_string(value) if isinstance(value, str) else repr(value)}\n"
