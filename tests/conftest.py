"""What holds for every test: nothing leaves this machine, and slow machines are no failures."""

from __future__ import annotations

import gc
import signal
import sys
from collections.abc import Generator, Iterator
from ipaddress import ip_address
from pathlib import Path

import hypothesis
import pytest

from tests.once import once

TESTS = Path(__file__).parent
FIRST = (
    "web/test_twin_page.py",
    "connect/test_contract.py",
    "node/test_rounds.py",
    "web/test_accessibility.py",
    "web/test_pages.py",
    "web/test_schedule_page.py",
    "web/test_connect_page.py",
    "web/test_budgets.py",
    "web/test_orders_page.py",
    "web/test_energy_page.py",
    "web/test_people_page.py",
    "web/test_policy.py",
    "demo/test_twin.py",
    "cli/test_serving.py",
    "cli/test_oee.py",
    "cli/test_doctor.py",
    "cli/test_importing.py",
    "cli/test_packs.py",
    "cli/test_cluster.py",
    "web/test_types_page.py",
    "edge/test_edge.py",
    "web/test_tiers_page.py",
    "api/test_twin.py",
    "api/test_schedule.py",
    "hub/tiers/test_telling.py",
    "cli/test_member.py",
    "twin/test_calibration.py",
    "web/test_valve_page.py",
    "web/test_solutions_page.py",
    "web/test_overseen_page.py",
)
"""Files that take a minute or more, or share a plant: it runs no longer than they do.

Of the first four, which begin together, one alone simulates: two would compile the same engine beside each other.
"""

GARBAGE = (50_000, 20, 20)
"""How much is made before garbage is looked for: an application alone makes what caused three searches of all."""


@pytest.fixture(scope="session")
def common(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that all processes of this run have in common."""
    own = tmp_path_factory.getbasetemp()
    return own if worker_id == "master" else own.parent


@pytest.fixture(scope="session", autouse=True)
def _once() -> Iterator[None]:
    """Does no work of a start twice in this process."""
    with once():
        yield


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Looks for no garbage while thousands of tests are collected, which all stay, nor among them later."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.set_threshold(*GARBAGE)
        gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish() -> None:
    """Nothing is spared of the last search: what was left open is told, and modules end in order."""
    gc.unfreeze()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begins with the longest files, in whatever order the rest comes: none is left running alone at the end."""
    place = {TESTS / name: number for number, name in enumerate(FIRST)}
    items.sort(key=lambda item: place.get(item.path, len(FIRST)))


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
