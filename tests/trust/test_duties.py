from __future__ import annotations

import pytest

from lineside.errors import ConfigurationError
from lineside.trust import AT_HUB, AT_NODE, Duties, Grant, Identity, NoGround, Permission, Role, identity_of

VALUES = {Permission.READ_FIGURES, Permission.READ_OBJECTIONS}
REGISTER = {Permission.WRITE_MEMBERS}
PEOPLE = {Permission.WRITE_PEOPLE}


def at_hub(*roles: str, limit: str | None = None) -> Identity:
    """Somebody with these roles at a hub."""
    return identity_of("eva", map(Grant.parse, roles), None if limit is None else Grant.parse(limit), duties=AT_HUB)


def refused(duties: Duties, *roles: str) -> str:
    """Why these roles are not for one account."""
    with pytest.raises(ConfigurationError) as error:
        duties.require(map(Grant.parse, roles))
    assert error.value.cure("zh")
    return error.value.key


def test_no_role_of_a_hub_sees_values_and_changes_who_is_in_it() -> None:
    """Who gives roles, who admits and who sees are three; an auditor sees all and changes nothing."""
    for role, held in AT_HUB.permissions.items():
        assert sum(bool(held & part) for part in (VALUES, REGISTER, PEOPLE)) <= 1, role


def test_a_registrar_sees_no_value() -> None:
    """The register alone."""
    assert at_hub("registrar").permissions == {
        Permission.OPEN,
        Permission.READ_PLANT,
        Permission.READ_MEMBERS,
        Permission.WRITE_MEMBERS,
    }


def test_what_a_node_asks_for_is_held_by_nobody_at_a_hub_but_what_both_have() -> None:
    """Facts, sources, grades and the valve are a plant's, and members are a hub's."""
    at_node = frozenset[Permission]().union(*AT_NODE.permissions.values())
    here = frozenset[Permission]().union(*AT_HUB.permissions.values())

    assert at_node | here == frozenset(Permission) - {Permission.OPEN, Permission.SELF}
    assert at_node & here == {
        Permission.READ_PLANT,
        Permission.READ_JOBS,
        Permission.RUN_JOBS,
        Permission.KEEP_NODE,
        Permission.READ_PEOPLE,
        Permission.WRITE_PEOPLE,
        Permission.READ_LEDGER,
        Permission.KEEP_LEDGER,
    }


def test_a_member_reaches_itself_alone() -> None:
    """By the number of the register, as an address or a row names it, and nothing that is for the whole hub."""
    reach = at_hub("member@member/17").reach(Permission.READ_FIGURES, NoGround)

    assert (reach.covers("member/17"), reach.member(17), reach.member("17")) == (True, True, True)
    for other in (
        "member/1",
        "member/171",
        "member/017",
        "member/",
        "member",
        "site",
        "line/17",
        "area/17",
        "source/17",
    ):
        assert not reach.covers(other)
    assert not reach.whole


def test_who_speaks_for_two_members_reaches_both() -> None:
    """Each by itself."""
    reach = at_hub("member@member/3", "member@member/5").reach(Permission.READ_FIGURES, NoGround)

    assert [n for n in range(1, 8) if reach.member(n)] == [3, 5]


def test_a_token_for_one_member_opens_no_other() -> None:
    """Whatever its account may do."""
    token = at_hub("analyst", limit="member@member/3").reach(Permission.READ_FIGURES, NoGround)
    strange = at_hub("member@member/5", limit="member@member/3").reach(Permission.READ_FIGURES, NoGround)

    assert (token.whole, [n for n in range(1, 8) if token.member(n)]) == (False, [3])
    assert [n for n in range(1, 8) if strange.member(n)] == []


def test_the_whole_hub_is_reached_without_a_place() -> None:
    """An analyst reads of every member."""
    reach = at_hub("analyst").reach(Permission.READ_FIGURES, NoGround)

    assert (reach.whole, reach.covers("member/17"), reach.covers("site")) == (True, True, True)


