"""What every program that runs on does: it ends in order, and keeps a log."""

from __future__ import annotations

import logging
import signal
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import FrameType

from lineside.errors import ConfigurationError

_LOG_BYTES = 2_000_000
_LOGS = 5


def end_like_ctrl_c() -> None:
    """From now on a request to end (SIGTERM) is what ctrl-C is: files are closed and a farewell is said."""

    def end(_: int, frame: FrameType | None) -> None:
        handler = signal.getsignal(signal.SIGINT)  # that of the running loop, which ends tasks in order
        (handler if callable(handler) else signal.default_int_handler)(signal.SIGINT, frame)

    signal.signal(signal.SIGTERM, end)


def keep_log(path: Path) -> None:
    """Warnings go to the terminal, everything to this file. Raises ConfigurationError where that may not be."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = RotatingFileHandler(path, maxBytes=_LOG_BYTES, backupCount=_LOGS, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError("cli.no_log", file=str(path), reason=error.strerror or str(error)) from error
    terminal = logging.StreamHandler()
    terminal.setLevel(logging.WARNING)
    style = "%(asctime)s %(levelname)s %(name)s: %(message)s"
    logging.raiseExceptions = False  # a log that cannot be written is no news worth a traceback for each line of it
    logging.basicConfig(level=logging.INFO, format=style, handlers=[file, terminal], force=True)
    for chatty in ("asyncua", "httpx", "httpcore", "uvicorn", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
