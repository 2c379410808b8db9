"""The way in and out: log-in, one-time codes, who I am, my password and my authenticator app."""

from __future__ import annotations

import asyncio
from typing import Any

from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.params import JSONBody
from msgspec import Struct

from lineside.api.door import Doorkeeper, seat_of
from lineside.api.guard import TheCaller, TheKeeper, needs
from lineside.api.house import TheHouse
from lineside.errors import NotPermitted
from lineside.trust import Account, Identity, Permission, address

_Request = Request[Any, Any, Any]


class LoginAsked(Struct, forbid_unknown_fields=True):
    """Who somebody says they are; `digits` of the app, or a recovery code, where log-in asks for them."""

    name: str
    password: str
    digits: str = ""


class CodeAsked(Struct, forbid_unknown_fields=True):
    """A one-time code, and the password that is to be."""

    name: str
    code: str
    password: str


class LogoutAsked(Struct, forbid_unknown_fields=True):
    """Whether every other browser is logged out too."""

    everywhere: bool = False


class PasswordAsked(Struct, forbid_unknown_fields=True):
    """A new password, shown to be wanted by the old one."""

    old: str
    new: str


class AppAsked(Struct, forbid_unknown_fields=True):
    """The own password, without which no app is added."""

    password: str


class WithoutAsked(Struct, forbid_unknown_fields=True):
    """The own password and what the app shows, or a recovery code: both are needed to do without it."""

    password: str
    digits: str


class DigitsAsked(Struct, forbid_unknown_fields=True):
    """What the app shows."""

    digits: str


@get("/api/me", opt=needs(Permission.OPEN), sync_to_thread=False)
def me(caller: TheCaller, keeper: TheKeeper, house: TheHouse) -> dict[str, Any]:
    """Who asks and what they may do; `first` where no account is made yet, `open` where none is needed.

    `notice` is what the owner says to whoever is about to log in.
    """
    account = None if caller.account is None else keeper.people.numbered(caller.account)
    return {
        "known": caller.known,
        "name": caller.name if account else None,
        "permissions": sorted(caller.permissions),
        "roles": [] if account is None else [{"role": g.role.value, "scope": g.scope} for g in account.grants],
        "app": account is not None and account.totp,
        "app_needed": caller.lacks_factor,
        "provider": None if account is None or account.issuer is None else keeper.sign_ins.named(account.issuer),
        "providers": [] if caller.known or keeper.people.nobody else keeper.sign_ins.listed(),
        "session": caller.session is not None,
        "open": keeper.open,
        "first": keeper.people.nobody,
        "notice": None if caller.known else house.notice,
        "known_roles": [role.value for role in house.people.duties.permissions]
        if Permission.READ_PEOPLE in caller.permissions
        else [],
    }


@post("/api/login", opt=needs(Permission.OPEN), status_code=200)
async def log_in(request: _Request, keeper: TheKeeper, data: JSONBody[LoginAsked]) -> Response[dict[str, Any]]:
    """Logs in: the answer sets the session's cookie. Wrong names and wrong passwords are answered alike."""
    account = await keeper.tried(data.name, request, lambda: keeper.login.check(data.name, data.password, data.digits))
    return await _begin(request, keeper, account)


@post("/api/code", opt=needs(Permission.OPEN), status_code=200)
async def use_code(request: _Request, keeper: TheKeeper, data: JSONBody[CodeAsked]) -> Response[dict[str, Any]]:
    """Sets a password by a one-time code and logs in: the first administrator, a new account, or one that was reset."""
    account = await keeper.tried(data.name, request, lambda: keeper.people.redeem(data.name, data.code, data.password))
    return await _begin(request, keeper, account)


async def _begin(request: _Request, keeper: Doorkeeper, account: Account) -> Response[dict[str, Any]]:
    """A new session in place of the one the browser may have had."""
    await leave(request, keeper)
    secret = await asyncio.to_thread(keeper.people.begin_session, account, seat_of(request))
    return entered(keeper, account.name, secret)


