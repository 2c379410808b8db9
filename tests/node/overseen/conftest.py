"""A member whose February is told, at a real hub that asks it what a test lets it ask."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lineside.exchange import QUESTION, SANDBOX, Envelope, Question, Sandbox, encoded
from lineside.node import Node
from tests.hub_peer import HubPeer
from tests.node.february import copied, write_february
from tests.node.test_member import TOLD, Works

EVERYTHING = ("profile", "indicator/*", "replies", "incidents", "exposures")


class Authority:
    """Asks members at a hub by its own words."""

    def __init__(self, peer: HubPeer) -> None:
        self.peer = peer
        self.questions: list[dict[str, Any]] = []
        self.sandboxes: list[dict[str, Any]] = []
        self.looks: dict[int, list[dict[str, Any]]] = {}
        """By the number of the statement that told of the incident."""
        words = peer.hub.asks.words
        words["questions"] = lambda _, __: {"questions": self.questions}
        words["sandboxes"] = lambda _, __: {"sandboxes": self.sandboxes}
        words["looks"] = lambda _, __: {
            "incidents": [{"statement": number, "looks": looks} for number, looks in self.looks.items()]
        }
        peer.speak_freely()

    def asks(self, question: Question, state: str = "open") -> str:
        """Publishes a question; its hash."""
        signed = self.peer.hub.voice.say(QUESTION, encoded(question))
        told = {"envelope": msgspec.Raw(signed), "state": state, "reply": None, "due_ms": question.due_ms}
        self.questions.append(told)
        return Envelope.parse(signed).sha256

    def offers(self, terms: Sandbox, stage: str = "offered", **told: Any) -> str:
        """Offers terms; their hash."""
        signed = self.peer.hub.voice.say(SANDBOX, encoded(terms))
        self.sandboxes.append({"terms": msgspec.Raw(signed), "stage": stage, "months": [], "reasons": "", **told})
        return Envelope.parse(signed).sha256


@pytest.fixture(scope="session")
def february(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """That February, written once."""
    return write_february(tmp_path_factory.mktemp("works"))


@pytest.fixture
def authority(hub: HubPeer) -> Authority:
    """Who asks there."""
    return Authority(hub)


@pytest.fixture
def works(february: Path, tmp_path: Path, hub: HubPeer) -> Iterator[Works]:
    """The node with that February, before it joins anything."""
    folder = tmp_path / "plant"
    folder.mkdir()
    copied(february, folder)
    made = Works(Node.open(folder), hub)
    yield made
    made.close()


@pytest.fixture
def member(works: Works, hub: HubPeer) -> Works:
    """The same as a member that told its February, by a release of everything that it may be asked."""
    works.joined(hub, *EVERYTHING)
    works.speak(TOLD)
    return works
