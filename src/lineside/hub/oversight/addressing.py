"""For which members a question is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from lineside.errors import ConfigurationError, LinesideError
from lineside.exchange import Addressed
from lineside.hub.enrolling import size_of
from lineside.hub.member import Member, Standing
from lineside.hub.settings import HubSettings
from lineside.rules import industries, size_schemes


def require_known(to: Addressed, settings: HubSettings, members: Collection[int]) -> None:
    """Raises ConfigurationError for an industry, size, region or member that there is not."""
    for code in to.industries:
        try:
            industries().of(code)
        except LinesideError as error:
            raise ConfigurationError(error.key, **error.fields) from error
    _require(to.sizes, [one.id for one in size_schemes()[settings.size_scheme].classes])
    _require(to.regions, settings.region_codes)
    for number in to.members:
        if number not in members:
            raise ConfigurationError("hub.no_member", member=number)


def addressed(to: Addressed, members: Iterable[Member], scheme: str) -> frozenset[int]:
    """The numbers of the admitted members that fit each list that is not empty; of traits they have one at least."""
    return frozenset(one.number for one in members if one.state is Standing.MEMBER and _fits(to, one, scheme))


def _fits(to: Addressed, member: Member, scheme: str) -> bool:
    profile = member.profile
    return (
        (not to.members or member.number in to.members)
        and (not to.industries or _digits(profile.industry).startswith(tuple(map(_digits, to.industries))))
        and (not to.regions or profile.region in to.regions)
        and (not to.traits or not set(to.traits).isdisjoint(profile.traits))
        and (not to.sizes or size_of(profile, scheme) in to.sizes)
    )


def _digits(code: str) -> str:
    return code.strip().upper().removeprefix("C")


def _require(given: Iterable[str], known: Sequence[str]) -> None:
    for one in given:
        if one not in known:
            raise ConfigurationError("oversight.unknown", value=one[:60], known=", ".join(known))
