from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from lineside.books import Books
from lineside.errors import ConfigurationError, NotIdentified, NotPermitted
from lineside.trust import (
    AT_HUB,
    SECRETS_KEY,
    Arrival,
    Asked,
    Grade,
    Gradings,
    Grant,
    Label,
    Login,
    People,
    Permission,
    Who,
    stored_ledger,
)
from lineside.trust.passwords import fits, hashed
from lineside.trust.records import AccountRecord
from lineside.trust.totp import digits_at
from tests.trust.conftest import Clock

PASSWORD = "a horse on the staircase"
ADMINISTRATOR = [Grant.parse("administrator")]
HOUR_US = 3_600_000_000


@pytest.fixture
def people(books: Books, clock: Clock) -> People:
    """Nobody yet."""
    return People(books, clock)


@pytest.fixture
def eva(people: People) -> str:
    """An administrator who has set her password."""
    people.redeem("Eva", people.first_code(), PASSWORD)
    return "eva"


def refused(what: Callable[[], object]) -> str:
    """The key of the error that is raised."""
    with pytest.raises((ConfigurationError, NotIdentified)) as raised:
        what()
    assert raised.value.cure("zh")
    return raised.value.key


def test_the_first_code_makes_an_administrator_once(people: People) -> None:
    """However it is typed; a second person cannot use it."""
    code = people.first_code()

    account = people.redeem("Eva", code.lower().replace("-", " "), PASSWORD)

    assert (account.name, account.rules) == ("eva", True)
    assert refused(lambda: people.redeem("mallory", code, PASSWORD)) == "trust.code"
    assert not people.nobody


@pytest.mark.parametrize("late", [False, True])
def test_a_wrong_or_late_code_makes_nobody(people: People, clock: Clock, late: bool) -> None:
    """The first code is valid for an hour."""
    code = people.first_code()
    clock.us += HOUR_US if late else 0

    assert refused(lambda: people.redeem("eva", code if late else "AAAA-BBBB-CCCC-DDDD", PASSWORD)) == "trust.code"
    assert people.nobody


def test_the_first_account_rules(people: People) -> None:
    """Else nobody could make the others."""
    assert refused(lambda: people.add("plc", "service", [])) == "trust.first_rules"
    assert refused(lambda: people.add("otto", "person", [Grant.parse("operator")])) == "trust.first_rules"


@pytest.mark.parametrize(
    ("password", "key"),
    [
        ("short", "trust.password_length"),
        ("x" * 129, "trust.password_length"),
        ("aaaaaaaaaaaaaa", "trust.password_easy"),
        ("eva-eva-123456", "trust.password_easy"),
        ("Lineside-Password1", "trust.password_easy"),
        ("1234567890-qwertyuiop", "trust.password_easy"),
    ],
)
def test_a_password_that_is_easily_guessed_is_refused(people: People, password: str, key: str) -> None:
    """And the code is not used up by it."""
    code = people.first_code()

    assert refused(lambda: people.redeem("eva", code, password)) == key
    assert people.redeem("eva", code, PASSWORD).name == "eva"


@pytest.mark.parametrize(
    ("password", "key"),
    [
        ("1qaz2wsx3edc", "trust.password_leaked"),
        ("Chickenwing101", "trust.password_leaked"),
        ("lineside1qaz2wsx3edc", "trust.password_leaked"),
        ("abcdefghijklmnop", "trust.password_easy"),
        ("trustno1trustno1", "trust.password_easy"),
    ],
)
def test_a_password_that_leaks_show_often_is_refused(people: People, password: str, key: str) -> None:
    """In capital letters and behind a word of the place, too, as are rows of letters; a sentence is taken."""
    code = people.first_code()

    assert refused(lambda: people.redeem("eva", code, password)) == key
    assert people.redeem("eva", code, "chickenwings on the stairs").password


def test_the_marks_of_leaked_passwords_are_as_many_as_is_said() -> None:
    """10,000 of 4 bytes each, in order and none twice: three times as many as ASVS 6.2.4 asks for."""
    marks = files("lineside.trust").joinpath("data/leaked_passwords.bin").read_bytes()
    each = [marks[at : at + 4] for at in range(0, len(marks), 4)]

    assert len(marks) == 40_000
    assert each == sorted(set(each))


