"""Log-in: the password, and the six digits of who has an app; each account's own password and app."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from lineside.books import Books
from lineside.errors import ConfigurationError, NotIdentified
from lineside.trust.account_rows import UNPROVEN
from lineside.trust.accounts import Account, called
from lineside.trust.ledger import Fact, Kind
from lineside.trust.ledger import account as numbered_as
from lineside.trust.passwords import fits, hashed, usable
from lineside.trust.people import People
from lineside.trust.records import AccountRecord
from lineside.trust.secrets import digest, new_code, plain_code
from lineside.trust.totp import new_key, step_of
from lineside.trust.vault import SECRETS_KEY, Vault

RECOVERY_CODES = 8


def _about(account: int) -> str:
    return f"app/{account}"


class Login:
    """Checks who people say they are. Everything here hashes: call it beside the event loop, few at a time."""

    def __init__(self, books: Books, people: People, now_us: Callable[[], int]) -> None:
        self._books, self._people, self._now = books, people, now_us
        self._vault = Vault(books.folder / SECRETS_KEY)
        self._seal_earlier()

    def check(self, name: str, password: str, digits: str) -> Account:
        """The account that this is. Raises NotIdentified: the same for a wrong name as for a wrong password.

        Only who knows the password learns that digits are asked for.
        """
        try:
            record = self._record(called(name))
        except ConfigurationError:
            record = None
        usable_ = record is not None and not record.disabled and record.kind == "person"
        if not fits(password, record.password if record is not None and usable_ else None) or record is None:
            raise NotIdentified("trust.wrong")
        if self._has_app(record):
            if not digits.strip():
                raise NotIdentified("trust.digits")
            if not self._shows(record, digits):
                raise NotIdentified("trust.wrong_digits")
        return self._people.numbered(record.id)

    def _shows(self, record: AccountRecord, digits: str) -> bool:
        """Whether these are the app's digits or a recovery code, which are used up. Raises NotIdentified."""
        with self._books.session() as rows:
            row = rows.get_one(AccountRecord, record.id)
            code = digest(plain_code(digits))
            if code in row.recovery:
                row.recovery = [one for one in row.recovery if one != code]
                self._tell(rows, Kind.RECOVERY_USED, row.id, left=len(row.recovery))
                return True
            key = self._vault.open(row.totp or "", _about(row.id))
            if key is None:
                raise NotIdentified("trust.app_lost")
            step = step_of(key, digits, self._now(), row.totp_step)
            row.totp_step = row.totp_step if step is None else step
            return step is not None

    @staticmethod
    def _has_app(record: AccountRecord) -> bool:
        return record.totp is not None and not record.totp.startswith(UNPROVEN)

    def change_password(self, account: int, old: str, new: str) -> None:
        """Sets a new password and logs out everywhere. Raises ConfigurationError."""
        record = self._numbered(account, old)
        word = hashed(usable(new, record.name))
        with self._books.session() as rows:
            rows.get_one(AccountRecord, account).password = word
            self._tell(rows, Kind.PASSWORD, account)
        self._people.end_sessions(account)

    def begin_app(self, account: int, password: str) -> str:
        """A key for an authenticator app, not yet asked for. Raises ConfigurationError, also for who has one."""
        if self._has_app(self._numbered(account, password)):
            raise ConfigurationError("trust.app_there")
        key = new_key()
        sealed = self._vault.seal(key, _about(account))
        with self._books.session() as rows:
            rows.get_one(AccountRecord, account).totp = UNPROVEN + sealed
        return key

    def prove_app(self, account: int, digits: str, session: int) -> list[str]:
        """From now on log-in asks for digits; gives the recovery codes. Raises ConfigurationError for wrong digits.

        Every other session ends: it began with the password alone.
        """
        codes = [new_code() for _ in range(RECOVERY_CODES)]
        with self._books.session() as rows:
            row = rows.get_one(AccountRecord, account)
            sealed = row.totp or ""
            key = (
                self._vault.open(sealed.removeprefix(UNPROVEN), _about(account))
                if sealed.startswith(UNPROVEN)
                else None
            )
            step = None if key is None else step_of(key, digits, self._now(), 0)
            if step is None:
                raise ConfigurationError("trust.app_digits")
            row.totp, row.totp_step = sealed.removeprefix(UNPROVEN), step
            row.recovery = [digest(code) for code in codes]
            self._tell(rows, Kind.APP_ADDED, account)
        self._people.end_sessions(account, other_than=session)
        return codes

    def forget_app(self, account: int, password: str, digits: str) -> None:
        """Log-in asks for no digits any more. Raises ConfigurationError, also for digits that are wrong."""
        record = self._numbered(account, password)
        if self._has_app(record) and not self._shows(record, digits):
            raise ConfigurationError("trust.wrong_digits")
        with self._books.session() as rows:
            row = rows.get_one(AccountRecord, account)
            row.totp, row.recovery = None, []
            self._tell(rows, Kind.APP_REMOVED, account)
        self._people.refresh()

    def _seal_earlier(self) -> None:
        """Seals what an earlier version wrote down as it is."""
        from sqlalchemy import select

        with self._books.session() as rows:
            for row in rows.scalars(select(AccountRecord).where(AccountRecord.totp.is_not(None))):
                mark = UNPROVEN if (row.totp or "").startswith(UNPROVEN) else ""
                key = (row.totp or "").removeprefix(mark)
                if not Vault.is_sealed(key):
                    row.totp = mark + self._vault.seal(key, _about(row.id))

    def _tell(self, rows: Session, kind: Kind, account: int, **facts: Fact) -> None:
        self._people.ledger.write(rows, kind, who=numbered_as(account), about=numbered_as(account), **facts)

    def _record(self, name: str) -> AccountRecord | None:
        from sqlalchemy import select

        with self._books.reading() as rows:
            return rows.scalar(select(AccountRecord).where(AccountRecord.name == name))

    def _numbered(self, account: int, password: str) -> AccountRecord:
        with self._books.reading() as rows:
            record = rows.get_one(AccountRecord, account)
        if not fits(password, record.password):
            raise ConfigurationError("trust.wrong_password")
        return record
