"""Support programmes over HTTP: the rules, which fit a member, and the laboratory in which they are changed."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, TypeAlias

import msgspec
from litestar import Request, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta, Struct, field

from lineside.api.application_routes import APPLICATION_ROUTES
from lineside.api.effect_view import tried_json
from lineside.api.guard import TheCaller, Within, in_path, needs
from lineside.api.hub_parameters import TheHub
from lineside.api.problems import language_of
from lineside.api.programme_view import finding_json, fits_json, programme_json
from lineside.errors import ConfigurationError
from lineside.hub import Hub
from lineside.hub.support import LABORATORY, By, Change, Tried
from lineside.jobs import JobState
from lineside.trust import Identity, Permission

Name: TypeAlias = Annotated[str, Meta(min_length=1, max_length=60)]
Said: TypeAlias = float | bool | Annotated[str, Meta(max_length=60)]
MaybeOn = Annotated[str | None, QueryParameter(name="on", description="The day, 2026-01-31; today when left out.")]


class FitsAsked(Struct, forbid_unknown_fields=True):
    """What is supposed beside what the member told, by programme and the names of its rule; it is kept nowhere."""

    on: date | None = None
    stated: dict[Name, dict[Name, Said]] = field(default_factory=dict)


class ChangeAsked(Struct, forbid_unknown_fields=True):
    """A change to be tried: other `parameters` of a programme; `assumed` is taken for all who did not tell it."""

    programme: Name
    parameters: dict[Name, float] = field(default_factory=dict)
    on: date | None = None
    by: By = By.SIZE
    assumed: dict[Name, Said] = field(default_factory=dict)
    stand: bool = False
    share_budget: bool = False
    generated: bool = True


@get("/api/programmes", opt=needs(Permission.READ_PLANT, Within.ANYWHERE), sync_to_thread=True)
def programme_list(
    hub: TheHub, request: Request[Any, Any, Any], caller: TheCaller, on: MaybeOn = None
) -> dict[str, Any]:
    """Every programme that can be used, with what is wrong about files of rules for who can do something about it."""
    language, day = language_of(request), _day(hub, on)
    shelf = hub.support.shelf.read()
    found = sorted(shelf.usable, key=lambda one: (not one.in_force(day), one.id, one.edition.since))
    findings = [finding_json(one, language) for one in shelf.findings] if _acts(caller, hub) else None
    return {
        "on": day.isoformat(),
        "programmes": [programme_json(one, language, day) for one in found],
        "findings": findings,
    }


@get("/api/members/{member:int}/fits", opt=needs(Permission.READ_FIGURES, in_path("member")), sync_to_thread=True)
def fits(hub: TheHub, request: Request[Any, Any, Any], member: FromPath[int], on: MaybeOn = None) -> dict[str, Any]:
    """Which programmes in force fit a member by what it told, what is missing, and what it would receive."""
    return fits_json(hub.support.fits(member, _day(hub, on), {}), language_of(request))


@post(
    "/api/members/{member:int}/fits",
    opt=needs(Permission.READ_FIGURES, in_path("member")),
    status_code=200,
    sync_to_thread=True,
)
def fits_supposed(
    hub: TheHub, request: Request[Any, Any, Any], member: FromPath[int], data: JSONBody[FitsAsked]
) -> dict[str, Any]:
    """The same with what is supposed beside it."""
    found = hub.support.fits(member, data.on or hub.support.today(), data.stated)
    return fits_json(found, language_of(request))


@post("/api/laboratory", opt=needs(Permission.TRY_RULES), status_code=200, sync_to_thread=True)
def laboratory_try(
    hub: TheHub, request: Request[Any, Any, Any], caller: TheCaller, data: JSONBody[ChangeAsked]
) -> dict[str, Any]:
    """What a change of a rule would do: at once, or with many members by a job whose result is fetched later."""
    change = Change(
        programme=data.programme,
        parameters=data.parameters,
        on=data.on or hub.support.today(),
        by=data.by,
        assumed=data.assumed,
        stand=data.stand,
        share_budget=data.share_budget,
        generated=data.generated,
    )
    if not hub.support.is_short():
        job = hub.support.submit(hub.jobs, change, caller.who)
        return {"job": job.id, "state": job.state.value, "problem": None, "effect": None}
    effect = _effect_json(hub.support.try_change(change), hub, caller, language_of(request))
    return {"job": None, "state": JobState.DONE.value, "problem": None, "effect": effect}


@get("/api/laboratory/{job:int}", opt=needs(Permission.TRY_RULES), sync_to_thread=True)
def laboratory_result(
    hub: TheHub, request: Request[Any, Any, Any], caller: TheCaller, job: FromPath[int]
) -> dict[str, Any]:
    """How far the job of a trial is, and what it found once it is done."""
    found, language = hub.jobs.get(job), language_of(request)
    if found.kind != LABORATORY:
        raise ConfigurationError("support.result_gone")
    done = found.state is JobState.DONE
    effect = _effect_json(hub.support.result(found), hub, caller, language) if done else None
    problem = None
    if found.error_key is not None:
        error = ConfigurationError(found.error_key, **dict(found.error_fields or {}))
        problem = {"detail": error.sentence(language), "cure": error.cure(language)}
    return {"job": found.id, "state": found.state.value, "problem": problem, "effect": effect}


PROGRAMME_ROUTES = [programme_list, fits, fits_supposed, laboratory_try, laboratory_result, *APPLICATION_ROUTES]
"""To be given to `create_hub_app`, with those of the rest of a hub."""


def _effect_json(found: Tried, hub: Hub, caller: Identity, language: str) -> dict[str, Any]:
    sees = _whole(caller, hub, Permission.READ_FIGURES)
    return tried_json(found, hub.settings, language, None if sees else hub.support.secrecy)


def _acts(caller: Identity, hub: Hub) -> bool:
    """Whether somebody can mend rules, or must know which of them cannot be used."""
    wanted = (Permission.KEEP_NODE, Permission.DECIDE_OBJECTIONS, Permission.TRY_RULES)
    return any(_whole(caller, hub, one) for one in wanted)


def _whole(caller: Identity, hub: Hub, permission: Permission) -> bool:
    return permission in caller.permissions and caller.reach(permission, lambda: hub.ground).whole


def _day(hub: Hub, told: str | None) -> date:
    if told is None:
        return hub.support.today()
    try:
        return msgspec.convert(told, date)
    except msgspec.ValidationError:
        raise ConfigurationError("support.no_day", day=told[:40]) from None