def test_a_password_counts_to_its_last_letter(books: Books, people: People, clock: Clock) -> None:
    """The longest one there may be, and none that only begins like it."""
    longest = "a sentence of mine " * 7
    people.redeem("eva", people.first_code(), longest[:128])
    login = Login(books, people, clock)

    assert login.check("eva", longest[:128], "").name == "eva"
    assert refused(lambda: login.check("eva", longest[:129], "")) == "trust.wrong"


@pytest.mark.parametrize("name", ["", " ", "a b", "x" * 65, "e\nva", "<b>"])
def test_what_is_no_name_is_refused(people: People, name: str) -> None:
    """Names go into logs and addresses."""
    assert refused(lambda: people.redeem(name, people.first_code(), PASSWORD)) == "trust.name"


def test_a_person_is_told_from_others_by_the_password_only(
    books: Books, people: People, clock: Clock, eva: str
) -> None:
    """Unknown, without a password, shut out, a service and wrong are one answer."""
    login = Login(books, people, clock)
    people.add("new", "person", [])
    people.add("plc", "service", [])
    people.redeem("otto", people.add("otto", "person", []) or "", PASSWORD)
    people.disable("otto", disabled=True)

    assert login.check("EVA", PASSWORD, "").name == eva
    for name in ("eva", "nobody", "new", "plc", "otto", "a b", ""):
        word = "another horse entirely" if name == "eva" else PASSWORD
        assert refused(lambda name=name, word=word: login.check(name, word, "")) == "trust.wrong"  # type: ignore[misc]


