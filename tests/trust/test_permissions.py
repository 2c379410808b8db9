from __future__ import annotations

import pytest

from lineside.errors import NotPermitted
from lineside.trust import LOCAL_OWNER, Identity, Permission, require


@pytest.mark.parametrize("permission", Permission)
def test_the_owner_at_the_machine_may_do_everything(permission: Permission) -> None:
    """Until identities exist, whoever sits at the node owns it."""
    require(LOCAL_OWNER, permission)


@pytest.mark.parametrize("permission", Permission)
def test_an_identity_may_do_what_it_was_given_and_nothing_else(permission: Permission) -> None:
    """One permission opens one thing."""
    guest = Identity("guest", frozenset({permission}))

    require(guest, permission)

    for other in set(Permission) - {permission}:
        with pytest.raises(NotPermitted):
            require(guest, other)


def test_a_refusal_says_who_lacks_what_in_both_languages() -> None:
    """The sentence names the identity and the permission, and whom to ask."""
    with pytest.raises(NotPermitted) as refused:
        require(Identity("guest", frozenset()), Permission.RUN_JOBS)

    assert refused.value.fields == {"name": "guest", "permission": "jobs.run"}
    for language in ("en", "zh"):
        assert "guest" in refused.value.sentence(language)
        assert "jobs.run" in refused.value.sentence(language)
        assert refused.value.cure(language)
