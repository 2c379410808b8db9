from __future__ import annotations

import re
import tomllib
from dataclasses import replace

import pytest

from lineside.connect import (
    Confidence,
    Note,
    Offer,
    Proposal,
    ProposedMachine,
    ProposedSignal,
    Seen,
    SourceSettings,
    Surroundings,
    packs,
    read_table,
    sources,
    write_fragment,
    write_table,
)
from lineside.connect.discovery.fragment import units_of
from lineside.connect.discovery.grouping import machine_places
from lineside.connect.discovery.judge import judge, states_of
from lineside.connect.discovery.packs import pack_named
from lineside.connect.discovery.propose import Names, propose
from lineside.errors import ConfigurationError, UnusableData
from lineside.plant import Plant, PlantText, parse_plant

PLC = packs()["plc"]
SETTINGS = SourceSettings.model_validate({"id": "s", "type": "opcua", "url": "opc.tcp://127.0.0.1:4840"})


BASE = ("Packer", "BaseStateMachine")


def offer(name: str, *values: str, **fields: object) -> Offer:
    """Something at `press/name` that had these values."""
    made = Offer(name, ("press", name))
    for key, value in fields.items():
        setattr(made, key, value)
    for value in values:
        made.seen.see(value)
    return made


def found(*items: Offer, **fields: object) -> Surroundings:
    """A source of OPC UA that offers these."""
    made = Surroundings(SETTINGS, list(items))
    for key, value in fields.items():
        setattr(made, key, value)
    return made


@pytest.mark.parametrize(
    ("item", "kind", "confidence", "keep"),
    [
        (offer("Alarm1", kind="condition"), "condition", Confidence.KNOWN, True),
        (offer("Mode", "1", labels={"1": "AUTO"}), "state", Confidence.KNOWN, True),
        (offer("Door", "true", "false"), "state", Confidence.LIKELY, True),
        (offer("x1", "RUN", "STOP", "RUN"), "state", Confidence.GUESS, True),
        (offer("Status", "RUN"), "state", Confidence.LIKELY, True),
        (offer("Program", "O1234"), "text", Confidence.GUESS, False),
        (offer("Energy", "1.5", "1.7", unit="kWh"), "counter", Confidence.LIKELY, True),
        (offer("Energy", "1.7", "1.5", unit="kWh"), "measure", Confidence.LIKELY, True),
        (offer("Temp", "20", "21", "22", "23", unit="°C"), "measure", Confidence.LIKELY, True),
        (offer("GoodParts", "7", "7"), "counter", Confidence.LIKELY, True),
        (offer("GoodParts", "7", "6"), "measure", Confidence.GUESS, True),
        (offer("x2", "1", "2", "3", "4"), "counter", Confidence.GUESS, True),
        (offer("x3", "1.5", "2.5", "3.5", "4.5"), "measure", Confidence.GUESS, True),
        (offer("MachineState", "3", "3"), "state", Confidence.LIKELY, True),
        (offer("MachineState", "3.0"), "measure", Confidence.GUESS, True),
        (offer("Never"), "text", Confidence.GUESS, False),
        (offer("Matrix", useless="array"), "text", Confidence.KNOWN, False),
        (offer("Serial", "A1", constant=True), "text", Confidence.LIKELY, False),
    ],
    ids=lambda value: f"{value.name}:{value.seen.example}" if isinstance(value, Offer) else None,
)
def test_a_kind_is_told_from_name_unit_type_and_behaviour(
    item: Offer, kind: str, confidence: Confidence, keep: bool
) -> None:
    """A number that only rises is a counter, few words are a state, and a reason stands beside each."""
    verdict = judge(item)

    assert (verdict.kind, verdict.confidence, verdict.keep) == (kind, confidence, keep)
    assert verdict.why.key.startswith("discover.why.")


