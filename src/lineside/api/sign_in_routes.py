"""Sign-in by OpenID Connect: the way to a provider, and the way back, which ends in a session."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import quote

from litestar import Request, Response, post
from litestar.datastructures import Cookie
from litestar.params import FromPath, JSONBody
from msgspec import Struct

from lineside.api.door import Doorkeeper, seat_of
from lineside.api.guard import TheKeeper, needs
from lineside.api.login_routes import entered, leave
from lineside.errors import NotIdentified
from lineside.trust import SIGN_IN_S, Answer, Permission

_Request = Request[Any, Any, Any]


class AnswerTold(Struct, forbid_unknown_fields=True):
    """What the provider added to the address to which it sent the browser back."""

    state: str = ""
    code: str = ""
    iss: str | None = None
    error: str = ""
    error_description: str = ""


@post("/api/signin/{provider:str}/begin", opt=needs(Permission.OPEN), status_code=200)
async def sign_in_begin(request: _Request, keeper: TheKeeper, provider: FromPath[str]) -> Response[dict[str, Any]]:
    """The provider's address to go to; the answer sets a cookie that binds the sign-in to this browser."""
    back = _back(request, keeper, provider)
    address, cookie = await keeper.vouched(provider, request, lambda: keeper.sign_ins.begin(provider, back))
    return Response({"address": address}, cookies=[_cookie(keeper, cookie)])


@post("/api/signin/{provider:str}/end", opt=needs(Permission.OPEN), status_code=200)
async def sign_in_end(
    request: _Request, keeper: TheKeeper, provider: FromPath[str], data: JSONBody[AnswerTold]
) -> Response[dict[str, Any]]:
    """Takes what the provider said through the browser, asks it who that is, and logs in with the groups' roles."""
    answer = Answer(data.state, data.code, data.iss, data.error, data.error_description)
    cookie, back = request.cookies.get(_name(keeper), ""), _back(request, keeper, provider)

    async def enter() -> Response[dict[str, Any]]:
        arrival, token = await keeper.sign_ins.end(provider, cookie, answer, back)
        await leave(request, keeper)
        secret = await asyncio.to_thread(keeper.people.arrive, arrival, seat_of(request))
        identity = keeper.people.by_session(secret)
        if identity is None or identity.session is None:  # shut out at this very moment
            raise NotIdentified("sign_in.shut_out", provider=arrival.called)
        keeper.sign_ins.hold(identity.session, token)
        return entered(keeper, identity.name, secret)

    response = await keeper.vouched(provider, request, enter)
    response.cookies.append(_cookie(keeper, ""))
    return response


def _back(request: _Request, keeper: Doorkeeper, provider: str) -> str:
    """Where the provider sends the browser back to: this house as the browser calls it, each provider elsewhere."""
    return f"{keeper.origin_of(request)}/signed-in/{quote(provider, safe='')}"


def _name(keeper: Doorkeeper) -> str:
    return f"{keeper.cookie}-sign-in"


def _cookie(keeper: Doorkeeper, value: str) -> Cookie:
    return Cookie(
        _name(keeper),
        value=value,
        path="/",
        max_age=SIGN_IN_S if value else 0,
        httponly=True,
        samesite="lax",
        secure=keeper.door.https,
    )
