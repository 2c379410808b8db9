"""What an ID token must be (OpenID Connect Core 1.0, section 3.1.3.7), looked at with joserfc."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256, sha384, sha512
from typing import TYPE_CHECKING, Any

from lineside.errors import NotIdentified
from lineside.trust.secrets import same

if TYPE_CHECKING:
    from joserfc.jwk import KeySet

ALLOWED_S = 120
"""By so much the clocks of node and provider may differ."""
LONGEST_SUBJECT = 255
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""Those by which a provider signs with a key of its own: neither none, nor one that the client knows, too."""
_HASHES = {"256": sha256, "384": sha384, "512": sha512}


class UnknownKeyError(Exception):
    """The token is signed by a key that is not among those known."""


class ClockError(Exception):
    """The token is out of its time."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token must say."""

    provider: str
    issuer: str
    client_id: str
    nonce: str
    now_s: int


def claims_of(token: str, keys: KeySet, expected: Expected, access_token: str) -> dict[str, Any]:
    """What a token says that holds in every point. Raises NotIdentified, UnknownKeyError, ClockError."""
    from joserfc import jwt
    from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError
    from joserfc.jws import JWSRegistry

    try:
        read = jwt.decode(token, keys, registry=JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False))
    except (InvalidKeyIdError, BadSignatureError) as error:
        raise UnknownKeyError from error
    except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise _wrong(expected, type(error).__name__) from error
    claims = read.claims
    _look_at(claims, expected)
    audience, party = claims["aud"], claims.get("azp")
    if (isinstance(audience, list) and len(audience) > 1 and party is None) or party not in (None, expected.client_id):
        raise _wrong(expected, "azp")
    if not 0 < len(claims["sub"]) <= LONGEST_SUBJECT or not claims["sub"].isprintable():
        raise _wrong(expected, "sub")
    if "at_hash" in claims and not _is_hash(claims["at_hash"], str(read.header["alg"]), access_token):
        raise _wrong(expected, "at_hash")
    return claims


def _look_at(claims: dict[str, Any], expected: Expected) -> None:
    from joserfc.errors import ClaimError, ExpiredTokenError, JoseError
    from joserfc.jwt import JWTClaimsRegistry

    registry = JWTClaimsRegistry(
        now=expected.now_s,
        leeway=ALLOWED_S,
        iss={"essential": True, "value": expected.issuer},
        aud={"essential": True, "value": expected.client_id},
        nonce={"essential": True, "value": expected.nonce},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
    )
    try:
        registry.validate(claims)
    except ExpiredTokenError as error:
        raise ClockError("exp") from error
    except ClaimError as error:
        name = error.claim if isinstance(getattr(error, "claim", None), str) else ""
        if name in ("iat", "nbf") and isinstance(claims.get(name), int | float):
            raise ClockError(name) from error
        raise _wrong(expected, name or str(error)) from error
    except (JoseError, ValueError, TypeError) as error:
        raise _wrong(expected, str(error)) from error


def _is_hash(told: object, algorithm: str, access_token: str) -> bool:
    """Whether it is the left half of the hash of the access token; by EdDSA that is SHA-512."""
    hashed = _HASHES.get(algorithm[2:], sha512)(access_token.encode()).digest()
    half = urlsafe_b64encode(hashed[: len(hashed) // 2]).rstrip(b"=").decode()
    return isinstance(told, str) and told.isascii() and same(told, half)


def _wrong(expected: Expected, what: str) -> NotIdentified:
    return NotIdentified("sign_in.token", provider=expected.provider, what=what)


def shown_by(claims: Mapping[str, Any]) -> str:
    """How somebody showed who they are, as far as the provider says: `acr`, and the words of `amr`."""
    acr, amr = claims.get("acr"), claims.get("amr")
    words = [f"acr={acr}"] if isinstance(acr, str) else []
    words += ["amr=" + ",".join(filter(_is_text, amr))] if isinstance(amr, list) else []
    return told_words(" ".join(words)) or "-"


def says_any(claims: Mapping[str, Any], words: Collection[str]) -> bool:
    """Whether `acr`, or a word of `amr`, is one of these."""
    acr, amr = claims.get("acr"), claims.get("amr")
    told = [acr, *(amr if isinstance(amr, list) else [])]
    return any(isinstance(one, str) and one in words for one in told)


def told_words(text: str) -> str:
    """What somebody else says, as far as it can stand in a sentence."""
    return "".join(c if c.isprintable() else " " for c in text).strip()[:200]


def _is_text(value: object) -> bool:
    return isinstance(value, str)
