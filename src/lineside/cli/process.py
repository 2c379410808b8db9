"""What every program that runs on does: it ends in order, shares its processor, holds little, and keeps a log."""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any, TextIO, cast

from lineside.errors import ConfigurationError

_LOG_BYTES = 2_000_000
_LOGS = 5
_FILES = 4096
_SWITCH_S = 0.001
"""How long a thread that computes may hold up the one that answers, at each of its system calls."""


def run_on() -> None:
    """Makes this process one that runs on: asked to end it ends in order, and no thread holds up the others."""
    signal.signal(signal.SIGTERM, LikeCtrlC())
    sys.setswitchinterval(_SWITCH_S)
    _leave_pandas()


def _leave_pandas() -> None:
    """Has pyarrow do without pandas.

    With the first array it makes it looks for it once, to know what is of pandas, and loads it where it is installed,
    as it is with CP-SAT: 38 MB and a fifth of a second for what no program that runs on has.
    """
    import pyarrow as pa

    hidden = _NoPandas()
    sys.meta_path.insert(0, hidden)
    try:
        pa.array([])
    finally:
        sys.meta_path.remove(hidden)


class _NoPandas(MetaPathFinder):
    """Finds no pandas."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Nothing that is another's to find. Raises ModuleNotFoundError for pandas."""
        del path, target
        if fullname == "pandas":
            raise ModuleNotFoundError(name=fullname)
        return None


class LikeCtrlC:
    """Takes a request to end (SIGTERM) as ctrl-C is taken while a program starts, and knows that there was one.

    Of an interruption in the midst of a finalizer, as there are thousands while modules are loaded, Python says that it
    is ignored. Who was asked once is not asked again: it would serve on.
    """

    asked = False

    def __call__(self, _: int, frame: FrameType | None) -> None:
        """Interrupts as ctrl-C does."""
        self.asked = True
        handler = signal.getsignal(signal.SIGINT)  # that of the running loop, which ends tasks in order
        (handler if callable(handler) else signal.default_int_handler)(signal.SIGINT, frame)


class _Heedless:
    """A stream to which nothing may get through: the terminal is gone, or the disk of the file it leads to is full."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Writes what can be written."""
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Lets go of what can be let go of."""
        with suppress(OSError):
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class _Lines(logging.Formatter):
    """One line for each entry, whatever is told in it, with its place on the clock of the whole world."""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: ARG002, N802
        return datetime.fromtimestamp(record.created).astimezone().isoformat(" ", "milliseconds")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        return "".join(c if c.isprintable() else repr(c)[1:-1] for c in super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802
        return "".join(f"\n    {line}" for line in super().formatException(ei).splitlines())[1:]


def files_allowed() -> int:
    """How many files and connections this program may have open: as many as it may ask for, some thousands at most."""
    try:
        import resource
    except ImportError:  # Windows, which does not count them
        return _FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return most


def keep_log(path: Path) -> None:
    """Warnings go to the terminal, everything to this file. Raises ConfigurationError where that may not be.

    From now on the program goes on, too, where nothing it says can be written anywhere.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = RotatingFileHandler(path, maxBytes=_LOG_BYTES, backupCount=_LOGS, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError("cli.no_log", file=str(path), reason=error.strerror or str(error)) from error
    sys.stdout, sys.stderr = cast("TextIO", _Heedless(sys.stdout)), cast("TextIO", _Heedless(sys.stderr))
    terminal = logging.StreamHandler()
    terminal.setLevel(logging.WARNING)
    for handler in (file, terminal):
        handler.setFormatter(_Lines("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.raiseExceptions = False  # a log that cannot be written is no news worth a traceback for each line of it
    logging.basicConfig(level=logging.INFO, handlers=[file, terminal], force=True)
    for chatty in ("asyncua", "httpx", "httpcore", "uvicorn", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
