"""A real PostgreSQL on loopback that tests start, ask and stop."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

PATIENCE_S = 60
OWNER = "owner"


def programs() -> Path | None:
    """Where its programs are; None where it is not installed. Debian keeps them off the path."""
    if found := shutil.which("postgres"):
        return Path(found).resolve().parent
    kept = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    return kept[-1].parent if kept else None


def needed() -> Path:
    """The same for a test that is skipped without it, or without what talks to it."""
    pytest.importorskip("psycopg", reason="the driver psycopg is not installed: lineside[postgresql]")
    found = programs()
    if found is None:
        pytest.skip("PostgreSQL is not installed")
    return found


class Postgres:
    """One server with its own port and folder, without any promise for what is in it; a `kept` folder stays."""

    def __init__(self, programs: Path, kept: Path | None = None) -> None:
        self._programs, self._kept = programs, kept
        if kept is not None:
            kept.mkdir(parents=True, exist_ok=True)
        self._folder = kept or Path(tempfile.mkdtemp(prefix="lineside-pg-"))
        self._user: dict[str, Any] = {}
        if os.geteuid() == 0:  # which it refuses to run as
            user = pwd.getpwnam("postgres")
            os.chown(self._folder, user.pw_uid, user.pw_gid)
            self._user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        self._held = socket.socket()  # nobody else gets the port while the server does not listen at it
        self._held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._held.bind(("127.0.0.1", 0))
        self.port = int(self._held.getsockname()[1])
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        data = self._folder / "data"
        if not data.exists():
            self._run("initdb", "-D", data, "-U", OWNER, "-E", "UTF8", "--locale=C", "--no-sync", "--auth-local=trust")
        (data / "pg_hba.conf").write_text("local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n", "utf-8")
        self.start()
        return self

    def start(self, **other: object) -> None:
        """Starts it, with `other` settings where wanted, and returns when it answers."""
        settings: dict[str, object] = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": self._folder,
            "fsync": "off",
            "shared_buffers": "16MB",
            "max_connections": 20,
            **other,
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = [str(self._programs / "postgres"), "-D", str(self._folder / "data"), *options]
        self._process = subprocess.Popen(command, stderr=subprocess.DEVNULL, **self._user)
        until = time.monotonic() + PATIENCE_S
        while not self._answers():
            if time.monotonic() > until:
                self.stop()
                message = "PostgreSQL does not answer"
                raise TimeoutError(message)
            time.sleep(0.02)

    def _answers(self) -> bool:
        from psycopg import OperationalError

        try:
            self.run()
        except OperationalError:
            return False
        return True

    def stop(self) -> None:
        """Ends it at once."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)  # a fast shutdown, which waits for no client
            self._process.wait()
            self._process = None

    def run(self, *statements: str) -> None:
        """Does what the owner of everything says."""
        import psycopg

        with psycopg.connect(
            f"host={self._folder} port={self.port} user={OWNER} dbname=postgres", autocommit=True
        ) as owner:
            for statement in statements:
                owner.execute(statement.encode())

    def url(self, user: str) -> str:
        """The address for a user, without a password."""
        return f"postgresql://{user}@127.0.0.1:{self.port}/postgres"

    def _run(self, program: str, *arguments: object) -> None:
        command = [str(self._programs / program), *map(str, arguments)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **self._user)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._held.close()
        if self._kept is None:
            shutil.rmtree(self._folder)
