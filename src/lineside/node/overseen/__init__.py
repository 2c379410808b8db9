"""What authorities ask of this factory by its hub, and what people here answer: questions, incidents, sandboxes."""

from lineside.node.overseen.answering import Answer, How, Wish
from lineside.node.overseen.drafts import Draft
from lineside.node.overseen.exposing import Depends, FromTwin
from lineside.node.overseen.fetching import Taken
from lineside.node.overseen.happened import CONCERNS, Happened
from lineside.node.overseen.happened import Told as ToldIncident
from lineside.node.overseen.kept import Document, Look
from lineside.node.overseen.overseen import Overseen
from lineside.node.overseen.recovery import recovery_of
from lineside.node.overseen.terms import Held

__all__ = [
    "CONCERNS",
    "Answer",
    "Depends",
    "Document",
    "Draft",
    "FromTwin",
    "Happened",
    "Held",
    "How",
    "Look",
    "Overseen",
    "Taken",
    "ToldIncident",
    "Wish",
    "recovery_of",
]
