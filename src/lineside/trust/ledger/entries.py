"""What one entry of the ledger says, and its bytes.

An entry names accounts, addresses and members of a hub by number ("account/12", "address/3", "member/7"): whom a
number means stands elsewhere in the books, so that a person can be forgotten while the ledger stays whole.
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
HUB = "hub"
"""A hub by itself, the same way."""
NOBODY = "nobody"
"""Somebody who has not said who they are."""
FORMAT = 1
_WHO = re.compile(r"machine|node|hub|nobody|(account|address|member)/[1-9][0-9]{0,17}")

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
    SECOND_FACTOR = "account.second_factor"
    """A second factor is demanded of people with these `roles`; "*" stands for everybody."""
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
    FILES_REMOVED = "files.removed"
    """What retention took away: rows of each class."""
    ERASED = "facts.erased"
    """What somebody had erased: `rows` of so many `things`; `statement`, the SHA-256 of what its certificate says."""
    GRADED = "grade.set"
    """What a thing or branch is said to be: `mode`, `grade` and `labels`, none where it was withdrawn."""
    LABEL = "grade.label"
    """A label of data made, changed or taken away: the `least` grade it implies, whether it `leaves`, is `dropped`."""
    LABEL_KEEPS = "grade.label_keeps"
    """What bears a label is kept so many `days` at most from here on; 0: as the plant file says."""
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
    HUB_INVITED = "hub.invited"
    """The invitation of a `hub` was taken; `key`, the fingerprint by which its answers are known."""
    HUB_ENROLLED = "hub.enrolled"
    """This factory asked to become a member, by the enrolment `sha256`, and accepted the text `agreement`."""
    HUB_STANDING = "hub.standing"
    """The membership is in another `state`; `why` is a key of the texts."""
    HUB_SAID = "hub.said"
    """A statement was signed: its `number`, what it does (`say`), of which `month`, and `sha256` of every byte."""
    HUB_RECEIPT = "hub.receipt"
    """The hub has the statement of a `number`, as `entry` of its own ledger."""
    HUB_KEY = "hub.key"
    """Another `key` speaks for the node, or for the hub (`of`), from the statement after `number` on."""
    HUB_LOST = "hub.lost"
    """The hub has `count` statements no more, from `number` on, for which it gave receipts: they are sent again.

    `restored_ms` is when its books came back from a backup, as it says: 0 for never, none where it says nothing.
    """
    HUB_REWOUND = "hub.rewound"
    """The hub's ledger does not go on from what this node held of it: both heads, as the hub signed them.

    `why` is a key of the texts; `restored_ms` as of what was lost.
    """
    HUB_RECOVERED = "hub.recovered"
    """So many (`count`) statements, which this folder did not know any more, were taken back from the hub."""
    INDICATOR_ENTERED = "indicator.entered"
    """Somebody entered a value of a `month` by hand; an empty `value` takes it back."""
    INVITED = "member.invited"
    """A hub made `count` invitations, each for one member or, `again`, for one that lost its key."""
    ENROLLED = "member.enrolled"
    """A member asked to be taken: `sha256` of what it sent, and `key`, the fingerprint by which it is compared."""
    ADMITTED = "member.admitted"
    """A registrar compared the fingerprint `key` with the member's people: from here on it speaks."""
    MEMBER_REFUSED = "member.refused"
    MEMBER_KEY = "member.key"
    """Another `key` speaks for a member from statement `number` on; `why` is "rotated", "lost" or "again"."""
    MEMBER_LEFT = "member.left"
    MEMBER_CLOSED = "member.closed"
    """A registrar ended a membership; `into` is the member that goes on for it, after a merger."""
    MEMBER_ERASED = "member.erased"
    """What a former member said was erased: so many `statements`, up to `number` with this `sha256`."""
    RENUMBERED = "numbers.jumped"
    """The books of a hub were of a backup: from here on each kind of number is as high as told, or higher."""
    STATEMENT = "statement.taken"
    """What a member said: its `number`, and `sha256` of every byte of it."""
    STATEMENT_REFUSED = "statement.refused"
    """What was said to a hub and not taken, `count` times within a minute; `why` is a key of the texts."""
    FORKED = "statement.forked"
    """A member signed two different statements of one `number`: `sha256` was refused, as `other` was taken."""
    OBJECTED = "objection.raised"
    """A member objected: `number` of the objection, and `sha256` of its words."""
    DECIDED = "objection.decided"
    """Somebody decided an objection: whether it was `upheld`, and `sha256` of the reasons."""
    APPEALED = "objection.appealed"
    """A member does not accept what was decided on objection `number`: `sha256` of its words."""
    APPEAL_DECIDED = "objection.appeal_decided"
    """Another reviewer decided on it for good: whether it was `upheld`, and `sha256` of the reasons."""
    FIGURES_TOLD = "figures.told"
    """A hub told its members of a `month` of an `indicator`, in this `edition`: `sha256` of every byte of it."""
    FIGURES_PUBLISHED = "figures.published"
    """A hub told the public of a `period`: `sha256` of the figures of an `indicator`, with their noise."""
    TYPES_LEARNED = "types.learned"
    """A hub learned so many `types` of members of the months to `month`: edition `number`, `sha256` of what is told."""
    SHOCKS_TOLD = "shocks.told"
    """A hub told everybody what the published shocks would do, in this `edition`: `sha256` of every byte of it."""
    APPLICATION_DRAFTED = "application.drafted"
    """A member's application for support was begun, by the `rule` of this SHA-256. Each step has its own hash."""
    APPLICATION_MADE = "application.made"
    APPLICATION_ASKED = "application.asked"
    APPLICATION_ANSWERED = "application.answered"
    APPLICATION_DECIDED = "application.decided"
    APPLICATION_APPEALED = "application.appealed"
    APPLICATION_MILESTONE = "application.milestone"
    APPLICATION_PAID = "application.paid"
    APPLICATION_RECOVERED = "application.recovered"
    APPLICATION_MEASURED = "application.measured"
    APPLICATION_WITHDRAWN = "application.withdrawn"
    CONFLICT = "review.conflict"
    """An account may not review what a `member` applies for; or that `ends`."""
    SUM_CALLED = "sum.called"
    """A hub called for a secure sum: `sha256` of the call."""
    SUM_ROUND = "sum.round"
    """A round of a sum began, `attempt`, among so many `members`: `sha256` of its list."""
    SUM_ENDED = "sum.ended"
    """A sum is told, of `members`, or not: `state`."""
    SUM_JOINED = "sum.joined"
    """This factory takes part in the sum of a call (`sha256`); its value stands nowhere but in its own books."""
    SUM_AGREED = "sum.agreed"
    """Somebody looked at the `members` of a round (`sha256`) and said yes, while at `least` so many are left."""
    PILOT_FIXED = "pilot.fixed"
    """The plan of a pilot was fixed before its start: `sha256` of its document, and the month of its `start`."""
    SANDBOX_OFFERED = "sandbox.offered"
    """Terms of a sandbox were signed for a member: its `number`, `sha256` of the terms, and whose (`follows`) end."""
    SANDBOX_AGREED = "sandbox.agreed"
    """The member agreed, by its `statement` of this number."""
    SANDBOX_EXTENDED = "sandbox.extended"
    """By the same word it goes on from a sandbox before (`follows`)."""
    SANDBOX_JUDGED = "sandbox.judged"
    """The limits of a sandbox were judged for a `month`, again in each `edition`: `sha256` of what was found."""
    SANDBOX_ENDED = "sandbox.ended"
    """`why` is "limit", "last", "overseer", "member" or the like; `report` and `reasons` as SHA-256, if any."""
    INCIDENT_LOOKED = "incident.looked"
    """An account looked at what a member told of an incident, by `number` its statement; `purpose` as SHA-256."""
    INCIDENT_SHARED = "incident.shared"
    """Who follows another `concern` may look at it, too; `reasons` as SHA-256."""
    INCIDENT_CLOSED = "incident.closed"
    """Nobody follows it any more, as far as it was told until statement `last`; `reasons` as SHA-256."""
    PILOT_CANCELLED = "pilot.cancelled"
    """A pilot was called off before its start: the `plan` of this SHA-256, and `sha256` of the reasons."""
    PILOT_JUDGED = "pilot.judged"
    """A pilot was judged by its `plan`, once and for good: `sha256` of the whole outcome."""
    PACK_APPLIED = "pack.applied"
    """A solution pack of this `sha256` was put to use: the plant file `before` and `after` it, by their SHA-256."""
    PACK_ENDED = "pack.ended"
    """It was given up; whether the plant file of `before` was `restored`."""
    PACK_DRAFTED = "pack.drafted"
    """A draft of a solution pack was made or revised: which revision (`number`), and its `sha256`."""
    PACK_DROPPED = "pack.dropped"
    PACK_PUBLISHED = "pack.published"
    """An edition (`number`) was made of a `draft` and signed: `sha256` of its payload names it from then on."""
    PACK_WITHDRAWN = "pack.withdrawn"
    """An edition is not to be used any more; `reasons` by their hash."""
    OFFER_MADE = "offer.made"
    """A need was answered: the `number` of the answer, the `pack` that it names, and `sha256` of its words."""
    OFFER_ENDED = "offer.ended"
    QUESTION_PUBLISHED = "question.published"
    """A hub asked its members: the `number` of the question, whether it is a `duty`, and `sha256` of its document."""
    QUESTION_WITHDRAWN = "question.withdrawn"
    """The question of a `number` is asked no more: `sha256` of the reasons."""
    OBLIGATION_EXCUSED = "obligation.excused"
    """A member need not answer the question of a `number`: `sha256` of the reasons."""
    OBLIGATION_EXTENDED = "obligation.extended"
    """A member may answer the question of a `number` until `due_ms`: `sha256` of the reasons."""
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
