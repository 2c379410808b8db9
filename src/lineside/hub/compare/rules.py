"""What protects members: how many hide each other, against how many who tell each other their own values."""

from __future__ import annotations

from dataclasses import dataclass

from lineside.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Secrecy:
    """At least `k` members stay hidden among each other where up to `c` others put together what they know.

    So nothing is told of fewer than k + c. `dominance` is the largest share that one member may have of a sum or a
    weighted mean, after the `c` largest others have taken out what they gave. Raises ConfigurationError.
    """

    k: int = 5
    c: int = 2
    dominance: float = 0.5

    def __post_init__(self) -> None:
        if self.k < 3 or self.c < 0:
            raise ConfigurationError("compare.too_few", k=self.k, c=self.c)
        if not 0 < self.dominance <= 1:
            raise ConfigurationError("compare.no_dominance", share=self.dominance)

    @property
    def group(self) -> int:
        """The smallest number of members that anything is told of."""
        return self.k + self.c

    @property
    def least(self) -> int:
        """The smallest number of members of which a median is told: a group up to it, and a group from it on."""
        return 2 * self.group - 1
