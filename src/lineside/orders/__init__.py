"""Orders, products, costs and completions, to and from an ERP: every version kept, and which of them judges what."""

from lineside.orders.b2mml import is_document
from lineside.orders.b2mml_performance import B2mmlVersion
from lineside.orders.completions import Completion, completions
from lineside.orders.entries import EntriesRefused, Entry, Reading, Taken, Value, WrongEntry
from lineside.orders.fields import COSTS, FIELDS, KINDS, STATES, WITHDRAWN, Field, Kind, state_of
from lineside.orders.listing import history_of, plain_row, rows_of
from lineside.orders.mapping import (
    MappingRecord,
    SheetMapping,
    drop_mapping,
    entries_of,
    fitting,
    mapping_named,
    parse_mapping,
    propose_mapping,
    save_mapping,
    saved_mappings,
)
from lineside.orders.reading import Offer, offer_of_feed, read_offer
from lineside.orders.records import Ledger, ToldRecord, Version
from lineside.orders.taking import take
from lineside.orders.writing import COLUMNS, MOMENTS, bare, guarded, kind_in, write_file, write_sheet

__all__ = [
    "COLUMNS",
    "COSTS",
    "FIELDS",
    "KINDS",
    "MOMENTS",
    "STATES",
    "WITHDRAWN",
    "B2mmlVersion",
    "Completion",
    "EntriesRefused",
    "Entry",
    "Field",
    "Kind",
    "Ledger",
    "MappingRecord",
    "Offer",
    "Reading",
    "SheetMapping",
    "Taken",
    "ToldRecord",
    "Value",
    "Version",
    "WrongEntry",
    "bare",
    "completions",
    "drop_mapping",
    "entries_of",
    "fitting",
    "guarded",
    "history_of",
    "is_document",
    "kind_in",
    "mapping_named",
    "offer_of_feed",
    "parse_mapping",
    "plain_row",
    "propose_mapping",
    "read_offer",
    "rows_of",
    "save_mapping",
    "saved_mappings",
    "state_of",
    "take",
    "write_file",
    "write_sheet",
]
