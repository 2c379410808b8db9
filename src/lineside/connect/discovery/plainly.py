"""A proposal as plain data, for programs and pages."""

from __future__ import annotations

from typing import Any

from lineside.connect.discovery.proposal import Proposal, ProposedSignal
from lineside.texts import say


def proposal_json(proposal: Proposal, language: str) -> dict[str, Any]:
    """Sources, machines and signals with their reasons in words of a language."""
    return {
        "sources": [
            {"id": one.id, "type": one.type, "url": one.url, "device": one.device, "options": dict(one.options)}
            for one in proposal.sources
        ],
        "machines": [
            {
                "id": machine.id,
                "name": machine.name,
                "source": machine.source,
                "pack": machine.pack,
                "signals": [_signal(signal, language) for signal in machine.signals],
            }
            for machine in proposal.machines
        ],
        "notes": [say(note.key, language, **note.fields) for note in proposal.notes],
    }


def _signal(signal: ProposedSignal, language: str) -> dict[str, Any]:
    return {
        "id": signal.id,
        "address": signal.address,
        "kind": signal.kind,
        "keep": signal.keep,
        "unit": signal.unit,
        "role": signal.role,
        "states": [{"rank": one.rank, "state": one.state.value, "words": list(one.words)} for one in signal.states],
        "labels": dict(signal.labels),
        "confidence": signal.confidence.value,
        "reason": say(signal.why.key, language, **signal.why.fields),
        "example": signal.example,
        "place": signal.description,
    }
