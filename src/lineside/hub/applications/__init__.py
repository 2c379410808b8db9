"""Applications for support: drafted, applied for with signed evidence, asked about, decided, paid, measured."""

from lineside.exchange import APPLICATION, Proof, Signed
from lineside.hub.applications.application import Application, State, after, begun, not_conflicted
from lineside.hub.applications.applications import Applications, Conflict, Kept, Register, signed_content
from lineside.hub.applications.records import ApplicationRecord, ConflictRecord, StepRecord
from lineside.hub.applications.steps import (
    Answered,
    Appealed,
    Applied,
    Asked,
    Decided,
    Drafted,
    Judged,
    Measured,
    Milestone,
    Paid,
    Payment,
    Recovered,
    Step,
    Withdrawn,
)

__all__ = [
    "APPLICATION",
    "Answered",
    "Appealed",
    "Application",
    "ApplicationRecord",
    "Applications",
    "Applied",
    "Asked",
    "Conflict",
    "ConflictRecord",
    "Decided",
    "Drafted",
    "Judged",
    "Kept",
    "Measured",
    "Milestone",
    "Paid",
    "Payment",
    "Proof",
    "Recovered",
    "Register",
    "Signed",
    "State",
    "Step",
    "StepRecord",
    "Withdrawn",
    "after",
    "begun",
    "not_conflicted",
    "signed_content",
]
