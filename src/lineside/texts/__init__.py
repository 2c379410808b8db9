"""Every sentence a reader sees, in English and Chinese: one catalogue, a file a room in each language."""

from lineside.texts.catalogue import DEFAULT_LANGUAGE, LANGUAGES, catalogue, has, say

__all__ = ["DEFAULT_LANGUAGE", "LANGUAGES", "catalogue", "has", "say"]
