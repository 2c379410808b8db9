"""Pilots over HTTP: tried and fixed by who may, read by everybody with a role as far as they may see."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from litestar import Request, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct, field

from lineside.api.guard import TheCaller, Within, needs
from lineside.api.hub_parameters import TheHub
from lineside.api.pilot_view import Eyes, brief_json, matched_json, pilot_json, problem_json, reach_json
from lineside.api.problems import language_of
from lineside.errors import LinesideError
from lineside.exchange import month_name, month_number
from lineside.hub import Hub
from lineside.hub.pilots import Choice, Hypothesis, Plan, Wanted
from lineside.trust import Identity, Permission

_Request: TypeAlias = Request[Any, Any, Any]
Number: TypeAlias = Annotated[int, Meta(ge=1, le=2**31 - 1)]
Members: TypeAlias = Annotated[list[Number], Meta(max_length=5000)]


class PlanAsked(Struct, forbid_unknown_fields=True):
    """A plan; `expected` and `worth` are shares of the level before where it is `relative`."""

    indicator: Annotated[str, Meta(min_length=1, max_length=60)]
    expected: float
    worth: float
    start: Annotated[str, Meta(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]
    treated: Members
    name: Annotated[str, Meta(min_length=1, max_length=200)] = "-"
    comparison: Members = field(default_factory=list)
    """None: one is looked for."""
    relative: bool = False
    pre: Annotated[int, Meta(ge=1, le=60)] = 12
    post: Annotated[int, Meta(ge=1, le=60)] = 6
    alpha: float = 0.05
    each: Annotated[int, Meta(ge=1, le=5)] = 2
    """So many to compare with are looked for, for each that takes part."""
    matched: bool = False
    """Whether the comparison group is the one that was found; it is looked for again."""

    @property
    def hypothesis(self) -> Hypothesis:
        """What is expected. Raises ConfigurationError."""
        return Hypothesis(self.indicator, self.expected, self.worth, self.relative)

    def wanted(self) -> Wanted:
        """The same as a plan that lacks a comparison group."""
        start = month_number(self.start)
        return Wanted(self.hypothesis, tuple(self.treated), start, self.pre, self.post, self.each)

    def plan(self, comparison: tuple[int, ...], chosen: Choice) -> Plan:
        """The whole plan. Raises ConfigurationError."""
        return Plan(
            name=self.name,
            hypothesis=self.hypothesis,
            treated=tuple(sorted(self.treated)),
            comparison=tuple(sorted(comparison)),
            start=month_number(self.start),
            pre=self.pre,
            post=self.post,
            alpha=self.alpha,
            chosen=chosen,
        )


class CancelAsked(Struct, forbid_unknown_fields=True):
    """Why a pilot is called off."""

    reasons: str


@get("/api/pilots", opt=needs(Permission.READ_PLANT, Within.ANYWHERE), sync_to_thread=True)
def pilot_list(hub: TheHub, request: _Request, caller: TheCaller) -> dict[str, Any]:
    """All pilots, the newest first, and whether the caller may plan one."""
    eyes = _eyes(hub, caller, language_of(request))
    found = [brief_json(hub, one, eyes) for one in hub.pilots.listed()]
    month = month_name(hub.pilots.planning.month)
    return {"pilots": found, "month": month, "may_plan": eyes.plans, "least": eyes.least}


@get("/api/pilots/{pilot:int}", opt=needs(Permission.READ_PLANT, Within.ANYWHERE), sync_to_thread=True)
def pilot_one(hub: TheHub, request: _Request, caller: TheCaller, pilot: FromPath[int]) -> dict[str, Any]:
    """One in full, as far as the caller may see it."""
    return pilot_json(hub, hub.pilots.get(pilot), _eyes(hub, caller, language_of(request)))


@post("/api/pilots/trial", opt=needs(Permission.WRITE_PILOTS), status_code=200, sync_to_thread=True)
def pilot_try(hub: TheHub, request: _Request, data: JSONBody[PlanAsked]) -> dict[str, Any]:
    """What a plan could find, with a comparison group that is looked for where it has none; nothing is kept."""
    language = language_of(request)
    found = None if data.comparison else hub.pilots.match(data.wanted())
    comparison = tuple(data.comparison) if found is None else found.comparison
    reach = problem = None
    try:
        plan = data.plan(comparison, Choice.NAMED if found is None else Choice.MATCHED)
        reach = reach_json(hub.pilots.planning.reach(plan), plan, language)
    except LinesideError as error:
        problem = problem_json(error, language)
    return {
        "comparison": sorted(comparison),
        "matched": None if found is None else matched_json(hub, found, language),
        "reach": reach,
        "problem": problem,
    }


@post("/api/pilots", opt=needs(Permission.WRITE_PILOTS), sync_to_thread=True)
def pilot_fix(hub: TheHub, request: _Request, caller: TheCaller, data: JSONBody[PlanAsked]) -> dict[str, Any]:
    """Fixes a plan for good: its hash stands in the ledger from here on."""
    plan = data.plan(tuple(data.comparison), Choice.MATCHED if data.matched else Choice.NAMED)
    fixed = hub.pilots.fix(plan, by=caller.who, each=data.each)
    return pilot_json(hub, fixed, _eyes(hub, caller, language_of(request)))


@post("/api/pilots/{pilot:int}/cancellation", opt=needs(Permission.WRITE_PILOTS), status_code=200, sync_to_thread=True)
def pilot_cancel(
    hub: TheHub, request: _Request, caller: TheCaller, pilot: FromPath[int], data: JSONBody[CancelAsked]
) -> dict[str, Any]:
    """Calls a pilot off that has not begun."""
    found = hub.pilots.cancel(pilot, data.reasons, by=caller.who)
    return pilot_json(hub, found, _eyes(hub, caller, language_of(request)))


PILOT_ROUTES = [pilot_list, pilot_one, pilot_try, pilot_fix, pilot_cancel]


def _eyes(hub: Hub, caller: Identity, language: str) -> Eyes:
    sees, plans = Permission.READ_FIGURES, Permission.WRITE_PILOTS
    reach = caller.reach(sees, lambda: hub.ground) if sees in caller.permissions else None
    whole = reach is not None and reach.whole
    mine = [] if reach is None or whole else [one for one in hub.register.members if reach.member(one)]
    may = whole and plans in caller.permissions and caller.reach(plans, lambda: hub.ground).whole
    rules = hub.settings.protection
    return Eyes(language, whole, mine, may, rules.group + rules.colluders)