def test_an_app_is_asked_for_once_it_is_proven(books: Books, people: People, clock: Clock, eva: str) -> None:
    """Digits count once, recovery codes too, and only who knows the password learns of it."""
    login = Login(books, people, clock)
    number = people.get(eva).id
    key = login.begin_app(number, PASSWORD)
    before = login.check(eva, PASSWORD, "")
    codes = login.prove_app(number, digits_at(key, clock.us // 30_000_000), 0)

    assert not before.totp
    assert people.get(eva).totp
    assert refused(lambda: login.check(eva, "another horse entirely", "")) == "trust.wrong"
    assert refused(lambda: login.check(eva, PASSWORD, "")) == "trust.digits"
    assert refused(lambda: login.check(eva, PASSWORD, digits_at(key, clock.us // 30_000_000))) == "trust.wrong_digits"
    clock.us += 30_000_000
    assert login.check(eva, PASSWORD, digits_at(key, clock.us // 30_000_000)).name == eva
    assert login.check(eva, PASSWORD, codes[0]).name == eva
    assert refused(lambda: login.check(eva, PASSWORD, codes[0])) == "trust.wrong_digits"
    assert refused(lambda: login.begin_app(number, PASSWORD)) == "trust.app_there"
    assert refused(lambda: login.forget_app(number, PASSWORD, "000000")) == "trust.wrong_digits"
    login.forget_app(number, PASSWORD, codes[1])
    assert login.check(eva, PASSWORD, "").name == eva


def test_the_key_of_an_app_is_not_in_the_books(books: Books, people: People, clock: Clock, eva: str) -> None:
    """It is sealed by a file that its owner alone can read; what an earlier version wrote is sealed at the start."""
    login, number = Login(books, people, clock), people.get(eva).id
    key = login.begin_app(number, PASSWORD)
    login.prove_app(number, digits_at(key, clock.us // 30_000_000), 0)
    with books.session() as rows:
        sealed = rows.get_one(AccountRecord, number).totp
        rows.get_one(AccountRecord, number).totp = key
    later = Login(books, people, clock)
    clock.us += 30_000_000

    assert later.check(eva, PASSWORD, digits_at(key, clock.us // 30_000_000)).name == eva
    with books.reading() as rows:
        again = rows.get_one(AccountRecord, number).totp
    assert sealed is not None
    assert again is not None
    assert (key in sealed, key in again, sealed == again) == (False, False, False)
    assert (books.folder / SECRETS_KEY).stat().st_mode & 0o777 == 0o600


def test_who_lost_the_key_of_an_app_logs_in_by_a_recovery_code(
    books: Books, people: People, clock: Clock, eva: str
) -> None:
    """As after a restore from a backup without encryption; another key, or that of another account, opens nothing."""
    login, number = Login(books, people, clock), people.get(eva).id
    key = login.begin_app(number, PASSWORD)
    codes = login.prove_app(number, digits_at(key, clock.us // 30_000_000), 0)
    file = books.folder / SECRETS_KEY
    kept = file.read_text("ascii")
    clock.us += 30_000_000
    digits = digits_at(key, clock.us // 30_000_000)

    file.unlink()
    lost = refused(lambda: login.check(eva, PASSWORD, digits))
    file.write_text("ab" * 32, "ascii")
    other = refused(lambda: login.check(eva, PASSWORD, digits))
    file.write_text("ab", "ascii")
    broken = refused(lambda: login.check(eva, PASSWORD, digits))
    by_code = login.check(eva, PASSWORD, codes[0]).name
    file.write_text(kept, "ascii")

    assert (lost, other, broken, by_code) == ("trust.app_lost", "trust.app_lost", "trust.vault", eva)
    assert login.check(eva, PASSWORD, digits).name == eva


def test_a_new_password_ends_every_session(books: Books, people: People, clock: Clock, eva: str) -> None:
    """The old one is needed for it."""
    login, number = Login(books, people, clock), people.get(eva).id
    cookie = people.begin_session(people.get(eva))

    assert refused(lambda: login.change_password(number, "another horse entirely", PASSWORD)) == "trust.wrong_password"
    assert people.by_session(cookie) is not None
    login.change_password(number, PASSWORD, "a cow in the elevator")

    assert people.by_session(cookie) is None
    assert refused(lambda: login.check(eva, PASSWORD, "")) == "trust.wrong"
    assert login.check(eva, "a cow in the elevator", "").name == eva


@pytest.mark.parametrize(("hours", "lives"), [(7.9, True), (8.1, False)])
def test_a_session_that_is_not_used_ends(people: People, clock: Clock, eva: str, hours: float, lives: bool) -> None:
    """After a shift without anybody."""
    cookie = people.begin_session(people.get(eva))

    clock.us += int(hours * HOUR_US)

    assert (people.by_session(cookie) is not None) is lives


def test_a_session_that_is_used_ends_after_a_week(people: People, clock: Clock, eva: str) -> None:
    """And is forgotten then."""
    cookie, seen = people.begin_session(people.get(eva)), []
    for _ in range(7 * 24 // 6 + 1):
        seen.append(people.by_session(cookie) is not None)
        people.keep_up()
        clock.us += 6 * HOUR_US

    assert seen == [True] * 28 + [False]
    people.keep_up()
    assert people.get(eva).sessions == ()


def test_who_is_reset_sets_a_new_password_by_a_code(books: Books, people: People, clock: Clock, eva: str) -> None:
    """Password, app and sessions are gone at once; the code is valid for a day, once."""
    login, cookie = Login(books, people, clock), people.begin_session(people.get(eva))
    late = people.reset(eva)

    assert people.by_session(cookie) is None
    assert refused(lambda: login.check(eva, PASSWORD, "")) == "trust.wrong"
    clock.us += 24 * HOUR_US
    assert refused(lambda: people.redeem(eva, late, PASSWORD)) == "trust.code"
    code = people.reset(eva)
    assert people.redeem(eva, code, PASSWORD).password
    assert refused(lambda: people.redeem(eva, code, PASSWORD)) == "trust.code"


def test_a_log_in_that_was_overtaken_by_a_reset_begins_no_session(people: People, eva: str) -> None:
    """The password was right a moment ago, and is not any more."""
    account = people.get(eva)
    people.reset(eva)

    assert refused(lambda: people.begin_session(account)) == "trust.wrong"


def test_a_token_ends_in_time_when_revoked_and_with_its_account(people: People, clock: Clock, eva: str) -> None:
    """Each of these alone ends it."""
    people.add("plc", "service", [Grant.parse("collector")])

    def made() -> str:
        return people.token("plc", "Telegraf", Grant.parse("collector"), 1)

    late, revoked, valid = made(), made(), made()
    people.revoke("plc", people.get("plc").tokens[1].id)

    assert [people.by_token(one) is not None for one in (late, revoked, valid, "ls_x", "")] == [
        True,
        False,
        True,
        False,
        False,
    ]
    people.disable("plc", disabled=True)
    assert people.by_token(valid) is None
    people.disable("plc", disabled=False)
    assert people.by_token(valid) is not None
    clock.us += 24 * HOUR_US
    assert people.by_token(late) is None
    assert not people.nobody
    assert eva


def test_roles_change_at_once(people: People, eva: str) -> None:
    """For sessions and tokens that are there already."""
    people.redeem("otto", people.add("otto", "person", [Grant.parse("operator")]) or "", PASSWORD)
    cookie = people.begin_session(people.get("otto"))
    before = people.by_session(cookie)

    people.grant("otto", [Grant.parse("finance")])
    after = people.by_session(cookie)

    assert before is not None
    assert after is not None
    assert Permission.WRITE_FACTS in before.permissions
    assert Permission.WRITE_FACTS not in after.permissions
    assert eva


def test_the_last_administrator_stays(people: People, eva: str) -> None:
    """Neither shut out nor demoted, until another one has set a password."""
    code = people.add("otto", "person", ADMINISTRATOR) or ""

    assert refused(lambda: people.disable(eva, disabled=True)) == "trust.last_administrator"
    assert refused(lambda: people.grant(eva, [Grant.parse("operator")])) == "trust.last_administrator"
    people.redeem("otto", code, PASSWORD)
    people.disable(eva, disabled=True)
    assert refused(lambda: people.disable("otto", disabled=True)) == "trust.last_administrator"


def test_everything_is_there_after_a_restart(books: Books, people: People, clock: Clock, eva: str) -> None:
    """Accounts, sessions, tokens, and when they were last seen."""
    cookie = people.begin_session(people.get(eva))
    token = people.token(eva, "script", Grant.parse("reader"), 30)
    clock.us += HOUR_US
    people.by_token(token)
    people.keep_up()

    again = People(books, clock)

    assert again.by_session(cookie) == people.by_session(cookie)
    assert again.get(eva).tokens[0].seen_us == clock.us
    assert again.get(eva).seen_us == clock.us


def test_nothing_that_opens_a_door_stands_in_the_books(tmp_path: Path, people: People, eva: str) -> None:
    """Neither password, code, cookie nor token, nor what was typed as the name of nobody; the ledger has no names."""
    secrets = [people.add("otto", "person", []) or "", people.begin_session(people.get(eva))]
    secrets += [people.token(eva, "script", Grant.parse("reader"), 30), people.reset(eva), PASSWORD]
    assert refused(lambda: people.redeem("hunter2hunter2", "AAAA", PASSWORD)) == "trust.code"

    with sqlite3.connect(tmp_path / "data" / "books.sqlite") as found:
        told = b"\n".join(body for (body,) in found.execute("SELECT body FROM ledger_entries")).decode()
        kept = "\n".join([*found.iterdump(), told])
    found.close()

    assert [secret for secret in [*secrets, "hunter2hunter2"] if secret in kept] == []
    assert '"account.reset"' in told
    assert not {"eva", "otto", "script"} & set(re.findall(r"\w+", told))


def test_no_account_is_changed_without_its_entry(tmp_path: Path, people: People, eva: str) -> None:
    """Where the ledger cannot be written, nobody is made, shut out or given other roles."""
    code = people.add("otto", "person", [Grant.parse("operator")])
    with sqlite3.connect(tmp_path / "data" / "books.sqlite") as found:
        found.execute("CREATE TRIGGER closed BEFORE INSERT ON ledger_entries BEGIN SELECT RAISE(ABORT, 'no'); END")
    found.close()
    changes: list[Callable[[], object]] = [
        lambda: people.add("ida", "person", []),
        lambda: people.disable("otto", disabled=True),
        lambda: people.grant("otto", [Grant.parse("manager")]),
        lambda: people.token("otto", "script", Grant.parse("reader"), 30),
        lambda: people.redeem("otto", code or "", PASSWORD),
        lambda: people.reset("otto"),
        lambda: people.begin_session(people.get(eva)),
    ]

    for change in changes:
        with pytest.raises(IntegrityError):
            change()

    otto = people.get("otto")
    assert [one.name for one in people.everybody()] == [eva, "otto"]
    assert (otto.disabled, otto.password, otto.tokens, otto.grants) == (False, False, (), (Grant.parse("operator"),))
    assert people.get(eva).sessions == ()


def test_a_password_is_hashed_as_owasp_recommends() -> None:
    """argon2id, 19 MiB, two passes, one lane; two hashes of one password differ."""
    one, other = hashed(PASSWORD), hashed(PASSWORD)

    assert one.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert one != other
    assert fits(PASSWORD, one)
    assert not fits(PASSWORD, None)
    assert not fits(PASSWORD, "nonsense")
    assert fits("Zoe\u0308 rides a horse", hashed("Zo\u00eb rides a horse"))


def test_a_person_is_forgotten_and_what_they_did_stays(people: People, eva: str, books: Books, clock: Clock) -> None:
    """Name, password, sessions and tokens are gone from the bytes of the file; the number and its entries stay."""
    word = "otto-mustermann"
    people.redeem(word, str(people.add(word, "person", [Grant.parse("engineer")])), PASSWORD)
    otto = people.get(word)
    session, token = people.begin_session(otto), people.token(word, "probe", Grant.parse("engineer"), 3)
    Gradings(books, clock).keep_label(Label("ours", "Ours", Grade.GENERAL, leaves=False), Who(word, "a reason"))
    before = holding(books.folder, word)

    early = refused(lambda: people.forget(word))
    people.disable(word, disabled=True)
    former = people.forget(word)
    books.close()

    assert (early, former) == ("trust.forget_shut", f"former-{otto.id}")
    assert (before, holding(books.folder, word)) == (True, False)
    assert refused(lambda: people.get(word)) == "trust.nobody"
    now = people.get(former)
    assert (now.disabled, now.grants, now.tokens, now.sessions) == (True, (), (), ())
    assert people.by_session(session) is people.by_token(token) is None
    with stored_ledger(Path(books.name)) as ledger:
        told = [entry["kind"] for entry in ledger.page(Asked(who=f"account/{otto.id}"), 10)]
    assert "login.right" in told
    assert people.number_of(eva) == 1


def test_nobody_takes_the_name_of_who_is_forgotten(people: People, eva: str) -> None:
    """Else nobody could be forgotten any more whose number it names; a provider's people get another one."""
    staff = (Grant.parse("operator"),)
    assert refused(lambda: people.add("former-2", "person", [])) == "trust.name_taken"
    people.arrive(Arrival("works", "Works", "https://login.example.com", "u-1", "former-2", staff, "-"))
    people.disable("former-2-2", disabled=True)

    assert people.forget("former-2-2") == "former-2"
    assert people.get(eva).name == eva


def holding(folder: Path, word: str) -> bool:
    """Whether any file holds a word."""
    return any(word.encode() in path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_at_a_hub_nobody_changes_their_own_roles(books: Books, clock: Clock) -> None:
    """Who administers asks another one to; who owns the folder may, as everything."""
    people = People(books, clock, duties=AT_HUB)
    people.redeem("eva", people.first_code(), PASSWORD)
    otto = people.redeem("otto", people.add("otto", "person", ADMINISTRATOR) or "", PASSWORD)

    with pytest.raises(NotPermitted) as own:
        people.grant("otto", [Grant.parse("analyst")], by=f"account/{otto.id}")
    people.grant("otto", [Grant.parse("analyst")], by="account/1")

    assert own.value.key == "trust.own_roles"
    assert people.get("otto").grants == (Grant.parse("analyst"),)
    people.grant("otto", ADMINISTRATOR)
    assert people.may(otto.id, Permission.WRITE_PEOPLE)
    assert not people.may(otto.id, Permission.READ_FIGURES)


def test_a_house_takes_its_own_roles_alone(books: Books, clock: Clock) -> None:
    """From an administrator, a token or a provider; who is refused gets no account."""
    people = People(books, clock, duties=AT_HUB)
    people.redeem("eva", people.first_code(), PASSWORD)
    arrival = Arrival("works", "Works", "https://login.example.com", "1", "otto", (Grant.parse("operator"),), "pwd")
    both = [*ADMINISTRATOR, Grant.parse("analyst")]

    assert refused(lambda: people.add("otto", "person", [Grant.parse("operator")])) == "trust.no_role"
    assert refused(lambda: people.token("eva", "x", Grant.parse("reader"), 1)) == "trust.no_role"
    assert refused(lambda: people.arrive(arrival)) == "trust.no_role"
    assert refused(lambda: people.grant("eva", both)) == "trust.apart"
    assert [one.name for one in people.everybody()] == ["eva"]
