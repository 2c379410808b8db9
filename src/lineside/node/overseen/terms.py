"""Terms of sandboxes: what this factory's own months come to by their limits, and its word on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lineside.errors import ConfigurationError
from lineside.exchange import Consent, Keeping, Limit, Sandbox, Value, kept_to, month_name, month_number
from lineside.node.member import Build, Member, Said, told_before
from lineside.node.overseen.drafts import Draft, Drafts
from lineside.node.overseen.kept import Document, Kept
from lineside.trust import HERE

MONTHS = 6
"""So many of the last months are held against limits."""
_OPEN = frozenset({"offered"})
_GOES_ON = frozenset({"offered", "agreed", "running", "judging"})


@dataclass(frozen=True, slots=True)
class Held:
    """A limit with the own values of the last months, the oldest first, and how each stands to it."""

    limit: Limit
    months: tuple[tuple[str, Value | None, Keeping], ...]


class Terms:
    """Looks at them, and says whether this factory agrees."""

    def __init__(self, member: Member, kept: Kept, drafts: Drafts) -> None:
        self._member, self._kept, self._drafts = member, kept, drafts

    def held(self, terms: Sandbox) -> list[Held]:
        """Its limits against the months as this factory told them."""
        found = self._member.memberships.speaking()
        said = told_before(self._member.chain.all(found))
        last = month_number(self._member.last_month())
        months = [month_name(number) for number in range(last - MONTHS + 1, last + 1)]
        return [self._held(limit, months, said) for limit in terms.limits]

    def _held(self, limit: Limit, months: list[str], said: Mapping[str, Mapping[str, Value]]) -> Held:
        values = [(month, said.get(month, {}).get(limit.indicator)) for month in months]
        catalogue = self._member.months.catalogue
        return Held(limit, tuple((month, value, kept_to(limit, value, catalogue)) for month, value in values))

    def look(self, sha256: str, *, agrees: bool, why: str = "") -> Draft:
        """What would be said. Raises ConfigurationError."""
        return self._drafts.of(self._build(sha256, agrees=agrees, why=why))

    def say(self, sha256: str, seen: str, *, agrees: bool, why: str = "", who: str = HERE) -> Said:
        """Signs what was seen. Raises what `look` and `Drafts.sign` do."""
        return self._drafts.sign(lambda: self._build(sha256, agrees=agrees, why=why), seen, who)

    def words(self) -> dict[str, Said]:
        """The newest word of this factory on each sandbox, by its hash."""
        said = self._member.chain.all(self._member.memberships.speaking())
        return {one.statement.sandbox: one for one in said if isinstance(one.statement, Consent)}

    def _build(self, sha256: str, *, agrees: bool, why: str) -> Build:
        found = self._member.memberships.speaking()
        terms: Document[Sandbox] = self._kept.document(found, sha256, Sandbox)
        state = str((terms.told or {}).get("state", "offered"))
        if state not in (_OPEN if agrees else _GOES_ON):
            raise ConfigurationError("overseen.sandbox_state", state=state)
        if not agrees and not why.strip():
            raise ConfigurationError("overseen.no_reason")
        return lambda fields: Consent(sandbox=sha256, agrees=agrees, why=why.strip(), **fields)
