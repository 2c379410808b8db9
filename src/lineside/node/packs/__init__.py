"""Solution packs at a factory: kept, tried in its twin, put to use, and what came of them; and what it looks for."""

from lineside.node.packs.applying import Applied, Uses
from lineside.node.packs.draft import Drafts, PackDraft, PlantChange, together
from lineside.node.packs.filling import chosen, filled_template
from lineside.node.packs.foreseeing import FORESEE, Foresight, Outlook, outlook, outlook_of, part_of
from lineside.node.packs.measuring import BeforeAfter, MonthValue, compared, months_looked_at, series_of
from lineside.node.packs.merging import difference, merged, plainly_merged
from lineside.node.packs.needs import Needs, Offer, Offered, PostedNeed
from lineside.node.packs.packs import MEASURE, Packs
from lineside.node.packs.shelf import Fetched, KeptPack, Listed, Shelf

__all__ = [
    "FORESEE",
    "MEASURE",
    "Applied",
    "BeforeAfter",
    "Drafts",
    "Fetched",
    "Foresight",
    "KeptPack",
    "Listed",
    "MonthValue",
    "Needs",
    "Offer",
    "Offered",
    "Outlook",
    "PackDraft",
    "Packs",
    "PlantChange",
    "PostedNeed",
    "Shelf",
    "Uses",
    "chosen",
    "compared",
    "difference",
    "filled_template",
    "merged",
    "months_looked_at",
    "outlook",
    "outlook_of",
    "part_of",
    "plainly_merged",
    "series_of",
    "together",
]
