from __future__ import annotations

from base64 import urlsafe_b64encode
from hashlib import sha256, sha384, sha512
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import settings as bounds
from hypothesis import strategies as st
from joserfc.jwk import JWKRegistry, KeySet

from lineside.errors import NotIdentified
from lineside.plant import PARTS, WHOLE, SignIn
from lineside.trust import AT_NODE, Grant
from lineside.trust.accounts import LONGEST_NAME, called, named_after
from lineside.trust.oidc.flow import SIGN_IN_S, Flows
from lineside.trust.oidc.groups import grants_of, groups_in
from lineside.trust.oidc.tokens import Expected, claims_of, shown_by

ROLES = st.one_of(
    st.sampled_from(WHOLE),
    st.builds(
        lambda role, place: role + place, st.sampled_from(PARTS), st.sampled_from(["", "@line/cell", "@machine/press"])
    ),
)
MAPPINGS = st.dictionaries(st.text(min_size=1, max_size=8), st.lists(ROLES, max_size=4), max_size=6)


def settings(groups: dict[str, Any], **more: Any) -> SignIn:
    """A provider with these groups."""
    told = {"id": "works", "issuer": "https://login.example.com", "client_id": "x", "groups": groups}
    return SignIn.model_validate(told | more)


def test_the_plant_file_knows_every_role() -> None:
    """And which of them hold for the whole site alone."""
    assert {*PARTS, *WHOLE} == set(AT_NODE.permissions)
    assert all(Grant.of(role, "line/cell") for role in PARTS)


@given(MAPPINGS, st.lists(st.text(max_size=8), max_size=6))
def test_a_group_gives_what_the_file_says_and_nothing_else(mapping: dict[str, list[str]], others: list[str]) -> None:
    """Each role comes of a named group; groups that are not named, and their order, give nothing."""
    told = settings(mapping)
    strange = [group for group in others if group not in mapping]
    mine = list(mapping)

    grants = set(grants_of([*mine, *strange], told))

    assert grants == {Grant.parse(role) for roles in mapping.values() for role in roles}
    assert grants == set(grants_of([*strange, *reversed(mine), *mine], told))
    assert grants_of(strange, told) == ()


@given(MAPPINGS, st.data())
def test_a_lost_group_never_gives_more(mapping: dict[str, list[str]], data: st.DataObject) -> None:
    """Who is in fewer groups may do no more than before."""
    told = settings(mapping)
    fewer = data.draw(st.lists(st.sampled_from(sorted(mapping)), unique=True)) if mapping else []

    assert set(grants_of(fewer, told)) <= set(grants_of(mapping, told))


@bounds(max_examples=50)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda one: st.lists(one) | st.dictionaries(st.text(), one),
    )
)
def test_whatever_stands_in_the_claim_is_groups_or_refused(value: Any) -> None:
    """Only words count as groups; nothing breaks it."""
    try:
        found = groups_in({"groups": value}, settings({}))
    except NotIdentified as error:
        assert error.key in {"sign_in.no_groups", "sign_in.too_many_groups"}  # noqa: PT017
    else:
        assert all(isinstance(one, str) for one in found)


@pytest.mark.parametrize(
    ("claim", "claims", "groups"),
    [
        ("groups", {"groups": "one"}, ("one",)),
        ("realm_access.roles", {"realm_access": {"roles": ["a", "b"]}}, ("a", "b")),
        ("https://x.example/groups", {"https://x.example/groups": ["a"]}, ("a",)),
        ("urn:zitadel:roles", {"urn:zitadel:roles": {"a": {"1": "x"}}}, ("a",)),
    ],
)
def test_groups_are_found_where_providers_put_them(claim: str, claims: dict[str, Any], groups: tuple[str, ...]) -> None:
    """Under any name, inside of another claim, and as the keys of a table."""
    assert groups_in(claims, settings({}, groups_claim=claim)) == groups


@given(st.text())
def test_whatever_a_provider_calls_somebody_an_account_can_be_named(told: str) -> None:
    """By a name that a local account could have, with room for a number behind it."""
    name = named_after(told)

    assert called(name) == name
    assert len(name) <= LONGEST_NAME - 8


