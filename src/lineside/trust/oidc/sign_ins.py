"""Sign-ins by the providers that the plant file names, from their beginning in a browser to who came back."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from lineside.errors import ConfigurationError, LinesideError, NotIdentified
from lineside.plant import EVERY_SIGN_IN, SignIn
from lineside.trust.accounts import Arrival
from lineside.trust.oidc.flow import Flow, Flows
from lineside.trust.oidc.groups import grants_of, groups_in, value_at
from lineside.trust.oidc.provider import Provider
from lineside.trust.oidc.tokens import (
    ALLOWED_S,
    ClockError,
    Expected,
    UnknownKeyError,
    claims_of,
    says_any,
    shown_by,
    told_words,
)

if TYPE_CHECKING:
    from joserfc.jwk import KeySet

_MOST_HINTS = 1_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider says through the browser."""

    state: str
    code: str = ""
    issuer: str | None = None
    """As RFC 9207 has it."""
    error: str = ""
    description: str = ""


@dataclass(slots=True)
class SignIns:
    """The providers of a plant folder. `now_us` is the time in microseconds since 1970.

    Nothing here writes: what somebody may do is given back as an arrival.
    """

    folder: Path
    settings: Callable[[], Mapping[str, SignIn]]
    now_us: Callable[[], int]
    flows: Flows = field(default_factory=lambda: Flows(monotonic))
    _providers: dict[str, Provider] = field(default_factory=dict)
    _hints: OrderedDict[int, str] = field(default_factory=OrderedDict)

    async def begin(self, name: str, redirect: str) -> tuple[str, str]:
        """Where a browser goes to sign in, and the cookie it keeps meanwhile. Raises LinesideError."""
        provider, flow = self._provider(name), self.flows.begin(name)
        document = await provider.document()
        told = provider.settings
        asked = {
            "response_type": "code",
            "client_id": told.client_id,
            "redirect_uri": redirect,
            "scope": " ".join(told.scopes),
            "state": flow.state,
            "nonce": flow.nonce,
            "code_challenge": flow.challenge,
            "code_challenge_method": "S256",
        }
        return _with(document["authorization_endpoint"], asked), flow.cookie

    async def look(self, name: str, *, secret: bool = True) -> None:
        """Asks a provider for its document and keys, and looks for its `secret`. Raises LinesideError."""
        provider = self._provider(name)
        if secret:
            provider.secret()
        await provider.keys()

    async def end(self, name: str, cookie: str, answer: Answer, redirect: str) -> tuple[Arrival, str]:
        """Who came back, and the token that says so. Raises LinesideError: then nothing has changed."""
        provider, flow = self._provider(name), self.flows.end(name, cookie, answer.state)
        told, document = provider.settings, await provider.document()
        named = bool(document.get("authorization_response_iss_parameter_supported"))
        if answer.issuer != told.issuer and (named or answer.issuer is not None):
            raise NotIdentified("sign_in.mixed_up", provider=told.name, found=told_words(answer.issuer or "-"))
        if answer.error or not answer.code:
            reason = told_words(f"{answer.error or 'no code'} {answer.description}")
            raise NotIdentified("sign_in.denied", provider=told.name, reason=reason)
        tokens, date_s = await provider.redeem(answer.code, flow.verifier, redirect)
        token, access = tokens.get("id_token"), tokens.get("access_token")
        if not isinstance(token, str):
            raise NotIdentified("sign_in.token", provider=told.name, what="id_token")
        access = access if isinstance(access, str) else ""
        claims = await self._claims(provider, flow, token, access, date_s)
        return await self._arrival(provider, claims, access), token

    async def _claims(
        self, provider: Provider, flow: Flow, token: str, access: str, date_s: float | None
    ) -> dict[str, Any]:
        told = provider.settings
        now_s = self.now_us() // 1_000_000
        expected = Expected(told.name, told.issuer, told.client_id, flow.nonce, now_s)

        def look(keys: KeySet) -> dict[str, Any]:
            return claims_of(token, keys, expected, access)

        try:
            try:
                return look(await provider.keys())
            except UnknownKeyError:  # it may have changed them
                return look(await provider.keys(anew=True))
        except UnknownKeyError as error:
            raise NotIdentified("sign_in.key", provider=told.name) from error
        except ClockError as error:
            if date_s is None or abs(date_s - now_s) <= ALLOWED_S:
                raise NotIdentified("sign_in.token", provider=told.name, what=str(error)) from error
            minutes = round(abs(date_s - now_s) / 60)
            raise NotIdentified("sign_in.clock", provider=told.name, minutes=minutes) from error

    async def _arrival(self, provider: Provider, claims: dict[str, Any], access: str) -> Arrival:
        """Groups and name that the token leaves out are asked for; what it says goes before."""
        told = provider.settings
        wanted = (told.groups_claim, told.name_claim)
        if access and any(value_at(claims, claim) is None for claim in wanted) and "_claim_names" not in claims:
            more = await provider.about(access)
            if more and more.get("sub") != claims["sub"]:
                raise NotIdentified("sign_in.token", provider=told.name, what="userinfo sub")
            claims = more | claims
        two = EVERY_SIGN_IN in told.second_factor or says_any(claims, told.second_factor)
        name = value_at(claims, told.name_claim)
        name = name if isinstance(name, str) and name.strip() else claims["sub"]
        grants = grants_of(groups_in(claims, told), told)
        return Arrival(told.id, told.name, told.issuer, claims["sub"], told_words(name), grants, shown_by(claims), two)

    def hold(self, session: int, token: str) -> None:
        """Keeps the token of a session in memory, for logging out there."""
        self._hints[session] = token
        while len(self._hints) > _MOST_HINTS:
            self._hints.popitem(last=False)

    async def way_out(self, issuer: str, session: int, back: str) -> str | None:
        """Where a browser goes to log out of the provider, too; None where there is no such place."""
        token = self._hints.pop(session, None)
        told = next((one for one in self.settings().values() if one.issuer == issuer), None)
        if told is None or not told.sign_out:
            return None
        try:
            address = (await self._provider(told.id).document()).get("end_session_endpoint")
        except LinesideError:  # who logs out here is logged out here, whatever the provider does
            return None
        asked = {"client_id": told.client_id, "post_logout_redirect_uri": back}
        return None if address is None else _with(address, asked | ({} if token is None else {"id_token_hint": token}))

    def listed(self) -> list[dict[str, str]]:
        """Every provider, by id and name."""
        return [{"id": one.id, "name": one.name} for one in self.settings().values()]

    def named(self, issuer: str) -> str:
        """What people call a provider; its address where the plant file does not name it any more."""
        return next((one.name for one in self.settings().values() if one.issuer == issuer), issuer)

    def _provider(self, name: str) -> Provider:
        """The provider as the plant file describes it now. Raises ConfigurationError where it names none such."""
        told = self.settings().get(name)
        if told is None:
            raise ConfigurationError("sign_in.unknown", provider=told_words(name)[:64])
        known = self._providers.get(name)
        if known is None or known.settings != told:
            known = self._providers[name] = Provider(told, self.folder)
        return known


def _with(address: str, asked: Mapping[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"
