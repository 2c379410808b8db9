"""Everybody the node knows: made, changed and recognised here. The process that owns the plant's folder owns this too.

Who asks is found in memory; whatever changes is in the books before it is true.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import replace

from sqlalchemy import delete, select, update
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.orm import Session as Rows

from lineside.books import Books
from lineside.errors import ConfigurationError, NotIdentified, NotPermitted
from lineside.trust import account_rows as kept
from lineside.trust.accounts import UNKNOWN_SEAT, Account, Arrival, Kind, Roll, Seat, SecondFactor, called, spelt
from lineside.trust.duties import AT_NODE, Duties, identity_of
from lineside.trust.gradings import GradingRecord, LabelRecord
from lineside.trust.ledger import HERE, NODE, Fact, Ledger
from lineside.trust.ledger import Kind as Said
from lineside.trust.ledger import account as numbered_as
from lineside.trust.passwords import hashed, usable
from lineside.trust.permissions import ABOUT_ONESELF, SITE, Identity, Permission
from lineside.trust.records import AccountRecord, SessionRecord, TokenRecord
from lineside.trust.roles import Grant, Role
from lineside.trust.secrets import digest, new_code, new_secret, plain_code, same
from lineside.trust.seen import LastSeen, write_seen

CODE_US = 24 * 3_600_000_000
FIRST_US = 3_600_000_000
LONGEST_DAYS = 1096
TOKEN = "ls_"  # noqa: S105 - how a token begins, so that it is known where it leaks
_DAY_US = 86_400_000_000


class People:
    """The accounts of a plant or a hub, whose `duties` are divided. `now_us` is the time in microseconds since 1970.

    Every change is in the ledger with who made it: `by` is how the ledger names them, `Identity.who`.
    """

    def __init__(
        self, books: Books, now_us: Callable[[], int], ledger: Ledger | None = None, duties: Duties = AT_NODE
    ) -> None:
        self._books, self._now, self.duties = books, now_us, duties
        self.ledger = Ledger(books, now_us) if ledger is None else ledger
        self._lock = threading.RLock()
        self._seen = LastSeen()
        self._first: tuple[str, int] | None = None
        self._roll = Roll()
        self._read()

    def _read(self) -> None:
        with self._books.reading() as rows:
            self._roll = kept.read_roll(rows)

    @property
    def nobody(self) -> bool:
        """Whether there is no account yet."""
        return not self._roll.accounts

    def everybody(self) -> list[Account]:
        """All accounts by name, with when they, their tokens and sessions were last seen."""
        return [self._seen.account(account) for account in self._roll.accounts.values()]

    def get(self, name: str) -> Account:
        """An account by its name. Raises ConfigurationError."""
        plain = called(name)
        for account in self.everybody():
            if account.name == plain:
                return account
        raise ConfigurationError("trust.nobody", name=plain)

    def number_of(self, name: str) -> int | None:
        """The number of the account that somebody means by what they typed; None where there is none."""
        return next((one.id for one in self._roll.accounts.values() if one.name == spelt(name)), None)

    def numbered(self, number: int) -> Account:
        """An account by its number in the books."""
        return self._seen.account(self._roll.accounts[number])

    @property
    def second(self) -> SecondFactor:
        """Of whom a second factor is demanded."""
        return self._roll.second

    def demand_second(self, rule: SecondFactor, *, by: str = HERE) -> None:
        """Demands a second factor of these and nobody else, from now on. Raises ConfigurationError for no role."""
        for role in sorted(rule.roles - self.duties.permissions.keys()):
            raise ConfigurationError("trust.no_role", role=role.value, known=", ".join(self.duties.permissions))
        with self._lock, self._books.session() as rows:
            if rule != self.second:
                kept.write_second(rows, rule)
                self.ledger.write(rows, Said.SECOND_FACTOR, who=by, about="people", roles=str(rule))
        self._read()

    # made and changed

    def first_code(self) -> str:
        """The one-time code with which the first administrator is made, valid for an hour, while nobody is known."""
        code = new_code()
        self._first = (digest(code), self._now() + FIRST_US)
        return code

    def add(self, name: str, kind: Kind, grants: Iterable[Grant], *, by: str = HERE) -> str | None:
        """Makes an account; gives a person's one-time code, valid for a day. Raises ConfigurationError."""
        plain, given = called(name), sorted(set(grants))
        self.duties.require(given)
        if self.nobody and (kind != "person" or Grant(Role.ADMINISTRATOR) not in given):
            raise ConfigurationError("trust.first_rules")
        with self._lock, self._books.session() as rows:
            record = self._made(rows, plain, kind, given, by)
            code = self._new_code(record) if kind == "person" else None
        self._read()
        return code

    def redeem(self, name: str, code: str, password: str) -> Account:
        """Sets a password by a one-time code: the first one's, or an account's own. Raises ConfigurationError."""
        typed, now = digest(plain_code(code)), self._now()
        plain = called(name)
        word = usable(password, plain)
        with self._lock:
            first = self._first if self.nobody else None
            if first is not None and now < first[1] and same(first[0], typed):
                with self._books.session() as rows:
                    self._made(rows, plain, "person", [Grant(Role.ADMINISTRATOR)], HERE).password = hashed(word)
                self._first = None
                self._read()
                return self.get(plain)
            with self._books.session() as rows:
                record = rows.scalar(select(AccountRecord).where(AccountRecord.name == plain))
                code_kept = None if record is None or record.disabled or record.code_until_us <= now else record.code
                if record is None or not same(code_kept or digest(new_code()), typed):
                    raise ConfigurationError("trust.code")
                record.password, record.code, record.code_until_us = hashed(word), None, 0
                self._tell(rows, Said.PASSWORD, record.id, numbered_as(record.id), code=True)
            self._read()
        return self.get(plain)

    def arrive(self, arrival: Arrival, seat: Seat = UNKNOWN_SEAT) -> str:
        """Lets in whom a provider knows, with the roles of their groups; gives what the session's cookie holds.

        Who is here for the first time gets an account, unless no group gives a role. Raises NotIdentified.
        """
        if self.nobody:
            raise ConfigurationError("sign_in.first", provider=arrival.called)
        if self.second.asks(arrival.grants) and not arrival.two_factors:
            raise NotIdentified("sign_in.one_factor", provider=arrival.called, said=arrival.shown_by)
        self.duties.require(given := sorted(set(arrival.grants)))
        secret, now = new_secret(), self._now()
        known = (AccountRecord.issuer == arrival.issuer) & (AccountRecord.subject == arrival.subject)
        with self._lock:
            with self._books.session() as rows:
                record = rows.scalar(select(AccountRecord).where(known))
                shut = record is not None and record.disabled
                if record is None and given:
                    record = self._made(rows, kept.free_name(rows, arrival.name), "person", given, NODE)
                    record.issuer, record.subject = arrival.issuer, arrival.subject
                elif record is not None and not shut:
                    self._regrant(rows, record, given)
                if record is not None and given and not shut:
                    record.seen_us = now
                    begun = kept.session_record(record.id, secret, now, seat)
                    begun.shown_by, begun.two_factors = arrival.shown_by, arrival.two_factors
                    rows.add(begun)
                    told = {"provider": arrival.provider, "shown_by": arrival.shown_by}
                    self._tell(rows, Said.LOGGED_IN, record.id, numbered_as(record.id), **told)
            self._read()
        if shut or not given:
            raise NotIdentified("sign_in.shut_out" if shut else "sign_in.no_role", provider=arrival.called)
        return secret

    def _regrant(self, rows: Rows, record: AccountRecord, given: list[Grant]) -> None:
        """What the groups say now instead of what they said before; nothing at all ends every session."""
        if kept.grants_of(rows, record.id) == given:
            return
        kept.give(rows, record.id, given)
        if not given:
            rows.execute(delete(SessionRecord).where(SessionRecord.account_id == record.id))
        self._tell(rows, Said.ROLES, record.id, NODE, roles=", ".join(map(str, given)))

    def _own(self, name: str) -> Account:
        """An account that is looked after here. Raises ConfigurationError for one that a provider knows."""
        account = self.get(name)
        if account.issuer is not None:
            raise ConfigurationError("trust.from_provider", name=account.name, issuer=account.issuer)
        return account

    def reset(self, name: str, *, by: str = HERE) -> str:
        """Takes password, app, sessions and lock from a person, who sets a new password by the code given back."""
        account = self._own(name)
        if account.kind != "person":
            raise ConfigurationError("trust.service_resets", name=account.name)
        with self._lock, self._books.session() as rows:
            record = rows.get_one(AccountRecord, account.id)
            record.password, record.totp, record.recovery = None, None, []
            code = self._new_code(record)
            rows.execute(delete(SessionRecord).where(SessionRecord.account_id == account.id))
            self._tell(rows, Said.ACCOUNT_RESET, account.id, by)
        self._read()
        return code

    def disable(self, name: str, *, disabled: bool, by: str = HERE) -> None:
        """Shuts an account with its tokens and sessions out, or lets it in again. Raises ConfigurationError."""
        account = self.get(name)
        if disabled:
            self._keep_a_ruler(account)
        with self._lock, self._books.session() as rows:
            rows.get_one(AccountRecord, account.id).disabled = disabled
            rows.execute(delete(SessionRecord).where(SessionRecord.account_id == account.id))
            self._tell(rows, Said.ACCOUNT_DISABLED if disabled else Said.ACCOUNT_ENABLED, account.id, by)
        self._read()

    def forget(self, name: str, *, by: str = HERE, also: Iterable[InstrumentedAttribute[str]] = ()) -> str:
        """Takes the name and all that opens a door from an account that is shut out; gives what it is called now.

        What it did stays as that of its number. `also` are columns of the books that name people, beside those of this
        room. Raises ConfigurationError for an account that is not shut out.
        """
        account = self.get(name)
        if not account.disabled:
            raise ConfigurationError("trust.forget_shut", name=account.name)
        with self._lock, self._books.session() as rows:
            name_now = kept.strip(rows, rows.get_one(AccountRecord, account.id))
            for column in (GradingRecord.by, LabelRecord.by, *also):
                rows.execute(update(column.class_).where(column == account.name).values({column.key: name_now}))
            self._tell(rows, Said.ACCOUNT_FORGOTTEN, account.id, by)
        self._seen.forget(account.id)
        self._read()
        return name_now

    def grant(self, name: str, grants: Iterable[Grant], *, by: str = HERE) -> None:
        """Gives an account these roles instead of those it had. Raises ConfigurationError.

        Where duties are separate nobody does so to their own account: raises NotPermitted.
        """
        account, given = self._own(name), sorted(set(grants))
        self.duties.require(given)
        if self.duties.separate and by == numbered_as(account.id):
            raise NotPermitted("trust.own_roles", name=account.name)
        if Grant(Role.ADMINISTRATOR) not in given:
            self._keep_a_ruler(account)
        with self._lock, self._books.session() as rows:
            kept.give(rows, account.id, given)
            self._tell(rows, Said.ROLES, account.id, by, roles=", ".join(map(str, given)))
        self._read()

    def token(self, name: str, label: str, limit: Grant, days: int, *, by: str = HERE) -> str:
        """A new token of an account; shown now and never again. Raises ConfigurationError."""
        account, secret = self._own(name), new_secret(TOKEN)
        self.duties.require([limit])
        if not (1 <= days <= LONGEST_DAYS and label.strip() and len(label) <= 64):
            raise ConfigurationError("trust.token", longest=LONGEST_DAYS)
        now = self._now()
        with self._lock, self._books.session() as rows:
            record = TokenRecord(
                account_id=account.id,
                name=label.strip(),
                digest=digest(secret),
                role=limit.role,
                scope=limit.scope,
                made_us=now,
                until_us=now + days * _DAY_US,
            )
            rows.add(record)
            rows.flush()
            self._tell(rows, Said.TOKEN_MADE, account.id, by, token=record.id, limit=str(limit), days=days)
        self._read()
        return secret

    def revoke(self, name: str, number: int, *, by: str = HERE) -> None:
        """Takes a token back. Raises ConfigurationError where the account has none such."""
        account = self.get(name)
        if number not in {token.id for token in account.tokens}:
            raise ConfigurationError("trust.no_token", name=account.name, token=number)
        with self._lock, self._books.session() as rows:
            rows.execute(delete(TokenRecord).where(TokenRecord.id == number))
            self._tell(rows, Said.TOKEN_REVOKED, account.id, by, token=number)
        self._read()

    # recognised

    def holds(self, secret: str) -> bool:
        """Whether this is a token or a session of anybody, valid or not any more."""
        known = digest(secret)
        return known in self._roll.tokens or known in self._roll.sessions

    def may(self, number: int, permission: Permission) -> bool:
        """Whether an account, if it is valid, holds a permission for the whole site."""
        account = self._roll.accounts.get(number)
        if account is None or account.disabled or account.kind != "person":
            return False
        held = identity_of(account.name, account.grants, duties=self.duties, account=number)
        return permission in held.permissions and any(SITE in layer for layer in held.layers[permission])

    def by_token(self, secret: str) -> Identity | None:
        """Whose token this is, while it and its account are valid."""
        account_id, token = self._roll.tokens.get(digest(secret), (0, None))
        account = self._roll.accounts.get(account_id)
        now = self._now()
        if token is None or account is None or account.disabled or token.until_us <= now:
            return None
        self._seen.note("token", token.id, now)
        self._seen.note("account", account.id, now)
        known = {"account": account.id, "token": token.id}
        return identity_of(account.name, account.grants, token.limit, duties=self.duties, **known)

    def by_session(self, secret: str) -> Identity | None:
        """Whose session this is, while it and its account are valid; it counts as used.

        Who lacks a factor that is demanded may only look after their account; of a provider, they have to sign in anew.
        """
        account_id, session = self._roll.sessions.get(digest(secret), (0, None))
        account = self._roll.accounts.get(account_id)
        if session is None or account is None or account.disabled:
            return None
        now = self._now()
        if not self._seen.session(session).lives(now):
            return None
        lacks = self.second.asks(account.grants) and not (account.totp or session.two_factors)
        if lacks and account.issuer is not None:
            return None
        self._seen.note("session", session.id, now)
        self._seen.note("account", account.id, now)
        found = identity_of(account.name, account.grants, duties=self.duties, account=account.id, session=session.id)
        return replace(found, permissions=found.permissions & ABOUT_ONESELF, lacks_factor=True) if lacks else found

    def begin_session(self, account: Account, seat: Seat = UNKNOWN_SEAT) -> str:
        """A new session; gives what its cookie holds."""
        secret, now = new_secret(), self._now()
        with self._lock, self._books.session() as rows:
            record = rows.get_one(AccountRecord, account.id)
            if record.disabled or record.password is None:  # shut out or reset since the password was looked at
                raise NotIdentified("trust.wrong")
            record.seen_us = now
            rows.add(kept.session_record(account.id, secret, now, seat))
            self._tell(rows, Said.LOGGED_IN, account.id, numbered_as(account.id), app=account.totp)
        self._read()
        return secret

    def end_sessions(
        self, account: int, session: int | None = None, *, other_than: int = 0, by: str | None = None
    ) -> bool:
        """Logs an account out: of one session, of all `other_than` one, or everywhere. Gives whether there was any."""
        mine = SessionRecord.account_id == account
        which = mine & (SessionRecord.id != other_than if session is None else SessionRecord.id == session)
        with self._lock, self._books.session() as rows:
            ended = rows.scalars(delete(SessionRecord).where(which).returning(SessionRecord.id)).all()
            if ended:
                self._tell(rows, Said.LOGGED_OUT, account, by or numbered_as(account), everywhere=session is None)
        self._read()
        return bool(ended)

    def keep_up(self) -> None:
        """Writes down when everybody was last seen, and forgets sessions that are over. Call it now and then."""
        with self._lock:
            now, seen = self._now(), self._seen.noted()
            over = [one.id for account in self.everybody() for one in account.sessions if not one.lives(now)]
            if not seen and not over:
                return
            with self._books.session() as rows:
                write_seen(rows, seen)
                rows.execute(delete(SessionRecord).where(SessionRecord.id.in_(over)))
            self._read()
            self._seen.written(seen)

    # inside

    def _made(self, rows: Rows, name: str, kind: Kind, grants: list[Grant], by: str) -> AccountRecord:
        kept.require_free(rows, name)
        record = AccountRecord(name=name, kind=kind, made_us=self._now(), recovery=[])
        rows.add(record)
        rows.flush()
        kept.give(rows, record.id, grants)
        self._tell(rows, Said.ACCOUNT_MADE, record.id, by, kind=kind, roles=", ".join(map(str, grants)))
        return record

    def _new_code(self, record: AccountRecord) -> str:
        code = new_code()
        record.code, record.code_until_us = digest(code), self._now() + CODE_US
        return code

    def _keep_a_ruler(self, account: Account) -> None:
        """Raises ConfigurationError when nobody could administer the node without this account."""
        if account.rules and not any(one.rules for one in self.everybody() if one.id != account.id):
            raise ConfigurationError("trust.last_administrator", name=account.name)

    def refresh(self) -> None:
        """Reads the books anew after somebody else's change of an account."""
        self._read()

    def _tell(self, rows: Rows, kind: Said, about: int, by: str, /, **facts: Fact) -> None:
        self.ledger.write(rows, kind, who=by, about=numbered_as(about), **facts)
