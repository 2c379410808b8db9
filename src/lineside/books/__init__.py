"""Small relational records of a plant folder: one SQLite file, one line of migrations, tables by room."""

from lineside.books.base import Base
from lineside.books.books import HEAD, Books
from lineside.books.copying import copy_books, examine_books, looking, stored_editions
from lineside.books.editions import EditionRecord, EditionTooEarly, editions, mark_live, record_edition
from lineside.books.folders import Kept, appearing, durable, require_new, sum_file, sync_folder
from lineside.books.held import OWNER, HeldFolder

__all__ = [
    "HEAD",
    "OWNER",
    "Base",
    "Books",
    "EditionRecord",
    "EditionTooEarly",
    "HeldFolder",
    "Kept",
    "appearing",
    "copy_books",
    "durable",
    "editions",
    "examine_books",
    "looking",
    "mark_live",
    "record_edition",
    "require_new",
    "stored_editions",
    "sum_file",
    "sync_folder",
]