@pytest.mark.parametrize(
    "grant", [Grant(Role.MANAGER), Grant(Role.AUDITOR, "line/cell"), Grant(Role.MEMBER), Grant(Role.MEMBER, "line/x")]
)
def test_a_role_of_another_house_gives_nothing(grant: Grant) -> None:
    """As in books that were copied from a node, or changed by hand; a member without a number is nobody's."""
    assert identity_of("eva", [grant], duties=AT_HUB).permissions == {Permission.OPEN}


def test_a_role_of_a_hub_gives_nothing_at_a_node() -> None:
    """Nor does a member's place."""
    roles = [Grant(Role.ANALYST), Grant(Role.REGISTRAR), Grant.parse("auditor@member/3")]

    assert identity_of("eva", roles).permissions == {Permission.OPEN}


def test_each_house_gives_its_own_roles() -> None:
    """Those of another, and places that it does not have, are refused with what there is."""
    AT_HUB.require(map(Grant.parse, ("registrar", "analyst", "member@member/3", "auditor@member/3")))
    AT_NODE.require(map(Grant.parse, ("administrator", "security", "operator@line/cell")))

    assert refused(AT_HUB, "security") == refused(AT_HUB, "operator") == refused(AT_NODE, "analyst") == "trust.no_role"
    assert refused(AT_HUB, "auditor@line/cell") == refused(AT_NODE, "auditor@member/3") == "trust.no_scope"


def test_who_administers_a_hub_has_no_other_role() -> None:
    """Who gives roles does not use them."""
    AT_HUB.require([Grant(Role.ADMINISTRATOR)])

    assert refused(AT_HUB, "administrator", "analyst") == "trust.apart"
    assert refused(AT_HUB, "administrator", "auditor") == "trust.apart"


def test_an_overseer_of_one_concern_knows_of_its_incidents_alone() -> None:
    """No replies, no register, no questions; and of another concern nothing."""
    one = at_hub("overseer@concern/security")
    reach = one.reach(Permission.FOLLOW_INCIDENTS, NoGround)

    assert one.permissions == {
        Permission.OPEN,
        Permission.READ_PLANT,
        Permission.READ_INCIDENTS,
        Permission.FOLLOW_INCIDENTS,
    }
    assert (reach.whole, reach.concern("security"), reach.covers("concern/security")) == (False, True, True)
    assert not any(map(reach.concern, ("safety", "", "securit", "security/x")))
    assert not reach.member(1)
    assert at_hub("overseer").reach(Permission.FOLLOW_INCIDENTS, NoGround).concern("anything")


def test_a_member_looks_after_no_concern() -> None:
    """Its own incidents are all that it reads of."""
    reach = at_hub("member@member/3").reach(Permission.READ_INCIDENTS, NoGround)

    assert not any(map(reach.concern, ("safety", "3", "member/3")))
    assert Permission.FOLLOW_INCIDENTS not in at_hub("member@member/3").permissions


def test_only_overseers_look_after_a_concern() -> None:
    """Other roles are not divided so, whatever the books say; a plant has no such place."""
    AT_HUB.require([Grant.parse("overseer@concern/security"), Grant.parse("overseer@concern/safety")])
    for role in ("auditor", "analyst", "member", "operator"):
        with pytest.raises(ConfigurationError) as error:
            Grant.parse(f"{role}@concern/security")
        assert error.value.key == "trust.concern_only"
    for role in (Role.AUDITOR, Role.MEMBER):
        assert identity_of("eva", [Grant(role, "concern/security")], duties=AT_HUB).permissions == {Permission.OPEN}
    assert refused(AT_NODE, "overseer@concern/security") == "trust.no_role"
    for scope in ("concern", "concern/", "concern/a b", "concern/a/b"):
        with pytest.raises(ConfigurationError) as wrong:
            Grant.parse(f"overseer@{scope}")
        assert wrong.value.key == "trust.no_scope"
