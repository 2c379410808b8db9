"""A provider of OpenID Connect, by which people sign in: where it is, and which of its groups may do what."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field

from lineside.plant.table import Named
from lineside.plant.wording import Misworded

PARTS = ("operator", "engineer", "manager", "finance", "auditor", "collector", "monitor", "reader")
"""Roles that may hold for a part of the site."""
WHOLE = ("security", "administrator")
"""Those that hold for all of it."""
EVERY_SIGN_IN = "every"
"""Among the words that stand for two factors: whatever a provider says."""
_ROLE = re.compile(rf"(?:{'|'.join(PARTS)})(?:@(?:area|line|machine)/[^\s@]+|@site)?|(?:{'|'.join(WHOLE)})(?:@site)?")


def parse_role(raw: object) -> str:
    """A role, and where it holds: "engineer" or "operator@line/cell"."""
    text = str(raw).strip()
    if not _ROLE.fullmatch(text):
        raise Misworded("plant.sign_in_role", value=text[:80], known=", ".join((*PARTS, *WHOLE)))
    return text


def parse_issuer(raw: object) -> str:
    """The address by which a provider calls itself, letter by letter: https, or http on this computer."""
    text = str(raw).strip()
    if not is_private(text) or set(text) & set("?# "):
        raise Misworded("plant.sign_in_issuer", value=text[:200])
    return text


def is_private(address: str) -> bool:
    """Whether nobody on the way reads what is said to an address: https, or http to this computer."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and _is_here(host)))


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


class SignIn(Named):
    """A provider of OpenID Connect that says who people are."""

    issuer: Annotated[str, BeforeValidator(parse_issuer)] = Field(
        description='How the provider calls itself, letter by letter: "https://login.example.com/realms/plant".'
    )
    client_id: str = Field(description="How it knows this node.", min_length=1)
    secret_file: str | None = Field(
        None,
        description="File that holds the client secret, in the plant's folder or elsewhere; nobody else may read it.",
    )
    secret_env: str | None = Field(None, description="Environment variable that holds it instead.")
    ca_file: str | None = Field(
        None, description="Certificates (PEM) to trust beside those of the system, as of a company's own authority."
    )
    proxy: str | None = Field(None, description='By which to reach it: "http://proxy.example.com:3128".')
    scopes: tuple[str, ...] = Field(("openid", "profile"), description="What it is asked for.")
    name_claim: str = Field("preferred_username", description="The claim after which an account is named at first.")
    groups_claim: str = Field(
        "groups", description='The claim that holds the groups; a dot leads inside: "realm_access.roles".'
    )
    groups: Mapping[str, tuple[Annotated[str, BeforeValidator(parse_role)], ...]] = Field(
        {}, description='What each group may: `staff = ["reader", "operator@line/cell"]`. Nobody else is let in.'
    )
    second_factor: tuple[str, ...] = Field(
        ("mfa",),
        description='Words of its `amr`, or its `acr`, that tell of two factors; `["every"]` where each sign-in has.',
    )
    sign_out: bool = Field(
        True, description="Logging out here logs out there, too, where the provider offers it (RP-initiated logout)."
    )
