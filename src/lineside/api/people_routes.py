"""Accounts: who there is, and how they are made, changed, shut out and given tokens."""

from __future__ import annotations

from typing import Any, Literal

from litestar import delete, get, post, put
from litestar.params import FromPath, JSONBody
from msgspec import Struct, field

from lineside.api.guard import TheCaller, needs
from lineside.api.house import TheHouse
from lineside.api.own_routes import end_session
from lineside.api.people_view import account_json
from lineside.trust import Grant, Permission, SecondFactor


class RoleGiven(Struct, forbid_unknown_fields=True):
    """A role, and where: "site", "area/ID", "line/ID" or "machine/ID"; at a hub "site" or "member/NUMBER"."""

    role: str
    scope: str = "site"

    def grant(self) -> Grant:
        """The same, looked at."""
        return Grant.of(self.role, self.scope)


class AccountAsked(Struct, forbid_unknown_fields=True):
    """An account to be: of a person, or of a program (a service), which has tokens only."""

    name: str
    kind: Literal["person", "service"] = "person"
    roles: list[RoleGiven] = field(default_factory=list)


class RolesAsked(Struct, forbid_unknown_fields=True):
    """The roles an account is to have instead of those it has."""

    roles: list[RoleGiven]


class Shut(Struct, forbid_unknown_fields=True):
    """Whether an account is shut out."""

    disabled: bool


class SecondFactorAsked(Struct, forbid_unknown_fields=True):
    """Of whom a second factor is demanded: of everybody, or of who has one of these roles."""

    everybody: bool = False
    roles: list[str] = field(default_factory=list)


class TokenAsked(Struct, forbid_unknown_fields=True):
    """A token to be: what it is for, what it may do at most, and for how many days."""

    name: str
    role: str
    scope: str = "site"
    days: int = 365


@get("/api/people", opt=needs(Permission.READ_PEOPLE), sync_to_thread=False)
def people_list(house: TheHouse) -> list[dict[str, Any]]:
    """Every account with its roles, tokens and sessions; nothing that opens a door."""
    return [account_json(account) for account in house.people.everybody()]


@get("/api/factors", opt=needs(Permission.READ_PEOPLE), sync_to_thread=False)
def second_factor(house: TheHouse) -> dict[str, Any]:
    """Of whom a second factor is demanded."""
    return _second_json(house)


@put("/api/factors", opt=needs(Permission.WRITE_PEOPLE), sync_to_thread=True)
def second_factor_demand(house: TheHouse, caller: TheCaller, data: JSONBody[SecondFactorAsked]) -> dict[str, Any]:
    """Demands it of these instead: from now on, who has no app can do nothing but add one."""
    house.people.demand_second(SecondFactor.of(data.roles, everybody=data.everybody), by=caller.who)
    return _second_json(house)


def _second_json(house: TheHouse) -> dict[str, Any]:
    rule = house.people.second
    return {"everybody": rule.everybody, "roles": sorted(rule.roles)}


@post("/api/people", opt=needs(Permission.WRITE_PEOPLE), sync_to_thread=True)
def people_add(house: TheHouse, caller: TheCaller, data: JSONBody[AccountAsked]) -> dict[str, Any]:
    """Makes an account; a person's one-time code is in the answer, valid for a day, and nowhere else."""
    code = house.people.add(data.name, data.kind, [one.grant() for one in data.roles], by=caller.who)
    return {"account": account_json(house.people.get(data.name)), "code": code}


@put("/api/people/{name:str}/roles", opt=needs(Permission.WRITE_PEOPLE), sync_to_thread=True)
def people_roles(house: TheHouse, caller: TheCaller, name: FromPath[str], data: JSONBody[RolesAsked]) -> dict[str, Any]:
    """Gives an account these roles instead of those it had; its sessions go on with them."""
    house.people.grant(name, [one.grant() for one in data.roles], by=caller.who)
    return account_json(house.people.get(name))


@put("/api/people/{name:str}/disabled", opt=needs(Permission.WRITE_PEOPLE), sync_to_thread=True)
def people_disable(house: TheHouse, caller: TheCaller, name: FromPath[str], data: JSONBody[Shut]) -> dict[str, Any]:
    """Shuts an account out with its sessions and tokens, or lets it in again."""
    house.people.disable(name, disabled=data.disabled, by=caller.who)
    return account_json(house.people.get(name))


@delete("/api/people/{name:str}", opt=needs(Permission.WRITE_PEOPLE), status_code=200, sync_to_thread=True)
def people_forget(house: TheHouse, caller: TheCaller, name: FromPath[str]) -> dict[str, Any]:
    """Takes the name of an account that is shut out from everything that is kept; what it did stays, by its number."""
    return account_json(house.people.get(house.people.forget(name, by=caller.who, also=house.name_columns)))


@post("/api/people/{name:str}/reset", opt=needs(Permission.WRITE_PEOPLE), sync_to_thread=True)
def people_reset(house: TheHouse, caller: TheCaller, name: FromPath[str]) -> dict[str, Any]:
    """Takes password, app and sessions from a person; the answer holds the one-time code for a new password."""
    code = house.people.reset(name, by=caller.who)
    return {"account": account_json(house.people.get(name)), "code": code}


@delete("/api/people/{name:str}/sessions", opt=needs(Permission.WRITE_PEOPLE), status_code=200, sync_to_thread=True)
def people_log_out(house: TheHouse, caller: TheCaller, name: FromPath[str]) -> dict[str, Any]:
    """Logs an account out everywhere."""
    house.people.end_sessions(house.people.get(name).id, by=caller.who)
    return account_json(house.people.get(name))


@delete(
    "/api/people/{name:str}/sessions/{session:int}",
    opt=needs(Permission.WRITE_PEOPLE),
    status_code=200,
    sync_to_thread=True,
)
def people_session_end(
    house: TheHouse, caller: TheCaller, name: FromPath[str], session: FromPath[int]
) -> dict[str, Any]:
    """Logs an account out of one browser."""
    end_session(house, house.people.get(name).id, session, caller.who)
    return account_json(house.people.get(name))


@post("/api/people/{name:str}/tokens", opt=needs(Permission.WRITE_PEOPLE), sync_to_thread=True)
def token_add(house: TheHouse, caller: TheCaller, name: FromPath[str], data: JSONBody[TokenAsked]) -> dict[str, Any]:
    """Makes a token; it is in the answer and nowhere else."""
    token = house.people.token(name, data.name, Grant.of(data.role, data.scope), data.days, by=caller.who)
    return {"account": account_json(house.people.get(name)), "token": token}


@delete(
    "/api/people/{name:str}/tokens/{token:int}",
    opt=needs(Permission.WRITE_PEOPLE),
    status_code=200,
    sync_to_thread=True,
)
def token_revoke(house: TheHouse, caller: TheCaller, name: FromPath[str], token: FromPath[int]) -> dict[str, Any]:
    """Takes a token back."""
    house.people.revoke(name, token, by=caller.who)
    return account_json(house.people.get(name))
