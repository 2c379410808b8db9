"""A hub whose books came back from a backup, and a node with what it signed since: nothing is lost or double.

The backup is a copy of the folder, so that nothing in it says that it is one: only what members hold can.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
from msgspec.structs import replace

from lineside.errors import UnusableData
from lineside.exchange import Answer, Both, Consent, Incident, Limit, Problem, Receipt, Reply, Submission, decoded
from lineside.hub.numbering import JUMP
from lineside.hub.sandboxes import Offer, State
from lineside.node import Happened, Progress, Stage, Wish
from lineside.trust import Asked, Head, Kind, scan_ledger
from tests.hub_peer import HubPeer
from tests.node.february import at
from tests.node.test_member import TOLD, Works
from tests.node.test_with_a_hub import CONTENT, NOW, asked

OFFER = Offer(
    title=Both(en="Night shift", zh="夜班"),
    relaxed=Both(en="One person", zh="一人"),
    basis="Order 7",
    limits=(Limit(indicator="oee", least=0.1, months=1),),
    first="2026-03",
    last="2026-06",
)


@pytest.fixture
def restored(works: Works, hub: HubPeer, tmp_path: Path) -> Callable[[Callable[[], object]], None]:
    """Backs the hub up, lets something happen, and puts the backup back; the valve is kept, as by a node that runs."""

    def lose(what: Callable[[], object]) -> None:
        hub.backed_up(tmp_path / "backup")
        works.node.valve.keep()
        what()
        works.node.valve.keep()
        hub.restored(tmp_path / "backup")

    return lose


def tell_everything(works: Works, hub: HubPeer) -> None:
    """A reply to a question, a word on a sandbox, an incident and a month, each with its receipt."""
    overseen = works.node.overseen
    question, sandbox = asked(hub), hub.hub.sandboxes.offer(1, OFFER).sha256
    assert overseen.fetching.fetch() is None
    works.node.valve.keep()
    wish = Wish("computed")
    overseen.answering.say(question, wish, overseen.answering.look(question, wish).draft.digest)
    overseen.terms.say(sandbox, overseen.terms.look(sandbox, agrees=True).digest, agrees=True)
    what = Happened("safety", 3, "Fire in hall 2", NOW // 1000 - 60_000)
    overseen.incidents.say(what, overseen.incidents.look(what).digest)
    works.speak()
    works.speak(at(4, 2, 6, 1))
    assert works.why() is None


def test_whatever_a_hub_lost_is_taken_again_though_what_it_rests_on_is_lost_too(
    works: Works, hub: HubPeer, restored: Callable[[Callable[[], object]], None]
) -> None:
    """Replies and consents to documents that the hub signed and knows no more stand in the chain as they did."""
    works.joined(hub, *CONTENT)
    works.speak(TOLD)
    works.clock(NOW)
    before = list[str]()

    def told() -> None:
        tell_everything(works, hub)
        before.extend(one.sha256 for one in hub.envelopes())

    restored(told)
    assert len(hub.envelopes()) < len(before)
    works.speak(at(4, 3, 6, 1))

    assert works.why() is None
    assert [one.sha256 for one in hub.envelopes()] == before
    assert {Reply, Consent, Incident, Submission} <= {type(one) for one in hub.said()}
    assert {one.progress for one in works.member.chain.all(works.now)} == {Progress.TAKEN}
    (thread,) = hub.hub.incidents.listed(lambda _: True)
    assert thread.member == 1
    assert hub.hub.sandboxes.listed() == []
    with hub.hub.ledger.stored() as now:
        assert scan_ledger(now.entries()).verdict([], []).wrong == []


def test_a_hub_learns_from_a_receipt_that_its_books_are_older(
    works: Works, hub: HubPeer, restored: Callable[[Callable[[], object]], None]
) -> None:
    """From then on no number is given again that others may hold, and the ledger names the entry that was lost."""
    works.joined(hub, *CONTENT)
    works.speak(TOLD)
    works.clock(NOW)
    restored(lambda: tell_everything(works, hub))
    works.speak(at(4, 3, 6, 1))
    works.speak()

    assert works.why() is None
    with hub.hub.ledger.stored() as now:
        jumps = now.page(Asked(kinds=[Kind.RENUMBERED.value]), 9)
        taken = now.page(Asked(kinds=[Kind.STATEMENT.value]), 9)
    assert len(jumps) == 1
    assert [("before" in one["facts"]) for one in reversed(taken)] == [False, True, True, True, True]
    later = replace(OFFER, first="2026-04")
    assert hub.hub.sandboxes.offer(1, later).number == 1 + JUMP
    objection = hub.hub.objections.raise_one(1, "figure", {"indicator": "oee"}, "It is more.")
    assert objection.id == 1 + JUMP


def test_a_node_says_what_a_hub_lost(
    works: Works, hub: HubPeer, restored: Callable[[Callable[[], object]], None]
) -> None:
    """How many statements, since when the hub says that it was restored, and the receipts of both times are kept."""
    works.joined(hub)
    restored(lambda: works.speak(TOLD))
    assert works.member.chain.lost(works.now) is None

    works.speak(at(3, 3, 6, 1))

    (said,) = works.member.chain.all(works.now)
    lost = works.member.chain.lost(works.now)
    assert lost is not None
    assert (lost.number, lost.count, lost.restored_ms) == (1, 1, 0)
    assert len(works.member.chain.given(works.now, said)) == 2
    (entry,) = works.entries(Kind.HUB_LOST)
    assert entry["facts"] == {"number": 1, "count": 1, "restored_ms": 0}


def test_what_came_in_time_stays_in_time(
    works: Works, hub: HubPeer, restored: Callable[[Callable[[], object]], None]
) -> None:
    """A word that was received before its day, and lost, counts from when it was received."""
    works.joined(hub, *CONTENT)
    works.speak(TOLD)
    works.clock(NOW)
    sandbox = hub.hub.sandboxes.offer(1, OFFER)
    overseen = works.node.overseen
    assert overseen.fetching.fetch() is None

    def agreed() -> None:
        overseen.terms.say(sandbox.sha256, overseen.terms.look(sandbox.sha256, agrees=True).digest, agrees=True)
        works.speak()

    restored(agreed)
    works.speak(at(4, 2, 6, 1))
    hub.hub.watching.watch()

    assert hub.hub.sandboxes.get(sandbox.number).state is State.AGREED


def test_a_key_that_a_hub_knows_no_more_is_shown_to_it(
    works: Works, hub: HubPeer, restored: Callable[[Callable[[], object]], None]
) -> None:
    """The rotation is signed by the key before: twice rotated, all of it comes back without anybody's help."""
    works.joined(hub)

    def rotated() -> None:
        for _ in range(2):
            works.member.rotate()
            works.speak()
        works.speak(TOLD)

    restored(rotated)
    for _ in range(3):
        works.speak(at(3, 3, 6, 1))

    assert (works.why(), works.now.state) == (None, Stage.ADMITTED)
    assert len(hub.envelopes()) == 3
    assert cast("bytes", hub.hub.register.members[1].key).hex() == works.now.key


