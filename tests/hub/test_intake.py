"""What members say is taken once, in one chain, with proof; what cannot be true is refused and shown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from sqlalchemy import text

from lineside.exchange import STATEMENT, Envelope, Profile, Value, month_number
from lineside.hub import Hub, Standing
from lineside.trust import Asked, Key, fingerprint, scan_ledger
from tests.hub.conftest import Opens
from tests.hub.factories import MONTH, PROFILE, Clock, Factory, only, problem

pytestmark = pytest.mark.usefixtures("books")


def oee(hub: Hub, member: int, month: str = MONTH) -> float:
    """What the figures hold of a member."""
    now = hub.figures.snapshot()
    return float(now.of("oee").value[member - 1, month_number(month) - now.first])


def both(hub: Hub, opens: Opens) -> Iterator[Hub]:
    """The hub as it is, then as it is when it was started anew."""
    yield hub
    yield opens()


def entries(hub: Hub, kind: str) -> list[dict[str, Any]]:
    """Entries of the public ledger, the oldest first."""
    with hub.ledger.stored() as now:
        return now.page(Asked(kinds=[kind]), 1000)[::-1]


def test_a_statement_is_taken_with_its_entry_and_a_receipt(hub: Hub, factory: Factory) -> None:
    """The receipt is signed by the hub and names an entry of its ledger, which holds the hash and no value."""
    envelope = factory.say(factory.submission())

    factory.send(hub, envelope)

    receipt = factory.receipts[1]
    (entry,) = entries(hub, "statement.taken")
    assert entry["index"] == receipt.entry
    assert (entry["who"], entry["facts"]) == ("member/1", {"number": 1, "sha256": envelope.sha256})
    assert oee(hub, 1) == 0.6
    with hub.ledger.stored() as now:
        assert scan_ledger(now.entries()).verdict([], []).wrong == []
        bodies = b"".join(body for _, body, _ in now.entries())
    assert PROFILE.name.encode() not in bodies
    assert b"a factory" not in bodies


def test_a_repeat_gets_the_same_receipt_byte_for_byte(hub: Hub, opens: Opens, factory: Factory, clock: Clock) -> None:
    """At once, later, in the same text, and after the hub was started anew; nothing is counted twice."""
    envelope = factory.say(factory.submission())
    first = only(factory.send(hub, envelope)).reply
    assert first is not None
    clock.forward(days=3)

    together = hub.receive(envelope.json() + b"\n" + envelope.json())
    anew = only(opens().receive(envelope.json()))

    assert [one.reply for one in (*together, anew)] == [first] * 3


def test_two_in_one_text_are_one(hub: Hub, factory: Factory) -> None:
    """A line that comes twice before it was ever answered is taken once, and both get its receipt."""
    envelope = factory.say(factory.submission())

    one, other = factory.send(hub, envelope, envelope)

    assert one.reply == other.reply is not None
    assert len(entries(hub, "statement.taken")) == 1


def test_a_gap_names_the_number_that_is_expected(hub: Hub, factory: Factory) -> None:
    """And the hash that it has to name as the one before; then all that was missing is taken in one go."""
    factory.say(factory.submission("2026-07"))
    factory.say(factory.submission("2026-08"))
    third = factory.say(factory.submission("2026-09"))

    answers = factory.send(hub, third)

    assert problem(answers) == "hub.gap"
    fields = answers[0].problem.fields if answers[0].problem else {}
    assert (fields["expected"], fields["previous"]) == (1, factory.sent[0].sha256)
    assert all(answer.reply for answer in factory.send(hub, *factory.sent[1:]))
    assert sorted(factory.receipts) == [1, 2, 3]


def test_a_fork_is_refused_and_both_are_shown(hub: Hub, factory: Factory) -> None:
    """Who signs two statements with one number is told so; the registrar has both, and the ledger their hashes."""
    taken = factory.say(factory.submission())
    factory.send(hub, taken)
    told = msgspec.structs.replace(factory.submission(why="other"), number=1, previous=factory.sent[0].sha256)
    other = factory.signed(told)

    assert problem(hub.receive(other.json())) == "hub.fork"
    assert problem(hub.receive(other.json())) == "hub.fork"

    (shown,) = hub.registrar.refused(1)
    assert (shown.why, shown.signed, shown.number) == ("hub.fork", True, 1)
    assert (shown.sha256, shown.other) == (other.sha256, taken.sha256)
    assert Envelope.parse(shown.envelope or b"") == other
    (entry,) = entries(hub, "statement.forked")
    assert entry["facts"] == {"number": 1, "sha256": other.sha256, "other": taken.sha256}


def test_another_past_is_a_fork_too(hub: Hub, factory: Factory) -> None:
    """A statement that names something else as the one before cannot follow."""
    told = factory.submission(previous="9" * 64)

    assert problem(hub.receive(factory.signed(told).json())) == "hub.fork"
    assert factory.told(hub, "status")["last"] == 0


def test_a_correction_takes_the_place_and_the_first_word_stays(hub: Hub, opens: Opens, factory: Factory) -> None:
    """The newest statement of a month counts, value by value; what it does not name stays; both can be read."""
    later = (Value(indicator="oee", value=0.7, coverage=0.99, evidence="c" * 64),)
    factory.send(
        hub, factory.say(factory.submission()), factory.say(factory.submission(values=later, why="late facts"))
    )

    for each in both(hub, opens):
        now = each.figures.snapshot()
        assert oee(each, 1) == 0.7
        assert now.of("availability").value[0, 0] == 0.8
        assert now.of("availability").origin[0, 0] == 1
    told = factory.told(each, "statements")["statements"]
    assert [
        msgspec.json.decode(Envelope.parse(msgspec.json.encode(one["statement"])).payload)["number"] for one in told
    ] == [1, 2]


def test_a_value_may_be_taken_back(hub: Hub, opens: Opens, factory: Factory) -> None:
    """A correction that says why a value is absent leaves none."""
    none = (Value(indicator="oee", absent="too_little_coverage"),)
    factory.send(hub, factory.say(factory.submission()), factory.say(factory.submission(values=none)))

    for each in both(hub, opens):
        series = each.figures.snapshot().of("oee")
        assert np.isnan(oee(each, 1))
        assert (series.origin[0, 0], series.reason[0, 0]) == (0, 7)


def test_another_key_speaks_after_a_rotation(hub: Hub, opens: Opens, factory: Factory, tmp_path: Path) -> None:
    """Signed by both keys; from the next statement on only the new one speaks, and repeats of the old still hold."""
    old, new = factory.key, Key.make(tmp_path / "new.key")
    before = factory.say(factory.submission("2026-07"))

    answers = factory.send(hub, before, factory.rotation(new), factory.say(factory.submission("2026-08")))

    assert all(one.reply for one in answers)
    for each in both(hub, opens):
        assert problem(each.receive(factory.signed(factory.submission(), old).json())) == "hub.forged"
        assert only(each.receive(before.json())).reply
        assert each.register.get(1).key == new.public
    assert factory.send(each, factory.say(factory.submission()))[0].reply
    assert [one["facts"]["why"] for one in entries(each, "member.key")] == ["rotated"]


def test_a_rotation_needs_both_keys_and_a_fresh_one(hub: Hub, factory: Factory, tmp_path: Path, clock: Clock) -> None:
    """Nobody puts a key in place that they do not hold, nor one that is known already."""
    new, other = Key.make(tmp_path / "new.key"), Factory.make(tmp_path, clock, "other").joined(hub, "other")
    alone = factory.rotation(new)
    factory.sent.pop()
    factory.key = Key.read(tmp_path / "member.key")
    only_old = Envelope.sign(STATEMENT, alone.payload, factory.key)

    assert problem(hub.receive(only_old.json())) == "hub.unsigned_key"
    factory.rotation(other.key)
    assert problem(hub.receive(factory.sent.pop().json())) == "hub.key_known"


def test_a_profile_changes_from_a_statement_on(hub: Hub, opens: Opens, factory: Factory) -> None:
    """Each version is kept with its statement, also when two come in one text."""
    first = msgspec.structs.replace(PROFILE, employees=400)
    second = msgspec.structs.replace(PROFILE, region="all")

    factory.send(hub, factory.profile_change(first), factory.profile_change(second))

    for each in both(hub, opens):
        assert each.register.get(1).profile == second
    with each.books.looking() as look:
        kept = look.execute(text("SELECT version, number FROM hub_profiles ORDER BY version")).all()
    assert [tuple(one) for one in kept] == [(0, 0), (1, 1), (2, 2)]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"region": "moon"}, "hub.no_region"),
        ({"industry": "01"}, "rules.no_division"),
        ({"generated": True}, "hub.generated_stays"),
    ],
)
def test_a_profile_that_cannot_be_placed_is_refused(
    hub: Hub, factory: Factory, change: dict[str, Any], why: str
) -> None:
    """The statement's number is free for another one."""
    assert problem(hub.receive(factory.profile_change(msgspec.structs.replace(PROFILE, **change)).json())) == why
    factory.sent.pop()
    assert factory.send(hub, factory.say(factory.submission()))[0].reply