def test_values_say_states_by_their_words() -> None:
    """A number by its label, a text by itself, a boolean by the name of what is true; others mean nothing."""
    numbered = offer("State", "1", labels={"0": "Idle", "1": "Running", "2": "Störung", "7": "Foo"})
    running = offer("Running", "true", "false")

    assert {str(rule.state): rule.words for rule in states_of(numbered, PLC)} == {
        "stopped": ("0",),
        "running": ("1",),
        "down": ("2",),
    }
    assert {str(rule.state): rule.words for rule in states_of(running, PLC)} == {
        "running": ("true",),
        "stopped": ("false",),
    }
    assert states_of(offer("State", "QUUX"), PLC) == ()


@pytest.mark.parametrize(
    ("places", "machines"),
    [
        (["Press/State", "Press/Load", "Oven/Heat"], {"Press", "Oven"}),
        (["Hall/Press/Status/State", "Hall/Press/Counters/Good"], {"Hall/Press"}),
        (["L/P1/State", "L/P1/Good", "L/P2/State", "L/P2/Good", "L/Speed"], {"L/P1", "L/P2", "L"}),
        (["Press/State", "Press/Zone1/Temp", "Press/Zone2/Temp"], {"Press"}),
        (["zigbee/a/battery", "zigbee/b/battery"], {"zigbee/a", "zigbee/b"}),
        (["execution", "mode"], {""}),
    ],
)
def test_machines_are_told_from_places(places: list[str], machines: set[str]) -> None:
    """Twins beside each other are machines, parts of one are not."""
    items = [Offer(place, tuple(place.split("/"))) for place in places]

    assert {"/".join(place) for place in machine_places(items, {}).values()} == machines


def test_a_machine_the_model_names_is_one_whatever_the_names_say() -> None:
    """The outermost such place holds."""
    items = [Offer("a", ("M", "x", "Parts", "y", "State")), Offer("b", ("M", "x", "Zone", "z", "State"))]

    assert set(machine_places(items, {("M", "x"): "x", ("M", "x", "Parts", "y"): "y"}).values()) == {("M", "x")}


def test_packml_is_recognised_by_its_tags() -> None:
    """State numbers become rules, processed and defective counts the units."""
    items = [offer("StateCurrent", "6"), offer("ProdProcessedCount", "9"), offer("ProdDefectiveCount", "0")]

    (machine,) = propose(found(*items)).machines

    assert machine.pack == "packaging"
    assert {signal.id: signal.role for signal in machine.signals} == {
        "state": "",
        "processed": "total",
        "defective": "rejected",
    }
    plant = loaded(Proposal((SETTINGS,), (replace(machine, source="s"),)))
    rules = {str(rule.state): rule.when["state"].words for rule in plant.machines["press"].states}
    assert rules["running"][0] == "6"
    assert "9" in rules["down"]
    assert "5" in rules["starved"]


def test_packml_over_opc_ua_is_read_from_its_three_machines_of_states() -> None:
    """The innermost has no state while an outer one is aborted or stopped, so the outer ones are asked first."""
    places = {"Aborted": BASE, "Stopped": (*BASE, "MachineState"), "Execute": (*BASE, "MachineState", "ExecuteState")}
    items = [Offer("/".join(place), (*place, "CurrentState")) for place in places.values()]
    for item, word in zip(items, places, strict=True):
        item.seen.see(word)

    (machine,) = propose(found(*items)).machines

    plant = loaded(Proposal((SETTINGS,), (replace(machine, source="s"),)))
    (only,) = plant.machines.values()
    order = [(str(rule.state), next(iter(rule.when))) for rule in only.states]
    assert machine.pack == "packaging"
    assert order[:3] == [("down", "base_state"), ("down", "machine_state"), ("stopped", "machine_state")]
    assert ("running", "state") in order[3:]


def test_words_of_a_standard_bring_those_not_seen_yet() -> None:
    """Who says EXECUTE will say HELD, written in the same way."""
    (machine,) = propose(found(offer("State", "EXECUTE"), offer("Good", "4"))).machines

    words = {word for one in machine.signals[0].states for word in one.words}
    assert {"EXECUTE", "HELD", "SUSPENDED"} <= words
    assert not any(word.isdigit() or not word.isupper() for word in words)


