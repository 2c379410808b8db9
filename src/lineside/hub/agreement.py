"""The text that a factory accepts when it enrols."""

from __future__ import annotations

from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from lineside.errors import ConfigurationError
from lineside.texts import DEFAULT_LANGUAGE, LANGUAGES

MOST_CHARACTERS = 50_000
"""An invitation carries the text."""


def agreement(folder: Path, language: str = DEFAULT_LANGUAGE) -> str:
    """The text `agreement.<language>.md` of a hub's folder, else the one that ships. Raises ConfigurationError."""
    spoken = language if language in LANGUAGES else DEFAULT_LANGUAGE
    name = f"agreement.{spoken}.md"
    own = folder / name
    try:
        text = own.read_text("utf-8")
    except FileNotFoundError:
        return files("lineside.hub").joinpath(f"data/{name}").read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError("hub.agreement_unread", file=str(own), reason=str(error)) from error
    if not 0 < len(text.strip()) <= len(text) <= MOST_CHARACTERS:
        raise ConfigurationError("hub.agreement_size", file=str(own), most=MOST_CHARACTERS)
    return text


def agreement_hash(text: str) -> str:
    """By which an enrolment names the text that it accepts."""
    return sha256(text.encode()).hexdigest()
