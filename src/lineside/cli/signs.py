"""What the doctor finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["well", "note", "wrong"]


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that was looked at."""

    verdict: Verdict
    text: str
    cure: str | None = None