def test_euromap_77_is_recognised_by_its_namespace_and_names() -> None:
    """The job's status makes the rules, its parts the units; without the namespace it is any controller."""
    items = [
        offer("JobStatus", "6", constant=True),
        offer("MachineMode", "1"),
        offer("JobPartsCounter", "9"),
        offer("JobGoodPartsCounter", "8"),
        offer("JobBadPartsCounter", "1"),
    ]

    (known,) = propose(found(*items, models=frozenset({"http://www.euromap.org/euromap77/"}))).machines
    (unknown,) = propose(found(*items)).machines

    assert (known.pack, unknown.pack) == ("injection-moulding", "plc")
    assert units_of(known.signals) == {"total": "parts", "rejected": "rejected"}
    assert known.signals[0].states[0].words == ("6",)


def test_a_person_may_name_the_pack() -> None:
    """It is then taken for every machine."""
    item = offer("StateCurrent", "6")

    (machine,) = propose(found(item), packs()["packaging"]).machines

    assert (machine.pack, machine.signals[0].id) == ("packaging", "state")


def test_a_counter_that_shows_words_is_not_one() -> None:
    """What was seen wins over a name."""
    (machine,) = propose(found(offer("Good", "yes", "no", "yes"))).machines

    assert (machine.signals[0].kind, machine.signals[0].role) == ("state", "")


@pytest.mark.parametrize("name", packs())
def test_a_pack_holds_together(name: str) -> None:
    """Texts in both languages, sources of its facts, types that exist, words that mean one state each."""
    pack = packs()[name]
    signals = [signal.id for signal in pack.signals]

    assert pack.names.keys() == pack.about.keys() == {"en", "zh"}
    assert pack.sources
    assert pack.types <= sources().keys()
    assert len(signals) == len(set(signals))
    assert {one for some in pack.needs for one in some} <= set(signals)
    for states in [signal.states for signal in pack.signals] + [pack.words]:
        words = [word for one in states for word in one.words]
        assert len(words) == len(set(words))


def test_an_unknown_pack_is_refused() -> None:
    """With the names there are."""
    with pytest.raises(ConfigurationError) as refused:
        pack_named("knc")

    assert "cnc" in str(refused.value.cure())


def signal(**fields: object) -> ProposedSignal:
    """A signal of a machine."""
    whole: dict[str, object] = {
        "id": "state",
        "address": "nsu=urn:x;s=State",
        "kind": "state",
        "confidence": Confidence.LIKELY,
        "why": Note("discover.why.number", {}),
    }
    return ProposedSignal(**{**whole, **fields})  # type: ignore[arg-type]


def proposal(*signals: ProposedSignal) -> Proposal:
    """One machine with these signals."""
    return Proposal((SETTINGS,), (ProposedMachine("press", "Press 1", "s", signals, "plc"),))


def loaded(made: Proposal) -> Plant:
    """The plant its text makes."""
    written = write_fragment(made, by="test", language="en", timezone="UTC")
    assert tomllib.loads(written.text)
    return written.plant


NASTY = 'a"b\\c|d;e\n# =x'


def test_a_fragment_loads_whatever_the_other_side_calls_things() -> None:
    """Quotes, line ends, hashes and control signs of a peer break out of nothing."""
    states = packs()["plc"].words[0]
    nasty = signal(
        id="s",
        address=NASTY,
        unit=NASTY,
        example=f"{NASTY}\u2028\r[site]",
        states=(replace(states, words=(NASTY,)),),
        labels={NASTY: NASTY},
        why=Note("discover.why.count_name", {"name": NASTY}),
    )
    made = proposal(nasty)
    note = Note("discover.cut", {"most": NASTY})
    made = replace(made, machines=(replace(made.machines[0], name=NASTY),), notes=(note,))

    plant = loaded(made)

    machine = plant.machines["press"]
    assert (machine.name, machine.signals["s"].address) == (NASTY, NASTY)
    assert machine.states[0].when["s"].words == (NASTY,)


