"""A proposal as text of a plant file: valid, commented with reasons, and a person's from then on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from lineside.connect.discovery.packs import packs
from lineside.connect.discovery.proposal import Proposal, ProposedMachine, ProposedSignal, StateWords
from lineside.errors import ConfigurationError
from lineside.plant import (
    Plant,
    PlantText,
    SourceSettings,
    State,
    parse_plant,
    toml_comment,
    toml_key,
    toml_string,
)
from lineside.texts import say

FIRST_LINE = "line-1"
LONGEST_EXAMPLE = 40


def write_fragment(
    proposal: Proposal,
    *,
    by: str,
    language: str,
    timezone: str,
    plant: PlantText | None = None,
    line: str | None = None,
) -> PlantText:
    """What is to be added to a plant, or a whole first file where there is none; and the plant that it makes.

    `by` says who proposed it and when. Raises ConfigurationError for a line that the plant has not, and
    PlantFileError where what is proposed would not be valid.
    """
    head = f"# {toml_comment(by)}\n\n"
    if plant is None:
        machines = _kept(proposal)
        pace = machines[0].id if len(machines) == 1 else None
        text = head + _site(timezone, pace) + _fragment(proposal, FIRST_LINE, language)
        return PlantText(text, parse_plant(text))
    text = "\n" + head + _fragment(proposal, line_of(plant.plant, line), language)
    return PlantText(text, parse_plant(plant.text.rstrip("\n") + "\n" + text))


def line_of(plant: Plant, line: str | None) -> str:
    """The line meant; the only one where none is named. Raises ConfigurationError for one the plant has not."""
    if line is None and len(plant.lines) == 1:
        return next(iter(plant.lines))
    if line not in plant.lines:
        raise ConfigurationError("discover.line", line=line or "-", known=", ".join(plant.lines) or "-")
    return str(line)


def _site(timezone: str, pace: str | None) -> str:
    """What a plant file needs above the machines, where there is none yet."""
    lead = "" if pace is None else f"pace = {toml_string(pace)}\n"
    return (
        f'[site]\nid = "plant"\ntimezone = {toml_string(timezone)}\n'
        'production_day_starts = "06:00"\n\n[area.production]\n\n'
        f'[line.{FIRST_LINE}]\narea = "production"\n{lead}\n'
    )


def _fragment(proposal: Proposal, line: str, language: str) -> str:
    """The sources and machines that are kept, with comments in a language, for machines in a line."""
    machines = _kept(proposal)
    used = {machine.source for machine in machines}
    parts = [f"# {toml_comment(say(note.key, language, **note.fields))}\n" for note in proposal.notes]
    parts += [_source(source) for source in proposal.sources if source.id in used]
    parts += [_machine(machine, line, language) for machine in machines]
    return "\n".join(parts)


def _kept(proposal: Proposal) -> list[ProposedMachine]:
    """The machines of which any signal is kept."""
    return [machine for machine in proposal.machines if any(signal.keep for signal in machine.signals)]


def _source(source: SourceSettings) -> str:
    lines = [f"[source.{toml_key(source.id)}]", f"type = {toml_string(source.type)}"]
    lines += [f"{key} = {toml_string(value)}" for key in ("url", "device") if (value := getattr(source, key))]
    if source.options:
        inside = ", ".join(f"{toml_key(key)} = {_value(value)}" for key, value in source.options.items())
        lines.append(f"options = {{ {inside} }}")
    return "\n".join(lines) + "\n"


def _value(value: object) -> str:
    return toml_string(value) if isinstance(value, str) else json.dumps(value)


def _machine(machine: ProposedMachine, line: str, language: str) -> str:
    key = toml_key(machine.id)
    kept = [signal for signal in machine.signals if signal.keep]
    lines = []
    if pack := packs().get(machine.pack):
        lines += [f"# {pack.said(pack.names, language)}: {pack.said(pack.about, language)}"]
    lines += [
        f"[machine.{key}]",
        f"line = {toml_string(line)}",
        f"name = {toml_string(machine.name)}",
        f"source = {toml_string(machine.source)}",
        "",
        f"[machine.{key}.signals]",
        *(_signal(signal, language) for signal in kept),
        "",
        *_rules(key, kept, language),
        *_units(key, kept, language),
    ]
    return "\n".join(lines).rstrip("\n") + "\n"


def _signal(signal: ProposedSignal, language: str) -> str:
    address = "" if signal.id == signal.address else f"address = {toml_string(signal.address)}, "
    unit = f", unit = {toml_string(signal.unit)}" if signal.unit else ""
    sure = say(f"discover.sure.{signal.confidence}", language)
    why = say(signal.why.key, language, **signal.why.fields)
    example = re.sub(r"\s+", " ", signal.example)[:LONGEST_EXAMPLE]
    comment = f"{sure}: {why}" + (f"; {example}" if example else "")
    return f'{toml_key(signal.id)} = {{ {address}kind = "{signal.kind}"{unit} }}   # {toml_comment(comment)}'


def _rules(key: str, signals: Sequence[ProposedSignal], language: str) -> Iterator[str]:
    rules = rules_of(signals)
    if not rules:
        signal = next((one for one in signals if one.kind == "state"), None)
        yield f"# {say('discover.no_rules', language)}"
        yield f"# [[machine.{key}.states]]"
        yield '# state = "running"'
        name, value = ("power", '"> 2.5"') if signal is None else (toml_key(signal.id), toml_string(signal.example))
        yield f"# when = {{ {name} = {toml_comment(value)} }}"
        yield ""
    for rule, signal in rules:
        words = [toml_string(word) for word in rule.words]
        named = [f"{word} = {signal.labels[word]}" for word in rule.words if word in signal.labels]
        yield f"[[machine.{key}.states]]"
        yield f'state = "{rule.state}"'
        value = words[0] if len(words) == 1 else f"[{', '.join(words)}]"
        comment = f"   # {toml_comment(', '.join(named))}" if named else ""
        yield f"when = {{ {toml_key(signal.id)} = {value} }}{comment}"
        yield ""


def rules_of(signals: Sequence[ProposedSignal]) -> list[tuple[StateWords, ProposedSignal]]:
    """The rules that the kept signals make, in the order in which they are tried."""
    found = [(rule, signal) for signal in signals if signal.keep for rule in signal.states if rule.words]
    return sorted(found, key=lambda pair: (pair[0].rank, list(State).index(pair[0].state)))


def units_of(signals: Sequence[ProposedSignal]) -> Mapping[str, str]:
    """Which signals count the units, by their roles; of three counters two, as the third follows."""
    roles = {signal.role: signal.id for signal in signals if signal.keep and signal.role}
    if {"total", "good", "rejected"} <= roles.keys():
        del roles["good"]
    counting = any(role != "product" for role in roles)
    return {role: roles[role] for role in ("total", "good", "rejected", "product") if role in roles and counting}


def _units(key: str, signals: Sequence[ProposedSignal], language: str) -> Iterator[str]:
    units = units_of(signals)
    if units:
        yield f"[machine.{key}.units]"
        yield from (f"{role} = {toml_string(name)}" for role, name in units.items())
    else:
        yield f"# {say('discover.no_units', language)}"
        yield f"# [machine.{key}.units]"
        yield '# total = "parts"'
