"""Questions and terms as a hub publishes them, with what is asked left to the test."""

from __future__ import annotations

from typing import Any, Literal

from lineside.exchange import Addressed, Both, Limit, Question, Sandbox

HUB = "0" * 32


def question(kind: Literal["yes_no", "band", "proof"], **fields: Any) -> Question:
    """One of a kind, about February."""
    told: dict[str, Any] = {
        "schema": "lineside.question/1",
        "hub": HUB,
        "number": 1,
        "title": Both(en="Asked", zh="提问"),
        "words": Both(en="Does the plant run well?", zh="运行是否良好？"),
        "purpose": Both(en="To know", zh="了解情况"),
        "basis": "Order 7",
        "month": "2026-02",
        "to": Addressed(),
        "published_ms": 1,
    }
    return Question(kind=kind, **told | fields)


def sandbox(hub: str, member: int, *limits: Limit, **fields: Any) -> Sandbox:
    """Terms for a member, from April to June."""
    told: dict[str, Any] = {
        "schema": "lineside.sandbox/1",
        "number": 1,
        "title": Both(en="Night shift", zh="夜班"),
        "relaxed": Both(en="Noise may be measured once a month.", zh="噪声可每月测一次。"),
        "basis": "Order 9",
        "first": "2026-04",
        "last": "2026-06",
        "made_ms": 1,
    }
    return Sandbox(hub=hub, member=member, limits=limits, **told | fields)
