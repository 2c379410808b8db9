"""Small relational records of a plant folder: one SQLite file, one line of migrations, tables by room."""

from lineside.books.base import Base
from lineside.books.books import Books
from lineside.books.editions import EditionRecord, EditionTooEarly, editions, mark_live, record_edition

__all__ = ["Base", "Books", "EditionRecord", "EditionTooEarly", "editions", "mark_live", "record_edition"]
