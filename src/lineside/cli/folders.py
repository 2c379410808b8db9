"""The folder a command was given: that of a plant or of a hub, and what owns it while nothing runs there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from lineside.books import Books, HeldFolder
from lineside.errors import ConfigurationError
from lineside.history import History
from lineside.node import now_us
from lineside.plant import HUB_FILE, PLANT_FILE
from lineside.trust import AT_HUB, AT_NODE, People


def is_hub(folder: Path) -> bool:
    """Whether a folder holds a hub; one that holds a plant, too, is a plant's."""
    return (folder / HUB_FILE).exists() and not (folder / PLANT_FILE).exists()


def require_plant(folder: Path) -> None:
    """Raises ConfigurationError when the folder holds no plant file, before anything is made in it."""
    if is_hub(folder):
        raise ConfigurationError("cli.hub_folder", folder=str(folder))
    if not (folder / PLANT_FILE).exists():
        raise ConfigurationError("plant.no_file", file=str(folder / PLANT_FILE), folder=str(folder))


def require_house(folder: Path) -> None:
    """Raises ConfigurationError when the folder holds neither a plant nor a hub, before anything is made in it."""
    if not is_hub(folder):
        require_plant(folder)


def held(folder: Path) -> AbstractContextManager[object]:
    """A folder to oneself, without what runs there. Raises FolderInUse."""
    return HeldFolder(folder) if is_hub(folder) else History.open(folder)


def books_of(folder: Path) -> Books:
    """The books of a folder that is held, wherever they lie. Raises what is wrong with a hub's file."""
    if not is_hub(folder):
        return Books.open(folder)
    from lineside.hub import books_url, read_hub

    return Books.open(folder, books_url(read_hub(folder)))


@contextmanager
def people_of(folder: Path) -> Iterator[People]:
    """The people of a folder that is held, with the duties there."""
    with books_of(folder) as books:
        yield People(books, now_us, duties=AT_HUB if is_hub(folder) else AT_NODE)
