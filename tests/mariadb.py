"""A real MariaDB on loopback that tests start, ask and stop."""

from __future__ import annotations

import getpass
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

from tests.shared import free_port

PATIENCE_S = 60


def needed() -> None:
    """Skips a test where there is no server, or nothing that talks to it."""
    pytest.importorskip("pymysql", reason="the driver PyMySQL is not installed: lineside[mysql]")
    if _program("mariadbd") is None or _program("mariadb-install-db") is None:
        pytest.skip("MariaDB is not installed")


def _program(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")  # Debian keeps the server off the path


class MariaDb:
    """One server with its own port and folder, with one database `erp`, and without any promise for what is in it."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="lineside-my-"))
        self._user = getpass.getuser()
        if os.geteuid() == 0:  # which it refuses to run as
            self._user = "mysql"
            user = pwd.getpwnam(self._user)
            os.chown(self._folder, user.pw_uid, user.pw_gid)
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()

    def __enter__(self) -> Self:
        made = [f"--datadir={self._folder}/data", f"--user={self._user}", "--auth-root-authentication-method=normal"]
        command = [str(_program("mariadb-install-db")), "--no-defaults", "--skip-test-db", *made]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.start()
        self.run("CREATE DATABASE IF NOT EXISTS erp CHARACTER SET utf8mb4")
        return self

    def start(self) -> None:
        """Starts it and returns when it answers."""
        settings = (
            f"--datadir={self._folder}/data",
            f"--user={self._user}",
            f"--socket={self._folder}/socket",
            f"--port={self.port}",
            "--bind-address=127.0.0.1",
            "--skip-name-resolve",
            "--innodb-buffer-pool-size=16M",
            "--innodb-flush-log-at-trx-commit=0",
            "--pid-file=pid",
        )
        command = [str(_program("mariadbd")), "--no-defaults", *settings]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + PATIENCE_S
        while not self._answers():
            if time.monotonic() > until:
                self.stop()
                message = "MariaDB does not answer"
                raise TimeoutError(message)
            time.sleep(0.05)

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as asking:
            return asking.connect_ex(f"{self._folder}/socket") == 0

    def stop(self) -> None:
        """Ends it in order."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            self._process = None

    def run(self, *statements: str) -> list[tuple[Any, ...]]:
        """Does what the owner of everything says, and gives back the rows of the last statement."""
        import pymysql

        owner = pymysql.connect(unix_socket=f"{self._folder}/socket", user="root", autocommit=True)
        with owner, owner.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return list(cursor.fetchall())

    def url(self, user: str, scheme: str = "mysql") -> str:
        """The address for a user, without a password."""
        return f"{scheme}://{user}@127.0.0.1:{self.port}/erp"

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self._folder)
