"""What holds for every test: nothing leaves this machine, and slow machines are no failures."""

from __future__ import annotations

import signal
import sys
from ipaddress import ip_address

import hypothesis


def _is_here(address: object) -> bool:
    """Whether a socket address is on this machine: a path, a loopback address, or its name."""
    if not isinstance(address, tuple):
        return True
    host = str(address[0]).partition("%")[0]
    return host == "localhost" or ip_address(host).is_loopback


def _stay_here(event: str, arguments: tuple[object, ...]) -> None:
    """Let no connection out: Lineside is offline first, so its tests are too."""
    if event == "socket.connect" and not _is_here(arguments[1]):
        message = f"a test tried to reach {arguments[1]}"
        raise ConnectionRefusedError(message)


sys.addaudithook(_stay_here)

# What a shell starts in the background inherits deafness to ctrl-C; the programs under test must hear it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Time limits per example would fail on a busy machine; the tests' own limits are enough.
hypothesis.settings.register_profile("lineside", deadline=None, print_blob=True)
hypothesis.settings.load_profile("lineside")