def test_a_sign_in_ends_once_and_in_time() -> None:
    """Each ends for the cookie and state it began with; what is told twice, changed or late is refused."""
    now = [100.0]
    flows = Flows(lambda: now[0])
    one, two = flows.begin("works"), flows.begin("works")

    def refusal(provider: str, cookie: str, state: str) -> str | None:
        try:
            flows.end(provider, cookie, state)
        except NotIdentified as error:
            return error.key
        return None

    later = one.cookie.replace(".100.", ".700.")
    assert len({one.state, one.nonce, one.verifier, two.state, two.nonce, two.verifier}) == 6
    assert refusal("works", one.cookie, two.state) == "sign_in.begin_again"
    assert refusal("works", later, one.state) == "sign_in.begin_again"
    assert refusal("works", "", "") == "sign_in.begin_again"
    assert refusal("others", one.cookie, one.state) == "sign_in.mixed_up"
    assert [refusal("works", one.cookie, one.state) for _ in range(2)] == [None, "sign_in.replayed"]
    now[0] += SIGN_IN_S + 1
    assert refusal("works", two.cookie, two.state) == "sign_in.begin_again"
    assert Flows(lambda: 100.0).begin("works").verifier != one.verifier


KEYS: dict[str, Any] = {
    "RS256": rsa.generate_private_key(65537, 2048),
    "PS384": rsa.generate_private_key(65537, 2048),
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "ES512": ec.generate_private_key(ec.SECP521R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate(),
}


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")  # for Ed25519, which providers do not say yet
@pytest.mark.parametrize("algorithm", KEYS)
def test_a_token_by_any_usual_key_is_read(algorithm: str) -> None:
    """With the hash of its access token made as the algorithm has it; another access token is noticed."""
    hashed = {"256": sha256, "384": sha384, "512": sha512}.get(algorithm[2:], sha512)(b"access").digest()
    half = urlsafe_b64encode(hashed[: len(hashed) // 2]).rstrip(b"=").decode()
    claims = {"iss": "https://a", "aud": ["x"], "azp": "x", "sub": "u", "nonce": "n", "iat": 100, "exp": 400}
    token = jwt.encode(claims | {"at_hash": half}, KEYS[algorithm], algorithm, headers={"kid": "1", "x-own": "kept"})
    pem = KEYS[algorithm].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    kind = {"R": "RSA", "P": "RSA", "E": "EC"}[algorithm[0]] if algorithm != "EdDSA" else "OKP"
    keys = KeySet([JWKRegistry.import_key(pem, kind, {"kid": "1"})])
    expected = Expected("works", "https://a", "x", "n", 200)

    assert claims_of(token, keys, expected, "access")["sub"] == "u"
    with pytest.raises(NotIdentified, match="at_hash"):
        claims_of(token, keys, expected, "other")


ODD = "\ud800"


@pytest.mark.parametrize("odd", [{"sub": ODD}, {"at_hash": ODD}, {"sub": "a\nb"}, {"nonce": ODD}])
def test_halves_of_letters_break_nothing(odd: dict[str, str]) -> None:
    """JSON can hold what no text holds; a token with it is refused, as is a state."""
    claims = {"iss": "https://a", "aud": "x", "sub": "u", "nonce": "n", "iat": 100, "exp": 400}
    key = KEYS["ES256"]
    keys = KeySet([JWKRegistry.import_key(jwt.algorithms.ECAlgorithm.to_jwk(key.public_key(), as_dict=True))])
    token = jwt.encode(claims | odd, key, "ES256")

    with pytest.raises(NotIdentified):
        claims_of(token, keys, Expected("works", "https://a", "x", "n", 200), "access")
    with pytest.raises(NotIdentified):
        Flows(lambda: 1.0).end("works", "", ODD)
    assert shown_by({"acr": ODD, "amr": [3, "pwd\n"]}) == "acr=  amr=pwd"
