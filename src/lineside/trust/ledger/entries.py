"""What one entry of the ledger says, and its bytes.

An entry names accounts and addresses by number ("account/12", "address/3"): whom a number means stands elsewhere in
the books, so that a person can be forgotten while the ledger stays whole.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

HERE = "machine"
"""Somebody at the node's own computer, who owns its folder."""
NODE = "node"
"""The node by itself, by its rules."""
NOBODY = "nobody"
"""Somebody who has not said who they are."""
FORMAT = 1
_WHO = re.compile(r"machine|node|nobody|(account|address)/[1-9][0-9]{0,17}")

Fact = str | int | bool | None
Facts = Mapping[str, Fact]


class Kind(StrEnum):
    """What an entry is about. A new kind is one line here and one in `texts/*/ledger.json`; none ever goes away."""

    BEGUN = "ledger.begun"
    """The first entry: facts hold the first public key, and luck that makes this ledger like no other."""
    KEY_CHANGED = "key.changed"
    """Heads are signed by another key from here on: `key`, and `signature` over it by the key before."""
    KEY_LOST = "key.lost"
    """The same, and the key before was not there to sign it: the new fingerprint is compared by people."""
    RECEIPT = "receipt.kept"
    """A head that somebody else countersigned was brought back: its `size`, and `holder`, their fingerprint."""
    LOGGED_IN = "login.right"
    """By a password and, where it says so, an `app`; or `shown_by` a `provider`."""
    LOGIN_WRONG = "login.wrong"
    """Wrong passwords, codes or digits; `count` of them from one address for one account, within a minute."""
    LOGIN_BRAKED = "login.braked"
    """The same, not even tried, as there were too many before."""
    LOGIN_PROVIDER = "login.provider"
    """Nobody was let in by a `provider` of OpenID Connect, `count` times within a minute; `why`."""
    LOGGED_OUT = "login.ended"
    REFUSED = "request.refused"
    """Requests that were not permitted, `count` of them within a minute: which `permission` was lacking, or `why`."""
    ACCOUNT_MADE = "account.made"
    ACCOUNT_DISABLED = "account.disabled"
    ACCOUNT_ENABLED = "account.enabled"
    ACCOUNT_RESET = "account.reset"
    ACCOUNT_FORGOTTEN = "account.forgotten"
    """The name of an account was taken out of the books: its number says no more who it was."""
    ROLES = "account.roles"
    PASSWORD = "account.password"  # noqa: S105 - the kind of an entry
    APP_ADDED = "account.app_added"
    APP_REMOVED = "account.app_removed"
    RECOVERY_USED = "account.recovery_used"
    TOKEN_MADE = "token.made"  # noqa: S105
    TOKEN_REVOKED = "token.revoked"  # noqa: S105
    EDITION = "plant.edition"
    """A plant file came into force: `number`, and `sha256` of its text."""
    TRUSTED = "pairing.trusted"
    DISTRUSTED = "pairing.refused"
    TALLY = "facts.tally"
    """Units counted by hand: about a machine; `good`, `rejected`, and `at_us`, when they were made."""
    ORDERS = "orders.taken"
    """Records told from elsewhere: of which `kind` how many are `new` and `changed`."""
    MAPPING = "orders.mapping"
    IMPORTED = "facts.imported"
    """Recordings read into the history: how many values are `new`."""
    REMOVED = "facts.removed"
    """What retention took away: rows of each class."""
    ERASED = "facts.erased"
    """What somebody had erased: `rows` of so many `things`; `statement`, the SHA-256 of what its certificate says."""
    GRADED = "grade.set"
    """What a thing or branch is said to be: `mode`, `grade` and `labels`, none where it was withdrawn."""
    LABEL = "grade.label"
    """A label of data made, changed or taken away: the `least` grade it implies, whether it `leaves`, is `dropped`."""
    RELEASE_ASKED = "release.asked"
    """Somebody asked for a release: its `digest` names the terms and all the things they mean."""
    RELEASE_ALLOWED = "release.allowed"
    RELEASE_CLOSED = "release.closed"
    """For good; `why` is a key of the texts."""
    LEFT = "release.left"
    """What left by a release in an hour that is over: how much, and `chain`, a hash over all that ever did."""
    RELEASE_FILE = "release.file"
    """The file of a release for a `period` was judged and paid for, then handed to the valve."""
    LAST_DROPPED = "release.last_dropped"
    """The last bytes of `releases` that were over for long are kept no more: `kinds` of them."""
    WITHHELD = "release.withheld"
    """What was to leave by a `flow` and did not, `count` of it within a minute; `why` is a key of the texts."""
    VALVE_SHUT = "valve.shut"
    VALVE_OPENED = "valve.opened"
    PILOT_FIXED = "pilot.fixed"
    """The plan of a pilot was fixed before its start: `sha256` of its document, and the month of its `start`."""
    BACKUP = "backup.made"
    RESTORED = "backup.restored"
    """This folder was made of a backup `made` then: what was written after that is not in this ledger."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: what happened, when (microseconds since 1970), by whom, about what ("account/3", "source/plc")."""

    kind: Kind
    time_us: int
    who: str
    about: str
    facts: Facts = field(default_factory=dict)

    def __post_init__(self) -> None:
        if _WHO.fullmatch(self.who) is None:
            raise ValueError(self.who)  # a name would stay in the ledger for good

    def bytes(self) -> bytes:
        """The same bytes for the same entry, whoever writes them."""
        told = {"v": FORMAT, "kind": self.kind.value, "time": self.time_us, "who": self.who, "about": self.about}
        return canonical({**told, "facts": dict(self.facts)})


def canonical(told: Mapping[str, object]) -> bytes:
    """JSON in UTF-8 with sorted keys and no white space; numbers are whole. Raises ValueError for what cannot be told.

    For strings, whole numbers within 2^53 and these alone it is what RFC 8785 prescribes.
    """
    return json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def account(number: int | None) -> str:
    """How an entry names an account; who has none is at the machine itself."""
    return HERE if number is None else f"account/{number}"