def test_who_joined_since_the_backup_comes_back_under_its_number(
    works: Works, hub: HubPeer, restored: Callable[[Callable[[], object]], None]
) -> None:
    """Without another invitation; a registrar compares the fingerprint again, then all that was said comes, too."""

    def joined() -> None:
        works.joined(hub)
        works.speak(TOLD)

    restored(joined)
    assert not hub.hub.register.members
    works.speak(at(3, 3, 6, 1))
    assert works.now.state is Stage.ENROLLED

    hub.admit()
    works.speak()

    assert (works.why(), works.now.state, works.now.member) == (None, Stage.ADMITTED, 1)
    assert [type(one) for one in hub.said()] == [Submission]
    assert hub.hub.register.members[1].label == "Works"


def test_a_hub_cannot_make_a_node_take_back_what_it_has_a_receipt_for(
    works: Works, hub: HubPeer, restored: Callable[[Callable[[], object]], None]
) -> None:
    """A refusal of such a statement is told, loudly; the statement stays as it is and is sent again."""
    works.joined(hub)
    restored(lambda: works.speak(TOLD))
    said = works.member.chain.all(works.now)
    hub.spoil = refusing

    works.speak(at(3, 3, 6, 1))

    assert works.why() == "member.denied"
    assert [one.envelope for one in works.member.chain.all(works.now)] == [one.envelope for one in said]
    hub.spoil = bytes
    works.speak(at(3, 4, 6, 1))
    assert works.why() is None


def refusing(answers: bytes) -> bytes:
    """The answers of a hub that refuses every statement."""
    problem = Problem.of(UnusableData("hub.value_twice", indicator="oee"))
    every = [Answer.parse(line) for line in answers.splitlines()]
    return b"".join(_refused(one, problem).json() + b"\n" for one in every)


def _refused(answer: Answer, problem: Problem) -> Answer:
    envelope = answer.envelope
    if envelope is None or not isinstance(decoded(envelope), Receipt):
        return answer
    return Answer(sha256=answer.sha256, problem=problem)


def test_a_node_holds_the_head_of_the_hubs_ledger(
    works: Works, hub: HubPeer, restored: Callable[[Callable[[], object]], None]
) -> None:
    """Day after day it goes on; where entries are gone, though nothing of this member, both signed heads say so."""
    works.joined(hub)
    works.speak(TOLD)
    first = works.member.witness.held(works.now)

    def looked() -> None:
        asked(hub)
        works.speak(at(3, 4))
        assert works.member.witness.rewound(works.now) is None

    restored(looked)
    held = works.member.witness.held(works.now)
    asked(hub, title={"en": "Another?", "zh": "另一项？"})
    works.speak(at(3, 5))

    rewound = works.member.witness.rewound(works.now)
    assert first is not None
    assert held is not None
    assert rewound is not None
    assert first.size < held.size == rewound.size
    assert (rewound.why, rewound.restored_ms, works.why()) == ("member.rewound_head", 0, None)
    (entry,) = works.entries(Kind.HUB_REWOUND)
    heads = [Head.parse(json.loads(entry["facts"][name]), name) for name in ("held", "shown")]
    assert [one.log for one in heads] == [hub.id] * 2
    works.speak(at(3, 6))
    assert len(works.entries(Kind.HUB_REWOUND)) == 1
