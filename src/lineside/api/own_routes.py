"""The own account: where one is logged in and the tokens one has, and how to end them.

For who has logged in alone: a token neither sees nor ends what its owner has.
"""

from __future__ import annotations

from typing import Any

from litestar import delete, get
from litestar.params import FromPath

from lineside.api.guard import TheCaller, needs
from lineside.api.house import TheHouse
from lineside.api.login_routes import own_account
from lineside.api.people_view import access_json
from lineside.errors import ConfigurationError
from lineside.trust import Permission


@get("/api/me/access", opt=needs(Permission.SELF), sync_to_thread=False)
def my_access(house: TheHouse, caller: TheCaller) -> dict[str, Any]:
    """The sessions and tokens of the own account, and which session is this one."""
    return access_json(house.people.numbered(own_account(caller))) | {"this": caller.session}


@delete("/api/me/sessions/{session:int}", opt=needs(Permission.SELF), status_code=200, sync_to_thread=True)
def my_session_end(house: TheHouse, caller: TheCaller, session: FromPath[int]) -> dict[str, Any]:
    """Logs oneself out of one browser."""
    account = own_account(caller)
    end_session(house, account, session, caller.who)
    return access_json(house.people.numbered(account)) | {"this": caller.session}


@delete("/api/me/tokens/{token:int}", opt=needs(Permission.SELF), status_code=200, sync_to_thread=True)
def my_token_revoke(house: TheHouse, caller: TheCaller, token: FromPath[int]) -> dict[str, Any]:
    """Takes an own token back; a new one is made by who administers."""
    account = house.people.numbered(own_account(caller))
    house.people.revoke(account.name, token, by=caller.who)
    return access_json(house.people.numbered(account.id)) | {"this": caller.session}


def end_session(house: TheHouse, account: int, session: int, by: str) -> None:
    """Ends one session of an account. Raises ConfigurationError where it has none such."""
    if not house.people.end_sessions(account, session, by=by):
        raise ConfigurationError("trust.no_session", name=house.people.numbered(account).name, session=session)
