"""The first settings of a new hub: valid as they are, and commented where a person has to decide."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from lineside.errors import ConfigurationError
from lineside.plant import HUB_FILE, PLANT_FILE, toml_string
from lineside.texts import DEFAULT_LANGUAGE, LANGUAGES


def scaffold_hub(folder: Path, *, name: str, time_zone: str, language: str = DEFAULT_LANGUAGE) -> Path:
    """Writes a first `hub.toml` into `folder` (made if need be) and returns its path.

    Raises ConfigurationError when the folder holds a hub or a plant already, and when none can be written there.
    """
    path = folder / HUB_FILE
    for taken in (path, folder / PLANT_FILE):
        if taken.exists():
            raise ConfigurationError("plant.exists", file=str(taken))
    spoken = language if language in LANGUAGES else DEFAULT_LANGUAGE
    text = files("lineside.hub").joinpath(f"data/hub.{spoken}.toml").read_text("utf-8")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(text.format(name=toml_string(name), time_zone=toml_string(time_zone)), "utf-8")
    except OSError as error:
        raise ConfigurationError("plant.unwritable", file=str(path), reason=error.strerror or str(error)) from error
    return path
