"""Solution packs: drafted, published, put to use, with what came of it; needs, and the answers to them."""

from lineside.hub.packs.draft import Draft, DraftRefused, Finding, draft_of, encoded_draft, require_draft
from lineside.hub.packs.drafts import Drafted, Drafts
from lineside.hub.packs.fitting import unfit
from lineside.hub.packs.needs import Kept, Kind
from lineside.hub.packs.offers import Offer, Offers
from lineside.hub.packs.packs import Evidence, Packs
from lineside.hub.packs.records import DraftRecord, OfferRecord, PackGroupRecord, PackRecord, RevisionRecord
from lineside.hub.packs.shelf import Effects, Published, Shelf, Withdrawal
from lineside.hub.packs.telling import (
    brief,
    calibration_json,
    cost_json,
    followed_json,
    offer_json,
    own_need,
    packs_told,
    words,
)

__all__ = [
    "Draft",
    "DraftRecord",
    "DraftRefused",
    "Drafted",
    "Drafts",
    "Effects",
    "Evidence",
    "Finding",
    "Kept",
    "Kind",
    "Offer",
    "OfferRecord",
    "Offers",
    "PackGroupRecord",
    "PackRecord",
    "Packs",
    "Published",
    "RevisionRecord",
    "Shelf",
    "Withdrawal",
    "brief",
    "calibration_json",
    "cost_json",
    "draft_of",
    "encoded_draft",
    "followed_json",
    "offer_json",
    "own_need",
    "packs_told",
    "require_draft",
    "unfit",
    "words",
]