def test_who_left_is_heard_no_more(hub: Hub, opens: Opens, factory: Factory) -> None:
    """What it said stays, its repeats are answered, and nothing new is taken."""
    said = factory.say(factory.submission())

    factory.send(hub, said, factory.leaving())

    for each in both(hub, opens):
        assert each.register.get(1).state is Standing.LEFT
        assert problem(each.receive(factory.signed(factory.submission("2026-10")).json())) == "hub.over"
        assert only(each.receive(said.json())).reply
        assert oee(each, 1) == 0.6
    assert len(entries(each, "member.left")) == 1


def test_who_was_not_admitted_waits(hub: Hub, tmp_path: Path, clock: Clock) -> None:
    """Nothing is taken before a registrar compared the fingerprint; then the same envelope is."""
    factory = Factory.make(tmp_path, clock)
    factory.enrol(hub, hub.invitations.invite(["early"])[0])
    envelope = factory.say(factory.submission())

    assert problem(factory.send(hub, envelope)) == "hub.not_admitted"
    assert hub.registrar.refused(1) == []
    hub.registrar.admit(1, fingerprint(factory.key.public))
    assert only(factory.send(hub, envelope)).reply


# -- what is no statement of a member ------------------------------------------------------------


def test_what_was_forged_is_refused_and_kept_apart(hub: Hub, factory: Factory, tmp_path: Path) -> None:
    """It is shown as what anybody may have sent; the ledger counts it."""
    stranger = Key.make(tmp_path / "stranger.key")
    forged = factory.signed(factory.submission(), stranger)

    assert problem(hub.receive(forged.json())) == "hub.forged"

    (shown,) = hub.registrar.refused(1)
    assert (shown.why, shown.signed, shown.envelope) == ("hub.forged", False, None)
    hub.ledger.flush(everything=True)
    (entry,) = entries(hub, "statement.refused")
    assert (entry["who"], entry["about"], entry["facts"]["why"]) == ("nobody", "member/1", "hub.forged")


