"""From what was found to what is proposed: machines, each with its pack, its signals and their parts."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import replace

from lineside.connect.discovery.grouping import Place, machine_places
from lineside.connect.discovery.judge import judge, states_of, vocabulary
from lineside.connect.discovery.packs import Pack, PackSignal, packs
from lineside.connect.discovery.proposal import Confidence, Proposal, ProposedMachine, ProposedSignal
from lineside.connect.found import Note, Offer, Surroundings
from lineside.plant import NUMBER_KINDS, Kind, SourceSettings, identifier


def propose(
    found: Surroundings,
    pack: Pack | None = None,
    *,
    machines: AbstractSet[str] = frozenset(),
    sources: AbstractSet[str] = frozenset(),
) -> Proposal:
    """The machines among what was found; `machines` and `sources` are ids that are taken.

    Each is recognised by the first pack that fits, or is taken for one of the pack given.
    """
    places = machine_places(found.items, found.machines)
    groups: dict[Place, list[Offer]] = {}
    for item in found.items:
        groups.setdefault(places[item.address], []).append(item)
    ids = Names(machines)
    named = [(ids.give(_words(place, found), "machine"), place, items) for place, items in groups.items()]
    wish = named[0][0] if len(named) == 1 else found.settings.type
    settings = found.settings.model_copy(update={"id": Names(sources).give([wish], "source"), "name": ""})
    proposed = tuple(
        _machine(
            id, found.machines.get(place) or (place[-1] if place else id), settings.id, items, _pack(found, items, pack)
        )
        for id, place, items in named
    )
    return Proposal((settings,) if proposed else (), tuple(proposed), tuple(found.notes))


def joined(proposals: Iterable[Proposal]) -> Proposal:
    """Several proposals as one, in which no two machines or sources have the same id."""
    sources, machines = Names(), Names()
    all_sources: list[SourceSettings] = []
    all_machines: list[ProposedMachine] = []
    notes: list[Note] = []
    for one in proposals:
        renamed = {source.id: sources.give([source.id], "source") for source in one.sources}
        all_sources += [source.model_copy(update={"id": renamed[source.id]}) for source in one.sources]
        all_machines += [
            replace(machine, id=machines.give([machine.id], "machine"), source=renamed[machine.source])
            for machine in one.machines
        ]
        notes += one.notes
    return Proposal(tuple(all_sources), tuple(all_machines), tuple(notes))


class Names:
    """Gives each thing an id of its own: of the words offered the first that is free, else with a number."""

    def __init__(self, taken: AbstractSet[str] = frozenset()) -> None:
        self._taken = set(taken)

    def give(self, words: Iterable[str], otherwise: str, mark: str = "-") -> str:
        """An id that nothing has yet."""
        wishes = [wish for word in words if (wish := identifier(word, mark))] or [otherwise]
        name = next((wish for wish in wishes if wish not in self._taken), None)
        number = 2
        while name is None:
            wish = f"{wishes[0]}-{number}"
            name = None if wish in self._taken else wish
            number += 1
        self._taken.add(name)
        return name


def _words(place: Place, found: Surroundings) -> list[str]:
    if not place:
        return [found.settings.type]
    own = found.machines.get(place)
    return [*([own] if own else []), place[-1], " ".join(place[-2:])]


def _pack(found: Surroundings, items: list[Offer], pack: Pack | None) -> Pack:
    return pack or next(one for one in packs().values() if one.recognises(found, items))


def _machine(id: str, name: str, source: str, items: list[Offer], pack: Pack) -> ProposedMachine:
    assigned = pack.assign(items)
    order = [signal.id for signal in pack.signals]
    ids = Names({signal.id for signal, _ in assigned.values()})
    signals = []
    for item in items:
        found = assigned.get(item.address)
        if found is not None and _can_be(item, found[0].kind):
            signals.append(_known(item, *found, pack))
        else:
            signals.append(_judged(item, ids.give(_names(item), "signal", "_"), pack))
    first = {signal: at for at, signal in enumerate(order)}
    signals.sort(key=lambda signal: first.get(signal.id, len(first)))
    return ProposedMachine(id, name, source, tuple(signals), pack.id)


def _names(item: Offer) -> list[str]:
    """What a signal may be called: its own name, unless that is only its place in a list."""
    names = [item.name, " ".join(item.place[-2:])]
    return names[::-1] if item.name.isdigit() else names


def _can_be(item: Offer, kind: Kind) -> bool:
    """Whether what was seen of an item allows a kind."""
    return kind not in NUMBER_KINDS or not item.seen.count or item.seen.numbers


def _known(item: Offer, signal: PackSignal, sure: Confidence, pack: Pack) -> ProposedSignal:
    why = "discover.why.pack_model" if sure is Confidence.KNOWN else "discover.why.pack_name"
    states = signal.states
    if signal.kind == "state" and pack.words:
        states = vocabulary(item, packs().values()) or states_of(item, pack)
    return ProposedSignal(
        id=signal.id,
        address=item.address,
        kind="count" if item.kind == "count" and signal.kind == "counter" else signal.kind,
        confidence=sure,
        why=Note(why, {"pack": pack.id, "name": item.model or item.name}),
        unit=item.unit if signal.kind in NUMBER_KINDS else "",
        role=signal.role,
        states=states,
        labels=item.labels,
        example=item.seen.example,
        description=" / ".join(item.place),
    )


def _judged(item: Offer, id: str, pack: Pack) -> ProposedSignal:
    verdict = judge(item)
    return ProposedSignal(
        id=id,
        address=item.address,
        kind=verdict.kind,
        confidence=verdict.confidence,
        why=verdict.why,
        keep=verdict.keep,
        unit=item.unit if verdict.kind in NUMBER_KINDS else "",
        states=states_of(item, pack) if verdict.kind == "state" and pack.words and _lone_state(item) else (),
        labels=item.labels,
        example=item.seen.example,
        description=" / ".join(item.place),
    )


def _lone_state(item: Offer) -> bool:
    """Whether an item says by its own name what it means when it is true, as `Running` does."""
    return bool(item.seen.words) and {"true", "false"}.issuperset(item.seen.words)
