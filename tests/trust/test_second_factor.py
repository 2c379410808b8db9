from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from lineside.books import Books
from lineside.errors import ConfigurationError
from lineside.trust import Grant, Login, People, Permission, Role, SecondFactor
from lineside.trust.totp import digits_at
from tests.trust.conftest import Clock

PASSWORD = "a horse on the staircase"


@pytest.fixture
def people(books: Books, clock: Clock) -> People:
    """An administrator, eva."""
    found = People(books, clock)
    found.redeem("eva", found.first_code(), PASSWORD)
    return found


def refused(what: Callable[[], object]) -> str:
    """The key of the error that is raised."""
    with pytest.raises(ConfigurationError) as raised:
        what()
    assert raised.value.cure("zh")
    return raised.value.key


def told(people: People) -> list[str]:
    """Whom each entry of the ledger names, the first one first."""
    with people.ledger.stored() as stored:
        entries = [json.loads(body) for _, body, _ in stored.entries()]
    return [entry["facts"]["roles"] for entry in entries if entry["kind"] == "account.second_factor"]


def test_an_app_ends_the_sessions_that_began_without_it(books: Books, people: People, clock: Clock) -> None:
    """All but the one in which it was added."""
    login, account = Login(books, people, clock), people.get("eva")
    other, here = people.begin_session(account), people.begin_session(account)
    session = people.by_session(here)
    assert session is not None
    assert session.session is not None
    key = login.begin_app(account.id, PASSWORD)
    login.prove_app(account.id, digits_at(key, clock.us // 30_000_000), session.session)

    assert people.by_session(other) is None
    assert people.by_session(here) is not None


def test_who_has_to_have_a_second_factor_can_do_nothing_without(books: Books, people: People, clock: Clock) -> None:
    """It holds at once, for the roles that are named or for everybody, and for no token; each change is an entry."""
    people.redeem("otto", people.add("otto", "person", [Grant(Role.OPERATOR)]) or "", PASSWORD)
    login, otto = Login(books, people, clock), people.get("otto")
    hers, his = people.begin_session(people.get("eva")), people.begin_session(otto)
    token = people.token("eva", "bench", Grant(Role.READER), 1)

    def rights(secret: str) -> tuple[bool, frozenset[Permission]]:
        found = people.by_session(secret)
        assert found is not None
        return found.lacks_factor, found.permissions

    people.demand_second(SecondFactor.of(["administrator"]))
    people.demand_second(SecondFactor.of(["administrator"]))
    assert rights(hers) == (True, frozenset({Permission.OPEN, Permission.SELF}))
    assert Permission.READ_FACTS in rights(his)[1]
    by_token = people.by_token(token)
    assert by_token is not None
    assert Permission.READ_FACTS in by_token.permissions

    people.demand_second(SecondFactor(everybody=True))
    assert rights(his)[0]
    key = login.begin_app(otto.id, PASSWORD)
    assert rights(his)[0], "a key that nobody has shown to work is no second factor"
    lone = people.by_session(his)
    assert lone is not None
    login.prove_app(otto.id, digits_at(key, clock.us // 30_000_000), lone.session or 0)
    assert rights(his)[0] is False
    again = People(books, clock)
    assert again.second == SecondFactor(everybody=True)
    assert told(people) == ["administrator", "*"]
    assert refused(lambda: people.demand_second(SecondFactor.of(["registrar"]))) == "trust.no_role"
    assert refused(lambda: SecondFactor.of(["boss"])) == "trust.no_role"