def test_every_byte_that_is_changed_is_noticed(hub: Hub, factory: Factory) -> None:
    """Of a payload or a signature with one bit changed nothing is taken, wherever the bit is."""
    whole = factory.signed(factory.submission())
    ((hint, signature),) = whole.signatures

    for at in range(0, len(whole.payload), 29):
        changed = Envelope(STATEMENT, flipped(whole.payload, at), whole.signatures)
        assert only(hub.receive(changed.json())).reply is None
    for at in range(0, len(signature), 7):
        changed = Envelope(STATEMENT, whole.payload, ((hint, flipped(signature, at)),))
        assert problem(hub.receive(changed.json())) == "hub.forged"
    assert hub.register.get(1).last == 0
    assert only(hub.receive(whole.json())).reply


def flipped(data: bytes, at: int) -> bytes:
    """The same with one bit changed."""
    changed = bytearray(data)
    changed[at] ^= 1
    return bytes(changed)


def test_what_was_cut_is_answered_and_not_taken(hub: Hub, factory: Factory) -> None:
    """However much of a line came; the lines around it are taken."""
    first, second = factory.say(factory.submission("2026-08")).json(), factory.say(factory.submission()).json()

    answers = hub.receive(first + b"\n" + second[: len(second) // 2] + b"\n\n\r\n" + second)

    assert [one.reply is not None for one in answers] == [True, False, True]
    assert answers[1].problem is not None
    assert answers[1].problem.key == "exchange.no_envelope"


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"hub": "f" * 32}, "hub.other_hub"),
        ({"member": 99}, "hub.stranger"),
        ({"catalogue": "1999-01"}, "hub.other_catalogue"),
        ({"month": "2026-11"}, "hub.month_not_over"),
        ({"month": "2031-01"}, "hub.month_not_over"),
        ({"month": "2016-10"}, "hub.month_old"),
        ({"month": "1000-01"}, "hub.month_old"),
        ({"values": (Value(indicator="luck", value=1.0),)}, "exchange.no_indicator"),
        ({"values": (Value(indicator="oee", value=0.5), Value(indicator="oee", value=0.6))}, "hub.value_twice"),
        ({"values": (Value(indicator="oee"),)}, "hub.value_or_reason"),
        ({"values": (Value(indicator="oee", value=0.5, absent="no_cycle"),)}, "hub.value_or_reason"),
        ({"values": (Value(indicator="oee", value=0.5, origin="generated"),)}, "hub.origin"),
    ],
)
def test_what_could_mean_nothing_is_refused(hub: Hub, factory: Factory, other: dict[str, Any], why: str) -> None:
    """Each with its reason, and the statement's number stays free."""
    told = msgspec.structs.replace(factory.submission(), **other)

    assert problem(hub.receive(factory.signed(told).json())) == why
    assert hub.figures.version == 0
    assert factory.send(hub, factory.say(factory.submission()))[0].reply