def test_a_fragment_is_added_to_a_plant_that_is_there() -> None:
    """Only source and machine, in the plant's line; a line it has not is told with those it has."""
    text = '[site]\nid = "p"\ntimezone = "UTC"\n[area.a]\n[line.one]\narea = "a"\n[line.two]\narea = "a"\n'
    known = PlantText(text, parse_plant(text))

    made = write_fragment(proposal(signal()), by="t", language="zh", timezone="UTC", plant=known, line="two")

    assert "[site]" not in made.text
    assert made.plant.machines["press"].line == "two"
    with pytest.raises(ConfigurationError, match="one, two"):
        write_fragment(proposal(signal()), by="t", language="en", timezone="UTC", plant=known)


def test_what_is_not_kept_is_not_written() -> None:
    """Neither the signal nor the rules on it."""
    kept, dropped = signal(), signal(id="other", address="other", keep=False)

    plant = loaded(proposal(kept, dropped))
    empty = loaded(proposal(dropped))

    assert plant.machines["press"].signals.keys() == {"state"}
    assert (empty.machines, empty.sources) == ({}, {})


def test_a_table_comes_back_as_it_went() -> None:
    """Through a spreadsheet's separators, quotes, formulas and line ends."""
    rule = replace(packs()["plc"].words[0], words=("A|B;C", "x\\y"))
    made = proposal(
        signal(address="=1+1", unit="%", example="@x", states=(rule,)),
        signal(id="parts", address="'=p", kind="counter", role="total", keep=False),
    )
    made = replace(made, sources=(made.sources[0].model_copy(update={"options": {"user": "me", "queue": 7}}),))

    back = read_table(write_table(made, "zh"))

    assert back.sources == made.sources
    for one, two in zip(made.machines[0].signals, back.machines[0].signals, strict=True):
        assert replace(one, why=two.why) == two
    assert ",'=1+1," in write_table(made, "en")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_is_read_as_spreadsheets_save_it(delimiter: str) -> None:
    """With another separator, a mark at its beginning, columns in another order, empty rows."""
    head = ["machine", "kind", "keep", "signal", "address", "source", "type", "states"]
    row = ["m", "state", "YES", "s", "s", "q", "shdr", "running=ACTIVE"]
    text = "\N{ZERO WIDTH NO-BREAK SPACE}" + "\r\n".join(delimiter.join(one) for one in (head, row, [""] * 8)) + "\r\n"

    (machine,) = read_table(text).machines

    assert machine.signals[0].states[0].words == ("ACTIVE",)


def test_every_row_that_cannot_be_read_is_named() -> None:
    """With its line, column and content; a table without a needed column, with the column."""
    text = write_table(proposal(signal(), signal(id="two", address="two")), "en")
    wrong = text.replace("yes,s,", "perhaps,s,", 1).replace(",two,state,", ",two,stat,")

    with pytest.raises(UnusableData, match=re.escape("2: keep = perhaps; 3: kind = stat")):
        read_table(wrong)
    with pytest.raises(UnusableData, match="address"):
        read_table("keep,source,type,machine,signal,kind\n")
    with pytest.raises(UnusableData, match="3: signal = two"):
        read_table(write_table(proposal(signal(id="two"), signal(id="two", address="two")), "en"))


def test_names_are_given_once() -> None:
    """Ids that are taken are not given again."""
    names = Names({"press"})

    assert [names.give(["Press", "press"], "m"), names.give(["press"], "m"), names.give(["///"], "m")] == [
        "Press",
        "press-2",
        "m",
    ]


def test_what_was_seen_is_kept_small() -> None:
    """However many values come."""
    seen = Seen()
    for number in range(1_000):
        seen.see(f"v{number}")

    assert (seen.count, seen.few, len(seen.words)) == (1_000, False, 25)