async def leave(request: _Request, keeper: Doorkeeper) -> None:
    """Ends the session the browser may have; before a new one is made, which may get its number."""
    caller: Identity = request.state["caller"]
    if caller.session is not None and caller.account is not None:
        await asyncio.to_thread(keeper.people.end_sessions, caller.account, caller.session)


def entered(keeper: Doorkeeper, name: str, secret: str) -> Response[dict[str, Any]]:
    """Who logged in, and the cookie of the session."""
    return Response({"name": name}, cookies=[_cookie(keeper, secret)])


def _cookie(keeper: Doorkeeper, secret: str) -> Cookie:
    """It ends with the browser; the node ends it earlier when it is idle."""
    return Cookie(
        keeper.cookie,
        value=secret,
        path="/",
        max_age=None if secret else 0,
        httponly=True,
        samesite="strict",
        secure=keeper.door.https,
    )


@post("/api/logout", opt=needs(Permission.OPEN), status_code=200)
async def log_out(
    request: _Request, caller: TheCaller, keeper: TheKeeper, data: JSONBody[LogoutAsked]
) -> Response[dict[str, Any]]:
    """Ends this session, or all of the account; `address` is where to log out of the provider, too, if any."""
    address = None
    if caller.account is not None and caller.session is not None:
        issuer, session = keeper.people.numbered(caller.account).issuer, caller.session
        await asyncio.to_thread(keeper.people.end_sessions, caller.account, None if data.everywhere else session)
        if issuer is not None:
            address = await keeper.sign_ins.way_out(issuer, session, f"{keeper.origin_of(request)}/")
    return Response({"address": address}, cookies=[_cookie(keeper, "")], headers={"Clear-Site-Data": '"cache"'})


def own_session(caller: Identity) -> tuple[int, int]:
    """Account and session of a browser that is logged in. Raises NotPermitted for tokens and who has no account."""
    if caller.account is None or caller.session is None:
        raise NotPermitted("trust.no_account")
    return caller.account, caller.session


def own_account(caller: Identity) -> int:
    """The account of a browser that is logged in. Raises NotPermitted for tokens and who has no account."""
    return own_session(caller)[0]


@post("/api/me/password", opt=needs(Permission.SELF), status_code=200)
async def my_password(
    request: _Request, caller: TheCaller, keeper: TheKeeper, data: JSONBody[PasswordAsked]
) -> Response[dict[str, Any]]:
    """Changes the own password; every other browser is logged out."""
    account = own_account(caller)
    await keeper.tried(caller.name, request, lambda: keeper.login.change_password(account, data.old, data.new))
    return await _begin(request, keeper, keeper.people.numbered(account))


@post("/api/me/app", opt=needs(Permission.SELF), status_code=200)
async def begin_app(
    request: _Request, house: TheHouse, caller: TheCaller, keeper: TheKeeper, data: JSONBody[AppAsked]
) -> dict[str, Any]:
    """A key for an authenticator app, as text and as an otpauth address; log-in asks for it once it is proven."""
    account = own_account(caller)
    key = await keeper.tried(caller.name, request, lambda: keeper.login.begin_app(account, data.password))
    return {"key": key, "address": address(key, caller.name, house.name)}


@post("/api/me/app/prove", opt=needs(Permission.SELF), status_code=200)
async def prove_app(
    request: _Request, caller: TheCaller, keeper: TheKeeper, data: JSONBody[DigitsAsked]
) -> dict[str, Any]:
    """Shows that the app works; from now on log-in asks for its digits. The recovery codes are told once.

    Every other browser is logged out.
    """
    account, session = own_session(caller)
    codes = await keeper.tried(caller.name, request, lambda: keeper.login.prove_app(account, data.digits, session))
    return {"recovery": codes}


@post("/api/me/app/forget", opt=needs(Permission.SELF), status_code=200)
async def forget_app(
    request: _Request, caller: TheCaller, keeper: TheKeeper, data: JSONBody[WithoutAsked]
) -> dict[str, Any]:
    """Log-in asks for no digits any more; whoever has to have an app can do nothing before there is another one."""
    account = own_account(caller)
    await keeper.tried(caller.name, request, lambda: keeper.login.forget_app(account, data.password, data.digits))
    return {}