def test_nobody_speaks_from_the_future(hub: Hub, factory: Factory, clock: Clock) -> None:
    """A clock may be ten minutes ahead, and no more."""
    for minutes, taken in ((11, False), (9, True)):
        told = factory.submission(made_ms=clock.ms + minutes * 60_000)
        assert (only(hub.receive(factory.signed(told).json())).reply is not None) is taken


def test_a_month_is_over_where_the_hub_is(hub: Hub, factory: Factory, clock: Clock) -> None:
    """October ends in Shanghai eight hours before it ends in Greenwich."""
    clock.us = 1_793_462_400_000_000 - 60_000_000  # a minute before midnight of Shanghai, the 31st of October 2026
    assert problem(hub.receive(factory.signed(factory.submission("2026-10")).json())) == "hub.month_not_over"

    clock.forward(minutes=1)

    assert only(hub.receive(factory.signed(factory.submission("2026-10")).json())).reply


def test_generated_members_say_generated_values_alone(hub: Hub, tmp_path: Path, clock: Clock) -> None:
    """So that nobody's real value is taken for a made-up one, nor the other way round."""
    profile = Profile(name="Made up", industry="34", region="all", generated=True)
    factory = Factory.make(tmp_path, clock).joined(hub, "made up", profile)
    made_up = (
        Value(indicator="oee", value=0.5, coverage=0.9, origin="generated"),
        Value(indicator="quality", absent="no_units"),
    )

    assert problem(hub.receive(factory.signed(factory.submission()).json())) == "hub.origin"
    assert factory.send(hub, factory.say(factory.submission(values=made_up)))[0].reply
    assert hub.figures.snapshot().of("oee").origin[0, 0] == 3


def test_what_is_implausible_is_taken_and_told(hub: Hub, factory: Factory) -> None:
    """The remarks stand in the receipt, and in the books for who can act."""
    odd = (Value(indicator="oee", value=1.7, coverage=0.2),)

    factory.send(hub, factory.say(factory.submission(values=odd)))

    found = [(one.indicator, one.key) for one in factory.receipts[1].remarks]
    assert found == [("oee", "bounds"), ("oee", "coverage"), ("oee", "no_evidence")]
    assert oee(hub, 1) == 1.7
    with hub.books.looking() as look:
        kept = look.execute(text("SELECT remarks FROM hub_statements")).scalar_one()
    kept = json.loads(kept) if isinstance(kept, str) else kept
    assert [one["key"] for one in kept] == ["bounds", "coverage", "no_evidence"]


def test_remarks_see_what_came_in_the_same_text(hub: Hub, factory: Factory) -> None:
    """A jump from one month to the next is noticed also when both come in one file."""
    low, high = ((Value(indicator="oee", value=v, coverage=0.9, evidence="a" * 64),) for v in (0.2, 0.9))

    factory.send(hub, factory.say(factory.submission("2026-08", low)), factory.say(factory.submission("2026-09", high)))

    assert [[one.key for one in factory.receipts[n].remarks] for n in (1, 2)] == [[], ["jump"]]


def test_refusals_are_kept_to_the_last_hundred(hub: Hub, factory: Factory, tmp_path: Path) -> None:
    """And what a stranger sends cannot push out of sight what the member itself said."""
    stranger = Key.make(tmp_path / "stranger.key")
    own = factory.signed(factory.submission("2026-11"))
    hub.receive(own.json())

    for piece in range(3):
        lines = [factory.signed(factory.submission(made_ms=piece * 50 + at), stranger).json() for at in range(50)]
        hub.receive(b"\n".join(lines))

    shown = hub.registrar.refused(1, 1000)
    assert len([one for one in shown if not one.signed]) == 100
    assert [one.sha256 for one in shown if one.signed] == [own.sha256]


def test_what_a_hub_says_is_not_said_to_a_hub(hub: Hub, factory: Factory) -> None:
    """Its own receipts come to nothing when somebody sends them back."""
    receipt = only(factory.send(hub, factory.say(factory.submission()))).reply
    assert receipt is not None

    assert problem(hub.receive(receipt)) == "hub.not_for_hubs"


def test_a_line_of_any_size_and_kind_is_answered(hub: Hub, factory: Factory) -> None:
    """One answer a line, in order, each with the hash by which its sender finds it."""
    large = (
        factory.signed(factory.submission(why="x" * 2000))
        .json()
        .replace(b'"payloadType"', b'"x":"' + b"y" * 120_000 + b'","payloadType"')
    )

    answers = hub.receive(b"\n".join([b"{}", large, b"\xff\xfe", b"[" * 100_000]))

    assert [one.problem.key for one in answers if one.problem] == [
        "exchange.no_envelope",
        "exchange.too_large",
        "exchange.no_envelope",
        "exchange.no_envelope",
    ]
    assert hub.receive(b"\n \n") == []
